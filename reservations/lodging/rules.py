"""Which nights of a class may be sold, at which price, and to whom. Pure; a night is named by its evening."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import product
from typing import Any, NamedTuple

from kernel.calendar import TEHRAN
from reservations.errors import PartyDoesNotFit, WrongCount, WrongNights

MOST_NIGHTS = 30
MOST_DAYS_AHEAD = 400
MOST_PEOPLE = 60
MOST_IN_ROOM = 20
ARRIVAL = time(14)
BASIS = 10_000


class LodgingKind(StrEnum):
    HOTEL = "hotel"
    APARTMENT = "apartment"
    GUESTHOUSE = "guesthouse"
    HOSTEL = "hostel"


class Lets(StrEnum):
    """What is let: a whole room, or a bed of one."""

    ROOM = "room"
    BED = "bed"


class ForWhom(StrEnum):
    ANYONE = "anyone"
    MEN = "men"
    WOMEN = "women"
    FAMILY = "family"


class Bar(StrEnum):
    """Why a night may not be sold."""

    CLOSED = "closed"
    NO_LICENCE = "no_licence"
    NO_RATE = "no_rate"
    NO_CEILING = "no_ceiling"
    ABOVE_CEILING = "above_ceiling"


@dataclass(frozen=True, slots=True)
class Nights:
    """From the evening of `first` to the morning of `until`."""

    first: date
    until: date

    def __len__(self) -> int:
        return max(0, (self.until - self.first).days)

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=number) for number in range(len(self)))

    def overlaps(self, other: "Nights") -> bool:
        return self.first < other.until and other.first < self.until

    @property
    def arrival(self) -> datetime:
        """The hour from which the guests are awaited."""
        return datetime.combine(self.first, ARRIVAL, TEHRAN)


def check_nights(nights: Nights, today: date, *, is_desk: bool = False) -> None:
    """Raises WrongNights. A desk may begin a stay with last night, for who arrives after midnight."""
    if nights.until <= nights.first:
        raise WrongNights(field="until", fault="order")
    if nights.first < today - timedelta(days=is_desk):
        raise WrongNights(field="first", fault="past")
    if len(nights) > MOST_NIGHTS:
        raise WrongNights(field="until", fault="many", most=MOST_NIGHTS)
    if nights.until > today + timedelta(days=MOST_DAYS_AHEAD):
        raise WrongNights(field="until", fault="far", most=MOST_DAYS_AHEAD)


@dataclass(frozen=True, slots=True)
class LicenceFacts:
    starts_on: date
    ends_on: date
    revoked_on: date | None = None

    def covers(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on and (self.revoked_on is None or day < self.revoked_on)


@dataclass(frozen=True, slots=True)
class Dated:
    """An amount for some nights; of several that cover a night the last in a sequence counts."""

    nights: Nights
    amount_rial: int


def amount_of(dated: Sequence[Dated], day: date) -> int | None:
    return next((one.amount_rial for one in reversed(dated) if one.nights.first <= day < one.nights.until), None)


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """What is known of one class: rates are of approved sheets by time of approval, ceilings by time they were set."""

    is_open: bool
    licences: tuple[LicenceFacts, ...]
    rates: tuple[Dated, ...]
    ceilings: tuple[Dated, ...]


def bar(*, is_open: bool, is_licensed: bool, rate_rial: int | None, ceiling_rial: int | None) -> Bar | None:
    """Why a night may not be sold; None = it may, at that rate."""
    if not is_open:
        return Bar.CLOSED
    if not is_licensed:
        return Bar.NO_LICENCE
    if rate_rial is None:
        return Bar.NO_RATE
    if ceiling_rial is None:
        return Bar.NO_CEILING
    return Bar.ABOVE_CEILING if rate_rial > ceiling_rial else None


def bar_of_night(facts: ClassFacts, day: date) -> Bar | None:
    """The same of a class of which everything is known."""
    return bar(
        is_open=facts.is_open,
        is_licensed=any(licence.covers(day) for licence in facts.licences),
        rate_rial=amount_of(facts.rates, day),
        ceiling_rial=amount_of(facts.ceilings, day),
    )


@dataclass(frozen=True, slots=True)
class Party:
    """Who comes; children may sleep wherever their people do."""

    men: int = 0
    women: int = 0
    children: int = 0

    @property
    def people(self) -> int:
        return self.men + self.women + self.children


def check_party(party: Party) -> None:
    """Raises WrongCount, PartyDoesNotFit."""
    for name in ("men", "women", "children"):
        if not 0 <= getattr(party, name) <= MOST_PEOPLE:
            raise WrongCount(field=name, most=MOST_PEOPLE)
    if not party.people:
        raise PartyDoesNotFit(fault="empty")


def misfit(for_whom: ForWhom, lets: Lets, people: int, quantity: int, party: Party) -> str | None:
    """Why the party may not sleep in so many rooms or beds; None = it may."""
    if for_whom is ForWhom.MEN and party.women:
        return "men"
    if for_whom is ForWhom.WOMEN and party.men:
        return "women"
    if for_whom is ForWhom.FAMILY and not ((party.men and party.women) or party.children):
        return "family"
    if lets is Lets.BED and quantity != party.people:
        return "beds"
    return "room" if lets is Lets.ROOM and quantity * people < party.people else None


def fewest(lets: Lets, people: int, party: Party) -> int:
    """How many rooms or beds a party needs."""
    return party.people if lets is Lets.BED else -(-party.people // people)


def apart(party: Party) -> tuple[tuple[ForWhom, Party], ...]:
    """Men and women who may also sleep in rooms and beds of their own; empty where that would part a child from its people."""
    if not (party.men and party.women) or party.children:
        return ()
    return (ForWhom.MEN, Party(men=party.men)), (ForWhom.WOMEN, Party(women=party.women))


class Fit(NamedTuple):
    """So many places of such a class take a whole party (`part` 0), or apart from each other its men (1) and its women (2)."""

    part: int
    lets: Lets
    for_whom: ForWhom
    people: int
    quantity: int


def fits(party: Party) -> list[Fit]:
    """Every kind of class that takes the party or a part of it; none of them does both."""
    parts = [(0, for_whom, party) for for_whom in ForWhom]
    parts += [(number, for_whom, part) for number, (for_whom, part) in enumerate(apart(party), 1)]
    sizes = [(Lets.BED, 1), *((Lets.ROOM, people) for people in range(1, MOST_IN_ROOM + 1))]
    return [
        Fit(number, lets, for_whom, people, quantity)
        for (number, for_whom, part), (lets, people) in product(parts, sizes)
        if misfit(for_whom, lets, people, quantity := fewest(lets, people, part), part) is None
    ]


@dataclass(frozen=True, slots=True)
class Offer:
    """One class for some nights: how many places there are and how many of them are free, and what one costs for the whole stay.

    A place that belongs to who waits in line is not free.
    """

    class_id: int
    names: dict[str, str]
    lets: Lets
    for_whom: ForWhom
    people: int
    is_accessible: bool
    places: int
    free: int
    stay_rial: int
    bar: Bar | None = None

    def takes(self, party: Party) -> bool:
        """Whether a party may sleep there at all, were all of it free."""
        quantity = fewest(self.lets, self.people, party)
        return (
            self.bar is None and quantity <= self.places and misfit(self.for_whom, self.lets, self.people, quantity, party) is None
        )


def choices(offers: Sequence[Offer], party: Party) -> list[tuple[tuple[Offer, int, Party], ...]]:
    """The ways in which a whole party may sleep in one house, the cheapest first: in one class, else men and women in places of
    their own. Full classes are among them, for who would wait.
    """
    ways: list[tuple[tuple[Offer, int, Party], ...]] = [
        ((offer, fewest(offer.lets, offer.people, party), party),) for offer in offers if offer.takes(party)
    ]
    parts = apart(party)
    if parts:
        own = [[offer for offer in offers if offer.for_whom == for_whom and offer.takes(part)] for for_whom, part in parts]
        ways += [
            tuple((offer, fewest(offer.lets, offer.people, part), part) for offer, (_, part) in zip(pair, parts, strict=True))
            for pair in product(*own)
        ]
    return sorted(ways, key=cost_rial)


def is_free(way: Sequence[tuple[Offer, int, Party]]) -> bool:
    return all(quantity <= offer.free for offer, quantity, _ in way)


def cost_rial(way: Sequence[tuple[Offer, int, Party]]) -> int:
    """The whole stay of everybody."""
    return sum(offer.stay_rial * quantity for offer, quantity, _ in way)


@dataclass(frozen=True, slots=True)
class Step:
    """Who cancels at least so many hours before arrival is kept this part of the price."""

    hours: int
    keep_basis_points: int


@dataclass(frozen=True, slots=True)
class Terms:
    """`steps` from the longest time to the shortest; later than the last of them, and for a no-show, `late` is kept.

    `freed` is kept of nights that an early leave gives back.
    """

    steps: tuple[Step, ...] = field(default=(Step(72, 0), Step(24, 3_000)))
    late_basis_points: int = BASIS
    freed_basis_points: int = 0


def kept_rial(terms: Terms, price_rial: int, arrival: datetime, now: datetime) -> int:
    """What the lodging keeps of the price when a booking is cancelled now; rounded down, for the guest."""
    ahead = arrival - now
    fitting = (step.keep_basis_points for step in terms.steps if ahead >= timedelta(hours=step.hours))
    return price_rial * next(fitting, terms.late_basis_points) // BASIS


def refund_rial(kept: int, paid: int) -> int:
    """What goes back of what was paid: never more than that, however little a deposit was."""
    return max(0, paid - kept)


def freed_rial(terms: Terms, prices: Sequence[int], stayed: int) -> int:
    """What is taken off the price when the guests leave after `stayed` nights of those that `prices` names."""
    freed = sum(prices[stayed:])
    return freed - freed * terms.freed_basis_points // BASIS


def deposit_rial(price_rial: int, basis_points: int) -> int:
    """What is paid at booking; rounded up, so that the rest is never more than its part."""
    return -(-price_rial * basis_points // BASIS)


def terms_of(kept: dict[str, Any]) -> Terms:
    steps = tuple(Step(int(hours), int(keep)) for hours, keep in kept["steps"])
    return Terms(steps, int(kept["late"]), int(kept["freed"]))


def terms_kept(terms: Terms) -> dict[str, Any]:
    """As a row keeps them."""
    steps = [[step.hours, step.keep_basis_points] for step in terms.steps]
    return {"steps": steps, "late": terms.late_basis_points, "freed": terms.freed_basis_points}


def check_terms(terms: Terms) -> None:
    """Longer ahead never costs more. Raises WrongCount."""
    hours = [step.hours for step in terms.steps]
    keeps = [step.keep_basis_points for step in terms.steps] + [terms.late_basis_points]
    if hours != sorted(set(hours), reverse=True) or min(hours, default=1) < 1:
        raise WrongCount(field="hours", most=MOST_DAYS_AHEAD * 24)
    if keeps != sorted(keeps) or keeps[-1] > BASIS or keeps[0] < 0 or not 0 <= terms.freed_basis_points <= BASIS:
        raise WrongCount(field="keep", most=100)
