"""What the directory of places is told of lodging: the least that a night costs there."""

from datetime import timedelta

from sqlalchemy import BigInteger, cast, column, select, update, values
from sqlalchemy.orm import Session

from kernel import clock
from kernel.calendar import local_day
from kernel.db import rows_changed
from places.models import Place
from reservations.lodging.models import Lodging, LodgingClass
from reservations.lodging.queries import nights_of
from reservations.lodging.rules import Nights

AHEAD = timedelta(days=30)


def publish_nights(session: Session) -> int:
    """Copy the least price of a night that may be sold within thirty days to the lodging's place, where it differs; returns how many changed."""
    today = local_day(clock.now())
    rows = session.execute(select(LodgingClass.id, Lodging.place_id).join(Lodging, Lodging.id == LodgingClass.lodging_id))
    classes: dict[int, int] = {row.id: row.place_id for row in rows if row.place_id is not None}
    least: dict[int, int | None] = dict.fromkeys(classes.values())
    for class_id, nights in nights_of(session, classes, Nights(today, today + AHEAD)).items():
        rates = [night.rate_rial for night in nights if night.bar is None]
        known = least[classes[class_id]]
        least[classes[class_id]] = min([*rates, *([known] if known is not None else [])], default=None)
    if not least:
        return 0
    told = values(column("place_id", BigInteger), column("night_rial", BigInteger), name="told").data(list(least.items()))
    night = cast(told.c.night_rial, BigInteger)  # where no place has a price, nothing tells the database what these are
    change = update(Place).where(Place.id == told.c.place_id, Place.night_rial.is_distinct_from(night)).values(night_rial=night)
    return rows_changed(session, change.execution_options(synchronize_session=False))
