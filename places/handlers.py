"""What follows from a moved month or an adjusted timetable."""

from kernel.outbox import Handler
from places.hours.services import follow_moon, follow_prayers
from places.moon.events import LunarMonthMoved
from places.prayers.events import PrayerTimesAdjusted

HANDLERS: tuple[tuple[type, Handler], ...] = (
    (LunarMonthMoved, follow_moon),
    (PrayerTimesAdjusted, follow_prayers),
)
