"""The one loop that decides and posts, and what it does when a posting fails."""

import asyncio
import logging
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
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
from cardbank.ledger.types import EntryKind, Key, PostingRequest
from cardbank.ledger.views import OriginalView
from cardbank.reasons import Reason
from kernel import clock

log = logging.getLogger(__name__)

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
        self.task: asyncio.Task[None] | None = None

    @property
    def wallets(self) -> set[int]:
        return self.batch.wallets if self.batch else set()


class FlightFailed(Exception):
    """A batch was not posted, or its outcome is unknown."""

    def __init__(self, flight: Flight, error: BaseException) -> None:
        super().__init__(type(error).__name__)
        self.flight = flight
        self.error = error


class Work:
    """Decides the next batch while one is in the air. `run` ends only when it is cancelled."""

    def __init__(self, database: Database, zone: ZoneInfo) -> None:
        self.database = database
        self.desk = Desk()
        self._zone = zone
        self._views = Views(date.min)
        self._entry_ids, self._account_ids = Block(), Block()
        self._flight: Flight | None = None
        self._preparing: Flight | None = None
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
            if self._flight is not None and self._flight.task is not None:
                await asyncio.wait([self._flight.task], timeout=LAND_WITHIN)
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
        with suppress(FlightFailed):
            await self._landed()
        self._flight = self._preparing = None

    async def _serve(self) -> None:
        desk = self.desk
        while True:
            try:
                if self._flight is not None and self._flight.task is not None and self._flight.task.done():
                    await self._landed()
                if not (desk.queue or desk.groups):
                    desk.wake.clear()
                    await desk.wake.wait()
                    continue
                flight = await self._prepare()
                landed = await self._land()
                self._take_off(flight)
                if landed is not None:
                    try:
                        await asyncio.sleep(0)  # the next batch is on its way before anybody hears of the last one
                    finally:
                        self._answer(landed)
            except FlightFailed as failed:
                await self._repair(failed)

    # One batch: look up, read, decide, post.

    async def _prepare(self) -> Flight:
        flight = self._preparing = Flight(self.desk.next_items(MOST_REQUESTS))
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
        except FlightFailed:
            raise
        except Exception as error:
            raise FlightFailed(flight, error) from error
        return flight

    async def _look_up(self, flight: Flight) -> None:
        """Answer again what stands already."""
        in_air = self._flight.batch.tombstones if self._flight and self._flight.batch else set()
        look_up_all = self.now() < self._look_up_until
        wanted = [
            item
            for item in flight.items
            if look_up_all or item.must_look_up or (in_air and item.request.key in in_air)
        ]
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
        in_air = self._flight.batch if self._flight else None
        if in_air is not None and (
            any(not in_air.originals.isdisjoint(view.refs) for view in found.values())
            or any(request.original and request.original.key in in_air.tombstones for request in asking)
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
        going = []
        for item in flight.items:
            batches.stamp(item.request)  # what is put aside keeps it: no close passes what is aside
            item.wallet_id = views.miss(missing, item.request, found.get(item.request.key) if found else None)
            if item.wallet_id in self._held:
                self._held.put_aside(item)
                continue
            if item.reread:
                missing.add(item.wallet_id)
            going.append(item)
        flight.items, flight.fresh = going, missing
        if self._flight is not None and missing & self._flight.wallets:
            await self._landed()
        if missing:
            self._make_room(missing)
            await self.database.read(views.read(missing))
        shops = unknown_shops(views.shared, (item.request for item in going))
        if shops:
            await self._landed()
            await self.database.read(read_cash(views.shared, shops))
        for item in going:
            if item.request.original is not None or item.request.kind is EntryKind.EXPIRY:
                await self.database.read(views.complete(item.request, found.get(item.request.key)))

    def _make_room(self, missing: set[int]) -> None:
        needed = self._flight.wallets if self._flight else set()
        if self._preparing:
            needed = needed | {item.wallet_id for item in self._preparing.items}
        self._views.make_room(missing, needed)

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
            if (original or batch.tombstones) and self._must_wait(batch, request, original):
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
            else:
                self._open_batches.stamp(request)  # anew: this batch may have closed the terminal's
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

    @staticmethod
    def _must_wait(batch: Batch, request: PostingRequest, original: OriginalView | None) -> bool:
        """Whether what this batch already holds must be read back before the request can be decided."""
        if batch.tombstones and (
            request.key in batch.tombstones or (request.original and request.original.key in batch.tombstones)
        ):
            return True
        return original is not None and not batch.originals.isdisjoint(original.refs)

    def _take_off(self, flight: Flight) -> None:
        self._preparing = None
        if not flight.arguments:
            for item, stored in flight.answers:
                self.desk.answer(item, Raw(stored))
            return
        flight.task = asyncio.create_task(self.database.post(flight.arguments, flight.batch.closes if flight.batch else ()))
        flight.task.add_done_callback(lambda _: self.desk.wake.set())
        self._flight = flight

    def _answer(self, landed: Flight) -> None:
        for item, stored in landed.answers:
            if item.is_waiting:
                self.desk.answer_posted(item, stored)

    async def _landed(self) -> None:
        """Wait until nothing is in the air, and answer. Raises FlightFailed."""
        landed = await self._land()
        if landed is not None:
            self._answer(landed)

    async def _land(self) -> Flight | None:
        """Wait until nothing is in the air; what has landed is the caller's to answer. Raises FlightFailed."""
        flight = self._flight
        if flight is None or flight.task is None:
            return None
        if not flight.task.done():
            await asyncio.wait([flight.task])
        self._flight = None
        error = flight.task.exception()
        if error is not None:
            raise FlightFailed(flight, error)
        return flight

    # When a batch fails.

    async def _repair(self, failed: FlightFailed) -> None:
        """Drop the batch and what was decided on it, and see to it that it goes better next time. Raises a lost database."""
        if failed.flight is self._preparing and self._flight is not None:
            try:
                await self._landed()
            except FlightFailed as before:
                failed = before
        flight, error = failed.flight, failed.error
        self._evict(flight.wallets | (self._preparing.wallets if self._preparing else set()))
        self._open_batches.forget(flight.batch, self._preparing.batch if self._preparing else None)
        self._views.shared.cash_taken.clear()
        self._preparing = None
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
        self.desk.requeue()

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
        """Whoever has waited until the deadline is told so, database or not."""
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            now = self.now()
            for item in self.desk.overdue(now):
                self.desk.answer_unavailable(item, now)
