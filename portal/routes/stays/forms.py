"""What the pages of lodging share: the nights and the party of an address, and a choice on its way through a form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import request

from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError
from kernel.text import latin_digits
from merchants.onboarding.rules import typed_day
from reservations.bookings.rules.states import Wanted
from reservations.errors import ClassNotFound, WrongCount, WrongNights
from reservations.lodging.rules import MOST_PEOPLE, Nights, Party, Step, Terms, check_nights, check_party

COUNTS = ("men", "women", "children")
LIFETIME = timedelta(days=30 * 365)  # lunar years are some forty ahead of those of the sun


@dataclass
class Asked:
    """What an address asks for, with what is wrong in it by field; days and counts fall back to one night for two."""

    nights: Nights
    party: Party
    faults: dict[str, DomainError]

    @property
    def query(self) -> dict[str, Any]:
        """The same in an address, in a form every language reads."""
        days = {"first": self.nights.first.isoformat(), "until": self.nights.until.isoformat()}
        return days | {name: getattr(self.party, name) for name in COUNTS}


def asked(typed: Mapping[str, str], *, is_desk: bool = False) -> Asked:
    """Read from an address or a form."""
    today = local_day(clock.now())
    faults: dict[str, DomainError] = {}
    first = _read(lambda: _near_day(typed["first"], "first", today), "first", faults) if typed.get("first") else today
    until = _read(lambda: _near_day(typed["until"], "until", today), "until", faults) if typed.get("until") else None
    nights = Nights(first or today, until or (first or today) + timedelta(days=1))
    counts = {name: typed_count(typed, name, faults) for name in COUNTS}
    party = Party(**counts) if any(counts.values()) or any(name in typed for name in COUNTS) else Party(men=1, women=1)
    if not faults.keys() & {"first", "until"}:
        _read(lambda: check_nights(nights, today, is_desk=is_desk), "first", faults)
    _read(lambda: check_party(party), "men", faults)
    return Asked(nights, party, faults)


def is_asked_anew(*fields: str) -> bool:
    """Whether an address asks for something, and its page is not merely loaded again: a browser that does that says so."""
    return all(request.args.get(name) for name in fields) and request.cache_control.max_age != 0


def _near_day(typed: str, field: str, today: date) -> date:
    """A day, unless its year can only be meant as a lunar one. Raises WrongDay, WrongNights."""
    found = typed_day(typed, field)
    if found > today + LIFETIME:
        raise WrongNights(field=field, fault="lunar")
    return found


def _read(read: Any, name: str, faults: dict[str, DomainError]) -> Any:
    try:
        return read()
    except DomainError as refusal:
        faults.setdefault(str(refusal.facts.get("field", name)), refusal)
        return None


def typed_count(typed: Mapping[str, str], name: str, faults: dict[str, DomainError], most: int = MOST_PEOPLE) -> int:
    """A small whole number, 0 where nothing stands; a fault where it is none."""
    text = latin_digits(typed.get(name, "").strip() or "0")
    if text.isascii() and text.isdigit() and int(text[:6]) <= most:
        return int(text)
    faults[name] = WrongCount(field=name, most=most)
    return 0


def choice_text(way: Sequence[Any]) -> str:
    """A way to sleep as a hidden field: class.quantity.men.women.children, one a line of the booking."""
    return ",".join(f"{offer.class_id}.{quantity}.{party.men}.{party.women}.{party.children}" for offer, quantity, party in way)


def typed_choice() -> tuple[Wanted, ...]:
    """Raises ClassNotFound for what no page of ours sends."""
    try:
        lines = [tuple(map(int, line.split("."))) for line in request.form.get("choice", "")[:400].split(",")]
        return tuple(Wanted(thing, quantity, Party(men, women, children)) for thing, quantity, men, women, children in lines)
    except ValueError:
        raise ClassNotFound from None


def version_key() -> str:
    """The key of the form that was sent. Raises BadInput."""
    try:
        return str(UUID(request.form.get("key", "")))
    except ValueError:
        raise BadInput(field="key") from None


def counted(name: str, most: int) -> int:
    """A small whole number of the form that was sent. Raises WrongCount."""
    faults: dict[str, DomainError] = {}
    number = typed_count(request.form, name, faults, most)
    if faults:
        raise WrongCount(field=name, most=most)
    return number


def typed_terms() -> Terms:
    """What cancelling costs, as the form says it, in whatever order its steps stand. Raises WrongCount."""
    steps = tuple(
        Step(counted(f"hours_{number}", 9_600), counted(f"keep_{number}", 100) * 100)
        for number in (1, 2, 3)
        if request.form.get(f"hours_{number}", "").strip()
    )
    return Terms(tuple(sorted(steps, key=lambda step: -step.hours)), counted("late", 100) * 100, counted("freed", 100) * 100)
