"""What a campaign may say, where it stands, and the days that its own are compared with. Pure; days are given."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from merchants.campaigns.errors import WrongCampaign
from merchants.rules import ShopKind

LONGEST_TITLE, LONGEST_TEXT = 80, 600
MOST_DAYS = {"starts_on": 180, "ends_on": 120}  # from today to the first day; from the first to the last


class Standing(StrEnum):
    COMING = "coming"
    RUNNING = "running"
    OVER = "over"
    CALLED_OFF = "called_off"


@dataclass(frozen=True, slots=True)
class Wanted:
    """`ends_on` is the last day; without a zone it is for the whole city, without a kind for shops of every kind."""

    titles: Mapping[str, str]
    texts: Mapping[str, str]
    starts_on: date
    ends_on: date
    zone_id: int | None = None
    shop_kind: str | None = None


def check_wanted(said: Wanted, today: date) -> None:
    """Raises WrongCampaign, which names the field."""
    if not today <= said.starts_on <= today + timedelta(MOST_DAYS["starts_on"]):
        raise wrong_day("starts_on")
    if not said.starts_on <= said.ends_on < said.starts_on + timedelta(MOST_DAYS["ends_on"]):
        raise wrong_day("ends_on")
    if said.shop_kind is not None and said.shop_kind not in set(ShopKind):
        raise WrongCampaign(field="kind")


def wrong_day(field: str) -> WrongCampaign:
    return WrongCampaign(field=field, most=MOST_DAYS[field])


def standing(starts_on: date, ends_on: date, called_off_on: date | None, today: date) -> Standing:
    if called_off_on is not None:
        return Standing.CALLED_OFF
    if today > ends_on:
        return Standing.OVER
    return Standing.RUNNING if today >= starts_on else Standing.COMING


def days_counted(starts_on: date, ends_on: date, called_off_on: date | None, today: date) -> tuple[date, date] | None:
    """The days on which it went on, once no shop can join it any more: to the day before it was called off, else to the last. None
    before, and for one that never began. While shops still join, the difference of two looks would be what one of them sold.
    """
    last = ends_on if called_off_on is None else min(ends_on, called_off_on - timedelta(1))
    return (starts_on, last) if starts_on <= last < today else None


def span_before(first: date, last: date) -> tuple[date, date]:
    """As many days, just before."""
    return first - (last - first) - timedelta(1), first - timedelta(1)
