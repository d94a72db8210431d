"""The one clock. Rules get `now` as an argument; tests freeze it here."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_frozen: ContextVar[datetime | None] = ContextVar("frozen_now", default=None)


def now() -> datetime:
    """The current instant, UTC, aware."""
    return _frozen.get() or datetime.now(UTC)


@contextmanager
def frozen(instant: datetime) -> Iterator[datetime]:
    token = _frozen.set(instant)
    try:
        yield instant
    finally:
        _frozen.reset(token)
