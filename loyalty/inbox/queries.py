"""What customers sent, for the desk's page of a customer and for the operator's list of what waits to be read."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.messages.services import address_digest
from kernel.sealing import open_sealed
from loyalty.inbox.models import CustomerText
from loyalty.inbox.services import WORDS


@dataclass(frozen=True, slots=True)
class Received:
    """One SMS of a customer; `words` are empty for a command."""

    command: str
    words: str
    at: datetime
    person_id: int | None


def texts_from(session: Session, number: str, *, limit: int) -> list[Received]:
    """What came from a number, the newest first. One query."""
    own = select(CustomerText).where(CustomerText.from_digest == address_digest(number))
    return [_opened(one) for one in session.scalars(own.order_by(CustomerText.at.desc()).limit(limit))]


def written_texts(session: Session, *, limit: int) -> list[Received]:
    """What people wrote that is no command, the newest first. One query."""
    written = select(CustomerText).where(CustomerText.words_sealed.is_not(None))
    return [_opened(one) for one in session.scalars(written.order_by(CustomerText.id.desc()).limit(limit))]


def _opened(one: CustomerText) -> Received:
    words = open_sealed(WORDS, one.words_sealed, one.from_digest.hex()) if one.words_sealed is not None else ""
    return Received(one.command, words, one.at, one.person_id)
