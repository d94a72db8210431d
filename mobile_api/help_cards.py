"""The help card: what somebody who is lost lets any terminal show, and who looked at it."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta, Struct

from identity.errors import NotTheirHelper, WrongMobileNumber
from identity.permissions import Permission
from kernel.languages import in_language
from kernel.web.visit import Visit
from mobile_api.contract import operation
from mobile_api.holders import Whose, holder_of
from mobile_api.shapes import Id, Instant, Typed
from reservations.errors import HelpFieldNeeded
from reservations.help import queries
from reservations.help.guarding import check_guardian, wards_of
from reservations.help.queries import ViewRow
from reservations.help.rules import Shows, Wish
from reservations.help.services import keep_help_card

TAG = "Help"
OWN = Permission.CARDBANK_BALANCE_VIEW
A_PAGE = 20


class HelpCard(Struct):
    """Off until somebody says yes. Of what is written here a terminal shows only what `shows` names."""

    is_on: bool
    shows: list[Shows]
    called: str
    leader_name: str
    leader_mobile: str
    alert: str


class HelpWish(Struct, forbid_unknown_fields=True):
    """`agree`: the holder says yes, or for a child or an old person their guardian (`person` is the holder then)."""

    is_on: bool
    agree: bool
    shows: Annotated[list[Shows], Meta(max_length=len(Shows))]
    called: Typed
    leader_name: Typed
    leader_mobile: Typed
    alert: Annotated[str, Meta(max_length=200)]
    person: Id | None = None


class HelpView(Struct):
    """A terminal asked at this place. `outcome`: `shown` (the words in `shown`), `refused` while the card was off, `too_often` where the
    terminal had asked too often.
    """

    view: Id
    at: Instant
    place: str
    place_id: Id
    outcome: str
    shown: list[Shows]


class HelpViews(Struct):
    """The newest first; `next` is the `before` of the page that follows."""

    views: list[HelpView]
    next: Id | None


class Ward(Struct):
    person: Id
    name: str


class Wards(Struct):
    wards: list[Ward]


class Asked(Whose):
    before: Id | None = None


_CARD = HelpCard(True, [Shows.NAME, Shows.LEADER], "زهرا", "علی احمدی", "+989151234567", "")
_WISH = HelpWish(True, True, [Shows.NAME, Shows.LEADER], "زهرا", "علی احمدی", "09151234567", "")
_VIEW = HelpView(9, datetime(2026, 11, 26, 8, tzinfo=UTC), "کتاب‌فروشی نمونه", 12, "shown", [Shows.NAME, Shows.LEADER])


@operation("GET", "/help-card", tag=TAG, permission=OWN, errors=(NotTheirHelper,), gives=_CARD)
def help_card(visit: Visit, query: Whose) -> HelpCard:
    """One's own, or that of somebody whose guardian one is."""
    return card_of(visit, _holder(visit, query.person))


@operation(
    "PUT", "/help-card", tag=TAG, permission=OWN, errors=(NotTheirHelper, HelpFieldNeeded, WrongMobileNumber), asks=_WISH, gives=_CARD
)
def keep_help(visit: Visit, body: HelpWish) -> HelpCard:
    """Write it, and switch it on or off. One that is off keeps its words."""
    wish = Wish(body.is_on, body.agree, frozenset(body.shows), body.called, body.leader_name, body.leader_mobile, body.alert)
    person_id = _holder(visit, body.person)
    keep_help_card(visit.session, holder_of(visit), person_id, wish)
    return card_of(visit, person_id)


@operation("GET", "/help-card/views", tag=TAG, permission=OWN, errors=(NotTheirHelper,), gives=HelpViews([_VIEW], None))
def help_views(visit: Visit, query: Asked) -> HelpViews:
    """Every terminal that asked, whatever it was told."""
    rows = queries.views_of(visit.session, _holder(visit, query.person), before=query.before, limit=A_PAGE + 1)
    views = [view_of(row, visit.language) for row in rows[:A_PAGE]]
    return HelpViews(views, views[-1].view if len(rows) > A_PAGE else None)


@operation("GET", "/help-card/wards", tag=TAG, permission=OWN, gives=Wards([Ward(7, "زهرا")]))
def help_wards(visit: Visit) -> Wards:
    """Whose help card one keeps: of who made one their guardian, and of the children of the family one heads."""
    wards = wards_of(visit.session, holder_of(visit))
    return Wards([Ward(one.person_id, in_language(one.names, visit.language)) for one in wards])


def _holder(visit: Visit, person_id: int | None) -> int:
    """Raises NotTheirHelper."""
    holder = holder_of(visit)
    check_guardian(visit.session, holder, person_id or holder.person_id)
    return person_id or holder.person_id


def card_of(visit: Visit, person_id: int) -> HelpCard:
    wish = queries.wish_of(visit.session, person_id)
    return HelpCard(wish.is_on, sorted(wish.shows), wish.called, wish.leader_name, wish.leader_mobile, wish.alert)


def view_of(row: ViewRow, language: str) -> HelpView:
    view = row.view
    return HelpView(view.id, view.viewed_at, in_language(row.branch_names, language), row.place_id, view.outcome, [Shows(one) for one in view.shown])
