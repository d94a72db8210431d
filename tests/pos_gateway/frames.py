"""The published frames of the message specification, and messages for tests to bend."""

import json
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from pos_gateway.wire.codec import Message, encode
from pos_gateway.wire.fields import FIELDS, Format

# A busy machine is no reason to fail: the properties are about values, not about time.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

BDK = bytes.fromhex("FEDCBA9876543210F1F1F1F1F1F1F1F1")
INITIAL_KEY_ID = bytes.fromhex("1234567890123456")


class Published(NamedTuple):
    """One frame of tests/data/iso8583/frames.json."""

    name: str
    counter: int
    frame: bytes

    @property
    def body(self) -> bytes:
        return self.frame[7:]


PUBLISHED = [
    Published(entry["name"], entry["counter"], bytes.fromhex(entry["frame"]))
    for entry in json.loads((Path(__file__).parent.parent / "data/iso8583/frames.json").read_text())
]
CHALLENGE, CHALLENGE_ANSWER, PURCHASE, APPROVAL, REVERSAL, KEYED_PURCHASE, ECHO = PUBLISHED


def raw_fields(fields: dict[int, str | bytes]) -> dict[int, bytes]:
    """Each field as it stands on the wire."""
    return {number: encode(Message("0200", {number: value}))[18 if number > 64 else 10 :] for number, value in fields.items()}


def raw_message(mti: bytes, raw: dict[int, bytes], is_long: bool = False) -> bytes:
    """A message put together without the codec, so that nothing checks what is put in."""
    width = 128 if is_long or max(raw, default=0) > 64 else 64
    bits = sum(1 << (width - number) for number in raw) | (1 << 127 if width == 128 else 0)
    return mti + bits.to_bytes(width // 8, "big") + b"".join(raw[number] for number in sorted(raw))


_LATIN_1 = [chr(code) for code in range(0x20, 0x100) if not 0x7F <= code < 0xA0]


def values_of(form: Format) -> st.SearchStrategy[str | bytes]:
    """Values that a field of this format may hold."""
    shortest = 0 if form.prefix else form.maximum
    if form.kind == "x+n":
        return st.builds("{}{}".format, st.sampled_from("CD"), st.text("0123456789", min_size=16, max_size=16))
    if form.kind == "b":
        return st.binary(min_size=shortest, max_size=form.maximum)
    alphabet = {"n": list("0123456789"), "z": list("0123456789D")}.get(form.kind, _LATIN_1)
    return st.text(alphabet, min_size=shortest, max_size=form.maximum)


MESSAGE_TYPES = st.from_regex(r"[0-9]{4}", fullmatch=True).filter(str.isascii)
FIELD_SETS = (
    st.sets(st.sampled_from(sorted(FIELDS)), max_size=20)
    .map(lambda numbers: numbers - ({64} if max(numbers, default=0) > 64 else set()))
    .flatmap(lambda numbers: st.fixed_dictionaries({number: values_of(FIELDS[number]) for number in numbers}))
)
