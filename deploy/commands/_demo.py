"""What the demonstration consists of: its files, its accounts and how each of its things is found again."""

import base64
import csv
import gzip
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.models import SignIn
from identity.permissions import Identity
from identity.queries import identity_of_sign_in
from kernel.errors import StartRefused
from kernel.settings import Settings

DATA = Path(__file__).parents[1] / "demo" / "data"
CITY = "mashhad"
PROGRAMME = "zaer-club"
RIAL_PER_USD = 20_000  # a scale that makes baskets of souvenirs out of baskets of groceries; no exchange rate
ROUNDED_TO_RIAL = 1_000
NATIONAL_CHIP_MAKER = 0x04  # the first byte of a 7-byte UID names the maker (ISO/IEC 7816-6)


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """`cardholder` is a position in cardholders.json for pilgrims; the others get a person of their own."""

    role: str
    name: str
    language: str = "fa"
    cardholder: int | None = None


SIGN_INS = (
    DemoSignIn("pilgrim", "pilgrim", cardholder=0),
    DemoSignIn("pilgrim", "pilgrim-en", "en", cardholder=1),
    DemoSignIn("pilgrim", "family", cardholder=5),
    DemoSignIn("cashier", "cashier"),
    DemoSignIn("merchant", "merchant"),
    DemoSignIn("merchant", "hotel"),
    DemoSignIn("union", "union"),
    DemoSignIn("municipality", "municipality"),
    DemoSignIn("city_manager", "city-manager"),
    DemoSignIn("operator", "operator"),
    DemoSignIn("sponsor", "organisation"),
    DemoSignIn("applicant", "applicant"),
)


def read(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def baskets() -> Iterator[dict[str, str | int]]:
    """`at` (local time of the shop, ISO 8601, no zone) and `amount_rial` of each basket, in order of time."""
    with gzip.open(DATA / "baskets.csv.gz", "rt", newline="") as file:
        for row in csv.DictReader(file):
            thousands = round(float(row["sales_usd"]) * RIAL_PER_USD / ROUNDED_TO_RIAL)
            yield {"at": row["at"].replace(" ", "T"), "amount_rial": max(1, thousands) * ROUNDED_TO_RIAL}


def chip_of(cardholder: int) -> bytes:
    """The 7-byte UID of a cardholder's chip, the same in every installation."""
    return bytes([NATIONAL_CHIP_MAKER]) + hashlib.sha256(f"demo card {cardholder}".encode()).digest()[:6]


def password_of(settings: Settings, name: str) -> str:
    """The password of a demonstration account: this installation's own, from its secret key, so that none is stored."""
    digest = hmac.digest(settings.secret_key.encode(), f"demo sign-in {name}".encode(), "sha256")
    letters = base64.b32encode(digest[:8]).decode().lower()[:12]
    return "-".join(letters[at : at + 4] for at in (0, 4, 8))


def identity_named(session: Session, name: str) -> Identity:
    """One of the demonstration's people, whatever password they have chosen since. Raises StartRefused where an older version seeded."""
    sign_in_id = session.scalar(select(SignIn.id).where(SignIn.name == name))
    found = None if sign_in_id is None else identity_of_sign_in(session, sign_in_id)
    if found is None:
        raise StartRefused(
            "The demonstration's data here is of an older version. Run ./pilgrim down, remove the folder var/state and start again."
        )
    return found


def check_laboratory(settings: Settings, act: str) -> None:
    """Raises StartRefused outside the laboratory."""
    if not settings.is_laboratory:
        raise StartRefused(f"PILGRIM_ENVIRONMENT is {settings.environment}: {act} is for the laboratory only.")
