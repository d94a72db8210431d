"""The terminal's key derivation against the published check value and against the gateway's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_gateway.wire.dukpt import Usage as HostUsage
from pos_gateway.wire.dukpt import WorkingKeys
from reader_agent.dukpt import MAX_COUNTER, KeysExhausted, TerminalKeys, Usage, next_counter

INITIAL_KEY = bytes.fromhex("1273671EA26AC29AFA4D1084127652A1")
KEY_ID = bytes.fromhex("1234567890123456")


def test_the_first_pin_key_agrees_with_x9_24_3() -> None:
    key = TerminalKeys(INITIAL_KEY, KEY_ID).working_key(1, Usage.PIN)
    assert key == bytes.fromhex("AF8CB133A78F8DC2D1359F18527593FB")


@given(st.integers(1, MAX_COUNTER).filter(lambda counter: counter.bit_count() <= 16), st.sampled_from(Usage))
def test_every_key_agrees_with_the_host(counter: int, usage: Usage) -> None:
    ours = TerminalKeys(INITIAL_KEY, KEY_ID).working_key(counter, usage)
    assert ours == WorkingKeys(INITIAL_KEY, KEY_ID).derive(counter, HostUsage(usage))


def test_remembered_keys_stay_right_over_many_counters() -> None:
    keys, host = TerminalKeys(INITIAL_KEY, KEY_ID), WorkingKeys(INITIAL_KEY, KEY_ID)
    for counter in range(1, 3000):
        assert keys.working_key(counter, Usage.MAC_TO_HOST) == host.derive(counter, HostUsage.MAC_TO_HOST)


@given(st.integers(0, MAX_COUNTER - (1 << 20)))
def test_the_next_counter_is_the_nearest_with_at_most_sixteen_bits(counter: int) -> None:
    following = next_counter(counter)
    assert following > counter
    assert following.bit_count() <= 16
    for skipped in range(counter + 1, min(following, counter + 200)):
        assert skipped.bit_count() > 16


def test_counters_pass_over_those_with_seventeen_bits() -> None:
    assert next_counter(0x1FFFE) == 0x20000


def test_the_last_counter_ends_the_key() -> None:
    assert next_counter(0xFFFE_FFFF) == 0xFFFF_0000
    with pytest.raises(KeysExhausted):
        next_counter(0xFFFF_0000)


@pytest.mark.parametrize(("key", "key_id"), [(15, 8), (24, 8), (16, 7), (16, 12)])
def test_keys_of_other_lengths_are_refused(key: int, key_id: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        TerminalKeys(bytes(key), bytes(key_id))


def test_no_key_shows_in_a_representation() -> None:
    assert repr(TerminalKeys(INITIAL_KEY, KEY_ID)) == "TerminalKeys(…)"
