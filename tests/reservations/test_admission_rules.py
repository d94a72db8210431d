"""What a door says to who knocks, without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from reservations.bookings.rules.admission import Knocked, closest, fault_of, let_in, opens_for
from reservations.bookings.rules.states import State

HERE, ELSEWHERE = 7, 8
HOUR = timedelta(hours=1)
BEGINS = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)  # 15:30 in Tehran


def knocked(number: int = 1, **changes: object) -> Knocked:
    facts: dict[str, object] = {
        "booking_id": number, "organisation_id": HERE, "is_session": True, "state": State.CONFIRMED, "starts_at": BEGINS,
        "ends_at": BEGINS + 2 * HOUR, "rest_rial": 0, "people": 5,
    }  # fmt: skip
    return Knocked(**(facts | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "at", "wanted", "fault"),
    [
        ({}, BEGINS, None, None),
        ({}, BEGINS - 2 * HOUR, None, None),
        ({}, BEGINS - 2 * HOUR - timedelta(seconds=1), None, "early"),
        ({}, BEGINS + 2 * HOUR, None, None),
        ({}, BEGINS + 2 * HOUR + timedelta(seconds=1), None, "over"),
        ({}, BEGINS - 24 * HOUR, None, "other_day"),
        ({"starts_at": BEGINS + 9 * HOUR, "ends_at": BEGINS + 11 * HOUR}, BEGINS + 8 * HOUR, None, None),  # at 00:30 of the next day
        ({"organisation_id": ELSEWHERE}, BEGINS, None, "other_door"),
        ({"state": State.HELD}, BEGINS, None, "unpaid"),
        ({"rest_rial": 1}, BEGINS, None, "unpaid"),
        ({"rest_rial": 1, "state": State.ARRIVED}, BEGINS, None, None),
        ({"state": State.LEFT}, BEGINS, None, "over"),
        *(({"state": state}, BEGINS, None, "cancelled") for state in (State.CANCELLED, State.EXPIRED, State.NO_SHOW)),
        ({"inside": 5}, BEGINS, None, "in_already"),
        ({"inside": 3}, BEGINS, 2, None),
        ({"inside": 3}, BEGINS, 3, "too_many"),
        ({"is_member": True, "member_in_at": BEGINS}, BEGINS, None, "in_already"),
        ({"is_session": False}, BEGINS - 6 * HOUR, None, None),
        ({"is_session": False}, BEGINS - 16 * HOUR, None, "other_day"),
    ],
)  # fmt: skip
def test_a_door_opens_in_its_time_for_who_is_left(
    changes: dict[str, object], at: datetime, wanted: int | None, fault: str | None
) -> None:
    assert fault_of(knocked(**changes), {HERE}, at, wanted) == fault


def test_of_several_bookings_the_first_that_opens_is_taken() -> None:
    first, in_already, later = knocked(3), knocked(1, inside=5), knocked(2, starts_at=BEGINS + HOUR)
    assert opens_for([later, in_already, first], {HERE}, BEGINS) == first
    assert opens_for([in_already], {HERE}, BEGINS) is None
    assert opens_for([], {HERE}, BEGINS) is None


def test_of_several_that_stay_shut_the_one_that_helps_is_spoken_of() -> None:
    """Somebody at the wrong door, who also has something next week and something that is over."""
    elsewhere = knocked(1, organisation_id=ELSEWHERE)
    next_week = knocked(2, starts_at=BEGINS + 168 * HOUR, ends_at=BEGINS + 170 * HOUR)
    over, unpaid = knocked(3, state=State.LEFT), knocked(4, rest_rial=9)
    assert closest([over, next_week, elsewhere], {HERE}, BEGINS) == (elsewhere, "other_door")
    assert closest([over, next_week, elsewhere, unpaid], {HERE}, BEGINS) == (unpaid, "unpaid")
    assert closest([], {HERE}, BEGINS) is None


def test_a_leader_brings_the_party_and_a_member_comes_alone() -> None:
    assert [let_in(knocked(inside=2), wanted) for wanted in (None, 1)] == [3, 1]
    assert let_in(knocked(is_member=True), None) == 1
