"""Parts of the directory to be kept on a phone: the places nearest the shrine, or those of a zone, with prayer times and a map.

A pack is short by shape: places are arrays in the order of `fields`, positions are hundred-thousandths of a degree from the
pack's corner, kinds, sources and rules of hours are numbers into lists. Hours are told as computed, so that no phone reads
rules: `open` has for each rule, in minutes after `open_from`, how far it is known and then in turn how long it stays closed and
how long open. `ways` are those inside a shrine, [place, other, metres, flags], by which the phone finds walks as the server does.
`crowd` is what was last seen, [place, level, told, until] in minutes since 1970. `words` and `photos` are those of the nearest places
that fit (`filling.py`). `page` is when what is said of a place and its prices
were last changed, [day, day], with the minute until which it is being updated and what was said of that where it is.

A pack's version is the digest of what is in it, so that a phone that has it asks in vain. How crowded places are is not counted:
each look at a gate would offer everybody a newer pack.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, pairwise
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kernel import clock
from kernel.calendar import local_day
from places.directory.filling import Said, filled, nothing_said, packed, photos_of, words_of, written
from places.directory.models import PlacePack
from places.directory.rules import Kind
from places.hours.models import OpeningRule
from places.hours.queries import calendar_of, spans_of
from places.hours.sentences import hours_sentence
from places.keeping.queries import last_crowd_of, ways_of
from places.keeping.services import shrink_photos
from places.maps.queries import PACK_CORNERS, ZONE_CORNERS, box_around, map_of
from places.maps.services import make_map
from places.models import City, Place, Zone
from places.pages.models import PlacePage
from places.pages.queries import updating_of
from places.prayers.queries import prayers_at
from places.prayers.rules import EVENTS
from places.rules import Box

CITY_PLACES, CITY_BYTES = 10_000, 3_000_000
ZONE_PLACES, ZONE_BYTES = 2_000, 300_000
PRAYER_DAYS = 30
MARGIN = 0.003  # degrees: some three hundred metres
SCALE = 100_000
FIELDS = (
    "id",
    "parent",
    "kind",
    "category",
    "lon",
    "lat",
    "names",
    "rule",
    "source",
    "flags",
    "languages",
    "confirmed",
    "night",
    "about",
    "page",
)
FLAGS = {
    "wheelchair": 1, "wheelchair_limited": 2, "women": 4, "handicraft": 8, "earns": 16, "spends": 32, "discounts": 64, "instalments": 128,
    "wheelchair_no": 256,
}  # fmt: skip
WAY_FLAGS = {"steps": 1, "women": 2}
CROWD_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """What a pack is of: a whole city from its middle outwards, or one zone."""

    city: City
    lon: float
    lat: float
    zone: Zone | None = None

    @property
    def most(self) -> tuple[int, int]:
        return (CITY_PLACES, CITY_BYTES) if self.zone is None else (ZONE_PLACES, ZONE_BYTES)


@dataclass(frozen=True, slots=True)
class PackTold:
    """A pack without its content; `zone` is None for that of the city, `bytes` what is sent."""

    zone: str | None
    names: dict[str, str]
    version: str
    places: int
    bytes: int


def make_packs(session: Session, said: Said = nothing_said) -> int:
    """Make the packs of every city and zone anew; returns how many hold something else than before. `said` knows shops' own fields."""
    made = 0
    shrink_photos(session)
    cities = select(City, func.ST_X(City.position).label("lon"), func.ST_Y(City.position).label("lat")).order_by(City.id)
    for row in session.execute(cities).all():
        zones = session.scalars(select(Zone).where(Zone.city_id == row.City.id).order_by(Zone.id)).all()
        made += sum(_make(session, Part(row.City, row.lon, row.lat, zone), said) for zone in (None, *zones))
        make_map(session, row.City, row.lon, row.lat)
    return made


def pack_of(session: Session, city_code: str, zone_code: str | None) -> PlacePack | None:
    found = select(PlacePack).join(City, City.id == PlacePack.city_id).where(City.code == city_code)
    if zone_code is None:
        return session.scalar(found.where(PlacePack.zone_id.is_(None)))
    return session.scalar(found.join(Zone, Zone.id == PlacePack.zone_id).where(Zone.code == zone_code))


