"""What happens by itself: closed days are counted, one a turn. Runs in a unit of work."""

from collections.abc import Mapping

from insights.visitors.services import count_next_day
from kernel.background import Step

STEPS: Mapping[str, tuple[Step, float]] = {"count_visitors": (count_next_day, 60.0)}
