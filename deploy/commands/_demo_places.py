"""The shrine's courtyards, gates and services, and hours for the shops of the demonstration.

Names and directions come from the sources that each record names; positions are approximate. What no source tells, such as a
women's entrance, is invented and says so in its name.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deploy.commands import _demo
from kernel.audit import Actor
from places.directory.queries import nearest
from places.directory.rules import Asked, Kind, walk_m
from places.hours.services import count_places, set_hours
from places.keeping.services import draw_way
from places.queries import middle_of, place_by_code
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


def seed_shrine(session: Session, actor: Actor, city_id: int, shrine_id: int) -> None:
    """What the shrine consists of, each with its source; what is invented is under our own licence."""
    for part in _demo.read("shrine_parts.json"):
        place = register_place(
            session, actor, city_id, code=part["code"], kind=part["kind"], names=part["names"], lon=part["lon"], lat=part["lat"],
            source=part["source"], licence="EUPL-1.2" if part["source"] == INVENTED else "facts", parent_id=shrine_id,
            category=part.get("category"), about=part.get("about", {}), wheelchair=part.get("wheelchair"),
            has_women_area=part.get("women", False), languages=part.get("languages", []),
        )  # fmt: skip
        if "hours" in part:
            set_hours(session, actor, place.id, part["hours"])
    _draw_ways(session, actor, city_id)


def _draw_ways(session: Session, actor: Actor, city_id: int) -> None:
    """Between parts that lie beside each other, as long as the line between them × 1.3."""
    for way in _demo.read("shrine_ways.json"):
        one, other = (place_by_code(session, city_id, way[end]) for end in ("from", "to"))
        if one is None or other is None:
            raise KeyError(f"shrine_ways.json names {way}, which shrine_parts.json does not have")
        ends = select(func.ST_DistanceSphere(one.position, other.position))
        draw_way(
            session, actor, one.id, other.id, max(10, walk_m(session.scalar(ends) or 0)), f"{way['source']}; length estimated",
            has_steps=way.get("steps", False), for_women=way.get("women", False),
        )  # fmt: skip


def seed_hours(session: Session, actor: Actor, city_id: int) -> None:
    """Hours for the shops, one way after the other, in the order of their ids."""
    shops = nearest(session, Asked(city_id=city_id, kinds=(Kind.SHOP,)), *middle_of(session, city_id), most=MOST_SHOPS)
    for number, shop in enumerate(sorted(shops, key=lambda one: one.place_id)):
        if text := HOURS[number % len(HOURS)]:
            set_hours(session, actor, shop.place_id, text)
    count_places(session)
