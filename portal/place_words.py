"""Words and sentences of places, hours and calendars. Each fault names its remedy."""

from datetime import date

from flask_babel import get_locale
from flask_babel import lazy_gettext as lazy

from kernel.moon import LUNAR_MONTHS
from places.hours.sentences import WEEKDAY_NAMES

PRAYERS = {
    "fajr": lazy("Dawn adhan"),
    "sunrise": lazy("Sunrise"),
    "noon": lazy("Noon adhan"),
    "sunset": lazy("Sunset"),
    "maghrib": lazy("Evening adhan"),
    "isha": lazy("Isha"),
    "midnight": lazy("Midnight of the law"),
}

METHODS = {
    "geophysics": lazy("Institute of Geophysics, Tehran"),
    "leva": lazy("Leva, Qom"),
}

ROWS = {
    "week": lazy("Saturday to Wednesday"),
    "thursday": lazy("Thursday"),
    "friday": lazy("Friday"),
    "holiday": lazy("Public holidays"),
    "ramadan": lazy("Ramadan"),
}

SENTENCES = {
    "city_not_found": lazy("There is no such city."),
    "lunar_month_moved_since": lazy("This move cannot be undone any more: the month was moved again. Undo the later move first."),
    "lunar_month_too_far": lazy("Only months from last lunar year to two years ahead can be moved."),
    "lunar_move_not_found": lazy("There is no such move."),
    "place_not_found": lazy("There is no such place."),
    "announcement_missing": lazy("Please write why, for example who announced it."),
    "unknown_prayer_method": lazy("Choose a method of the list."),
    "unreadable_hours": lazy("“%(part)s” cannot be read. Write times as 08:00-13:00, and a semicolon between the days."),
    "unreadable_hours.additional": lazy("In “%(part)s” a comma stands between days. Put a semicolon there."),
    "unreadable_hours.row": lazy("“%(part)s” cannot be read. Write for example 8-13, 16:30-21, or: sunrise to noon."),
    "unreadable_hours.school": lazy("“%(part)s” names school holidays, which are not on record here. Write the months instead."),
    "unreadable_hours.sun": lazy("“%(part)s” names dawn or dusk. Write fajr or maghrib instead."),
    "unreadable_hours.time": lazy("“%(part)s” is no time of the day. Hours go to 24, minutes to 59."),
    "unreadable_hours.too_long": lazy("The rule is too long: %(most)s characters at most."),
    "wrong_month_length.previous": lazy("The month before would have %(days)s days; a month has 29 or 30. Set the month before first."),
    "wrong_month_length.this": lazy("The month would have %(days)s days; a month has 29 or 30. Set the month after it first."),
    "wrong_prayer_minutes": lazy("A time can be moved by %(most)s minutes at most, earlier with a minus."),
}


def lunar_month(number: int) -> str:
    """The name of a lunar month in the reader's language."""
    return LUNAR_MONTHS["en" if str(get_locale()) == "en" else "fa"][number - 1]


def weekday(day: date) -> str:
    return WEEKDAY_NAMES["en" if str(get_locale()) == "en" else "fa"][day.weekday()]
