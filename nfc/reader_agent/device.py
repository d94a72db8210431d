"""The contactless reader behind `transmit(apdu)`. The only file that knows nfcpy.

What stock nfcpy does that a till must not suffer: activation errors become None; a malformed answer of the
card raises whatever it trips over; interrupts and device failures come back as False; a card that keeps
asking for time or keeps acknowledging is obeyed without end. One deadline per APDU bounds the last.
"""

import contextlib
import time
from collections.abc import Callable
from typing import Any, Protocol

from nfc.clf import CommunicationError, ContactlessFrontend, ProtocolError
from nfc.tag import TagCommandError

from reader_agent.goods_tag import GoodsTag, texts_of

APDU_SECONDS = 1.0
UID_LENGTH = 7
SAK_ISO_DEP = 0x20


class CardOnReader(Exception):
    """A card that pays lies where goods were awaited; it was asked for nothing."""


class CardLost(Exception):
    """The card left the field, or its answers cannot be understood; present it again."""


class ReaderFailed(Exception):
    """The reader device itself does not work."""


class PresentCard(Protocol):
    """An activated card: its UID (7 bytes), one exchange of APDUs, which raises CardLost, and whether it
    has stayed in the field since it was activated.
    """

    uid: bytes

    def transmit(self, apdu: bytes) -> bytes: ...

    def is_present(self) -> bool: ...


class Reader(Protocol):
    """A reader that looks once for a card; raises ReaderFailed."""

    def poll(self) -> PresentCard | None: ...


class _BoundedFrontend(ContactlessFrontend):  # type: ignore[misc]
    """Ends an exchange of blocks that passes its deadline."""

    deadline = 0.0

    def exchange(self, send_data: bytearray, timeout: float) -> bytearray:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise ProtocolError("the card took too long")
        answer: bytearray | None = super().exchange(send_data, min(timeout, left))
        if not answer:
            raise ProtocolError("an empty block")
        return answer


class _NfcpyCard:
    def __init__(self, frontend: _BoundedFrontend, tag: Any) -> None:
        self._frontend, self._tag = frontend, tag
        self.uid = bytes(tag.identifier)

    def transmit(self, apdu: bytes) -> bytes:
        self._frontend.deadline = time.monotonic() + APDU_SECONDS
        answer = _guarded(lambda: self._tag.transceive(apdu))
        if answer is None or len(answer) < 2:
            raise CardLost("the answer has no status word")
        return bytes(answer)

    def is_present(self) -> bool:
        """Asked twice before the answer is no, because one block may get lost."""
        for _ in range(2):
            self._frontend.deadline = time.monotonic() + APDU_SECONDS
            with contextlib.suppress(CardLost):
                if _guarded(lambda: self._tag.is_present):
                    return True
        return False


def _guarded(act: Callable[[], Any]) -> Any:
    """Whatever a card's bytes make nfcpy raise becomes CardLost."""
    try:
        return act()
    except (
        CommunicationError,
        TagCommandError,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        raise CardLost(type(error).__name__) from None


class NfcpyReader:
    """A reader at an nfcpy path: "usb", "tty:AMA0:pn532", "udp:127.0.0.1:54321". Raises ReaderFailed."""

    def __init__(self, path: str) -> None:
        self._frontend = _BoundedFrontend()
        try:
            is_open = self._frontend.open(path)
        except (OSError, ValueError) as error:
            raise ReaderFailed(f"the reader cannot be opened: {error}") from None
        if not is_open:
            raise ReaderFailed("no contactless reader answers at this path")

    def poll(self) -> PresentCard | None:
        """Look once; None when no card, several cards, or one of another kind is there."""
        looks = iter((False, True))
        self._frontend.deadline = time.monotonic() + APDU_SECONDS
        options = {
            "targets": ["106A"],
            "iterations": 1,
            "on-discover": lambda target: bool(target.sel_res and target.sel_res[0] & 0x60 == SAK_ISO_DEP),
            "on-connect": lambda tag: False,
        }
        try:
            tag = _guarded(lambda: self._frontend.connect(rdwr=options, terminate=lambda: next(looks)))
        except CardLost:
            return None
        if tag is False:
            raise ReaderFailed("the reader device stopped answering")
        if tag is None or len(tag.identifier) != UID_LENGTH:
            return None
        return _NfcpyCard(self._frontend, tag)

    def poll_goods(self) -> GoodsTag | None:
        """Look once for a tag on goods; None when no tag, several, or an unreadable one is there. Raises CardOnReader."""
        looks = iter((False, True))
        self._frontend.deadline = time.monotonic() + APDU_SECONDS
        seen: list[int] = []

        def discovered(target: Any) -> bool:
            seen.append(target.sel_res[0] if target.sel_res else 0)
            return seen[-1] & 0x60 != SAK_ISO_DEP

        options = {"targets": ["106A"], "iterations": 1, "on-discover": discovered, "on-connect": lambda tag: False}
        try:
            tag = _guarded(lambda: self._frontend.connect(rdwr=options, terminate=lambda: next(looks)))
            if any(selected & 0x60 == SAK_ISO_DEP for selected in seen):
                raise CardOnReader
            if tag is False:
                raise ReaderFailed("the reader device stopped answering")
            if tag is None:
                return None
            message = _guarded(lambda: tag.ndef and bytes(tag.ndef.octets))
        except CardLost:
            return None
        return GoodsTag(bytes(tag.identifier), texts_of(message or b""))

    def close(self) -> None:
        self._frontend.close()
