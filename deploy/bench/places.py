"""The nearest open places among a million, at noon, at three at night and on Friday noon.

Positions are denser towards the shrine; four hundred rules of hours are spread over the places as shops keep them: most by day,
few on Fridays, very few at night. Each figure is of the whole use case `nearest`, from the ask to the cards, one at a time; the
time spent in the database is told beside it. Then the same is asked of the API over HTTP on loopback, from the request to the last
byte of the answer.
"""

import argparse
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection
from random import Random
from statistics import median, quantiles
from threading import Thread
from time import perf_counter
from typing import Any

from deploy.bench.cluster import durable_cluster, environment, migrated_database
from deploy.bench.tap import redis_server
from deploy.launcher.layout import OWNER_ROLE
from deploy.launcher.postgres import Cluster

TARGET_MS = 20.0
API_TARGET_MS = 60.0
WARM_UP = 20
SHRINE = (59.6157, 36.288)
SUNDAY = datetime(2026, 11, 22, tzinfo=UTC)
# Local time is half past three ahead of these.
MOMENTS = {
    "Sunday noon": datetime(2026, 11, 22, 8, 30, tzinfo=UTC),
    "Monday 03:00": datetime(2026, 11, 22, 23, 30, tzinfo=UTC),
    "Friday noon": datetime(2026, 11, 27, 8, 30, tzinfo=UTC),
}
FILL = """
    INSERT INTO place (city_id, code, kind, category, names, search_text, position, rule_id, has_women_area, wheelchair, earns, spends, source, licence)
    SELECT %(city)s, 'bench-' || n, 'shop', 'saffron', jsonb_build_object('fa', 'فروشگاه ' || n, 'en', 'Shop ' || n), 'فروشگاه ' || n || ' shop ' || n,
        ST_SetSRID(ST_MakePoint(%(lon)s + 0.2 * pow(random(), 1.5) * cos(tau), %(lat)s + 0.16 * pow(random(), 1.5) * sin(tau)), 4326),
        CASE WHEN random() < 0.0015 THEN %(always)s WHEN random() < 0.002 THEN %(night)s ELSE (%(rules)s::bigint[])[1 + floor(random() * %(count)s)::int] END,
        random() < 0.2, CASE WHEN random() < 0.3 THEN 'yes' END, random() < 0.9, random() < 0.8, 'made for the benchmark', 'EUPL-1.2'
    FROM (SELECT n, 2 * pi() * random() AS tau FROM generate_series(1, %(places)s) n) AS spread
"""


@dataclass(frozen=True, slots=True)
class Measured:
    moment: str
    asked: str
    p50_ms: float
    p95_ms: float
    database_p95_ms: float
    api_p50_ms: float
    api_p95_ms: float


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.bench places", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one object and nothing else")
    parser.add_argument("--places", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=200, help="of each kind")
    options = parser.parse_args(arguments)
    with durable_cluster() as cluster, redis_server(cluster.sockets) as redis_url:
        own = {"REDIS_URL": redis_url, "PILGRIM_API_REQUESTS_PER_MINUTE": "1000000"}
        os.environ.update(environment(migrated_database(cluster, "bench"), cluster.sockets) | own)
        fill(cluster, options.places)
        told = []
        for measured in measure(options.requests):
            told.append(measured)
            if not options.json:
                print(
                    f"p95: {measured.database_p95_ms:6.1f} ms in the database {measured.p95_ms:6.1f} ms the use case {measured.api_p95_ms:6.1f} ms through the API "
                    f"(p50 {measured.p50_ms:.1f}, {measured.api_p50_ms:.1f})   {measured.moment:<13} {measured.asked}",
                    flush=True,
                )
    worst, worst_api = max(one.database_p95_ms for one in told), max(one.api_p95_ms for one in told)
    if options.json:
        print(
            json.dumps(
                {
                    "database_p95_ms": worst,
                    "api_p95_ms": worst_api,
                    "places": options.places,
                    "figures": [asdict(one) for one in told],
                }
            )
        )
    return 1 if worst > TARGET_MS or worst_api > API_TARGET_MS else 0


def fill(cluster: Cluster, places: int) -> None:
    """Places without their indexes first, which are then made at once."""
    import psycopg

    from kernel import clock
    from kernel.audit import Actor
    from kernel.db import unit_of_work
    from places.hours.services import count_places, keep_rule
    from places.services import found_city

    actor = Actor.system("benchmark")
    with clock.frozen(SUNDAY), unit_of_work() as session:
        city = found_city(session, actor, "mashhad", {"fa": "مشهد"}, *SHRINE, "Asia/Tehran").id
        rules = [keep_rule(session, city, text) for text in daily_rules(Random(1))]
        always, night = keep_rule(session, city, "24/7"), keep_rule(session, city, "20:00-04:30")
    facts = {
        "city": city,
        "lon": SHRINE[0],
        "lat": SHRINE[1],
        "always": always,
        "night": night,
        "rules": rules,
        "count": len(rules),
        "places": places,
    }
    with psycopg.connect(cluster.url(OWNER_ROLE, "bench"), autocommit=True) as database:
        indexes = database.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'place' AND indexname LIKE 'ix_%'"
        ).fetchall()
        for name, _ in indexes:
            database.execute(f"DROP INDEX {name}")
        database.execute("SELECT setseed(0.5)")
        database.execute(FILL, facts)
        database.execute("SET maintenance_work_mem = '256MB'")
        for _, made in indexes:
            database.execute(made)
    with clock.frozen(SUNDAY), unit_of_work() as session:
        count_places(session)
    subprocess.run(
        [*cluster.psql("-d", cluster.url(OWNER_ROLE, "bench"), "-c", "VACUUM ANALYZE")], check=True, stdout=subprocess.DEVNULL
    )


