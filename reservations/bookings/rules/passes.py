"""The number on a pass, and the signed texts in its QR codes: one that a door reads without a network, and one that a phone with a
network draws anew all the time, so that a picture of it is soon worth nothing. Pure.
"""

import base64
import binascii
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from cardbank.cards.rules import check_digit
from kernel.text import latin_digits
from reservations.errors import PassRanOut, PassRefused

PREFIX = "PCB1."
LIVE_PREFIX = "PCL1."
LIVE_LIFE = timedelta(seconds=60)
NEXT_LIVE = timedelta(seconds=25)
CODE_DIGITS = 9
SIGNATURE_BYTES = 64

Sign = Callable[[bytes], bytes]
IsSigned = Callable[[bytes, bytes], bool]
Content = TypeVar("Content", bound=msgspec.Struct)


class Pass(msgspec.Struct, frozen=True, array_like=True):
    """What a door must know: no name, no card, no price."""

    code: str
    organisation_id: int
    starts_at: int  # seconds of UTC
    ends_at: int
    people: int


class LivePass(msgspec.Struct, frozen=True, array_like=True):
    """What a door with a network must know: which booking, and when the phone asked for it."""

    code: str
    made_at: int  # seconds of UTC


def new_code() -> str:
    """Eight random digits and one that checks them: short enough to say aloud, and not to be guessed at a door."""
    body = f"{secrets.randbelow(9 * 10**7) + 10**7}"
    return body + check_digit(body)


def typed_code(text: str) -> str:
    """A number as people type it: any digits, any spaces. Raises PassRefused."""
    code = latin_digits(text).translate(dict.fromkeys(map(ord, " -\u200c\u00a0"))).strip()
    if not (len(code) == CODE_DIGITS and code.isascii() and code.isdigit() and check_digit(code[:-1]) == code[-1]):
        raise PassRefused(field="code")
    return code


def pass_text(of: Pass, sign: Sign) -> str:
    return _signed(PREFIX, of, sign)


def read_pass(text: str, is_signed: IsSigned) -> Pass:
    """Raises PassRefused for anything that was not signed by the platform, or was changed."""
    return _read(PREFIX, text, is_signed, Pass)


def live_text(of: LivePass, sign: Sign) -> str:
    return _signed(LIVE_PREFIX, of, sign)


def read_live(text: str, is_signed: IsSigned, now: datetime) -> LivePass:
    """Raises PassRefused, and PassRanOut for one that was drawn longer ago than it lives."""
    read = _read(LIVE_PREFIX, text, is_signed, LivePass)
    made_at = datetime.fromtimestamp(read.made_at, UTC)
    if abs(now - made_at) > LIVE_LIFE:
        raise PassRanOut(made_at=made_at)
    return read


def _signed(prefix: str, of: msgspec.Struct, sign: Sign) -> str:
    content = msgspec.msgpack.encode(of)
    return prefix + base64.urlsafe_b64encode(sign(content) + content).rstrip(b"=").decode()


def _read(prefix: str, text: str, is_signed: IsSigned, kind: type[Content]) -> Content:
    letters = text.strip().removeprefix(prefix)
    try:
        raw = base64.b64decode(letters + "=" * (-len(letters) % 4), altchars=b"-_", validate=True)
        signature, content = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
        if text.strip().startswith(prefix) and is_signed(content, signature):
            return msgspec.msgpack.decode(content, type=kind)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        pass
    raise PassRefused(field="code")


def says_other_hour(of: Pass, starts_at: datetime) -> bool:
    """Whether the print is from before the booking was moved."""
    return of.starts_at != int(starts_at.timestamp())


def opens_at(of: Pass, organisation_id: int, now: datetime, listed: tuple[datetime, datetime] | None = None) -> bool:
    """Whether the pass is for this door's house, today or within its time: that of the door's list where its number stands there, as a
    print may be older than the list.
    """
    starts, ends = listed or (datetime.fromtimestamp(of.starts_at, UTC), datetime.fromtimestamp(of.ends_at, UTC))
    return of.organisation_id == organisation_id and starts.date() <= now.date() and now <= ends
