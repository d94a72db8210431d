import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.ledger.types import Answer
from identity.permissions import Identity, Role
from kernel import clock
from merchants.models import Terminal
from tests import factories
from tests.merchants.savings.bought import street
from tests.portal.conftest import statements_sent
from tests.purchases import purchase, refund

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def till(session: Session) -> Terminal:
    made = factories.terminal(session, programme_id=factories.programme(session).id)
    session.commit()
    return made


@pytest.fixture
def holder(sign_in: SignIn, session: Session, till: Terminal) -> tuple[FlaskClient, Card, Answer]:
    """A signed-in pilgrim who has bought something for 2,000,000 Rial."""
    client, identity = sign_in(Role.PILGRIM)
    card = factories.card(session, person_id=identity.person_id, money_rial=10_000_000)
    session.commit()
    _, answer = purchase(session, till.code, card, 2_000_000)
    return client, card, answer


def test_who_has_no_card_is_told_where_to_get_one(sign_in: SignIn) -> None:
    client, _ = sign_in(Role.PILGRIM)
    for address in ("/me", "/me/statement", "/me/credit"):
        page = client.get(address)
        assert page.status_code == 200
        assert "You have no card yet" in page.text


def test_the_card_page_shows_balance_credit_and_what_expires_next(holder: tuple[FlaskClient, Card, Answer]) -> None:
    client, card, _ = holder
    with statements_sent() as sent:
        page = client.get("/me")
    assert page.status_code == 200
    assert "8,000,000" in page.text
    assert "100,000" in page.text
    assert card.masked[-4:] in page.text
    assert "Usable until the end of" in page.text
    assert len(sent) <= 7


def test_every_entry_opens_its_receipt_with_the_sentence_of_the_rule(holder: tuple[FlaskClient, Card, Answer]) -> None:
    client, _, answer = holder
    address = f"/me/receipts/{answer.business_date}/{answer.entry_id}"
    assert address in client.get("/me/statement").text
    page = client.get(address)
    assert page.status_code == 200
    for text in ("2,000,000", "+100,000", "8,000,000", "Why this credit", "5%"):
        assert text in page.text


def test_the_receipt_of_a_return_says_what_went_back_and_what_was_taken_back(
    holder: tuple[FlaskClient, Card, Answer], till: Terminal, session: Session
) -> None:
    client, card, _ = holder
    _, sold = purchase(session, till.code, card, 400_000, spend_credit=True)
    back = refund(session, till.code, card, sold, 200_000)
    page = client.get(f"/me/receipts/{back.business_date}/{back.entry_id}").text
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "To the card's money 150,000" in text
    assert "Back to credit 50,000" in text
    assert "Credit taken back 7,500" in text
    assert "Credit earned" not in text
    assert "From credit" not in text


def test_another_persons_receipt_is_not_found(holder: tuple[FlaskClient, Card, Answer], sign_in: SignIn, session: Session) -> None:
    _, _, answer = holder
    stranger, identity = sign_in(Role.PILGRIM)
    assert stranger.get(f"/me/receipts/{answer.business_date}/{answer.entry_id}").status_code == 404
    factories.card(session, person_id=identity.person_id, money_rial=1_000)
    session.commit()
    assert stranger.get(f"/me/receipts/{answer.business_date}/{answer.entry_id}").status_code == 404


def test_another_persons_card_is_not_found(holder: tuple[FlaskClient, Card, Answer], session: Session) -> None:
    client, card, _ = holder
    foreign = factories.card(session)
    session.commit()
    assert client.get(f"/me?card={card.id}").status_code == 200
    assert client.get(f"/me?card={foreign.id}").status_code == 404


@pytest.mark.parametrize("address", ["/me/receipts/2026-13-45/1", "/me/receipts/x/1", "/me/receipts/2026-11-22/99999999"])
def test_a_receipt_that_is_none_is_not_found(holder: tuple[FlaskClient, Card, Answer], address: str) -> None:
    assert holder[0].get(address).status_code == 404


@pytest.mark.parametrize("query", ["days=31", "days=-1", "before=x", "before=2026-11-22_5"])
def test_a_malformed_statement_is_refused(holder: tuple[FlaskClient, Card, Answer], query: str) -> None:
    assert holder[0].get(f"/me/statement?{query}").status_code == 422


def test_a_long_statement_is_paged_with_the_same_few_reads(
    holder: tuple[FlaskClient, Card, Answer], session: Session, till: Terminal
) -> None:
    client, card, _ = holder
    for amount in range(1_000, 25_000, 1_000):
        purchase(session, till.code, card, amount)
    with statements_sent() as sent:
        first = client.get("/me/statement")
    assert first.text.count("/me/receipts/") == 20
    assert len(sent) <= 6
    [older] = {
        part.split('"')[0].replace("&amp;", "&") for part in first.text.split('href="')[1:] if "before=" in part.split('"')[0]
    }
    second = client.get(older)
    assert second.text.count("/me/receipts/") == 6


def test_credit_is_listed_in_the_order_in_which_it_expires(
    holder: tuple[FlaskClient, Card, Answer], session: Session, till: Terminal
) -> None:
    client, card, _ = holder
    with clock.frozen(clock.now() + timedelta(days=1)):
        purchase(session, till.code, card, 3_000_000)
    page = client.get("/me/credit")
    assert page.text.index("100,000") < page.text.index("150,000")
    assert "Usable now" in page.text
    assert "Usable from" in page.text


def test_what_was_saved_is_told_by_month_by_purchase_and_on_the_receipt(sign_in: SignIn, session: Session) -> None:
    client, identity = sign_in(Role.PILGRIM)
    made = street(session)
    card = factories.card(session, person_id=identity.person_id, money_rial=9_000_000)
    session.commit()
    assert "Nothing yet" in client.get("/me/savings").text
    _, sold = made.buy(session, card)
    page = client.get("/me/savings").text
    [address] = {part.split('"')[0] for part in page.split('href="')[1:] if part.startswith("/me/savings/")}
    for text in (page, client.get(unescape(address)).text):
        assert text.count("70,000") == 2, "the sum and its one row"
    receipt = client.get(f"/me/receipts/{sold.business_date}/{sold.entry_id}").text
    for text in ("760,000", "60,000", "700,000", "10,000", "Saved by the card"):
        assert text in receipt
    assert "saved 70,000" in " ".join(re.sub(r"<[^>]+>", " ", client.get("/me/statement").text).split())
    for wrong in ("/me/savings?by=week", "/me/savings/2026-13-01/2026-13-02", "/me/savings/2024-01-01/2026-01-01"):
        assert client.get(wrong).status_code == 422
