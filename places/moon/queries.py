"""Reads of the lunar calendar."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from kernel.moon import MONTHS, Month, Moon, computed_start
from places.moon.models import LunarMonth, LunarMove

LAST_MOVES = 50


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month as it stands; `is_announced` says that its first day is on record and not only computed."""

    year: int
    month: int
    starts_on: date
    days: int
    computed_on: date
    is_announced: bool


@dataclass(frozen=True, slots=True)
class MoveRow:
    """`can_be_undone`: it is the last of its month and was not undone."""

    move: LunarMove
    can_be_undone: bool


def moon(session: Session) -> Moon:
    """The calendar as it stands now. One query."""
    return Moon({(row.year, row.month): row.starts_on for row in session.scalars(select(LunarMonth))})


def months_of_year(session: Session, year: int) -> list[MonthRow]:
    on_record = {(row.year, row.month) for row in session.scalars(select(LunarMonth).where(LunarMonth.year == year))}
    now = moon(session)
    months = [Month(year, number) for number in range(1, MONTHS + 1)]
    return [
        MonthRow(*month, now.start(month), now.length(month), computed_start(month), tuple(month) in on_record) for month in months
    ]


def last_moves(session: Session) -> list[MoveRow]:
    """The newest first. One query."""
    later, undoing = aliased(LunarMove), aliased(LunarMove)
    is_last = (
        ~select(later.id).where(later.year == LunarMove.year, later.month == LunarMove.month, later.id > LunarMove.id).exists()
    )
    is_whole = ~select(undoing.id).where(undoing.undoes_id == LunarMove.id).exists()
    found = select(LunarMove, is_last & is_whole).order_by(LunarMove.id.desc()).limit(LAST_MOVES)
    return [MoveRow(move, can_be_undone) for move, can_be_undone in session.execute(found)]
