"""What may be asked for, what may follow, and how a permit stands."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from merchants.permits.errors import PermitDecided, PermitIncomplete
from merchants.permits.rules import (
    Act,
    Standing,
    State,
    Wanted,
    check_wanted,
    checked_words,
    next_state,
    number_of,
    reminder_due,
    standing,
)

TODAY = date(2026, 11, 26)
USUAL = Wanted("stall", "x", "y", TODAY, TODAY)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "party"}, "kind"), ({"words": ""}, "words"), ({"words": "x" * 501}, "words"), ({"spot": ""}, "spot"), ({"spot": "x" * 201}, "spot"),
        ({"starts_on": TODAY - timedelta(1)}, "starts_on"), ({"starts_on": TODAY + timedelta(366)}, "starts_on"),
        ({"ends_on": TODAY - timedelta(1)}, "ends_on"), ({"ends_on": TODAY + timedelta(1099)}, "ends_on"),
    ],
)  # fmt: skip
def test_a_wrong_request_names_its_field(changes: dict[str, object], field: str) -> None:
    check_wanted(USUAL, TODAY)
    with pytest.raises(PermitIncomplete) as refused:
        check_wanted(replace(USUAL, **changes), TODAY)  # type: ignore[arg-type]
    assert refused.value.facts["field"] == field


def test_what_may_follow_what() -> None:
    possible = set()
    for state in State:
        for act in Act:
            try:
                possible.add((state, act, next_state(state, act)))
            except PermitDecided:
                continue
    assert possible == {
        (State.ASKED, Act.GRANT, State.GRANTED), (State.ASKED, Act.REFUSE, State.REFUSED), (State.ASKED, Act.GIVE_UP, State.GIVEN_UP),
        (State.GRANTED, Act.WITHDRAW, State.WITHDRAWN),
    }  # fmt: skip


def test_a_refusal_has_a_reason_and_a_grant_may_have_no_condition() -> None:
    assert checked_words(Act.GRANT, " ") == ""
    assert checked_words(Act.REFUSE, " no\n  room ") == "no\nroom"
    for act, typed, field in ((Act.REFUSE, " ", "why"), (Act.WITHDRAW, "x" * 401, "why"), (Act.GRANT, "x" * 1001, "conditions")):
        with pytest.raises(PermitIncomplete) as refused:
            checked_words(act, typed)
        assert refused.value.facts["field"] == field


@pytest.mark.parametrize(
    ("state", "first", "last", "stands"),
    [
        (State.GRANTED, 0, 0, Standing.VALID), (State.GRANTED, 1, 2, Standing.LATER), (State.GRANTED, -2, -1, Standing.OVER), (State.WITHDRAWN, 0, 9, Standing.WITHDRAWN),
        (State.ASKED, 0, 9, Standing.NOT_GRANTED), (State.REFUSED, 0, 9, Standing.NOT_GRANTED), (State.GIVEN_UP, 0, 9, Standing.NOT_GRANTED),
    ],
)  # fmt: skip
def test_how_it_stands(state: State, first: int, last: int, stands: Standing) -> None:
    assert standing(state, TODAY + timedelta(first), TODAY + timedelta(last), TODAY) is stands


def test_each_reminder_is_due_once() -> None:
    said, noticed = [], None
    for left in range(20, -3, -1):
        if (due := reminder_due(TODAY + timedelta(left), noticed, TODAY)) is not None:
            said.append((left, due))
            noticed = due
    assert said == [(14, 14), (3, 3)]


def test_a_number_tells_the_year_of_the_request() -> None:
    assert (number_of(7, date(2027, 3, 20)), number_of(7, date(2027, 3, 21))) == ("1405-7", "1406-7")
