"""Giving from the card, registering who may be given to, and leaving with the money: at the desk and by oneself."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.rules import CardStatus
from identity.models import Person
from identity.permissions import Identity, Role
from kernel import clock
from merchants.giving.queries import receivers_open, receivers_page
from merchants.settlement.rules.sheba import make_sheba
from tests import factories
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]
SHEBA = make_sheba("017", "4711")
REGISTERED = {
    "name_fa": "موقوفات نمونه", "name_en": "Sample endowment", "about_fa": "غذای زائران", "about_en": "Meals for pilgrims",
    "causes": ["vow"], "sheba": SHEBA, "holder_name": "موقوفات نمونه",
}  # fmt: skip


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def key_of(page: str) -> str:
    return re.findall(r'name="key" value="([^"]*)"', page)[0]


@pytest.fixture
def operator(sign_in: SignIn) -> FlaskClient:
    return sign_in(Role.OPERATOR)[0]


@pytest.fixture
def pilgrim(sign_in: SignIn, session: Session) -> tuple[FlaskClient, Card]:
    client, identity = sign_in(Role.PILGRIM)
    card = factories.card(session, person_id=identity.person_id, money_rial=900_000)
    session.commit()
    return client, card


@pytest.fixture
def receiver(operator: FlaskClient, sign_in: SignIn, session: Session) -> int:
    """Registered by one operator and approved by another."""
    assert operator.post("/receivers", data=REGISTERED).status_code == 303
    assert "Waits for approval" in operator.get("/receivers").text
    assert receivers_open(session, clock.now()) == []
    [row] = receivers_page(session, clock.now())
    account = re.findall(r"/settlements/accounts/(\d+)", operator.get("/settlements/accounts").text)[0]
    second = sign_in(Role.OPERATOR)[0]
    assert operator.post(f"/settlements/accounts/{account}", data={"act": "approve"}).status_code == 403
    assert second.post(f"/settlements/accounts/{account}", data={"act": "approve"}).status_code == 303
    return row.receiver_id


def test_a_pilgrim_gives_and_is_thanked_on_the_receipt(
    pilgrim: tuple[FlaskClient, Card], receiver: int, operator: FlaskClient, session: Session
) -> None:
    client, card = pilgrim
    page = client.get("/me/give").text
    assert "Sample endowment" in page
    form = {"key": key_of(page), "card": card.id, "receiver": receiver, "cause": "vow", "amount": "۲۵۰٬۰۰۰"}
    for change, sentence in (
        ({"cause": "charity"}, "choose what it is for"),
        ({"amount": "x"}, "whole number of Rial"),
        ({"receiver": 999}, "another one"),
    ):
        told = client.post("/me/give", data=form | change)
        assert (sentence in told.text, told.status_code in (404, 422)) == (True, True)
    sent = [client.post("/me/give", data=form) for _ in range(2)]
    assert sent[0].location == sent[1].location
    receipt = plain(client.get(sent[0].location).text)
    for text in ("May your vow be accepted", "Sample endowment", "250,000", "650,000"):
        assert text in receipt
    with statements_sent() as statements:
        assert "Gifts: 1" in operator.get("/receivers").text
    assert len(statements) <= 5
    assert operator.post("/receivers", data={"act": "end", "receiver": receiver}).status_code == 303
    assert "No receiver yet" in client.get("/me/give").text


def test_what_a_receiver_lacks_is_told_and_nothing_typed_is_lost(operator: FlaskClient) -> None:
    for change, sentence in (
        ({"name_fa": ""}, "write the name in Persian"), ({"about_fa": ""}, "in one sentence"), ({"causes": []}, "tick what people"),
        ({"sheba": "IR00"}, "24 digits"),
    ):  # fmt: skip
        told = operator.post("/receivers", data=REGISTERED | change)
        assert (told.status_code, sentence in told.text, "Sample endowment" in told.text) == (422, True, True)


def test_the_desk_pays_a_nameless_card_out_once_and_closes_it(operator: FlaskClient, session: Session) -> None:
    card = factories.card(session, money_rial=420_000)
    number = factories.keystore().open_card_number(card.number_sealed, card.token)
    session.commit()
    assert "There is no card with this number" in operator.post("/desk/leaving", data={"number": "12"}).text
    page = operator.post("/desk/leaving", data={"number": number}).text
    assert "420,000" in page
    assert number not in page
    form = {"key": key_of(page), "card": card.id, "way": "cash"}
    assert "how the money should leave" in operator.post("/desk/leaving/pay", data=form | {"way": ""}).text
    paid = [operator.post("/desk/leaving/pay", data=form) for _ in range(2)]
    assert [one.status_code for one in paid] == [303, 303]
    assert paid[0].location == paid[1].location
    receipt = plain(operator.get(paid[0].location).text)
    assert "Paid out" in receipt
    assert "420,000" in receipt
    session.refresh(card)
    assert card.status == CardStatus.REFUNDED
    listed = plain(operator.get("/desk/leaving").text)
    assert "420,000" in listed
    assert "Left today: 1" in listed
    assert "There is no money on this card" in operator.post("/desk/leaving", data={"number": number}).text


def test_a_pilgrim_leaves_to_the_own_bank_account_alone(pilgrim: tuple[FlaskClient, Card], session: Session) -> None:
    client, card = pilgrim
    page = client.get(f"/me/leaving?card={card.id}").text
    form = {"key": key_of(page), "card": card.id, "way": "sheba", "sheba": SHEBA, "holder_name": "Somebody Else"}
    wrong = client.post("/me/leaving", data=form)
    assert (wrong.status_code, "own name" in wrong.text, SHEBA in wrong.text, "Somebody Else" in wrong.text) == (
        422,
        True,
        True,
        True,
    )
    assert client.post("/me/leaving", data=form | {"way": "cash"}).status_code == 422
    name = session.query(Person).order_by(Person.id.desc()).first()
    assert name is not None
    done = client.post("/me/leaving", data=form | {"holder_name": name.names["fa"]})
    assert done.status_code == 303
    assert "900,000" in client.get(done.location).text
