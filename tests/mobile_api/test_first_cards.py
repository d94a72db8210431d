"""Asking for a first card by the API; that it is handed over is tests/portal/test_first_cards.py."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from cardbank.first_cards.queries import open_wishes
from cardbank.first_cards.services import make_ready
from identity.permissions import Role
from tests import factories
from tests.mobile_api.conftest import Caller

ASKED = {"kind": "standard", "language": "ar", "city": "mashhad"}


def test_who_has_no_card_asks_for_one_and_follows_it(caller: Callable[..., Caller], bank_session: Session) -> None:
    holder = caller(language="en")
    factories.city(bank_session)
    bank_session.commit()
    assert "standard" in [one["kind"] for one in holder.get("/card-kinds").json["kinds"]]
    asked = holder.write("POST", "/first-cards", ASKED)
    assert (asked.status_code, asked.json["first_cards"][0]["state"]) == (201, "asked")
    [wish] = [one for one in open_wishes(bank_session) if one.person_id == holder.identity.person_id]
    make_ready(bank_session, factories.ACTOR, wish.id, "Desk 3")
    bank_session.commit()
    [told] = holder.get("/first-cards").json["first_cards"]
    assert (told["state"], told["desk"], told["language"]) == ("ready", "Desk 3", "ar")
    assert "Desk 3" in holder.write("POST", "/first-cards", ASKED).json["detail"]
    assert holder.get("/me/export").json["first_cards"] == [told]
    [gone] = holder.write("POST", "/first-cards/withdraw").json["first_cards"]
    assert gone["state"] == "withdrawn"
    assert holder.write("POST", "/first-cards/withdraw").json["code"] == "first_card_not_found"


def test_who_has_a_card_or_names_no_city_gets_none(caller: Callable[..., Caller], bank_session: Session) -> None:
    holder = caller()
    factories.city(bank_session)
    bank_session.commit()
    assert holder.write("POST", "/first-cards", ASKED | {"city": "atlantis"}).json["code"] == "city_not_found"
    assert holder.write("POST", "/first-cards", ASKED | {"kind": "gift"}).json["code"] == "card_kind_closed"
    factories.card(bank_session, person_id=holder.identity.person_id)
    bank_session.commit()
    assert holder.write("POST", "/first-cards", ASKED).json["code"] == "card_held_already"
    assert caller(Role.MERCHANT).write("POST", "/first-cards", ASKED).status_code == 403
