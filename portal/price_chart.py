"""A product's price over time as lines of an SVG that is 100 wide and 100 high; the style sheet turns it where one reads from the right."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from merchants.catalogue.rules.prices import Period, Step, steps

PAST = timedelta(days=365)
LEAST = timedelta(days=7)
HEADROOM = 1.12  # so that the highest line does not lie on the frame


class ShownPrice(Period, Protocol):
    branch_id: int | None
    list_rial: int
    card_rial: int


class ShownCeiling(Period, Protocol):
    amount_rial: int


@dataclass(frozen=True, slots=True)
class Chart:
    """`lines` are (kind, path); `now_at` is where the present stands from the beginning, in per cent."""

    lines: tuple[tuple[str, str], ...]
    first: datetime
    last: datetime
    most_rial: int
    now_at: float


def price_chart(prices: Iterable[ShownPrice], ceilings: Iterable[ShownCeiling], now: datetime) -> Chart | None:
    """The shop's list and card price with the ceiling over them; None where the shop never had a price."""
    own = sorted((price for price in prices if price.branch_id is None), key=lambda price: price.starts_at)
    if not own:
        return None
    ahead = max(own[-1].starts_at - now, timedelta(0))
    first = min(max(own[0].starts_at, now - PAST), now - LEAST)
    last = now + ahead + (LEAST if ahead else timedelta(0))
    runs = {
        "ceiling": steps([(ceiling, ceiling.amount_rial) for ceiling in ceilings], first, last),
        "list": steps([(price, price.list_rial) for price in own], first, last),
        "card": steps([(price, price.card_rial) for price in own], first, last),
    }
    most = max((step.amount_rial or 0 for run in runs.values() for step in run), default=0) or 1
    lines = tuple((kind, _path(run, first, last, most * HEADROOM)) for kind, run in runs.items())
    return Chart(lines, first, last, most, 100 * ((now - first) / (last - first)))


def _path(run: Iterable[Step], first: datetime, last: datetime, top: float) -> str:
    """Level where a price held, upright where the next began, nothing where none held."""
    drawn, is_open = [], False
    for step in run:
        if step.amount_rial is None:
            is_open = False
            continue
        height = f"{100 - 100 * step.amount_rial / top:.2f}"
        begins, ends = (f"{100 * ((at - first) / (last - first)):.2f}" for at in (step.starts_at, step.ends_at))
        drawn.append(f"V{height}H{ends}" if is_open else f"M{begins} {height}H{ends}")
        is_open = True
    return "".join(drawn)
