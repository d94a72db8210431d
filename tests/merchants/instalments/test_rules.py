"""Due days, amounts, and where payments and returns go."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import jdatetime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cardbank.reasons import Reason
from kernel.calendar import jalali
from merchants.instalments.rules import (
    Line,
    QuoteFacts,
    State,
    Terms,
    amounts,
    due_days,
    line_for,
    month_length,
    paid_in_order,
    put_back,
    refusal_of_line,
    refusal_of_quote,
    refusal_of_terms,
    schedule,
    state_of,
    taken_off,
)
from merchants.settlement.rules.bank_days import closed_because

MONTHLY = Terms(1, (2, 4, 6), 1_000_000, 50_000_000, 1, None, 0, None)
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
TODAY = NOW.date()


def never(day: date) -> bool:
    return False


def banks(day: date) -> bool:
    return closed_because(day, thursday_works=False, known={}) is not None


def day(year: int, month: int, number: int) -> date:
    return jdatetime.date(year, month, number).togregorian()


@pytest.mark.parametrize(
    ("bought", "months", "due"),
    [
        ((1405, 5, 31), 2, [(1405, 6, 31), (1405, 7, 30)]),
        ((1405, 6, 31), 6, [(1405, 7, 30), (1405, 8, 30), (1405, 9, 30), (1405, 10, 30), (1405, 11, 30), (1405, 12, 29)]),
        ((1408, 11, 30), 2, [(1408, 12, 30), (1409, 1, 30)]),  # 1408 is a leap year
        ((1405, 11, 30), 2, [(1405, 12, 29), (1406, 1, 30)]),
        ((1405, 12, 29), 1, [(1406, 1, 29)]),
    ],
)
def test_jalali_months_are_counted_from_the_purchase(
    bought: tuple[int, int, int], months: int, due: list[tuple[int, int, int]]
) -> None:
    assert [jalali(one) for one in due_days(day(*bought), months, MONTHLY, never)] == due


def test_a_due_day_never_falls_on_a_day_without_banks_and_the_next_ones_do_not_move_with_it() -> None:
    first, second = due_days(day(1405, 12, 3), 2, MONTHLY, banks)
    assert jalali(first) == (1406, 1, 7)  # the 3rd of Farvardin is Nowruz, then Thursday, Friday
    assert jalali(second) == (1406, 2, 4)  # the 3rd of Ordibehesht is a Friday


def test_days_can_be_the_interval_and_a_closure_never_joins_two_due_days() -> None:
    ten = replace(MONTHLY, every_months=None, every_days=10)
    shut = {TODAY + timedelta(days=n) for n in range(8, 25)}
    assert due_days(TODAY, 2, ten, lambda one: one in shut) == [TODAY + timedelta(days=25), TODAY + timedelta(days=26)]
    with pytest.raises(OverflowError):
        due_days(TODAY, 1, ten, lambda one: True)


@given(st.dates(date(2024, 3, 20), date(2060, 1, 1)), st.integers(1, 12), st.integers(1, 6))
def test_every_schedule_is_in_order_on_bank_days_and_in_its_month_or_just_after(start: date, count: int, months: int) -> None:
    days = due_days(start, count, replace(MONTHLY, every_months=months), banks)
    assert all(before < after for before, after in pairwise([start, *days]))
    assert not any(banks(one) for one in days)
    year, month, number = jalali(start)
    for n, due in enumerate(days, start=1):
        wanted = divmod(year * 12 + month - 1 + n * months, 12)
        meant = day(wanted[0], wanted[1] + 1, min(number, month_length(wanted[0], wanted[1] + 1)))
        assert meant <= due <= meant + timedelta(days=12)


@given(st.integers(36, 10**10), st.integers(1, 36))
def test_amounts_add_up_to_the_rial_and_differ_only_in_the_first(total: int, count: int) -> None:
    parts = amounts(total, count)
    assert (sum(parts), len(parts)) == (total, count)
    assert min(parts) > 0
    assert len(set(parts[1:])) <= 1
    assert parts[0] >= parts[-1]
    if total >= 1_000 * count:
        assert all(part % 1_000 == 0 for part in parts[1:])


def test_nothing_is_added_for_time_only_the_fee_that_the_contract_names() -> None:
    for count in MONTHLY.counts:
        assert sum(part.amount_rial for part in schedule(7_654_321, count, MONTHLY, TODAY, never)) == 7_654_321
        with_fee = replace(MONTHLY, fee_rial=50_000)
        assert sum(part.amount_rial for part in schedule(7_654_321, count, with_fee, TODAY, never)) == 7_704_321


OPEN = st.lists(st.integers(0, 10**9), min_size=1, max_size=12)


@given(OPEN, st.integers(0, 10**10))
def test_a_payment_goes_to_the_oldest_first(still: list[int], amount: int) -> None:
    amount = min(amount, sum(still))
    parts = paid_in_order(still, amount)
    assert sum(parts) == amount
    assert all(0 <= part <= rest for part, rest in zip(parts, still, strict=True))
    unpaid = [n for n, (part, rest) in enumerate(zip(parts, still, strict=True)) if part < rest]
    assert not any(parts[n] for n in range(len(parts)) if unpaid and n > unpaid[0])


@given(OPEN, st.integers(0, 10**10), st.integers(0, 10**10))
def test_a_return_takes_off_every_instalment_and_its_undoing_puts_back(still: list[int], amount: int, undone: int) -> None:
    amount = min(amount, sum(still))
    off = taken_off(still, amount)
    assert sum(off) == amount
    assert all(0 <= part <= rest for part, rest in zip(off, still, strict=True))
    again = put_back(off, min(undone, amount))
    assert sum(again) == min(undone, amount)
    assert all(0 <= part <= gone for part, gone in zip(again, off, strict=True))


@pytest.mark.parametrize(
    ("terms", "price", "count", "reason"),
    [
        (MONTHLY, 1_000_000, 4, None),
        (None, 1_000_000, 4, Reason.INSTALMENTS_NOT_OFFERED),
        (MONTHLY, 1_000_000, 3, Reason.INSTALMENTS_NOT_OFFERED),
        (replace(MONTHLY, ends_on=TODAY), 1_000_000, 4, None),
        (replace(MONTHLY, ends_on=TODAY - timedelta(days=1)), 1_000_000, 4, Reason.INSTALMENTS_NOT_OFFERED),
        (MONTHLY, 999_999, 4, Reason.OUTSIDE_INSTALMENT_AMOUNTS),
        (MONTHLY, 50_000_001, 4, Reason.OUTSIDE_INSTALMENT_AMOUNTS),
    ],
)
def test_what_a_shop_sells_in_instalments(terms: Terms | None, price: int, count: int, reason: Reason | None) -> None:
    assert refusal_of_terms(terms, price, count, TODAY) is reason


def test_the_line_with_most_room_of_those_the_shop_takes_pays() -> None:
    lines = [Line(1, 10, 500, 0), Line(2, 20, 900, 100), Line(3, 20, 900, 100)]
    assert line_for(MONTHLY, lines) == lines[1]
    assert line_for(replace(MONTHLY, giver_id=10), lines) == lines[0]
    assert line_for(replace(MONTHLY, giver_id=30), lines) is None
    assert refusal_of_line(lines[1], 800) is None
    assert refusal_of_line(lines[1], 801) is Reason.INSUFFICIENT_LINE
    assert refusal_of_line(None, 1) is Reason.NO_CREDIT_LINE
    assert Line(4, 1, 100, 300).room_rial == 0  # lowered below what is open


@pytest.mark.parametrize(
    ("changes", "asked", "reason"),
    [
        ({}, (5, 6, 700), None),
        ({}, (5, 7, 700), Reason.QUOTE_UNKNOWN),
        ({}, (4, 6, 700), Reason.QUOTE_UNKNOWN),
        ({}, (5, None, 700), Reason.QUOTE_UNKNOWN),
        ({}, (5, 6, 699), Reason.QUOTE_AMOUNT_DIFFERS),
        ({"is_used": True}, (5, 6, 700), Reason.QUOTE_USED),
        ({"expires_at": NOW}, (5, 6, 700), Reason.QUOTE_EXPIRED),
    ],
)
def test_a_quote_is_for_one_purchase_soon_of_exactly_this(
    changes: dict[str, object], asked: tuple[int, int | None, int], reason: Reason | None
) -> None:
    quote = replace(QuoteFacts(5, 6, 700, NOW + timedelta(seconds=1), False), **changes)
    assert refusal_of_quote(quote, *asked, NOW) is reason
    assert refusal_of_quote(None, *asked, NOW) is Reason.QUOTE_UNKNOWN


def test_late_is_the_day_after() -> None:
    assert state_of(TODAY, 1, TODAY) is State.OPEN
    assert state_of(TODAY - timedelta(days=1), 1, TODAY) is State.LATE
    assert state_of(TODAY - timedelta(days=1), 0, TODAY) is State.PAID
