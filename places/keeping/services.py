"""What somebody who answers for a city's places does with them."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, undefer

from kernel import audit, clock
from kernel.audit import Actor
from kernel.languages import LANGUAGES
from kernel.text import search_key
from places.directory.errors import SourceMissing
from places.directory.rules import (
    MOST_ABOUT,
    WHEELCHAIR,
    Kind,
    Service,
    check_in_city,
    typed_kind,
    typed_place_name,
)
from places.errors import PlaceNotFound
from places.hours.sentences import hours_of_line
from places.hours.services import set_hours
from places.keeping.errors import (
    PhotoNotFound,
    TooManyPhotos,
    UnknownLevel,
    WayNotFound,
    WrongWay,
)
from places.keeping.models import CrowdNote, PlacePhoto, PlaceWay
from places.keeping.pictures import opened, picture_of, tiny_of
from places.keeping.rules import HOLDS, Level
from places.models import Place
from places.pages.services import note_told
from places.queries import middle_of
from places.rules import point, typed_position
from places.services import MoreOfPlace, covering_zone, register_place

MOST_PHOTOS = 12
SHRUNK_AT_ONCE = 500
MOST_WAY_M = 3_000
LONGEST_SOURCE, LONGEST_LICENCE = 200, 40
PARTS = (Kind.COURTYARD, Kind.GATE, Kind.PRAYER_HALL, Kind.SERVICE)
CATEGORIES = ("bast", "women", *(one.value for one in Service))


def add_part(session: Session, actor: Actor, parent_id: int, key: str, typed: Mapping[str, str]) -> Place:
    """Put a courtyard, gate or service on record as a part of a place; the same `key` (a UUID) again is the same part.

    Raises PlaceNotFound and what is wrong with a field.
    """
    parent = _lock(session, parent_id)
    code = f"part-{key.replace('-', '')}"
    known = session.scalar(select(Place).where(Place.city_id == parent.city_id, Place.code == code))
    if known is not None:
        return known
    names, about = _names(typed), _about(typed)
    kind, (lon, lat), hours = typed_kind(typed.get("kind", "")), _spot(session, parent, typed), _hours(typed)
    told = _facts(typed)
    told["parent_id"], told["about"], told["confirmed_at"] = parent.id, about, clock.now()
    made = register_place(
        session,
        actor,
        parent.city_id,
        code=code,
        kind=kind,
        names=names,
        lon=lon,
        lat=lat,
        source=_source(typed),
        licence="facts",
        **told,
    )
    if hours:
        set_hours(session, actor, made.id, hours)
    return made


def keep_facts(session: Session, actor: Actor, place_id: int, typed: Mapping[str, str]) -> Place:
    """Write down what a place is as somebody who was there says, and that it is confirmed. Raises PlaceNotFound and what is wrong with a field."""
    place = _lock(session, place_id)
    names, about, hours, source = _names(typed), _about(typed), _hours(typed), _source(typed)
    lon, lat = _spot(session, place, typed)
    before, told = {"names": place.names, "source": place.source}, _told(session, place)
    place.names, place.about, place.source, place.position = names, about, source, point(lon, lat)
    place.search_text, place.zone_id = search_key(" ".join(names.values())), covering_zone(session, place.city_id, point(lon, lat))
    for name, fact in _facts(typed).items():
        if name != "category" or place.kind in PARTS:
            setattr(place, name, fact)
    place.confirmed_at = clock.now()
    session.flush()
    if _told(session, place) != told:
        note_told(session, [place_id])
    audit.record(session, actor, "keep", "place", place_id, before=before, after={"names": names, "source": source})
    if hours:
        set_hours(session, actor, place_id, hours)
    return place


def _told(session: Session, place: Place) -> tuple[object, ...]:
    """What people read of it; its position as exactly as the form has it."""
    lon, lat = session.execute(select(func.ST_X(Place.position), func.ST_Y(Place.position)).where(Place.id == place.id)).one()
    facts = place.names, place.about, place.category, place.wheelchair, place.has_women_area, tuple(place.languages)
    return (*facts, f"{lon:.6f}", f"{lat:.6f}")


def keep_own_words(session: Session, actor: Actor, place_id: int, typed: Mapping[str, str]) -> Place:
    """What a shop says of itself beside its hours, and that its page is right. Raises PlaceNotFound."""
    place = _lock(session, place_id, is_shop=True)
    told = _told(session, place)
    before = {"about": place.about, "wheelchair": place.wheelchair}
    facts = _facts(typed)
    place.about, place.wheelchair = _about(typed), facts["wheelchair"]
    place.has_women_area, place.languages = facts["has_women_area"], facts["languages"]
    place.confirmed_at = clock.now()
    session.flush()
    if _told(session, place) != told:
        note_told(session, [place_id])
        audit.record(
            session, actor, "keep", "place", place_id, before=before, after={"about": place.about, "wheelchair": place.wheelchair}
        )
    return place


def _lock(session: Session, place_id: int, *, is_shop: bool = False) -> Place:
    """Of a shop its contract and its owner tell, so that whoever keeps a city's places does not find it."""
    kept = select(Place).where(Place.id == place_id, Place.closed_at.is_(None), (Place.kind == Kind.SHOP) == is_shop)
    place = session.scalar(kept.with_for_update())
    if place is None:
        raise PlaceNotFound
    return place


