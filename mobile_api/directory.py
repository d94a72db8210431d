"""The directory: what is near and open, one place with its parts, what kinds there are, and packs for phones."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from flask import url_for
from msgspec import Meta, Struct

from kernel.errors import BadInput
from kernel.languages import in_language
from kernel.web.visit import Visit
from merchants.fields.queries import said_at_place
from merchants.fields.rules import FieldKind
from mobile_api.contract import operation
from mobile_api.shapes import Id, Instant, Typed
from places.directory.packs import PackTold, packs_of_city
from places.directory.queries import PlaceCard, kinds_of_city, place_detail, search
from places.directory.rules import Asked, Kind
from places.errors import CityNotFound, PlaceNotFound, PositionOutOfRange
from places.history.queries import statements_of
from places.history.rules import StatementKind, YearOf
from places.hours.sentences import hours_sentence
from places.keeping import queries as keeping
from places.keeping.queries import Crowd, PhotoTold
from places.keeping.rules import Level, Way
from places.maps.queries import map_told
from places.queries import city_by_code, middle_of

TAG = "Places"
HOME = "mashhad"
A_PAGE = 15
FARTHEST = 300  # who looks further asks more closely
SHARED_SECONDS = 60
KINDS_SHARED_SECONDS = 3_600
# A place's parts are found in its page; who asks for no kind sees what one looks for.
WHOLE = tuple(kind.value for kind in Kind if kind not in (Kind.COURTYARD, Kind.GATE, Kind.OFFICE))

Longitude = Annotated[float, Meta(ge=-180, le=180)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]


class AskedPlaces(Struct):
    """`lon` and `lat` are where to look from: three decimals are enough. Without them the middle of `city` is taken; with them and
    without `city` the search ends at no city. What is left out is not asked for; `text` finds names in four languages, `wheelchair`
    takes limited access too, `earns`, `spends`, `discounts` (for paying at once) and `instalments` are terms of a shop's contract, `most_rial` finds
    lodging with a night for so much or less.
    """

    city: Typed = ""
    lon: Longitude | None = None
    lat: Latitude | None = None
    text: Typed = ""
    kind: Kind | None = None
    category: Typed = ""
    speaks: Literal["fa", "en", "ar", "ur"] | None = None
    open_now: bool = False
    earns: bool = False
    spends: bool = False
    discounts: bool = False
    instalments: bool = False
    most_rial: Annotated[int, Meta(ge=0, le=10**12)] | None = None
    women: bool = False
    wheelchair: bool = False
    handicraft: bool = False
    cursor: Annotated[int, Meta(ge=0, le=FARTHEST)] = 0
    limit: Annotated[int, Meta(ge=1, le=A_PAGE)] = A_PAGE


class NearPlace(Struct):
    """`walk_m` is an estimate, the straight line `distance_m` × 1.3; both are null where nobody asked from somewhere. `is_open` is null
    where no hours are known; it is so until `changes_at`. Until `updating_until` the page of the place is being updated: what it says of hours
    and prices may be others now.
    """

    place: int
    name: str
    kind: Kind
    category: str | None
    geo: str
    distance_m: int | None
    walk_m: int | None
    is_open: bool | None
    changes_at: Instant | None
    wheelchair: Literal["yes", "limited", "no"] | None
    has_women_area: bool
    is_handicraft: bool
    earns: bool
    spends: bool
    discounts: bool
    instalments: bool
    speaks: list[str]
    night_rial: int | None
    updating_until: Instant | None


class NearPlaces(Struct):
    places: list[NearPlace]
    next: int | None


class PartOfPlace(Struct):
    place: int
    name: str
    kind: Kind
    category: str | None
    geo: str
    is_open: bool | None
    changes_at: Instant | None
    crowd: Level | None = None
    crowd_at: Instant | None = None


class Photo(Struct):
    """`large` and `small` are paths of JPEGs on this host; who shows one names its source and licence."""

    large: str
    small: str
    caption: str
    source: str
    licence: str


class PastOfPlace(Struct):
    """One thing that is known of a place's past; `year` is of `calendar`, and about right where `is_about`. Who shows it names source and licence."""

    kind: StatementKind
    text: str
    year: int | None
    calendar: YearOf | None
    is_about: bool
    source: str
    licence: str


