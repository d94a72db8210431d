"""Reads of letters and of how far they got."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import Session

from kernel.messages.models import Message
from loyalty.groups.models import CustomerGroup
from loyalty.letters.errors import LetterNotFound
from loyalty.letters.models import Letter, LetterRecipient


def message_key(letter_id: int, person_id: int) -> str:
    """Under which a recipient's message is sent once."""
    return f"letter {letter_id} {person_id}"


def message_keys(letter_id: int) -> Select[str]:
    """The keys of all messages of a letter, as a part of other reads."""
    key = func.concat(literal("letter "), LetterRecipient.letter_id, literal(" "), LetterRecipient.person_id)
    return select(key).where(LetterRecipient.letter_id == letter_id)


def letter_of(session: Session, organisation_id: int | None, letter_id: int, *, lock: bool = False) -> Letter:
    """Any organisation's where none is named. Raises LetterNotFound."""
    wanted = select(Letter).where(Letter.id == letter_id)
    if organisation_id is not None:
        wanted = wanted.where(Letter.organisation_id == organisation_id)
    found = session.scalar(wanted.with_for_update().execution_options(populate_existing=True) if lock else wanted)
    if found is None:
        raise LetterNotFound
    return found


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter with the name of its group, None where it went to one person."""

    letter: Letter
    group_name: str | None


def letters_page(session: Session, organisation_id: int, *, before: int | None = None, limit: int = 20) -> list[LetterRow]:
    """The newest first. One query."""
    page = (
        select(Letter, CustomerGroup.name)
        .outerjoin(CustomerGroup, CustomerGroup.id == Letter.group_id)
        .where(Letter.organisation_id == organisation_id)
        .order_by(Letter.id.desc())
        .limit(limit)
    )
    return [LetterRow(*row) for row in session.execute(page.where(Letter.id < before) if before else page)]


def proposed_letters(session: Session, organisation_id: int | None, *, limit: int = 50) -> Sequence[Letter]:
    """Those that wait for a second person, the oldest first: of an organisation, of all for the operator."""
    waiting = select(Letter).where(Letter.state == "proposed").order_by(Letter.id).limit(limit)
    return session.scalars(waiting.where(Letter.organisation_id == organisation_id) if organisation_id else waiting).all()


def fates_of(session: Session, letter_id: int) -> dict[str, int]:
    """How many recipients are how far: due, stopped or left out here, the rest as their message is. One query."""
    key = func.concat(literal("letter "), LetterRecipient.letter_id, literal(" "), LetterRecipient.person_id)
    fate = func.coalesce(Message.state, LetterRecipient.state)
    counted = (
        select(fate, func.count())
        .select_from(LetterRecipient)
        .outerjoin(Message, Message.key == key)
        .where(LetterRecipient.letter_id == letter_id)
        .group_by(fate)
    )
    return {row[0]: row[1] for row in session.execute(counted)}


def messages_of(session: Session, letter_id: int, *, before: int | None = None, limit: int = 50) -> Sequence[Message]:
    """The messages of a letter, the newest first, never with a whole address. One query."""
    page = select(Message).where(Message.key.in_(message_keys(letter_id))).order_by(Message.id.desc()).limit(limit)
    return session.scalars(page.where(Message.id < before) if before else page).all()
