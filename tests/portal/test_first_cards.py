"""A first card asked for on the own page and handed over at the desk."""

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.services import stock_card
from cardbank.first_cards.queries import open_wishes
from identity.permissions import Identity, Role
from tests import factories
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]
ASKED = {"kind": "standard", "city": "mashhad", "language": "ar"}
CHIP = bytes.fromhex("04a1b2c3d4e5f6")


def test_a_card_is_asked_for_made_ready_and_handed_over(sign_in: SignIn, session: Session) -> None:
    pilgrim, desk = sign_in(Role.PILGRIM)[0], sign_in(Role.OPERATOR)[0]
    factories.city(session)
    stock = stock_card(session, factories.keystore(), factories.ACTOR, CHIP)
    session.commit()
    assert "/me/first-card" in pilgrim.get("/me").text
    wrong = pilgrim.post("/me/first-card", data=ASKED | {"kind": "gift"})
    assert (wrong.status_code, "Please choose another kind" in wrong.text, '<option value="ar" selected' in wrong.text) == (
        409,
        True,
        True,
    )
    assert pilgrim.post("/me/first-card", data=ASKED).status_code == 303
    [wish] = open_wishes(session)
    address = f"/desk/first-cards/{wish.id}"
    assert address in desk.get("/desk/first-cards").text
    unnamed = desk.post(address, data={"act": "ready", "desk": " "})
    assert (unnamed.status_code, "at which desk the card lies ready" in unnamed.text) == (422, True)
    assert desk.post(address, data={"act": "ready", "desk": "Desk 3"}).status_code == 303
    assert "Desk 3" in pilgrim.get("/me/first-card").text
    unseen = desk.post(address, data={"act": "hand", "blank": CHIP.hex()})
    assert (unseen.status_code, CHIP.hex() in unseen.text, "then tick that you have" in unseen.text) == (422, True, True)
    handed = desk.post(address, data={"act": "hand", "blank": CHIP.hex(), "seen": "yes"})
    assert (handed.status_code, handed.location) == (303, f"/customers/cards/{stock.id}?given=1")
    session.expire_all()
    assert session.get_one(Card, stock.id).status == "active"
    assert desk.get(address).status_code == 404
    assert "You have a card already" in pilgrim.get("/me/first-card").text


def test_a_refusal_is_read_by_the_person_and_the_list_stays_cheap(sign_in: SignIn, session: Session) -> None:
    desk = sign_in(Role.OPERATOR)[0]
    factories.city(session)
    session.commit()
    pilgrims = [sign_in(Role.PILGRIM)[0] for _ in range(3)]
    for one in pilgrims:
        one.post("/me/first-card", data=ASKED)
    with statements_sent() as sent:
        page = desk.get("/desk/first-cards?city=1")
    assert (page.status_code, page.text.count("/desk/first-cards/"), len(sent)) == (200, 3, 5)
    first = f"/desk/first-cards/{open_wishes(session)[0].id}"
    assert desk.post(first, data={"act": "refuse", "refusal": "The picture is not yours"}).status_code == 303
    assert "The picture is not yours" in pilgrims[0].get("/me/first-card").text
    assert pilgrims[1].post("/me/first-card", data={"act": "withdraw"}).status_code == 303
    assert desk.get("/desk/first-cards").text.count("/desk/first-cards/") == 1
    assert (desk.get("/desk/first-cards?city=99").status_code, desk.post(first, data={"act": "sing"}).status_code) == (404, 404)
