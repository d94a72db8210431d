"""What happens by itself: a turn of the letter that waits longest, each second."""

from collections.abc import Mapping

from kernel.background import Errand, Step
from loyalty.letters import services

STEPS: Mapping[str, tuple[Step | Errand, float]] = {"send_letters": (services.send_next, 1.0)}
