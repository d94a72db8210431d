"""Who comes when somebody is lost: the alarm in their app and pages, the messages beside it, and how far each of them is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, false, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from identity.models import Person
from identity.permissions import Identity
from kernel import audit, clock
from kernel.errors import NotFound
from kernel.messages.queries import states_by_key
from kernel.messages.rules import Channel, channel_of, shown
from kernel.messages.services import address_digest, is_open
from merchants.models import Branch, Terminal
from reservations.help.guarding import guardians, wards_of
from reservations.help.models import HelpAlarm, HelpCard, HelpView

RINGS = timedelta(hours=24)  # who has not looked by then was told by other ways
WRITTEN_BY = timedelta(minutes=5)
OFTEN, SELDOM = timedelta(seconds=8), timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Somebody is called to where a help card was shown. `called` is what the holder is called."""

    view_id: int
    called: str
    viewed_at: datetime
    branch_names: dict[str, str]
    place_id: int
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """One way by which somebody is told: `sms` or `email` to an address (`shown` in part), or the `app`. `state` is the message's, or
    unseen and seen of the app.
    """

    way: str
    shown: str
    state: str


@dataclass(frozen=True, slots=True)
class Called:
    """Who is called by a card: `people` on record, who are the guardians and whoever has the leader's number, and the addresses beside the
    app, each with its language: the leader's number in the holder's, all others in that of their person, e-mail where it is confirmed.
    """

    people: tuple[int, ...]
    addresses: dict[str, str]


def called_by(session: Session, card: HelpCard) -> Called:
    ids = {*guardians(session, card.person_id), card.person_id}
    known = session.scalars(select(Person).where(Person.id.in_(ids) | _has_number(card.leader_mobile)).order_by(Person.id)).all()
    people = [one for one in known if one.id != card.person_id]
    addresses = {one.email: one.language for one in people if one.email} if is_open(Channel.EMAIL) else {}
    addresses |= {one.mobile: one.language for one in people if one.mobile}
    if card.leader_mobile:
        addresses[card.leader_mobile] = next(one.language for one in known if one.id == card.person_id)
    return Called(tuple(one.id for one in people), addresses)


def _has_number(mobile: str | None) -> ColumnElement[bool]:
    """Nobody, where the card names no leader: that is no number which people without one have."""
    return Person.mobile == mobile if mobile else false()


def raise_alarms(session: Session, view: HelpView, called: Called) -> None:
    """Written with the view, so that no message has to be waited for."""
    if called.people:
        session.execute(insert(HelpAlarm).values([{"view_id": view.id, "person_id": person_id} for person_id in called.people]))


def message_key(view_id: int, address: str) -> str:
    return f"help-{view_id}-{address_digest(address).hex()[:16]}"


def alarms_of(session: Session, person_id: int) -> list[Alarm]:
    """Those of the last day, the newest first. One query."""
    rows = session.execute(
        select(HelpAlarm.view_id, HelpCard.called, HelpView.viewed_at, Branch.names, Branch.place_id, HelpAlarm.seen_at)
        .join(HelpView, HelpView.id == HelpAlarm.view_id)
        .join(HelpCard, HelpCard.person_id == HelpView.person_id)
        .join(Terminal, Terminal.id == HelpView.terminal_id)
        .join(Branch, Branch.id == Terminal.branch_id)
        .where(HelpAlarm.person_id == person_id, HelpView.viewed_at > clock.now() - RINGS, HelpCard.is_on)
        .order_by(HelpAlarm.view_id.desc())
        .limit(10)
    )
    return [Alarm(*row) for row in rows]


def look_again_after(session: Session, identity: Identity) -> timedelta:
    """How soon the app asks for alarms again: often for who may be called, so that it shows one within seconds, seldom for all others."""
    mobile = session.scalar(select(Person.mobile).where(Person.id == identity.person_id))
    leads = HelpCard.is_on & (HelpCard.leader_mobile == mobile) & (HelpCard.person_id != identity.person_id)
    if mobile is not None and session.scalar(select(exists().where(leads))):
        return OFTEN
    wards = [one.person_id for one in wards_of(session, identity)]
    is_called = bool(wards) and session.scalar(select(exists().where(HelpCard.is_on & HelpCard.person_id.in_(wards))))
    return OFTEN if is_called else SELDOM


def see_alarm(session: Session, identity: Identity, view_id: int) -> None:
    """Somebody who is called has seen it; told twice, the first time counts. Raises NotFound for another's."""
    alarm = session.get(HelpAlarm, (view_id, identity.person_id), with_for_update=True, populate_existing=True)
    if alarm is None:
        raise NotFound(view=view_id)
    if alarm.seen_at is None:
        alarm.seen_at = clock.now()
        audit.record(session, identity.actor, "see", "help alarm", view_id)


def told_of_views(session: Session, person_id: int, views: Collection[HelpView]) -> dict[int, list[Told]]:
    """How far those are who are told of what was shown of one person's card, by view: by the addresses of now, never given as a whole."""
    card, shown_ones = session.get(HelpCard, person_id), [one for one in views if one.outcome == "shown"]
    if card is None or not shown_ones:
        return {}
    addresses = called_by(session, card).addresses
    states = states_by_key(session, [message_key(one.id, address) for one in shown_ones for address in addresses])
    told: dict[int, list[Told]] = {one.id: [] for one in shown_ones}
    for alarm in session.scalars(
        select(HelpAlarm).where(HelpAlarm.view_id.in_(told)).order_by(HelpAlarm.view_id, HelpAlarm.person_id)
    ):
        told[alarm.view_id].append(Told("app", "", "seen" if alarm.seen_at else "unseen"))
    for one in shown_ones:
        state = {address: states.get(message_key(one.id, address), _unwritten(one)) for address in addresses}
        told[one.id] += [Told(channel_of(address).value, shown(address), known) for address, known in state.items() if known]
    return told


def _unwritten(view: HelpView) -> str:
    """A message that nobody has written yet is on its way; later its address is a newer one, to which nothing was sent."""
    return "waiting" if view.viewed_at > clock.now() - WRITTEN_BY else ""


def told_by_viewer(session: Session, viewer_id: int, view_id: int) -> list[Told]:
    """The same for who asked at a till, while it is news. Raises NotFound for what another asked, and for what is long ago."""
    view = session.get(HelpView, view_id)
    if view is None or view.viewer_id != viewer_id or view.outcome != "shown" or view.viewed_at < clock.now() - RINGS:
        raise NotFound(view=view_id)
    return told_of_views(session, view.person_id, [view]).get(view_id, [])
