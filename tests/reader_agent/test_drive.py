"""The demonstration's drive against the harness bank: every kind of sale, and its summary."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from deploy.demo.drive import Child, DriveError, Tally, drive, percentiles

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def kit_of(terminal: dict[str, Any], *cards: dict[str, Any]) -> dict[str, Any]:
    baskets = [
        {"amount_rial": 150_000, "at": "2026-11-22T08:00"},
        {"amount_rial": 90_000, "at": "2026-11-22T08:01"},
    ]
    return {"terminals": [terminal], "cards": list(cards), "baskets": baskets}


def test_every_kind_of_sale_is_driven_and_counted(
    bank: Any, terminal_config: Any, card_keys: Any, other_card_keys: Any, tmp_path: Path
) -> None:
    bank.issue(card_keys)
    bank.issue(other_card_keys)
    bank.blocked.add(bytes.fromhex(other_card_keys["uid"]))
    kit = kit_of(terminal_config, card_keys | {"status": "active"}, other_card_keys | {"status": "blocked"})
    summary = asyncio.run(drive(kit, 1, 50.0, 50, tmp_path)).summary()
    assert summary["taps"] == 50
    assert summary["accepted"] == 44
    assert summary["declined"] == {"13 invalid amount": 2, "62 card blocked": 2}
    assert summary["reversed"] == 2
    assert summary["failed"] == 0
    assert list(summary["stages_ms"]) == ["sense", "select", "auth1", "challenge", "auth2", "purchase"]
    assert 0 < summary["tap_ms"]["p50"] <= summary["tap_ms"]["p95"]
    assert sum(2 in message.fields for message in bank.received if message.mti == "0200") == 2
    assert sum(0xDF04 in message.private for message in bank.received) == 10
    assert len(bank.posted) == 46
    assert len(bank.reversed) == 2
    assert [path.suffix for path in tmp_path.iterdir()] == [".flash"]
    assert summary["batches"] == {"balanced": 1}
    [close] = [message for message in bank.received if message.mti == "0500"]
    assert (close.fields[76], close.fields[77]) == (f"{46:010d}", f"{2:010d}")


def test_a_tap_without_an_answer_counts_as_failed(bank: Any, terminal_config: Any, card_keys: Any, tmp_path: Path) -> None:
    bank.issue(card_keys)
    bank.behave["0200"] = "wrong_mac"
    summary = asyncio.run(drive(kit_of(terminal_config, card_keys), 1, 50.0, 3, tmp_path)).summary()
    assert (summary["accepted"], summary["failed"]) == (2, 1)


def test_a_tap_whose_answer_decides_nothing_counts_as_failed_beside_its_reason(
    bank: Any, terminal_config: Any, card_keys: Any, tmp_path: Path
) -> None:
    bank.issue(card_keys)
    bank.behave["0200"] = "91"
    summary = asyncio.run(drive(kit_of(terminal_config, card_keys), 1, 50.0, 3, tmp_path)).summary()
    assert (summary["accepted"], summary["failed"]) == (2, 1)
    assert summary["declined"] == {"91 bank unavailable": 1}


@pytest.mark.parametrize(
    ("code", "failed"),
    [("30", 1), ("63", 1), ("68", 1), ("91", 1), ("94", 1), ("96", 1), ("13", 0), ("51", 0), ("62", 0)],
)
def test_declines_that_a_bank_that_works_does_not_give_count_as_failed(code: str, failed: int) -> None:
    tally = Tally()
    tally.add({"outcome": "declined", "code": code, "entry": "keyed", "stages_ms": {}}, 0.0)
    tally.add({"outcome": "approved", "code": "00", "entry": "keyed", "stages_ms": {}}, 0.0)
    summary = tally.summary()
    assert (summary["taps"], summary["accepted"], summary["failed"]) == (2, 1, failed)
    assert [reason[:2] for reason in summary["declined"]] == [code]


def test_a_child_that_does_not_end_by_itself_is_asked_before_it_is_killed() -> None:
    async def stopped() -> int | None:
        child = await Child.start("http.server", "0", "--bind", "127.0.0.1")
        await child.stop()
        return child._process.returncode

    assert asyncio.run(stopped()) == -signal.SIGTERM


@pytest.mark.parametrize("missing", ["terminals", "cards", "baskets"])
def test_a_kit_that_is_too_small_is_refused(bank: Any, terminal_config: Any, card_keys: Any, tmp_path: Path, missing: str) -> None:
    kit = kit_of(terminal_config, card_keys) | {missing: []}
    with pytest.raises(DriveError):
        asyncio.run(drive(kit, 1, 50.0, 1, tmp_path))


def test_an_interrupt_ends_an_endless_drive_in_order(bank: Any, terminal_config: Any, card_keys: Any, tmp_path: Path) -> None:
    bank.issue(card_keys)
    kit = tmp_path / "kit.json"
    kit.write_text(json.dumps(kit_of(terminal_config, card_keys)))
    code = (
        "import json, sys; from pathlib import Path; from deploy.demo import drive;"
        f"drive.read_kit = lambda: json.loads(Path({str(kit)!r}).read_text());"
        f"sys.argv[1:] = ['--forever', '--readers', '1', '--json', {str(tmp_path / 'summary.json')!r}];"
        "sys.exit(drive.main())"
    )
    environment = {**os.environ, "PILGRIM_RUN_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    driving = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment)
    try:
        deadline = time.monotonic() + 20
        while len(bank.posted) < 5:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        driving.send_signal(signal.SIGINT)
        assert driving.wait(20) == 0
    finally:
        driving.kill()
        driving.wait()
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["accepted"] >= 4
    assert summary["failed"] == 0


def test_percentiles_of_little_and_much() -> None:
    assert percentiles([]) == {"p50": 0, "p95": 0}
    assert percentiles([7.0]) == {"p50": 7.0, "p95": 7.0}
    assert percentiles([float(value) for value in range(101)]) == {"p50": 50.0, "p95": 95.0}


def test_an_endless_drive_keeps_only_the_latest_times() -> None:
    tally = Tally(keep=3)
    for milliseconds in range(10):
        tally.add({"outcome": "approved", "entry": "tap", "stages_ms": {"total": milliseconds}}, 0.0)
    assert tally.stages["total"] == [7, 8, 9]
    assert tally.summary()["taps"] == 10
