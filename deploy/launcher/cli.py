"""The verbs of `./pilgrim` and their arguments."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from deploy.launcher import control
from deploy.launcher.demo import demo
from deploy.launcher.layout import Layout, Refused, environment
from deploy.launcher.programs import APPLICATIONS, MIGRATE, command_of
from deploy.launcher.setup import Needs, prepare
from deploy.launcher.steps import say
from deploy.launcher.testing import run_tests

USAGE = """\
./pilgrim demo                            everything with taps flowing, until Ctrl-C
./pilgrim demo --once --taps N [--json FILE]
                                          N taps, then verify and a summary; 0 only if all held
./pilgrim test [pytest's arguments]       linters and all tests; with arguments, those tests only

./pilgrim up [--json] | down | status     everything in the background
./pilgrim verify [--json]                 check the ledger
./pilgrim bench teller|gateway|tap|pages|places|packs|visitors [--json]
./pilgrim terminal new [--json]           a terminal with its keys (laboratory only)
./pilgrim card new [--export-keys] [--json]
./pilgrim places import FILE --source WHO --licence NAME [--city CODE]
                                          places of a city from an extract of OpenStreetMap or GeoJSON
./pilgrim keys init | seed | migrate      the steps that demo and up do by themselves
./pilgrim keys gateway HOST FOLDER        the gateway's certificate, for tills that speak TLS
./pilgrim prepare                         set-up only, nothing is started
./pilgrim web | gateway | teller | worker | beat
                                          one program in the foreground, as production runs it
"""
REFUSED = 3
INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """Run one verb; returns the exit status: 0 well, 1 a check failed, 2 wrong usage, 3 a bad state, 130 Ctrl-C."""
    layout = Layout(Path(__file__).resolve().parents[2])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if verb in ("-h", "--help", "help"):
        print(USAGE, end="")
        return 0
    try:
        run = VERBS.get(verb)
        if run is None:
            say(USAGE, end="")
            return 2
        return run(layout, rest)
    except Refused as refusal:
        say(str(refusal))
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED


def parser_of(verb: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(prog=f"./pilgrim {verb}", allow_abbrev=False)


def number_of_taps(text: str) -> int:
    taps = int(text)
    if not 1 <= taps <= 1_000_000:
        raise argparse.ArgumentTypeError("must be between 1 and 1000000")
    return taps


def run_demo(layout: Layout, rest: list[str]) -> int:
    parser = parser_of("demo")
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--taps", type=number_of_taps)
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args(rest)
    if not given.once and (given.taps or given.json):
        parser.error("--taps and --json go with --once")
    return demo(layout, (given.taps or 100) if given.once else None, given.json)


def run_up(layout: Layout, rest: list[str]) -> int:
    parser = parser_of("up")
    parser.add_argument("--json", action="store_true")
    wants_json = parser.parse_args(rest).json
    control.up(layout)
    where = control.addresses(layout)
    if wants_json:
        print(json.dumps(where | {"sign_ins": control.sign_ins(layout)}, ensure_ascii=False, indent=2))
    else:
        print(f"portal {where['portal']}\npos_gateway {where['pos_gateway']}")
    return 0


def without_arguments(action: Callable[[Layout], int]) -> Callable[[Layout, list[str]], int]:
    def run(layout: Layout, rest: list[str]) -> int:
        parser_of(action.__name__).parse_args(rest)
        return action(layout)

    return run


def prepare_only(layout: Layout) -> int:
    prepare(layout, Needs(database=False))
    return 0


def run_supervise(layout: Layout, rest: list[str]) -> int:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return control.supervise(layout, with_applications=control.WITHOUT_APPLICATIONS not in rest)


def module(name: str, *first: str) -> Callable[[Layout, list[str]], int]:
    """A verb that is a module's; servers and a prepared database are there for the time of it if nothing is up."""

    def run(layout: Layout, rest: list[str]) -> int:
        with control.running(layout):
            return control.run_command(layout, [name, *first, *rest])

    return run


def run_bench(layout: Layout, rest: list[str]) -> int:
    """Benchmarks make clusters of their own, so that nothing else runs in them."""
    prepare(layout, Needs())
    return control.run_command(layout, ["deploy.bench", *rest])


def application(name: str) -> Callable[[Layout, list[str]], int]:
    """A program in the foreground, in place of this process: what a container or systemd starts."""

    def run(layout: Layout, rest: list[str]) -> int:
        parser_of(name).parse_args(rest)
        env = environment(layout)
        command = command_of(layout, name, env)
        os.chdir(layout.root)
        os.execve(command[0], command, env)  # noqa: S606 - no shell is wanted

    return run


VERBS: dict[str, Callable[[Layout, list[str]], int]] = {
    "demo": run_demo,
    "test": run_tests,
    "up": run_up,
    "down": without_arguments(control.down),
    "status": without_arguments(control.status),
    "prepare": without_arguments(prepare_only),
    "supervise": run_supervise,
    "verify": module("deploy.commands", "verify"),
    "seed": module("deploy.commands", "seed"),
    "keys": module("deploy.commands", "keys"),
    "terminal": module("deploy.commands", "terminal"),
    "card": module("deploy.commands", "card"),
    "places": module("deploy.commands", "places"),
    "migrate": module(*MIGRATE[1:]),
    "bench": run_bench,
    **{name: application(name) for name in APPLICATIONS},
}
