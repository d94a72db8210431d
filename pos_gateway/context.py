"""One message on its way through a flow: what was received, what was found out, and what goes into the answer."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from time import perf_counter

from cardbank.cards.rules import CardProfile
from cardbank.ledger.types import Answer
from cardbank.reasons import Reason
from kernel.calendar import TEHRAN
from merchants.instalments.rules import Part
from merchants.rules import TerminalProfile
from merchants.sales.rules import CardClaim
from merchants.sales.services import Office
from pos_gateway.wire.codec import Message
from pos_gateway.wire.errors import FormatError
from pos_gateway.wire.tlv import Tag

DEADLINE = timedelta(seconds=15)
LOCAL_TIME_TOLERANCE = timedelta(days=10)
NETWORK_ALIASES = {"900000": "001", "990000": "301"}  # DE3 → DE70, for terminals without a second bitmap
NOT_CONTENT = frozenset({48, 64, 128})  # DE48 is taken by its tags, whose order is free
HALF_A_YEAR = timedelta(days=180)


class Refused(Exception):
    """A step ends the flow: the reason goes into the answer. `element` is the data element at fault, where one is."""

    def __init__(self, reason: Reason, element: int | None = None) -> None:
        super().__init__(reason.name)
        self.reason = reason
        self.element = element


@dataclass(slots=True)
class Context:
    """Shared by the steps of one message. `reason` is four digits: ours, or the wire's 30xx. `stages` are milliseconds.

    `elements` and `tags` go into the answer as they are.
    """

    message: Message
    office: Office
    received_at: datetime
    reason: int = Reason.APPROVED
    element: int | None = None
    terminal: TerminalProfile | None = None
    claim: CardClaim | None = None
    card: CardProfile | None = None
    answer: Answer | None = None
    receipt: bytes | None = None
    schedule: tuple[Part, ...] = ()
    elements: dict[int, str | bytes] = field(default_factory=dict)
    tags: dict[int, str | bytes] = field(default_factory=dict)
    stages: dict[str, float] = field(default_factory=dict)
    _started: float = field(default_factory=perf_counter)

    @property
    def deadline(self) -> datetime:
        return self.received_at + DEADLINE

    @property
    def is_repeat(self) -> bool:
        return self.message.mti[3] in "13"

    def of_terminal(self) -> TerminalProfile:
        """The terminal, which every step behind the security check may rely on."""
        if self.terminal is None:
            raise Refused(Reason.TERMINAL_UNKNOWN)
        return self.terminal

    def text(self, number: int) -> str:
        """A data element as text, empty where it is absent."""
        value = self.message.fields.get(number, "")
        return value if isinstance(value, str) else ""

    def tag(self, tag: Tag) -> str | bytes | None:
        return self.message.private.get(tag)

    def passed(self, stage: str) -> None:
        """Note how long it took since the last stage."""
        now = perf_counter()
        self.stages[stage] = round((now - self._started) * 1000, 3)
        self._started = now

    def refuse(self, refused: Refused | FormatError) -> None:
        if isinstance(refused, Refused):
            self.reason, self.element = refused.reason, refused.element
        else:
            self.reason, self.element = refused.reason, refused.field


def flow_key(message: Message) -> str:
    """`0200.000000`: message class with its repeats folded in, and processing code; `0800.001` by network code."""
    kind = f"{message.mti[:2]}00" if message.mti[:2] == "04" else f"{message.mti[:3]}0"
    code = str(message.fields.get(3, ""))
    if kind == "0800":
        code = str(message.fields.get(70, NETWORK_ALIASES.get(code, "")))
    return f"{kind}.{code}"


def content_hash(message: Message) -> int:
    """First 8 bytes of SHA-256 over what the message says, without repeat digit, KSN and MAC, as a signed integer."""
    said = [message.mti[:3].encode()]
    said += [_said(number, value) for number, value in sorted(message.fields.items()) if number not in NOT_CONTENT]
    said += [_said(tag, value) for tag, value in sorted(message.private.items()) if tag != Tag.KSN]
    return int.from_bytes(hashlib.sha256(b"".join(said)).digest()[:8], signed=True)


def _said(number: int, value: str | bytes) -> bytes:
    raw = value if isinstance(value, bytes) else value.encode()
    return b"%d:%d:%b" % (number, len(raw), raw)


def nearest_instant(de7: str, now: datetime) -> datetime:
    """MMDDhhmmss in UTC with the year that brings it nearest to `now`. Raises Refused (DE7)."""
    this_year = _instant(now.year, de7)
    if this_year is not None and abs(this_year - now) < HALF_A_YEAR:
        return this_year
    found = [instant for year in (now.year - 1, now.year, now.year + 1) if (instant := _instant(year, de7))]
    if not found:
        raise Refused(Reason.FORMAT_ERROR, 7)
    return min(found, key=lambda instant: abs(instant - now))


def key_day(de7: str, now: datetime) -> date:
    return nearest_instant(de7, now).date()


def check_local_time(hhmmss: str, mmdd: str, now: datetime) -> None:
    """The shop's clock, Tehran time, stands within ten days of ours. Raises Refused (DE12 or DE13)."""
    local_now = now.astimezone(TEHRAN).replace(tzinfo=UTC)
    if _instant(local_now.year, f"0101{hhmmss}") is None:
        raise Refused(Reason.FORMAT_ERROR, 12)
    try:
        local = nearest_instant(mmdd + hhmmss, local_now)
    except Refused:
        raise Refused(Reason.FORMAT_ERROR, 13) from None
    if abs(local - local_now) > LOCAL_TIME_TOLERANCE:
        raise Refused(Reason.FORMAT_ERROR, 13)


def _instant(year: int, digits: str) -> datetime | None:
    try:
        month, day = int(digits[:2]), int(digits[2:4])
        hour, minute, second = int(digits[4:6]), int(digits[6:8]), int(digits[8:])
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
