"""What does not work just now, as the operator has announced it to pilgrims."""

from datetime import UTC, datetime
from typing import Literal

from msgspec import Struct

from kernel import clock
from kernel.languages import in_language
from kernel.web.visit import Visit
from merchants.outages.queries import live_outages
from merchants.outages.rules import is_for
from mobile_api.contract import operation
from mobile_api.shapes import Instant

TAG = "Service"
SHARED_SECONDS = 30


class OutageNow(Struct):
    """`ends_at` is when it should be over, null where nobody knows; without parts or cities it is about all of them."""

    outage: int
    kind: Literal["outage", "maintenance"]
    text: str
    parts: list[str]
    cities: list[str]
    starts_at: Instant
    ends_at: Instant | None


class Outages(Struct):
    outages: list[OutageNow]


_AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
_OUTAGES = Outages([OutageNow(4, "outage", "پرداخت با کارت در قم کار نمی‌کند.", ["card"], ["qom"], _AT, None)])


@operation("GET", "/outages", tag=TAG, permission=None, shared_seconds=SHARED_SECONDS, gives=_OUTAGES)
def outages(visit: Visit) -> Outages:
    """What goes on, and what begins within a day."""
    live = [one for one in live_outages(visit.session, clock.now()) if is_for(one.audience, is_shop=False, is_operator=False)]
    return Outages(
        [
            OutageNow(one.id, one.kind, in_language(one.texts, visit.language), one.parts, one.cities, one.starts_at, one.ends_at)  # type: ignore[arg-type]
            for one in live
        ]
    )
