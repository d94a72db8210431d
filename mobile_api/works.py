"""Works and closures: what the municipality of a city tells of its streets, stations, water and gates."""

from datetime import UTC, datetime
from typing import Literal

from msgspec import Struct

from kernel import clock
from kernel.languages import in_language
from kernel.web.visit import Visit
from merchants.works.queries import NoticeTold, live_works, works_near
from mobile_api.contract import operation
from mobile_api.shapes import Id, Instant, Typed
from places.errors import CityNotFound, PlaceNotFound
from places.queries import city_by_code, city_of_place

TAG = "Places"
HOME = "mashhad"
SHARED_SECONDS = 60


class AskedWorks(Struct):
    """With `place` those that touch it: of its city, its zone, itself or within half a kilometre; else all of `city`."""

    city: Typed = HOME
    place: Id | None = None


class WorksNow(Struct):
    """`severity`: one goes around it (little), plans for it (much), or does not get through (closed). `where` is null for the whole city."""

    notice: int
    kind: Literal["road", "station", "water", "power", "gate", "other"]
    severity: Literal["little", "much", "closed"]
    text: str
    where: str | None
    place: int | None
    starts_at: Instant
    ends_at: Instant


class WorksInCity(Struct):
    works: list[WorksNow]


_FIRST, _LAST = datetime(2026, 11, 22, 4, 30, tzinfo=UTC), datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
_WORKS = WorksInCity([WorksNow(7, "road", "much", "خیابان امام رضا ۸ تا دوشنبه یک‌طرفه است.", "محدودهٔ حرم", None, _FIRST, _LAST)])


@operation(
    "GET", "/works", tag=TAG, permission=None, errors=(CityNotFound, PlaceNotFound), shared_seconds=SHARED_SECONDS, gives=_WORKS
)
def works_now(visit: Visit, query: AskedWorks) -> WorksInCity:
    """What goes on, and what begins within a day; what hinders most comes first."""
    now = clock.now()
    if query.place is None:
        found = live_works(visit.session, city_by_code(visit.session, query.city).id, now)
    else:
        found = works_near(visit.session, city_of_place(visit.session, query.place).id, query.place, now)
    return WorksInCity([_told(one, visit.language) for one in found])


def _told(told: NoticeTold, language: str) -> WorksNow:
    one = told.notice
    return WorksNow(
        one.id, one.kind, one.severity, in_language(one.texts, language), in_language(told.where, language) if told.where else None,  # type: ignore[arg-type] # the table's constraints
        one.place_id, one.starts_at, one.ends_at,
    )  # fmt: skip
