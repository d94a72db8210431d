"""The holder's code: digits that the holder's page shows as a QR code, and that stand for the card at a till for a minute.

A code is card ‖ second of its making (hidden under a mask of the MAC) ‖ MAC, written as digits alone, so that a scanner types it on any keyboard layout. Making
one writes nothing; that it counts once is remembered where it is taken.
"""

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from cardbank.errors import CardCodeExpired, CardCodeUnknown
from cardbank.keystore.ports import KeyStore

CODE_DIGITS = 28
LIVES = timedelta(seconds=60)
SKEW = timedelta(seconds=5)  # of two machines' clocks

_CARD_BITS, _SECOND_BITS, _MAC_BITS = 34, 12, 46


class CardCode(Struct, frozen=True):
    """A code that is what it says; whether it was used before, it does not know."""

    digits: str
    card_id: int
    made_at: datetime

    @property
    def lives_until(self) -> datetime:
        return self.made_at + LIVES


def new_code(keystore: KeyStore, card_id: int, now: datetime) -> CardCode:
    """A code for a card, good for a minute from now. Raises ValueError for an id that no card can have."""
    if not 0 < card_id < 1 << _CARD_BITS:
        raise ValueError("a card's id does not fit its code")
    second = int(now.timestamp())
    mac = _mac(keystore, card_id, second)
    named = card_id << _SECOND_BITS | second % (1 << _SECOND_BITS)
    number = (named ^ _mask(keystore, mac)) << _MAC_BITS | mac
    return CardCode(f"{number:0{CODE_DIGITS}d}", card_id, datetime.fromtimestamp(second, UTC))


def read_code(keystore: KeyStore, digits: str, now: datetime) -> CardCode:
    """The card behind a code. Raises CardCodeUnknown for one that this bank never made, CardCodeExpired after its minute."""
    if len(digits) != CODE_DIGITS or not (digits.isascii() and digits.isdigit()):
        raise CardCodeUnknown(field="number")
    masked, mac = divmod(int(digits), 1 << _MAC_BITS)
    card_id, stated = divmod(masked ^ _mask(keystore, mac), 1 << _SECOND_BITS)
    latest = int((now + SKEW).timestamp())
    second = latest - (latest - stated) % (1 << _SECOND_BITS)  # the last second that ends in what is stated
    if card_id >= 1 << _CARD_BITS or mac != _mac(keystore, card_id, second):
        raise CardCodeUnknown(field="number")
    found = CardCode(digits, card_id, datetime.fromtimestamp(second, UTC))
    if now > found.lives_until:
        raise CardCodeExpired(field="number")
    return found


def _mask(keystore: KeyStore, mac: int) -> int:
    """What hides the card's id, so that a code over somebody's shoulder says nothing of its card."""
    made = keystore.card_code_mac(mac.to_bytes(8, "big"))
    return int.from_bytes(made[:8], "big") >> 64 - _CARD_BITS - _SECOND_BITS


def _mac(keystore: KeyStore, card_id: int, second: int) -> int:
    made = keystore.card_code_mac(card_id.to_bytes(8, "big") + second.to_bytes(8, "big"))
    return int.from_bytes(made[:8], "big") >> 64 - _MAC_BITS
