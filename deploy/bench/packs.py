"""How large the packs for phones are at a city's size, against their caps: 3 MB for a city, 300 kB for a zone, as sent.

12,000 places, denser towards the shrine, with names in four languages, four hundred rules of hours, terms, languages and the words
of every eighth, a past of every twelfth, what every fourth shop says in two fields of its own, a photo of every twentieth, a shrine of
forty parts drawn together by ways, and 30,000 named streets with eight corners each: what the packs hold of it and how long one makes
them. It fails where a pack is larger than its cap or holds fewer places than it may.
"""

import argparse
import gzip
import json
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import cos, pi, sin
from random import Random
from time import perf_counter
from typing import Any

from deploy.bench.cluster import durable_cluster, environment, migrated_database
from deploy.bench.places import SHRINE, SUNDAY, daily_rules
from deploy.launcher.layout import OWNER_ROLE
from deploy.launcher.postgres import Cluster

ZONES = 12
ZONE_WIDE = 0.02  # degrees: at the shrine more than 2,000 places in each
PARTS = 40
MUCH = 1.15  # a pack that had to leave places out is nearly full
STREET_CORNERS = 8
WORDS = {
    "fa": ("فروشگاه", "زعفران", "سوغات", "رستوران", "هتل", "کتاب", "نگین", "بهار", "یاس", "رضوان", "گلشن", "آستان", "نور", "مهتاب", "توس", "سپیده"),
    "ar": ("متجر", "زعفران", "هدايا", "مطعم", "فندق", "كتاب", "خاتم", "ربيع", "ياسمين", "رضوان", "روضة", "عتبة", "نور", "قمر", "طوس", "فجر"),
    "ur": ("دکان", "زعفران", "تحفے", "ریستوران", "ہوٹل", "کتاب", "نگینہ", "بہار", "یاسمین", "رضوان", "گلشن", "آستان", "نور", "چاند", "طوس", "سحر"),
    "en": ("Shop", "Saffron", "Souvenirs", "Restaurant", "Hotel", "Books", "Gem", "Spring", "Jasmine", "Rezvan", "Garden", "Threshold", "Light", "Moon", "Tus", "Dawn"),
}  # fmt: skip
KINDS = (
    *[("shop", trade) for trade in ("saffron", "sweets", "books", "clothing", "jewellery", "prayer_goods", "restaurant", "handicraft")] * 3,
    ("lodging", "hotel"), ("lodging", "guest_house"), ("parking", None), ("toilets", None), ("health", "pharmacy"), ("bus_stop", None),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    pack: str
    places: int
    may_hold: int
    bytes: int
    cap: int
    words: int
    photos: int

    @property
    def is_within(self) -> bool:
        """A city's pack holds all that it may; a zone's may hold fewer where they would not go in."""
        return self.bytes <= self.cap and (self.places == self.may_hold or self.cap < self.bytes * MUCH)


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.bench packs", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one object and nothing else")
    parser.add_argument("--places", type=int, default=12_000)
    parser.add_argument("--streets", type=int, default=30_000)
    options = parser.parse_args(arguments)
    with durable_cluster() as cluster:
        os.environ.update(environment(migrated_database(cluster, "bench"), cluster.sockets))
        fill(cluster, options.places, options.streets)
        seconds, told, drawn = measure()
    if options.json:
        print(json.dumps({"seconds": seconds, "map_bytes": drawn, "packs": [asdict(one) for one in told]}))
    else:
        for one in told:
            more = f"{one.words:5} with more words {one.photos:4} photos"
            print(
                f"{one.bytes / 1_000:8.0f} kB of {one.cap / 1_000:5.0f}   {one.places:6} places of {one.may_hold:6} {more}   {one.pack}",
                flush=True,
            )
        print(f"{drawn / 1_000:8.0f} kB the map for itself; all made in {seconds:.1f} s")
    return 0 if all(one.is_within for one in told) else 1


