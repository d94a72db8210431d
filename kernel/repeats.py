"""Answers kept under the key that a client gave its request, so that a repeat is answered again and done once.

The client makes the key before its first try. What was answered is kept sealed: it may hold tokens and names. A refusal keeps
nothing, as it changed nothing: the same key may be tried again.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import LargeBinary, String, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from kernel import clock
from kernel.db import Base
from kernel.errors import DomainError
from kernel.sealing import open_sealed, seal
from kernel.settings import load_settings

PURPOSE = "kept answer"


class KeyReused(DomainError):
    """The key stands for another request of the same client."""

    code = "key_reused"
    status = 422


class KeptAnswer(Base):
    """`answer_sealed` is None while the request that took the key is at work."""

    __tablename__ = "kept_answer"

    client: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    content_digest: Mapped[bytes] = mapped_column(LargeBinary)
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    kept_until: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str


def take_key(session: Session, client: str, key: str, content: bytes, life: timedelta) -> Answer | None:
    """What was answered under this key before; None for a new key, which waits for `keep_answer` in the same transaction.

    A second request with the key waits here for the first one's end. Raises KeyReused.
    """
    digest, now = hmac.digest(load_settings().secret_key.encode(), content, "sha256"), clock.now()
    own = (KeptAnswer.client == client) & (KeptAnswer.key == key)
    session.execute(delete(KeptAnswer).where(own, KeptAnswer.kept_until <= now))
    fresh = {"client": client, "key": key, "content_digest": digest, "kept_until": now + life}
    taken = session.execute(insert(KeptAnswer).values(fresh).on_conflict_do_nothing().returning(KeptAnswer.key))
    if taken.scalar() is not None:
        return None
    kept = session.scalars(select(KeptAnswer).where(own)).one()
    if not hmac.compare_digest(kept.content_digest, digest) or kept.answer_sealed is None:
        raise KeyReused(field="Idempotency-Key")
    return msgspec.json.decode(open_sealed(PURPOSE, kept.answer_sealed, f"{client} {key}"), type=Answer)


def keep_answer(session: Session, client: str, key: str, answer: Answer) -> None:
    """Write down what the request that took the key is answered."""
    sealed = seal(PURPOSE, msgspec.json.encode(answer).decode(), f"{client} {key}")
    kept = session.get_one(KeptAnswer, (client, key))
    kept.answer_sealed = sealed


def forget_answers(session: Session) -> None:
    """Remove answers whose time is over."""
    session.execute(delete(KeptAnswer).where(KeptAnswer.kept_until <= func.now()))
