"""python -m deploy.demo.drive --taps N --readers 4 --rate 20 [--forever] [--json FILE]

Starts for each till a reader's field with cards in software and a reader agent, over nfcpy's UDP transport,
and presents sales at a steady rate, whether or not the earlier ones have ended (an open loop).
Summary: {"taps", "accepted", "declined": {reason: n}, "reversed", "failed", "batches", "stages_ms", "tap_ms", "late_ms"}.
"failed" counts the taps without an answer, and those whose answer decided nothing or was not to be expected; the
codes of the latter stand under "declined" too.
Exit codes: 0 every tap was answered, 1 one was not, 3 the drive cannot start.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
STAGES = ("sense", "select", "auth1", "challenge", "auth2", "purchase")
TAP_SECONDS = 60.0
# What a sale under way may take to end, and what an ordered stop may, before the next stronger means.
ENDING_SECONDS = 0.5
STOP_SECONDS = 10.0
# One sale in twenty-five of each of these, by position; the others are plain taps.
KINDS = {
    3: "most",
    8: "most",
    13: "most",
    18: "most",
    5: "exact",
    7: "keyed",
    11: "cancelled",
    17: "blocked",
    21: "zero",
}
PERIOD = 25
ANSWERED = {"approved", "declined", "reversed"}
# Declines that none of the kinds above provokes from a bank that works.
FAILURES = {"30", "63", "68", "91", "94", "96"}
REASONS = {
    "05": "not honoured",
    "13": "invalid amount",
    "14": "no such card",
    "41": "card lost",
    "43": "card stolen",
    "51": "insufficient funds",
    "54": "card expired",
    "57": "not permitted to card",
    "58": "not permitted to terminal",
    "61": "amount limit",
    "62": "card blocked",
    "63": "security violation",
    "65": "frequency limit",
    "91": "bank unavailable",
    "94": "duplicate",
    "96": "system malfunction",
}

Card = dict[str, Any]
Result = dict[str, Any]


class DriveError(Exception):
    """The drive cannot start or go on."""


@dataclass(frozen=True)
class Tap:
    """One sale to present: its kind, the line for the till, and the card to lay down (None: keyed)."""

    sale: dict[str, Any] = field(repr=False)
    uid: str | None
    due: float


class Child:
    """A child process that speaks JSON lines."""

    def __init__(self, process: asyncio.subprocess.Process, name: str) -> None:
        if process.stdin is None or process.stdout is None:
            raise DriveError(f"{name} started without pipes")
        self._process, self._name = process, name
        self._stdin, self._stdout = process.stdin, process.stdout

    @classmethod
    async def start(cls, name: str, *arguments: str) -> "Child":
        # A session of its own: an interrupt reaches the drive only, which then stops its children in order.
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'nfc'}"}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            name,
            *arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=environment,
            start_new_session=True,
        )
        return cls(process, name)

    def send(self, line: object) -> None:
        self._stdin.write(json.dumps(line).encode() + b"\n")

    async def read(self) -> Result:
        line = await asyncio.wait_for(self._stdout.readline(), TAP_SECONDS)
        if not line:
            raise DriveError(f"{self._name} ended; its reason stands above")
        answer: Result = json.loads(line)
        return answer

    async def stop(self) -> None:
        """Let the process end by itself, else by SIGTERM, else by SIGKILL."""
        self._stdin.close()
        stronger = ((ENDING_SECONDS, self._process.terminate), (STOP_SECONDS, self._process.kill))
        for seconds, end in stronger:
            try:
                await asyncio.wait_for(self._process.wait(), seconds)
            except TimeoutError:
                end()
        await self._process.wait()


class Pair:
    """A till with its field, and the cards that belong to it alone."""

    def __init__(self, field_process: Child, till: Child, cards: list[Card]) -> None:
        self._field, self._till = field_process, till
        self.waiting: asyncio.Queue[Tap] = asyncio.Queue()
        self.blocked = [card for card in cards if card.get("status") == "blocked"]
        self.active = itertools.cycle([card for card in cards if _is_active(card)])

    @classmethod
    async def start(
        cls,
        stack: contextlib.AsyncExitStack,
        terminal: dict[str, Any],
        cards: list[Card],
        keys: Path,
        flashes: Path,
    ) -> "Pair":
        """Start both processes, to be stopped by `stack`, and wait until they serve.

        Key files go to the private folder `keys`, what the terminal remembers to `flashes`.
        """
        name = f"{terminal['terminal'].strip()}-{terminal['initial_key_id']}"
        config = _write_private(keys / f"{name}.json", terminal)
        files = [str(_write_private(keys / f"{card['uid']}.json", card)) for card in cards]
        field_process = await Child.start("virtual_card", "--field", "--udp", "0", "--keys", *files)
        stack.push_async_callback(field_process.stop)
        port = (await field_process.read())["port"]
        till = await Child.start(
            "reader_agent",
            *("--config", str(config), "--flash", str(flashes / f"{name}.flash")),
            *("--device", f"udp:127.0.0.1:{port}", "--amounts", "stdin", "--loop"),
        )
        stack.push_async_callback(till.stop)
        # A line that is no sale is refused at once, which shows that the till serves.
        till.send("?")
        await till.read()
        return cls(field_process, till, cards)

    async def present(self, tap: Tap) -> Result:
        self._till.send(tap.sale)
        if tap.uid:
            self._field.send({"place": tap.uid})
        result = await self._till.read()
        if tap.uid:
            self._field.send({"remove": tap.uid})
        return result

    async def close_batch(self) -> Result:
        """The end of the shift: the till compares its count with the bank's."""
        self._till.send({"close": True})
        return await self._till.read()

    def next_tap(self, position: int, amount_rial: int, due: float) -> Tap:
        kind = KINDS.get(position % PERIOD, "plain")
        card = self.blocked[0] if kind == "blocked" and self.blocked else next(self.active)
        if kind == "keyed":
            return Tap({"amount_rial": amount_rial, "card_number": card["card_number"]}, None, due)
        changes: dict[str, dict[str, Any]] = {
            "most": {"credit": "most"},
            "exact": {"credit": amount_rial // 10},
            "cancelled": {"cancel": True},
            "zero": {"amount_rial": 0},
        }
        return Tap({"amount_rial": amount_rial} | changes.get(kind, {}), card["uid"], due)


def _is_active(card: Card) -> bool:
    return bool(card.get("status", "active") == "active")


def _write_private(path: Path, content: object) -> Path:
    path.touch(mode=0o600)
    path.write_text(json.dumps(content))
    return path


@dataclass
class Tally:
    """What happened so far; `keep` bounds the memory of an endless drive."""

    outcomes: Counter[str] = field(default_factory=Counter)
    declined: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    batches: Counter[str] = field(default_factory=Counter)
    stages: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in (*STAGES, "total")})
    late: list[float] = field(default_factory=list)
    keep: int = 100_000

    def add(self, result: Result, late_seconds: float) -> None:
        outcome, code = result["outcome"], result.get("code", "")
        is_failed = outcome not in ANSWERED or code in FAILURES
        self.failed += is_failed
        self.outcomes[outcome] += 1
        if outcome == "declined":
            self.declined[f"{code} {REASONS.get(code, 'declined')}"] += 1
        self._keep(self.late, late_seconds * 1000)
        if result.get("entry") == "tap" and not is_failed:
            for name, series in self.stages.items():
                if name in result["stages_ms"]:
                    self._keep(series, result["stages_ms"][name])

    def _keep(self, series: list[float], value: float) -> None:
        series.append(value)
        del series[: -self.keep]

    def summary(self) -> dict[str, Any]:
        return {
            "taps": self.outcomes.total(),
            "accepted": self.outcomes["approved"],
            "declined": dict(sorted(self.declined.items())),
            "reversed": self.outcomes["reversed"],
            "failed": self.failed,
            "batches": dict(sorted(self.batches.items())),
            "stages_ms": {name: percentiles(self.stages[name]) for name in STAGES if self.stages[name]},
            "tap_ms": percentiles(self.stages["total"]),
            "late_ms": percentiles(self.late),
        }


