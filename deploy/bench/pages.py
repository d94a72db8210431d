"""Every list page of the portal at a city's size: 130,000 shops in 96 unions, 4,000 houses and a million pilgrims; each asked for by its role.

The pages go through the real application, from the request to the rendered page, one at a time; `p50_ms` and `p95_ms` are of
the whole answer. Network and web server are not in it.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from deploy.bench.cluster import durable_cluster, environment, migrated_database
from deploy.launcher.layout import OWNER_ROLE
from deploy.launcher.postgres import Cluster

TARGET_MS = 150.0
WARM_UP = 5
HOUSES = 4_000
CITY, LODGINGS, PEOPLE = (Path(__file__).with_name(name) for name in ("city.sql", "lodgings.sql", "people.sql"))
# By the account of the demonstration that asks; {middle} is a merchant half-way through the city, {batch} its settlement, {person} a pilgrim, {quota} the union's.
PAGES = {
    "operator": (
        "/operator", "/operator/feed?after=2026-01-01T00:00:00%2B00:00", "/shops", "/shops?after=65000", "/shops/map.json",
        "/shops/map.json?box=59.605,36.285,59.615,36.288", "/shops/map.json?box=59.60,36.28,59.65,36.30",
        "/shops/map.json?box=59.45,36.22,59.80,36.38", "/shops/map.json?box=59.0,36.0,60.3,36.7", "/merchants", "/merchants?after={middle}", "/terminals", "/terminals?after=B0065000", "/settlements",
        "/settlements/{batch}", "/settlements/accounts", "/accounts", "/reports", "/batch-cases",
        "/holder-returns", "/customers", "/customers?before={person}", "/replacements", "/desk/first-cards", "/desk/claims", "/card-kinds", "/card-limits", "/card-prices", "/card-orders/all", "/card-orders/all?state=asked", "/receivers", "/letters", "/outages", "/messages",
        "/messages?state=failed", "/quality", "/quality?fault=shared_phone", "/quality?score=55&after={middle}", "/reports/shops",
        "/trade-terms", "/reports/cards", "/reports/cards?by=branch", "/reports/cards?by=operator", "/register", "/register?photo=1",
        "/register?kind=shop&licence=1", "/register?handicraft=1&history=0",
        "/city/demand", "/city/demand/{night}", "/cities/demand",
    ),
    "union": (
        "/merchants", "/reviews", "/reviews?state=active", "/reviews?q=shop 64999", "/reviews?q=فروشگاه", "/reviews?after=60000",
        "/members", "/ceilings", "/card-orders", "/union-panel", "/union-panel?show=complaints", "/complaints", "/complaints?state=overdue",
        "/dues", "/quotas", "/quotas/{quota}", "/quotas/{quota}?q=64999", "/inspections", "/quality", "/quality?fault=shared_phone", "/reports/shops",
    ),
    "municipality": (
        "/merchants", "/reviews", "/reviews?state=active", "/reviews?q=shop 64999", "/reviews?q=فروشگاه", "/complaints",
        "/complaints?state=overdue", "/quality", "/quality?fault=shared_phone", "/register", "/register?category=saffron&photo=0", "/zones", "/own-works", "/own-campaigns", "/permits", "/quotas",
    ),
    "city-manager": ("/city", "/city/demand", "/city/demand/{night}", "/city/visitors", "/city/visitors?span=season", "/city/visitors?span=season&show=zone:905", "/merchants", "/quality"),
    "merchant": (
        "/sales", "/settlement", "/products", "/stock", "/terminals", "/people", "/quality/own", "/shop-complaints", "/shop-inspections",
        "/own-quotas", "/own-dues", "/shop-campaigns", "/reports/sales?by=customer", "/fields",
    ),
    "organisation": ("/benefits", "/benefits/members", "/benefits/budget", "/benefits/use"),
    "applicant": ("/applications",),
    "pilgrim": ("/stays", "/stays?only_free=1", "/stays?men=2&women=2&children=1&accessible=1", "/programmes", "/bookings", "/places"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    role: str
    address: str
    p50_ms: float
    p95_ms: float


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.bench pages", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one object and nothing else")
    parser.add_argument("--shops", type=int, default=130_000)
    parser.add_argument("--unions", type=int, default=96)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=200, help="of each page")
    options = parser.parse_args(arguments)
    with durable_cluster() as cluster:
        address = migrated_database(cluster, "bench")
        os.environ.update(environment(address, cluster.sockets))
        fill(cluster, options.shops, options.unions, options.people)
        told = []
        for measured in measure(options.requests):
            told.append(measured)
            if not options.json:
                print(
                    f"{measured.p95_ms:8.1f} ms p95 {measured.p50_ms:8.1f} ms p50   {measured.role:<13} {measured.address}",
                    flush=True,
                )
    slow = [one for one in told if one.p95_ms > TARGET_MS]
    if options.json:
        pages = [{"role": one.role, "page": one.address, "p50_ms": one.p50_ms, "p95_ms": one.p95_ms} for one in told]
        print(
            json.dumps(
                {"p95_ms": max(one.p95_ms for one in told), "shops": options.shops, "people": options.people, "pages": pages},
                ensure_ascii=False,
            )
        )
    return 1 if slow else 0


def fill(cluster: Cluster, shops: int, unions: int, people: int) -> None:
    """The demonstration, whose accounts ask, and the city around it."""
    for verb in (("keys", "init"), ("seed",)):
        subprocess.run([sys.executable, "-m", "deploy.commands", *verb], check=True, stdout=subprocess.DEVNULL)
    numbers = ("-v", f"shops={shops}", "-v", f"unions={unions}", "-v", f"people={people}", "-v", f"lodgings={min(shops, HOUSES)}")
    bench = cluster.url(OWNER_ROLE, "bench")
    for task in (("-f", str(CITY), "-f", str(LODGINGS)), ("-f", str(PEOPLE)), ("-c", "ANALYZE")):
        subprocess.run([*cluster.psql(*numbers, "-d", bench, *task)], check=True, stdout=subprocess.DEVNULL)
    look_at_shops()
    look_at_houses()
    count_the_cards()
    subprocess.run([*cluster.psql("-d", bench, "-c", "VACUUM ANALYZE")], check=True, stdout=subprocess.DEVNULL)


def look_at_shops() -> None:
    """Two rounds: the one that is under way may have begun before the city stood."""
    from sqlalchemy import select

    from insights.quality.models import QualityRound
    from insights.quality.services import look_at_next_shops
    from kernel.db import unit_of_work

    for _ in range(2):
        is_under_way = True
        while is_under_way:
            with unit_of_work() as session:
                look_at_next_shops(session)
                is_under_way = session.scalars(select(QualityRound.after)).one() > 0


def look_at_houses() -> None:
    """The same of houses, and what the days that are over teach."""
    from sqlalchemy import select

    from insights.demand.arrivals import learn_from_arrivals, note_arrivals
    from insights.demand.models import SupplyRound
    from insights.demand.supply import look_at_next_houses
    from kernel.db import unit_of_work

    for _ in range(2):
        is_under_way = True
        while is_under_way:
            with unit_of_work() as session:
                look_at_next_houses(session)
                is_under_way = session.scalars(select(SupplyRound.after)).one() > 0
    while True:
        with unit_of_work() as session:
            if not note_arrivals(session):
                break
    with unit_of_work() as session:
        learn_from_arrivals(session)


def count_the_cards() -> None:
    """A step counts some days at a time."""
    from insights.reports.card_days import MOST_AT_ONCE, count_cards
    from kernel.db import unit_of_work

    is_behind = True
    while is_behind:
        with unit_of_work() as session:
            is_behind = count_cards(session) >= MOST_AT_ONCE


def measure(requests: int) -> Iterator[Measured]:
    import wsgi
    from kernel.web.application import SESSION_COOKIE

    app = wsgi.app
    places = middle_of_the_city()
    for role, addresses in PAGES.items():
        client = app.test_client()
        client.set_cookie(SESSION_COOKIE, session_of(role))
        client.set_cookie("language", "fa")
        for address in addresses:
            times = [timed(client, address.format(**places)) for _ in range(WARM_UP + requests)][WARM_UP:]
            yield Measured(role, address, round(median(times), 1), round(quantiles(times, n=20)[-1], 1))


def timed(client: Any, address: str) -> float:
    begun = time.perf_counter()
    answer = client.get(address)
    elapsed = (time.perf_counter() - begun) * 1_000
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answers {answer.status_code}")
    return elapsed


def session_of(role: str) -> str:
    from deploy.commands import _demo
    from identity.services import sign_in
    from kernel.db import unit_of_work
    from kernel.settings import load_settings

    with unit_of_work() as session:
        return sign_in(session, role, _demo.password_of(load_settings(), role))[1]


def middle_of_the_city() -> dict[str, Any]:
    from datetime import timedelta

    from sqlalchemy import text

    from kernel import clock
    from kernel.calendar import local_day
    from kernel.db import unit_of_work

    night = (local_day(clock.now()) + timedelta(days=3)).isoformat()
    with unit_of_work() as session:
        middle = session.scalar(text("SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY id) FROM merchant"))
        batch = session.scalar(text("SELECT max(id) FROM settlement_batch"))
        person = session.scalar(text("SELECT max(person_id) / 2 FROM membership WHERE role = 'pilgrim'"))
        quota = session.scalar(text("SELECT max(id) FROM quota WHERE union_id = (SELECT min(union_id) FROM trade)"))
    return {"middle": middle, "batch": batch, "person": person, "quota": quota, "night": night}
