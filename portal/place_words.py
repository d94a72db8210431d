"""Words and sentences of places, hours and calendars. Each fault names its remedy."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from kernel.languages import ENDONYMS, in_language
from kernel.moon import month_name
from places.hours.sentences import WEEKDAY_NAMES
from portal import formats

PRAYERS = {
    "fajr": lazy("Dawn adhan"),
    "sunrise": lazy("Sunrise"),
    "noon": lazy("Noon adhan"),
    "sunset": lazy("Sunset"),
    "maghrib": lazy("Evening adhan"),
    "isha": lazy("Isha"),
    "midnight": lazy("Religious midnight"),
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
    "name": lazy("Name of the place"), "kind": lazy("Kind of place"), "wheelchair": lazy("Wheelchair"), "hours": lazy("Opening hours"),
    "history": lazy("Of its history"), "language": lazy("Language of the name"),
}  # fmt: skip

ROWS = {
    "week": lazy("Saturday to Wednesday"),
    "thursday": lazy("Thursday"),
    "friday": lazy("Friday"),
    "holiday": lazy("Public holidays"),
    "ramadan": lazy("Ramadan"),
}

STATEMENTS = {
    "founded": (lazy("Founded"), "building-community"),
    "rebuilt": (lazy("Rebuilt"), "refresh"),
    "former_name": (lazy("Former name"), "pencil"),
    "makers": (lazy("Makers"), "users-group"),
    "event": (lazy("It happened"), "history"),
}
REGISTER_COLUMNS = {
    "number": lazy("Number"), "kind": lazy("Kind of place"), "fa": lazy("Name in Persian"), "en": lazy("Name in English"), "ar": lazy("Name in Arabic"),
    "ur": lazy("Name in Urdu"), "zone": lazy("Zone"), "lat": lazy("Latitude"), "lon": lazy("Longitude"), "handicraft": lazy("Handicraft"),
    "photos": lazy("Photos"), "history": lazy("Of its history"), "licence_number": lazy("Guild licence"), "licence_expires_on": lazy("Licence until"),
    "source": lazy("Source"), "licence": lazy("Licence of the source"), "page": lazy("Page"),
}  # fmt: skip
HAS = {
    "photo": (lazy("Photos"), lazy("With photos"), lazy("Without photos")),
    "history": (lazy("Of its history"), lazy("With a history"), lazy("Without a history")),
    "licence": (lazy("Guild licence"), lazy("With a valid licence"), lazy("Without a valid licence")),
}
YEARS = {"solar": lazy("Solar Hijri"), "lunar": lazy("Lunar Hijri"), "gregorian": lazy("Gregorian")}
SIDES = {"shop": lazy("the shop"), "union": lazy("its union"), "municipality": lazy("the municipality")}
CHANGES = {
    "register": lazy("taken up"), "keep": lazy("facts kept"), "set hours": lazy("hours set"), "confirm": lazy("confirmed"), "suggest": lazy("something suggested"),
    "begin update": lazy("said to be updated"), "end update": lazy("update ended"), "write": lazy("history written"), "change": lazy("history changed"),
    "remove": lazy("history removed"),
}  # fmt: skip

SENTENCES = {
    "page_updated_by_others": lazy("The union or the municipality is looking into this page. They end it, or it ends on its day."),
    "place_statement_not_found": lazy("There is no such statement about this place."),
    "wrong_page_update": lazy("Choose a last day from today on, at most %(most)s days in all."),
    "wrong_page_update.note": lazy("Write at most %(most)s letters."),
    "wrong_statement.history_kind": lazy("Choose what the statement says."),
    "wrong_statement.history_calendar": lazy("Choose the calendar of the year."),
    "wrong_statement.history_year": lazy(
        "Write a year that has begun, such as 1394 or 1418, in the calendar beside it; leave it empty where none is known."
    ),
    "wrong_statement.text": lazy("Write a sentence of up to %(most)s letters, in one language at least."),
    "wrong_statement.source": lazy("Write who says so: a book, an archive, a person of the house."),
    "wrong_statement.licence": lazy("Write the licence of the source, for example CC-BY-4.0, or: facts."),
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
    "unreadable_places": lazy(
        "This file cannot be read. Choose an OpenStreetMap extract (.osm.pbf, .osm) or GeoJSON, whole and as it was made."
    ),
    "city_not_found": lazy("There is no such city."),
    "lunar_month_moved_since": lazy("This move cannot be undone any more: the month was moved again. Undo the later move first."),
    "lunar_month_too_far": lazy("Only months from last lunar year to two years ahead can be moved."),
    "lunar_move_not_found": lazy("There is no such move."),
    "place_not_found": lazy("There is no such place."),
    "announcement_missing": lazy("Please write why, for example who announced it."),
    "unknown_prayer_method": lazy("Choose a method of the list."),
    "unreadable_hours": lazy("“%(part)s” cannot be read. Write times as 08:00-13:00, and a semicolon between the days."),
    "unreadable_hours.additional": lazy("In “%(part)s” a comma stands between days. Put a semicolon there."),
    "unreadable_hours.line": lazy("“%(part)s” cannot be read. Write for example: Saturday to Wednesday 8-20; Friday closed."),
    "unreadable_hours.row": lazy("“%(part)s” cannot be read. Write for example 8-13, 16:30-21, or: sunrise to noon."),
    "unreadable_hours.school": lazy("“%(part)s” names school holidays, which are not on record here. Write the months instead."),
    "unreadable_hours.sun": lazy("“%(part)s” names dawn or dusk. Write fajr or maghrib instead."),
    "unreadable_hours.time": lazy("“%(part)s” is no time of the day. Hours go to 24, minutes to 59."),
    "unreadable_hours.too_long": lazy("The rule is too long: %(most)s characters at most."),
    "wrong_month_length.far": lazy(
        "That day is not near this month. Please write the day by the year of the sun, for example 1405/11/29."
    ),
    "wrong_month_length.previous": lazy(
        "The month before would have %(days)s days; a month has 29 or 30. Set the month before first."
    ),
    "wrong_month_length.this": lazy("The month would have %(days)s days; a month has 29 or 30. Set the month after it first."),
    "wrong_prayer_minutes": lazy("A time can be moved by %(most)s minutes at most, earlier with a minus."),
}


def lunar_month(number: int) -> str:
    """The name of a lunar month in the reader's language."""
    return month_name(number, str(get_locale()))


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
    if name == "history" and isinstance(value, dict):
        return statement_line(value)
    table: dict[str, Any] = {"kind": KINDS, "wheelchair": WHEELCHAIR, "language": ENDONYMS}.get(name, {})
    return str(table.get(str(value), value))


