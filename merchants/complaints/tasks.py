"""What happens to complaints by itself."""

from collections.abc import Mapping

from kernel.background import Step
from merchants.complaints.services.handling import escalate_late

STEPS: Mapping[str, tuple[Step, float]] = {"escalate_complaints": (escalate_late, 300.0)}
