"""Repeats, late originals, foreign content, and keys outside the window."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from cardbank.ledger.rules.keys import answer_again, is_in_window, refuse_key
from cardbank.ledger.types import AccountKind, Answer, EntryKind
from cardbank.ledger.views import Case, CaseKind, StoredRequest
from cardbank.reasons import Reason
from tests.cardbank.ledger.test_rules_pay import NOW, purchase, shared

ANSWER = Answer(Reason.APPROVED, NOW.date(), 500, NOW, 100, {AccountKind.MONEY: 100})
ROW = StoredRequest(1, "1122093000", ANSWER, NOW.date(), 500, NOW)
TOMBSTONE = replace(ROW, answer=None)
REQUEST = purchase(100, content_time="1122093000")


def test_the_same_content_gets_the_stored_answer_marked_as_replayed():
    assert answer_again(ROW, REQUEST) == replace(ANSWER, replayed=True)
    declined = replace(ANSWER, reason=Reason.INSUFFICIENT_FUNDS, amount=0)
    assert answer_again(replace(ROW, answer=declined), REQUEST).reason is Reason.INSUFFICIENT_FUNDS


@pytest.mark.parametrize(
    ("row", "facts", "expected"),
    [
        (ROW, {"content_hash": 2}, Reason.DUPLICATE_WITH_OTHER_CONTENT),
        (TOMBSTONE, {}, Reason.REVERSED_BEFORE_ARRIVAL),
        (TOMBSTONE, {"content_hash": 2}, Reason.REVERSED_BEFORE_ARRIVAL),
        (TOMBSTONE, {"content_time": "1122093001"}, Reason.DUPLICATE_WITH_OTHER_CONTENT),
        (replace(TOMBSTONE, content_time=""), {"content_time": "1122093001"}, Reason.REVERSED_BEFORE_ARRIVAL),
    ],
)
def test_what_is_not_the_same_is_refused_with_the_row_it_met(row, facts, expected):
    answer = answer_again(row, replace(REQUEST, **facts))
    assert (answer.reason, answer.amount, answer.entry_id, answer.decided_at) == (expected, 0, 500, NOW)


@pytest.mark.parametrize(("days", "is_new"), [(-11, False), (-10, True), (0, True), (1, True), (2, False)])
def test_a_key_may_be_ten_days_old_and_one_day_ahead(days, is_new):
    request = replace(REQUEST, key=replace(REQUEST.key, day=NOW.date() + timedelta(days=days)))
    decision = refuse_key(shared(), request, NOW, 77)
    assert (decision is None) is is_new
    if decision is not None:
        assert (decision.reason, decision.answer.entry_id) == (Reason.KEY_DATE_OUT_OF_WINDOW, 77)
        assert decision.legs == ()


def test_a_reversal_with_a_strange_key_of_its_own_is_told_to_stop_and_opens_a_case():
    request = replace(REQUEST, kind=EntryKind.REVERSAL, key=replace(REQUEST.key, day=date(2026, 1, 1)))
    decision = refuse_key(shared(), request, NOW)
    assert decision.reason is Reason.NOTHING_TO_REVERSE
    assert decision.exception == Case(CaseKind.KEY_OUT_OF_WINDOW, 100)


def test_the_window_turns_at_midnight_utc_across_the_year():
    last_instant = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert is_in_window(date(2027, 1, 1), last_instant)
    assert not is_in_window(date(2027, 1, 2), last_instant)
    assert is_in_window(date(2026, 12, 22), last_instant + timedelta(seconds=1))
    assert not is_in_window(date(2026, 12, 21), last_instant + timedelta(seconds=1))
