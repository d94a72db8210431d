"""What happened to prayer times."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PrayerTimesAdjusted:
    city_id: int
