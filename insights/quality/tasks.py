"""What happens by itself: the next shops are looked at. Runs in a unit of work."""

from collections.abc import Mapping

from insights.quality.services import look_at_next_shops
from kernel.background import Step

STEPS: Mapping[str, tuple[Step, float]] = {"look_at_shops": (look_at_next_shops, 10.0)}
