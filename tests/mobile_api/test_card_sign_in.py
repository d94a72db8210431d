"""Signing in by card and PIN at the API; the rules of it are tests/cardbank/pins."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy.orm import Session

from cardbank.cards.rules import new_card_number
from cardbank.pins.services import set_pin
from tests import factories
from tests.mobile_api.conftest import Caller

CARD = "/api/v1/session/card"


def test_number_and_pin_bring_tokens_and_nothing_tells_who_is_on_record(
    api: Flask, caller: Callable[..., Caller], bank_session: Session
) -> None:
    holder = caller()
    card = factories.card(bank_session, person_id=holder.identity.person_id)
    set_pin(bank_session, factories.ACTOR, card.id, "7294", "7294")
    bank_session.commit()
    number = factories.keystore().open_card_number(card.number_sealed, card.token)
    client = api.test_client()
    wrong = client.post(CARD, json={"number": number, "pin": "9051"})
    unknown = client.post(CARD, json={"number": new_card_number(), "pin": "7294"})
    assert (wrong.status_code, wrong.json["code"]) == (401, "card_sign_in_refused")
    assert (unknown.status_code, unknown.json) == (401, wrong.json)
    right = client.post(CARD, json={"number": number, "pin": "۷۲۹۴"})
    assert right.status_code == 201
    bearer = {"Authorization": f"Bearer {right.json['access_token']}"}
    assert client.get("/api/v1/me", headers=bearer).json["person"] == holder.identity.person_id
