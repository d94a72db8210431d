"""What happens by itself with benefits, and with letters to customers and texts of theirs."""

from collections.abc import Mapping

from kernel.background import Errand, Step
from loyalty.benefits import tasks as benefits
from loyalty.inbox import tasks as inbox
from loyalty.letters import tasks as letters

STEPS: Mapping[str, tuple[Step | Errand, float]] = {**benefits.STEPS, **letters.STEPS, **inbox.STEPS}
