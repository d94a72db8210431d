"""What a works notice may say. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from merchants.works.errors import WrongWorks

LONGEST_TEXT = 300
SHOWN_AHEAD = timedelta(hours=24)
FARTHEST, LONGEST = timedelta(days=120), timedelta(days=365)
NEAR_M = 500.0


class Kind(StrEnum):
    ROAD = "road"
    STATION = "station"
    WATER = "water"
    POWER = "power"
    GATE = "gate"
    OTHER = "other"


class Severity(StrEnum):
    """How much it hinders: one goes around it, one plans for it, one does not get through."""

    LITTLE = "little"
    MUCH = "much"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Without a place and a zone it is about the whole city."""

    kind: str
    severity: str
    texts: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime
    place_id: int | None = None
    zone_id: int | None = None
    tells_by_sms: bool = False


def check_wanted(said: Wanted, now: datetime) -> None:
    """Raises WrongWorks, which names the field."""
    if said.kind not in set(Kind):
        raise WrongWorks(field="kind")
    if said.severity not in set(Severity):
        raise WrongWorks(field="severity")
    if said.place_id is not None and said.zone_id is not None:
        raise WrongWorks(field="where")
    if abs(said.starts_at - now) > FARTHEST:
        raise WrongWorks(field="begins", fault="far", most=FARTHEST.days)
    if not max(said.starts_at, now) < said.ends_at <= said.starts_at + LONGEST:
        raise WrongWorks(field="ends")
