"""AES-DUKPT against published keys, against a terminal's own way of deriving them, and its replay window."""

import random

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from pos_gateway.wire.dukpt import (
    ReplayWindow,
    Usage,
    WorkingKeys,
    initial_key,
    split_serial,
    working_key,
)
from pos_gateway.wire.errors import KeySerialError
from tests.pos_gateway.frames import BDK, INITIAL_KEY_ID, unhurried

INITIAL_KEY = bytes.fromhex("1273671EA26AC29AFA4D1084127652A1")


def serial(counter: int) -> bytes:
    return INITIAL_KEY_ID + counter.to_bytes(4, "big")


def test_initial_key_is_the_published_one():
    assert initial_key(BDK, INITIAL_KEY_ID) == INITIAL_KEY


@pytest.mark.parametrize(
    ("counter", "usage", "key"),
    [
        (1, Usage.PIN_ENCRYPTION, "AF8CB133A78F8DC2D1359F18527593FB"),
        (1, Usage.MAC_TO_HOST, "A2DC23DE6FDE0824A2BC321E08E4B8B7"),
        (1, Usage.MAC_TO_TERMINAL, "DBB463945B286C07CD3AD82EE96FD9C9"),
        (1, Usage.DATA_TO_HOST, "A35C412EFD41FDB98B69797C02DCD08F"),
        (1, Usage.DATA_TO_TERMINAL, "16292C6EA8F64C5420A0584BFBC577BE"),
        (2, Usage.PIN_ENCRYPTION, "D30BDC73EC9714B000BEC66BDB7B6D09"),
        (2, Usage.MAC_TO_HOST, "484C3B06E8562704528CD5B46FB12FB6"),
        (3, Usage.PIN_ENCRYPTION, "7D69F01F3B45449F62C7816ECE723268"),
        (3, Usage.MAC_TO_HOST, "A5DF7D9D800CA769766F0C77CA4E6E6C"),
        (4, Usage.MAC_TO_HOST, "E6E4679647D8A9057C1FC15537CB4C4E"),
        (8, Usage.PIN_ENCRYPTION, "4D9DF3FBEE3448FC3E676D04320A90F5"),
        (8, Usage.MAC_TO_HOST, "6FD572E5D59E618875F193484F9178FB"),
        (8, Usage.DATA_TO_HOST, "650F34204ABD4E57764D61AC3D266FB1"),
        (8_675_309, Usage.PIN_ENCRYPTION, "D1DDA386AA4A556AF0119FDCB5D132C6"),
    ],
)
def test_working_key_is_the_published_one(counter, usage, key):
    assert working_key(INITIAL_KEY, serial(counter), usage) == bytes.fromhex(key)
    assert WorkingKeys(INITIAL_KEY, INITIAL_KEY_ID).derive(counter, usage) == bytes.fromhex(key)


class TerminalRegister:
    """The terminal's side of X9.24-3: 32 intermediate keys, used up and renewed as the counter runs."""

    def __init__(self, key: bytes) -> None:
        self.counter = 0
        self.keys: dict[int, bytes] = {}
        self._renew(key, 1 << 31)
        self.counter = 1

    def _derive(self, key: bytes, usage: int, counter: int) -> bytes:
        data = bytes.fromhex(f"0101{usage:04x}00020080") + INITIAL_KEY_ID[4:] + counter.to_bytes(4, "big")
        encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
        return encryptor.update(data) + encryptor.finalize()

    def _renew(self, key: bytes, bit: int) -> None:
        while bit:
            self.keys[bit] = self._derive(key, 0x8000, self.counter | bit)
            bit >>= 1

    def run_up_to(self, counter: int) -> None:
        """Take the registers to where they stand before this transmission, without making those between."""
        self.counter = 0
        rest = counter
        while rest:
            bit = 1 << (rest.bit_length() - 1)
            rest ^= bit
            key = self.keys[bit]
            self.counter |= bit
            if rest:
                self._renew(key, bit >> 1)

    def next(self, usage: int) -> tuple[int, bytes]:
        """The counter of the next transmission and its key."""
        counter, bit = self.counter, self.counter & -self.counter
        intermediate = self.keys.pop(bit)
        key = self._derive(intermediate, usage, counter)
        if counter.bit_count() < 16:
            self._renew(intermediate, bit >> 1)
            self.counter += 1
        else:
            self.counter += bit
        return counter, key


def test_host_and_terminal_agree_over_many_transmissions():
    terminal, host = TerminalRegister(INITIAL_KEY), WorkingKeys(INITIAL_KEY, INITIAL_KEY_ID)
    for _ in range(3_000):
        counter, key = terminal.next(Usage.MAC_TO_HOST)
        assert host.derive(counter, Usage.MAC_TO_HOST) == key
    assert terminal.counter == 3_001


