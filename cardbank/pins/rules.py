"""What a PIN may be, and who may try it when. Pure."""

import re
from datetime import datetime, timedelta
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
