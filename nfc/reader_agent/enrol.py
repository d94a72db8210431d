"""A card out of the shop's stock for a pilgrim who has none: the form goes out sealed, and the card pays once that is confirmed."""

import os
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from reader_agent.answer import Answer, NoAnswer
from reader_agent.wire import Value

ENROLMENT = "940000"
TAGS = {"kind": 0xDF71, "number": 0xDF72, "country": 0xDF73, "name": 0xDF74, "mobile": 0xDF75}
NONCE_BYTES = 12
TRIES = 3

Ask = Callable[[str, dict[int, Value], dict[int, bytes]], Answer]


def sealed(form: Mapping[str, str], key: bytes, counter: int, fields: Mapping[int, Value]) -> bytes:
    """DF17: counter, nonce and ciphertext under the data key of that counter, bound to terminal, DE7 and DE11."""
    clear = b"".join(TAGS[name].to_bytes(2) + bytes([len(text.encode())]) + text.encode() for name, text in form.items())
    nonce = os.urandom(NONCE_BYTES)
    bound_to = f"{str(fields[41]).rstrip()}{fields[7]}{fields[11]}".encode()
    return counter.to_bytes(4) + nonce + AESGCM(key).encrypt(nonce, clear, bound_to)


def enrol(
    uid: bytes, seal: Callable[[Mapping[int, Value]], bytes], message: Callable[[], dict[int, Value]], ask: Ask, *, is_agreed: bool
) -> Answer:
    """Begin with 0100 and confirm with 0220; each is sent again when no answer comes. The last answer. Raises NoAnswer."""
    fields = message()
    private = {0xDF17: seal(fields), 0xDF18: uid, 0xDF19: bytes([is_agreed])}
    begun = _persistently(ask, "0100", "0100", fields, private)
    if not begun.is_approved:
        return begun
    code = begun.message.text(38)
    return _persistently(ask, "0220", "0221", message() | {4: "0" * 12, 38: code}, {0xDF18: uid})


def _persistently(ask: Ask, first: str, again: str, fields: dict[int, Value], private: dict[int, bytes]) -> Answer:
    for left in reversed(range(TRIES)):
        try:
            return ask(first, fields, private)
        except NoAnswer:
            if not left:
                raise
            first = again
    raise AssertionError
