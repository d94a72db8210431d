"""The online tap: three APDUs to the card, with the bank in between. Nothing is written to the card.

Sources: MF2DL data sheet rev 3.3 (ISO SELECT, AuthenticateEV2First), AN12196 6.6 (worked example).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from reader_agent.device import CardLost, PresentCard

ONLINE_KEY = 1
DF_NAME = bytes.fromhex("F0534D41525450494C4752494D01")
SELECT = b"\x00\xa4\x04\x0c" + bytes([len(DF_NAME)]) + DF_NAME
AUTHENTICATE_EV2_FIRST = bytes([0x90, 0x71, 0x00, 0x00, 0x02, ONLINE_KEY, 0x00, 0x00])
STATUS_OK, STATUS_MORE, ISO_OK = b"\x91\x00", b"\x91\xaf", b"\x90\x00"


class CardRefused(Exception):
    """The card answers, but not as a card of this scheme; `status` is its status word in hexadecimal."""

    def __init__(self, step: str, status: bytes) -> None:
        super().__init__(f"{step}: {status.hex()}")
        self.step, self.status = step, status.hex()


class Challenge(NamedTuple):
    """The bank's answer to the card's challenge: its id (8 bytes) and the part-2 data (32 bytes)."""

    id: bytes
    part2: bytes


class CardProof(NamedTuple):
    """What names and proves the card in a purchase: challenge id (8 bytes), the card's answer (32 bytes)."""

    challenge_id: bytes
    answer: bytes


class Stopwatch:
    """Milliseconds spent in each named stage; `now` counts seconds."""

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self.stages_ms: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = self._now()
        try:
            yield
        finally:
            self.add(name, self._now() - started)

    def add(self, name: str, seconds: float) -> None:
        self.stages_ms[name] = round(self.stages_ms.get(name, 0.0) + seconds * 1000, 3)


class ChallengeSource(Protocol):
    """The bank as a tap sees it before the purchase."""

    def challenge(self, uid: bytes, e_rnd_b: bytes) -> Challenge: ...


def challenge_of(card: PresentCard) -> bytes:
    """Let the card begin: its challenge, E(RndB), 16 bytes. Raises CardLost, CardRefused."""
    _select(card)
    return _begin(card)


def answer_of(card: PresentCard, part2: bytes) -> bytes:
    """The card's 32-byte answer to the bank; it may leave afterwards. Raises CardLost, CardRefused."""
    return _expect(card.transmit(b"\x90\xaf\x00\x00\x20" + part2 + b"\x00"), STATUS_OK, 32, "auth2")


def prove_card(card: PresentCard, bank: ChallengeSource, watch: Stopwatch) -> CardProof:
    """Let the card answer the bank. The card may leave afterwards.

    Raises CardLost, CardRefused, and whatever the bank's answer raises.
    """
    with watch.stage("select"):
        _select(card)
    with watch.stage("auth1"):
        e_rnd_b = _begin(card)
    with watch.stage("challenge"):
        challenge = bank.challenge(card.uid, e_rnd_b)
    with watch.stage("auth2"):
        answer = answer_of(card, challenge.part2)
    return CardProof(challenge.id, answer)


def _select(card: PresentCard) -> None:
    _expect(card.transmit(SELECT), ISO_OK, 0, "select")


def _begin(card: PresentCard) -> bytes:
    return _expect(card.transmit(AUTHENTICATE_EV2_FIRST), STATUS_MORE, 16, "auth1")


def _expect(response: bytes, status: bytes, length: int, step: str) -> bytes:
    if response[-2:] != status:
        raise CardRefused(step, response[-2:])
    if len(response) != length + 2:
        raise CardLost(f"{step}: an answer of another length")
    return response[:-2]
