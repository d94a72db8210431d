"""The shrine's courtyards, gates and services, and hours for the shops of the demonstration.

Names and directions come from the sources that each record names; positions are approximate. What no source tells, such as a
women's entrance, is invented and says so in its name.
"""

from uuid import uuid4

from sqlalchemy.orm import Session

from deploy.commands import _demo
from kernel.audit import Actor
from places.directory.queries import nearest
from places.directory.rules import Asked, Kind, metres_between, walk_m
from places.history.rules import Statement, StatementKind, YearOf
from places.history.services import write_statement
from places.hours.services import count_places, set_hours
from places.keeping.services import draw_way
from places.maps.services import import_map
from places.queries import middle_of
from places.services import register_place

INVENTED = "invented for the demonstration"
# One after the other over the shops; one keeps open at night, one follows prayer, one has not told its hours.
HOURS = (
    "Sa-We 9:00-13:00,16:30-22:00; Th 9:00-13:00,16:30-23:00; Fr 16:30-22:00",
    "Sa-We 8:30-21:00; Th 8:30-21:00; Fr off; PH off",
    "Sa-We (sunrise+01:30)-(noon-00:30),(maghrib+00:30)-22:30; Th (sunrise+01:30)-(noon-00:30),(maghrib+00:30)-23:30; Fr (maghrib+00:30)-22:30",
    "24/7",
    "",
    "Sa-We 10:00-14:00,17:00-23:00; Th 10:00-14:00,17:00-23:30; Fr 10:00-12:00; PH 17:00-22:00; Ramadan 20:00-24:00",
)
MOST_SHOPS = 500
GOHARSHAD = Statement(
    StatementKind.FOUNDED, {"fa": "مسجد به خواست گوهرشاد بیگم ساخته شد.", "en": "The mosque was built at the wish of Goharshad Begum."},
    "en.wikipedia.org Goharshad_Mosque", "CC-BY-SA-4.0", 821, YearOf.LUNAR,
)  # fmt: skip
MAPS = (
    ("map_metro.json", "shahriaarrr/mashhad-metro-data, © OpenStreetMap contributors", "ODbL-1.0"),
    ("map_by_hand.json", "avenues drawn by hand, approximate", "facts"),
)


def seed_shrine(session: Session, actor: Actor, city_id: int, shrine_id: int) -> None:
    """What the shrine consists of, each with its source; what is invented is under our own licence."""
    set_hours(session, actor, shrine_id, "24/7")  # its doors never close; what lies in it keeps hours of its own
    placed = {}
    for part in _demo.read("shrine_parts.json"):
        place = register_place(
            session, actor, city_id, code=part["code"], kind=part["kind"], names=part["names"], lon=part["lon"], lat=part["lat"],
            source=part["source"], licence="EUPL-1.2" if part["source"] == INVENTED else "facts", parent_id=shrine_id,
            category=part.get("category"), about=part.get("about", {}), wheelchair=part.get("wheelchair"),
            has_women_area=part.get("women", False), languages=part.get("languages", []),
        )  # fmt: skip
        if "hours" in part:
            set_hours(session, actor, place.id, part["hours"])
        placed[part["code"]] = place.id, part["lon"], part["lat"]
    _draw_ways(session, actor, placed)
    write_statement(session, actor, placed["sahn-goharshad"][0], str(uuid4()), GOHARSHAD)


def _draw_ways(session: Session, actor: Actor, placed: dict[str, tuple[int, float, float]]) -> None:
    """Between parts that lie beside each other, as long as the line between them × 1.3. `placed`: code → (place, lon, lat)."""
    for way in _demo.read("shrine_ways.json"):
        one, other = placed[way["from"]], placed[way["to"]]
        draw_way(
            session, actor, one[0], other[0], max(10, walk_m(metres_between(*one[1:], *other[1:]))), f"{way['source']}; length estimated",
            has_steps=way.get("steps", False), for_women=way.get("women", False),
        )  # fmt: skip


def seed_map(session: Session, actor: Actor) -> None:
    """Metro lines, and what is needed to see where the shrine lies; the streets of a city come from its extract of OpenStreetMap."""
    for file, source, licence in MAPS:
        import_map(session, actor, _demo.CITY, (_demo.DATA / file).read_bytes(), source, licence)


def seed_hours(session: Session, actor: Actor, city_id: int) -> None:
    """Hours for the shops, one way after the other, in the order of their ids."""
    shops = nearest(session, Asked(city_id=city_id, kinds=(Kind.SHOP,)), *middle_of(session, city_id), most=MOST_SHOPS)
    for number, shop in enumerate(sorted(shops, key=lambda one: one.place_id)):
        if text := HOURS[number % len(HOURS)]:
            set_hours(session, actor, shop.place_id, text)
    count_places(session)
