"""What the operator sees of messages: never a whole address."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.messages.models import Message
from kernel.messages.services import address_digest, facts_of
from kernel.messages.texts import Facts


def messages_page(session: Session, *, to: str = "", state: str = "", before: int | None = None, limit: int) -> Sequence[Message]:
    """The newest first; those of one address, or in one state, if asked for."""
    page = select(Message).order_by(Message.id.desc()).limit(limit)
    if to:
        page = page.where(Message.to_digest == address_digest(to))
    if state:
        page = page.where(Message.state == state)
    return session.scalars(page.where(Message.id < before) if before else page).all()


def messages_to(session: Session, addresses: Iterable[str], *, limit: int) -> Sequence[Message]:
    """What was sent to any of these addresses, the newest first. One query."""
    digests = [address_digest(one) for one in addresses]
    return session.scalars(select(Message).where(Message.to_digest.in_(digests)).order_by(Message.id.desc()).limit(limit)).all()


def states_by_key(session: Session, keys: Iterable[str]) -> dict[str, str]:
    """How far messages are, by the key they were sent under."""
    rows = session.execute(select(Message.key, Message.state).where(Message.key.in_(list(keys))))
    return {str(key): state for key, state in rows}


def facts_sent_to(session: Session, to: str, notice: str) -> list[Facts]:
    """What an address was told by a notice, the newest first, as far as it is kept."""
    found = messages_page(session, to=to, limit=20)
    return [facts for one in found if one.notice == notice and (facts := facts_of(one)) is not None]
