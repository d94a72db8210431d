"""What follows from a moved month, an adjusted timetable or a redrawn zone."""

from kernel.outbox import Handler
from places.hours.services import follow_moon, follow_prayers
from places.moon.events import LunarMonthMoved
from places.prayers.events import PrayerTimesAdjusted
from places.zones.events import ZonesRedrawn
from places.zones.services import follow_zones

HANDLERS: tuple[tuple[type, Handler], ...] = (
    (LunarMonthMoved, follow_moon),
    (PrayerTimesAdjusted, follow_prayers),
    (ZonesRedrawn, follow_zones),
)
