"""Frames of the terminal connection: two-byte big-endian length (without itself), five-byte TPDU, message.

The TPDU (ISO 8583 terminals' transport header) is an identifier, a destination and a source of two bytes
each.
"""

from typing import NamedTuple

TPDU_BYTES = 5
SHORTEST = 15  # a TPDU, a message type and one bitmap
LONGEST = 4096
TPDU_IDENTIFIERS = (0x60, 0x68)


class Frame(NamedTuple):
    """One whole frame without its length."""

    tpdu: bytes
    body: bytes


class FrameError(Exception):
    """The stream has lost its framing: close the connection without an answer.

    `frames` are the whole frames that arrived before the bad one in the same piece; they still deserve
    their answers.
    """

    def __init__(self, frames: list[Frame]) -> None:
        super().__init__("frame length or TPDU identifier out of range")
        self.frames = frames


class Deframer:
    """Cuts a stream into frames, whatever pieces it arrives in."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._is_broken = False

    @property
    def is_partial(self) -> bool:
        """Whether a frame has begun and not ended: the peer then has ten seconds to go on."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        """Whole frames after this piece; raises FrameError as soon as a length or identifier is out of
        range.
        """
        buffer = self._buffer
        buffer += data
        frames: list[Frame] = []
        start, size = 0, len(buffer)
        while size - start >= 2 and not self._is_broken:
            end = start + 2 + (buffer[start] << 8 | buffer[start + 1])
            is_identified = size - start < 3 or buffer[start + 2] in TPDU_IDENTIFIERS
            if not (is_identified and SHORTEST <= end - start - 2 <= LONGEST):
                self._is_broken = True
            elif end > size:
                break
            else:
                body = start + 2 + TPDU_BYTES
                frames.append(Frame(bytes(buffer[start + 2 : body]), bytes(buffer[body:end])))
                start = end
        if self._is_broken:
            buffer.clear()
            raise FrameError(frames)
        del buffer[:start]
        return frames


def frame(tpdu_of_request: bytes, body: bytes) -> bytes:
    """The frame of an answer: the request's TPDU with source and destination swapped.

    Raises ValueError for a TPDU that is not five bytes or a message that does not fit a frame.
    """
    length = TPDU_BYTES + len(body)
    if len(tpdu_of_request) != TPDU_BYTES or not SHORTEST <= length <= LONGEST:
        raise ValueError("TPDU or message length out of range")
    destination, source = tpdu_of_request[3:5], tpdu_of_request[1:3]
    return length.to_bytes(2, "big") + tpdu_of_request[:1] + destination + source + body
