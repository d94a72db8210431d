"""The family's card: one purse that a head shares, with limits for each member."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta, Struct

from cardbank.families import services
from cardbank.families.errors import (
    FamilyHoldsMoney,
    FamilyIsFull,
    FamilyMemberNotFound,
    FamilyNotFound,
    HasFamily,
    OnlyTheHead,
    WrongLimit,
)
from cardbank.families.queries import FamilyOf, MemberRow, family_of_person, members_of
from cardbank.families.rules import Limits as AskedLimits
from cardbank.issuing.errors import IssuingLimitReached
from cardbank.keystore.services import open_keystore
from cardbank.statements import balances
from identity.errors import CodeRefused
from identity.permissions import Permission
from identity.queries import names_of_people
from kernel import clock
from kernel.calendar import local_day
from kernel.languages import in_language
from kernel.settings import load_settings
from kernel.web.limits import Limit
from kernel.web.visit import Visit
from merchants.families import services as merchants
from merchants.rules import ShopKind
from mobile_api.contract import operation
from mobile_api.holders import holder_of
from mobile_api.shapes import Id, Instant, Rial, Typed

TAG = "Family's card"
KEEP = Permission.CARDBANK_FAMILY_KEEP
TRIES = Limit("family-code", 10)


class Limits(Struct, forbid_unknown_fields=True):
    """Null and no kinds = no limit. A month is a Jalali month; days are Tehran's."""

    day_rial: Rial | None = None
    month_rial: Rial | None = None
    kinds: list[ShopKind] = []


class Member(Struct):
    """`shows`: the head sees the single purchases. `card` is null until a desk hands one out."""

    member: int
    name: str
    is_head: bool
    is_child: bool
    shows: bool
    limits: Limits
    spent_day_rial: Rial
    spent_month_rial: Rial
    card: str | None
    since: Instant


class FamilyCard(Struct):
    """`members` are all for the head, and the own line alone for everybody else; `member` is one's own."""

    wallet: int
    member: int
    is_head: bool
    money_rial: Rial
    members: list[Member]


class JoinCode(Struct):
    """For one person, for a day, once."""

    code: str
    lives_seconds: int


class Brought(Struct, forbid_unknown_fields=True):
    code: Typed


class Child(Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(max_length=80)]


class Shows(Struct, forbid_unknown_fields=True):
    shows: bool


_LIMITS = Limits(500_000, 5_000_000, [ShopKind.BOOKS])
_MEMBER = Member(
    52, "علی احمدی", is_head=False, is_child=True, shows=True, limits=_LIMITS, spent_day_rial=120_000, spent_month_rial=900_000,
    card="936400*********3347", since=datetime(2026, 11, 22, 8, tzinfo=UTC),
)  # fmt: skip
_FAMILY = FamilyCard(44, 51, is_head=True, money_rial=8_000_000, members=[_MEMBER])
GONE = (FamilyNotFound, FamilyMemberNotFound, OnlyTheHead)


@operation("GET", "/family-card", tag=TAG, permission=KEEP, errors=(FamilyNotFound,), gives=_FAMILY)
def family_card(visit: Visit) -> FamilyCard:
    """The family that I am in."""
    return _family(visit, _own(visit))


@operation("POST", "/family-card", tag=TAG, permission=KEEP, status=201, errors=(HasFamily, IssuingLimitReached), gives=_FAMILY)
def open_family_card(visit: Visit) -> FamilyCard:
    """Open a family and become its head, with a card of its purse. Fill it by moving money to that card."""
    holder = holder_of(visit)
    services.open_family(visit.session, open_keystore(load_settings()), holder.actor, holder.person_id, visit.language)
    return _family(visit, _own(visit))


@operation(
    "POST",
    "/family-card/codes",
    tag=TAG,
    permission=KEEP,
    status=201,
    errors=(*GONE, FamilyIsFull),
    gives=JoinCode("7K2M-9QXD-4TBV", 86_400),
)
def make_family_code(visit: Visit) -> JoinCode:
    """Let somebody join."""
    code = services.new_family_code(visit.session, holder_of(visit).actor, _led(visit).wallet_id)
    return JoinCode(code, int(services.CODE_LIFE.total_seconds()))


