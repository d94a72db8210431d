"""A pilgrim's bookings and places in waiting lists: keep, pay, cancel, show at the door."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from cardbank.errors import CardNotFound, CardNotUsable, PostingRefused
from identity.permissions import Permission
from kernel import clock
from kernel.errors import BadInput
from kernel.languages import in_language
from kernel.web.visit import Visit
from mobile_api.contract import key_of_request, operation
from mobile_api.holders import holder_of
from mobile_api.lodgings import Line
from mobile_api.qr import QR, qr_of
from mobile_api.shapes import Cursor, Id, Instant, Rial, Typed
from reservations.bookings import queries
from reservations.bookings.rules.passes import LIVE_LIFE, NEXT_LIVE
from reservations.bookings.rules.states import LIVE, State, Wanted
from reservations.bookings.services import cancelling, doors, holding, paying, waiting
from reservations.errors import (
    BookingInOtherState,
    BookingNotFound,
    ClassNotFound,
    FullyBooked,
    HoldHasEnded,
    NameNeeded,
    NotBookable,
    NothingDue,
    NothingToWaitFor,
    OthersWait,
    PartyDoesNotFit,
    TooManyHolds,
    WaitingNotFound,
    WaitsAlready,
    WrongCount,
    WrongNights,
)
from reservations.lodging.rules import Nights, Party

TAG = "Bookings"
BOOK = Permission.RESERVATIONS_BOOKING_MAKE


class Ask(Struct, forbid_unknown_fields=True):
    """All the lines or none, in one house. `holder_name` is who comes, where it is another than who asks."""

    first: date = field(name="from")
    until: date
    lines: Annotated[list[Line], Meta(min_length=1, max_length=holding.MOST_LINES)]
    holder_name: Typed = ""


class PayingCard(Struct, forbid_unknown_fields=True):
    """The card that pays; none where nothing is due."""

    card: Id | None = None


class Booking(Struct):
    """`state` is held, confirmed, arrived, left, cancelled, expired or no_show; a hold is free again after `held_until`.

    `due_rial` is the next payment: the deposit of a hold, the rest of a confirmed booking.
    """

    booking: int
    name: str
    state: str
    held_until: Instant | None
    first: date | None = field(name="from")
    until: date | None
    starts_at: Instant
    ends_at: Instant
    holder_name: str
    price_rial: Rial
    paid_rial: Rial
    due_rial: Rial


class LivePass(Struct):
    """A picture of it opens no door after `lives_until`."""

    lives_until: Instant
    next_seconds: int
    code: QR


class Bookings(Struct):
    bookings: list[Booking]
    next: str | None


class Place(Struct):
    """What is kept: so many of a class, and the rooms and beds they are, where they are known."""

    name: str
    quantity: int
    men: int
    women: int
    children: int
    rooms: list[str]


class Whole(Struct):
    """A booking in full. `code` is the number to say at the door; `pass` is shown there, and is good without a network. `returned_rial`
    went back to the card after leaving early or cancelling.
    """

    booking: Booking
    places: list[Place]
    returned_rial: Rial
    cancelling_keeps_rial: Rial
    cancelling_returns_rial: Rial
    code: str | None
    pass_: QR | None = field(name="pass")


class InLine(Struct):
    """`state` is waiting, or offered: then `booking` is the hold to be paid in time. `place` counts from 1. The nights are of lodging only."""

    waiting: int
    name: str
    first: date | None = field(name="from")
    until: date | None
    state: str
    place: int | None
    booking: int | None


class Waitings(Struct):
    waitings: list[InLine]


class AskedPage(Struct):
    cursor: Cursor | None = None
    limit: Annotated[int, Meta(ge=1, le=20)] = 20


_AT = datetime(2026, 12, 1, 10, 30, tzinfo=UTC)
_BOOKING = Booking(
    9, "مهمان‌سرای نمونه", "held", datetime(2026, 11, 26, 8, 15, tzinfo=UTC), date(2026, 12, 1), date(2026, 12, 4), _AT, _AT, "زهرا احمدی",
    9_600_000, 0, 2_880_000,
)  # fmt: skip
WHOLE = Whole(_BOOKING, [Place("اتاق خانواده", 1, 1, 1, 2, ["12"])], 0, 0, 0, None, None)
WAITING = InLine(4, "مهمان‌سرای نمونه", date(2026, 12, 1), date(2026, 12, 4), "waiting", 2, None)
_ASK = Ask(date(2026, 12, 1), date(2026, 12, 4), [Line(3, 1, 1, 1, 2)])
_ASKING = (ClassNotFound, WrongNights, WrongCount, PartyDoesNotFit, NotBookable)
_CHANGING = (BookingNotFound, BookingInOtherState, PostingRefused)


@operation("GET", "/bookings", tag=TAG, permission=BOOK, gives=Bookings([_BOOKING], None))
def bookings(visit: Visit, query: AskedPage) -> Bookings:
    """What the person booked, or is booked for, the newest first."""
    after = query.cursor or "0"
    if not (after.isascii() and after.isdigit()) or len(after) > 18:
        raise BadInput(field="cursor")
    person_id = holder_of(visit).person_id
    rows = queries.bookings_of(visit.session, person_id, clock.now(), after=int(after) or None, limit=query.limit + 1)
    page = [booking_of_row(row, visit.language) for row in rows[: query.limit]]
    return Bookings(page, str(page[-1].booking) if len(rows) > query.limit else None)


@operation("GET", "/bookings/{booking_id}", tag=TAG, permission=BOOK, errors=(BookingNotFound,), gives=WHOLE)
def booking(visit: Visit, booking_id: Id) -> Whole:
    """One booking, with what cancelling costs now and, once it is paid, its pass."""
    return whole_of(visit, queries.own_booking(visit.session, holder_of(visit), booking_id))


@operation(
    "GET", "/bookings/{booking_id}/pass", tag=TAG, permission=BOOK, errors=(BookingNotFound, BookingInOtherState),
    gives=LivePass(datetime(2026, 11, 22, 11, 3, 52, tzinfo=UTC), 25, QR("PCL1.…", ["111", "101", "111"])),
)  # fmt: skip
def live_pass(visit: Visit, booking_id: Id) -> LivePass:
    """The pass of the moment, for a door with a network. Ask for the next after `next_seconds`; without a network show that of the booking."""
    kept = queries.own_booking(visit.session, holder_of(visit), booking_id)
    now = clock.now()
    state = queries.state_now(kept, now)
    if state not in (State.CONFIRMED, State.ARRIVED):
        raise BookingInOtherState(state=state)
    return LivePass(now + LIVE_LIFE, int(NEXT_LIVE.total_seconds()), qr_of(doors.live_text(kept)))


@operation(
    "POST", "/bookings", tag=TAG, permission=BOOK, status=201, asks=_ASK, gives=WHOLE,
    errors=(*_ASKING, FullyBooked, OthersWait, TooManyHolds, NameNeeded),
)  # fmt: skip
def hold(visit: Visit, body: Ask) -> Whole:
    """Keep rooms or beds for a quarter of an hour, to be paid for by then."""
    return whole_of(visit, holding.hold(visit.session, holder_of(visit), _ask(visit, body)))


@operation(
    "POST", "/bookings/{booking_id}/pay", tag=TAG, permission=BOOK, asks=PayingCard(12), gives=WHOLE,
    errors=(*_CHANGING, HoldHasEnded, NothingDue, CardNotFound, CardNotUsable),
)  # fmt: skip
def pay(visit: Visit, booking_id: Id, body: PayingCard) -> Whole:
    """Pay what is due by a card of one's own and confirm a hold."""
    return whole_of(visit, paying.pay(visit.session, holder_of(visit), booking_id, body.card, key_of_request(visit)))


