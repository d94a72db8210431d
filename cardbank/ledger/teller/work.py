"""The one loop that decides and posts, and what it does when a posting fails."""

import asyncio
import logging
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from msgspec import Raw

from cardbank.ledger.batch import MOST_REQUESTS, Batch, Block
from cardbank.ledger.posting import TELLER, judge
from cardbank.ledger.rules.keys import answer_again, refuse_key
from cardbank.ledger.store import Views, originals, stored_requests
from cardbank.ledger.teller.batches import OpenBatches
from cardbank.ledger.teller.cash import count_cash, read_cash, unknown_shops
from cardbank.ledger.teller.database import (
    DAY_NOT_OPEN,
    HELD_ELSEWHERE,
    KEY_TAKEN,
    STALE,
    Database,
    is_lost,
    sqlstate_of,
)
from cardbank.ledger.teller.desk import Desk, Pending, Place
from cardbank.ledger.teller.held import ASIDE_FOR, HeldWallets
from cardbank.ledger.types import EntryKind, Key
from cardbank.ledger.views import OriginalView
from cardbank.reasons import Reason
from kernel import clock

log = logging.getLogger(__name__)

MOST_IN_AIR = 2  # one that the database writes, and the one it goes on with
# The life before may have answered what is repeated now without saying so.
LOOK_UP_AFTER_START = timedelta(seconds=60)
SWEEP_EVERY = 0.1
SHORTEST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
DAY_TURNS_WITHIN = 0.02
LAND_WITHIN = 1.0  # what is in the air when the teller is asked to stop
COUNTED = frozenset({EntryKind.TOP_UP, EntryKind.REVERSAL})
REREAD = frozenset(
    {
        Reason.INSUFFICIENT_FUNDS,
        Reason.INSUFFICIENT_CREDIT,
        Reason.NO_SUCH_CARD,
        Reason.INVALID_CURRENCY,
        Reason.INVALID_SHOP,
        Reason.MEMBER_LIMIT,
        Reason.MEMBER_SHOP_KIND,
    }
)


class Flight:
    """A batch from its preparation to its landing, with the answers that its commit releases."""

    def __init__(self, items: list[Pending]) -> None:
        self.items = items
        self.fresh: set[int] = set()  # wallets read for this batch
        self.batch: Batch | None = None
        self.answers: list[tuple[Pending, bytes]] = []
        self.arguments: list[Any] = []
        self.task: asyncio.Task[bytes] | None = None

    @property
    def wallets(self) -> set[int]:
        return self.batch.wallets if self.batch else set()

    @property
    def closes(self) -> list[tuple[int, int]]:
        return self.batch.closes if self.batch else []


