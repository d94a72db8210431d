"""The teller against TPC-B in the same cluster: interleaved runs, load from a process of its own, a million entries present.

`ratio_to_tpcb` is the median over runs of taps per second divided by the mean of the TPC-B rates just before and just
after; a run whose two anchors differ by more than 20 % is void. `waiting` is the same where every commit takes a
millisecond longer, as on a network volume or with a standby that must have it too.
"""

import argparse
import json
import signal
import socket
import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from deploy.bench.cluster import ROOT, Tpcb, durable_cluster, environment, migrated_database, wait_until
from deploy.launcher.layout import OWNER_ROLE
from deploy.launcher.postgres import Cluster

CARDS = 200_000
SHOPS = 2_000
ENTRIES = 1_000_000
IN_FLIGHT = 512
ANCHORS_AGREE_WITHIN = 0.20
ROLL_UP_EVERY = 1.0
COMMIT_TAKES_LONGER_US = 1_000


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.bench teller", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one object and nothing else")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=20, help="of one TPC-B anchor")
    parser.add_argument("--teller-seconds", type=int, default=12, help="of one run of the teller")
    parser.add_argument("--entries", type=int, default=ENTRIES, help="entries present before the first run")
    parser.add_argument("--cards", type=int, default=CARDS)
    options = parser.parse_args(arguments)
    say = (lambda line: None) if options.json else (lambda line: print(line, flush=True))
    with durable_cluster() as cluster:
        address = migrated_database(cluster, "bench")
        tpcb = Tpcb(cluster)
        city = City(address, options.cards)
        with teller(address, cluster.sockets) as path, rolling_up(address):
            say(f"loading {options.entries:,} entries")
            city.load(path, options.entries)
            plain = Series(tpcb, city, path, options, say)
            runs = [plain.run(f"run {number}") for number in range(1, options.runs + 1)]
            mix = [plain.run(f"mix {number}", "--mix") for number in range(1, 4)]
            few = city.drive(path, 8, 20_000, "--in-flight", "32")
            hot = city.drive(path, 8, 20_000 * 8, hot=True)
            with slower_commits(cluster):
                plain = Series(tpcb, city, path, options, say)
                waiting = [plain.run(f"slower commits {number}") for number in range(1, 4)]
        with psycopg.connect(address) as connection:
            entries = connection.execute("SELECT count(*) FROM ledger.entry").fetchone()
    summary = {
        **result_of(runs),
        "mix": result_of(mix),
        "waiting": result_of(waiting) | {"commit_takes_longer_us": COMMIT_TAKES_LONGER_US},
        "hot_tps": hot["tps"],
        "in_flight_32": few,
        "entries": entries[0],
    }
    summary["runs"] = runs
    print(json.dumps(summary) if options.json else json.dumps(summary, indent=2))
    return 0


def result_of(runs: list[dict[str, Any]]) -> dict[str, Any]:
    valid = [one for one in runs if not one["void"]] or runs

    def middle(name: str) -> float:
        return round(statistics.median(one[name] for one in valid), 2)

    return {
        "ratio_to_tpcb": middle("ratio"),
        "p50_ms": middle("p50_ms"),
        "p99_ms": middle("p99_ms"),
        "tps": middle("tps"),
        "tpcb_tps": middle("tpcb_tps"),
        "valid_runs": sum(not one["void"] for one in runs),
    }