def _names(typed: Mapping[str, str]) -> dict[str, str]:
    given = {one: typed.get(f"name_{one}", "") for one in LANGUAGES}
    return {one: typed_place_name(name, f"name_{one}") for one, name in given.items() if name.strip() or one == "fa"}


def _about(typed: Mapping[str, str]) -> dict[str, str]:
    given = {one: " ".join(typed.get(f"about_{one}", "").split())[:MOST_ABOUT] for one in LANGUAGES}
    return {one: told for one, told in given.items() if told}


def _spot(session: Session, place: Place, typed: Mapping[str, str]) -> tuple[float, float]:
    lon, lat = typed_position(typed.get("at", ""), "at")
    check_in_city(lon, lat, *middle_of(session, place.city_id), field="at")
    return lon, lat


def _hours(typed: Mapping[str, str]) -> str:
    text = typed.get("hours", "").strip()
    return hours_of_line(text) if text else ""


def _source(typed: Mapping[str, str]) -> str:
    source = " ".join(typed.get("source", "").split())
    if not 0 < len(source) <= LONGEST_SOURCE:
        raise SourceMissing(field="source", fault="how_known")
    return source


def _facts(typed: Mapping[str, str]) -> MoreOfPlace:
    wheelchair, category = typed.get("wheelchair"), typed.get("category")
    return {
        "wheelchair": wheelchair if wheelchair in WHEELCHAIR else None, "has_women_area": typed.get("women") == "1",
        "category": category if category in CATEGORIES else None,
        "languages": [one for one in LANGUAGES if typed.get(f"speaks_{one}") == "1"],
    }  # fmt: skip


def add_photo(
    session: Session, actor: Actor, place_id: int, content: bytes, caption: str, source: str, licence: str, *, is_shop: bool = False
) -> PlacePhoto:
    """Of a place that an office keeps, or of a shop by itself. Raises PlaceNotFound, UnreadablePhoto, TooManyPhotos, SourceMissing."""
    _lock(session, place_id, is_shop=is_shop)
    source, licence = " ".join(source.split()), licence.strip()
    if not 0 < len(source) <= 120:
        raise SourceMissing(field="photo_source", fault="photo_source")
    if not 0 < len(licence) <= LONGEST_LICENCE:
        raise SourceMissing(field="photo_licence", fault="photo_licence")
    held = session.scalar(select(func.count()).where(PlacePhoto.place_id == place_id)) or 0
    if held >= MOST_PHOTOS:
        raise TooManyPhotos(field="photo", most=MOST_PHOTOS)
    made = picture_of(content)
    photo = PlacePhoto(
        place_id=place_id, caption=" ".join(caption.split())[:160], source=source, licence=licence, width=made.width, height=made.height,
        added_at=clock.now(), large=made.large, small=made.small, tiny=made.tiny,
    )  # fmt: skip
    session.add(photo)
    session.flush()
    note_told(session, [place_id])
    audit.record(session, actor, "add", "place photo", photo.id, after={"place_id": place_id, "source": source, "licence": licence})
    return photo


