"""What a receiver must say of itself. Pure."""

from collections.abc import Collection
from enum import StrEnum

from merchants.giving.errors import WrongReceiver

RECEIVER_KIND = "endowment"  # of organisation and merchant; no kind of shop
LONGEST_NAME, LONGEST_ABOUT = 70, 200


class Cause(StrEnum):
    VOW = "vow"
    ENDOWMENT = "endowment"
    CHARITY = "charity"


def check_receiver(name: str, about: str, causes: Collection[str]) -> None:
    """Raises WrongReceiver (`field`)."""
    if not 2 <= len(name) <= LONGEST_NAME:
        raise WrongReceiver(field="name", most=LONGEST_NAME)
    if not 2 <= len(about) <= LONGEST_ABOUT:
        raise WrongReceiver(field="about", most=LONGEST_ABOUT)
    if not causes or not set(causes) <= set(Cause):
        raise WrongReceiver(field="causes")
