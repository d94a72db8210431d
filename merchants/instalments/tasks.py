"""What happens by itself: due instalments are collected, quotes of the day before yesterday forgotten."""

from collections.abc import Mapping

from kernel.background import Step
from merchants.instalments.services.paying import collect_due
from merchants.instalments.services.selling import drop_old_quotes

STEPS: Mapping[str, tuple[Step, float]] = {
    "collect_instalments": (collect_due, 300.0),
    "drop_old_quotes": (drop_old_quotes, 86_400.0),
}
