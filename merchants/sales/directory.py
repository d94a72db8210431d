"""Snapshots of terminals and cards for one process: read once, dropped when their change is announced."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from cardbank.cards import queries as cards
from cardbank.cards.rules import CardProfile
from kernel import clock
from kernel.snapshots import SnapshotCache
from merchants.queries import terminal_profile
from merchants.rules import TerminalProfile

T = TypeVar("T")


class Runner(Protocol):
    """Runs work in a unit of work of its own, off the event loop."""

    async def __call__(self, work: Callable[[Session], T]) -> T: ...


class AsyncSnapshots(SnapshotCache):
    """The cache for an event loop: what was evicted while it was being read is used once and not kept."""

    async def fetch(self, topic: str, key: object, read: Callable[[], Awaitable[T]]) -> T:
        kept: T | None = self.get(topic, key)
        if kept is not None:
            return kept
        epoch = self._epoch
        value = await read()
        if epoch == self._epoch:
            self.load(topic, key, lambda: value)
        return value


class Directory:
    """Who a terminal code and a card claim stand for."""

    def __init__(self, snapshots: AsyncSnapshots, run: Runner) -> None:
        self._snapshots = snapshots
        self._run = run

    async def terminal(self, code: str) -> TerminalProfile | None:
        """The terminal as it stands; None when nobody opened it."""
        kept: TerminalProfile | None = self._snapshots.get("terminal", code)
        if kept is not None and kept.valid_until is not None and kept.valid_until <= clock.now():
            self._snapshots.evict(f"terminal:{code}")
        return await self._snapshots.fetch("terminal", code, lambda: self._run(lambda session: terminal_profile(session, code)))

    async def card(self, card_id: int) -> CardProfile | None:
        return await self._snapshots.fetch("card", card_id, lambda: self._run(lambda session: cards.card_profile(session, card_id)))

    async def card_by_number(self, index: bytes) -> CardProfile | None:
        return await self._card_by("number", index, lambda session: cards.find_by_number_index(session, index))

    async def card_by_uid(self, uid: bytes) -> CardProfile | None:
        return await self._card_by("uid", uid, lambda session: cards.find_by_uid(session, uid))

    async def card_by_challenge(self, challenge_id: bytes) -> CardProfile | None:
        return await self._card_by("challenge", challenge_id, lambda session: cards.card_of_challenge(session, challenge_id))

    def remember_challenge(self, challenge_id: bytes, card_id: int) -> None:
        """The pair never changes, so that the answer that follows needs no read."""
        self._snapshots.load("challenge", challenge_id.hex(), lambda: card_id)

    async def _card_by(self, topic: str, name: bytes, find: Callable[[Session], CardProfile | None]) -> CardProfile | None:
        """What names a card never comes to name another one, so the pair is kept and the card's state looked up by id."""
        card_id = self._snapshots.get(topic, name.hex())
        if card_id is not None:
            return await self.card(card_id)
        found = await self._run(find)
        if found is not None:
            self._snapshots.load(topic, name.hex(), lambda: found.card_id)
        return found
