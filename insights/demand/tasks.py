"""What happens by itself: searches are written down, houses are looked at, and days that are over are learnt from."""

from collections.abc import Mapping

from insights.demand import arrivals, searching, supply
from kernel.background import Errand, Step

STEPS: Mapping[str, tuple[Step | Errand, float]] = {
    "keep_searches": (searching.KEEP_SEARCHES, 15.0),
    "forget_searches": (searching.forget_searches, 86_400.0),
    "look_at_houses": (supply.look_at_next_houses, 10.0),
    "note_arrivals": (arrivals.note_arrivals, 60.0),
    "learn_from_arrivals": (arrivals.learn_from_arrivals, 600.0),
}
