"""Prices as they are typed, what they may be, and how one ran over time. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kernel.text import latin_digits
from merchants.catalogue.errors import CardPriceAboveList, PriceAboveCeiling, WrongPrice

MOST_RIAL = 10**13


class Period(Protocol):
    """What holds from `starts_at` until before `ends_at`, or for good where that is None."""

    @property
    def starts_at(self) -> datetime: ...

    @property
    def ends_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Step:
    """An amount from an instant until the next; `amount_rial` is None where nothing held."""

    starts_at: datetime
    ends_at: datetime
    amount_rial: int | None


def typed_rial(typed: str, field: str) -> int:
    """Whole Rial above zero, digits and separators of any script. Raises WrongPrice."""
    text = re.sub(r"[\s,\u200c]", "", latin_digits(typed))
    if not re.fullmatch(r"[0-9]{1,14}", text) or not 0 < int(text) <= MOST_RIAL:
        raise WrongPrice(field=field, most=MOST_RIAL)
    return int(text)


def check_price(list_rial: int, card_rial: int, ceiling_rial: int | None) -> None:
    """Raises CardPriceAboveList, PriceAboveCeiling."""
    if card_rial > list_rial:
        raise CardPriceAboveList(field="card_rial", list_rial=list_rial)
    if ceiling_rial is not None and list_rial > ceiling_rial:
        raise PriceAboveCeiling(field="list_rial", ceiling_rial=ceiling_rial)


def steps(held: Iterable[tuple[Period, int]], first: datetime, last: datetime) -> tuple[Step, ...]:
    """How an amount ran between two instants, without gaps: periods in order of time, none overlapping another."""
    found: list[Step] = []
    at = first
    for period, amount_rial in held:
        begins, ends = max(period.starts_at, first), min(period.ends_at or last, last)
        if begins >= ends:
            continue
        if begins > at:
            found.append(Step(at, begins, None))
        found.append(Step(begins, ends, amount_rial))
        at = ends
    if at < last:
        found.append(Step(at, last, None))
    return tuple(found)
