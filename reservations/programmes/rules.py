"""Seats, sessions and turns of programmes. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from identity import rules as identity
from kernel.errors import BadInput
from kernel.languages import LANGUAGES
from kernel.text import latin_digits
from merchants.rules import ShopKind
from reservations.errors import NameNeeded, PersonUnknown, UnknownLodgingKind, WrongCount, WrongNights
from reservations.lodging.rules import ForWhom, Lets, Offer, Party

POOLS = {"men": ForWhom.MEN, "women": ForWhom.WOMEN, "family": ForWhom.FAMILY, "accessible": ForWhom.ANYONE}
KINDS = ("meal", "night", "ceremony", "tour")
MOST_SEATS = 100_000
MOST_DAYS_BETWEEN = 3_650
MOST_HOURS = 48
MOST_RIAL = 1_000_000_000
MOST_DECIDE_HOURS = 720
MOST_STOPS = 12
MOST_TEXT = 120
MOST_GUIDE = 80
IRAN = "IRN"

Document = tuple[str, str, str]  # kind, country, normalised number


def check_session(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Raises WrongNights: a session begins later than now and ends after that, within two days."""
    if starts_at <= now:
        raise WrongNights(field="starts", fault="past")
    if ends_at <= starts_at:
        raise WrongNights(field="ends", fault="order")
    if ends_at - starts_at > timedelta(hours=MOST_HOURS):
        raise WrongNights(field="ends", fault="many", most=2)


def check_seats(seats: dict[str, int]) -> None:
    """Raises WrongCount: seats of known kinds, and some at all."""
    for kind, number in seats.items():
        if kind not in POOLS or not 0 <= number <= MOST_SEATS:
            raise WrongCount(field=f"seats_{kind}", most=MOST_SEATS)
    if not any(seats.values()):
        raise WrongCount(field="seats_men", most=MOST_SEATS)


def turn_days(day: date, days_between: int) -> tuple[date, date]:
    """From the day of a turn to the first day on which another may be."""
    return day, day + timedelta(days=days_between)


def typed_document(line: str, number_of_line: int = 1) -> Document:
    """A national id, or the three letters of a country and a passport number. Raises PersonUnknown."""
    text = " ".join(latin_digits(line).split())
    try:
        if text.replace("-", "").isdigit():
            return "national_id", IRAN, identity.national_id(text)
        country, _, number = text.partition(" ")
        return "passport", identity.passport_country(country), identity.passport_number(number)
    except BadInput:
        raise PersonUnknown(field="documents", fault="line", line=number_of_line) from None


def typed_documents(text: str) -> tuple[Document, ...]:
    """One a line, each once. Raises PersonUnknown."""
    found: dict[Document, None] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        document = typed_document(line, number)
        if document in found:
            raise PersonUnknown(field="documents", fault="twice", line=number)
        found[document] = None
    return tuple(found)


def seat_offers(pools: Sequence[tuple[int, str, int, int]]) -> list[Offer]:
    """Pools (id, kind, seats, free ones) as what a party may choose from: a seat each, as it takes a bed each."""
    return [
        Offer(number, {}, Lets.BED, POOLS[kind], 1, kind == "accessible", seats, free, 0) for number, kind, seats, free in pools
    ]


@dataclass(frozen=True, slots=True)
class Prices:
    """What a seat costs; the same wherever it is, as men's and women's seats are."""

    adult_rial: int = 0
    child_rial: int = 0

    @property
    def are_free(self) -> bool:
        return not (self.adult_rial or self.child_rial)

    def of(self, party: Party) -> int:
        return (party.men + party.women) * self.adult_rial + party.children * self.child_rial


def check_prices(prices: Prices) -> None:
    """Raises WrongCount."""
    for name in ("adult_rial", "child_rial"):
        if not 0 <= getattr(prices, name) <= MOST_RIAL:
            raise WrongCount(field=name, most=MOST_RIAL)


def check_least(least_people: int | None, decide_hours: int | None) -> None:
    """Both or neither. Raises WrongCount."""
    if least_people is None and decide_hours is None:
        return
    if not 0 < (least_people or 0) <= MOST_SEATS:
        raise WrongCount(field="least_people", most=MOST_SEATS)
    if not 0 < (decide_hours or 0) <= MOST_DECIDE_HOURS:
        raise WrongCount(field="decide_hours", most=MOST_DECIDE_HOURS)


def is_to_be_decided(starts_at: datetime, decide_hours: int, now: datetime) -> bool:
    """Whether it is time to see if enough people come."""
    return starts_at - timedelta(hours=decide_hours) <= now < starts_at


# Who may run a tour: kinds of shop whose trade it is.
TOUR_KINDS = frozenset({ShopKind.LODGING, ShopKind.TRAVEL})

Texts = Mapping[str, str]  # language → text


@dataclass(frozen=True, slots=True)
class Way:
    """Where a tour goes, where it begins, who leads it and in which languages."""

    stops: tuple[Texts, ...] = ()
    meeting_point: Texts = field(default_factory=dict)
    guide: str = ""
    languages: tuple[str, ...] = ()


def typed_stops(lines: Texts) -> tuple[Texts, ...]:
    """One stop a line, in the same order in each language; in Persian at least. Raises NameNeeded."""
    by_language = {language: [line.strip() for line in text.splitlines() if line.strip()] for language, text in lines.items()}
    persian = by_language.get("fa", [])
    if any(len(some) not in (0, len(persian)) for some in by_language.values()):
        raise NameNeeded(field="stops_en", most=MOST_TEXT)
    return tuple({language: some[number] for language, some in by_language.items() if some} for number in range(len(persian)))


def check_way(way: Way) -> None:
    """Raises NameNeeded, WrongCount, UnknownLodgingKind."""
    if len(way.stops) > MOST_STOPS:
        raise WrongCount(field="stops_fa", most=MOST_STOPS)
    if any(len(text) > MOST_TEXT for stop in way.stops for text in stop.values()):
        raise NameNeeded(field="stops_fa", most=MOST_TEXT)
    if any(len(text) > MOST_TEXT for text in way.meeting_point.values()):
        raise NameNeeded(field="meeting_fa", most=MOST_TEXT)
    if len(way.guide) > MOST_GUIDE:
        raise NameNeeded(field="guide", most=MOST_GUIDE)
    if not set(way.languages) <= set(LANGUAGES):
        raise UnknownLodgingKind(field="languages")


def check_known(party: Party, known: int) -> None:
    """Where everybody has one turn, each guest is known by a document. Raises PersonUnknown."""
    if known != party.people:
        raise PersonUnknown(field="documents", fault="count", people=party.people, known=known)