def packs_of_city(session: Session, city_id: int) -> list[PackTold]:
    """What packs there are, the city's first and without their contents. One query."""
    told = select(
        Zone.code, func.coalesce(Zone.names, City.names), PlacePack.version, PlacePack.places, func.octet_length(PlacePack.content)
    )
    of_city = (
        told.join(City, City.id == PlacePack.city_id)
        .join(Zone, Zone.id == PlacePack.zone_id, isouter=True)
        .where(PlacePack.city_id == city_id)
    )
    rows = session.execute(of_city.order_by(Zone.code.nulls_first()))
    return [PackTold(*row) for row in rows]


def _make(session: Session, part: Part, said: Said) -> bool:
    most, bytes_most = part.most
    today, drawn = local_day(clock.now()), _drawn(session, part)
    while True:
        pack = contents(session, part, today, most, drawn)
        places, content = len(pack["places"]), packed(pack)
        if len(content) <= bytes_most or places <= 1:
            break
        most = places * bytes_most // (len(content) + 1)
    pack, content = _filled(session, pack, content, bytes_most, said)
    version = hashlib.sha256(written(pack | {"crowd": []})).hexdigest()[:16]
    zone_id = part.zone.id if part.zone else None
    of_part = (PlacePack.city_id == part.city.id, PlacePack.zone_id.is_not_distinct_from(zone_id))
    held = session.execute(select(PlacePack.version, PlacePack.content).where(*of_part)).one_or_none()
    if held is None or held.content != content:
        session.execute(delete(PlacePack).where(*of_part))
        session.add(
            PlacePack(city_id=part.city.id, zone_id=zone_id, version=version, places=places, content=content, made_at=clock.now())
        )
        session.flush()
    return held is None or held.version != version


def _filled(session: Session, pack: dict[str, Any], content: bytes, bytes_most: int, said: Said) -> tuple[dict[str, Any], bytes]:
    """The pack with the words and photos that its cap leaves room for."""
    sources, nearest = Numbers(tuple(one) for one in pack["sources"]), [row[0] for row in pack["places"]]
    words = words_of(session, nearest, sources.number, said)
    photos = photos_of(session, nearest, sources.number, bytes_most - len(content))
    fuller = filled(pack | {"sources": sources.listed}, words, photos, bytes_most)
    return fuller if len(fuller[1]) <= bytes_most else (pack, content)


def contents(session: Session, part: Part, today: date, most: int, drawn: dict[str, Any]) -> dict[str, Any]:
    rows = _nearest(session, part, most)
    kinds, sources, rules = Numbers(), Numbers(), Numbers()
    open_from = calendar_of(session, part.city.id).midnight(today)
    places = [_place(row, part, kinds, sources, rules) for row in rows]
    inner = {row.Place.id for row in rows if row.Place.kind != Kind.SHOP}
    return {
        "format": 3,
        "city": part.city.code,
        "zone": part.zone.code if part.zone else None,
        "corner": [part.lon, part.lat],
        "scale": SCALE,
        "fields": FIELDS,
        "flags": FLAGS,
        "places": places,
        "kinds": kinds.listed,
        "sources": sources.listed,
        "rules": [hours_sentence(rule.text) or {"": rule.text} for rule in rules.listed],
        "open_from": open_from,
        "open": [_open(rule, open_from) for rule in rules.listed],
        "prayers": {"zone": part.city.time_zone, "events": EVENTS, "days": _prayers(part, today)},
        "map": drawn,
        "way_flags": WAY_FLAGS,
        "ways": _ways(session, inner),
        "crowd": _crowd(session, inner),
    }


def _drawn(session: Session, part: Part) -> dict[str, Any]:
    """The map of the city, or of the zone and a little around it."""
    box, most = box_around(part.lon, part.lat), PACK_CORNERS
    if part.zone is not None:
        area = select(func.ST_XMin(Zone.area), func.ST_YMin(Zone.area), func.ST_XMax(Zone.area), func.ST_YMax(Zone.area))
        west, south, east, north = session.execute(area.where(Zone.id == part.zone.id)).one()
        box, most = Box(west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN), ZONE_CORNERS
    return map_of(session, part.city, part.lon, part.lat, box, most)


