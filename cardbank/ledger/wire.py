"""Between a door and the teller: 4 bytes big-endian length, then a msgpack list of [number, PostingRequest] one way and of
[number, Answer] the other. Many per frame; a number is the door's own and comes back with the answer.
"""

from collections.abc import Iterator

from msgspec import MsgspecError, Raw
from msgspec.msgpack import Decoder, Encoder

from cardbank.ledger.types import Answer, PostingRequest

MOST_BYTES = 4 << 20

_encoder = Encoder()
_requests = Decoder(list[tuple[int, PostingRequest]])
_answers = Decoder(list[tuple[int, Answer]])


class MalformedFrame(ValueError):
    """What arrived is not a frame of this protocol; its content is never repeated in the message."""


def frame(items: list[tuple[int, PostingRequest]] | list[tuple[int, Answer | Raw]]) -> bytes:
    body = _encoder.encode(items)
    return len(body).to_bytes(4, "big") + body


def requests_of(body: bytes) -> list[tuple[int, PostingRequest]]:
    """Raises MalformedFrame."""
    try:
        return _requests.decode(body)
    except MsgspecError:
        raise MalformedFrame("not a list of numbered posting requests") from None


def answers_of(body: bytes) -> list[tuple[int, Answer]]:
    """Raises MalformedFrame."""
    try:
        return _answers.decode(body)
    except MsgspecError:
        raise MalformedFrame("not a list of numbered answers") from None


class Frames:
    """Cuts a stream of bytes into frame bodies."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The bodies that `data` completes. Raises MalformedFrame for a length of more than MOST_BYTES."""
        waiting = self._waiting
        waiting += data
        start = 0
        while len(waiting) - start >= 4:
            length = int.from_bytes(waiting[start : start + 4], "big")
            if length > MOST_BYTES:
                raise MalformedFrame("a frame is too long")
            if len(waiting) - start - 4 < length:
                break
            yield bytes(waiting[start + 4 : start + 4 + length])
            start += 4 + length
        del waiting[:start]
