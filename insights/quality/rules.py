"""Faults of a shop's data and what each takes from its score. Pure."""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

BEST = 100
CONFIRMED_FOR = timedelta(days=365)
SOON = timedelta(days=30)


class Fault(StrEnum):
    LICENCE_OVER = "licence_over"
    NO_HOURS = "no_hours"
    NO_POSITION = "no_position"  # it stands in the middle of the city, where nobody put it
    NO_ACCOUNT = "no_account"
    NO_OWNER = "no_owner"
    NO_PHONE = "no_phone"
    SHARED_PHONE = "shared_phone"
    UNCONFIRMED = "unconfirmed"
    NO_PRICE = "no_price"
    LICENCE_SOON = "licence_soon"
    ONE_LANGUAGE = "one_language"


WEIGHTS = {
    Fault.LICENCE_OVER: 20,
    Fault.NO_HOURS: 15,
    Fault.NO_POSITION: 15,
    Fault.NO_ACCOUNT: 15,
    Fault.NO_OWNER: 10,
    Fault.NO_PHONE: 5,
    Fault.SHARED_PHONE: 5,
    Fault.UNCONFIRMED: 5,
    Fault.NO_PRICE: 5,
    Fault.LICENCE_SOON: 3,
    Fault.ONE_LANGUAGE: 2,
}  # together: BEST
# What is added up where faults are kept. A fault keeps its bit; a new one takes the next.
BITS = {
    Fault.LICENCE_OVER: 1,
    Fault.NO_HOURS: 2,
    Fault.NO_POSITION: 4,
    Fault.NO_ACCOUNT: 8,
    Fault.NO_OWNER: 16,
    Fault.NO_PHONE: 32,
    Fault.SHARED_PHONE: 64,
    Fault.UNCONFIRMED: 128,
    Fault.NO_PRICE: 256,
    Fault.LICENCE_SOON: 512,
    Fault.ONE_LANGUAGE: 1024,
}


def faults_in(bits: int) -> tuple[Fault, ...]:
    """In order of weight."""
    return tuple(fault for fault in Fault if bits & BITS[fault])


def score_of(faults: Iterable[Fault]) -> int:
    return BEST - sum(WEIGHTS[fault] for fault in faults)