@operation(
    "POST", "/family-card/joining", tag=TAG, permission=KEEP, status=201, limit=TRIES, errors=(CodeRefused, HasFamily, FamilyIsFull, IssuingLimitReached),
    asks=Brought("7K2M-9QXD-4TBV"), gives=_FAMILY,
)  # fmt: skip
def join_family_card(visit: Visit, body: Brought) -> FamilyCard:
    """Join the family that made the code; the card that pays from its purse is there at once."""
    holder = holder_of(visit)
    services.join_family(visit.session, open_keystore(load_settings()), holder.actor, holder.person_id, body.code, visit.language)
    return _family(visit, _own(visit))


@operation(
    "POST",
    "/family-card/children",
    tag=TAG,
    permission=KEEP,
    status=201,
    errors=(*GONE, FamilyIsFull),
    asks=Child("علی"),
    gives=_FAMILY,
)
def add_child_to_family(visit: Visit, body: Child) -> FamilyCard:
    """A child needs no telephone; a desk hands out its card."""
    merchants.add_child(visit.session, holder_of(visit).actor, _led(visit).wallet_id, body.name, visit.language)
    return _family(visit, _own(visit))


@operation(
    "PUT",
    "/family-card/members/{family_member_id}/limits",
    tag=TAG,
    permission=KEEP,
    errors=(*GONE, WrongLimit),
    asks=_LIMITS,
    gives=_FAMILY,
)
def limit_family_member(visit: Visit, family_member_id: Id, body: Limits) -> FamilyCard:
    """What a member may spend from the next payment on: in a day, in a month, and in which kinds of shops."""
    asked = AskedLimits(body.day_rial, body.month_rial, tuple(kind.value for kind in body.kinds))
    merchants.limit_member(visit.session, holder_of(visit).actor, _led(visit).wallet_id, family_member_id, asked)
    return _family(visit, _own(visit))


@operation("DELETE", "/family-card/members/{family_member_id}", tag=TAG, permission=KEEP, status=204, errors=GONE)
def remove_family_member(visit: Visit, family_member_id: Id) -> None:
    """A member goes, by the head's word or the own; their card ends and the money stays."""
    own = _own(visit)
    if not own.is_head and own.member_id != family_member_id:
        raise OnlyTheHead
    services.remove_member(visit.session, holder_of(visit).actor, own.wallet_id, family_member_id)


@operation("PUT", "/family-card/shows", tag=TAG, permission=KEEP, errors=(FamilyNotFound,), asks=Shows(shows=True), gives=_FAMILY)
def show_purchases(visit: Visit, body: Shows) -> FamilyCard:
    """Whether the head sees my single purchases; their sum the head always sees."""
    own = _own(visit)
    services.show_lines(visit.session, holder_of(visit).actor, own.wallet_id, own.member_id, shows=body.shows)
    return _family(visit, own)


@operation("DELETE", "/family-card", tag=TAG, permission=KEEP, status=204, errors=(FamilyNotFound, OnlyTheHead, FamilyHoldsMoney))
def close_family_card(visit: Visit) -> None:
    """End the family and all its cards, once its purse is empty."""
    services.close_family(visit.session, holder_of(visit).actor, _led(visit).wallet_id)


def _own(visit: Visit) -> FamilyOf:
    found = family_of_person(visit.session, holder_of(visit).person_id)
    if found is None:
        raise FamilyNotFound
    return found


def _led(visit: Visit) -> FamilyOf:
    found = _own(visit)
    if not found.is_head:
        raise OnlyTheHead
    return found


def _family(visit: Visit, own: FamilyOf) -> FamilyCard:
    now = clock.now()
    rows = members_of(visit.session, own.wallet_id, local_day(now))
    shown = [one for one in rows if own.is_head or one.member_id == own.member_id]
    names = names_of_people(visit.session, [one.person_id for one in shown if one.person_id is not None])
    return FamilyCard(
        own.wallet_id, own.member_id, own.is_head, balances(visit.session, own.wallet_id, now).money_rial,
        [_member(one, in_language(names.get(one.person_id or 0, {}), visit.language)) for one in shown],
    )  # fmt: skip


def _member(one: MemberRow, name: str) -> Member:
    limits = Limits(one.limits.day_rial, one.limits.month_rial, [ShopKind(kind) for kind in one.limits.kinds])
    return Member(
        one.member_id, name, one.is_head, one.is_child, one.shows_lines, limits, one.spent_day_rial, one.spent_month_rial,
        one.card_masked, one.joined_at,
    )  # fmt: skip