def shrink_photos(session: Session) -> int:
    """Give the photos from before there were tiny ones theirs, some at a time; returns how many got one."""
    large = select(PlacePhoto).where(PlacePhoto.tiny.is_(None)).order_by(PlacePhoto.id).limit(SHRUNK_AT_ONCE)
    photos = session.scalars(large.options(undefer(PlacePhoto.small))).all()
    for photo in photos:
        photo.tiny = tiny_of(opened(photo.small, "RGB", field="photo"))
    session.flush()
    return len(photos)


def remove_photo(session: Session, actor: Actor, place_id: int, photo_id: int) -> None:
    """Raises PhotoNotFound, also for another place's."""
    photo = session.scalar(select(PlacePhoto).where(PlacePhoto.id == photo_id, PlacePhoto.place_id == place_id).with_for_update())
    if photo is None:
        raise PhotoNotFound
    audit.record(session, actor, "remove", "place photo", photo_id, before={"place_id": place_id, "source": photo.source})
    session.delete(photo)
    note_told(session, [place_id])


def tell_crowd(session: Session, actor: Actor, place_id: int, level: str) -> CrowdNote:
    """Say how crowded a place is now; it holds for half an hour, calm for one. Raises PlaceNotFound, UnknownLevel."""
    if level not in set(Level):
        raise UnknownLevel(field="level")
    _lock(session, place_id)
    now = clock.now()
    note = CrowdNote(place_id=place_id, level=level, told_at=now, holds_until=now + HOLDS[Level(level)])
    session.add(note)
    session.flush()
    audit.record(session, actor, "tell", "crowd", place_id, after={"level": level})
    return note


def draw_way(
    session: Session, actor: Actor, place_id: int, other_id: int, metres: int, source: str, *, has_steps: bool, for_women: bool
) -> None:
    """A way between two parts of one whole, or from it to a part; drawn again it is changed. Raises PlaceNotFound, WrongWay, SourceMissing."""
    one, other = _lock(session, place_id), session.get(Place, other_id)
    if other is None or other.closed_at is not None or one.id == other.id or _whole(one) != _whole(other):
        raise WrongWay(field="to", fault="to", most_m=MOST_WAY_M)
    if not 0 < metres <= MOST_WAY_M:
        raise WrongWay(field="metres", fault="metres", most_m=MOST_WAY_M)
    low, high = sorted((one.id, other.id))
    facts = {"metres": metres, "has_steps": has_steps, "for_women": for_women, "source": _way_source(source)}
    drawn = insert(PlaceWay).values(low_id=low, high_id=high, **facts)
    session.execute(drawn.on_conflict_do_update(index_elements=["low_id", "high_id"], set_=facts))
    audit.record(session, actor, "draw", "way", f"{low}-{high}", after=facts)


def _way_source(source: str) -> str:
    try:
        return _source({"source": source})
    except SourceMissing:
        raise SourceMissing(field="way_source", fault="how_known") from None


def _whole(place: Place) -> int:
    return place.parent_id or place.id


def remove_way(session: Session, actor: Actor, place_id: int, way_id: int) -> None:
    """Raises WayNotFound, also for one that does not touch the place."""
    way = session.get(PlaceWay, way_id, with_for_update=True)
    if way is None or place_id not in (way.low_id, way.high_id):
        raise WayNotFound
    audit.record(session, actor, "remove", "way", f"{way.low_id}-{way.high_id}", before={"metres": way.metres})
    session.delete(way)
