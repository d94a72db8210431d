"""What may be asked of the directory, and what a place may say of itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt
from typing import Any

from kernel.languages import LANGUAGES
from kernel.text import search_key
from places.directory.errors import NameMissing, OutsideTheCity, UnknownKind
from places.errors import PositionOutOfRange
from places.rules import check_position

WALK_FACTOR = 1.3
EARTH_M = 6_371_000
CITY_KM = 60
MOST_NAME = 80
MOST_ABOUT = 600
MOST_WORDS = 6


class Kind(StrEnum):
    SHRINE = "shrine"
    COURTYARD = "courtyard"
    GATE = "gate"
    PRAYER_HALL = "prayer_hall"
    SERVICE = "service"
    LODGING = "lodging"
    SHOP = "shop"
    METRO = "metro_station"
    BUS = "bus_stop"
    PARKING = "parking"
    TOILETS = "toilets"
    HEALTH = "health"
    SIGHT = "sight"
    OFFICE = "office"


class Service(StrEnum):
    """The category of a place of the kind service."""

    LOST_AND_FOUND = "lost_and_found"
    LEFT_LUGGAGE = "left_luggage"
    SHOES = "shoe_keeping"
    WHEELCHAIRS = "wheelchairs"
    INFORMATION = "information"
    ABLUTION = "ablution"


WHEELCHAIR = ("yes", "limited", "no")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted; what is empty or False is not asked for. `wheelchair` takes limited access too.

    `most_rial` finds lodging with a night for so much or less.
    """

    city_id: int | None = None
    kinds: tuple[str, ...] = ()
    category: str | None = None
    open_now: bool = False
    earns: bool = False
    spends: bool = False
    discounts: bool = False
    instalments: bool = False
    women: bool = False
    wheelchair: bool = False
    handicraft: bool = False
    language: str | None = None
    most_rial: int | None = None


def words_of_search(typed: str) -> str:
    """A prefix query over folded words, for `to_tsquery`; empty where nothing was typed that can be searched for."""
    words = re.findall(r"[^\W_]+", search_key(typed))[:MOST_WORDS]
    return " & ".join(f"{word}:*" for word in words)


def walk_m(distance_m: float) -> int:
    """An estimate of the way on foot, in tens of metres."""
    return round(distance_m * WALK_FACTOR / 10) * 10


def geo_link(lon: float, lat: float) -> str:
    """A `geo:` address (RFC 5870), which a phone opens in its own map."""
    return f"geo:{lat:.6f},{lon:.6f}"


def metres_between(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """On the sphere."""
    half = sin(radians(other_lat - lat) / 2) ** 2
    half += cos(radians(lat)) * cos(radians(other_lat)) * sin(radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(half)))


def check_in_city(lon: float, lat: float, city_lon: float, city_lat: float, field: str = "position") -> None:
    """Raises OutsideTheCity."""
    if metres_between(lon, lat, city_lon, city_lat) > CITY_KM * 1000:
        raise OutsideTheCity(field=field, most_km=CITY_KM)


def is_near(lon: float, lat: float, middle: tuple[float, float]) -> bool:
    """Whether it is a position at all and lies in the city around `middle`."""
    try:
        check_position(lon, lat)
        check_in_city(lon, lat, *middle)
    except (PositionOutOfRange, OutsideTheCity):
        return False
    return True


def typed_place_name(typed: str, field: str = "name") -> str:
    """One line of letters. Raises NameMissing."""
    name = " ".join(typed.split())
    if not 2 <= len(name) <= MOST_NAME or not re.search(r"[^\W\d_]", name):
        raise NameMissing(field=field, most=MOST_NAME)
    return name


def language_of_name(name: str, spoken: str) -> str:
    """The language that a name is in, of somebody who reads `spoken`: letters tell more than that."""
    if not re.search(r"[\u0600-\u06ff]", name):
        return "en"
    return "fa" if spoken == "en" else spoken


def typed_kind(typed: str, field: str = "kind") -> Kind:
    """Raises UnknownKind."""
    try:
        return Kind(typed)
    except ValueError:
        raise UnknownKind(field=field) from None


# OpenStreetMap's tags → our kind and category; the first that fits. Shops come from contracts, never from a file.
_TAGS: tuple[tuple[str, str, Kind, str | None], ...] = (
    ("railway", "station", Kind.METRO, None),
    ("station", "subway", Kind.METRO, None),
    ("railway", "subway_entrance", Kind.GATE, "metro"),
    ("highway", "bus_stop", Kind.BUS, None),
    ("tourism", "hotel", Kind.LODGING, "hotel"),
    ("tourism", "guest_house", Kind.LODGING, "guest_house"),
    ("tourism", "hostel", Kind.LODGING, "hostel"),
    ("tourism", "apartment", Kind.LODGING, "apartment"),
    ("amenity", "toilets", Kind.TOILETS, None),
    ("amenity", "parking", Kind.PARKING, None),
    ("amenity", "hospital", Kind.HEALTH, "hospital"),
    ("amenity", "clinic", Kind.HEALTH, "clinic"),
    ("amenity", "pharmacy", Kind.HEALTH, "pharmacy"),
    ("amenity", "place_of_worship", Kind.PRAYER_HALL, None),
    ("amenity", "lost_property", Kind.SERVICE, Service.LOST_AND_FOUND),
    ("amenity", "luggage_locker", Kind.SERVICE, Service.LEFT_LUGGAGE),
    ("tourism", "information", Kind.SERVICE, Service.INFORMATION),
    ("tourism", "museum", Kind.SIGHT, "museum"),
    ("tourism", "attraction", Kind.SIGHT, None),
    ("historic", "*", Kind.SIGHT, None),
)


def kind_of_tags(tags: Mapping[str, Any]) -> tuple[Kind, str | None] | None:
    """None for what the directory does not keep."""
    fitting = ((kind, category) for key, value, kind, category in _TAGS if key in tags and value in ("*", tags[key]))
    return next(fitting, None)


def names_of_tags(tags: Mapping[str, Any]) -> dict[str, str]:
    """`name` is Persian in Iran; the others by their own tags. Empty where it has no name."""
    told = {language: str(tags[f"name:{language}"]).strip() for language in LANGUAGES if tags.get(f"name:{language}")}
    plain = str(tags.get("name") or "").strip()
    named = ({"fa": plain} if plain else {}) | told
    return {language: name[:MOST_NAME] for language, name in named.items() if name}