def year_of(year: int | None, calendar: str | None, *, is_about: bool) -> str:
    """`821 (Lunar Hijri)`, `about 1394 (Solar Hijri)`; empty without a year."""
    if year is None or calendar is None:
        return ""
    words = {"year": formats.number(str(year), str(get_locale())), "calendar": YEARS[calendar]}
    return str(_("about %(year)s (%(calendar)s)", **words) if is_about else _("%(year)s (%(calendar)s)", **words))


def statement_line(said: dict[str, Any]) -> str:
    """A suggested statement on one line, for whoever answers it."""
    dated = year_of(said.get("year"), said.get("calendar"), is_about=bool(said.get("is_about")))
    parts = (STATEMENTS[said["kind"]][0], dated, in_language(said["texts"], str(get_locale())), said["source"], said["licence"])
    return " · ".join(str(part) for part in parts if part)


def told_facts(facts: dict[str, Any]) -> str:
    """The facts of an audit line as people read them: a statement in its words, texts in the reader's language, others as they stand."""
    if "texts" in facts and "source" in facts:
        return statement_line(facts)
    told = (
        in_language(value, str(get_locale())) if isinstance(value, dict) else KINDS.get(value, value)
        for value in facts.values()
        if isinstance(value, dict | str)
    )
    return " · ".join(str(one) for one in told if one)
