from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from cardbank.services import new_request_key, top_up_at_desk
from identity.permissions import Identity, Role
from kernel import clock
from kernel.settings import load_settings
from kernel.web.application import make_app
from mobile_api.door import register_mobile_api
from tests.authenticators import code_at, with_authenticator
from tests.factories import ACTOR, PASSWORD, account, card


@pytest.fixture
def client(database_url: str, tmp_path: Path) -> Iterator[FlaskClient]:
    app: Flask = make_app(load_settings(), tmp_path)
    register_mobile_api(app)
    with app.test_client() as opened:
        yield opened


@pytest.fixture
def holder(session: Session) -> Identity:
    identity, _ = account(session, name="zaer", language="ar")
    session.connection().commit()
    return identity


def signed_in(client: FlaskClient, name: str = "zaer") -> dict[str, str]:
    answer = client.post("/api/v1/session", json={"name": name, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json['access_token']}"}


def test_signing_in_gives_a_pair_of_tokens(client: FlaskClient, holder: Identity) -> None:
    answer = client.post("/api/v1/session", json={"name": "ZAER", "password": PASSWORD})
    assert answer.status_code == 201
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 900)
    assert answer.json["person"]["language"] == "ar"
    assert answer.json["refresh_token"] not in answer.json["access_token"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"), (b"{", "body"), (b"[]", "body"), (b"\xff", "body"), (b'{"name": "zaer"}', "password"),
        (b'{"name": 5, "password": "p"}', "name"), (b'{"name": "n", "password": "p", "role": "operator"}', "role"),
    ],
)  # fmt: skip
def test_a_malformed_body_is_answered_with_the_field_that_is_wrong(client: FlaskClient, body: bytes, field: str) -> None:
    answer = client.post("/api/v1/session", data=body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert (answer.json["code"], answer.json["facts"]) == ("bad_input", {"field": field})


def test_failed_sign_ins_are_counted_across_requests(client: FlaskClient, holder: Identity) -> None:
    for _ in range(5):
        refused = client.post("/api/v1/session", json={"name": "zaer", "password": "wrong"})
        assert (refused.status_code, refused.json["code"]) == (401, "sign_in_refused")
    answer = client.post("/api/v1/session", json={"name": "zaer", "password": PASSWORD})
    assert (answer.status_code, answer.json["code"]) == (429, "too_many_sign_in_tries")
    assert 0 < int(answer.headers["Retry-After"]) <= 301


def test_a_refresh_token_renews_once_and_its_reuse_ends_the_family(client: FlaskClient, holder: Identity) -> None:
    first = client.post("/api/v1/session", json={"name": "zaer", "password": PASSWORD}).json["refresh_token"]
    second = client.post("/api/v1/session/refresh", json={"refresh_token": first}).json["refresh_token"]
    reused = client.post("/api/v1/session/refresh", json={"refresh_token": first})
    assert (reused.status_code, reused.json["facts"]) == (401, {"reason": "reused"})
    assert client.post("/api/v1/session/refresh", json={"refresh_token": second}).status_code == 401


def test_an_ended_session_cannot_be_refreshed(client: FlaskClient, holder: Identity) -> None:
    token = client.post("/api/v1/session", json={"name": "zaer", "password": PASSWORD}).json["refresh_token"]
    assert client.post("/api/v1/session/end", json={"refresh_token": token}).status_code == 204
    assert client.post("/api/v1/session/refresh", json={"refresh_token": token}).status_code == 401


def test_resources_need_a_token_that_is_still_good(client: FlaskClient, holder: Identity) -> None:
    bare = client.get("/api/v1/balance")
    assert (bare.status_code, bare.json["code"], bare.headers["WWW-Authenticate"]) == (
        401,
        "sign_in_required",
        "Bearer",
    )
    assert client.get("/api/v1/balance", headers={"Authorization": "Bearer nonsense"}).json["code"] == "token_refused"
    bearer = signed_in(client)
    assert client.get("/api/v1/balance", headers=bearer).status_code == 200
    with clock.frozen(clock.now() + timedelta(minutes=16)):
        assert client.get("/api/v1/balance", headers=bearer).json["facts"] == {"reason": "expired"}


def test_staff_accounts_have_no_balance_here(client: FlaskClient, session: Session) -> None:
    account(session, Role.CASHIER, name="till")
    session.connection().commit()
    assert client.get("/api/v1/balance", headers=signed_in(client, "till")).status_code == 403


def test_balance_and_statement_agree_with_the_ledger(client: FlaskClient, session: Session, holder: Identity) -> None:
    held = card(session, person_id=holder.person_id, money_rial=700_000)
    session.connection().commit()
    for _ in range(3):
        top_up_at_desk(session, ACTOR, held.id, 100_000, new_request_key())
        session.connection().commit()
    bearer = signed_in(client)
    [wallet] = client.get("/api/v1/balance", headers=bearer).json["wallets"]
    assert (wallet["wallet"], wallet["money_rial"], wallet["credit_rial"]) == (held.wallet_id, 1_000_000, 0)
    assert wallet["cards"] == [{"masked": held.masked, "status": "active", "expires_on": held.expires_on.isoformat()}]

    entries, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        query = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = client.get("/api/v1/statement", query_string=query, headers=bearer).json
        entries += page["entries"]
        cursor, pages = page["next"], pages + 1
    assert pages == 2
    assert [entry["amount_rial"] for entry in entries] == [100_000, 100_000, 100_000, 700_000]
    assert sum(entry["money_rial"] for entry in entries) == wallet["money_rial"]
    assert len({entry["id"] for entry in entries}) == 4


def test_a_holder_without_a_card_has_no_wallet(client: FlaskClient, holder: Identity) -> None:
    bearer = signed_in(client)
    assert client.get("/api/v1/balance", headers=bearer).json["wallets"] == []
    assert client.get("/api/v1/statement", headers=bearer).status_code == 404


def test_the_wallet_of_another_holder_is_not_found(client: FlaskClient, session: Session, holder: Identity) -> None:
    other = card(session, money_rial=5_000)
    session.connection().commit()
    answer = client.get(f"/api/v1/statement?wallet={other.wallet_id}", headers=signed_in(client))
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("limit=۵", "limit"), ("wallet=-1", "wallet"),
        ("wallet=99999999999999999999", "wallet"), ("from=1405-01-01x", "from"), ("to=yesterday", "to"),
        ("from=2020-01-01", "from"), ("from=2027-01-02&to=2027-01-01", "from"), ("from=0001-01-01&to=0001-01-01&cursor=x", "cursor"),
        ("cursor=2026-01-01T00:00:00_5", "cursor"), ("cursor=2026-01-01T00:00:00%2B00:00_x", "cursor"),
        ("to=0001-01-01&from=0001-01-02", "from"),
    ],
)  # fmt: skip
def test_bad_statement_queries_name_their_field(
    client: FlaskClient, session: Session, holder: Identity, query: str, field: str
) -> None:
    card(session, person_id=holder.person_id)
    session.connection().commit()
    answer = client.get(f"/api/v1/statement?{query}", headers=signed_in(client))
    assert (answer.status_code, answer.json["facts"]) == (422, {"field": field})


def test_who_has_an_authenticator_sends_its_code_too(client: FlaskClient, session: Session) -> None:
    identity, token = account(session, name="careful")
    secret, _ = with_authenticator(session, identity, token)
    session.commit()
    asked = client.post("/api/v1/session", json={"name": "careful", "password": PASSWORD})
    assert (asked.status_code, asked.json["code"], asked.json["facts"]) == (401, "second_step_due", {})
    with clock.frozen(clock.now() + timedelta(seconds=30)):
        given = {"name": "careful", "password": PASSWORD, "code": code_at(secret, clock.now())}
        assert client.post("/api/v1/session", json=given).status_code == 201
        again = client.post("/api/v1/session", json=given)
        assert (again.status_code, again.json["code"]) == (401, "one_time_code_refused")
