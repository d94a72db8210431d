"""Asking for a new card from the app; that it is handed over is tests/portal/test_customers.py."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.replacing.queries import waiting_wishes
from cardbank.replacing.services import replace_at_desk
from identity.permissions import Role
from tests import factories
from tests.mobile_api.conftest import Caller

ASKED = {"why": "lost", "city": "mashhad"}


def held(caller: Callable[..., Caller], session: Session) -> tuple[Caller, Card]:
    holder = caller()
    factories.city(session)
    made = factories.card(session, person_id=holder.identity.person_id)
    session.commit()
    return holder, made


def test_a_lost_card_stops_at_once_and_its_successor_waits_in_the_city_that_was_chosen(
    caller: Callable[..., Caller], bank_session: Session
) -> None:
    holder, card = held(caller, bank_session)
    for why in ("lost", "stolen"):  # asked twice, it is one wish
        [wish] = holder.write("POST", f"/cards/{card.id}/replacement", ASKED | {"why": why}).json["replacements"]
    assert (wish["state"], wish["city"], wish["new_masked"]) == ("waiting", "mashhad", None)
    bank_session.refresh(card)
    assert (card.status, card.block_reason) == ("blocked", "lost")
    [waiting] = [one for one in waiting_wishes(bank_session) if one.card_id == card.id]
    assert waiting.person_id == holder.identity.person_id
    new = replace_at_desk(bank_session, factories.keystore(), factories.ACTOR, card.id, "lost", "")
    bank_session.commit()
    [done] = holder.get("/replacements").json["replacements"]
    assert (done["state"], done["new_masked"]) == ("done", new.masked)
    again = holder.write("POST", f"/cards/{card.id}/replacement", ASKED)
    assert (again.status_code, again.json["code"]) == (409, "card_is_replaced")


def test_a_wish_is_withdrawn_and_the_card_stays_stopped(caller: Callable[..., Caller], bank_session: Session) -> None:
    holder, card = held(caller, bank_session)
    holder.write("POST", f"/cards/{card.id}/block", {"why": "holder"})
    holder.write("POST", f"/cards/{card.id}/replacement", ASKED)
    [gone] = holder.write("POST", f"/cards/{card.id}/replacement/withdraw").json["replacements"]
    assert gone["state"] == "withdrawn"
    bank_session.refresh(card)
    assert (card.status, card.block_reason) == ("blocked", "lost")
    assert holder.write("POST", f"/cards/{card.id}/replacement/withdraw").json["code"] == "replacement_not_found"


def test_only_the_holder_asks_and_only_at_a_city_of_the_network(
    api: Flask, caller: Callable[..., Caller], bank_session: Session
) -> None:
    holder, card = held(caller, bank_session)
    assert caller().write("POST", f"/cards/{card.id}/replacement", ASKED).status_code == 404
    assert caller(Role.MERCHANT).write("POST", f"/cards/{card.id}/replacement", ASKED).status_code == 403
    assert holder.write("POST", f"/cards/{card.id}/replacement", ASKED | {"city": "atlantis"}).json["code"] == "city_not_found"
    assert holder.write("POST", f"/cards/{card.id}/replacement", ASKED | {"why": "mood"}).status_code == 422
