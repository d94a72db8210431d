"""The gateway end to end against TPC-B in the same cluster: signed frame → MAC → rules → posted → receipt → signed frame.

`ratio_to_tpcb` is the median over runs of purchases per second divided by the mean of the TPC-B rates just before and just
after. `p50_ms` and `p99_ms` are those with 32 in flight. Terminals load from a process of their own, over TCP.
"""

import argparse
import json
import socket
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from cardbank.keystore.ports import KeyStore
from cardbank.keystore.software import read_key_file, write_key_file
from deploy.bench.cluster import ROOT, Tpcb, durable_cluster, environment, migrated_database, wait_until
from deploy.bench.teller import ANCHORS_AGREE_WITHIN, City, rolling_up, teller
from deploy.commands.card_new import new_card
from identity.services import found_organisation
from kernel.audit import Actor
from kernel.calendar import TEHRAN
from kernel.clock import now
from kernel.db import make_engine
from loyalty.services import begin_earn_rule, found_programme
from merchants.services import join_merchant, open_branch, open_terminal, sign_contract
from places.services import found_city, register_place

BENCH = Actor.system("benchmark")
CARDS = 500
TERMINALS = 256
FEW_IN_FLIGHT = 32
MONEY_RIAL = 1_000_000_000
LOADED_CARDS = 50_000
FRAMES_A_SECOND = 8_000  # signed beforehand: more than any run uses


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.bench gateway", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one object and nothing else")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=20, help="of one TPC-B anchor")
    parser.add_argument("--gateway-seconds", type=int, default=10, help="of one run of the gateway")
    parser.add_argument("--entries", type=int, default=1_000_000, help="entries present before the first run")
    options = parser.parse_args(arguments)
    say = (lambda line: None) if options.json else (lambda line: print(line, flush=True))
    with durable_cluster() as cluster:
        address = migrated_database(cluster, "bench")
        run_dir = cluster.sockets
        write_key_file(run_dir / "keystore.json")
        town = Town(address, read_key_file(run_dir / "keystore.json", laboratory=True))
        city = City(address, LOADED_CARDS)
        tpcb = Tpcb(cluster)
        with teller(address, run_dir) as path, rolling_up(address), gateway(address, run_dir) as port:
            say(f"loading {options.entries:,} entries")
            city.load(path, options.entries)
            town.drive(port, 2, TERMINALS)
            runs = list(_runs(tpcb, town, port, options, say))
            few = [town.drive(port, options.gateway_seconds, FEW_IN_FLIGHT) for _ in range(3)]
    summary = result_of(runs, few) | {"runs": runs, "in_flight_32": few}
    print(json.dumps(summary) if options.json else json.dumps(summary, indent=2))
    return 0


def _runs(tpcb: Tpcb, town: "Town", port: int, options: argparse.Namespace, say: Any) -> Iterator[dict[str, Any]]:
    before = tpcb.run(options.seconds)
    for number in range(1, options.runs + 1):
        result = town.drive(port, options.gateway_seconds, TERMINALS)
        after = tpcb.run(options.seconds)
        anchor = (before + after) / 2
        yield result | {
            "tpcb_tps": round(anchor, 1),
            "ratio": round(result["tps"] / anchor, 2),
            "void": abs(before - after) > ANCHORS_AGREE_WITHIN * anchor,
        }
        say(f"run {number}: {result['tps']:.0f} a second, TPC-B {before:.0f} and {after:.0f}, p99 {result['p99_ms']} ms")
        before = after


def result_of(runs: list[dict[str, Any]], few: list[dict[str, Any]]) -> dict[str, Any]:
    valid = [one for one in runs if not one["void"]] or runs

    def middle(name: str, of: list[dict[str, Any]]) -> float:
        return round(statistics.median(one[name] for one in of), 2)

    return {
        "ratio_to_tpcb": middle("ratio", valid),
        "tps": middle("tps", valid),
        "tpcb_tps": middle("tpcb_tps", valid),
        "in_flight": TERMINALS,
        "p50_ms": middle("p50_ms", few),
        "p99_ms": middle("p99_ms", few),
        "tps_at_32_in_flight": middle("tps", few),
        "valid_runs": sum(not one["void"] for one in runs),
    }


class Town:
    """A shop with many terminals, a programme, and cards with money, all made by the use cases."""

    def __init__(self, address: str, keystore: KeyStore) -> None:
        engine = make_engine(address)
        self._next = 0
        with Session(engine) as session, session.begin():
            branch = self._shop(session)
            terminals = [open_terminal(session, BENCH, branch) for _ in range(TERMINALS)]
            configs = [
                {
                    "terminal": terminal.code, "acceptor": terminal.acceptor_id, "initial_key_id": terminal.initial_key_id,
                    "initial_key": keystore.terminal_initial_key(bytes.fromhex(terminal.initial_key_id)).hex(),
                }
                for terminal in terminals
            ]  # fmt: skip
        cards = []
        for _ in range(CARDS):
            with Session(engine) as session, session.begin():
                cards.append(new_card(session, keystore, MONEY_RIAL)["card_number"])
        engine.dispose()
        self._plan = json.dumps({"terminals": configs, "cards": cards})

    @staticmethod
    def _shop(session: Session) -> int:
        names = {"fa": "سنجش", "en": "Benchmark"}
        city = found_city(session, BENCH, "bench", names, 59.6, 36.3, TEHRAN.key)
        place = register_place(
            session,
            BENCH,
            city.id,
            code="shop",
            kind="shop",
            names=names,
            lon=59.6,
            lat=36.3,
            source="benchmark",
            licence="none",
        )
        club = found_programme(session, BENCH, "bench", names, "retain")
        begin_earn_rule(session, BENCH, club.id, starts_at=now(), basis_points=500, most_rial=2_000_000, valid_days=90)
        merchant = join_merchant(session, BENCH, found_organisation(session, BENCH, "merchant", names).id, "saffron")
        sign_contract(session, BENCH, merchant.id, starts_at=now(), programme_id=club.id, earns=True, spends=True)
        return open_branch(session, BENCH, merchant.id, place.id, names).id

    def drive(self, port: int, seconds: int, terminals: int) -> dict[str, Any]:
        """One load process. Raises RuntimeError when a purchase was not approved."""
        frames = FRAMES_A_SECOND * seconds // terminals
        done = subprocess.run(
            [
                sys.executable, "-m", "deploy.bench.tills", "127.0.0.1", str(port), "--seconds", str(seconds),
                "--terminals", str(terminals), "--first", str(self._next), "--frames", str(frames),
            ],
            cwd=ROOT, input=self._plan, capture_output=True, text=True, check=True,
        )  # fmt: skip
        result: dict[str, Any] = json.loads(done.stdout)
        self._next = result.pop("last")
        if set(result["codes"]) != {"00"}:
            raise RuntimeError(f"not every purchase was approved: {result['codes']}")
        return result


@contextmanager
def gateway(address: str, run_dir: Path, redis_url: str = "redis://unused") -> Iterator[int]:
    """A gateway process on a free port, which it yields; it logs each message, as in real life."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = environment(address, run_dir) | {
        "PILGRIM_GATEWAY_BIND": f"127.0.0.1:{port}",
        "PILGRIM_LOG_LEVEL": "INFO",
        "REDIS_URL": redis_url,
    }
    with (run_dir / "gateway.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "pos_gateway"], cwd=ROOT, env=settings, stderr=log)

    def listens() -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        return False

    try:
        wait_until(listens, "the gateway")
        yield port
    finally:
        process.terminate()
        process.wait()
