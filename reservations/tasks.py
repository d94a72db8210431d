"""What happens by itself: holds run out, freed places are offered to who waits."""

from collections.abc import Mapping

from kernel.background import Errand, Step
from reservations.bookings.services.cancelling import end_holds
from reservations.bookings.services.waiting import offer_freed

STEPS: Mapping[str, tuple[Step | Errand, float]] = {
    "end_holds": (end_holds, 15.0),
    "offer_freed_places": (offer_freed, 20.0),
}