def _nearest(session: Session, part: Part, most: int) -> list[Any]:
    here = func.ST_SetSRID(func.ST_MakePoint(part.lon, part.lat), 4326)
    found = (
        select(Place, func.ST_X(Place.position).label("lon"), func.ST_Y(Place.position).label("lat"), OpeningRule, PlacePage)
        .outerjoin(OpeningRule, OpeningRule.id == Place.rule_id)
        .outerjoin(PlacePage, PlacePage.place_id == Place.id)
        .where(Place.city_id == part.city.id, Place.closed_at.is_(None))
        .order_by(Place.position.op("<->")(here), Place.id)
        .limit(most)
    )
    return list(session.execute(found if part.zone is None else found.where(Place.zone_id == part.zone.id)))


class Numbers:
    """A list of what occurred, and the number of each in it."""

    def __init__(self, occurred: Iterable[Any] = ()) -> None:
        self.listed: list[Any] = list(occurred)
        self._known = {one: number for number, one in enumerate(self.listed)}

    def __getitem__(self, one: Any) -> int | None:
        return None if one is None else self.number(one)

    def number(self, one: Any) -> int:
        if one not in self._known:
            self._known[one] = len(self.listed)
            self.listed.append(one)
        return self._known[one]


def _place(row: Any, part: Part, kinds: Numbers, sources: Numbers, rules: Numbers) -> list[Any]:
    place: Place = row.Place
    said = {
        "wheelchair": place.wheelchair == "yes",
        "wheelchair_limited": place.wheelchair == "limited",
        "wheelchair_no": place.wheelchair == "no",
        "women": place.has_women_area,
        "handicraft": place.is_handicraft,
        "earns": place.earns,
        "spends": place.spends,
        "discounts": place.discounts,
        "instalments": place.instalments,
    }
    return [
        place.id, place.parent_id, kinds[place.kind], place.category, round((row.lon - part.lon) * SCALE),
        round((row.lat - part.lat) * SCALE), place.names, rules[row.OpeningRule], sources[(place.source, place.licence)],
        sum(FLAGS[name] for name, is_so in said.items() if is_so), place.languages,
        _day(place.confirmed_at), place.night_rial, place.about or None, _page(row.PlacePage),
    ]  # fmt: skip


def _page(page: PlacePage | None) -> list[Any] | None:
    if page is None:
        return None
    days, updating = [_day(page.told_at), _day(page.priced_at)], updating_of(page, clock.now())
    return [*days, int(updating.until.timestamp()) // 60, updating.note or None] if updating else days


def _day(at: datetime | None) -> str | None:
    return at.date().isoformat() if at else None


def _ways(session: Session, places: set[int]) -> list[list[int]]:
    """Those that lead from one of the places to another one."""
    ways = [way for way in ways_of(session, places) if way.low_id in places and way.high_id in places]
    return [
        [way.low_id, way.high_id, way.metres, way.has_steps * WAY_FLAGS["steps"] + way.for_women * WAY_FLAGS["women"]]
        for way in ways
    ]


def _crowd(session: Session, places: set[int]) -> list[list[Any]]:
    def minute(at: datetime) -> int:
        return int(at.timestamp()) // 60

    noted = last_crowd_of(session, places, clock.now() - CROWD_FOR)
    return [[one.place_id, one.level, minute(one.told_at), minute(one.holds_until)] for one in noted]


def _open(rule: OpeningRule, first: int) -> list[int]:
    spans = [(max(begin, first), end) for begin, end in spans_of(rule) if end > first]
    turns = chain((first,), *spans)
    return [rule.covered_until - first, *(later - earlier for earlier, later in pairwise(turns))]


def _prayers(part: Part, today: date) -> list[list[Any]]:
    """Day by day: the date and each time as `HH:MM` of the city."""
    days = (date.fromordinal(today.toordinal() + ahead) for ahead in range(PRAYER_DAYS))
    return [
        [day.isoformat(), *(f"{at:%H:%M}" for at in prayers_at(part.city, part.lon, part.lat, day).times().values())]
        for day in days
    ]
