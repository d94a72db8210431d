"""Load on the teller from a process of its own: a fixed number of taps in flight, the next one when one is answered.

The requests are encoded beforehand, so that on a small machine the load costs as little as it can.
"""

import argparse
import asyncio
import json
import random
import secrets
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import cast

import uvloop
from msgspec import Raw, Struct
from msgspec.msgpack import Decoder, Encoder

from cardbank.ledger.types import (
    RIAL,
    AccountKind,
    Earn,
    EntryKind,
    Key,
    PostingRequest,
    Source,
    Tender,
    Terms,
)
from cardbank.ledger.wire import Frames

LOT_DAYS = 90
MOST = 10**12


class Outcome(Struct, array_like=True):
    """Only the first field of an Answer."""

    reason: int


_outcomes = Decoder(list[tuple[int, Outcome]]).decode
_encode = Encoder().encode


class Taps:
    """Random requests on `count` consecutive wallets."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._cards = range(arguments.first_card, arguments.first_card + arguments.cards)
        self._shops = range(arguments.first_shop, arguments.first_shop + arguments.shops)
        self._programme = arguments.programme
        self._mix = arguments.mix
        self._random = random.Random()
        self._run = secrets.token_hex(4)
        self._now = datetime.now(UTC)
        self._deadline = self._now + timedelta(hours=1)
        self._day = self._now.replace(hour=20, minute=30, second=0, microsecond=0)
        self._shared = self._earn(self._day + timedelta(days=LOT_DAYS))

    def _earn(self, until: datetime) -> tuple[Earn, ...]:
        money = frozenset({AccountKind.MONEY})
        opened = self._day - timedelta(days=2)
        terms = Terms(AccountKind.CREDIT_LOT, self._programme, self._programme, None, opened, until)
        return (Earn(self._programme, 1, 500, 0, frozenset(), money, MOST, terms),)

    def purchase(self, number: int) -> PostingRequest:
        """A plain tap earns into the wallet's shared lot; of the mix, 30 % spend a lot and 10 % open one."""
        kind = self._random.random() if self._mix else 1.0
        tender: tuple[Tender, ...] = ()
        earn = self._shared
        if kind < 0.3:
            tender = (
                Tender(AccountKind.CREDIT_LOT, None, 2_000, False),
                Tender(AccountKind.MONEY, None, None, False),
            )
        elif kind < 0.4:
            earn = self._earn(self._day + timedelta(days=LOT_DAYS, seconds=1 + self._random.randrange(10**6)))
        return self._request(number, EntryKind.PURCHASE, self._random.choice(self._cards), 100_000, tender, earn)

    def top_up(self, number: int) -> PostingRequest:
        return self._request(number, EntryKind.TOP_UP, self._cards[number], 10**11, (), ())

    def _request(
        self,
        number: int,
        kind: EntryKind,
        wallet: int,
        amount: int,
        tender: tuple[Tender, ...],
        earn: tuple[Earn, ...],
    ) -> PostingRequest:
        key = Key(self._now.date(), Source.TERMINAL, number % 5_000, f"{self._run}{number:x}")
        shop = self._random.choice(self._shops) if kind is EntryKind.PURCHASE else None
        return PostingRequest(
            key, number, kind, wallet, 1, wallet, shop, number % 5_000, 1, RIAL, amount, self._now, self._deadline,
            tender=tender, earn=earn, content_time="1122093000",
        )  # fmt: skip


class Load(asyncio.Protocol):
    """Keeps `in_flight` requests under way for `seconds`, or until the prepared ones are used up."""

    def __init__(self, requests: list[bytes], in_flight: int, seconds: float, done: asyncio.Event) -> None:
        self._requests = [Raw(request) for request in requests]
        self._in_flight = in_flight
        self._seconds = seconds
        self._done = done
        self._frames = Frames()
        self._sent_at: list[float] = []
        self._answered = 0
        self.reasons: Counter[int] = Counter()
        self.waits: list[float] = []
        self.took = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._begin = time.perf_counter()
        self._send(self._in_flight)

    def connection_lost(self, error: Exception | None) -> None:
        self._done.set()

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        for body in self._frames.feed(data):
            outcomes = _outcomes(body)
            for number, outcome in outcomes:
                self.reasons[outcome.reason] += 1
                self.waits.append(now - self._sent_at[number])
            self._answered += len(outcomes)
            if now - self._begin < self._seconds and len(self._sent_at) < len(self._requests):
                self._send(len(outcomes))
        if self._answered == len(self._sent_at):
            self.took = now - self._begin
            self._done.set()

    def _send(self, count: int) -> None:
        first = len(self._sent_at)
        batch = list(enumerate(self._requests[first : first + count], first))
        self._sent_at += [time.perf_counter()] * len(batch)
        body = _encode(batch)
        self._transport.write(len(body).to_bytes(4, "big") + body)


async def drive(arguments: argparse.Namespace, requests: list[bytes]) -> dict[str, object]:
    done = asyncio.Event()
    load = Load(requests, arguments.in_flight, arguments.seconds, done)
    transport, _ = await asyncio.get_running_loop().create_unix_connection(lambda: load, arguments.socket)
    await done.wait()
    transport.close()
    waits = sorted(load.waits)
    answered = len(waits)
    return {
        "answered": answered,
        "approved": load.reasons[0],
        "reasons": dict(load.reasons),
        "seconds": round(load.took, 3),
        "tps": round(answered / load.took, 1),
        "p50_ms": round(waits[answered // 2] * 1000, 2),
        "p99_ms": round(waits[answered * 99 // 100] * 1000, 2),
        "used_up": answered == len(requests),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("socket")
    for name in ("first-card", "cards", "first-shop", "shops", "programme", "requests"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--in-flight", type=int, default=512)
    parser.add_argument("--seconds", type=float, default=3_600.0)
    parser.add_argument("--mix", action="store_true")
    parser.add_argument("--top-up", action="store_true")
    arguments = parser.parse_args()
    taps = Taps(arguments)
    make = taps.top_up if arguments.top_up else taps.purchase
    requests = [_encode(make(number)) for number in range(arguments.requests)]
    print(json.dumps(uvloop.run(drive(arguments, requests))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
