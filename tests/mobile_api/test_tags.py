from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from merchants.tags.services import reading, sweeping
from tests.factories import ACTOR
from tests.merchants.catalogue import goods
from tests.merchants.tags.test_services import tags_of


@pytest.fixture
def client(database_url: str, application: Flask) -> FlaskClient:
    return application.test_client()


def test_a_reader_tells_its_event_once(client: FlaskClient, session: Session) -> None:
    shop = goods.shop(session)
    product = goods.product(session, shop)
    one, other = tags_of(product, 1, 2)
    sweeping.bind_tags(session, ACTOR, shop.branches[0], product, [one])
    _, key = reading.register_reader(session, ACTOR, shop.branches[0], "handheld", "x")
    session.commit()
    mine = {"Authorization": f"Reader {key}"}
    event = {"event_id": str(uuid4()), "read_at": "2026-11-26T08:00:00Z", "numbers": [one, other]}
    first = client.post("/api/v1/tag-events", json=event, headers=mine)
    again = client.post("/api/v1/tag-events", json=event, headers=mine)
    assert (first.status_code, first.json) == (201, {"known": 1, "unknown": 1, "is_repeat": False})
    assert (again.status_code, again.json) == (200, {"known": 1, "unknown": 1, "is_repeat": True})
    assert client.get("/api/v1/tag-sweeps", headers=mine).json == {"sweeps": []}
    for wrong, field in (
        ({"read_at": "2026-11-26T08:00:00"}, "read_at"), ({"numbers": ["x"]}, "number"), ({"numbers": [one] * 1001}, "numbers"),
        ({"event_id": "7"}, "event_id"),
    ):  # fmt: skip
        answer = client.post("/api/v1/tag-events", json=event | {"event_id": str(uuid4())} | wrong, headers=mine)
        assert (answer.status_code, answer.json["facts"]["field"]) == (422, field)
    assert client.post("/api/v1/tag-events", json=event | {"event_id": str(uuid4()), "sweep": 7}, headers=mine).status_code == 404
    assert client.get("/api/v1/balance", headers=mine).status_code == 403


@pytest.mark.parametrize("header", ["Reader wrong", "Reader ", ""])
def test_without_its_key_a_reader_is_nobody(client: FlaskClient, session: Session, header: str) -> None:
    answer = client.post("/api/v1/tag-events", json={}, headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
