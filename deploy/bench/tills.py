"""Load on the gateway from a process of its own: keyed purchases signed beforehand, one in flight for each terminal.

Reads the plan (terminals with their keys, card numbers) as JSON on standard input and prints one JSON object.
"""

import argparse
import asyncio
import json
import secrets
import sys
import time
from collections import Counter, deque
from datetime import UTC, datetime
from typing import Any, cast

import uvloop

from kernel.calendar import TEHRAN
from pos_gateway.wire import mac, tlv
from pos_gateway.wire.codec import Message
from pos_gateway.wire.dukpt import MAXIMUM_ONE_BITS, Usage, WorkingKeys
from pos_gateway.wire.framing import TPDU_BYTES
from pos_gateway.wire.tlv import Tag

TPDU = bytes.fromhex("6000010002")
AMOUNT_RIAL = 100_000
# Where STAN, terminal and DE39 of an approved 0210 stand in its frame: all elements before them have fixed lengths.
STAN_AT = 2 + TPDU_BYTES + 10 + 3 + 6 + 5
CODE_AT = STAN_AT + 3 + 3 + 2 + 2 + 2 + 12 + 6
TERMINAL_AT = CODE_AT + 2


class Terminal:
    """Signed frames of one terminal, in order."""

    def __init__(self, config: dict[str, Any], cards: list[str], first: int, count: int) -> None:
        self.code = config["terminal"].encode()
        self._config = config
        key_id = bytes.fromhex(config["initial_key_id"])
        keys = WorkingKeys(bytes.fromhex(config["initial_key"]), key_id)
        now = datetime.now(UTC)
        fields = self._fields(now)
        counter = first
        self.frames: deque[bytes] = deque()
        for stan in range(first, first + count):
            counter = next_counter(counter)
            private = tlv.encode({Tag.KSN: key_id + counter.to_bytes(4, "big")})
            number = f"{stan % 999_999 + 1:06d}"
            message = Message("0200", fields | {2: secrets.choice(cards), 11: number, 48: private, 62: number})
            body = mac.sign(message, keys.derive(counter, Usage.MAC_TO_HOST))
            self.frames.append((len(body) + TPDU_BYTES).to_bytes(2, "big") + TPDU + body)
        self.last_counter = counter

    def _fields(self, now: datetime) -> dict[int, str | bytes]:
        local = now.astimezone(TEHRAN)
        return {
            3: "000000", 4: f"{AMOUNT_RIAL:012d}", 7: f"{now:%m%d%H%M%S}", 12: f"{local:%H%M%S}", 13: f"{local:%m%d}",
            22: "011", 24: "001", 25: "14", 41: self._config["terminal"], 42: self._config["acceptor"], 49: "364",
        }  # fmt: skip


class Connection(asyncio.Protocol):
    """A shop concentrator: each answer sends the next frame of the same terminal."""

    def __init__(self, terminals: list[Terminal], until: float, done: asyncio.Event) -> None:
        self._terminals = {terminal.code: terminal for terminal in terminals}
        self._until = until
        self._done = done
        self._sent_at: dict[bytes, float] = {}
        self._buffer = bytearray()
        self.codes: Counter[str] = Counter()
        self.waits: list[float] = []
        self.ended_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        for code in self._terminals:
            self._send(code, time.perf_counter())

    def connection_lost(self, error: Exception | None) -> None:
        self._done.set()

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        buffer = self._buffer
        buffer += data
        while len(buffer) > 2 and len(buffer) >= (size := 2 + int.from_bytes(buffer[:2], "big")):
            self._answered(bytes(buffer[:size]), now)
            del buffer[:size]
        if not self._sent_at:
            self.ended_at = now
            self._done.set()

    def _answered(self, frame: bytes, now: float) -> None:
        code = frame[TERMINAL_AT : TERMINAL_AT + 8]
        if code not in self._sent_at:
            raise SystemExit(f"an answer that is no approval arrived: {frame[7:9].hex()}")
        self.codes[frame[CODE_AT : CODE_AT + 2].decode()] += 1
        self.waits.append(now - self._sent_at.pop(code))
        if now < self._until:
            self._send(code, now)

    def _send(self, code: bytes, now: float) -> None:
        frames = self._terminals[code].frames
        if frames:
            self._sent_at[code] = now
            self._transport.write(frames.popleft())


async def drive(options: argparse.Namespace, terminals: list[Terminal]) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    begin = time.perf_counter()
    connections = []
    for place in range(options.connections):
        done = asyncio.Event()
        own = terminals[place :: options.connections]
        connection = Connection(own, begin + options.seconds, done)
        transport, _ = await loop.create_connection(lambda made=connection: made, options.host, options.port)  # type: ignore[misc]
        connections.append((connection, transport, done))
    for _, transport, done in connections:
        await done.wait()
        transport.close()
    waits = sorted(wait for connection, _, _ in connections for wait in connection.waits)
    codes = sum((connection.codes for connection, _, _ in connections), Counter[str]())
    took = max(connection.ended_at for connection, _, _ in connections) - begin
    return {
        "answered": len(waits),
        "codes": dict(codes),
        "seconds": round(took, 3),
        "tps": round(len(waits) / took, 1),
        "p50_ms": round(waits[len(waits) // 2] * 1000, 2),
        "p99_ms": round(waits[len(waits) * 99 // 100] * 1000, 2),
        "used_up": not any(terminal.frames for terminal in terminals),
    }


def next_counter(counter: int) -> int:
    counter += 1
    while counter.bit_count() > MAXIMUM_ONE_BITS:
        counter += 1
    return counter


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--first", type=int, required=True, help="the first STAN and key counter that was never used")
    parser.add_argument("--frames", type=int, required=True, help="signed beforehand for each terminal")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--terminals", type=int, required=True, help="as many messages are in flight")
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    plan = json.load(sys.stdin)
    terminals = [
        Terminal(config, plan["cards"], options.first, options.frames) for config in plan["terminals"][: options.terminals]
    ]
    result = uvloop.run(drive(options, terminals))
    result["last"] = max(terminal.last_counter for terminal in terminals)
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
