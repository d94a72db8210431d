"""What a city's manager reads over ten million taps of fifty days, and how long a closed day takes to be counted.

The pages go through the real application, as `./pilgrim bench pages` asks them; a day is counted as the background does it.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles

from deploy.bench.cluster import durable_cluster, environment, migrated_database
from deploy.bench.pages import WARM_UP, session_of, timed
from deploy.launcher.layout import OWNER_ROLE
from deploy.launcher.postgres import Cluster

TARGET_MS = 2_000.0
COUNTED = 3
FILL = Path(__file__).with_name("visitors.sql")
PAGES = (
    "/city",
    "/city/visitors?span=day",
    "/city/visitors",
    "/city/visitors?span=season",
    "/city/visitors/sheet.csv?span=season",
    "/reports/sales",
)


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.bench visitors", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one object and nothing else")
    parser.add_argument("--taps", type=int, default=10_000_000)
    parser.add_argument("--days", type=int, default=50)
    parser.add_argument("--requests", type=int, default=40, help="of each page")
    options = parser.parse_args(arguments)
    with durable_cluster() as cluster:
        os.environ.update(environment(migrated_database(cluster, "bench"), cluster.sockets))
        fill(cluster, options.taps, options.days)
        seconds = count_days(COUNTED)
        pages = read_pages(options.requests)
    if options.json:
        print(json.dumps({"count_seconds": seconds, "p95_ms": max(pages.values()), "taps": options.taps, "pages": pages}))
    else:
        print(f"{max(seconds):8.2f} s to count a day of {options.taps // options.days:,} taps (the slowest of {COUNTED})")
        for page, p95 in pages.items():
            print(f"{p95:8.1f} ms p95   {page}")
    return int(max(pages.values()) > TARGET_MS)


def fill(cluster: Cluster, taps: int, days: int) -> None:
    """The demonstration, whose accounts ask, and the taps; none of its days are counted yet."""
    for verb in (("keys", "init"), ("seed",)):
        subprocess.run([sys.executable, "-m", "deploy.commands", *verb], check=True, stdout=subprocess.DEVNULL)
    forget = "DELETE FROM visitor_cell; DELETE FROM visitor_count"
    tasks = (("-c", forget), ("-1", "-v", f"taps={taps}", "-v", f"days={days}", "-f", str(FILL)), ("-c", "VACUUM ANALYZE"))
    for task in tasks:
        subprocess.run([*cluster.psql("-d", cluster.url(OWNER_ROLE, "bench"), *task)], check=True, stdout=subprocess.DEVNULL)


def count_days(number: int) -> list[float]:
    """Days in the middle, with as many before and after them as a count looks at."""
    from sqlalchemy import text

    from insights.visitors.services import count_next_day
    from kernel.db import unit_of_work

    with unit_of_work() as session:
        days = session.scalars(text("SELECT day FROM ledger.business_day WHERE closed_at IS NOT NULL ORDER BY day OFFSET 25")).all()
        session.execute(
            text(
                "INSERT INTO visitor_count (day, age, counted_at) SELECT day, 99, now() FROM ledger.business_day WHERE day < :first"
            ),
            {"first": days[0]},
        )
    taken = []
    for _ in range(number):
        begun = time.perf_counter()
        with unit_of_work() as session:
            count_next_day(session)
        taken.append(round(time.perf_counter() - begun, 2))
    return taken


def read_pages(requests: int) -> dict[str, float]:
    import wsgi
    from kernel.web.application import SESSION_COOKIE

    client = wsgi.app.test_client()
    client.set_cookie(SESSION_COOKIE, session_of("city-manager"))
    client.set_cookie("language", "fa")
    told = {}
    for page in PAGES:
        times = [timed(client, page) for _ in range(WARM_UP + requests)][WARM_UP:]
        told[page] = round(quantiles(times, n=20)[-1], 1)
    return told