def test_host_and_terminal_agree_where_the_terminal_passes_over_counters():
    """After 16 one bits the register's next counter is the next multiple of the last bit used."""
    terminal, host = TerminalRegister(INITIAL_KEY), WorkingKeys(INITIAL_KEY, INITIAL_KEY_ID)
    terminal.run_up_to(0x1FFFC)
    seen = []
    for _ in range(5):
        counter, derived = terminal.next(Usage.MAC_TO_HOST)
        seen.append(counter)
        assert host.derive(counter, Usage.MAC_TO_HOST) == derived
    assert seen == [0x1FFFC, 0x1FFFD, 0x1FFFE, 0x20000, 0x20001]


def test_kept_path_gives_the_keys_of_a_fresh_derivation_in_any_order():
    chance = random.Random(924)
    kept = WorkingKeys(INITIAL_KEY, INITIAL_KEY_ID)
    counters = [chance.randrange(1, 1 << 32) for _ in range(400)] + list(range(1, 400)) + [0xFFFF0000, 1, 0x80000000]
    counters = [counter for counter in counters if counter.bit_count() <= 16]
    chance.shuffle(counters)
    for counter in counters:
        usage = chance.choice(list(Usage))
        assert kept.derive(counter, usage) == working_key(INITIAL_KEY, serial(counter), usage)


def test_every_usage_counter_and_terminal_has_its_own_key():
    other = initial_key(BDK, bytes(8))
    keys = {working_key(INITIAL_KEY, serial(counter), usage) for counter in range(1, 50) for usage in Usage}
    keys |= {WorkingKeys(other, bytes(8)).derive(counter, usage) for counter in range(1, 50) for usage in Usage}
    assert len(keys) == 2 * 49 * len(Usage)


@pytest.mark.parametrize("counter", [0, -1, 1 << 32, 0x1FFFF, 0xFFFFFFFF])
def test_counter_no_terminal_can_reach_is_refused(counter):
    with pytest.raises(KeySerialError):
        WorkingKeys(INITIAL_KEY, INITIAL_KEY_ID).derive(counter, Usage.MAC_TO_HOST)


def test_last_counter_is_taken():
    assert len(working_key(INITIAL_KEY, serial(0xFFFF0000), Usage.MAC_TO_HOST)) == 16


def test_serial_is_split_and_its_length_checked():
    assert split_serial(serial(7)) == (INITIAL_KEY_ID, 7)
    for size in (0, 11, 13):
        with pytest.raises(KeySerialError):
            split_serial(bytes(size))


@pytest.mark.parametrize(("key", "key_id"), [(bytes(16), bytes(7)), (bytes(15), bytes(8)), (bytes(32), bytes(8))])
def test_keys_and_ids_have_their_lengths(key, key_id):
    with pytest.raises(ValueError, match="bytes"):
        initial_key(key, key_id)
    with pytest.raises(ValueError, match="bytes"):
        WorkingKeys(key, key_id)


def test_no_key_in_a_representation():
    keys = WorkingKeys(INITIAL_KEY, INITIAL_KEY_ID)
    keys.derive(5, Usage.MAC_TO_HOST)
    assert INITIAL_KEY.hex() not in repr(keys).lower()


def test_replay_is_refused_and_late_ones_within_the_window_are_taken_once():
    window = ReplayWindow()
    assert window.accept(100)
    assert not window.accept(100)
    assert window.accept(37)
    assert not window.accept(37)
    assert not window.accept(36)
    assert window.accept(101)
    assert not window.is_fresh(37)
    assert window.accept(1_000_000)
    assert not window.accept(100)
    assert window.highest == 1_000_000
    assert window._seen.bit_length() <= 64


@pytest.mark.parametrize("counter", [0, -1, -64])
def test_no_counter_is_fresh_before_the_first(counter):
    assert not ReplayWindow().accept(counter)


@unhurried
@given(st.lists(st.integers(0, 200), max_size=300))
def test_window_accepts_exactly_the_unseen_counters_in_reach(counters):
    window, used = ReplayWindow(), set()
    for counter in counters:
        expected = counter > 0 and counter not in used and counter > max(used, default=0) - 64
        assert window.is_fresh(counter) == expected
        assert window.accept(counter) == expected
        if expected:
            used.add(counter)


@unhurried
@given(st.sets(st.integers(1, 300), min_size=1), st.randoms(use_true_random=False))
def test_window_rebuilt_in_any_order_refuses_what_was_used(counters, chance):
    shuffled = list(counters)
    chance.shuffle(shuffled)
    window = ReplayWindow()
    for counter in shuffled:
        window.accept(counter)
    assert window.highest == max(counters)
    assert not any(window.is_fresh(counter) for counter in counters)
    assert window.is_fresh(max(counters) + 1)
