"""What a file is made of, when each piece is due, who may decide next, and how typed answers are read. Pure; days are given.

A requirement is data: its piece, when it is due (met, now, later, past due), until when, and one plain sentence.
"""

import re
from calendar import monthrange
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import asin, cos, isfinite, radians, sin, sqrt

import jdatetime

from kernel.text import latin_digits, search_key
from merchants.onboarding.errors import (
    AddressTooShort,
    FarFromCity,
    NameMissing,
    PaperIsEmpty,
    PaperOfUnknownType,
    PaperTooLarge,
    ShebaInAnotherName,
    WrongDay,
    WrongPosition,
)
from merchants.settlement.rules.sheba import is_same_name

FILE_OPEN = timedelta(days=30)
RETURNED_OPEN = timedelta(days=14)
TERMINAL_WITHIN = timedelta(days=30)
NOTICE_DAYS = (1, 7, 30)
MOST_PAPER_BYTES = 5_000_000
LEAST_ADDRESS = 10
MOST_ADDRESS = 300
MOST_NAME = 70  # what a bank order carries of an account's owner
CITY_KM = 60.0
MONTHS = 12
EARTH_KM = 6371.0


class State(StrEnum):
    APPLIED = "applied"
    RETURNED = "returned"
    UNION_REVIEW = "union_review"
    MUNICIPALITY_REVIEW = "municipality_review"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class Party(StrEnum):
    """Who acts on a file. `system` is the platform by itself, when a licence runs out."""

    APPLICANT = "applicant"
    UNION = "union"
    MUNICIPALITY = "municipality"
    SYSTEM = "system"


class Act(StrEnum):
    HAND_IN = "hand_in"
    APPROVE = "approve"
    RETURN = "return"
    SUSPEND = "suspend"
    RESUME = "resume"
    CLOSE = "close"


class Piece(StrEnum):
    SHOP_NAME = "shop_name"
    TRADE = "trade"
    TAX_CODE = "tax_code"
    LICENCE = "licence"
    SHEBA = "sheba"
    ADDRESS = "address"
    POSITION = "position"
    IDENTITY_PAPER = "identity_paper"
    LICENCE_PAPER = "licence_paper"
    CONTRACT = "contract"


PAPERS = frozenset({Piece.IDENTITY_PAPER, Piece.LICENCE_PAPER})

# (state, act) → who may, and the state that follows; a file that is handed in again goes back to who returned it.
TRANSITIONS: dict[tuple[State, Act], tuple[frozenset[Party], State]] = {
    (State.APPLIED, Act.HAND_IN): (frozenset({Party.APPLICANT}), State.UNION_REVIEW),
    (State.RETURNED, Act.HAND_IN): (frozenset({Party.APPLICANT}), State.UNION_REVIEW),
    (State.APPLIED, Act.CLOSE): (frozenset({Party.APPLICANT}), State.CLOSED),
    (State.RETURNED, Act.CLOSE): (frozenset({Party.APPLICANT}), State.CLOSED),
    (State.UNION_REVIEW, Act.APPROVE): (frozenset({Party.UNION}), State.MUNICIPALITY_REVIEW),
    (State.UNION_REVIEW, Act.RETURN): (frozenset({Party.UNION}), State.RETURNED),
    (State.UNION_REVIEW, Act.CLOSE): (frozenset({Party.UNION}), State.CLOSED),
    (State.MUNICIPALITY_REVIEW, Act.APPROVE): (frozenset({Party.MUNICIPALITY}), State.ACTIVE),
    (State.MUNICIPALITY_REVIEW, Act.RETURN): (frozenset({Party.MUNICIPALITY}), State.RETURNED),
    (State.MUNICIPALITY_REVIEW, Act.CLOSE): (frozenset({Party.MUNICIPALITY}), State.CLOSED),
    (State.ACTIVE, Act.SUSPEND): (frozenset({Party.UNION, Party.MUNICIPALITY, Party.SYSTEM}), State.SUSPENDED),
    (State.SUSPENDED, Act.RESUME): (frozenset({Party.UNION, Party.MUNICIPALITY}), State.ACTIVE),
    (State.ACTIVE, Act.CLOSE): (frozenset({Party.MUNICIPALITY}), State.CLOSED),
    (State.SUSPENDED, Act.CLOSE): (frozenset({Party.MUNICIPALITY}), State.CLOSED),
}


def acts_open(state: State, party: Party, *, suspended_by: Party | None, is_licence_valid: bool) -> tuple[Act, ...]:
    """What a party may do now. The union lifts no suspension by the municipality; nobody lifts one while the licence is out."""
    acts = [act for (at, act), (parties, _) in TRANSITIONS.items() if at is state and party in parties]
    is_stuck = not is_licence_valid or (party is Party.UNION and suspended_by is Party.MUNICIPALITY)
    return tuple(act for act in acts if not (act is Act.RESUME and is_stuck))


