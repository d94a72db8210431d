"""Use cases of prayer times."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel import audit, outbox
from kernel.audit import Actor
from places.errors import CityNotFound, UnknownMethod
from places.models import City
from places.prayers.events import PrayerTimesAdjusted
from places.prayers.rules import METHODS, check_minutes


def adjust_prayers(session: Session, actor: Actor, city_code: str, method: str, minutes: Mapping[str, int], why: str) -> City:
    """Follow a city's own timetable. Raises CityNotFound, UnknownMethod, WrongPrayerMinutes."""
    city = session.scalar(select(City).where(City.code == city_code).with_for_update())
    if city is None:
        raise CityNotFound(city=city_code)
    if method not in METHODS:
        raise UnknownMethod(field="method")
    before = {"method": city.prayer_method, "minutes": city.prayer_minutes}
    city.prayer_method, city.prayer_minutes = method, check_minutes(minutes)
    after = {"method": method, "minutes": city.prayer_minutes}
    if after != before:
        audit.record(session, actor, "adjust prayer times", "city", city.id, before=before, after=after, why=why or None)
        outbox.publish(session, PrayerTimesAdjusted(city.id))
    return city
