"""The terminal's memory through crashes, torn writes and two processes."""

import os
from pathlib import Path

import pytest

from reader_agent.dukpt import TerminalKeys
from reader_agent.flash import PAGE, RESERVED_AHEAD, Flash, FlashError

KEYS = TerminalKeys(bytes(16), bytes(8))
REVERSAL = {"card_number": "9364000000000000001", "4": "000000150000"}


def crash(flash: Flash) -> None:
    """The process is gone: nothing is given back, the lock falls."""
    os.close(flash._file)
    flash._file = -1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "terminal.flash"


def test_numbers_start_at_one_and_go_on_after_an_orderly_end(path: Path) -> None:
    flash = Flash(path, "TERM0001", KEYS)
    assert [flash.next_stan(), flash.next_stan()] == ["000001", "000002"]
    assert flash.next_counter() == 1
    flash.close()
    flash = Flash(path, "TERM0001", KEYS)
    assert (flash.next_stan(), flash.next_counter(), flash.next_invoice()) == ("000003", 2, "000001")
    flash.close()


def test_no_number_is_given_twice_whenever_the_process_dies(path: Path) -> None:
    stans, counters = set(), set()
    for used in (1, 2, RESERVED_AHEAD - 1, RESERVED_AHEAD, RESERVED_AHEAD + 1, 3 * RESERVED_AHEAD, 1):
        flash = Flash(path, "TERM0001", KEYS)
        for _ in range(used):
            stan, counter = flash.next_stan(), flash.next_counter()
            assert stan not in stans
            assert counter not in counters
            stans.add(stan)
            counters.add(counter)
        crash(flash)


def test_no_counter_is_given_twice_where_counters_are_skipped(path: Path) -> None:
    flash = Flash(path, "TERM0001", KEYS)
    flash._numbers["counter"] = 0x1FFFF0 - 20
    flash._reserved["counter"] = 0
    counters = [flash.next_counter() for _ in range(40)]
    crash(flash)
    flash = Flash(path, "TERM0001", KEYS)
    counters += [flash.next_counter() for _ in range(40)]
    flash.close()
    assert counters == sorted(set(counters))
    assert all(counter.bit_count() <= 16 for counter in counters)


def test_trace_numbers_go_round_after_six_digits(path: Path) -> None:
    flash = Flash(path, "TERM0001", KEYS)
    flash._numbers["stan"] = flash._reserved["stan"] = 999_998
    assert [flash.next_stan(), flash.next_stan(), flash.next_stan()] == ["999999", "000001", "000002"]
    crash(flash)
    flash = Flash(path, "TERM0001", KEYS)
    assert int(flash.next_stan()) == 1 + RESERVED_AHEAD + 1
    flash.close()


def test_a_reversal_outlives_the_process_and_is_sealed(path: Path) -> None:
    flash = Flash(path, "TERM0001", KEYS)
    flash.write_reversal(REVERSAL)
    crash(flash)
    assert b"9364" not in path.read_bytes()
    flash = Flash(path, "TERM0001", KEYS)
    assert flash.read_reversal() == REVERSAL
    flash.clear_reversal()
    crash(flash)
    flash = Flash(path, "TERM0001", KEYS)
    assert flash.read_reversal() is None
    flash.close()


@pytest.mark.parametrize("cut", [0, 1, 5, 40, 120])
def test_a_torn_write_leaves_the_value_before_it(path: Path, cut: int) -> None:
    flash = Flash(path, "TERM0001", KEYS)
    flash.write_reversal({"4": "1"})
    before = path.read_bytes()
    flash.write_reversal({"4": "2"})
    crash(flash)
    after = path.read_bytes()
    changed = [at for at in range(len(after)) if after[at] != before[at]]
    page = changed[0] // PAGE * PAGE
    path.write_bytes(after[: page + cut] + before[page + cut :])
    flash = Flash(path, "TERM0001", KEYS)
    assert flash.read_reversal() == {"4": "1"}
    flash.close()


def test_two_processes_cannot_hold_one_terminal(path: Path) -> None:
    flash = Flash(path, "TERM0001", KEYS)
    with pytest.raises(FlashError, match="another reader agent"):
        Flash(path, "TERM0001", KEYS)
    flash.close()
    Flash(path, "TERM0001", KEYS).close()


def test_the_memory_of_another_terminal_is_refused(path: Path) -> None:
    Flash(path, "TERM0001", KEYS).close()
    with pytest.raises(FlashError, match="another terminal"):
        Flash(path, "TERM0002", KEYS)


def test_a_damaged_file_is_refused_rather_than_started_anew(path: Path) -> None:
    Flash(path, "TERM0001", KEYS).close()
    path.write_bytes(b"\xff" * len(path.read_bytes()))
    with pytest.raises(FlashError, match="damaged"):
        Flash(path, "TERM0001", KEYS)


def test_a_reversal_under_another_key_must_be_settled_by_hand(path: Path) -> None:
    flash = Flash(path, "TERM0001", KEYS)
    flash.write_reversal(REVERSAL)
    crash(flash)
    flash = Flash(path, "TERM0001", TerminalKeys(b"\x01" * 16, bytes(8)))
    with pytest.raises(FlashError, match="by hand"):
        flash.read_reversal()
    flash.close()


def test_a_refused_reversal_is_parked_without_a_card(path: Path) -> None:
    flash = Flash(path, "TERM0001", KEYS)
    flash.write_reversal(REVERSAL)
    flash.park_reversal({"code": "64", "stan": "000003"})
    assert flash.read_reversal() is None
    flash.close()
    assert path.with_suffix(".parked").read_text() == '{"code": "64", "stan": "000003"}\n'


def test_the_file_is_for_its_owner_only(path: Path) -> None:
    Flash(path, "TERM0001", KEYS).close()
    assert path.stat().st_mode & 0o077 == 0
