"""Wallets that another transaction holds: set aside for a moment, then waited for in a slow lane, while the city goes on."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from cardbank.ledger.teller.database import (
    DAY_NOT_OPEN,
    HELD_ELSEWHERE,
    KEY_TAKEN,
    REFUSED,
    STALE,
    Database,
    is_lost,
    sqlstate_of,
)
from cardbank.ledger.teller.desk import Desk, Pending, Place

ASIDE_FOR = 0.02
PATIENCE = 3  # times aside before the slow lane
MAY_PASS = STALE | {DAY_NOT_OPEN, KEY_TAKEN, HELD_ELSEWHERE}


class HeldWallets:
    """Requests by the held wallet that they wait for, in order; a later one for the same wallet queues up behind."""

    def __init__(
        self,
        database: Database,
        desk: Desk,
        now: Callable[[], datetime],
        evict: Callable[[Iterable[int]], None],
    ) -> None:
        self._database = database
        self._desk = desk
        self._now = now
        self._evict = evict
        self._aside: dict[int, list[Pending]] = {}
        self.wallets = self._aside.keys()
        self._waiting: set[asyncio.Task[None]] = set()

    def put_aside(self, item: Pending) -> None:
        item.place = Place.ASIDE
        item.asides += 1
        if item.wallet_id not in self._aside:
            self._aside[item.wallet_id] = []
            asyncio.get_running_loop().call_later(ASIDE_FOR, self._bring_back, item.wallet_id)
        self._aside[item.wallet_id].append(item)

    def _bring_back(self, wallet_id: int) -> None:
        items = [item for item in self._aside.get(wallet_id, ()) if item.is_waiting]
        if items and items[0].asides >= PATIENCE:
            task = asyncio.create_task(self._wait_for(wallet_id))
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)
        else:
            self._aside.pop(wallet_id, None)
            self._desk.put_back(items)

    async def _wait_for(self, wallet_id: int) -> None:
        """The slow lane: lock, then decide, one request after the other."""
        self._evict([wallet_id])
        items = self._aside[wallet_id]
        try:
            while items:
                item = items.pop(0)
                if item.is_waiting:
                    await self._post(item)
        finally:
            if self._aside.get(wallet_id) is items:
                del self._aside[wallet_id]
            self._desk.put_back(items)

    async def _post(self, item: Pending) -> None:
        if item.request.cash_limit is not None:  # what the teller counts itself is decided in its one loop
            self._desk.put_back([item])
            return
        item.place = Place.SLOW
        while (patience := item.request.deadline - self._now()) > timedelta(0):
            try:
                answer = await self._database.post_slowly(item.request, self._now, patience)
            except (*REFUSED, OSError, TimeoutError) as error:
                if is_lost(error):
                    item.must_look_up = item.is_unknown = True
                    self._desk.put_back([item])
                    return
                if sqlstate_of(error) not in MAY_PASS:
                    self._desk.answer_malfunction(item, error, self._now())
                    return
                await asyncio.sleep(ASIDE_FOR)
            else:
                self._desk.answer(item, answer)
                return
        self._desk.answer_unavailable(item, self._now())

    async def let_go(self) -> None:
        """Stop waiting; what was aside is queued again by the next start."""
        for task in self._waiting:
            task.cancel()
        if self._waiting:
            await asyncio.wait(self._waiting)
        self._aside.clear()