def fill(cluster: Cluster, places: int, streets: int) -> None:
    import psycopg

    from kernel import clock
    from kernel.audit import Actor
    from kernel.db import unit_of_work
    from places import services
    from places.hours.services import count_places, keep_rule
    from places.keeping.services import draw_way, shrink_photos, tell_crowd
    from places.maps.services import import_map

    random, actor = Random(3), Actor.system("benchmark")
    lon, lat = SHRINE
    with clock.frozen(SUNDAY), unit_of_work() as session:
        city = services.found_city(session, actor, "mashhad", {"fa": "مشهد"}, lon, lat, "Asia/Tehran").id
        for zone in range(ZONES):
            west, south = lon + (zone % 4 - 2) * ZONE_WIDE, lat + (zone // 4 - 1.5) * ZONE_WIDE
            ring = [(west, south), (west + ZONE_WIDE, south), (west + ZONE_WIDE, south + ZONE_WIDE), (west, south + ZONE_WIDE)]
            services.draw_zone(session, actor, city, f"zone-{zone}", {"fa": f"محلهٔ {zone}"}, ring)
        rules = [keep_rule(session, city, text) for text in daily_rules(Random(1))]
        parts = [_part(session, actor, city, number, random) for number in range(PARTS + 1)]
        for one, other in pairwise(parts[1:]):
            draw_way(
                session,
                actor,
                one,
                other,
                random.randrange(30, 200),
                "made for the benchmark",
                has_steps=random.random() < 0.3,
                for_women=False,
            )
            tell_crowd(session, actor, one, "busy")
        file = {"features": list(_streets(streets, random))}
        import_map(session, actor, "mashhad", json.dumps(file).encode(), "made for the benchmark", "EUPL-1.2")
    with psycopg.connect(cluster.url(OWNER_ROLE, "bench"), autocommit=True) as database, database.cursor() as cursor:
        cursor.executemany(_PLACE, [_row(number, city, rules, random) for number in range(places)])
        statements = [
            {"number": number, "texts": json.dumps(_named(random, 18, number), ensure_ascii=False)}
            for number in range(0, places, 12)
        ]
        cursor.executemany(_PAST, statements)
        taken = [_photo(random) for _ in range(60)]
        cursor.executemany(_PHOTO, [{"number": number, "small": random.choice(taken)} for number in range(0, places, 20)])
        database.execute(
            "UPDATE place SET zone_id = (SELECT z.id FROM zone z WHERE ST_Covers(z.area, place.position) ORDER BY z.id LIMIT 1)"
        )
        database.execute("VACUUM ANALYZE")
    with clock.frozen(SUNDAY), unit_of_work() as session:
        count_places(session)
        while shrink_photos(session):
            pass


_PLACE = """
    INSERT INTO place (city_id, code, kind, category, names, about, search_text, position, rule_id, has_women_area, wheelchair, earns, spends, discounts,
        instalments, night_rial, languages, confirmed_at, source, licence)
    VALUES (%(city)s, %(code)s, %(kind)s, %(category)s, %(names)s, %(about)s, '', ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), %(rule)s, %(women)s,
        %(wheelchair)s, %(earns)s, %(spends)s, %(discounts)s, %(instalments)s, %(night)s, %(languages)s, %(confirmed)s, 'made for the benchmark', 'EUPL-1.2')
"""


_PAST = """
    INSERT INTO place_statement (key, place_id, kind, texts, year, calendar, year_ce, source, licence, origin, written_at)
    SELECT gen_random_uuid(), id, 'founded', %(texts)s, 1340, 'solar', 1961, 'made for the benchmark', 'EUPL-1.2', 'office', now()
    FROM place WHERE code = 'bench-' || %(number)s
"""
_PHOTO = """
    INSERT INTO place_photo (place_id, caption, source, licence, width, height, added_at, large, small)
    SELECT id, '', 'made for the benchmark', 'EUPL-1.2', 480, 360, now(), '', %(small)s FROM place WHERE code = 'bench-' || %(number)s
"""


def _photo(random: Random) -> bytes:
    """A JPEG as full of detail as a shop front: signs of all sizes and colours, and grain."""
    from io import BytesIO

    from PIL import Image, ImageDraw, ImageFilter

    picture = Image.effect_noise((480, 360), 60).convert("RGB")
    draw = ImageDraw.Draw(picture)
    for _ in range(70):
        left, top = random.randrange(480), random.randrange(360)
        colour = tuple(random.randrange(256) for _ in range(3))
        draw.rectangle((left, top, left + random.randrange(4, 140), top + random.randrange(4, 60)), fill=colour)
    written = BytesIO()
    picture.filter(ImageFilter.GaussianBlur(1)).save(written, "JPEG", quality=76)
    return written.getvalue()


def said_by_shops(session: Any, place_ids: Collection[int]) -> dict[int, list[tuple[dict[str, str], str, str]]]:
    """What every fourth says in two fields, as if it were a shop."""
    seen = Random(4)
    names = ({"fa": "شیوهٔ کار", "en": "Way of working"}, {"fa": "سال آغاز", "en": "Since"})
    return {
        one: [(names[0], "text", _named(seen, 12, one)["fa"]), (names[1], "number", str(1300 + one % 100))]
        for one in place_ids
        if one % 4 == 0
    }


def _named(random: Random, words: int, number: int) -> dict[str, str]:
    """The same words in each language, with a number that makes the name its own."""
    chosen = [random.randrange(16) for _ in range(words)]
    return {language: " ".join(said[one] for one in chosen) + f" {number}" for language, said in WORDS.items()}


def _near_the_shrine(random: Random) -> tuple[float, float]:
    far, turn = random.random() ** 1.5, 2 * pi * random.random()
    return SHRINE[0] + 0.1 * far * cos(turn), SHRINE[1] + 0.08 * far * sin(turn)


def _part(session: Any, actor: Any, city: int, number: int, random: Random) -> int:
    from places import services
    from places.queries import place_by_code

    lon, lat = (SHRINE[0] + random.gauss(0, 0.001), SHRINE[1] + random.gauss(0, 0.001)) if number else SHRINE
    shrine = place_by_code(session, city, "part-0") if number else None
    kind = random.choice(("gate", "courtyard", "prayer_hall", "service")) if number else "shrine"
    made: int = services.register_place(
        session, actor, city, code=f"part-{number}", kind=kind, names=_named(random, 3, number), lon=lon, lat=lat,
        source="made for the benchmark", licence="EUPL-1.2", parent_id=shrine.id if shrine else None, about=_named(random, 14, number),
    ).id  # fmt: skip
    return made


def _row(number: int, city: int, rules: list[int], random: Random) -> dict[str, Any]:
    kind, category = random.choice(KINDS)
    lon, lat = _near_the_shrine(random)
    is_shop = kind == "shop"
    return {
        "city": city, "code": f"bench-{number}", "kind": kind, "category": category, "names": json.dumps(_named(random, 3, number), ensure_ascii=False),
        "about": json.dumps(_named(random, 14, number) if number % 8 == 0 else {}, ensure_ascii=False), "lon": lon, "lat": lat,
        "rule": random.choice(rules) if random.random() < 0.8 else None, "women": random.random() < 0.2, "wheelchair": random.choice((None, None, "yes", "limited", "no")),
        "earns": is_shop, "spends": is_shop and random.random() < 0.9, "discounts": is_shop and random.random() < 0.3,
        "instalments": is_shop and random.random() < 0.2, "night": random.randrange(2, 90) * 500_000 if kind == "lodging" else None,
        "languages": random.sample(("fa", "ar", "ur", "en"), random.randrange(1, 4)), "confirmed": date(2026, 11, 1) - timedelta(days=random.randrange(300)),
    }  # fmt: skip


def _streets(streets: int, random: Random) -> Iterator[dict[str, Any]]:
    """Each as long as some blocks, never straight; one in twelve is a main one."""
    for number in range(streets):
        lon, lat = _near_the_shrine(random)
        turn, line = 2 * pi * random.random(), []
        for _ in range(STREET_CORNERS):
            line.append((lon, lat))
            turn += random.gauss(0, 0.35)
            lon, lat = lon + 0.0006 * cos(turn), lat + 0.0005 * sin(turn)
        named = _named(random, 2, number // 3)
        tags = {"highway": "secondary" if number % 12 == 0 else "residential"} | {
            f"name:{language}": name for language, name in named.items()
        }
        yield {
            "type": "Feature",
            "id": f"way/{number}",
            "properties": tags,
            "geometry": {"type": "LineString", "coordinates": line},
        }


def measure() -> tuple[float, list[Measured], int]:
    """Seconds to make all packs, what each holds, and the bytes of the map for itself."""
    from kernel import clock
    from kernel.db import unit_of_work
    from places.directory import packs
    from places.maps.queries import map_file
    from places.queries import city_by_code, zones_of_city

    with clock.frozen(SUNDAY), unit_of_work() as session:
        begun = perf_counter()
        packs.make_packs(session, said_by_shops)
        seconds = perf_counter() - begun
        city = city_by_code(session, "mashhad")
        may_hold = {None: (packs.CITY_PLACES, packs.CITY_BYTES)} | {
            zone.code: (packs.ZONE_PLACES, packs.ZONE_BYTES) for zone in zones_of_city(session, city.id)
        }
        there = _places_there(session)
        told = []
        for one in packs.packs_of_city(session, city.id):
            held = json.loads(gzip.decompress(packs.pack_of(session, city.code, one.zone).content))
            places, cap = may_hold[one.zone]
            more = len(held.get("words", ())), len(held.get("photos", ()))
            told.append(Measured(one.zone or city.code, one.places, min(places, there[one.zone]), one.bytes, cap, *more))
        drawn = map_file(session, city.code)
        if drawn is None or not json.loads(gzip.decompress(drawn.content))["layers"]:
            raise RuntimeError("the city has no map")
        return seconds, told, len(drawn.content)


def _places_there(session: Any) -> dict[str | None, int]:
    from sqlalchemy import text

    counted = session.execute(
        text("SELECT z.code, count(*) FROM place p LEFT JOIN zone z ON z.id = p.zone_id GROUP BY ROLLUP (z.code) ORDER BY count(*)")
    )
    return {code: places for code, places in counted}  # noqa: C416 - the sum over all comes last, as that of the city
