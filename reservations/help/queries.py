"""Reads of help cards and of who looked at them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from identity.models import Person
from kernel.languages import in_language
from kernel.sealing import open_sealed
from merchants.models import Branch, Terminal
from merchants.queries import TerminalRow, terminals_by_id
from reservations.bookings.models import Booking
from reservations.bookings.rules.states import State
from reservations.help.models import HelpCard, HelpView
from reservations.help.rules import Shows, Wish, first_name
from reservations.lodging.models import Lodging

ALERT = "help card"
SOON = timedelta(days=1)  # whose house is told before the guest has arrived there


def card_of(session: Session, person_id: int) -> HelpCard | None:
    return session.get(HelpCard, person_id)


def wish_of(session: Session, person_id: int) -> Wish:
    """What the card says now; of who has none, an empty one that is off."""
    card = card_of(session, person_id)
    if card is None:
        person = session.get_one(Person, person_id)
        called = first_name(in_language(person.names, person.language))
        return Wish(False, False, frozenset({Shows.NAME, Shows.LANGUAGE, Shows.LEADER}), called, "", "", "")
    return Wish(
        card.is_on,
        card.is_on,
        frozenset(map(Shows, card.shows)),
        card.called,
        card.leader_name or "",
        card.leader_mobile or "",
        alert_of(card),
    )


def alert_of(card: HelpCard) -> str:
    return open_sealed(ALERT, card.alert_sealed, str(card.person_id)) if card.alert_sealed else ""


def lodging_of(session: Session, person_id: int, now: datetime) -> dict[str, str]:
    """The names of the house where the person stays now, or arrives within a day."""
    own = or_(Booking.person_id == person_id, Booking.maker_id == person_id)
    stays = (
        select(Lodging.names)
        .join(Booking, Booking.lodging_id == Lodging.id)
        .where(own, Booking.state.in_((State.ARRIVED, State.CONFIRMED)), Booking.starts_at < now + SOON, Booking.ends_at > now)
        .order_by(Booking.state != State.ARRIVED, Booking.person_id != person_id, Booking.starts_at)
    )
    return session.scalar(stays.limit(1)) or {}


def view_of_key(session: Session, key: str) -> HelpView | None:
    return session.scalar(select(HelpView).where(HelpView.key == key))


def asked_since(session: Session, terminal_id: int, since: datetime) -> tuple[int, int]:
    """How often a terminal asked and was answered, and how often it was stopped."""
    stopped = HelpView.outcome == "too_often"
    counts = select(func.count().filter(~stopped), func.count().filter(stopped))
    row = session.execute(counts.where(HelpView.terminal_id == terminal_id, HelpView.viewed_at > since)).one()
    return row[0], row[1]


@dataclass(frozen=True, slots=True)
class ViewRow:
    """A view with the place of its terminal."""

    view: HelpView
    branch_names: dict[str, str]
    place_id: int


def views_of(session: Session, person_id: int, *, before: int | None = None, limit: int = 20) -> list[ViewRow]:
    """Who asked for a person's help card, the newest first. One query; `before` is the id of the last one seen."""
    rows = (
        select(HelpView, Branch.names, Branch.place_id)
        .join(Terminal, Terminal.id == HelpView.terminal_id)
        .join(Branch, Branch.id == Terminal.branch_id)
        .where(HelpView.person_id == person_id)
    )
    if before is not None:
        rows = rows.where(HelpView.id < before)
    found = session.execute(rows.order_by(HelpView.id.desc()).limit(limit))
    return [ViewRow(view, names, place_id) for view, names, place_id in found]


def view_row(session: Session, view_id: int) -> ViewRow | None:
    view = session.get(HelpView, view_id)
    return (
        next((one for one in views_of(session, view.person_id, before=view_id + 1, limit=1) if one.view.id == view_id), None)
        if view
        else None
    )


@dataclass(frozen=True, slots=True)
class AskingTerminal:
    """How often a terminal asked in a while: was told, was refused, was stopped."""

    terminal: TerminalRow
    shown: int
    refused: int
    too_often: int


def asking_terminals(session: Session, since: datetime, most: int = 50) -> list[AskingTerminal]:
    """Terminals that asked for help cards, those that were stopped first. No person stands in it. Two queries."""
    count = {word: func.count().filter(HelpView.outcome == word) for word in ("shown", "refused", "too_often")}
    rows = session.execute(
        select(HelpView.terminal_id, *count.values())
        .where(HelpView.viewed_at > since)
        .group_by(HelpView.terminal_id)
        .order_by(count["too_often"].desc(), func.count().desc(), HelpView.terminal_id)
        .limit(most)
    ).all()
    terminals = _terminals(session, [row[0] for row in rows])
    return [AskingTerminal(terminals[row[0]], row[1], row[2], row[3]) for row in rows]


def _terminals(session: Session, terminal_ids: Collection[int]) -> dict[int, TerminalRow]:
    return terminals_by_id(session, terminal_ids) if terminal_ids else {}
