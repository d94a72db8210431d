"""What a PIN may be, and who may try it when. Pure."""

import re
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from itertools import pairwise

from cardbank.pins.errors import WrongPin
from kernel.text import latin_digits

LEAST_DIGITS, MOST_DIGITS = 4, 6
TRIES = 5  # in a row by one client, and by all strangers before they wait
MOST_BY_STRANGERS = 100  # NIST SP 800-63B, 5.2.2
CLIENT_SHUT = timedelta(hours=24)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=24)


def typed_pin(typed: str) -> str:
    """What was typed in any digits, as Latin ones."""
    return re.sub(r"[\s\u200c]", "", latin_digits(typed))


def check_pin(pin: str, again: str) -> None:
    """Raises WrongPin: for another length, for digits that are all the same or follow each other, for two that differ."""
    if not re.fullmatch(rf"[0-9]{{{LEAST_DIGITS},{MOST_DIGITS}}}", pin):
        raise WrongPin(field="pin", fault="length")
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if steps <= {0} or steps <= {1} or steps <= {9}:
        raise WrongPin(field="pin", fault="simple")
    if again != pin:
        raise WrongPin(field="again", fault="differs")


def client_of(address: str) -> str:
    """Who counts as one client: an address, or the network of an IPv6 address, which its holder may change within it at will."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return (parsed.packed[:8] + bytes(8)).hex()
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def is_shut_for_client(tries: int, tried_at: datetime, now: datetime) -> bool:
    """Whether a client has been wrong too often in a row."""
    return tries >= TRIES and now < tried_at + CLIENT_SHUT


def strangers_wait_until(tries: int, wrong_at: datetime | None) -> datetime | None:
    """When the next try of a stranger counts: after the fifth wrong one a minute, then twice as long each time. None = at once."""
    if tries < TRIES or wrong_at is None:
        return None
    doublings: int = min(tries - TRIES, 12)
    return wrong_at + min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def is_shut_for_strangers(tries: int, wrong_at: datetime | None, now: datetime) -> bool:
    until = strangers_wait_until(tries, wrong_at)
    return tries >= MOST_BY_STRANGERS or (until is not None and now < until)
