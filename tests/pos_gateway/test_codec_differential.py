"""Our codec against pyiso8583 with the guards, and against py8583: same bytes out, same values in, same refusals."""

import random

import pytest
from hypothesis import given, settings

from pos_gateway.wire.codec import Message, decode, encode
from pos_gateway.wire.errors import FormatError
from pos_gateway.wire.fields import FIELDS
from tests.pos_gateway import py8583_dialect_a, pyiso8583_dialect_a
from tests.pos_gateway.frames import FIELD_SETS, MESSAGE_TYPES, PUBLISHED, raw_message, unhurried
from tests.pos_gateway.test_codec import damaged

ROUNDS = 8_000


def read(body: bytes) -> tuple[str, dict[int, str | bytes]] | None:
    try:
        message = decode(body)
    except FormatError:
        return None
    return message.mti, message.fields


def read_by_pyiso8583(body: bytes) -> tuple[str, dict[int, str | bytes]] | None:
    try:
        return pyiso8583_dialect_a.decode(body)
    except pyiso8583_dialect_a.RefusedError:
        return None


def test_both_tables_hold_the_same_elements():
    theirs = {int(key) for key in pyiso8583_dialect_a.SPEC if key not in ("h", "t", "p", "1")}
    assert theirs == FIELDS.keys() == py8583_dialect_a.DialectA().ContentTypes.keys()


@unhurried
@given(MESSAGE_TYPES, FIELD_SETS)
def test_what_we_write_pyiso8583_reads_and_would_write(mti, fields):
    body = encode(Message(mti, fields))
    assert pyiso8583_dialect_a.encode(mti, fields) == body
    assert read_by_pyiso8583(body) == (mti, fields)


@unhurried
@given(MESSAGE_TYPES, FIELD_SETS)
def test_what_pyiso8583_writes_we_read(mti, fields):
    assert read(pyiso8583_dialect_a.encode(mti, fields)) == (mti, fields)


@unhurried
@given(MESSAGE_TYPES, FIELD_SETS)
def test_what_we_write_py8583_reads_and_would_write(mti, fields):
    body = encode(Message(mti, fields))
    assert py8583_dialect_a.unpack(body) == (mti, fields)
    assert py8583_dialect_a.pack(mti, fields) == body


@settings(unhurried, max_examples=200)
@given(MESSAGE_TYPES, FIELD_SETS)
def test_what_py8583_writes_we_read(mti, fields):
    assert read(py8583_dialect_a.pack(mti, fields)) == (mti, fields)


def test_damaged_messages_are_taken_or_refused_alike():
    chance = random.Random(19_87)
    bodies = [published.body for published in PUBLISHED]
    taken = 0
    for _ in range(ROUNDS):
        body = damaged(chance, chance.choice(bodies))
        ours = read(body)
        assert ours == read_by_pyiso8583(body), body.hex()
        taken += ours is not None
    assert ROUNDS // 50 < taken < ROUNDS


def test_random_field_contents_are_taken_or_refused_alike():
    """Each element alone with random bytes of about its size: reaches the elements that the frames do not carry."""
    chance = random.Random(41)
    taken = set()
    for _ in range(ROUNDS):
        number = chance.choice(sorted(FIELDS))
        form = FIELDS[number]
        width = (form.maximum + 1) // 2 if form.kind in ("n", "z") else form.maximum
        width = 9 if form.kind == "x+n" else width
        size = chance.randint(0, min(width, 30)) if form.prefix else width
        content = bytes(chance.choice(b"0123456789CD\x00\x01\x12\x99 \xe9") for _ in range(size))
        count = 2 * size - chance.randint(0, 1) if form.kind in ("n", "z") else size
        prefix = bytes.fromhex(f"{max(count, 0):0{2 * form.prefix}d}") if form.prefix else b""
        body = raw_message(b"\x02\x00", {number: prefix + content})
        ours = read(body)
        assert ours == read_by_pyiso8583(body), body.hex()
        if ours:
            taken.add(number)
    assert taken >= FIELDS.keys() - {43, 90, 95, 97}


@pytest.mark.parametrize("numbers", [(5,), (65,), (64, 128), (64, 90), (1,)])
def test_refused_bitmaps_are_refused_alike(numbers):
    body = raw_message(b"\x02\x00", {number: bytes(8) for number in numbers}, is_long=True)
    assert (read(body) is None) == (read_by_pyiso8583(body) is None)
