"""What a kind of card may say, and when its cards end. Pure."""

import calendar
import re
from datetime import date
from enum import StrEnum

from msgspec import Struct

from cardbank.kinds.errors import CardKindTooEarly, CardKindWrong

LONGEST_NAME, LONGEST_ART = 60, 120
MONTHS = (1, 120)
PER_PERSON = (1, 99)
LIMIT_RIAL = (1, 10**12)
THICKNESS_UM = (100, 2_000)  # ISO/IEC 7810 cards have 760
_CODE = re.compile(r"[a-z][a-z0-9-]{1,19}")


class Technology(StrEnum):
    CHIP = "chip"
    BARCODE = "barcode"
    QR = "qr"
    MAGNETIC = "magnetic"


class KindTerms(Struct, frozen=True):
    """What one version says."""

    names: dict[str, str]
    starts_on: date
    valid_months: int
    technology: Technology
    allows_anonymous: bool = False
    is_open: bool = True
    holds_money: bool = True
    most_per_person: int | None = None
    purchase_limit_rial: int | None = None
    thickness_um: int | None = None
    art: str | None = None


def check_terms(code: str, terms: KindTerms, today: date, newest_from: date | None) -> None:
    """Raises CardKindWrong (field), CardKindTooEarly. `newest_from` is when the newest version of the kind begins."""
    if not _CODE.fullmatch(code):
        raise CardKindWrong(field="code")
    for language in ("fa", "en"):
        if not 0 < len(terms.names.get(language, "")) <= LONGEST_NAME:
            raise CardKindWrong(field=f"name_{language}", most=LONGEST_NAME)
    for field, value, (least, most) in (
        ("valid_months", terms.valid_months, MONTHS),
        ("most_per_person", terms.most_per_person, PER_PERSON),
        ("purchase_limit_rial", terms.purchase_limit_rial, LIMIT_RIAL),
        ("thickness_um", terms.thickness_um, THICKNESS_UM),
    ):
        if value is not None and not least <= value <= most:
            raise CardKindWrong(field=field, least=least, most=most)
    if terms.art is not None and not 0 < len(terms.art) <= LONGEST_ART:
        raise CardKindWrong(field="art", most=LONGEST_ART)
    first = max(today, newest_from or today)
    if terms.starts_on < first:
        raise CardKindTooEarly(field="starts_on", first=first)


def check_nature(terms: KindTerms, *, holds_money: bool) -> None:
    """Raises CardKindWrong for a version that would hold money where those before do not, or the other way round."""
    if terms.holds_money is not holds_money:
        raise CardKindWrong(field="holds_money")


def last_day_of(issued_on: date, valid_months: int) -> date:
    """The end of the month, `valid_months` on: the card shows YYMM."""
    months = issued_on.year * 12 + issued_on.month - 1 + valid_months
    year, month = divmod(months, 12)
    return date(year, month + 1, calendar.monthrange(year, month + 1)[1])