class Due(StrEnum):
    MET = "met"
    NOW = "now"
    LATER = "later"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Requirement:
    """`piece` is a Piece or `terminal`; `until` the last day on which it is in time, None where there is none."""

    piece: str
    due: Due
    until: date | None
    sentence: dict[str, str]


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What requirements depend on. `returned_on` is the day of the last return, `active_on` that of the activation."""

    state: State
    begun_on: date
    given: frozenset[Piece]
    asked: frozenset[Piece]
    licence_expires_on: date | None = None
    returned_on: date | None = None
    active_on: date | None = None
    has_terminal: bool = False


SENTENCES: dict[str, dict[str, str]] = {
    Piece.SHOP_NAME: {"fa": "نام فروشگاه را به فارسی بنویسید.", "en": "Write the shop's name in Persian."},
    Piece.TRADE: {
        "fa": "صنف خود را انتخاب کنید تا پرونده به اتحادیهٔ آن برسد.",
        "en": "Choose your trade: it leads the file to its union.",
    },
    Piece.TAX_CODE: {"fa": "کد رهگیری ثبت‌نام مالیاتی را وارد کنید.", "en": "Enter the tax tracking code of the registration."},
    Piece.LICENCE: {
        "fa": "شناسهٔ صنفی و تاریخ پایان اعتبار پروانهٔ کسب را وارد کنید.",
        "en": "Enter the guild licence id and the day the licence ends.",
    },
    Piece.SHEBA: {"fa": "شبای حسابی را بدهید که به نام خود شماست.", "en": "Give the Sheba of an account in your own name."},
    Piece.ADDRESS: {"fa": "نشانی فروشگاه را کامل بنویسید.", "en": "Write the full address of the shop."},
    Piece.POSITION: {"fa": "جای فروشگاه را روی نقشه نشان دهید.", "en": "Show on the map where the shop is."},
    Piece.IDENTITY_PAPER: {"fa": "تصویر مدرک شناسایی را بارگذاری کنید.", "en": "Upload a picture of the identity document."},
    Piece.LICENCE_PAPER: {"fa": "تصویر پروانهٔ کسب را بارگذاری کنید.", "en": "Upload a picture of the guild licence."},
    Piece.CONTRACT: {"fa": "قرارداد پذیرش کارت را بخوانید و بپذیرید.", "en": "Read the card contract and accept it."},
    "licence_ends": {
        "fa": "پروانهٔ کسب رو به پایان است؛ برای تمدید به اتحادیه بروید.",
        "en": "The guild licence ends soon: have the union renew it.",
    },
    "licence_ended": {
        "fa": "اعتبار پروانهٔ کسب تمام شده و فروش متوقف است؛ برای تمدید به اتحادیه بروید.",
        "en": "The guild licence has ended and sales are stopped: have the union renew it.",
    },
    "terminal": {"fa": "برای فروشگاه یک پایانه باز کنید.", "en": "Open a terminal for the shop."},
}


def requirements(facts: FileFacts, today: date) -> tuple[Requirement, ...]:
    """Every requirement of a file, in the order in which one fills it."""
    listed = [_of_piece(piece, facts, today) for piece in Piece]
    if facts.state in (State.ACTIVE, State.SUSPENDED):
        listed += _of_a_working_shop(facts, today)
    return tuple(listed)


def _of_piece(piece: Piece, facts: FileFacts, today: date) -> Requirement:
    until: date | None = facts.begun_on + FILE_OPEN
    is_met = piece in facts.given and piece not in facts.asked
    if facts.state is State.RETURNED and facts.returned_on is not None:
        until = facts.returned_on + RETURNED_OPEN
    if is_met or facts.state not in (State.APPLIED, State.RETURNED):
        return Requirement(piece, Due.MET if is_met else Due.LATER, None, SENTENCES[piece])
    return Requirement(piece, Due.PAST if until is not None and today > until else Due.NOW, until, SENTENCES[piece])


def _of_a_working_shop(facts: FileFacts, today: date) -> list[Requirement]:
    found = []
    ends = facts.licence_expires_on
    if ends is not None and today > ends:
        found.append(Requirement("licence_ends", Due.PAST, ends, SENTENCES["licence_ended"]))
    elif ends is not None and today + timedelta(days=max(NOTICE_DAYS)) >= ends:
        found.append(Requirement("licence_ends", Due.LATER, ends, SENTENCES["licence_ends"]))
    if not facts.has_terminal and facts.active_on is not None:
        until = facts.active_on + TERMINAL_WITHIN
        found.append(Requirement("terminal", Due.PAST if today > until else Due.LATER, until, SENTENCES["terminal"]))
    return found


def missing(facts: FileFacts) -> tuple[Piece, ...]:
    """The pieces without which a file cannot be handed in; a piece that was asked for counts as missing until it is given anew."""
    return tuple(piece for piece in Piece if piece not in facts.given or piece in facts.asked)


def open_pieces(state: State, asked: Collection[str]) -> frozenset[Piece]:
    """What the applicant may change: everything at first, afterwards exactly what was asked for."""
    if state is State.APPLIED:
        return frozenset(Piece)
    return frozenset(Piece(piece) for piece in asked) if state is State.RETURNED else frozenset()


def notice_due(licence_expires_on: date, noticed_days: int | None, today: date) -> int | None:
    """Which notice (30, 7 or 1 days) is to be sent today, None where it was sent or it is too early or too late."""
    left = (licence_expires_on - today).days
    step = next((days for days in NOTICE_DAYS if 0 <= left <= days), None)
    return None if step is None or (noticed_days is not None and noticed_days <= step) else step


def typed_day(typed: str, field: str) -> date:
    """A day typed as year/month/day in digits of any script: Jalali, or Gregorian where the year is 1900 or later.

    Raises WrongDay.
    """
    found = re.fullmatch(r"\s*([0-9]{4})\s*[/.\-]\s*([0-9]{1,2})\s*[/.\-]\s*([0-9]{1,2})\s*", latin_digits(typed))
    if found is None:
        raise WrongDay(field=field)
    year, month, day = map(int, found.groups())
    try:
        return date(year, month, day) if year >= 1900 else jdatetime.date(year, month, day).togregorian()
    except ValueError:
        raise _no_such_day(year, month, field) from None


def _no_such_day(year: int, month: int, field: str) -> WrongDay:
    """Says how long the month is, which few know of Esfand."""
    if not (year and 1 <= month <= MONTHS):
        return WrongDay(field=field)
    if year >= 1900:
        return WrongDay(field=field, fault="none", last=monthrange(year, month)[1])
    is_longer = month == MONTHS and jdatetime.date(year, 1, 1).isleap()
    return WrongDay(field=field, fault="none", last=jdatetime.j_days_in_month[month - 1] + is_longer)


def typed_name(typed: str, field: str, most: int = MOST_NAME) -> str:
    """A name on one line, its letters as typed. Raises NameMissing."""
    name = " ".join(typed.split())
    if not 2 <= len(name) <= most or not re.search(r"[^\W\d_]", name):
        raise NameMissing(field=field, most=most)
    return name


def typed_address(typed: str) -> str:
    """Raises AddressTooShort."""
    address = " ".join(typed.split())
    if not LEAST_ADDRESS <= len(address) <= MOST_ADDRESS:
        raise AddressTooShort(field="address", least=LEAST_ADDRESS, most=MOST_ADDRESS)
    return address


def typed_position(lon: str, lat: str, city: tuple[float, float]) -> tuple[float, float]:
    """(longitude, latitude) in degrees, within 60 km of the city's (longitude, latitude). Raises WrongPosition, FarFromCity."""
    try:
        position = float(latin_digits(lon)), float(latin_digits(lat))
    except ValueError:
        raise WrongPosition(field="lat") from None
    if not all(isfinite(degrees) for degrees in position) or abs(position[0]) > 180 or abs(position[1]) > 90:
        raise WrongPosition(field="lat")
    if distance_km(position, city) > CITY_KM:
        raise FarFromCity(field="lat", most_km=int(CITY_KM))
    return position


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great-circle distance of two (longitude, latitude) by the haversine formula."""
    (lon1, lat1), (lon2, lat2) = (tuple(map(radians, point)) for point in (one, other))
    chord = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(chord))


def check_same_name(owner: str, legal_name: str) -> None:
    """Folded, so that another yeh or a half-space is no other name. Raises ShebaInAnotherName."""
    if not is_same_name(owner, {"fa": legal_name}):
        raise ShebaInAnotherName(field="sheba_owner", expected=legal_name)


_SIGNATURES: Mapping[bytes, tuple[str, str]] = {
    b"%PDF-": ("application/pdf", "pdf"),
    b"\xff\xd8\xff": ("image/jpeg", "jpg"),
    b"\x89PNG\r\n\x1a\n": ("image/png", "png"),
}
SUFFIXES = dict(_SIGNATURES.values())


def media_type_of(content: bytes) -> str:
    """What the first bytes say it is, whatever its name. Raises PaperIsEmpty, PaperTooLarge, PaperOfUnknownType."""
    if not content:
        raise PaperIsEmpty(field="paper")
    if len(content) > MOST_PAPER_BYTES:
        raise PaperTooLarge(field="paper", most_bytes=MOST_PAPER_BYTES)
    for signature, (media_type, _) in _SIGNATURES.items():
        if content.startswith(signature):
            return media_type
    raise PaperOfUnknownType(field="paper")


def search_text(*parts: str | None) -> str:
    """One folded line of everything a file is searched by, at most 400 characters."""
    return search_key(" ".join(part for part in parts if part))[:400]
