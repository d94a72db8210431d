"""The person: who they are here, how they are spoken to, and what was said to them."""

from datetime import UTC, date, datetime
from typing import Literal

from msgspec import Struct

from identity import profiles
from identity.permissions import Permission
from identity.queries import notices_of
from kernel.calendar import Calendar
from kernel.errors import NotFound
from kernel.web.visit import Visit
from mobile_api.contract import operation
from mobile_api.holders import holder_of
from mobile_api.shapes import Id, Instant

TAG = "The person"
# Whoever holds a card reads and keeps the own person with the same right.
OWN = Permission.CARDBANK_BALANCE_VIEW


class Document(Struct):
    """Of the number only the end; `expires_on` once a desk has confirmed it."""

    document: Id
    kind: str
    country: str
    ends_with: str
    expires_on: date | None


class Profile(Struct):
    """`name` is that of `names` in the person's language. `calendar` is the one chosen for dates; null goes by the language, which is
    Jalali for Persian and Gregorian else. Of the mobile number only the end.
    """

    person: int
    name: str
    names: dict[str, str]
    language: str
    calendar: Calendar | None
    mobile_ends_with: str | None
    birth_date: date | None
    documents: list[Document]


class Language(Struct, forbid_unknown_fields=True):
    language: Literal["fa", "en", "ar", "ur"]


class Dates(Struct, forbid_unknown_fields=True):
    calendar: Calendar | None


class Notice(Struct):
    kind: str
    at: Instant


class Notices(Struct):
    notices: list[Notice]


EXAMPLE = Profile(
    7,
    "زهرا احمدی",
    {"fa": "زهرا احمدی", "en": "Zahra Ahmadi"},
    "fa",
    None,
    "4567",
    None,
    [Document(3, "passport", "IRQ", "4321", date(2031, 5, 1))],
)


@operation("GET", "/me", tag=TAG, permission=OWN, gives=EXAMPLE)
def profile(visit: Visit) -> Profile:
    """Who the person is here."""
    return profile_of(visit)


@operation("PUT", "/me/language", tag=TAG, permission=OWN, asks=Language("fa"), gives=EXAMPLE)
def choose_language(visit: Visit, body: Language) -> Profile:
    """The language of messages, receipts and pages from now on."""
    profiles.choose_language(visit.session, holder_of(visit), body.language)
    return profile_of(visit)


@operation("PUT", "/me/calendar", tag=TAG, permission=OWN, asks=Dates(Calendar.LUNAR), gives=EXAMPLE)
def choose_calendar(visit: Visit, body: Dates) -> Profile:
    """The calendar of dates on pages from now on; the API itself writes every date as ISO 8601."""
    profiles.choose_calendar(visit.session, holder_of(visit), body.calendar)
    return profile_of(visit)


@operation(
    "GET", "/notices", tag=TAG, permission=OWN, gives=Notices([Notice("password_changed", datetime(2026, 11, 22, 8, tzinfo=UTC))])
)
def notices(visit: Visit) -> Notices:
    """What the holder of the sign-in is told of its protection, newest first."""
    return Notices([Notice(one.kind, one.at) for one in notices_of(visit.session, holder_of(visit).sign_in_id)])


def profile_of(visit: Visit) -> Profile:
    """The visitor's own. Raises NotFound for who is gone."""
    found = profiles.profile_of(visit.session, holder_of(visit))
    if found is None:
        raise NotFound
    documents = [Document(one.id, one.kind, one.country, one.ends_with, one.expires_on) for one in found.documents]
    return Profile(
        found.person_id,
        found.name,
        found.names,
        found.language,
        found.calendar,
        found.mobile_end or None,
        found.birth_date,
        documents,
    )
