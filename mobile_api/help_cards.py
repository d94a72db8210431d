"""The help card: what somebody who is lost lets any terminal show, and who looked at it."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from identity.errors import NotTheirHelper, WrongMobileNumber
from identity.permissions import Permission
from kernel.errors import NotFound
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
from reservations.help.telling import Told, alarms_of, look_again_after, see_alarm, told_of_views

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


class HelpTold(Struct):
    """One way by which somebody is told: `to` is a part of the address, empty for the app. `state` is the message's (`waiting`, `sent`,
    `delivered`, `failed`, `expired`, `refused`), or of the app `unseen` and `seen`.
    """

    way: Literal["sms", "email", "app"]
    to: str
    state: str


class HelpView(Struct):
    """A terminal asked at this place. `outcome`: `shown` (the words in `shown`), `refused` while the card was off, `too_often` where the
    terminal had asked too often. `told`: how far those are who were called.
    """

    view: Id
    at: Instant
    place: str
    place_id: Id
    outcome: str
    shown: list[Shows]
    told: list[HelpTold]


class HelpAlarm(Struct):
    """Somebody is called to a place where a help card was shown: its leader, or a guardian."""

    alarm: Id
    called: str
    at: Instant
    place: str
    place_id: Id
    seen_at: Instant | None


class HelpAlarms(Struct):
    """Of the last day, the newest first. The app asks again after `next_seconds`: often for who may be called."""

    alarms: list[HelpAlarm]
    next_seconds: int


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
_VIEW = HelpView(
    9,
    datetime(2026, 11, 26, 8, tzinfo=UTC),
    "کتاب‌فروشی نمونه",
    12,
    "shown",
    [Shows.NAME, Shows.LEADER],
    [HelpTold("sms", "+98915•••••67", "delivered"), HelpTold("app", "", "seen")],
)
_ALARM = HelpAlarm(9, "زهرا", datetime(2026, 11, 26, 8, tzinfo=UTC), "کتاب‌فروشی نمونه", 12, None)


@operation("GET", "/help-card", tag=TAG, permission=OWN, errors=(NotTheirHelper,), gives=_CARD)
def help_card(visit: Visit, query: Whose) -> HelpCard:
    """One's own, or that of somebody whose guardian one is."""
    return card_of(visit, _holder(visit, query.person))


@operation(
    "PUT",
    "/help-card",
    tag=TAG,
    permission=OWN,
    errors=(NotTheirHelper, HelpFieldNeeded, WrongMobileNumber),
    asks=_WISH,
    gives=_CARD,
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
    person_id = _holder(visit, query.person)
    rows = queries.views_of(visit.session, person_id, before=query.before, limit=A_PAGE + 1)
    told = told_of_views(visit.session, person_id, [row.view for row in rows[:A_PAGE]])
    views = [view_of(row, visit.language, told.get(row.view.id, [])) for row in rows[:A_PAGE]]
    return HelpViews(views, views[-1].view if len(rows) > A_PAGE else None)


@operation("GET", "/help-card/wards", tag=TAG, permission=OWN, gives=Wards([Ward(7, "زهرا")]))
def help_wards(visit: Visit) -> Wards:
    """Whose help card one keeps: of who made one their guardian, and of the children of the family one heads."""
    wards = wards_of(visit.session, holder_of(visit))
    return Wards([Ward(one.person_id, in_language(one.names, visit.language)) for one in wards])


@operation("GET", "/help-card/alarms", tag=TAG, permission=OWN, gives=HelpAlarms([_ALARM], 8))
def help_alarms(visit: Visit) -> HelpAlarms:
    """To whom one is called: while the app is open it asks, so that an alarm stands on the screen within ten seconds."""
    holder = holder_of(visit)
    alarms = [
        HelpAlarm(one.view_id, one.called, one.viewed_at, in_language(one.branch_names, visit.language), one.place_id, one.seen_at)
        for one in alarms_of(visit.session, holder.person_id)
    ]
    return HelpAlarms(alarms, int(look_again_after(visit.session, holder).total_seconds()))


@operation("POST", "/help-card/alarms/{alarm_id}/seen", tag=TAG, permission=OWN, errors=(NotFound,), status=204)
def see_help_alarm(visit: Visit, alarm_id: Id) -> None:
    """Who called sees that it has been seen."""
    see_alarm(visit.session, holder_of(visit), alarm_id)


def _holder(visit: Visit, person_id: int | None) -> int:
    """Raises NotTheirHelper."""
    holder = holder_of(visit)
    check_guardian(visit.session, holder, person_id or holder.person_id)
    return person_id or holder.person_id


def card_of(visit: Visit, person_id: int) -> HelpCard:
    wish = queries.wish_of(visit.session, person_id)
    return HelpCard(wish.is_on, sorted(wish.shows), wish.called, wish.leader_name, wish.leader_mobile, wish.alert)


def view_of(row: ViewRow, language: str, told: list[Told] | None = None) -> HelpView:
    view, ways = row.view, [HelpTold(one.way, one.shown, one.state) for one in told or []]  # type: ignore[arg-type] # channels, and the app
    return HelpView(
        view.id,
        view.viewed_at,
        in_language(row.branch_names, language),
        row.place_id,
        view.outcome,
        [Shows(one) for one in view.shown],
        ways,
    )
