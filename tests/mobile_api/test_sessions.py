"""Signing in by phone at the API; the rules of it are tests/identity/test_phone_codes.py."""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy.orm import Session

from identity.coming import find_coming, receive
from identity.desk_codes import give_code
from identity.models import Person
from kernel import clock
from kernel.calendar import local_day
from kernel.messages.queries import facts_sent_to
from tests import factories
from tests.mobile_api.conftest import Caller

PHONE, CODE = "/api/v1/session/phone", "/api/v1/session/phone/code"


def test_a_code_by_message_brings_tokens(api: Flask, caller: Callable[..., Caller], bank_session: Session) -> None:
    holder = caller()
    bank_session.get_one(Person, holder.identity.person_id).mobile = "+9647701234567"
    bank_session.commit()
    client = api.test_client()
    asked = client.post(PHONE, json={"mobile": "٠٠٩٦٤ 770 1234567"})
    unknown = client.post(PHONE, json={"mobile": "+9647700000000"})
    assert (asked.status_code, unknown.status_code) == (202, 202)
    assert asked.json.keys() == unknown.json.keys()
    code = facts_sent_to(bank_session, "+9647701234567", "sign_in_code")[0]["code"]
    given = {"mobile": "+9647701234567", "token": asked.json["token"], "code": code}
    wrong = client.post(CODE, json=given | {"code": "x"})
    assert (wrong.status_code, wrong.json["code"]) == (401, "phone_code_refused")
    right = client.post(CODE, json=given)
    assert right.status_code == 201
    bearer = {"Authorization": f"Bearer {right.json['access_token']}"}
    assert client.get("/api/v1/me", headers=bearer).json["person"] == holder.identity.person_id
    assert client.post(CODE, json=given).status_code == 401


def test_who_said_that_they_come_signs_in_by_passport_without_a_telephone(api: Flask, bank_session: Session) -> None:
    client = api.test_client()
    ahead = (local_day(clock.now()) + timedelta(days=9)).isoformat()
    said = {"name": "Zahra", "number": "K7654321", "country": "PAK", "born": "1968-04-02", "arrives_on": ahead}
    told = client.post("/api/v1/coming", json=said)
    assert (told.status_code, told.json["arrives_on"]) == (201, ahead)
    wrong = client.post("/api/v1/coming", json=said | {"country": "Pakistan"}, headers={"Accept-Language": "en"})
    assert (wrong.status_code, wrong.json["facts"]["field"]) == (422, "country")
    [one] = find_coming(bank_session, told.json["code"])
    person = receive(bank_session, factories.ACTOR, one.id)
    given = {
        "number": "k7654321",
        "country": "pak",
        "born": "1968-04-02",
        "code": give_code(bank_session, factories.ACTOR, person.id),
    }
    bank_session.commit()
    for changed in ({"code": "1"}, {"number": "X7654321"}):
        refused = client.post("/api/v1/session/document", json=given | changed)
        assert (refused.status_code, refused.json["code"]) == (401, "document_sign_in_refused")
    right = client.post("/api/v1/session/document", json=given)
    assert (right.status_code, right.json["person"]["name"]) == (201, "Zahra")
    assert client.post("/api/v1/session/document", json=given).status_code == 401
