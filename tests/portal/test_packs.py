"""What the app finds in a pack without a network is what the API finds."""

import gzip
import io
import json
import random
import re
import subprocess
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import combinations, permutations
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import update
from sqlalchemy.orm import Session

from kernel import clock
from kernel.text import search_key
from merchants.directory import services as publish
from merchants.fields.rules import Definition, FieldKind, Subject
from merchants.fields.services import add_field, say_of_branch
from merchants.services import open_branch
from places.directory.packs import make_packs, pack_of
from places.directory.queries import PlaceCard, place_detail, search
from places.directory.rules import Asked
from places.history.rules import Statement, StatementKind, YearOf
from places.history.services import write_statement
from places.hours.services import set_hours
from places.keeping.models import PlacePhoto
from places.keeping.queries import walk_between
from places.keeping.services import add_photo, draw_way, tell_crowd
from places.maps.queries import map_file
from places.maps.services import import_map
from places.prayers.queries import prayers_at
from tests import factories, pictures
from tests.factories import ACTOR, SHRINE, city, place
from tests.portal.test_app import ASSETS, TOOLS

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
HOURS = (
    "24/7", "Mo-Sa 09:00-13:00,16:00-21:00; Fr off", "sunrise-(noon-00:30)", "22:00-03:00", "Ramadan off; 08:00-20:00", "PH off; 08:00-12:00",
    "(maghrib+00:20)-fajr", "Th 09:00-13:00", "off", "",
)  # fmt: skip
NAMES = (
    {"fa": "كتابخانهٔ مرکزي", "en": "Central Library"}, {"fa": "زعفران‌فروشی آستانه ۷", "ar": "متجر الزعفران"}, {"en": "Saffron Bazaar No. 12"},
    {"fa": "مسجد گوهرشاد", "ur": "مسجدِ گوہر شاد"}, {"fa": "آرامگاه خواجه‌ربیع"},
)  # fmt: skip
TYPED = ("زعفران", "كتاب", "saff", "SAFFRON baz", "گوهر", "گوهرشاد مسجد", "12", "۷", "آستانه‌", "نیست", "خواجه")

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def in_the_app(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """What the app's own code answers: an expression of `given` and of what the file gives out, as JavaScript."""
    folder = tmp_path_factory.mktemp("pack")
    tool, files = ASSETS / "node_modules/.bin/esbuild", [ASSETS / f"src/m/{name}.ts" for name in ("pack", "drawing")]
    subprocess.run(
        [tool, *files, f"--outdir={folder}", "--out-extension:.js=.mjs", "--format=esm", "--bundle"],
        env=TOOLS,
        check=True,
        capture_output=True,
    )

    def ask(expression: str, given: Any, file: str = "pack") -> Any:
        bundle, told = folder / f"{file}.mjs", folder / "given.json"
        told.write_text(json.dumps(given, default=str), encoding="utf-8")
        script = f"import * as app from '{bundle}'; import {{ readFileSync }} from 'node:fs'; const given = JSON.parse(readFileSync('{told}'));"
        script += f"console.log(JSON.stringify({expression}))"
        done = subprocess.run(["node", "--input-type=module", "-e", script], env=TOOLS, check=True, capture_output=True, text=True)
        return json.loads(done.stdout)

    return ask


@pytest.fixture
def pack(session: Session) -> dict[str, Any]:
    """Fifty places around the shrine, of all kinds of hours and names."""
    city(session)
    seen = random.Random(7)
    with clock.frozen(NOW):
        for number in range(50):
            made = place(
                session, kind=seen.choice(("shop", "service", "gate", "lodging")), lon=SHRINE[0] + seen.uniform(-0.02, 0.02),
                lat=SHRINE[1] + seen.uniform(-0.02, 0.02),
            )  # fmt: skip
            made.names = NAMES[number % len(NAMES)]
            made.search_text = search_key(" ".join(made.names.values()))
            made.earns, made.wheelchair = number % 3 == 0, (None, "yes", "limited", "no")[number % 4]
            set_hours(session, ACTOR, made.id, HOURS[number % len(HOURS)])
        make_packs(session)
    found: dict[str, Any] = json.loads(gzip.decompress(pack_of(session, "mashhad", None).content))
    return found


def told(card: PlaceCard) -> tuple[Any, ...]:
    state = card.state
    return card.place_id, state.is_open if state else None, state.changes_at.timestamp() if state and state.changes_at else None


def heard(one: dict[str, Any]) -> tuple[Any, ...]:
    changes = one["changes_at"] and datetime.fromisoformat(one["changes_at"]).timestamp()
    return one["place"], one["is_open"], changes


def test_the_phone_finds_open_what_the_server_finds_open(session: Session, pack: dict[str, Any], in_the_app: Ask) -> None:
    seen = random.Random(11)
    instants = [NOW + timedelta(minutes=seen.randrange(18 * 1440)) for _ in range(60)]
    told_of = "given.at.map((at) => app.search([new app.Opened(given.pack)], {city: 'mashhad', kind: 'shop'}, 'fa', at))"
    answers = in_the_app(told_of, {"pack": pack, "at": [at.timestamp() * 1000 for at in instants]})
    met = set()
    for at, answer in zip(instants, answers, strict=True):
        with clock.frozen(at):
            cards = search(session, Asked(kinds=("shop",)), "", *SHRINE, most=50)
        assert sorted(map(heard, answer)) == sorted(map(told, cards)), at
        met |= {one["is_open"] for one in answer}
    assert met == {True, False, None}  # beyond what was computed, neither says anything


@pytest.mark.parametrize("flags", [{}, {"earns": "true"}, {"wheelchair": "true"}, {"open_now": "true"}])
def test_the_phone_finds_by_name_what_the_server_finds(
    session: Session, pack: dict[str, Any], in_the_app: Ask, flags: dict[str, str]
) -> None:
    asks = [{"city": "mashhad", "text": text, **flags} for text in TYPED]
    answers = in_the_app(
        f"given.asks.map((asked) => app.search([new app.Opened(given.pack)], asked, 'fa', {NOW.timestamp() * 1000}))",
        {"pack": pack, "asks": asks},
    )
    with clock.frozen(NOW):
        for typed, answer in zip(TYPED, answers, strict=True):
            cards = search(session, Asked(**dict.fromkeys(flags, True)), typed, *SHRINE, most=50)
            assert {one["place"] for one in answer} == {card.place_id for card in cards}, typed
            ways = {card.place_id: card.distance_m for card in cards}
            assert all(abs(ways[one["place"]] - one["distance_m"]) < 3 for one in answer), typed
            assert [one["distance_m"] for one in answer] == sorted(one["distance_m"] for one in answer)
    assert any(answers)


def test_the_phone_tells_a_place_and_the_prayers_as_the_server_does(
    session: Session, pack: dict[str, Any], in_the_app: Ask
) -> None:
    mosque = next(row for row in pack["places"] if "مسجد گوهرشاد" in row[6].values())[0]
    whole, day = in_the_app(
        f"[app.whole([new app.Opened(given)], {mosque}, 'ur', {NOW.timestamp() * 1000}), app.prayersOf([new app.Opened(given)], '2026-11-23')]",
        pack,
    )
    detail = place_detail(session, mosque)
    assert (whole["place"]["name"], whole["source"], whole["licence"]) == ("مسجدِ گوہر شاد", detail.card.source, detail.card.licence)
    assert whole["hours"]
    town = city(session)
    times = prayers_at(town, *SHRINE, NOW.date() + timedelta(days=1)).times()
    assert day == {
        name: at.replace(second=0, microsecond=0).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:00.000Z") for name, at in times.items()
    }


def test_the_phone_tells_the_past_the_shops_words_and_a_photo_as_the_api_does(
    session: Session, visitor: FlaskClient, in_the_app: Ask
) -> None:
    shop = factories.merchant(session)
    here, other = place(session), place(session)
    branch = open_branch(session, ACTOR, shop.id, here.id, {"fa": "شعبه"})
    asked = [("وردی", "text", "Turquoise", True), ("سال", "date", "2024-03-20", True), ("نهفته", "text", "ours", False)]
    fields = [
        add_field(session, ACTOR, shop.id, Definition(Subject.PAGE, {"fa": name}, FieldKind(kind), (), open_, False))
        for name, kind, _, open_ in asked
    ]
    say_of_branch(session, ACTOR, branch, {str(field.id): value for field, (_, _, value, _) in zip(fields, asked, strict=True)})
    founded = Statement(
        StatementKind.FOUNDED, {"fa": "ساخته شد", "en": "Built"}, "کتیبه", "facts", 821, YearOf.LUNAR, is_about=True
    )
    for key, said in ((1, founded), (2, Statement(StatementKind.MAKERS, {"fa": "استاد"}, "Archive", "CC-BY-4.0"))):
        write_statement(session, ACTOR, here.id, str(UUID(int=key)), said)
    add_photo(session, ACTOR, here.id, pictures.photo(1, width=400, height=300), "از بیرون", "فروشگاه", "CC-BY-4.0", is_shop=True)
    add_photo(session, ACTOR, here.id, pictures.photo(2), "از درون", "فروشگاه", "CC-BY-4.0", is_shop=True)
    session.execute(update(PlacePhoto).values(tiny=None))  # as those from before
    publish.make_packs(session)
    session.commit()
    pack = json.loads(gzip.decompress(pack_of(session, "mashhad", None).content))
    whole, empty = in_the_app(f"[{here.id}, {other.id}].map((id) => app.whole([new app.Opened(given)], id, 'en', 0))", pack)
    told = visitor.get(f"/api/v1/places/{here.id}?lang=en").json
    assert len(told["history"]) == len(told["own"]) == len(told["photos"]) == 2
    assert (whole["history"], whole["own"]) == (told["history"], told["own"])
    [photo], first = whole["photos"], told["photos"][0]
    assert {name: photo[name] for name in ("caption", "source", "licence")} == {
        name: first[name] for name in ("caption", "source", "licence")
    }
    kind, _, picture = photo["small"].partition(",")
    with Image.open(io.BytesIO(b64decode(picture))) as shown:
        assert (kind, shown.format, max(shown.size), photo["large"]) == ("data:image/webp;base64", "WEBP", 200, "")
    assert (empty["history"], empty["own"], empty["photos"]) == ([], [], [])


@pytest.fixture
def parts(session: Session) -> list[int]:
    """A shrine of nine parts, drawn together at random; one is full."""
    seen = random.Random(5)
    with clock.frozen(NOW):
        shrine = place(session, kind="shrine")
        family = [place(session, kind="courtyard") for _ in range(9)]
        for one in family:
            one.parent_id = shrine.id
        session.flush()
        found = [one.id for one in family]
        for one, other in combinations(found, 2):
            if seen.random() < 0.3:
                metres = seen.choice((20, 30, 50))  # so few that many walks are equally long
                draw_way(
                    session, ACTOR, one, other, metres, "by hand", has_steps=seen.random() < 0.4, for_women=seen.random() < 0.2
                )
        tell_crowd(session, ACTOR, found[4], "full")
        make_packs(session)
    return [shrine.id, *found]


@pytest.mark.parametrize("minutes", [0, 31])
def test_the_phone_walks_as_the_server_does(session: Session, parts: list[int], in_the_app: Ask, minutes: int) -> None:
    """Between all pairs, with steps and without, for women and for men; what was full is walked through when that is over."""
    now = NOW + timedelta(minutes=minutes)
    asks = [
        (one, other, no_steps, man) for one, other in permutations(parts, 2) for no_steps in (True, False) for man in (True, False)
    ]
    pack = json.loads(gzip.decompress(pack_of(session, "mashhad", None).content))
    walk = "app.walkOf([new app.Opened(given.pack)], one, other, {avoidsSteps: noSteps, isWoman: !man}, 'fa', given.now)"
    answers = in_the_app(
        f"given.asks.map(([one, other, noSteps, man]) => {walk})", {"pack": pack, "asks": asks, "now": now.timestamp() * 1000}
    )
    lengths = set()
    with clock.frozen(now):
        for (one, other, no_steps, man), answer in zip(asks, answers, strict=True):
            found = walk_between(session, parts, one, other, avoids_steps=no_steps, is_woman=not man)
            heard = [stop["place"] for stop in answer["stops"]]
            assert heard == list(found.places if found else ()), (one, other, no_steps, man)
            if found:
                assert (answer["metres"], answer["minutes"]) == (found.metres, found.minutes)
                led = [(stop["metres"], stop["has_steps"], stop["for_women"]) for stop in answer["stops"][1:]]
                assert led == [(leg.metres, leg.has_steps, leg.for_women) for leg in found.legs]
            lengths.add(len(heard))
    assert {0, 2, 3, 4} <= lengths


def test_how_crowded_it_is_goes_along_and_makes_no_newer_pack(session: Session, parts: list[int], in_the_app: Ask) -> None:
    before = pack_of(session, "mashhad", None).version
    with clock.frozen(NOW + timedelta(minutes=10)):
        tell_crowd(session, ACTOR, parts[1], "busy")
        assert make_packs(session) == 0
    told = pack_of(session, "mashhad", None)
    assert told.version == before
    shrine = in_the_app(f"app.whole([new app.Opened(given)], {parts[0]}, 'fa', 0)", json.loads(gzip.decompress(told.content)))
    seen = {one["place"]: (one["crowd"], one["crowd_at"]) for one in shrine["parts"] if one["crowd"]}
    assert seen == {parts[1]: ("busy", "2026-11-22T08:40:00.000Z"), parts[5]: ("full", "2026-11-22T08:30:00.000Z")}
    with clock.frozen(NOW + timedelta(days=1, minutes=5)):
        assert make_packs(session) == 1  # the hours of another day
    kept = json.loads(gzip.decompress(pack_of(session, "mashhad", None).content))
    assert [one[:2] for one in kept["crowd"]] == [[parts[1], "busy"]]


def test_the_app_draws_the_streets_where_they_are(session: Session, in_the_app: Ask) -> None:
    """Each corner of a line within two steps of where the file has it; names in the language of the app."""
    city(session)
    street = [(59.61 + east / 1_000 + east * north % 7 / 10_000, 36.28 + north / 900) for east, north in enumerate(range(12))]
    tags = {"highway": "primary", "name": "خیابان آزادی", "name:en": "Azadi Street"}
    feature = {"type": "Feature", "id": "way/1", "properties": tags, "geometry": {"type": "LineString", "coordinates": street}}
    import_map(session, ACTOR, "mashhad", json.dumps({"features": [feature]}).encode(), "by hand", "facts")
    make_packs(session)
    drawn = json.loads(gzip.decompress(pack_of(session, "mashhad", None).content))["map"]
    assert drawn == json.loads(gzip.decompress(map_file(session, "mashhad").content)), (
        "so few lines fit whole into the map for itself"
    )
    made = "const drawn = new app.Drawn({lon: given.map.corner[0], lat: given.map.corner[1]}, given.map); const spots = given.street.map(([lon, lat]) => drawn.spot({lon, lat}));"
    told = in_the_app(
        f"(() => {{ {made} const view = drawn.around(spots);"
        " return {spots, paths: drawn.paths(drawn.frame(view), view.k), labels: drawn.labels(view, 'en', []), around: spots.map((one) => drawn.at(one, view))}; })()",
        {"map": drawn, "street": street}, "drawing",
    )  # fmt: skip
    [path] = [path for sort, path in told["paths"] if sort == "main"]
    corners = [tuple(map(int, pair)) for pair in re.findall(r"(-?\d+) (-?\d+)", path)]
    spots = [(one["x"], one["y"]) for one in told["spots"]]
    assert all(min(abs(x - a) + abs(y - b) for a, b in spots) < 2 for x, y in corners)
    assert (corners[0], corners[-1]) == tuple((round(x), round(y)) for x, y in (spots[0], spots[-1]))
    assert all(0 < one["x"] < 360 and 0 < one["y"] < 360 for one in told["around"])
    assert [one["text"] for one in told["labels"]] == ["Azadi Street"]


def test_a_pack_of_many_places_with_many_hours_stays_small(session: Session, pack: dict[str, Any]) -> None:
    """A full zone may hold 2,000 places; what fifty take, with all their rules and a month of prayers, says how much that is."""
    size = len(pack_of(session, "mashhad", None).content)
    assert size < 12_000