def daily_rules(random: Random) -> list[str]:
    """Four hundred weeks as shops keep them; one in eight opens on Friday morning, one in six follows prayer."""
    rules: set[str] = set()
    while len(rules) < 400:
        morning = random.choice(["07:30", "08:00", "08:30", "09:00", "09:30", "10:00", "sunrise"])
        noon = random.choice(["12:30", "13:00", "13:30", "14:00", "(noon-00:30)"])
        evening = random.choice(["15:30", "16:00", "16:30", "17:00", "(maghrib+00:30)"])
        night = random.choice(["20:00", "20:30", "21:00", "21:30", "22:00", "23:00"])
        friday = random.choice(["Fr off"] * 7 + [f"Fr {morning}-11:30"]) if random.random() < 0.97 else "Fr 10:00-13:00"
        rules.add(f"Sa-Th {morning}-{noon},{evening}-{night}; {friday}" + random.choice(["", "; PH off"]))
    return sorted(rules)


def measure(requests: int) -> Iterator[Measured]:
    from kernel import clock
    from places.directory.rules import Asked

    asks = {
        "open now": (Asked(open_now=True), "open_now=true"),
        "open now, women, wheelchair": (
            Asked(open_now=True, women=True, wheelchair=True),
            "open_now=true&women=true&wheelchair=true",
        ),
    }
    for moment, now in MOMENTS.items():
        with clock.frozen(now), served() as api:
            for words, (asked, query) in asks.items():
                times, inside = of_the_use_case(asked, requests)
                through = of_the_api(api, query, requests)
                yield Measured(moment, words, *told(times), told(inside)[1], *told(through))


def told(times: list[float]) -> tuple[float, float]:
    """Median and p95 of what came after the warm-up, in milliseconds."""
    counted = times[WARM_UP:]
    return round(median(counted) * 1_000, 1), round(quantiles(counted, n=20)[-1] * 1_000, 1)


def positions(requests: int) -> Iterator[tuple[float, float]]:
    random = Random(2)
    for _ in range(WARM_UP + requests):
        yield SHRINE[0] + random.gauss(0, 0.03), SHRINE[1] + random.gauss(0, 0.03)


def of_the_use_case(asked: Any, requests: int) -> tuple[list[float], list[float]]:
    """Seconds of each whole, and of its statements."""
    from kernel.db import unit_of_work
    from places.directory.queries import nearest

    times, inside = [], []
    with unit_of_work() as session, timed_statements() as statements:
        for lon, lat in positions(requests):
            statements.clear()
            begun = perf_counter()
            nearest(session, asked, lon, lat, most=20)
            times.append(perf_counter() - begun)
            inside.append(sum(statements))
            session.expunge_all()
    return times, inside


def of_the_api(api: HTTPConnection, query: str, requests: int) -> list[float]:
    times = []
    for lon, lat in positions(requests):
        begun = perf_counter()
        api.request("GET", f"/api/v1/places?lon={lon:.3f}&lat={lat:.3f}&{query}", headers={"Accept-Encoding": "gzip"})
        answer = api.getresponse()
        answer.read()
        times.append(perf_counter() - begun)
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(f"the API answers {answer.status}")
    return times


@contextmanager
def served() -> Iterator[HTTPConnection]:
    """The application behind a server of one thread, which sees the clock as it stands here."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    import wsgi

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_request(self, *_: Any) -> None:
            """Nothing: what is measured is not what is printed."""

    server = make_server("127.0.0.1", 0, wsgi.create_app(), request_handler=Quiet)
    thread = Thread(target=copy_context().run, args=(server.serve_forever,))
    thread.start()
    api = HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    try:
        yield api
    finally:
        api.close()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def timed_statements() -> Iterator[list[float]]:
    """The seconds of each statement, from sending it to its answer."""
    from sqlalchemy import event

    from kernel.db import engine

    seconds: list[float] = []

    def begin(connection: Any, *_: Any) -> None:
        connection.info["begun"] = perf_counter()

    def end(connection: Any, *_: Any) -> None:
        seconds.append(perf_counter() - connection.info["begun"])

    event.listen(engine(), "before_cursor_execute", begin)
    event.listen(engine(), "after_cursor_execute", end)
    try:
        yield seconds
    finally:
        event.remove(engine(), "before_cursor_execute", begin)
        event.remove(engine(), "after_cursor_execute", end)