def percentiles(values: list[float]) -> dict[str, float]:
    """The median and the 95th percentile, zero for no values."""
    if len(values) < 2:
        return {"p50": round(sum(values), 2), "p95": round(sum(values), 2)}
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {"p50": round(cuts[49], 2), "p95": round(cuts[94], 2)}


async def _work(pair: Pair, tally: Tally) -> None:
    """Present what waits at one till, one after the other."""
    now = asyncio.get_running_loop().time
    while True:
        tap = await pair.waiting.get()
        late = now() - tap.due
        try:
            result = await pair.present(tap)
        except TimeoutError:
            raise DriveError("a till gave no result within a minute") from None
        tally.add(result, late)
        _show(result)
        pair.waiting.task_done()


def _show(result: Result) -> None:
    if sys.stdout.isatty():
        milliseconds = result.get("stages_ms", {}).get("total", 0)
        print(f"{result['outcome']:12} {result.get('code', ''):2} {result['amount_rial']:>14,} Rial {milliseconds:7.1f} ms")


async def _pace(pairs: list[Pair], amounts: Iterator[int], rate: float, taps: int | None) -> None:
    """Hand out taps at their due times, round the tills."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    for position in itertools.count() if taps is None else range(taps):
        due = started + position / rate
        await asyncio.sleep(max(0.0, due - loop.time()))
        pair = pairs[position % len(pairs)]
        pair.waiting.put_nowait(pair.next_tap(position, next(amounts), due))
    for pair in pairs:
        await pair.waiting.join()


async def drive(kit: dict[str, Any], readers: int, rate: float, taps: int | None, flashes: Path) -> Tally:
    """Run the taps, or without a number until an interrupt. Raises DriveError."""
    terminals, cards = kit["terminals"], kit["cards"]
    if len(terminals) < readers or not kit["baskets"]:
        raise DriveError(f"the kit has {len(terminals)} terminals and {len(kit['baskets'])} baskets; more are needed")
    chosen = [terminals[position * len(terminals) // readers] for position in range(readers)]
    shares = [cards[position::readers] for position in range(readers)]
    if not all(any(map(_is_active, share)) for share in shares):
        raise DriveError(f"{readers} readers need at least as many active cards")
    amounts = itertools.cycle([int(basket["amount_rial"]) for basket in kit["baskets"]])
    tally = Tally()
    async with contextlib.AsyncExitStack() as stack:
        keys = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=flashes)))
        starting = zip(chosen, shares, strict=True)
        started = await asyncio.gather(
            *(Pair.start(stack, terminal, share, keys, flashes) for terminal, share in starting),
            return_exceptions=True,
        )
        pairs = [pair for pair in started if isinstance(pair, Pair)]
        for failure in started:
            if isinstance(failure, BaseException):
                raise failure
        await _until_done_or_interrupted(pairs, amounts, rate, taps, tally)
        if taps is not None:
            closed = await asyncio.gather(*(pair.close_batch() for pair in pairs))
            tally.batches.update(result["outcome"] for result in closed)
    return tally


async def _until_done_or_interrupted(
    pairs: list[Pair], amounts: Iterator[int], rate: float, taps: int | None, tally: Tally
) -> None:
    loop = asyncio.get_running_loop()
    pacing = asyncio.ensure_future(_pace(pairs, amounts, rate, taps))
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, pacing.cancel)
    working = [asyncio.ensure_future(_work(pair, tally)) for pair in pairs]
    done, _ = await asyncio.wait([pacing, *working], return_when=asyncio.FIRST_COMPLETED)
    for task in (pacing, *working):
        task.cancel()
    await asyncio.gather(pacing, *working, return_exceptions=True)
    for task in done:
        if not task.cancelled():
            task.result()


def read_kit() -> dict[str, Any]:
    """What the seed prepared: terminals, cards and baskets. Raises DriveError."""
    command = [sys.executable, "-m", "deploy.commands", "demo-kit", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        kit: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        raise DriveError(f"the demonstration kit cannot be read: {last}") from None
    return kit


def main() -> int:
    parser = argparse.ArgumentParser(prog="deploy.demo.drive", description="Makes taps flow.")
    parser.add_argument("--taps", type=int, default=500)
    parser.add_argument("--readers", type=int, default=4)
    parser.add_argument("--rate", type=float, default=20.0, help="taps per second, all tills together")
    parser.add_argument("--forever", action="store_true", help="until an interrupt, whatever --taps says")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the summary there")
    options = parser.parse_args()
    if options.readers < 1 or options.rate <= 0 or options.taps < 1:
        parser.error("--readers, --rate and --taps are greater than zero")
    flashes = Path(os.environ.get("PILGRIM_RUN_DIR", ROOT / "var/run")) / "tills"
    taps = None if options.forever else options.taps
    flashes.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        tally = asyncio.run(drive(read_kit(), options.readers, options.rate, taps, flashes))
    except DriveError as error:
        print(f"drive: {error}", file=sys.stderr)
        return 3
    summary = tally.summary()
    text = json.dumps(summary, indent=2, ensure_ascii=False) + "\n"
    if options.json:
        options.json.write_text(text)
    else:
        print(text, end="")
    is_whole = summary["failed"] == 0 and (options.forever or summary["taps"] == options.taps)
    return 0 if is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
