"""The terminal's codec against the published frames, the gateway's codec, and noise."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_gateway.wire import codec
from reader_agent.wire import FIXED, VARIABLE, Kind, Value, WireError, decode, decode_tlv, encode, encode_tlv

FRAMES = json.loads((Path(__file__).parent.parent / "data/iso8583/frames.json").read_text())
BODIES = [bytes.fromhex(frame["frame"])[7:] for frame in FRAMES]


@pytest.mark.parametrize("body", BODIES)
def test_the_published_frames_are_read_and_written_the_same(body: bytes) -> None:
    message = decode(body)
    assert message.covered + message.mac == body
    assert encode(message.mti, message.fields) == message.covered


def values() -> st.SearchStrategy[dict[int, Value]]:
    """Any elements of the dialect but the MACs, with values that fit."""

    def value(element: int) -> st.SearchStrategy[Value]:
        kind, longest = (FIXED.get(element) or VARIABLE[element])[:2]
        shortest = longest if element in FIXED else 1
        if kind is Kind.BINARY:
            return st.binary(min_size=shortest, max_size=min(longest, 60))
        if kind is Kind.SIGNED:
            digits = st.text("0123456789", min_size=longest - 1, max_size=longest - 1)
            return st.tuples(st.sampled_from("CD"), digits).map("".join)
        letters = "0123456789" if kind is Kind.NUMERIC else "ABCXYZ 0123456789éÀ"
        return st.text(letters, min_size=shortest, max_size=min(max(longest, shortest), 60))

    elements = sorted((set(FIXED) | set(VARIABLE)) - {64, 128})
    return st.sets(st.sampled_from(elements), min_size=1).flatmap(
        lambda chosen: st.fixed_dictionaries({element: value(element) for element in sorted(chosen)})
    )


@given(values())
def test_every_message_reads_back_the_same_here_and_at_the_gateway(fields: dict[int, Value]) -> None:
    body = encode("0200", fields) + b"\x01\x02\x03\x04\x05\x06\x07\x08"
    assert decode(body).fields == fields
    theirs = codec.decode(body).fields
    assert {number: value for number, value in theirs.items() if number not in (64, 128)} == fields


@pytest.mark.parametrize("seed", range(4))
def test_noise_ends_in_a_wire_error_or_in_a_message(seed: int) -> None:
    draw = random.Random(seed)
    refused = 0
    for _ in range(3000):
        body = bytearray(draw.choice(BODIES))
        for _ in range(draw.randrange(1, 4)):
            body[draw.randrange(len(body))] = draw.randrange(256)
        if draw.random() < 0.3:
            del body[draw.randrange(len(body)) :]
        try:
            message = decode(bytes(body))
        except WireError:
            refused += 1
        else:
            assert message.covered + message.mac == bytes(body)
    assert refused > 1000


@pytest.mark.parametrize("body", BODIES)
def test_a_message_cut_anywhere_or_grown_is_refused(body: bytes) -> None:
    for length in range(len(body)):
        with pytest.raises(WireError):
            decode(body[:length])
    with pytest.raises(WireError):
        decode(body + b"\x00")


@pytest.mark.parametrize(
    "fields",
    [
        {3: "12345"},
        {3: "12345X"},
        {3: "۱۲۳۴۵۶"},
        {5: "1"},
        {41: "ترمینال1"},
        {48: "text"},
        {62: b"raw"},
        {44: "x" * 26},
    ],
)
def test_a_value_that_does_not_fit_is_refused_without_being_shown(fields: dict[int, Value]) -> None:
    with pytest.raises(WireError) as refusal:
        encode("0200", fields)
    assert str(next(iter(fields.values()))) not in str(refusal.value)


@given(st.dictionaries(st.integers(0xDF01, 0xDF7F), st.binary(max_size=300), max_size=8))
def test_tlv_reads_back_the_same(tags: dict[int, bytes]) -> None:
    assert decode_tlv(encode_tlv(tags)) == tags


@pytest.mark.parametrize("data", ["DF", "DF31", "DF3102FF", "DF3180", "DF3183000001FF", "DF0100DF0100", "010000", "DF3182FF"])
def test_malformed_tlv_is_refused(data: str) -> None:
    with pytest.raises(WireError):
        decode_tlv(bytes.fromhex(data))
