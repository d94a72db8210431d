"""What an announcement may say, and to whom it is shown. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.errors import BadInput
from kernel.languages import DEFAULT_LANGUAGE, LANGUAGES
from merchants.outages.errors import WrongOutage

KINDS = ("outage", "maintenance")
AUDIENCES = ("all", "shops", "pilgrims")
# What people know as one thing; the worker's own checks have finer names.
PARTS = ("card", "till", "portal", "app", "messages", "payouts")
LONGEST_TEXT = 200
SHOWN_AHEAD = timedelta(hours=24)
FARTHEST = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Announcement:
    """Without parts or cities it is about all of them; `ends_at` is when it should be over, None where nobody knows."""

    kind: str
    audience: str
    parts: tuple[str, ...]
    cities: tuple[str, ...]
    texts: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime | None
    tells_by_sms: bool


def texts_of(
    typed: Mapping[str, str], wrong: type[BadInput] = WrongOutage, most: int = LONGEST_TEXT, piece: str = "text"
) -> dict[str, str]:
    """The fields `text_fa` and so on, Persian at least, or those of another piece. Raises what `wrong` says."""
    texts = {}
    for language in LANGUAGES:
        text = " ".join(typed.get(f"{piece}_{language}", "").split())
        if len(text) > most:
            raise wrong(field=f"{piece}_{language}", fault="long", most=most)
        if text:
            texts[language] = text
    if DEFAULT_LANGUAGE not in texts:
        raise wrong(field=f"{piece}_{DEFAULT_LANGUAGE}", fault="none")
    return texts


def check_announcement(said: Announcement, now: datetime, cities: Collection[str]) -> None:
    """Raises WrongOutage, which names the field."""
    if said.kind not in KINDS:
        raise WrongOutage(field="kind")
    if said.audience not in AUDIENCES:
        raise WrongOutage(field="audience")
    if not set(said.parts) <= set(PARTS):
        raise WrongOutage(field="parts")
    if not set(said.cities) <= set(cities):
        raise WrongOutage(field="cities")
    if abs(said.starts_at - now) > FARTHEST:
        raise WrongOutage(field="begins", fault="far")
    if said.ends_at is not None and not (max(said.starts_at, now) < said.ends_at <= now + FARTHEST):
        raise WrongOutage(field="ends")


def is_for(audience: str, *, is_shop: bool, is_operator: bool) -> bool:
    """Whether somebody is affected: the operator sees all of them, everybody else who works here what concerns shops."""
    return is_operator or audience == "all" or (audience == "shops") == is_shop
