"""Words and sentences of places, hours and calendars. Each fault names its remedy."""

from flask_babel import get_locale
from flask_babel import lazy_gettext as lazy

from kernel.moon import LUNAR_MONTHS

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

SENTENCES = {
    "city_not_found": lazy("There is no such city."),
    "lunar_month_moved_since": lazy("This move cannot be undone any more: the month was moved again. Undo the later move first."),
    "lunar_month_too_far": lazy("Only months from last lunar year to two years ahead can be moved."),
    "lunar_move_not_found": lazy("There is no such move."),
    "reason_missing": lazy("Please write why, for example who announced it."),
    "unknown_prayer_method": lazy("Choose a method of the list."),
    "wrong_month_length.previous": lazy("The month before would have %(days)s days; a month has 29 or 30. Set the month before first."),
    "wrong_month_length.this": lazy("The month would have %(days)s days; a month has 29 or 30. Set the month after it first."),
    "wrong_prayer_minutes": lazy("A time can be moved by %(most)s minutes at most, earlier with a minus."),
}


def lunar_month(number: int) -> str:
    """The name of a lunar month in the reader's language."""
    return LUNAR_MONTHS["en" if str(get_locale()) == "en" else "fa"][number - 1]
