"""Pilgrims who say before the journey that they come."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from identity import coming
from identity.errors import (
    WrongDayOfArrival,
    WrongDayOfBirth,
    WrongPassportCountry,
    WrongPassportNumber,
)
from kernel.web.limits import Limit
from kernel.web.visit import Visit
from mobile_api.contract import operation

TAG = "Coming pilgrims"
TRIES = Limit("coming", 10)

Text = Annotated[str, Meta(max_length=200)]


class Coming(Struct, forbid_unknown_fields=True):
    """`number` by hand with its `country` (three letters) and the day of birth, or the printed lines of the passport alone."""

    name: Text
    number: Text
    arrives_on: date
    country: Text = ""
    born: date | None = None


class Expected(Struct):
    """`code` is shown at a desk, which has the card ready."""

    code: str
    arrives_on: date


@operation(
    "POST", "/coming", tag=TAG, permission=None, status=201, limit=TRIES,
    errors=(WrongPassportNumber, WrongPassportCountry, WrongDayOfBirth, WrongDayOfArrival),
    asks=Coming("Zahra Hussein", "A12345678", date(2026, 12, 20), "IRQ", date(1968, 4, 2)), gives=Expected("12345678", date(2026, 12, 20)),
)  # fmt: skip
def announce(visit: Visit, body: Coming) -> Expected:
    """Say that one comes: name, passport, the day. The answer is the same whoever is on record; it is forgotten a month after that day."""
    typed = {
        "called": body.name, "number": body.number, "country": body.country, "born": body.born.isoformat() if body.born else "",
        "arrives_on": body.arrives_on.isoformat(),
    }  # fmt: skip
    made = coming.announce(visit.session, typed, visit.language)
    return Expected(made.code, made.arrives_on)
