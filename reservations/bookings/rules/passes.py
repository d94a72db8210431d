"""The number on a pass, and the signed text in its QR code, which a door reads without a network. Pure."""

import base64
import binascii
import secrets
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from cardbank.cards.rules import check_digit
from kernel.text import latin_digits
from reservations.errors import PassRefused

PREFIX = "PCB1."
CODE_DIGITS = 9
SIGNATURE_BYTES = 64


class Pass(msgspec.Struct, frozen=True, array_like=True):
    """What a door must know: no name, no card, no price."""

    code: str
    organisation_id: int
    starts_at: int  # seconds of UTC
    ends_at: int
    people: int


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


def pass_text(of: Pass, sign: Callable[[bytes], bytes]) -> str:
    content = msgspec.msgpack.encode(of)
    return PREFIX + base64.urlsafe_b64encode(sign(content) + content).rstrip(b"=").decode()


def read_pass(text: str, is_signed: Callable[[bytes, bytes], bool]) -> Pass:
    """Raises PassRefused for anything that was not signed by the platform, or was changed."""
    try:
        raw = base64.b64decode(text.strip().removeprefix(PREFIX) + "==", altchars=b"-_", validate=True)
        signature, content = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
        if text.strip().startswith(PREFIX) and is_signed(content, signature):
            return msgspec.msgpack.decode(content, type=Pass)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        pass
    raise PassRefused(field="code")


def opens_at(of: Pass, organisation_id: int, now: datetime) -> bool:
    """Whether the pass is for this door's house, today or within its time."""
    starts, ends = (datetime.fromtimestamp(at, UTC) for at in (of.starts_at, of.ends_at))
    return of.organisation_id == organisation_id and starts.date() <= now.date() and now <= ends
