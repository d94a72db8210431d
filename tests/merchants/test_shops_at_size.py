"""What the map and the live page read of a city of twenty thousand shops."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from merchants.queries import terminals_by_id
from merchants.shops_on_map import shop_clusters, shops_in_box, shops_page
from places.rules import Box
from tests import factories

A_STREET = Box(59.600, 36.280, 59.604, 36.282)
A_DISTRICT = Box(59.60, 36.28, 59.65, 36.30)
THE_CITY = Box(59.4, 36.2, 59.8, 36.4)
SHOPS = 20_000
CITY = """
    CREATE TEMP TABLE made AS SELECT n, nextval(pg_get_serial_sequence('organisation', 'id')) AS organisation_id,
        nextval(pg_get_serial_sequence('merchant', 'id')) AS merchant_id, nextval(pg_get_serial_sequence('place', 'id')) AS place_id,
        nextval(pg_get_serial_sequence('branch', 'id')) AS branch_id, '{"fa": "فروشگاه"}'::jsonb AS names
    FROM generate_series(1, :shops) n;
    INSERT INTO organisation (id, kind, names, is_fictional) SELECT organisation_id, 'merchant', names, true FROM made;
    INSERT INTO merchant (id, organisation_id, wallet_id, kind) SELECT merchant_id, organisation_id, 500000000 + n, 'books' FROM made;
    INSERT INTO place (id, city_id, code, kind, names, position, source, licence)
    SELECT place_id, :city, 'size-' || n, 'shop', names,
        ST_SetSRID(ST_MakePoint(59.4 + 0.4 * ((n * 7919) % 10007) / 10007.0, 36.2 + 0.2 * ((n * 10009) % 9973) / 9973.0), 4326), 'test', 'none'
    FROM made;
    INSERT INTO branch (id, merchant_id, place_id, names) SELECT branch_id, merchant_id, place_id, names FROM made;
    INSERT INTO terminal (code, acceptor_id, branch_id, initial_key_id, language, kind, opened_at)
    SELECT 'S' || lpad(n::text, 7, '0'), lpad(n::text, 15, '0'), branch_id, lpad(to_hex(n), 16, 'F'), 'fa', 'counter', now() FROM made;
    DROP TABLE made;
    ANALYZE shop_cell; ANALYZE organisation; ANALYZE merchant; ANALYZE place; ANALYZE branch; ANALYZE terminal
"""


@pytest.fixture
def city(session: Session) -> int:
    found = factories.city(session).id
    for statement in CITY.split(";"):
        wanted = {"shops": SHOPS, "city": found}
        session.execute(text(statement), {name: value for name, value in wanted.items() if f":{name}" in statement})
    return found


def plan_of(session: Session, read: Callable[[], object]) -> list[dict[str, Any]]:
    """The nodes of the plans of every statement that `read` sends."""
    sent: list[tuple[str, Any]] = []

    def note(connection: object, cursor: object, statement: str, parameters: Any, *rest: object) -> None:
        sent.append((statement, parameters))

    event.listen(session.get_bind(), "before_cursor_execute", note)
    read()
    event.remove(session.get_bind(), "before_cursor_execute", note)
    plans = [
        session.connection().exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()
        for statement, values in sent
    ]
    return [node for plan in plans for node in _nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])]


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for part in plan.get("Plans", ()) for node in _nodes(part))]


def test_what_a_map_and_a_tap_need_is_found_without_reading_the_city(session: Session, city: int) -> None:
    tills = list(session.scalars(text("SELECT id FROM terminal ORDER BY id LIMIT 40 OFFSET 9000")))
    reads: dict[str, Callable[[], object]] = {
        "dots": lambda: shops_in_box(session, A_STREET, most=401),
        "clusters": lambda: shop_clusters(session, A_STREET),
        "district": lambda: shop_clusters(session, A_DISTRICT),
        "list": lambda: shops_page(session, after=10_000, limit=21),
        "taps": lambda: terminals_by_id(session, tills),
    }
    for name, read in reads.items():
        nodes = plan_of(session, read)
        read_whole = {node.get("Relation Name") for node in nodes if node["Node Type"] == "Seq Scan"}
        assert read_whole == set(), f"{name} reads all of {read_whole}"
        used = {node.get("Index Name") for node in nodes}
        if name in ("dots", "clusters"):
            assert "ix_place_position" in used
        if name == "district":
            assert {node.get("Relation Name") for node in nodes} - {None} == {"shop_cell"}


def test_a_crowded_box_is_bounded_and_its_clusters_count_everybody(session: Session, city: int) -> None:
    assert len(shops_in_box(session, THE_CITY, most=401)) == 401
    clusters = shop_clusters(session, THE_CITY)
    assert sum(one.shops for one in clusters) == SHOPS
    assert 20 <= len(clusters) <= 9 * 9
    for _ in range(12):  # a driver keeps the plan of what it has often asked
        near = shops_in_box(session, A_STREET, most=401)
    assert 0 < len(near) == sum(one.shops for one in shop_clusters(session, A_STREET)) < 400
    assert all(59.600 <= shop.lon <= 59.604 and 36.280 <= shop.lat <= 36.282 for shop in near)
    assert len(terminals_by_id(session, [])) == 0
