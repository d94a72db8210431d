"""When instalments are due, how much each is, who may buy so, and where what is paid or brought back goes. Pure."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

import jdatetime
from msgspec import Struct

from cardbank.ledger.rules.shares import split
from cardbank.reasons import Reason
from kernel.calendar import jalali

QUOTE_LIVES = timedelta(minutes=10)
ROUND_RIAL = 1_000  # instalments after the first are whole thousands, as long as that leaves each of them something
LONGEST_CLOSURE = 60  # days
FEWEST, MOST_INSTALMENTS = 2, 36


class Terms(Struct, frozen=True):
    """What a shop's contract allows; see `models.SaleTerms`."""

    terms_id: int
    counts: tuple[int, ...]
    least_rial: int
    most_rial: int
    every_months: int | None
    every_days: int | None
    fee_rial: int
    giver_id: int | None
    ends_on: date | None = None


class Line(Struct, frozen=True):
    """A cardholder's credit line as it stands: `open_rial` of `limit_rial` is to be paid back."""

    line_id: int
    giver_id: int
    limit_rial: int
    open_rial: int

    @property
    def room_rial(self) -> int:
        return max(0, self.limit_rial - self.open_rial)


class Part(Struct, frozen=True):
    """An instalment to be: its due day and its amount."""

    due_on: date
    amount_rial: int


class State(StrEnum):
    """How a plan or one of its instalments stands."""

    OPEN = "open"
    LATE = "late"
    PAID = "paid"


def first_due(start: date, terms: Terms) -> date:
    """One interval after the purchase."""
    return _after(start, terms, 1)


def due_days(start: date, count: int, terms: Terms, is_closed: Callable[[date], bool]) -> list[date]:
    """The due days of a purchase on `start`, in order and all different, none of them a day on which banks are closed.

    Jalali months are counted from the purchase, never from a day that was moved: bought on the 31st, the months of thirty days
    ask on the 30th, and Esfand on its last. Raises OverflowError where banks are closed for sixty days in a row.
    """
    days: list[date] = []
    for number in range(1, count + 1):
        day = _after(start, terms, number)
        while is_closed(day) or (days and day <= days[-1]):
            day += timedelta(days=1)
            if (day - start).days > LONGEST_CLOSURE + number * 200:
                raise OverflowError("no bank day within sixty days")
        days.append(day)
    return days


def _after(start: date, terms: Terms, intervals: int) -> date:
    if terms.every_days is not None:
        return start + timedelta(days=intervals * terms.every_days)
    year, month, number = jalali(start)
    months = year * 12 + month - 1 + intervals * (terms.every_months or 1)
    year, month = divmod(months, 12)
    day: date = jdatetime.date(year, month + 1, min(number, month_length(year, month + 1))).togregorian()
    return day


def month_length(year: int, month: int) -> int:
    """Days of a Jalali month."""
    if month <= 6:
        return 31
    return 30 if month < 12 or jdatetime.date(year, 1, 1).isleap() else 29


def amounts(total_rial: int, count: int) -> list[int]:
    """Equal parts in whole thousands, the first one with what is left over: together exactly the total, each above zero."""
    each = total_rial // count
    if each >= ROUND_RIAL:
        each -= each % ROUND_RIAL
    return [total_rial - each * (count - 1), *[each] * (count - 1)]


def schedule(price_rial: int, count: int, terms: Terms, start: date, is_closed: Callable[[date], bool]) -> tuple[Part, ...]:
    """What is to be paid when: the price and the fee of the contract, and nothing for the time."""
    parts = amounts(price_rial + terms.fee_rial, count)
    return tuple(Part(*part) for part in zip(due_days(start, count, terms, is_closed), parts, strict=True))


def refusal_of_terms(terms: Terms | None, price_rial: int, count: int, today: date) -> Reason | None:
    """Why the shop does not sell this in so many instalments."""
    if terms is None or count not in terms.counts or (terms.ends_on is not None and today > terms.ends_on):
        return Reason.INSTALMENTS_NOT_OFFERED
    if not terms.least_rial <= price_rial <= terms.most_rial:
        return Reason.OUTSIDE_INSTALMENT_AMOUNTS
    return None


def line_for(terms: Terms, lines: Sequence[Line]) -> Line | None:
    """The line that pays: of those that the shop takes, the one with most room."""
    taken = [line for line in lines if terms.giver_id in (None, line.giver_id)]
    return max(taken, key=lambda line: (line.room_rial, -line.line_id), default=None)


def refusal_of_line(line: Line | None, total_rial: int) -> Reason | None:
    """Why the cardholder's line does not pay so much."""
    if line is None:
        return Reason.NO_CREDIT_LINE
    return Reason.INSUFFICIENT_LINE if total_rial > line.room_rial else None


class QuoteFacts(Struct, frozen=True):
    """A quote as it stands when a till would sell on it."""

    terminal_id: int
    card_id: int
    total_rial: int
    expires_at: datetime
    is_used: bool


def refusal_of_quote(
    quote: QuoteFacts | None, terminal_id: int, card_id: int | None, total_rial: int, now: datetime
) -> Reason | None:
    """Why this terminal may not sell this to this card on it: it is for one purchase, soon, of exactly what was quoted."""
    if quote is None or (quote.terminal_id, quote.card_id) != (terminal_id, card_id):
        return Reason.QUOTE_UNKNOWN
    if quote.is_used:
        return Reason.QUOTE_USED
    if now >= quote.expires_at:
        return Reason.QUOTE_EXPIRED
    return None if total_rial == quote.total_rial else Reason.QUOTE_AMOUNT_DIFFERS


def paid_in_order(open_rial: Sequence[int], amount_rial: int) -> list[int]:
    """How much of a payment each instalment gets, the oldest first. 0 ≤ amount ≤ all that is open."""
    parts = []
    for still in open_rial:
        part = min(still, amount_rial)
        parts.append(part)
        amount_rial -= part
    return parts


def taken_off(open_rial: Sequence[int], amount_rial: int) -> list[int]:
    """How much goods brought back take off each instalment: of what is open, in proportion."""
    return split(amount_rial, open_rial)


def put_back(returned_rial: Sequence[int], amount_rial: int) -> list[int]:
    """How much of what was taken off each instalment stands again, once a return is undone; in proportion."""
    return split(amount_rial, returned_rial)


def state_of(due_on: date, open_rial: int, today: date) -> State:
    """Late from the day after; being late costs nothing."""
    if not open_rial:
        return State.PAID
    return State.LATE if due_on < today else State.OPEN
