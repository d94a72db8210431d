"""What happens by itself: monthly plans are funded, purses filled as cards come, and what is left goes back."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from kernel.background import Errand, Step
from loyalty.benefits.services import funding


def take_due(session: Session) -> Sequence[tuple[int, int]]:
    return funding.due_plans(session)


def as_it_is(due: tuple[int, int]) -> tuple[int, int]:
    return due


def fund_one(session: Session, due: tuple[int, int], _: object) -> None:
    """A unit of work for each plan, so that one budget that is too small holds up no other."""
    funding.fund_by_itself(session, *due)


STEPS: Mapping[str, tuple[Step | Errand, float]] = {
    "fund_monthly_benefits": (Errand(take_due, as_it_is, fund_one), 60.0),
    "give_waiting_benefits": (funding.give_waiting, 10.0),
    "return_unspent_benefits": (funding.return_what_is_left, 600.0),
}
