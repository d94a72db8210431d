"""Links that open a purchase's complaint or follow one, without a sign-in: what they name, signed, in 99 letters.

A link holds no card number and no person: the business day and number of an entry, or the number of a complaint.
"""

import base64
import binascii
import struct
from datetime import date, timedelta

from kernel.settings import load_settings
from kernel.signing import is_signed, sign
from merchants.complaints.errors import ComplaintLinkEnded, ComplaintNotFound

PURCHASE, FOLLOWED = "complaint about a purchase", "complaint followed"
_NAMED = struct.Struct(">HQ")
_FIRST_DAY = date(2020, 1, 1)


def purchase_link(day: date, entry_id: int) -> str:
    return _link(PURCHASE, (day - _FIRST_DAY).days, entry_id)


def purchase_of_link(link: str, today: date) -> tuple[date, int]:
    """The entry (business day, id). Raises ComplaintLinkEnded, for a forged link and for a purchase of long ago alike."""
    days = load_settings().complaint_days
    named = _named(PURCHASE, link)
    if named is None or today > _FIRST_DAY + timedelta(days=named[0] + days):
        raise ComplaintLinkEnded(days=days)
    return _FIRST_DAY + timedelta(days=named[0]), named[1]


def follow_link(complaint_id: int) -> str:
    return _link(FOLLOWED, 0, complaint_id)


def complaint_of_link(link: str) -> int:
    """Raises ComplaintNotFound."""
    named = _named(FOLLOWED, link)
    if named is None:
        raise ComplaintNotFound
    return named[1]


def _link(purpose: str, days: int, number: int) -> str:
    content = _NAMED.pack(days, number)
    return base64.urlsafe_b64encode(content + sign(purpose, content)).decode().rstrip("=")


def _named(purpose: str, link: str) -> tuple[int, int] | None:
    try:
        raw = base64.b64decode(link + "=" * (-len(link) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    content, signature = raw[: _NAMED.size], raw[_NAMED.size :]
    if len(content) != _NAMED.size or not is_signed(purpose, content, signature):
        return None
    days, number = _NAMED.unpack(content)
    return days, number
