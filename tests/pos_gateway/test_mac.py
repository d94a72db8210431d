"""The MAC covers every bit from the message type to itself, under one key and one direction."""

import pytest

from pos_gateway.wire import codec, dukpt, mac
from pos_gateway.wire.codec import Message
from pos_gateway.wire.errors import FormatError, Reason
from pos_gateway.wire.tlv import Tag
from tests.pos_gateway.frames import (
    BDK,
    INITIAL_KEY_ID,
    KEYED_PURCHASE,
    PURCHASE,
    REVERSAL,
    raw_fields,
    raw_message,
)

INITIAL_KEY = dukpt.initial_key(BDK, INITIAL_KEY_ID)
REQUESTS = [PURCHASE, REVERSAL, KEYED_PURCHASE]


def key(counter: int, usage: dukpt.Usage = dukpt.Usage.MAC_TO_HOST) -> bytes:
    return dukpt.WorkingKeys(INITIAL_KEY, INITIAL_KEY_ID).derive(counter, usage)


@pytest.mark.parametrize(
    ("size", "expected"),
    [(0, "bb1d6929e9593728"), (16, "070a16b46b4d4144"), (40, "dfa66747de9ae630"), (64, "51f0bebf7e3b9d92")],
)
def test_cmac_examples_of_rfc_4493(size, expected):
    data = bytes.fromhex(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
        "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
    )
    assert mac.cmac8(bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"), data[:size]).hex() == expected


@pytest.mark.parametrize("published", REQUESTS, ids=lambda published: published.name)
def test_flipped_bit_anywhere_breaks_it(published):
    message = codec.decode(published.body)
    mac_key = key(published.counter)
    assert mac.verify(message, mac_key)
    for at in range(len(published.body)):
        for bit in range(8):
            received = bytearray(published.body)
            received[at] ^= 1 << bit
            assert not mac.verify(Message(message.mti, message.fields, bytes(received), message.mac_at), mac_key)


@pytest.mark.parametrize("published", REQUESTS, ids=lambda published: published.name)
def test_change_in_each_field_breaks_it(published):
    """Only changes that still make a well-formed message, field by field, with the old MAC left in place."""
    fields = codec.decode(published.body).fields
    mac_key = key(published.counter)
    changed = 0
    for number in fields.keys() - {64, 128}:
        value = fields[number]
        other = bytes([value[0] ^ 1]) + value[1:] if isinstance(value, bytes) else value[:-1] + "7"
        if other == value:
            other = value[:-1] + "6"
        body = codec.encode(Message("0200", fields | {number: other}))
        assert not mac.verify(codec.decode(body), mac_key)
        changed += 1
    assert changed == len(fields) - 1


def test_other_counter_direction_or_terminal_has_another_mac():
    message = codec.decode(PURCHASE.body)
    other_id = bytes.fromhex("1234567890123457")
    other = dukpt.WorkingKeys(dukpt.initial_key(BDK, other_id), other_id)
    assert not mac.verify(message, key(PURCHASE.counter + 1))
    assert not mac.verify(message, key(PURCHASE.counter, dukpt.Usage.MAC_TO_TERMINAL))
    assert not mac.verify(message, other.derive(PURCHASE.counter, dukpt.Usage.MAC_TO_HOST))


def test_message_without_mac_is_not_verified():
    fields = codec.decode(PURCHASE.body).fields
    del fields[64]
    bare = codec.decode(codec.encode(Message("0200", fields)))
    assert bare.mac_at == 0
    assert not mac.verify(bare, key(PURCHASE.counter))


def test_received_bytes_are_verified_and_not_packed_again():
    """An empty second bitmap would vanish in packing; the MAC was made over it."""
    raw = raw_fields(codec.decode(PURCHASE.body).fields)
    mac_key = key(PURCHASE.counter)
    unsigned = raw_message(b"\x02\x00", raw, is_long=True)[:-8]
    message = codec.decode(unsigned + mac.cmac8(mac_key, unsigned))
    assert mac.verify(message, mac_key)
    assert not mac.verify(codec.decode(raw_message(b"\x02\x00", raw, is_long=True)), mac_key)


def test_sender_of_a_malformed_message_can_be_told_from_a_forger():
    raw = raw_fields(codec.decode(PURCHASE.body).fields) | {5: bytes(6)}
    mac_key = key(PURCHASE.counter)
    unsigned = raw_message(b"\x02\x00", raw)[:-8]
    with pytest.raises(FormatError) as honest:
        codec.decode(unsigned + mac.cmac8(mac_key, unsigned))
    assert honest.value.partial.private[Tag.KSN] == INITIAL_KEY_ID + b"\0\0\0\x02"
    assert mac.verify(honest.value.partial, mac_key)
    with pytest.raises(FormatError) as forged:
        codec.decode(unsigned + bytes(8))
    assert not mac.verify(forged.value.partial, mac_key)


@pytest.mark.parametrize(("fields", "number"), [({3: "000000"}, 64), ({3: "000000", 70: "301"}, 128), ({}, 64)])
def test_signature_stands_in_the_right_half(fields, number):
    signed = codec.decode(mac.sign(Message("0810", fields), bytes(16)))
    assert signed.fields.keys() - fields.keys() == {number}
    assert mac.verify(signed, bytes(16))


def test_signing_replaces_an_old_mac_and_leaves_the_message_alone():
    message = Message("0210", {39: "00", 64: b"old mac!"})
    assert mac.sign(message, bytes(16)) == mac.sign(Message("0210", {39: "00"}), bytes(16))
    assert message.fields[64] == b"old mac!"
    moved = codec.decode(mac.sign(Message("0410", {64: b"old mac!", 90: "0" * 42}), bytes(16)))
    assert moved.fields.keys() == {90, 128}


def test_what_cannot_be_written_cannot_be_signed():
    with pytest.raises(FormatError) as caught:
        mac.sign(Message("0210", {39: "0"}), bytes(16))
    assert caught.value.reason is Reason.WRONG_LENGTH