@operation("POST", "/bookings/{booking_id}/cancel", tag=TAG, permission=BOOK, errors=_CHANGING, gives=WHOLE)
def cancel(visit: Visit, booking_id: Id) -> Whole:
    """Give everything up under the terms that were agreed; what is due is back on the card at once."""
    return whole_of(visit, cancelling.cancel(visit.session, holder_of(visit), booking_id))


@operation("GET", "/waitings", tag=TAG, permission=BOOK, gives=Waitings([WAITING]))
def waitings(visit: Visit) -> Waitings:
    """Where the person waits, or was offered something."""
    rows = queries.waitings_of(visit.session, holder_of(visit).person_id)
    names = queries.names_of_things(visit.session, rows)
    return Waitings([in_line(visit, one, names[one.id]) for one in rows])


@operation(
    "POST",
    "/waitings",
    tag=TAG,
    permission=BOOK,
    status=201,
    asks=_ASK,
    gives=WAITING,
    errors=(*_ASKING, NothingToWaitFor, WaitsAlready),
)
def join(visit: Visit, body: Ask) -> InLine:
    """Stand in line for what is full: all of it or nothing. An offer is a hold that waits two waking hours for its payment."""
    made = waiting.join(visit.session, holder_of(visit), _ask(visit, body))
    return in_line(visit, made, queries.names_of_things(visit.session, [made])[made.id])


