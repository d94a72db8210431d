"""Programmes of the shrine and group tours: what comes, one date with its rules, seats for a whole party, and a place in line."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from identity.helping import helps_of
from identity.permissions import Identity, Permission
from insights.demand.searching import find_dates
from kernel import clock
from kernel.languages import in_language
from kernel.web.visit import Visit
from mobile_api.bookings import WAITING, WHOLE, InLine, Whole, in_line, whole_of
from mobile_api.contract import key_of_request, operation
from mobile_api.holders import holder_of
from mobile_api.lodgings import MOST_WAYS, Heads, Step, Terms, terms_told
from mobile_api.shapes import Id, Instant, Rial, Typed
from places.errors import CityNotFound
from places.queries import city_by_code
from reservations.bookings import queries as bookings
from reservations.bookings.rules.states import Wanted
from reservations.bookings.services.holding import MOST_LINES
from reservations.errors import (
    CalledOff,
    FullyBooked,
    NothingToWaitFor,
    OthersWait,
    PartyDoesNotFit,
    PersonUnknown,
    ProgrammeNotFound,
    TooEarly,
    TooManyHolds,
    TurnTaken,
    WaitsAlready,
    WrongCount,
)
from reservations.lodging.rules import Party, check_party, choices, is_free
from reservations.programmes import queries
from reservations.programmes.queries import SessionRow, Sought
from reservations.programmes.rules import seat_offers, typed_documents
from reservations.programmes.services import seating, waiting
from reservations.programmes.services.seating import SeatAsk

TAG = "Programmes"
BOOK = Permission.RESERVATIONS_BOOKING_MAKE
A_PAGE = 20
SHARED_SECONDS = 30
MOST_GUESTS = 60

Kind = Literal["meal", "night", "ceremony", "tour"]


class AskedProgrammes(Struct):
    """What is left out is not asked for; `day` is a day in the city."""

    city: Typed = ""
    kind: Kind | None = None
    day: date | None = None
    only_free: bool = False
    cursor: Annotated[Id | None, Meta(description="`next` of the page before.")] = None
    limit: Annotated[int, Meta(ge=1, le=A_PAGE)] = A_PAGE


class ProgrammeDate(Struct):
    """`men`, `women`, `family` and `accessible` are the seats that are free; null where the date has none of the kind.

    `waiting` counts who stands in line for seats; what is kept for them is not free. Where both prices are 0 it is free of charge. Everybody has one turn in `days_between` days, where it is not null.
    """

    session: int
    name: str
    kind: Kind
    starts_at: Instant
    ends_at: Instant
    men: int | None
    women: int | None
    family: int | None
    accessible: int | None
    adult_rial: Rial
    child_rial: Rial
    days_between: int | None
    waiting: int


class Programmes(Struct):
    programmes: list[ProgrammeDate]
    next: int | None


class AskedSeats(Struct):
    men: Heads = 0
    women: Heads = 0
    children: Heads = 0
    accessible: bool = False


class SeatLine(Struct, forbid_unknown_fields=True):
    """So many seats of one pool, and who sits there."""

    pool: Id
    quantity: Annotated[int, Meta(ge=1, le=MOST_GUESTS)]
    men: Heads = 0
    women: Heads = 0
    children: Heads = 0


class NamedSeatLine(Struct):
    """`for_whom` is men, women, family or anyone."""

    pool: int
    for_whom: str
    is_accessible: bool
    quantity: int
    men: int
    women: int
    children: int


class SeatWay(Struct):
    """One way in which the whole party may sit; its lines are what taking seats or waiting asks for."""

    price_rial: Rial
    is_free: bool
    lines: list[NamedSeatLine]


class NextTurn(Struct):
    """Somebody the person may bring, by the number of who it is, oneself among them; `from` null: on any day."""

    person: int
    name: str
    is_me: bool
    day: date | None = field(name="from")


class ProgrammeDetail(Struct):
    """One date with all that is said before anybody asks for seats. `least_people`: with fewer than that, `decide_hours` before it
    begins, it is called off and everything goes back. `turns` are empty where everybody may come as often as they like.
    """

    programme: ProgrammeDate
    is_called_off: bool
    follows_moon: bool
    stops: list[str]
    meeting_point: str | None
    guide: str | None
    languages: list[str]
    least_people: int | None
    decide_hours: int | None
    terms: Terms
    turns: list[NextTurn]
    ways: list[SeatWay]


class AskForSeats(Struct, forbid_unknown_fields=True):
    """All the lines or none. Where everybody has one turn, each guest is named: oneself unless `i_come` is false, `people` who help
    or are helped, and the others by `documents`, a national id or a passport with its country: `IRQ A1234567`.
    """

    lines: Annotated[list[SeatLine], Meta(min_length=1, max_length=MOST_LINES)]
    people: Annotated[list[Id], Meta(max_length=MOST_GUESTS)] = field(default_factory=list)
    documents: Annotated[list[Typed], Meta(max_length=MOST_GUESTS)] = field(default_factory=list)
    i_come: bool = True
    holder_name: Typed = ""


_AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
_DATE = ProgrammeDate(12, "مهمانسرا، ناهار", "meal", _AT, _AT, 14, 20, 3, 2, 0, 0, 30, 0)
_WAY = SeatWay(0, is_free=True, lines=[NamedSeatLine(31, "family", is_accessible=False, quantity=3, men=1, women=1, children=1)])
_DETAIL = ProgrammeDetail(
    _DATE, is_called_off=False, follows_moon=False, stops=[], meeting_point=None, guide=None, languages=["fa", "ar"], least_people=None, decide_hours=None,
    terms=Terms([Step(24, 0)], 10_000, 0), turns=[NextTurn(7, "زهرا احمدی", is_me=True, day=None)], ways=[_WAY],
)  # fmt: skip
_ASK = AskForSeats([SeatLine(31, 3, 1, 1, 1)], documents=["IRQ A1234567", "0012345679"])
_ASKING = (
    ProgrammeNotFound, CalledOff, TooEarly, WrongCount, PartyDoesNotFit, PersonUnknown, TurnTaken,
)  # fmt: skip


@operation(
    "GET",
    "/programmes",
    tag=TAG,
    permission=None,
    errors=(CityNotFound,),
    shared_seconds=SHARED_SECONDS,
    gives=Programmes([_DATE], 12),
)
def programmes(visit: Visit, query: AskedProgrammes) -> Programmes:
    """Dates to come with the seats that are free, by their beginning."""
    sought = Sought(
        city_by_code(visit.session, query.city).id if query.city else None, query.kind, query.day, only_free=query.only_free
    )
    rows = find_dates(visit.session, clock.now(), sought, after=query.cursor, limit=query.limit + 1)
    page = rows[: query.limit]
    return Programmes([_date(row, visit.language) for row in page], page[-1].session.id if len(rows) > query.limit else None)


@operation(
    "GET",
    "/programmes/{seat_session_id}",
    tag=TAG,
    permission=BOOK,
    errors=(ProgrammeNotFound, WrongCount, PartyDoesNotFit),
    gives=_DETAIL,
)
def programme(visit: Visit, seat_session_id: Id, query: AskedSeats) -> ProgrammeDetail:
    """One date: its rules, whose turn is when, and with a party the ways in which it may sit, full ones among them."""
    row = queries.session_row(visit.session, seat_session_id, clock.now())
    of, party = row.programme, Party(query.men, query.women, query.children)
    if party.people:
        check_party(party)
    pools = [pool for pool in row.open_pools if pool[1] != "accessible" or query.accessible]
    ways = choices(seat_offers(pools), party)[:MOST_WAYS] if party.people else []
    prices = seating.prices_of(of)
    return ProgrammeDetail(
        _date(row, visit.language), row.session.called_off_at is not None, row.session.moon_day is not None,
        [in_language(stop, visit.language) for stop in of.stops],
        in_language(of.meeting_point, visit.language) if of.meeting_point else None, of.guide or None, of.languages, of.least_people,
        of.decide_hours, terms_told(of.terms), _turns(visit, holder_of(visit), row),
        [
            SeatWay(sum(prices.of(one) for _, _, one in way), is_free(way), [
                NamedSeatLine(offer.class_id, offer.for_whom, offer.is_accessible, quantity, one.men, one.women, one.children)
                for offer, quantity, one in way
            ])
            for way in ways
        ],
    )  # fmt: skip


@operation(
    "POST", "/programmes/{seat_session_id}/seats", tag=TAG, permission=BOOK, status=201, asks=_ASK, gives=WHOLE,
    errors=(*_ASKING, FullyBooked, OthersWait, TooManyHolds),
)  # fmt: skip
def take_seats(visit: Visit, seat_session_id: Id, body: AskForSeats) -> Whole:
    """Take seats: at once where they are free of charge, else as a hold of a quarter of an hour, to be paid for under bookings."""
    made = seating.take_seats(visit.session, holder_of(visit), _ask(visit, seat_session_id, body))
    return whole_of(visit, made)


@operation(
    "POST", "/programmes/{seat_session_id}/waitings", tag=TAG, permission=BOOK, status=201, asks=_ASK, gives=WAITING,
    errors=(*_ASKING, NothingToWaitFor, WaitsAlready),
)  # fmt: skip
def wait_for_seats(visit: Visit, seat_session_id: Id, body: AskForSeats) -> InLine:
    """Stand in line for what is full: all of it or nothing. An offer is a hold that waits two waking hours for its yes."""
    made = waiting.join(visit.session, holder_of(visit), _ask(visit, seat_session_id, body))
    return in_line(visit, made, bookings.names_of_things(visit.session, [made])[made.id])


def _ask(visit: Visit, session_id: int, body: AskForSeats) -> SeatAsk:
    """Raises PersonUnknown."""
    wanted = tuple(Wanted(one.pool, one.quantity, Party(one.men, one.women, one.children)) for one in body.lines)
    documents = typed_documents("\n".join(body.documents))
    return SeatAsk(key_of_request(visit), session_id, wanted, documents, tuple(body.people), body.i_come, body.holder_name)


def _date(row: SessionRow, language: str) -> ProgrammeDate:
    of, free = row.programme, {kind: left for _, kind, _, left in row.open_pools}
    return ProgrammeDate(
        row.session.id, in_language(of.names, language), of.kind, row.session.starts_at, row.session.ends_at,  # type: ignore[arg-type] # the table's constraint
        free.get("men"), free.get("women"), free.get("family"), free.get("accessible"), of.adult_rial, of.child_rial, of.days_between,
        row.waiting,
    )  # fmt: skip


def _turns(visit: Visit, holder: Identity, row: SessionRow) -> list[NextTurn]:
    """Oneself first, then who may be brought without a document. Four queries."""
    if row.programme.days_between is None:
        return []
    people = {holder.person_id: holder.name}
    people |= {one.person_id: in_language(one.names, visit.language) for one in helps_of(visit.session, holder)}
    names = seating.names_of(visit.session, people)
    had = queries.next_turns_of(visit.session, row.programme.id, [one for some in names.values() for one in some], clock.now())
    latest = {number: max((had[one] for one in some if one in had), default=None) for number, some in names.items()}
    return [NextTurn(number, name, number == holder.person_id, latest[number]) for number, name in people.items()]