class OwnFact(Struct):
    """What a shop says in a field of its own; a day as 2026-11-22, yes or no in English."""

    name: str
    kind: FieldKind
    value: str


class WholePlace(Struct):
    """`changed_at` and `prices_changed_at` are when what is said of the place, and its prices, were last changed; `confirmed_at` when somebody
    last said that all of it is right. With its hours as a sentence (as OpenStreetMap's rule where it has no plain words), where it is known from and under which licence, and what it is a part of or made of."""

    place: NearPlace
    about: str | None
    hours: str | None
    speaks: list[str]
    confirmed_at: Instant | None
    source: str
    licence: str
    parent: PartOfPlace | None
    parts: list[PartOfPlace]
    crowd: Level | None
    crowd_at: Instant | None
    photos: list[Photo]
    changed_at: Instant | None
    prices_changed_at: Instant | None
    updating_note: str | None
    history: list[PastOfPlace]
    own: list[OwnFact]


class StopOnWay(Struct):
    """A place that one passes, and the way to it from the stop before: none at the first. `crowd` is null where nobody has looked lately."""

    place: int
    name: str
    crowd: Level | None
    crowd_at: Instant | None
    metres: int
    has_steps: bool
    for_women: bool


class WalkOnFoot(Struct):
    """From the first stop to the last. `metres` and `minutes` are estimates; no stops: no such way is known."""

    stops: list[StopOnWay]
    metres: int
    minutes: int


class AskedWalk(Struct):
    """`to` is another part of the same whole; `no_steps` for wheelchairs, `man` leaves out ways for women only."""

    to: Id
    no_steps: bool = False
    man: bool = False


class KindInCity(Struct):
    kind: Kind
    category: str | None
    places: int


class KindsInCity(Struct):
    kinds: list[KindInCity]


class PlacePack(Struct):
    """`address` is a path on this host that answers without a token and with an ETag of its own; `zone` is null for the whole city."""

    zone: str | None
    name: str
    address: str
    version: str
    places: int
    bytes: int


class CityMap(Struct):
    """The simple map of the city alone, which the packs hold too; `address` answers as that of a pack."""

    address: str
    version: str
    bytes: int


class PlacePacks(Struct):
    """`map` is null where none was made yet."""

    packs: list[PlacePack]
    map: CityMap | None = None


class AskedCity(Struct):
    city: Typed = HOME


_GATE = NearPlace(
    17, "باب‌الرضا", Kind.GATE, "bast", "geo:36.288000,59.615700", 240, 310, True, datetime(2026, 11, 22, 20, 30, tzinfo=UTC), "yes",
    has_women_area=True, is_handicraft=False, earns=False, spends=False, discounts=False, instalments=False,
    speaks=["fa", "ar"], night_rial=None, updating_until=None,
)  # fmt: skip
_PHOTO = Photo("/places/photos/4/large.jpg", "/places/photos/4/small.jpg", "از بیرون", "روابط عمومی حرم", "CC-BY-4.0")
_PAST = PastOfPlace(
    StatementKind.FOUNDED, "به دستور گوهرشاد ساخته شد", 821, YearOf.LUNAR, is_about=False, source="کتیبهٔ ایوان", licence="facts"
)
_SHRINE = PartOfPlace(3, "حرم", Kind.SHRINE, None, "geo:36.288000,59.615700", True, None)
_STOPS = [
    StopOnWay(17, "باب‌الرضا", Level.CALM, datetime(2026, 11, 22, 8, 10, tzinfo=UTC), 0, has_steps=False, for_women=False),
    StopOnWay(21, "صحن جامع رضوی", None, None, 90, has_steps=True, for_women=False),
]


