"""What the app finds in a pack without a network is what the API finds."""

import gzip
import json
import random
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from kernel import clock
from kernel.text import search_key
from places.directory.packs import make_packs, pack_of
from places.directory.queries import PlaceCard, place_detail, search
from places.directory.rules import Asked
from places.hours.services import set_hours
from places.prayers.queries import prayers_at
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

Ask = Callable[[str, Any], Any]


@pytest.fixture(scope="module")
def in_the_app(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """What the app's own code answers for a pack: an expression of `pack`, as JavaScript."""
    bundle = tmp_path_factory.mktemp("pack") / "pack.mjs"
    tool = ASSETS / "node_modules/.bin/esbuild"
    subprocess.run([tool, ASSETS / "src/m/pack.ts", f"--outfile={bundle}", "--format=esm"], env=TOOLS, check=True, capture_output=True)

    def ask(expression: str, given: Any) -> Any:
        told = bundle.parent / "given.json"
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
def test_the_phone_finds_by_name_what_the_server_finds(session: Session, pack: dict[str, Any], in_the_app: Ask, flags: dict[str, str]) -> None:
    asks = [{"city": "mashhad", "text": text, **flags} for text in TYPED]
    answers = in_the_app(f"given.asks.map((asked) => app.search([new app.Opened(given.pack)], asked, 'fa', {NOW.timestamp() * 1000}))", {"pack": pack, "asks": asks})
    with clock.frozen(NOW):
        for typed, answer in zip(TYPED, answers, strict=True):
            cards = search(session, Asked(**dict.fromkeys(flags, True)), typed, *SHRINE, most=50)
            assert {one["place"] for one in answer} == {card.place_id for card in cards}, typed
            ways = {card.place_id: card.distance_m for card in cards}
            assert all(abs(ways[one["place"]] - one["distance_m"]) < 3 for one in answer), typed
            assert [one["distance_m"] for one in answer] == sorted(one["distance_m"] for one in answer)
    assert any(answers)


def test_the_phone_tells_a_place_and_the_prayers_as_the_server_does(session: Session, pack: dict[str, Any], in_the_app: Ask) -> None:
    mosque = next(row for row in pack["places"] if "مسجد گوهرشاد" in row[6].values())[0]
    whole, day = in_the_app(
        f"[app.whole([new app.Opened(given)], {mosque}, 'ur', {NOW.timestamp() * 1000}), app.prayersOf([new app.Opened(given)], '2026-11-23')]", pack
    )
    detail = place_detail(session, mosque)
    assert (whole["place"]["name"], whole["source"], whole["licence"]) == ("مسجدِ گوہر شاد", detail.card.source, detail.card.licence)
    assert whole["hours"]
    town = city(session)
    times = prayers_at(town, *SHRINE, NOW.date() + timedelta(days=1)).times()
    assert day == {name: at.replace(second=0, microsecond=0).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:00.000Z") for name, at in times.items()}


def test_a_pack_of_many_places_with_many_hours_stays_small(session: Session, pack: dict[str, Any]) -> None:
    """A full zone may hold 2,000 places; what fifty take, with all their rules and a month of prayers, says how much that is."""
    size = len(pack_of(session, "mashhad", None).content)
    assert size < 12_000
