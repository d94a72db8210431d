from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kernel.errors import StartRefused
from pos_gateway import security
from pos_gateway.security import SerialJournal, Suspicion

A, B = b"AAAAAAAA", b"BBBBBBBB"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "serials.journal"


def test_a_counter_counts_once_and_each_key_by_itself(path: Path) -> None:
    journal = SerialJournal(path)
    assert journal.accept(A, 5)
    assert not journal.accept(A, 5)
    assert journal.accept(B, 5)
    assert journal.accept(A, 3)
    assert not journal.accept(A, 3)
    assert journal.accept(A, 69)
    assert not journal.accept(A, 5)
    journal.close()


def test_what_was_used_stays_used_after_a_restart_and_after_a_torn_record(path: Path) -> None:
    journal = SerialJournal(path)
    for counter in (1, 2, 70, 68):
        assert journal.accept(A, counter)
    journal.close()
    with path.open("ab") as file:
        file.write(A + b"\x00")
    again = SerialJournal(path)
    assert [again.accept(A, counter) for counter in (1, 6, 68, 70, 69, 71)] == [
        False,
        False,
        False,
        False,
        True,
        True,
    ]
    again.close()


def test_the_journal_is_rewritten_before_it_grows_without_end(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "COMPACT_AT_BYTES", 2_000)
    journal = SerialJournal(path)
    for counter in range(1, 2_000):
        assert journal.accept(A, counter)
        journal.flush()
    assert path.stat().st_size < 4_000
    journal.close()
    again = SerialJournal(path)
    assert path.stat().st_size == 64 * 12
    assert not any(again.accept(A, counter) for counter in range(1, 2_000))
    assert again.accept(A, 2_000)
    again.close()


def test_two_gateways_never_share_a_journal(path: Path) -> None:
    journal = SerialJournal(path)
    with pytest.raises(StartRefused, match="Another gateway"):
        SerialJournal(path)
    journal.close()
    SerialJournal(path).close()


def test_ten_failures_within_an_hour_are_too_many() -> None:
    suspicion = Suspicion()
    minutes = [suspicion.is_over("T0000001", NOW + timedelta(minutes=minute)) for minute in range(10)]
    assert minutes == [False] * 9 + [True]
    assert not suspicion.is_over("T0000001", NOW + timedelta(minutes=11))


def test_failures_older_than_an_hour_are_forgotten() -> None:
    suspicion = Suspicion()
    assert not any(suspicion.is_over("T0000001", NOW + timedelta(minutes=7 * turn)) for turn in range(40))


def test_a_flood_of_invented_terminals_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "MOST_KEYS", 50)
    suspicion = Suspicion()
    for number in range(500):
        suspicion.is_over(f"X{number}", NOW)
    assert len(suspicion._failures) == 50
