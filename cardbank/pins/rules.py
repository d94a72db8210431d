"""What a PIN may be, and when it is locked. Pure."""

import re
from itertools import pairwise

from cardbank.pins.errors import WrongPin
from kernel.text import latin_digits

LEAST_DIGITS, MOST_DIGITS = 4, 6
TRIES = 5


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


def is_locked(tries: int) -> bool:
    return tries >= TRIES
