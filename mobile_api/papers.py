"""What one's papers say, claimed from afar and confirmed at a desk; and the own mobile number, changed at once by a code."""

from datetime import UTC, date, datetime
from typing import Annotated

from msgspec import Meta, Struct

from identity import own_number, phone_codes
from identity.claims import queries, services
from identity.claims.errors import ClaimNotFound, ClaimOnRecord, UnknownClaimKind, WrongLastDay, WrongName
from identity.claims.queries import Claimed
from identity.errors import (
    NumberCodeRefused,
    TooManySignInTries,
    WrongDayOfBirth,
    WrongForeignCode,
    WrongMobileNumber,
    WrongNationalId,
    WrongPassportCountry,
    WrongPassportNumber,
)
from identity.permissions import Permission
from kernel.errors import NotFound
from kernel.web.limits import Limit
from kernel.web.visit import Visit
from mobile_api.contract import operation
from mobile_api.holders import holder_of
from mobile_api.me import EXAMPLE, Profile, profile_of
from mobile_api.sessions import CodeAsked
from mobile_api.shapes import Id, Instant, Text

TAG = "The person"
OWN = Permission.CARDBANK_BALANCE_VIEW
TRIES = Limit("number", 20)
WRONG = (
    UnknownClaimKind, WrongPassportNumber, WrongPassportCountry, WrongLastDay, WrongNationalId, WrongForeignCode, WrongName, WrongDayOfBirth,
    ClaimOnRecord, NotFound,
)  # fmt: skip

Name = Annotated[str, Meta(max_length=80)]


class Claim(Struct):
    """What was claimed is shown while it waits, of a number the end; `why` is the reason of a refusal."""

    claim: Id
    kind: Annotated[str, Meta(description="passport, national_id, foreign_code, names or birth_date")]
    state: Annotated[str, Meta(description="asked, confirmed, refused or withdrawn")]
    asked_at: Instant
    country: str | None
    ends_with: str | None
    expires_on: date | None
    names: dict[str, str]
    born: date | None
    why: str | None


class Claims(Struct):
    claims: list[Claim]


class Spellings(Struct, frozen=True, forbid_unknown_fields=True):
    """A language that is left empty keeps its spelling."""

    fa: Name = ""
    en: Name = ""
    ar: Name = ""
    ur: Name = ""


class NewClaim(Struct, forbid_unknown_fields=True):
    """A document has its `number`; a passport by hand its `country` (three letters) and last day too, or the printed lines alone.
    `replaces` is the `document` of `/me` that a passport takes the place of.
    """

    kind: Annotated[str, Meta(max_length=16, description="passport, national_id, foreign_code, names or birth_date")]
    number: Text = ""
    country: Text = ""
    expires_on: date | None = None
    replaces: Id | None = None
    names: Spellings = Spellings()
    born: date | None = None


class Mobile(Struct, forbid_unknown_fields=True):
    """In any form people write it: +964…, 0098…, 09…"""

    mobile: Text


class MobileCode(Struct, forbid_unknown_fields=True):
    """`token` is of the asking, `code` of the message."""

    mobile: Text
    token: Text
    code: Text


_CLAIM = Claim(
    4, "passport", "asked", datetime(2026, 11, 22, 11, 3, 52, tzinfo=UTC), "IRQ", "4321", date(2031, 5, 1), {}, None, None
)


@operation("GET", "/me/claims", tag=TAG, permission=OWN, gives=Claims([_CLAIM]))
def claims(visit: Visit) -> Claims:
    """What one has said of one's papers, the newest first, and what a desk said to it."""
    return _told(visit)


@operation(
    "POST", "/me/claims", tag=TAG, permission=OWN, status=201, errors=WRONG, gives=Claims([_CLAIM]),
    asks=NewClaim("passport", "A7654321", "IRQ", date(2031, 5, 1)),
)  # fmt: skip
def claim_paper(visit: Visit, body: NewClaim) -> Claims:
    """Say what a paper says. A desk confirms it once it has seen the paper; claimed again before, the newest is right.

    The answer is the same whoever else is on record.
    """
    holder = holder_of(visit)
    spelt = {f"name_{language}": getattr(body.names, language) for language in ("fa", "en", "ar", "ur")}
    days = {"expires_on": body.expires_on, "born": body.born}
    typed = {
        "number": body.number,
        "country": body.country,
        **spelt,
        **{name: day.isoformat() for name, day in days.items() if day},
    }
    services.claim_paper(visit.session, holder.actor, holder.person_id, body.kind, typed, body.replaces)
    return _told(visit)


@operation("POST", "/me/claims/{claim_id}/withdraw", tag=TAG, permission=OWN, errors=(ClaimNotFound,), gives=Claims([]))
def withdraw_claim(visit: Visit, claim_id: Id) -> Claims:
    """Take back what one has said, while it waits."""
    services.withdraw_claim(visit.session, holder_of(visit), claim_id)
    return _told(visit)


@operation(
    "POST", "/me/mobile", tag=TAG, permission=OWN, status=202, limit=TRIES, errors=(WrongMobileNumber, TooManySignInTries),
    asks=Mobile("09151234567"), gives=CodeAsked("mZ3k…", 6, 300),
)  # fmt: skip
def ask_number_code(visit: Visit, body: Mobile) -> CodeAsked:
    """Send a code to the new number. It proves the number and signs nobody in."""
    token = own_number.ask_number_code(visit.session, holder_of(visit), body.mobile)
    return CodeAsked(token, phone_codes.DIGITS, int(phone_codes.LIFE.total_seconds()))


@operation(
    "PUT", "/me/mobile", tag=TAG, permission=OWN, keeps_key=False, limit=TRIES, errors=(WrongMobileNumber, NumberCodeRefused),
    asks=MobileCode("09151234567", "mZ3k…", "123456"), gives=EXAMPLE,
)  # fmt: skip
def take_number(visit: Visit, body: MobileCode) -> Profile:
    """The number is the person's at once; the former one is told."""
    own_number.take_number(visit.session, holder_of(visit), body.token, body.code, body.mobile)
    return profile_of(visit)


def _told(visit: Visit) -> Claims:
    return Claims(told_of(visit, holder_of(visit).person_id))


def told_of(visit: Visit, person_id: int) -> list[Claim]:
    """What a person has claimed, the newest first."""
    return [_claim(one) for one in queries.claims_of_person(visit.session, person_id)]


def _claim(one: Claimed) -> Claim:
    said = one.said
    return Claim(
        one.id, one.kind.value, one.state.value, one.asked_at, said.country or None if said else None, one.ends_with or None,
        said.expires_on if said else None, said.names if said else {}, said.born if said else None, one.why,
    )  # fmt: skip
