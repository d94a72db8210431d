"""What happened to the lunar calendar."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class LunarMonthMoved:
    """Every date of this month and of the day around it follows; `move_id` names the move, once for each."""

    move_id: int
    year: int
    month: int
    was: date
    became: date
