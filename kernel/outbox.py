"""Effects leave through a row in the same transaction; a relay delivers each at least once, in order of what is visible."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import Index, Integer, String, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from kernel import clock
from kernel.db import Base, Key

log = logging.getLogger(__name__)

Handler: TypeAlias = Callable[[Session, Any], None]

MAXIMUM_TRIES = 12


class OutboxEvent(Base):
    __tablename__ = "outbox_event"
    __table_args__ = (Index("ix_outbox_event_waiting", "id", postgresql_where=text("delivered_at IS NULL AND parked_at IS NULL")),)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    delivered_at: Mapped[datetime | None]
    parked_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(Integer, server_default="0")


class Relay:
    """Event type → handlers. `wsgi.py` registers them; handlers are idempotent."""

    def __init__(self) -> None:
        self._handlers: dict[str, tuple[type, list[Handler]]] = {}

    def on(self, event_type: type, handler: Handler) -> None:
        self._handlers.setdefault(event_type.__name__, (event_type, []))[1].append(handler)

    def deliver(self, session: Session, most: int = 100) -> int:
        """Deliver waiting events inside the caller's transaction; returns how many were taken up."""
        waiting = session.scalars(
            select(OutboxEvent)
            .where(OutboxEvent.delivered_at.is_(None), OutboxEvent.parked_at.is_(None))
            .order_by(OutboxEvent.id)
            .limit(most)
            .with_for_update(skip_locked=True)
        ).all()
        for event in waiting:
            self._deliver_one(session, event)
        return len(waiting)

    def _deliver_one(self, session: Session, event: OutboxEvent) -> None:
        try:
            with session.begin_nested():
                event_type, handlers = self._handlers.get(event.name, (dict, []))
                for handler in handlers:
                    handler(session, msgspec.convert(event.payload, event_type, strict=False))
        except Exception:
            event.tries += 1
            event.parked_at = clock.now() if event.tries >= MAXIMUM_TRIES else None
            log.exception("outbox event %s %s failed, try %s", event.id, event.name, event.tries)
        else:
            event.delivered_at = clock.now()


def publish(session: Session, event: Any) -> None:
    """Put a frozen dataclass into the outbox of this transaction."""
    session.add(OutboxEvent(name=type(event).__name__, payload=msgspec.to_builtins(event)))
