"""`./pilgrim demo`: the whole platform with taps flowing, for ever or for a number of taps."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from deploy.launcher.control import (
    addresses,
    already_running,
    check_laboratory,
    is_running,
    last_line,
    read_status,
    sign_ins,
    start,
    stop,
)
from deploy.launcher.layout import Layout, Refused, environment
from deploy.launcher.proc import die_with_parent
from deploy.launcher.programs import python_of
from deploy.launcher.setup import Needs, prepare
from deploy.launcher.steps import say

READERS = 4
TAPS_PER_SECOND = 20
TAPS_PER_SECOND_FOR_EVER = 2
DRIVE_STOP_SECONDS = 20
LOOK_EVERY = 0.2


def demo(layout: Layout, taps: int | None, summary_file: Path | None) -> int:
    """Start all, tap, stop all. With `taps` the ledger is verified afterwards; 0 only if everything held."""
    check_laboratory()
    if is_running(layout):
        raise Refused(already_running(layout))
    began = time.monotonic()
    prepare(layout, Needs(database="DATABASE_URL" not in os.environ))
    supervisor = start(layout, attached=True)
    ready_seconds = round(time.monotonic() - began, 1)
    say(f"{ready_seconds:5.1f} s  ready")
    try:
        if taps is None:
            return show_for_ever(layout, supervisor)
        summary = tap_and_verify(layout, supervisor, taps) | {"ready_seconds": ready_seconds}
    finally:
        stop(supervisor)
        say("Stopped.")
    print_summary(summary)
    if summary_file:
        summary_file.write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
    return 0 if summary["ok"] else 1


def show_for_ever(layout: Layout, supervisor: "subprocess.Popen[bytes]") -> int:
    print_places(addresses(layout)["portal"], sign_ins(layout))
    try:
        code = drive(layout, supervisor, TAPS_PER_SECOND_FOR_EVER, "--forever")
    except KeyboardInterrupt:
        return 0
    if supervisor.poll() is not None:  # ./pilgrim down in another window
        return 0
    raise Refused(f"The taps stopped by themselves (status {code}); see {layout.logs}.")


def drive(layout: Layout, supervisor: "subprocess.Popen[bytes]", rate: int, *more: str) -> int:
    """Run the demonstration's tills and cards to their end, to ours, or to that of what they speak to. Returns the exit status."""
    pace = ["--readers", str(READERS), "--rate", str(rate)]
    driving = subprocess.Popen(
        [python_of(layout), "-m", "deploy.demo.drive", *pace, *more],
        cwd=layout.root,
        env=environment(layout),
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - there is one thread
    )
    try:
        while driving.poll() is None and supervisor.poll() is None:
            time.sleep(LOOK_EVERY)
    finally:
        driving.terminate()
        try:
            driving.wait(DRIVE_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            driving.kill()
            driving.wait()
    return driving.returncode


def tap_and_verify(layout: Layout, supervisor: "subprocess.Popen[bytes]", taps: int) -> dict[str, Any]:
    """Drive the taps, then verify the ledger; `ok` is true only if each tap was answered and all checks held."""
    report = layout.run / "drive.json"
    report.unlink(missing_ok=True)
    drove = drive(layout, supervisor, TAPS_PER_SECOND, "--taps", str(taps), "--json", str(report))
    if not report.exists():
        raise Refused(f"The taps ended without a report (status {drove}); what it said stands above.")
    driven = json.loads(report.read_text())
    verdict = verify(layout)
    restarts = {name: facts["restarts"] for name, facts in read_status(layout)["programs"].items() if facts["restarts"]}
    ok = drove == 0 and driven["failed"] == 0 and driven["taps"] == taps and verdict["ok"] and not restarts
    return {"ok": ok, **driven, "verify": verdict, "restarts": restarts}


def verify(layout: Layout) -> dict[str, Any]:
    command = [python_of(layout), "-m", "deploy.commands", "verify", "--json"]
    done = subprocess.run(command, cwd=layout.root, env=environment(layout), capture_output=True, text=True, check=False)
    try:
        verdict: dict[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise Refused(f"verify gave no verdict: {last_line(done.stderr)}") from None
    return verdict


def print_summary(summary: dict[str, Any]) -> None:
    declined = ", ".join(f"{reason} {count}" for reason, count in sorted(summary["declined"].items()))
    print(
        f"taps      {summary['taps']}: accepted {summary['accepted']}, reversed {summary['reversed']}, no answer {summary['failed']}"
    )
    print(f"declined  {declined or 'none'}")
    for stage, times in {**summary["stages_ms"], "tap": summary["tap_ms"]}.items():
        print(f"  {stage:12} p50 {times['p50']:7.1f} ms   p95 {times['p95']:7.1f} ms")
    closed = ", ".join(f"{outcome} {count}" for outcome, count in summary["batches"].items())
    print(f"batches   {closed or 'left open'}")
    print(f"ledger    {'holds' if summary['verify']['ok'] else 'DOES NOT HOLD'}")
    for name, count in summary["restarts"].items():
        print(f"restarted {name}, {count} times")
    print("everything held" if summary["ok"] else "NOT everything held")


def print_places(portal: str, people: list[dict[str, str]]) -> None:
    print(f"\n  Portal   {portal}\n  درگاه    {portal}\n")
    print("  Sign in as · ورود با")
    for person in people:
        print("    " + "   ".join(str(value) for value in person.values()))
    print("\n  Taps are flowing; Ctrl-C stops everything.")
    print("  کارت‌ها پشت سر هم خوانده می‌شوند؛ با Ctrl-C همه چیز می‌ایستد.\n", flush=True)