class City:
    """Holders with money, shops and one programme."""

    def __init__(self, address: str, cards: int) -> None:
        self._address = address
        self._cards = cards
        with psycopg.connect(address, autocommit=True) as connection:
            self._programme = self._open(connection, 5, 1)
            self._first_shop = self._open(connection, 4, SHOPS)
            self._first_card = self._open(connection, 2, cards)

    @staticmethod
    def _open(connection: psycopg.Connection[Any], kind: int, count: int) -> int:
        opened = connection.execute(
            "SELECT min(ledger.open_wallet(%s::smallint, 1)) FROM generate_series(1, %s)", (kind, count)
        ).fetchall()
        return int(opened[0][0])

    def load(self, path: Path, entries: int) -> None:
        """Top up every card, then tap, through the teller itself, so that the books are true."""
        self.drive(path, 3_600, self._cards, "--top-up")
        while entries > self._cards:
            part = min(entries - self._cards, 200_000)
            self.drive(path, 3_600, part)
            entries -= part
        with psycopg.connect(self._address, autocommit=True) as connection:
            # Loaded half full, so that every row's next versions find room in its page; full pages are pruned less often.
            connection.execute("ALTER TABLE ledger.account SET (fillfactor = 100)")
            connection.execute("VACUUM (ANALYZE)")

    def drive(self, path: Path, seconds: int, requests: int, *more: str, hot: bool = False) -> dict[str, Any]:
        """One load process. Raises RuntimeError when anything was declined."""
        cards, shops = (1_000, 1) if hot else (self._cards, SHOPS)
        done = subprocess.run(
            [
                sys.executable, "-m", "deploy.bench.load", str(path), "--seconds", str(seconds), "--requests", str(requests),
                "--first-card", str(self._first_card), "--cards", str(cards), "--first-shop", str(self._first_shop),
                "--shops", str(shops), "--programme", str(self._programme), "--in-flight", str(IN_FLIGHT), *more,
            ],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        result: dict[str, Any] = json.loads(done.stdout)
        if result["approved"] != result["answered"]:
            raise RuntimeError(f"not every tap was approved: {result['reasons']}")
        return result


class Series:
    """Runs with an anchor before and after each; the one after is the one before of the next."""

    def __init__(self, tpcb: Tpcb, city: City, path: Path, options: argparse.Namespace, say: Any) -> None:
        self._tpcb, self._city, self._path, self._options, self._say = tpcb, city, path, options, say
        self._anchor = tpcb.run(options.seconds)

    def run(self, name: str, *more: str) -> dict[str, Any]:
        seconds = self._options.teller_seconds
        before = self._anchor
        result = self._city.drive(self._path, seconds, int(before * 9 * seconds), *more)
        after = self._anchor = self._tpcb.run(self._options.seconds)
        anchor = (before + after) / 2
        result |= {
            "tpcb_tps": round(anchor, 1),
            "ratio": round(result["tps"] / anchor, 2),
            "void": abs(before - after) > ANCHORS_AGREE_WITHIN * anchor,
        }
        self._say(f"{name}: {result['tps']:.0f} tps, TPC-B {before:.0f} and {after:.0f}, ratio {result['ratio']}, "
                  f"p50 {result['p50_ms']} ms, p99 {result['p99_ms']} ms")  # fmt: skip
        return result


@contextmanager
def teller(address: str, run_dir: Path) -> Iterator[Path]:
    """A teller process on the database. Yields its socket."""
    path = run_dir / "teller.sock"
    process = subprocess.Popen([sys.executable, "-m", "cardbank.ledger.teller"], cwd=ROOT, env=environment(address, run_dir))
    try:
        wait_until(lambda: answers(path), "the teller")
        yield path
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def answers(path: Path) -> bool:
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.connect(str(path))
        return True
    return False


@contextmanager
def slower_commits(cluster: Cluster) -> Iterator[None]:
    """Whoever flushes the log waits first, with all who commit meanwhile: for TPC-B and for the teller alike."""
    _set(cluster, f"commit_delay = {COMMIT_TAKES_LONGER_US}", "commit_siblings = 0")
    try:
        yield
    finally:
        _set(cluster, "commit_delay = DEFAULT", "commit_siblings = DEFAULT")


def _set(cluster: Cluster, *choices: str) -> None:
    with psycopg.connect(cluster.url(OWNER_ROLE, "postgres"), autocommit=True) as server:
        for choice in choices:
            server.execute(f"ALTER SYSTEM SET {choice}")  # type: ignore[call-overload]
        server.execute("SELECT pg_reload_conf()")


@contextmanager
def rolling_up(address: str) -> Iterator[None]:
    """The upkeep that runs beside the teller in real life."""
    stopped = threading.Event()

    def work() -> None:
        with psycopg.connect(address, autocommit=True) as connection:
            while not stopped.wait(ROLL_UP_EVERY):
                connection.execute("SELECT ledger.roll_up(2000)")

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
