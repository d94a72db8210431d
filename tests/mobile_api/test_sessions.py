"""Signing in by phone at the API; the rules of it are tests/identity/test_phone_codes.py."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy.orm import Session

from identity.models import Person
from kernel.messages.queries import facts_sent_to
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
