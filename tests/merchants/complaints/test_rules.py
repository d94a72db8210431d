"""The clock, the states, ceilings and links."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchants.complaints.errors import (
    ComplaintLinkEnded,
    ComplaintNotFound,
    ComplaintWordsMissing,
    OrderAmountWrong,
    OrderNotPossible,
    UnknownCause,
)
from merchants.complaints.links import complaint_of_link, follow_link, purchase_link, purchase_of_link
from merchants.complaints.rules import (
    Act,
    Clock,
    GoodsLine,
    OrderState,
    State,
    check_order,
    may_appeal,
    overcharged_rial,
    state_after,
    typed_cause,
    typed_words,
)

BEGUN = datetime(2026, 11, 26, 8, tzinfo=UTC)
HOURS = timedelta(hours=72)


@given(st.lists(st.tuples(st.sampled_from(("wait", "go on", "nothing")), st.integers(0, 5_000)), max_size=30))
def test_the_clock_counts_exactly_the_time_in_which_nobody_was_waited_for(story: list[tuple[str, int]]) -> None:
    clock, now, waited, is_waiting = Clock(BEGUN + HOURS), BEGUN, timedelta(0), False
    for act, minutes in story:
        step = timedelta(minutes=minutes)
        now, waited = now + step, waited + (step if is_waiting else timedelta(0))
        if act == "wait":
            clock, is_waiting = clock.waits(now), True
        elif act == "go on":
            clock, is_waiting = clock.goes_on(now), False
    assert clock.goes_on(now).due_at == BEGUN + HOURS + waited
    assert clock.is_over(now) is (not is_waiting and now - BEGUN - waited > HOURS)


@pytest.mark.parametrize(
    ("state", "act", "after"),
    [
        (State.ACKNOWLEDGED, Act.NOTE, State.IN_PROGRESS), (State.ACKNOWLEDGED, Act.ASK, State.WAITING),
        (State.WAITING, Act.NOTE, State.WAITING), (State.WAITING, Act.HEARD, State.IN_PROGRESS),
        (State.WAITING, Act.ASK, State.WAITING), (State.IN_PROGRESS, Act.RESOLVE, State.RESOLVED), (State.WAITING, Act.REFUSE, State.REFUSED),
    ],
)  # fmt: skip
def test_a_note_of_the_office_lets_no_complainant_off_waiting(state: State, act: Act, after: State) -> None:
    assert state_after(state, act) is after


def test_what_passes_a_ceiling_is_counted_by_the_piece_and_nothing_else_is() -> None:
    lines = (GoodsLine("زعفران", 3, 500_000, 450_000), GoodsLine("نبات", 2, 90_000, 100_000), GoodsLine("کیف", 1, 800_000))
    assert overcharged_rial(lines) == 150_000


@pytest.mark.parametrize(("amount", "left"), [(0, 100), (-5, 100), (101, 100)])
def test_an_order_is_for_no_more_than_is_left(amount: int, left: int) -> None:
    with pytest.raises(OrderAmountWrong):
        check_order(amount, left)


def test_nothing_is_ordered_of_a_purchase_that_was_given_back() -> None:
    check_order(100, 100)
    with pytest.raises(OrderNotPossible):
        check_order(1, 0)


@pytest.mark.parametrize(
    ("state", "days", "may"), [("paid", 10, True), ("paid", 11, False), ("appealed", 1, False), ("upheld", 1, False)]
)
def test_a_shop_appeals_once_and_in_time(state: str, days: int, may: bool) -> None:
    assert may_appeal(OrderState(state), BEGUN, BEGUN + timedelta(days=days), 10) is may


def test_words_keep_their_lines_and_have_an_end() -> None:
    assert typed_words("  گران   بود \n  و  کهنه ", "words") == "گران بود\nو کهنه"
    assert typed_words("", "words", is_needed=False) == ""
    for wrong in ("", "  \n ", "x" * 1001):
        with pytest.raises(ComplaintWordsMissing):
            typed_words(wrong, "words")
    with pytest.raises(UnknownCause):
        typed_cause("everything")


@given(st.dates(date(2020, 1, 1), date(2150, 1, 1)), st.integers(0, 2**63 - 1))
def test_a_link_names_its_purchase_and_nothing_else_opens_it(day: date, entry_id: int) -> None:
    link = purchase_link(day, entry_id)
    assert len(link) == 99
    assert purchase_of_link(link, day) == (day, entry_id)
    letter = "A" if link[5] != "A" else "B"
    for forged in (link[:5] + letter + link[6:], link[:-1], link + "A", follow_link(entry_id), "", "☾", "A" * 99):
        with pytest.raises(ComplaintLinkEnded):
            purchase_of_link(forged, day)


def test_a_receipt_opens_a_complaint_for_sixty_days() -> None:
    day = date(2026, 11, 26)
    assert purchase_of_link(purchase_link(day, 1), day + timedelta(days=60)) == (day, 1)
    with pytest.raises(ComplaintLinkEnded):
        purchase_of_link(purchase_link(day, 1), day + timedelta(days=61))


def test_a_complaint_is_followed_by_its_own_link() -> None:
    assert complaint_of_link(follow_link(77)) == 77
    for forged in (purchase_link(date(2020, 1, 1), 77), follow_link(77)[:-2], "x"):
        with pytest.raises(ComplaintNotFound):
            complaint_of_link(forged)
