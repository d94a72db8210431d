"""Keeping a help card, and showing it at a terminal where its holder's card has proven itself."""

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from identity.models import Person
from identity.permissions import Identity
from kernel import audit, clock
from kernel.languages import in_language
from kernel.outbox import publish
from kernel.sealing import seal
from reservations.errors import OtherEntry
from reservations.events import HelpAskedTooOften, HelpShown
from reservations.help.guarding import check_guardian
from reservations.help.models import HelpAlarm, HelpCard, HelpView
from reservations.help.queries import ALERT, alert_of, asked_since, lodging_of, view_of_key
from reservations.help.rules import HOUR, MOST_AN_HOUR, Wish, checked, told_of
from reservations.help.telling import called_by, raise_alarms

VIEWS_KEPT = timedelta(days=180)


def keep_help_card(session: Session, identity: Identity, person_id: int, wish: Wish) -> HelpCard:
    """Write the card, by its holder or a guardian, whose consent is kept with it. One that is off keeps its words for later.

    Raises NotTheirHelper, HelpFieldNeeded, WrongMobileNumber.
    """
    check_guardian(session, identity, person_id)
    wish = checked(wish)
    session.get_one(Person, person_id, with_for_update=True)
    card = session.get(HelpCard, person_id) or HelpCard(person_id=person_id)
    before = {"is_on": bool(card.is_on), "shows": card.shows or []}
    if wish.is_on and not card.is_on:
        card.agreed_by, card.agreed_at = identity.person_id, clock.now()
    card.is_on, card.shows, card.called = wish.is_on, sorted(wish.shows), wish.called
    card.leader_name, card.leader_mobile = wish.leader_name or None, wish.leader_mobile or None
    card.alert_sealed = seal(ALERT, wish.alert, str(person_id)) if wish.alert else None
    session.add(card)
    session.flush()
    audit.record(
        session, identity.actor, "keep", "help_card", person_id, before=before, after={"is_on": card.is_on, "shows": card.shows}
    )
    return card


def forget_help(session: Session, person_id: int) -> None:
    """Remove a person's help card, who looked at it, and what they were called to themselves."""
    session.execute(delete(HelpAlarm).where(HelpAlarm.person_id == person_id))
    session.execute(delete(HelpCard).where(HelpCard.person_id == person_id))
    session.execute(delete(HelpView).where(HelpView.person_id == person_id))


def forget_old_views(session: Session) -> None:
    """Where somebody was months ago is nobody's need any more."""
    session.execute(delete(HelpView).where(HelpView.viewed_at < clock.now() - VIEWS_KEPT))


@dataclass(frozen=True, slots=True)
class Asking:
    """One request of a terminal for the help card of somebody whose card has proven itself there; `language` is the terminal's."""

    key: str
    content_hash: int
    terminal_id: int
    language: str
    person_id: int | None
    viewer_id: int | None = None


@dataclass(frozen=True, slots=True)
class HelpAnswer:
    """`outcome`: shown, refused (the card is off, or there is none), too_often. `told`: word → text, of what may be shown.

    `calls_somebody`: a leader or guardian is told where; how far that is, is asked by the `view_id`.
    """

    outcome: str
    told: dict[str, str] = field(default_factory=dict, repr=False)
    calls_somebody: bool = False
    view_id: int | None = field(default=None, compare=False)


def shown_before(session: Session, asking: Asking) -> HelpAnswer | None:
    """What this very request was answered, as far as the card still allows it. Raises OtherEntry."""
    view = view_of_key(session, asking.key)
    if view is None:
        return None
    if view.content_hash != asking.content_hash or view.terminal_id != asking.terminal_id:
        raise OtherEntry
    return _answer(session, view, asking.language)


def show_help(session: Session, asking: Asking) -> HelpAnswer:
    """Show what the holder allowed, write down that it was asked for, and tell those who are to come. Raises OtherEntry.

    Terminals of nobody's card, and those that ask too often, learn nothing; of an anonymous card nothing is kept.
    """
    again = shown_before(session, asking)
    if again is not None:
        return again
    if asking.person_id is None:
        return HelpAnswer("refused")
    _lock(session, asking.terminal_id)
    again = shown_before(session, asking)
    if again is not None:
        return again
    now = clock.now()
    answered, stopped = asked_since(session, asking.terminal_id, now - HOUR)
    card = session.get(HelpCard, asking.person_id)
    is_shown = card is not None and card.is_on
    outcome = "too_often" if answered >= MOST_AN_HOUR else "shown" if is_shown else "refused"
    view = HelpView(
        key=asking.key, content_hash=asking.content_hash, person_id=asking.person_id, terminal_id=asking.terminal_id,
        viewer_id=asking.viewer_id, outcome=outcome, shown=card.shows if card and outcome == "shown" else [], viewed_at=now,
    )  # fmt: skip
    session.add(view)
    session.flush()
    if outcome == "shown" and card is not None:
        raise_alarms(session, view, called_by(session, card))
        publish(session, HelpShown(view.id))
    elif outcome == "too_often" and not stopped:
        publish(session, HelpAskedTooOften(asking.terminal_id, view.id))
    return _answer(session, view, asking.language)


def _lock(session: Session, terminal_id: int) -> None:
    """The requests of one terminal come one after the other, so that each counts those before it."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"help {terminal_id}"})


def _answer(session: Session, view: HelpView, language: str) -> HelpAnswer:
    card = session.get(HelpCard, view.person_id)
    if view.outcome != "shown" or card is None or not card.is_on:
        return HelpAnswer("refused" if view.outcome == "shown" else view.outcome)
    person = session.get_one(Person, view.person_id)
    facts = {
        "name": card.called,
        "language": person.language,
        "lodging": in_language(lodging_of(session, view.person_id, clock.now()), language),
        "leader": card.leader_name or "",
        "mobile": card.leader_mobile or "",
        "alert": alert_of(card),
    }
    called = called_by(session, card)
    calls = bool(called.people or called.addresses)
    return HelpAnswer("shown", told_of(set(card.shows) & set(view.shown), facts), calls, view.id)
