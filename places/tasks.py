"""What happens by itself: the hours of the coming days are computed before they come."""

from collections.abc import Mapping

from kernel.background import Step
from places.hours.services import count_places, refresh_rules

STEPS: Mapping[str, tuple[Step, float]] = {
    "refresh_opening_rules": (refresh_rules, 300.0),
    "count_places_of_rules": (count_places, 3_600.0),
}
