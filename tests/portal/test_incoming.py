from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel.messages.queries import facts_sent_to
from kernel.settings import load_settings
from tests.loyalty.groups.people import customer

SECRET = "s" * 40
SignIn = Callable[..., tuple[FlaskClient, Identity]]


def test_only_who_knows_the_address_brings_texts(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    client = app.test_client()
    _, number = customer(session)
    session.commit()
    asked = {"messageid": "41", "from": "0" + number[3:], "to": "10004346", "message": "مانده"}
    assert client.get(f"/sms/{SECRET}", query_string=asked).status_code == 404, "no secret is set"
    own = load_settings().model_copy(update={"sms_secret": SECRET})
    monkeypatch.setattr("portal.incoming.load_settings", lambda: own)
    app.config["WTF_CSRF_ENABLED"] = True
    assert client.post("/sms/guess", data=asked).status_code == 404
    for ask in (lambda: client.get(f"/sms/{SECRET}", query_string=asked), lambda: client.post(f"/sms/{SECRET}", data=asked)):
        assert ask().status_code == 200
    assert client.post(f"/sms/{SECRET}", data={"nothing": "of use"}).status_code == 200
    assert len(facts_sent_to(session, number, "no_card_answer")) == 1


def test_the_laboratorys_operator_sends_as_if_a_customer_did(
    sign_in: SignIn, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator, _ = sign_in(Role.OPERATOR)
    page = operator.post("/messages/incoming", data={"sender": "0915 123 4567", "text": "STOP"}).text
    assert "no offers come to you any more" in page
    wrong = operator.post("/messages/incoming", data={"sender": "12", "text": "hello there"})
    assert wrong.status_code == 422
    assert 'value="hello there"' in wrong.text
    production = load_settings().model_copy(update={"environment": "production"})
    monkeypatch.setattr("portal.routes.messages.load_settings", lambda: production)
    assert operator.post("/messages/incoming", data={"sender": "0915 123 4567", "text": "STOP"}).status_code == 404
