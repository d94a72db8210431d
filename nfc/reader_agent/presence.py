"""One card between two requests of a page: found and asked by the first, answering the bank in the second; or a tag on goods."""

import secrets
import time
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple, Protocol, TypeVar

from reader_agent.device import CardLost, CardOnReader, PresentCard, Reader, ReaderFailed
from reader_agent.goods_tag import GoodsTag
from reader_agent.tap import CardRefused, answer_of, challenge_of

T = TypeVar("T")

LOOK_SECONDS = 0.02
HANDOVER_SECONDS = 1.0


class Fault(Exception):
    """Why a page's wish cannot be met; `code` is what the page has a sentence for."""

    def __init__(self, code: str, status: int = 409) -> None:
        super().__init__(code)
        self.code, self.status = code, status


class ClosableReader(Reader, Protocol):
    def poll_goods(self) -> GoodsTag | None: ...

    def close(self) -> None: ...


class Begun(NamedTuple):
    """A card that waits for the bank's part: the name of this tap, UID (7 bytes), E(RndB) (16 bytes)."""

    tap: str
    uid: bytes
    challenge: bytes


class Presence:
    """The reader of one machine, for one page at a time. A reader that failed is opened again for the next tap."""

    def __init__(self, open_reader: Callable[[], ClosableReader]) -> None:
        self._open = open_reader
        self._reader: ClosableReader | None = None
        self._card: tuple[str, PresentCard] | None = None
        self._in_use = Lock()

    def begin(self, seconds: float, is_wanted: Callable[[], bool]) -> Begun:
        """Wait for a card, as long as the page is there, and let it begin. Raises Fault."""
        if not self._in_use.acquire(timeout=HANDOVER_SECONDS):
            raise Fault("busy")
        try:
            return self._begin(time.monotonic() + seconds, is_wanted)
        except ReaderFailed:
            self._let_go()
            raise Fault("reader_failed", 503) from None
        finally:
            self._in_use.release()

    def goods(self, seconds: float, is_wanted: Callable[[], bool]) -> GoodsTag:
        """Wait for a tag on goods, as long as the page is there. A card that pays is sent away unread. Raises Fault."""
        if not self._in_use.acquire(timeout=HANDOVER_SECONDS):
            raise Fault("busy")
        try:
            self._card = None
            return self._wait(lambda reader: reader.poll_goods(), time.monotonic() + seconds, is_wanted, "no_tag")
        except CardOnReader:
            raise Fault("card_not_goods") from None
        except ReaderFailed:
            self._let_go()
            raise Fault("reader_failed", 503) from None
        finally:
            self._in_use.release()

    def finish(self, tap: str, part2: bytes) -> bytes:
        """The answer of the card that began this tap, once. Raises Fault."""
        with self._in_use:
            kept, self._card = self._card, None
            if kept is None or kept[0] != tap:
                raise Fault("tap_over")
            try:
                return answer_of(kept[1], part2)
            except CardLost:
                raise Fault("card_lost") from None
            except CardRefused:
                raise Fault("card_refused") from None

    def close(self) -> None:
        with self._in_use:
            self._let_go()

    def _begin(self, deadline: float, is_wanted: Callable[[], bool]) -> Begun:
        self._card = None

        def look(reader: ClosableReader) -> Begun | None:
            card = reader.poll()
            return self._ask(card) if card is not None else None

        return self._wait(look, deadline, is_wanted, "no_card")

    def _wait(self, look: Callable[[ClosableReader], T | None], deadline: float, is_wanted: Callable[[], bool], in_vain: str) -> T:
        """Look until something is found. Raises Fault `in_vain`, also where the page has gone."""
        self._reader = self._reader or self._open()
        while is_wanted():
            found = look(self._reader)
            if found is not None:
                return found
            if time.monotonic() >= deadline:
                break
            time.sleep(LOOK_SECONDS)
        raise Fault(in_vain)

    def _ask(self, card: PresentCard) -> Begun | None:
        """None where the card left again: nothing was charged, so that one goes on waiting. Raises Fault."""
        try:
            challenge = challenge_of(card)
        except CardLost:
            return None
        except CardRefused:
            raise Fault("card_refused") from None
        begun = Begun(secrets.token_hex(8), card.uid, challenge)
        self._card = begun.tap, card
        return begun

    def _let_go(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader = self._card = None
