"""The holder pays by the code of the page: once, within its minute, with the own card alone."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cardbank.cards.challenges import LiveProofs
from cardbank.cards.codes import CODE_DIGITS, new_code
from cardbank.cards.models import Card
from cardbank.cards.rules import BlockReason
from cardbank.cards.services import block_card
from identity.permissions import Role
from kernel import clock
from kernel.web.application import SESSION_COOKIE
from merchants.sales.counter import _redis
from tests import factories
from tests.factories import ACTOR
from tests.functional.bank import Bank
from tests.functional.till_page import TillPage
from tests.merchants.till.shop import Shop, web_till


@pytest.fixture
def holder(app: Flask, bank: Bank) -> Callable[[], tuple[FlaskClient, dict[str, Any]]]:
    """A pilgrim with a card, at the own telephone."""

    def signed_in() -> tuple[FlaskClient, dict[str, Any]]:
        with bank.session() as session:
            identity, token = factories.account(session, Role.PILGRIM, language="en")
            card = factories.card(session, person_id=identity.person_id, money_rial=1_000_000)
            session.commit()
        client = app.test_client()
        client.set_cookie(SESSION_COOKIE, token)
        return client, {"card_id": card.id, "wallet_id": card.wallet_id}

    return signed_in


def shown(client: FlaskClient, address: str = "/me/code") -> str:
    """The digits as one reads them off the page."""
    page = client.get(address).text
    drawn = page.split('class="pay-code-digits"', 1)[1].split("</p>", 1)[0]
    return "".join(letter for letter in drawn if letter.isdigit())


def test_a_code_pays_once(till_page: TillPage, bank: Bank, holder: Any) -> None:
    client, card = holder()
    code = shown(client)
    assert len(code) == CODE_DIGITS
    paid = till_page.sell("150000", f"{code[:14]} {code[14:]}")
    assert "Paid at" in till_page.see(paid.location)
    assert bank.balance(card) == 850_000
    again = till_page.sell("150000", code)
    page = till_page.see(again.location)
    assert "used before" in page
    assert "Please scan the code that the holder&#39;s page shows now." in page
    assert bank.balance(card) == 850_000


def test_late_and_bent_codes_are_told_and_nothing_is_lost(till_page: TillPage, bank: Bank, holder: Any) -> None:
    client, card = holder()
    code = shown(client, "/me/code/now")
    sale = till_page.begin(("نبات", "1", "20000")).location
    bent = till_page.pay(sale, code[:-1] + str((int(code[-1]) + 1) % 10))
    assert bent.status_code == 422
    assert "no code of a pilgrim card" in bent.text
    late = new_code(bank.keystore, card["card_id"], clock.now() - timedelta(seconds=70)).digits
    told = till_page.pay(sale, late, credit="most")
    assert "more than a minute old" in told.text
    assert "نبات" in told.text
    assert 'value="most" checked' in told.text
    assert till_page.pay(sale, code).location == sale
    assert bank.balance(card) == 980_000


def test_a_code_is_of_the_own_card_and_of_one_that_may_pay(bank: Bank, holder: Any) -> None:
    client, card = holder()
    _, other = holder()
    for address in ("/me/code", "/me/code/now"):
        assert client.get(f"{address}?card={other['card_id']}").status_code == 404
    with bank.session() as session:
        row = session.get_one(Card, card["card_id"])
        block_card(session, ACTOR, row.id, BlockReason.LOST)
        session.commit()
    assert "This card cannot pay now" in client.get("/me/code").text
    assert client.get("/me/code/now").status_code == 404


def test_a_card_that_is_blocked_after_its_code_was_made_pays_nothing(till_page: TillPage, bank: Bank, holder: Any) -> None:
    client, card = holder()
    code = shown(client)
    with bank.session() as session:
        block_card(session, ACTOR, card["card_id"], BlockReason.STOLEN)
        session.commit()
    assert "The card was declined" in till_page.see(till_page.sell("1000", code).location)
    assert bank.balance(card) == 1_000_000


@pytest.mark.parametrize("is_atomic", [False, True])
def test_two_tills_that_scan_one_code_at_once_are_paid_once(
    sit_down: Any, bank: Bank, at: Shop, holder: Any, monkeypatch: pytest.MonkeyPatch, is_atomic: bool
) -> None:
    """A look that is not one with its note lets both through."""
    with bank.session() as session:
        tills = [at.till, web_till(session, at.branch.id)]
        session.commit()
    pages = [sit_down() for _ in tills]
    for page, till in zip(pages, tills, strict=True):
        page.open(till.code)
    sales = [page.begin(("", "1", "1000")).location for page in pages]
    client, card = holder()
    code, spent, meeting = shown(client), set[str](), Barrier(2)

    async def looks_first(self: LiveProofs, digits: str) -> bool:
        is_new = digits not in spent
        meeting.wait(20)
        spent.add(digits)
        return is_new

    if not is_atomic:
        monkeypatch.setattr(LiveProofs, "spend_code", looks_first)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda one: one[0].pay(one[1], code), zip(pages, sales, strict=True)))
    assert bank.balance(card) == 1_000_000 - (1_000 if is_atomic else 2_000)


def test_with_redis_lost_no_code_is_taken(till_page: TillPage, bank: Bank, holder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client, card = holder()
    monkeypatch.setattr("merchants.sales.counter._redis", lambda _: _redis("redis://127.0.0.1:1"))
    assert "The card was declined" in till_page.see(till_page.sell("1000", shown(client)).location)
    assert bank.balance(card) == 1_000_000
