"""When a plan is funded, for which period, and how long its benefit can be spent. Pure; days are Tehran's."""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from kernel.calendar import end_of_day, jalali, jalali_month
from loyalty.benefits.errors import PlanIsOver, PlanNotBegun, WrongPlan

LEAST_RIAL, MOST_RIAL = 10_000, 1_000_000_000  # what one member gets at once
LONGEST_DAYS = 3 * 366
LONGEST_NAME = 60
LONGEST_GROUP = 40


class Recurs(StrEnum):
    ONCE = "once"
    MONTHLY = "monthly"


class PlanDates(Struct, frozen=True):
    """From its first day to its last, both included."""

    recurs: Recurs
    starts_on: date
    ends_on: date
    is_ended: bool = False

    def period(self, day: date) -> str:
        """The Jalali month of a monthly plan; a plan that is funded once has one period, the empty one."""
        if self.recurs is Recurs.ONCE:
            return ""
        year, month, _ = jalali(day)
        return f"{year:04d}-{month:02d}"

    def window(self, day: date) -> tuple[datetime, datetime]:
        """From when until before when the benefit funded on `day` can be spent: to the end of the month, or of the plan."""
        first, last = self.starts_on, self.ends_on
        if self.recurs is Recurs.MONTHLY:
            month_first, month_last = jalali_month(day)
            first, last = max(first, month_first), min(last, month_last)
        return end_of_day(date.fromordinal(first.toordinal() - 1)), end_of_day(last)

    def is_due(self, day: date) -> bool:
        """Whether it is funded by itself on this day, as far as members lack the period's benefit."""
        return self.recurs is Recurs.MONTHLY and not self.is_ended and self.starts_on <= day <= self.ends_on


class Where(Struct, frozen=True):
    """Where a plan's benefit is spent: the ledger's scope, and the trades, cities and shops (merchants) it was opened for."""

    scope_id: int
    kinds: tuple[str, ...]
    cities: tuple[int, ...]
    shops: tuple[int, ...]


def check_can_be_funded(plan: PlanDates, today: date) -> None:
    """A plan may be funded ahead of its first day only where that month has come. Raises PlanIsOver, PlanNotBegun."""
    if plan.is_ended or today > plan.ends_on:
        raise PlanIsOver
    if plan.recurs is Recurs.MONTHLY and today < plan.starts_on:
        raise PlanNotBegun(starts_on=plan.starts_on)


def check_plan(name: str, amount_rial: int, dates: PlanDates, today: date) -> None:
    """Raises WrongPlan, which names the field."""
    if not (2 <= len(name) <= LONGEST_NAME and any(letter.isalpha() for letter in name)):
        raise WrongPlan(field="name")
    if not LEAST_RIAL <= amount_rial <= MOST_RIAL:
        raise WrongPlan(field="amount", least=LEAST_RIAL, most=MOST_RIAL)
    if dates.starts_on < today:
        raise WrongPlan(field="starts_on")
    if dates.ends_on < dates.starts_on:
        raise WrongPlan(field="ends_on", fault="before_start")
    if (dates.ends_on - dates.starts_on).days > LONGEST_DAYS:
        raise WrongPlan(field="ends_on", fault="too_long")


def group_name(typed: str) -> str:
    """Empty for everybody. Raises WrongPlan."""
    name = " ".join(typed.split())
    if len(name) > LONGEST_GROUP:
        raise WrongPlan(field="group", most=LONGEST_GROUP)
    return name
