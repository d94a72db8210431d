import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.rules import BlockReason, new_card_number
from cardbank.cards.services import block_card
from cardbank.statements import balances
from identity.permissions import Identity, Role
from kernel import clock
from kernel.text import PERSIAN_DIGITS
from tests import factories
from tests.purchases import purchase

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def operator(sign_in: SignIn) -> FlaskClient:
    return sign_in(Role.OPERATOR)[0]


@pytest.fixture
def card(session: Session) -> Card:
    made = factories.card(session, money_rial=500_000)
    session.commit()
    return made


@pytest.fixture
def number(card: Card) -> str:
    return factories.keystore().open_card_number(card.number_sealed, card.token)


def form_of(page: str) -> dict[str, str]:
    return {name: re.findall(rf'name="{name}" value="([^"]*)"', page)[0] for name in ("card", "key")}


def test_a_card_is_found_by_its_number_in_any_digits_and_shown_masked(operator: FlaskClient, card: Card, number: str) -> None:
    typed = " ".join(number[at : at + 4] for at in range(0, 19, 4)).translate(PERSIAN_DIGITS)
    page = operator.post("/desk/card", data={"number": typed})
    assert page.status_code == 200
    assert "500,000" in page.text
    assert card.masked[-4:] in page.text
    assert number not in page.text
    assert number not in page.text.replace(" ", "")


@pytest.mark.parametrize("typed", ["", "12", "9" * 19, "x" * 19, "۱" * 400])
def test_what_is_no_card_number_is_told(operator: FlaskClient, typed: str) -> None:
    page = operator.post("/desk/card", data={"number": typed})
    assert page.status_code == 422
    assert "A card number has 19 digits." in page.text


def test_an_unknown_card_is_told_and_its_number_is_not_repeated(operator: FlaskClient) -> None:
    typed = new_card_number()
    page = operator.post("/desk/card", data={"number": typed})
    assert page.status_code == 404
    assert "There is no card with this number." in page.text
    assert typed not in page.text


def test_cash_is_taken_once_however_often_the_form_is_sent(
    operator: FlaskClient, session: Session, card: Card, number: str
) -> None:
    form = form_of(operator.post("/desk/card", data={"number": number}).text) | {"amount": "۱٬۵۰۰٬۰۰۰"}
    first, second = (operator.post("/desk/top-up", data=form) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    receipt = operator.get(first.location)
    assert "1,500,000" in receipt.text
    assert "2,000,000" in receipt.text
    assert balances(session, card.wallet_id, clock.now()).money_rial == 2_000_000


@pytest.mark.parametrize("amount", ["", "0", "-5", "1.5", "abc", "1000000001", "²"])
def test_an_amount_that_cannot_be_is_told_and_takes_nothing(
    operator: FlaskClient, session: Session, card: Card, number: str, amount: str
) -> None:
    form = form_of(operator.post("/desk/card", data={"number": number}).text) | {"amount": amount}
    page = operator.post("/desk/top-up", data=form)
    assert page.status_code == 422
    assert "The amount must be a whole number of Rial" in page.text
    assert balances(session, card.wallet_id, clock.now()).money_rial == 500_000


def test_a_blocked_card_takes_no_money_and_the_page_says_so(
    operator: FlaskClient, session: Session, card: Card, number: str
) -> None:
    form = form_of(operator.post("/desk/card", data={"number": number}).text) | {"amount": "1000"}
    block_card(session, factories.ACTOR, card.id, BlockReason.LOST)
    session.commit()
    page = operator.post("/desk/top-up", data=form)
    assert page.status_code == 409
    assert "This card cannot be used in its present state." in page.text
    assert balances(session, card.wallet_id, clock.now()).money_rial == 500_000


def test_a_forged_form_key_is_told(operator: FlaskClient, card: Card) -> None:
    page = operator.post("/desk/top-up", data={"card": card.id, "key": "not a key", "amount": "1000"})
    assert page.status_code == 422
    assert "This form is too old to be sent." in page.text
    assert operator.post("/desk/top-up", data={"card": "999999", "amount": "1000"}).status_code == 404


def test_the_desk_shows_receipts_of_top_ups_only(operator: FlaskClient, session: Session, card: Card) -> None:
    code = factories.terminal(session).code
    session.commit()
    _, answer = purchase(session, code, card, 100_000)
    assert operator.get(f"/desk/receipts/{answer.business_date}/{answer.entry_id}").status_code == 404


def test_the_desk_is_the_operators(sign_in: SignIn) -> None:
    client, _ = sign_in(Role.MERCHANT)
    assert client.get("/desk").status_code == 403
    assert client.post("/desk/card", data={"number": "1"}).status_code == 403
