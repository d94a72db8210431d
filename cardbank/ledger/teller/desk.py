"""What lies before the teller: every request that has come and has no answer yet, in the order of arrival."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum
from typing import Protocol

from msgspec import Raw

from cardbank.ledger.posting import answer_of
from cardbank.ledger.rules.keys import answer_again
from cardbank.ledger.teller.database import sqlstate_of
from cardbank.ledger.types import Answer, EntryKind, Key, PostingRequest
from cardbank.ledger.views import StoredRequest
from cardbank.reasons import Reason

log = logging.getLogger(__name__)

REMEMBERED = 50_000  # answered keys: a terminal repeats within minutes


class Place(IntEnum):
    QUEUED = 1
    APART = 2  # in a group that is being bisected
    ASIDE = 3  # its wallet is held by another transaction
    POSTING = 4  # decided and on its way into the database: its answer is the database's
    SLOW = 5  # the same, on a session of its own


class Door(Protocol):
    """Who asked: a connection of a door."""

    def answer(self, number: int, answer: Answer | Raw) -> None: ...


class Pending:
    """One request and where it stands."""

    __slots__ = (
        "asides",
        "door",
        "followers",
        "is_unknown",
        "is_waiting",
        "must_look_up",
        "number",
        "place",
        "request",
        "reread",
        "wallet_id",
    )

    def __init__(self, request: PostingRequest, number: int, door: Door, *, must_look_up: bool) -> None:
        self.request = request
        self.number = number
        self.door = door
        self.wallet_id = request.wallet_id
        self.place = Place.QUEUED
        self.asides = 0
        self.must_look_up = must_look_up or request.repeat
        # It may stand already: until that is looked up, nobody may say that nothing was written.
        self.is_unknown = request.repeat
        self.reread = False
        self.is_waiting = True  # until it is answered
        self.followers: list[Pending] = []


class Desk:
    """Requests wait here by key: a second one with the same key, or a return of one in progress, waits for the first."""

    def __init__(self) -> None:
        self.queue: deque[Pending] = deque()
        self.groups: deque[list[Pending]] = deque()
        self.pending: dict[Key, Pending] = {}
        self.wake = asyncio.Event()
        self._answered: dict[Key, tuple[int, str, bytes]] = {}
        self._oldest: deque[Key] = deque()  # finding a dict's first key is slow where many before it were deleted

    def take_in(self, item: Pending) -> None:
        request = item.request
        original = request.original
        before = self.pending.get(request.key)
        if before is None and original is not None and original.key is not None:
            before = self.pending.get(original.key)
        if before is not None:
            before.followers.append(item)
            return
        known = self._answered.get(request.key)
        if known is not None:
            answer = answer_of(known[2])
            stored = StoredRequest(known[0], known[1], answer, answer.business_date, answer.entry_id, answer.decided_at)
            item.door.answer(item.number, answer_again(stored, request))
            return
        self.pending[request.key] = item
        self.queue.append(item)
        self.wake.set()

    def answer(self, item: Pending, answer: Answer | Raw) -> None:
        """Answer and forget; who waited for it comes next."""
        del self.pending[item.request.key]
        item.is_waiting = False
        item.door.answer(item.number, answer)
        for follower in item.followers:
            follower.must_look_up = True
            self.take_in(follower)

    def answer_posted(self, item: Pending, stored: bytes) -> None:
        """Answer what is committed, and remember it."""
        request = item.request
        if len(self._oldest) >= REMEMBERED:
            self._answered.pop(self._oldest.popleft(), None)
        self._oldest.append(request.key)
        self._answered[request.key] = (request.content_hash, request.content_time, stored)
        self.answer(item, Raw(stored))

    def answer_unavailable(self, item: Pending, now: datetime) -> None:
        """Its deadline has passed and nothing was written."""
        self.answer(item, Answer(Reason.LEDGER_UNAVAILABLE, now.date(), 0, now))

    def answer_malfunction(self, item: Pending, error: BaseException, now: datetime) -> None:
        """The one request that cannot be posted, whatever is tried; somebody must look at it."""
        key = item.request.key
        facts = {
            "error": type(error).__name__,
            "sqlstate": sqlstate_of(error),
            "source": key.source.name,
            "source_id": key.source_id,
        }
        log.error("a request cannot be posted", extra={"facts": facts})
        self.answer(item, Answer(Reason.MALFUNCTION, now.date(), 0, now))

    def next_items(self, most: int) -> list[Pending]:
        """The next group or the head of the queue, without what has been answered meanwhile."""
        if self.groups:
            group = [item for item in self.groups.popleft() if item.is_waiting]
            for item in group:
                item.place = Place.QUEUED
            return group
        queue = self.queue
        items: list[Pending] = []
        while queue and len(items) < most:
            item = queue.popleft()
            if item.is_waiting:
                items.append(item)
        return items

    def put_back(self, items: Iterable[Pending]) -> None:
        """To the head of the queue, in the order given."""
        back = [item for item in items if item.is_waiting]
        for item in back:
            item.place = Place.QUEUED
        self.queue.extendleft(reversed(back))
        if back:
            self.wake.set()

    def requeue(self, *, everything: bool = False, must_look_up: bool = False) -> None:
        """Queue again, in the order of arrival, all that is neither apart nor aside; or everything, after a lost database:
        what was on its way into it may stand there.
        """
        if everything:
            self.groups.clear()
        self.queue.clear()
        for item in self.pending.values():
            if everything or item.place in (Place.QUEUED, Place.POSTING):
                item.is_unknown |= everything and item.place >= Place.POSTING
                item.place = Place.QUEUED
                item.must_look_up |= must_look_up
                self.queue.append(item)
        self.wake.set()

    def set_apart(self, group: list[Pending]) -> None:
        for item in group:
            item.place = Place.APART
        self.groups.append(group)

    def is_behind(self, close: Pending) -> bool:
        """Whether an entry of the terminal would miss the batch that it has come for, or the number that it carries: one that
        came before and is not decided yet, or one that waits apart, aside or in the slow lane.
        """
        waiting = {Place.QUEUED, Place.APART, Place.ASIDE, Place.SLOW}
        for item in self.pending.values():
            if item is close:
                waiting.discard(Place.QUEUED)
            elif (
                item.place in waiting
                and item.request.terminal_id == close.request.terminal_id
                and item.request.kind is not EntryKind.BATCH_CLOSE
            ):
                return True
        return False

    def let_pass(self, item: Pending, seconds: float) -> None:
        """Queue it again in a moment, behind what it waits for."""
        item.place = Place.ASIDE
        asyncio.get_running_loop().call_later(seconds, self._bring_back, item)

    def _bring_back(self, item: Pending) -> None:
        if item.place is Place.ASIDE:
            self.put_back([item])

    def overdue(self, now: datetime) -> list[Pending]:
        """What has passed its deadline, is not on its way into the database, and cannot stand there already."""
        return [
            item
            for item in self.pending.values()
            if item.place < Place.POSTING and not item.is_unknown and item.request.deadline <= now
        ]
