"""What happened to opening hours."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HoursMoved:
    """The moon was moved, and with it some hours of the coming days under this rule; once for each move and rule."""

    move_id: int
    rule_id: int
