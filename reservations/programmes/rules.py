"""Seats, sessions and turns of programmes. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from identity import rules as identity
from kernel.errors import BadInput
from kernel.text import latin_digits
from reservations.errors import PersonUnknown, WrongCount, WrongNights
from reservations.lodging.rules import ForWhom, Lets, Offer, Party

POOLS = {"men": ForWhom.MEN, "women": ForWhom.WOMEN, "family": ForWhom.FAMILY, "accessible": ForWhom.ANYONE}
KINDS = ("meal", "night", "ceremony", "tour")
MOST_SEATS = 100_000
MOST_DAYS_BETWEEN = 3_650
MOST_HOURS = 48
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


def typed_document(line: str) -> Document:
    """A national id, or the three letters of a country and a passport number. Raises PersonUnknown."""
    text = " ".join(latin_digits(line).split())
    try:
        if text.replace("-", "").isdigit():
            return "national_id", IRAN, identity.national_id(text)
        country, _, number = text.partition(" ")
        return "passport", identity.passport_country(country), identity.passport_number(number)
    except BadInput:
        raise PersonUnknown(field="documents") from None


def typed_documents(text: str) -> tuple[Document, ...]:
    """One a line, each once. Raises PersonUnknown."""
    found = tuple(typed_document(line) for line in text.splitlines() if line.strip())
    if len(set(found)) != len(found):
        raise PersonUnknown(field="documents")
    return found


def seat_offers(pools: Sequence[tuple[int, str, int, int]]) -> list[Offer]:
    """Pools (id, kind, seats, free ones) as what a party may choose from: a seat each, as it takes a bed each."""
    return [Offer(number, {}, Lets.BED, POOLS[kind], 1, kind == "accessible", free, 0) for number, kind, _, free in pools]


def check_known(party: Party, known: int) -> None:
    """Where everybody has one turn, each guest is known by a document. Raises PersonUnknown."""
    if known != party.people:
        raise PersonUnknown(field="documents")