@operation("DELETE", "/waitings/{waiting_id}", tag=TAG, permission=BOOK, status=204, errors=(WaitingNotFound,))
def leave(visit: Visit, waiting_id: Id) -> None:
    """Leave the line."""
    waiting.leave(visit.session, holder_of(visit), waiting_id)


def _ask(visit: Visit, body: Ask) -> holding.Ask:
    wanted = tuple(Wanted(one.class_id, one.quantity, Party(one.men, one.women, one.children)) for one in body.lines)
    return holding.Ask(key_of_request(visit), Nights(body.first, body.until), wanted, body.holder_name)


def booking_of_row(row: queries.BookingRow, language: str) -> Booking:
    return _booking(row.booking, row.names, row.state, language)


def _booking(kept: Any, names: dict[str, str], state: State, language: str) -> Booking:
    nights = queries.nights_of_booking(kept)
    return Booking(
        kept.id, in_language(names, language), state.value, kept.held_until if state is State.HELD else None,
        nights.first if nights else None, nights.until if nights else None, kept.starts_at, kept.ends_at, kept.holder_name,
        kept.price_rial, kept.paid_rial, queries.due_rial(kept) if state in LIVE else 0,
    )  # fmt: skip


def whole_of(visit: Visit, kept: Any) -> Whole:
    now = clock.now()
    names, state = queries.names_of_things(visit.session, [kept])[kept.id], queries.state_now(kept, now)
    keeps, returns = queries.cancelling_costs(kept, now)
    is_paid = state in (State.CONFIRMED, State.ARRIVED)
    places = [
        Place(
            in_language(row.class_names or names, visit.language), row.line.quantity, row.line.men, row.line.women, row.line.children,
            [code for _, code, _, _ in row.places],
        )
        for row in queries.lines_of(visit.session, kept.id)
    ]  # fmt: skip
    returned = sum(one.amount_rial for one in queries.payments_of(visit.session, kept.id) if one.of_id is not None)
    return Whole(
        _booking(kept, names, state, visit.language), places, returned, keeps, returns, kept.code if is_paid else None,
        qr_of(doors.pass_text(visit.session, kept)) if is_paid else None,
    )  # fmt: skip


def in_line(visit: Visit, one: Any, names: dict[str, str]) -> InLine:
    place = queries.place_in_line(visit.session, one) if one.state == "waiting" else None
    nights = queries.nights_of_waiting(one)
    first, until = (nights.first, nights.until) if nights else (None, None)
    return InLine(one.id, in_language(names, visit.language), first, until, one.state, place, one.booking_id)