@operation(
    "GET", "/places", tag=TAG, permission=None, errors=(CityNotFound, PositionOutOfRange), shared_seconds=SHARED_SECONDS,
    gives=NearPlaces([_GATE], 15),
)  # fmt: skip
def places_near(visit: Visit, query: AskedPlaces) -> NearPlaces:
    """What is near and as asked, nearest first."""
    city_id, lon, lat = _from_where(visit, query)
    kinds = (query.kind.value,) if query.kind else () if query.text.strip() else WHOLE
    asked = Asked(
        city_id=city_id, kinds=kinds, category=query.category or None, open_now=query.open_now, earns=query.earns, spends=query.spends, discounts=query.discounts, instalments=query.instalments,
        most_rial=query.most_rial,
        women=query.women, wheelchair=query.wheelchair, handicraft=query.handicraft, language=query.speaks,
    )  # fmt: skip
    found = search(visit.session, asked, query.text, lon, lat, most=query.limit + 1, skip=query.cursor)
    further = query.cursor + query.limit
    has_more = len(found) > query.limit and further <= FARTHEST
    return NearPlaces([_near(one, visit.language) for one in found[: query.limit]], further if has_more else None)


@operation("GET", "/places/kinds", tag=TAG, permission=None, errors=(CityNotFound,), shared_seconds=KINDS_SHARED_SECONDS,
           gives=KindsInCity([KindInCity(Kind.SERVICE, "lost_and_found", 4)]))  # fmt: skip
def place_kinds(visit: Visit, query: AskedCity) -> KindsInCity:
    """The kinds of places in a city with their categories, by which `/places` may be asked."""
    found = kinds_of_city(visit.session, city_by_code(visit.session, query.city).id)
    return KindsInCity([KindInCity(Kind(kind), category, places) for kind, category, places in found])


@operation("GET", "/places/packs", tag=TAG, permission=None, errors=(CityNotFound,), shared_seconds=SHARED_SECONDS,
           gives=PlacePacks([PlacePack(None, "مشهد", "/places/packs/mashhad.json", "3f1c2a9b7d5e8f60", 9_412, 1_204_331)],
                            CityMap("/places/maps/mashhad.json", "9b7d5e8f603f1c2a", 96_120)))  # fmt: skip
def place_packs(visit: Visit, query: AskedCity) -> PlacePacks:
    """Where the directory stands as files to be kept on a phone; a known `version` need not be fetched again."""
    city = city_by_code(visit.session, query.city)
    told = map_told(visit.session, city.id)
    drawn = CityMap(url_for("portal.city_map", city=city.code), *told) if told else None
    return PlacePacks([_pack(one, city.code, visit.language) for one in packs_of_city(visit.session, city.id)], drawn)


@operation(
    "GET", "/places/{place_id}", tag=TAG, permission=None, errors=(PlaceNotFound,), shared_seconds=SHARED_SECONDS,
    gives=WholePlace(_GATE, None, "هر روز، شبانه‌روزی", ["fa", "ar"], None, "OpenStreetMap", "ODbL-1.0", _SHRINE, [], Level.BUSY,
                     datetime(2026, 11, 22, 8, 10, tzinfo=UTC), [_PHOTO], datetime(2026, 11, 20, 8, 10, tzinfo=UTC), None, None, [_PAST], []),
)  # fmt: skip
def one_place(visit: Visit, place_id: Id) -> WholePlace:
    """One place with its hours, its parts and where it is known from."""
    detail = place_detail(visit.session, place_id)
    card = detail.card
    crowd = keeping.crowd_of(visit.session, [place_id, *(one.place_id for one in detail.parts)])
    own = crowd.get(place_id)
    sentence = hours_sentence(card.hours) if card.hours else None
    return WholePlace(
        place=_near(card, visit.language),
        about=in_language(detail.about, visit.language) or None,
        hours=in_language(sentence, visit.language) if sentence else card.hours,
        speaks=list(card.languages),
        confirmed_at=card.confirmed_at,
        source=card.source,
        licence=card.licence,
        parent=_part(detail.parent, visit.language) if detail.parent else None,
        parts=[_part(one, visit.language, crowd.get(one.place_id)) for one in detail.parts],
        crowd=own.level if own else None,
        crowd_at=own.told_at if own else None,
        photos=[_photo(one) for one in keeping.photos_of(visit.session, place_id)],
        changed_at=card.told_at,
        prices_changed_at=card.priced_at,
        updating_note=in_language(card.updating.note, visit.language) or None if card.updating else None,
        history=[_past(one, visit.language) for one in statements_of(visit.session, [place_id])[place_id]],
        own=_own(visit, place_id) if card.kind == Kind.SHOP else [],
    )


