"""What happens to complaints by itself."""

from collections.abc import Mapping

from kernel.background import Step
from merchants.complaints.services.handling import escalate_late
from merchants.complaints.services.indexing import count_index

STEPS: Mapping[str, tuple[Step, float]] = {
    "escalate_complaints": (escalate_late, 300.0),
    "count_trade_index": (count_index, 21_600.0),
}
