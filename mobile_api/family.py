"""Who helps whom, and may do what."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta, Struct

from identity import helping
from identity.errors import CodeRefused, HelpingNotFound, HelpsAlready
from identity.helping import Act
from identity.permissions import Permission
from kernel.languages import in_language
from kernel.web.limits import Limit
from kernel.web.visit import Visit
from mobile_api.contract import operation
from mobile_api.holders import holder_of
from mobile_api.shapes import Id, Instant, Typed

TAG = "Family"
OWN = Permission.CARDBANK_BALANCE_VIEW
TRIES = Limit("help-code", 10)


class Help(Struct):
    """`is_mine`: it is I who help `person`; else `person` helps me."""

    help: int
    person: int
    name: str
    may: list[Act]
    since: Instant
    is_mine: bool


class Family(Struct):
    helps: list[Help]


class Allowed(Struct, forbid_unknown_fields=True):
    """`see`: cards, purses, statement and receipts; `hold`: stop a card and let it pay again; `guard`: keep the help
    card, and be told where it was shown.
    """

    may: Annotated[list[Act], Meta(min_length=1, max_length=len(Act))]


class Code(Struct):
    """To be given to who is to help; for a day, once."""

    code: str
    lives_seconds: int


class Brought(Struct, forbid_unknown_fields=True):
    code: Typed


_HELP = Help(3, 12, "علی احمدی", [Act.SEE, Act.HOLD], datetime(2026, 11, 22, 8, tzinfo=UTC), is_mine=False)


@operation("GET", "/family", tag=TAG, permission=OWN, gives=Family([_HELP]))
def family(visit: Visit) -> Family:
    """Who helps me and whom I help."""
    return Family([_help(one, visit.language) for one in helping.helps_of(visit.session, holder_of(visit))])


@operation(
    "POST", "/family/codes", tag=TAG, permission=OWN, status=201, asks=Allowed([Act.SEE]), gives=Code("7K2M-9QXD-4TBV", 86_400)
)
def allow_help(visit: Visit, body: Allowed) -> Code:
    """Let somebody help me: the code says what they may do."""
    code = helping.allow_help(visit.session, holder_of(visit), body.may)
    return Code(code, int(helping.CODE_LIFE.total_seconds()))


@operation(
    "POST", "/family", tag=TAG, permission=OWN, status=201, limit=TRIES, errors=(CodeRefused, HelpsAlready),
    asks=Brought("7K2M-9QXD-4TBV"), gives=_HELP,
)  # fmt: skip
def begin_help(visit: Visit, body: Brought) -> Help:
    """Help who made the code."""
    return _help(helping.begin_help(visit.session, holder_of(visit), body.code), visit.language)


@operation("DELETE", "/family/{helping_id}", tag=TAG, permission=OWN, status=204, errors=(HelpingNotFound,))
def end_help(visit: Visit, helping_id: Id) -> None:
    """End it, from either side."""
    helping.end_help(visit.session, holder_of(visit), helping_id)


def _help(one: helping.Help, language: str) -> Help:
    return Help(one.id, one.person_id, in_language(one.names, language), list(one.may), one.since, one.is_mine)