@operation("GET", "/places/{place_id}/walk", tag=TAG, permission=None, errors=(PlaceNotFound,), shared_seconds=SHARED_SECONDS,
           gives=WalkOnFoot(_STOPS, 90, 2))  # fmt: skip
def walk_on_foot(visit: Visit, place_id: Id, query: AskedWalk) -> WalkOnFoot:
    """The shortest walk from a part of a shrine to another one, around what is full where one can."""
    detail = place_detail(visit.session, place_id)
    whole = place_detail(visit.session, detail.parent.place_id) if detail.parent else detail
    family = {one.place_id: one for one in (whole.card, *whole.parts)}
    if query.to not in family:
        raise PlaceNotFound
    walk = keeping.walk_between(
        visit.session, list(family), place_id, query.to, avoids_steps=query.no_steps, is_woman=not query.man
    )
    if walk is None:
        return WalkOnFoot([], 0, 0)
    crowd = keeping.crowd_of(visit.session, walk.places)
    names = {place_id: in_language(one.names, visit.language) for place_id, one in family.items()}
    ways = (None, *walk.legs)
    stops = [_stop(one, names[one], way, crowd.get(one)) for one, way in zip(walk.places, ways, strict=True) if one in names]
    return WalkOnFoot(stops, walk.metres, walk.minutes)


def _stop(place_id: int, name: str, way: Way | None, crowd: Crowd | None) -> StopOnWay:
    return StopOnWay(
        place_id, name, crowd.level if crowd else None, crowd.told_at if crowd else None, way.metres if way else 0,
        has_steps=way is not None and way.has_steps, for_women=way is not None and way.for_women,
    )  # fmt: skip


def _from_where(visit: Visit, query: AskedPlaces) -> tuple[int | None, float, float]:
    """The city that the search ends at, if any, and from where to look. Raises CityNotFound, BadInput for half a position."""
    if query.lon is not None and query.lat is not None:
        return city_by_code(visit.session, query.city).id if query.city else None, query.lon, query.lat
    if query.lon is not None or query.lat is not None:
        raise BadInput(field="lat" if query.lat is None else "lon")
    city = city_by_code(visit.session, query.city or HOME)
    return city.id, *middle_of(visit.session, city.id)


def _near(card: PlaceCard, language: str) -> NearPlace:
    return NearPlace(
        card.place_id, in_language(card.names, language), Kind(card.kind), card.category, card.geo,
        None if card.distance_m is None else round(card.distance_m), card.walk_m, card.state.is_open if card.state else None,
        card.state.changes_at if card.state else None, card.wheelchair, card.has_women_area, card.is_handicraft, card.earns, card.spends,  # type: ignore[arg-type] # the table's constraint
        card.discounts, card.instalments, list(card.languages), card.night_rial,
        card.updating.until if card.updating else None,
    )  # fmt: skip


def _own(visit: Visit, place_id: int) -> list[OwnFact]:
    return [
        OwnFact(in_language(field.names, visit.language), field.kind, value)
        for field, value in said_at_place(visit.session, place_id)
    ]


def _past(one: Any, language: str) -> PastOfPlace:
    return PastOfPlace(
        StatementKind(one.kind), in_language(one.texts, language), one.year, YearOf(one.calendar) if one.calendar else None,
        is_about=one.is_about, source=one.source, licence=one.licence,
    )  # fmt: skip


def _photo(photo: PhotoTold) -> Photo:
    large, small = (url_for("portal.place_photo", photo_id=photo.id, size=size) for size in ("large", "small"))
    return Photo(large, small, photo.caption, photo.source, photo.licence)


def _part(card: PlaceCard, language: str, crowd: Crowd | None = None) -> PartOfPlace:
    state = card.state
    return PartOfPlace(
        card.place_id, in_language(card.names, language), Kind(card.kind), card.category, card.geo, state.is_open if state else None,
        state.changes_at if state else None, crowd.level if crowd else None, crowd.told_at if crowd else None,
    )  # fmt: skip


def _pack(told: PackTold, city_code: str, language: str) -> PlacePack:
    file = url_for("portal.zone_pack", city=city_code, zone=told.zone) if told.zone else url_for("portal.city_pack", city=city_code)
    return PlacePack(told.zone, in_language(told.names, language), file, told.version, told.places, told.bytes)