class Work:
    """Decides the next batch while others are in the air, on what they will leave. `run` ends only when it is cancelled."""

    def __init__(self, database: Database, zone: ZoneInfo) -> None:
        self.database = database
        self.desk = Desk()
        self._zone = zone
        self._views = Views(date.min)
        self._entry_ids, self._account_ids = Block(), Block()
        self._air: list[Flight] = []
        self._failed: list[tuple[Flight, BaseException]] = []
        self._open_batches = OpenBatches()
        self._held = HeldWallets(database, self.desk, self.now, self._evict)
        self._latest = datetime.min.replace(tzinfo=UTC)
        self._look_up_until = self._latest
        self.is_ready = asyncio.Event()

    def now(self) -> datetime:
        """An instant that never steps back, whatever the clock does."""
        self._latest = max(self._latest, clock.now())
        return self._latest

    async def run(self) -> None:
        sweeping = asyncio.create_task(self._sweep())
        pause = SHORTEST_PAUSE
        try:
            while True:
                try:
                    await self._start()
                    pause = SHORTEST_PAUSE
                    await self._serve()
                except Exception as error:
                    log.log(
                        logging.WARNING if is_lost(error) else logging.ERROR,
                        "the database is lost: connecting again",
                        extra={"facts": {"error": type(error).__name__, "sqlstate": sqlstate_of(error)}},
                        exc_info=None if is_lost(error) else error,
                    )
                await self._stop()
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        finally:
            sweeping.cancel()
            await self._landed(LAND_WITHIN)
            await self._stop()

    async def _start(self) -> None:
        await self.database.connect()
        day = await self.database.open_day(self.now().astimezone(self._zone).date())
        self._views = Views(day)
        self._open_batches = OpenBatches()
        self._entry_ids, self._account_ids = Block(), Block()
        self._look_up_until = self.now() + LOOK_UP_AFTER_START
        self.desk.requeue(everything=True, must_look_up=True)
        self.is_ready.set()
        log.info(
            "the teller holds the pen",
            extra={"facts": {"epoch": self.database.epoch, "day": day.isoformat()}},
        )

    async def _stop(self) -> None:
        """Let go of the sessions; what was in the air is looked up by the next start."""
        await self.database.drop()
        await self._held.let_go()
        await self._landed()
        self._failed.clear()

    async def _serve(self) -> None:
        desk = self.desk
        while True:
            if self._failed:
                await self._landed()
                await self._repair()
            elif self._is_full or not (desk.queue or desk.groups):
                desk.wake.clear()
                await desk.wake.wait()
            else:
                await self._fly(Flight(desk.next_items(MOST_REQUESTS)))

    @property
    def _is_full(self) -> bool:
        """Nothing is decided behind the close of a terminal's batch until that stands."""
        return len(self._air) == MOST_IN_AIR or any(flight.closes for flight in self._air)

    # One batch: look up, read, decide, post.

    async def _fly(self, flight: Flight) -> None:
        try:
            await self._look_up(flight)
            found = await self._find_originals(flight)
            await self._read(flight, found)
            if self._entry_ids.left < MOST_REQUESTS:
                self._entry_ids.start(await self.database.reserve_entries())
            if self._account_ids.left < 2 * MOST_REQUESTS:
                self._account_ids.start(await self.database.reserve_accounts())
            self._decide(flight, found)
            if flight.batch is not None and not flight.batch.is_empty:
                flight.arguments = flight.batch.arguments(TELLER, self.database.epoch)
        except Exception as error:
            self._failed.append((flight, error))
        else:
            self._take_off(flight)

    async def _look_up(self, flight: Flight) -> None:
        """Answer again what stands already."""
        in_air = set[Key]().union(*(one.batch.tombstones for one in self._air if one.batch))
        look_up_all = self.now() < self._look_up_until
        wanted = [item for item in flight.items if look_up_all or item.must_look_up or (in_air and item.request.key in in_air)]
        if not wanted:
            return
        if any(item.request.key in in_air for item in wanted):
            await self._landed()
        stored = await self.database.read(stored_requests([item.request.key for item in wanted]))
        for item in wanted:
            item.must_look_up = item.is_unknown = False
            known = stored.get(item.request.key)
            if known is not None and item.is_waiting:
                self.desk.answer(item, answer_again(known, item.request))
        flight.items = [item for item in flight.items if item.is_waiting]

    async def _find_originals(self, flight: Flight) -> dict[Key, OriginalView]:
        asking = [item.request for item in flight.items if item.request.original is not None]
        if not asking:
            return {}
        found = await self.database.read(originals(asking))
        if any(
            one.batch.must_be_read_back_for(request, found.get(request.key))
            for one in self._air
            for request in asking
            if one.batch is not None
        ):
            await self._landed()
            found = await self.database.read(originals(asking))
        return found

    async def _read(self, flight: Flight, found: dict[Key, OriginalView]) -> None:
        """Read the wallets that are not cached, but never one that is in the air: that one only after it has landed."""
        views, missing, batches = self._views, set[int](), self._open_batches
        unknown = batches.missing(item.request for item in flight.items)
        if unknown:
            await self.database.read(batches.read(unknown))
        batches.stamp(item.request for item in flight.items)  # what is put aside keeps it: no close passes what is aside
        going, held = [], self._held.wallets
        for item in flight.items:
            item.wallet_id = views.miss(missing, item.request, found.get(item.request.key) if found else None)
            if item.wallet_id in held:
                self._held.put_aside(item)
                continue
            if item.reread:
                missing.add(item.wallet_id)
            going.append(item)
        flight.items, flight.fresh = going, missing
        if missing & self._wallets_in_air:
            await self._landed()
        if missing:
            views.make_room(missing, self._wallets_in_air | {item.wallet_id for item in flight.items})
            await self.database.read(views.read(missing))
        shops = unknown_shops(views.shared, (item.request for item in going))
        if shops:
            await self._landed()
            await self.database.read(read_cash(views.shared, shops))
        for item in going:
            if item.request.original is not None or item.request.kind is EntryKind.EXPIRY:
                await self.database.read(views.complete(item.request, found.get(item.request.key)))

    @property
    def _wallets_in_air(self) -> set[int]:
        return set[int]().union(*(flight.wallets for flight in self._air))

    def _decide(self, flight: Flight, found: dict[Key, OriginalView]) -> None:
        views, desk, now = self._views, self.desk, self.now()
        today = now.date()
        batch = flight.batch = Batch(views.shared.business_date, now, self._entry_ids, self._account_ids)
        later = []
        for item in flight.items:
            request = item.request
            if not item.is_waiting:
                continue
            if request.deadline <= now:
                desk.answer_unavailable(item, now)
                continue
            original = found.get(request.key) if found else None
            if (original or batch.tombstones) and batch.must_be_read_back_for(request, original):
                item.must_look_up = True
                later.append(item)
                continue
            strange = None if request.key.day == today else refuse_key(views.shared, request, now)
            if strange is not None:
                stored = batch.turn_away(request, strange)
            elif request.kind is EntryKind.BATCH_CLOSE:
                if desk.is_behind(item):
                    desk.let_pass(item, ASIDE_FOR)
                    continue
                stored = batch.add(request, None, self._open_batches.close(request, batch))
                self._open_batches.stamp(item.request for item in flight.items)  # what follows falls in the next one
            else:
                wallet = views.wallets.get(item.wallet_id)
                decision = judge(wallet, views.shared, original, request, now, self._entry_ids.next)
                if decision.reason in REREAD and not item.reread and item.wallet_id not in flight.fresh:
                    item.reread = True
                    later.append(item)
                    continue
                stored = batch.add(request, wallet, decision)
                if request.kind in COUNTED:
                    count_cash(views.shared, request, original, decision)
            item.place = Place.POSTING
            flight.answers.append((item, stored))
        desk.put_back(later)

    def _take_off(self, flight: Flight) -> None:
        if not flight.arguments:
            for item, stored in flight.answers:
                self.desk.answer(item, Raw(stored))
            return
        flight.task = asyncio.create_task(self.database.post(flight.arguments, flight.closes))
        flight.task.add_done_callback(partial(self._touch_down, flight))
        self._air.append(flight)

    def _touch_down(self, flight: Flight, task: asyncio.Task[bytes]) -> None:
        self._air.remove(flight)
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is None:
            for item, stored in flight.answers:
                if item.is_waiting:
                    self.desk.answer_posted(item, stored)
            if flight.batch is not None:
                flight.batch.take_places(task.result(), [later.batch for later in self._air if later.batch])
        else:
            self._failed.append((flight, error))
        self.desk.wake.set()

    async def _landed(self, within: float | None = None) -> None:
        """Wait until nothing is in the air."""
        if self._air:
            await asyncio.wait([flight.task for flight in self._air if flight.task], timeout=within)

    # When a batch fails.

    async def _repair(self) -> None:
        """With nothing in the air, drop what failed and what was decided on it, and see to it that it goes better next time.

        Raises a lost database.
        """
        failed, self._failed = self._failed, []
        for flight, _ in failed:
            self._evict(flight.wallets)
            self._open_batches.forget(flight.batch)
        self._views.shared.cash_taken.clear()
        for flight, error in failed:
            await self._learn_from(flight, error)
        self.desk.requeue()

    async def _learn_from(self, flight: Flight, error: BaseException) -> None:
        if is_lost(error):
            raise error
        items = [item for item in flight.items if item.is_waiting]
        state = sqlstate_of(error)
        diagnosis = error.diag if isinstance(error, psycopg.Error) else None
        if state in STALE:
            self._evict(map(int, re.findall(r"\d+", (diagnosis and diagnosis.message_detail) or "")))
        elif state == DAY_NOT_OPEN:
            await self._turn_day()
        elif state == KEY_TAKEN and diagnosis and (diagnosis.table_name or "").startswith("request"):
            for item in items:
                item.must_look_up = True
        elif state == HELD_ELSEWHERE:
            await self._set_aside(flight, items)
        else:
            self._split(items, error)

    def _evict(self, wallet_ids: Iterable[int]) -> None:
        for wallet_id in wallet_ids:
            self._views.wallets.pop(wallet_id, None)

    async def _turn_day(self) -> None:
        day = await self.database.current_day()
        if day == self._views.shared.business_date:
            await asyncio.sleep(DAY_TURNS_WITHIN)
        self._views.shared.business_date = day

    def _split(self, items: list[Pending], error: BaseException | None = None) -> None:
        """Halve what fails, until the one that cannot be posted stands alone."""
        if len(items) == 1 and error is not None:
            self.desk.answer_malfunction(items[0], error, self.now())
        elif items:
            half = (len(items) + 1) // 2
            self.desk.set_apart(items[:half])
            if items[half:]:
                self.desk.set_apart(items[half:])

    async def _set_aside(self, flight: Flight, items: list[Pending]) -> None:
        """Set aside what touches a held wallet. When none is held, a key is in progress elsewhere: find which."""
        batch = flight.batch
        accounts = {leg[2] for leg in batch.legs if leg[6] is not None} if batch else set()
        held = await self.database.held_wallets(accounts)
        if not held and len(items) > 1:
            self._split(items)
            return
        for item in items:
            if not held or item.wallet_id in held:
                self._held.put_aside(item)

    async def _sweep(self) -> None:
        """Whoever has waited until the deadline is told so, database or not; and the end of a session is seen, event or not."""
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            self.database.look()
            now = self.now()
            for item in self.desk.overdue(now):
                self.desk.answer_unavailable(item, now)
