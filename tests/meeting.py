"""Two callers who wait for each other, so that a race is run and not hoped for."""

from threading import Condition
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import text

from kernel.db import engine

LONGEST_SECONDS = 5.0
LOOK_EVERY_SECONDS = 0.03
KEPT_AWAY = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


class Meeting:
    """Whoever comes waits until all have come, or until a lock keeps one of the others away: that is seen in the database, twice
    in a row, and not guessed from the clock. Once over, nobody waits here any more.
    """

    def __init__(self, parties: int = 2) -> None:
        self._missing = parties
        self._changed = Condition()

    def wait(self) -> None:
        with self._changed:
            self._missing -= 1
            self._changed.notify_all()
            until, seen = monotonic() + LONGEST_SECONDS, 0
            while self._missing > 0 and seen < 2 and monotonic() < until:
                if not self._changed.wait(LOOK_EVERY_SECONDS):
                    seen = seen + 1 if is_somebody_kept_away() else 0
            self._missing = 0
            self._changed.notify_all()


def is_somebody_kept_away() -> bool:
    with engine().connect() as connection:
        return bool(connection.scalar(KEPT_AWAY))


def meet(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """Two callers of a function meet behind it."""
    meeting, real = Meeting(), getattr(module, name)

    def met(*arguments: Any, **named: Any) -> Any:
        result = real(*arguments, **named)
        meeting.wait()
        return result

    monkeypatch.setattr(module, name, met)


def meet_before(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, parties: int = 2) -> None:
    """Callers of a function meet before it."""
    meeting, real = Meeting(parties), getattr(module, name)

    def met(*arguments: Any, **named: Any) -> Any:
        meeting.wait()
        return real(*arguments, **named)

    monkeypatch.setattr(module, name, met)
