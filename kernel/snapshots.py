"""Snapshots of slow-moving facts (terminal, contract, programme, card), kept per process and evicted by NOTIFY."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

CHANNEL = "pilgrim_changed"


def announce(session: Session, topic: str, key: object) -> None:
    """Tell every process, when this transaction commits, that its snapshot of `topic` `key` is stale."""
    session.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": CHANNEL, "payload": f"{topic}:{key}"})


class SnapshotCache:
    """(topic, key) → snapshot. The owner of the process feeds `evict` from LISTEN and calls `clear` after a lost connection."""

    def __init__(self, most: int = 200_000) -> None:
        self._kept: dict[tuple[str, str], Any] = {}
        self._most = most
        self._epoch = 0

    def get(self, topic: str, key: object) -> Any | None:
        return self._kept.get((topic, str(key)))

    def load(self, topic: str, key: object, read: Callable[[], Any]) -> Any:
        """The kept snapshot, or the one that `read` brings; what was evicted while reading is not kept."""
        kept = self.get(topic, key)
        if kept is not None:
            return kept
        epoch = self._epoch
        value = read()
        if value is not None and epoch == self._epoch:
            if len(self._kept) >= self._most:
                self._kept.clear()
            self._kept[topic, str(key)] = value
        return value

    def evict(self, payload: str) -> None:
        """Drop what a NOTIFY payload `topic:key` names."""
        topic, _, key = payload.partition(":")
        self._epoch += 1
        self._kept.pop((topic, key), None)

    def clear(self) -> None:
        self._epoch += 1
        self._kept.clear()
