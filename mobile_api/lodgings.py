"""Lodging to be found: what is free for a party and some nights, at prices under the ceiling of their dates."""

from datetime import date
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from identity.permissions import Permission
from insights.demand.searching import find_houses
from kernel import clock
from kernel.calendar import local_day
from kernel.languages import in_language
from kernel.web.visit import Visit
from mobile_api.contract import operation
from mobile_api.shapes import Cursor, Id, Rial, Typed
from places.errors import CityNotFound
from places.queries import city_by_code
from reservations.bookings.finding import Found, Sought, offers_of
from reservations.errors import LodgingNotFound, PartyDoesNotFit, WrongCount, WrongNights
from reservations.lodging.queries import lodging_by_id
from reservations.lodging.rules import (
    MOST_PEOPLE,
    Nights,
    Offer,
    Party,
    check_nights,
    check_party,
    choices,
    cost_rial,
    deposit_rial,
    is_free,
    terms_of,
)

TAG = "Lodging"
BOOK = Permission.RESERVATIONS_BOOKING_MAKE
MOST_WAYS = 12

Heads = Annotated[int, Meta(ge=0, le=MOST_PEOPLE)]


class AskedNights(Struct):
    """From the evening of `from` to the morning of `until`."""

    first: date = field(name="from")
    until: date
    men: Heads = 0
    women: Heads = 0
    children: Heads = 0


class AskedLodgings(AskedNights):
    city: Typed = "mashhad"
    accessible: bool = False
    only_free: Annotated[bool, Meta(description="False: full houses behind those with room, to stand in line for.")] = True
    most_rial: Annotated[int, Meta(ge=0, le=10**12, description="For the whole stay of the whole party.")] | None = None
    cursor: Cursor | None = None
    limit: Annotated[int, Meta(ge=1, le=20)] = 20


class Lodging(Struct):
    """`least_rial` is the whole stay of the whole party in the cheapest way that is free; where none `is_free`, in the cheapest there is.
    `waiting` counts who stands in line for any of the nights.
    """

    lodging: int
    name: str
    kind: str
    grade: int
    lon: float | None
    lat: float | None
    is_fictional: bool
    is_free: bool
    least_rial: Rial
    waiting: int


class Lodgings(Struct):
    lodgings: list[Lodging]
    next: str | None


class Line(Struct, forbid_unknown_fields=True):
    """So many rooms or beds of one class, and who sleeps there."""

    class_id: Id = field(name="class")
    quantity: Annotated[int, Meta(ge=1, le=60)]
    men: Heads = 0
    women: Heads = 0
    children: Heads = 0


class NamedLine(Struct):
    """A line with the name of its class; `lets` is room or bed, `for_whom` anyone, men, women or family."""

    class_id: int = field(name="class")
    name: str
    lets: str
    for_whom: str
    is_accessible: bool
    quantity: int
    men: int
    women: int
    children: int


class Way(Struct):
    """One way in which the whole party may sleep there; its lines are what a booking or a waiting list asks for."""

    price_rial: Rial
    deposit_rial: Rial
    is_free: bool
    lines: list[NamedLine]


class Step(Struct):
    """Who cancels at least so many hours before arrival pays this share, in hundredths of a per cent."""

    hours: int
    keep_basis_points: int


class Terms(Struct):
    """`late_basis_points` is kept of who cancels later than all steps say, or does not come."""

    steps: list[Step]
    late_basis_points: int
    freed_basis_points: int


class Choice(Struct):
    """`waiting` counts who stands in line for any of the nights."""

    lodging: int
    name: str
    kind: str
    grade: int
    terms: Terms
    waiting: int
    ways: list[Way]


_LINE = NamedLine(3, "اتاق خانواده", "room", "family", is_accessible=False, quantity=1, men=1, women=1, children=2)
_TERMS = Terms([Step(72, 0), Step(24, 3_000)], 10_000, 0)
_REFUSALS = (WrongNights, WrongCount, PartyDoesNotFit)


@operation(
    "GET", "/lodgings", tag=TAG, permission=None, errors=(CityNotFound, *_REFUSALS), shared_seconds=30,
    gives=Lodgings([Lodging(5, "مهمان‌سرای نمونه", "guesthouse", 2, 59.61, 36.29, is_fictional=True, is_free=True, least_rial=9_600_000, waiting=0)], None),
)  # fmt: skip
def lodgings(visit: Visit, query: AskedLodgings) -> Lodgings:
    """Licensed lodging that takes the whole party for all the nights: with room first, then what is full, each the cheapest first."""
    nights, party = _asked(query)
    city = city_by_code(visit.session, query.city)
    sought = Sought(city.id, nights, party, query.accessible, query.most_rial, query.only_free)
    found = find_houses(visit.session, sought, clock.now(), after=query.cursor, limit=query.limit + 1)
    page = found[: query.limit]
    return Lodgings([_lodging(one, visit.language) for one in page], page[-1].cursor if len(found) > query.limit else None)


@operation(
    "GET", "/lodgings/{lodging_id}", tag=TAG, permission=None, errors=(LodgingNotFound, *_REFUSALS), shared_seconds=30,
    gives=Choice(5, "مهمان‌سرای نمونه", "guesthouse", 2, _TERMS, 0, [Way(9_600_000, 2_880_000, is_free=True, lines=[_LINE])]),
)  # fmt: skip
def lodging(visit: Visit, lodging_id: Id, query: AskedNights) -> Choice:
    """The ways in which the party may sleep in one house, the cheapest first, and what cancelling costs; full ones are among them."""
    nights, party = _asked(query)
    house = lodging_by_id(visit.session, lodging_id)
    told = offers_of(visit.session, lodging_id, nights, clock.now())
    ways = choices(told.offers, party)[:MOST_WAYS]
    return Choice(
        house.id, in_language(house.names, visit.language), house.kind, house.grade,
        terms_told(house.terms), told.waiting,
        [_way(way, house.deposit_basis_points, visit.language) for way in ways],
    )  # fmt: skip


def terms_told(kept: dict[str, Any]) -> Terms:
    terms = terms_of(kept)
    return Terms([Step(one.hours, one.keep_basis_points) for one in terms.steps], terms.late_basis_points, terms.freed_basis_points)


def _asked(query: AskedNights) -> tuple[Nights, Party]:
    """Raises WrongNights, WrongCount, PartyDoesNotFit."""
    nights, party = Nights(query.first, query.until), Party(query.men, query.women, query.children)
    check_nights(nights, local_day(clock.now()))
    check_party(party)
    return nights, party


def _lodging(found: Found, language: str) -> Lodging:
    return Lodging(
        found.lodging_id, in_language(found.names, language), found.kind, found.grade, found.lon, found.lat, found.is_fictional,
        found.is_free, found.least_rial, found.waiting,
    )  # fmt: skip


def _way(way: tuple[tuple[Offer, int, Party], ...], deposit_basis_points: int, language: str) -> Way:
    price = cost_rial(way)
    lines = [
        NamedLine(
            offer.class_id, in_language(offer.names, language), offer.lets, offer.for_whom, offer.is_accessible, quantity, party.men,
            party.women, party.children,
        )
        for offer, quantity, party in way
    ]  # fmt: skip
    return Way(price, deposit_rial(price, deposit_basis_points), is_free(way), lines)
