"""Words and sentences of places, hours and calendars. Each fault names its remedy."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as lazy

from kernel.languages import in_language
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

KINDS = {
    "shrine": lazy("Shrine"),
    "courtyard": lazy("Courtyard"),
    "gate": lazy("Gate"),
    "prayer_hall": lazy("Prayer hall"),
    "service": lazy("Service"),
    "lodging": lazy("Lodging"),
    "shop": lazy("Shop"),
    "metro_station": lazy("Metro station"),
    "bus_stop": lazy("Bus stop"),
    "parking": lazy("Parking"),
    "toilets": lazy("Toilets"),
    "health": lazy("Health"),
    "sight": lazy("Sight"),
    "office": lazy("Office of the city"),
}

ICONS = {
    "shrine": "pray", "courtyard": "building-community", "gate": "door-enter", "prayer_hall": "pray", "service": "info-circle", "lodging": "bed",
    "shop": "building-store", "metro_station": "train", "bus_stop": "bus", "parking": "car", "toilets": "walk", "health": "shield-check",
    "sight": "eye", "office": "building-community",
}  # fmt: skip

CATEGORIES = {
    "bast": lazy("Way into the shrine"),
    "women": lazy("For women"),
    "metro": lazy("Way into the metro"),
    "lost_and_found": lazy("Lost people and things"),
    "left_luggage": lazy("Left luggage"),
    "shoe_keeping": lazy("Shoe keeping"),
    "wheelchairs": lazy("Wheelchairs"),
    "information": lazy("Information"),
    "ablution": lazy("Ablution"),
    "hotel": lazy("Hotel"),
    "guest_house": lazy("Guest house"),
    "hostel": lazy("Hostel"),
    "apartment": lazy("Apartment"),
    "hospital": lazy("Hospital"),
    "clinic": lazy("Clinic"),
    "pharmacy": lazy("Pharmacy"),
    "museum": lazy("Museum"),
}

FLAGS = {
    "open_now": lazy("Open now"),
    "earns": lazy("Gives credit"),
    "spends": lazy("Takes credit"),
    "discounts": lazy("Cheaper at once"),
    "instalments": lazy("In instalments"),
    "women": lazy("Women's area"),
    "wheelchair": lazy("By wheelchair"),
    "handicraft": lazy("Handicraft"),
}

WHEELCHAIR = {"yes": lazy("By wheelchair"), "limited": lazy("By wheelchair with help"), "no": lazy("Not by wheelchair")}

LEVELS = {
    "calm": (lazy("Calm"), "good", "circle-check"),
    "busy": (lazy("Busy"), "warn", "users-group"),
    "full": (lazy("Full"), "bad", "ban"),
}

SUGGESTIONS = {"missing": lazy("A place is missing"), "wrong": lazy("Something is wrong"), "gone": lazy("It is not there any more")}
SUGGESTION_STATES = {
    "open": (lazy("To be answered"), "calm", "clock"),
    "accepted": (lazy("It is so"), "good", "circle-check"),
    "refused": (lazy("It is not"), "bad", "ban"),
}
FIELDS = {
    "name": lazy("Name of the place"), "kind": lazy("Kind of place"), "wheelchair": lazy("Wheelchair"), "hours": lazy("Opening hours"), "lon": lazy("Longitude"),
    "lat": lazy("Latitude"),
}  # fmt: skip

ROWS = {
    "week": lazy("Saturday to Wednesday"),
    "thursday": lazy("Thursday"),
    "friday": lazy("Friday"),
    "holiday": lazy("Public holidays"),
    "ramadan": lazy("Ramadan"),
}

SENTENCES = {
    "nothing_suggested": lazy("Please write what is wrong, in one line or in a field."),
    "outside_the_city": lazy("This point is more than %(most_km)s km from the city. Latitude comes first, then longitude."),
    "place_name_missing": lazy("Please write a name of 2 to %(most)s letters."),
    "place_source_missing": lazy("Please write who made the file and its licence."),
    "place_source_missing.how_known": lazy("Please write how it is known, in up to 200 letters."),
    "place_source_missing.photo_source": lazy("Please write who took the photo."),
    "place_source_missing.photo_licence": lazy("Please write the licence of the photo, for example CC-BY-4.0."),
    "photo_not_found": lazy("There is no such photo."),
    "too_many_photos": lazy("A place has %(most)s photos at most. Remove one first."),
    "unknown_crowd_level": lazy("Choose calm, busy or full."),
    "unreadable_photo": lazy("This is no photo that can be read. Choose a JPEG, PNG or WebP file of up to %(most_mb)s MB."),
    "way_not_found": lazy("There is no such way."),
    "wrong_way.metres": lazy("Write the length in metres, from 1 to %(most_m)s."),
    "wrong_way.to": lazy("Choose another part of the same place."),
    "position_out_of_range": lazy("This is no point on the earth. Write it as 36.28800, 59.61570: latitude, then longitude."),
    "suggestion_answered": lazy("This was answered already."),
    "suggestion_not_found": lazy("There is no such suggestion."),
    "too_many_suggestions": lazy("%(most)s of your suggestions still wait for an answer. Please wait for the first of them."),
    "unknown_place_kind": lazy("Choose what it is from the list."),
    "unreadable_places": lazy("This file cannot be read. Choose an OpenStreetMap extract (.osm.pbf, .osm) or GeoJSON, whole and as it was made."),
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
    return LUNAR_MONTHS[str(get_locale())][number - 1]


def weekday(day: date) -> str:
    return WEEKDAY_NAMES[str(get_locale())][day.weekday()]


def cities(found: list[Any]) -> list[tuple[str, str]]:
    return [(city.code, in_language(city.names, str(get_locale()))) for city in found]


def kinds(known: Iterable[str]) -> list[tuple[str, Any]]:
    return [(str(one), KINDS[str(one)]) for one in known]


def categories(known: Iterable[str]) -> list[tuple[str, Any]]:
    return [(one, CATEGORIES[one]) for one in known]


def named(cards: Iterable[Any], without: int | None = None) -> list[tuple[int, str]]:
    """Places to choose from, by name."""
    language = str(get_locale())
    choices = [(one.place_id, in_language(one.names, language)) for one in cards if one.place_id != without]
    return sorted(choices, key=lambda choice: choice[1])


def told_value(name: str, value: object) -> str:
    """A suggested value as people read it."""
    table = {"kind": KINDS, "wheelchair": WHEELCHAIR}.get(name, {})
    return str(table.get(str(value), value))
