"""Scanned goods at the web till, and goods brought back: money, credit and stock go the same way."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cardbank.references import retrieval_reference
from identity.permissions import Role
from kernel.web.application import SESSION_COOKIE
from merchants.catalogue.models import Product
from merchants.models import Merchant
from merchants.stock.models import StockLevel
from merchants.stock.rules import Kind
from merchants.stock.services import moving
from tests import factories
from tests.factories import ACTOR
from tests.functional.bank import Bank
from tests.functional.till_page import TillPage
from tests.merchants.catalogue import goods
from tests.merchants.till.shop import Shop, in_branch


@pytest.fixture
def saffron(bank: Bank, at: Shop) -> Product:
    """Ten pieces in the branch, at 200,000 Rial with the card."""
    with bank.session() as session:
        owner, _ = factories.account(session, Role.MERCHANT, organisation_id=at.merchant.organisation_id)
        place = goods.Shop(session.get_one(Merchant, at.merchant.id), (at.branch,), owner)
        made = goods.product(session, place, list_rial=220_000, card_rial=200_000, name_fa="زعفران سرگل")
        moving.move(session, ACTOR, moving.Move(at.branch.id, Kind.INTAKE, str(uuid4())), {made.id: 10_000})
        session.commit()
    return made


@pytest.fixture
def in_stock(bank: Bank, at: Shop, saffron: Product) -> Callable[[], int]:
    def pieces() -> int:
        with bank.session() as session:
            return session.get_one(StockLevel, (at.branch.id, saffron.id)).milli // 1000

    return pieces


def purchase_of(page: str) -> str:
    """The address of the return that a paid sale's page leads to."""
    return page.split('href="/till/returns/')[1].split('"', maxsplit=1)[0]


def give_back(till: TillPage, address: str, **form: Any) -> Any:
    shown = till.client.get(f"/till/returns/{address}").text
    key = shown.split('name="key" value="')[1].split('"')[0]
    return till.client.post(f"/till/returns/{address}", data={"key": key} | form)


def test_a_scanned_code_costs_what_the_catalogue_says(
    till_page: TillPage, bank: Bank, card: dict[str, Any], number: str, saffron: Product, in_stock: Callable[[], int]
) -> None:
    before = bank.balance(card)
    found = till_page.client.get(f"/till/goods?code={saffron.code}").json
    assert found == {"text": "زعفران سرگل", "amount": 200_000, "code": saffron.code}
    named = till_page.client.get("/till/goods?name=سرگل").json
    assert named == {"found": [{"code": saffron.code, "said": "زعفران سرگل · 200,000 Rial"}]}
    assert till_page.client.get("/till/goods?name=نبات").json == {"found": []}
    begun = till_page.begin((saffron.code, "2", ""))
    assert in_stock() == 8
    till_page.pay(begun.location, number)
    assert bank.balance(card) == before - 400_000
    assert in_stock() == 8


def test_an_unknown_code_is_told_and_nothing_typed_is_lost(till_page: TillPage, saffron: Product) -> None:
    unknown = goods.ean13()
    assert "No product of this shop has this code" in till_page.client.get(f"/till/goods?code={unknown}").json["fault"]
    answer = till_page.begin(("نبات", "1", "50000"), (unknown, "3", ""))
    assert answer.status_code == 404
    assert 'data-about="line-text-2"' in answer.text
    assert 'value="نبات"' in answer.text
    assert f'value="{unknown}"' in answer.text
    assert till_page.client.get("/till/goods").status_code == 422


def test_the_shops_own_label_is_a_code_and_a_round_sum_a_price(till_page: TillPage, bank: Bank, at: Shop) -> None:
    """Typed in place of a name, as a scanner and a hurried cashier do."""
    with bank.session() as session:
        owner, _ = factories.account(session, Role.MERCHANT, organisation_id=at.merchant.organisation_id)
        place = goods.Shop(session.get_one(Merchant, at.merchant.id), (at.branch,), owner)
        made = goods.product(session, place, code="P-12/4", list_rial=70_000)
        moving.move(session, ACTOR, moving.Move(at.branch.id, Kind.INTAKE, str(uuid4())), {made.id: 10_000})
        session.commit()
    assert till_page.client.get("/till/goods?code=250000").json == {"text": "", "amount": 250_000, "code": ""}
    begun = till_page.begin(("p-12/4", "2", ""), ("۲۵۰/۰۰۰", "1", ""), (goods.ean13(), "0", ""))
    assert begun.status_code == 303
    assert "390,000" in till_page.see(begun.location)


def test_what_is_not_there_is_not_sold(till_page: TillPage, saffron: Product, in_stock: Callable[[], int]) -> None:
    answer = till_page.begin((saffron.code, "11", ""))
    assert answer.status_code in (409, 422)
    assert in_stock() == 10


def test_goods_of_a_sale_that_comes_to_nothing_are_back_on_the_shelf(
    till_page: TillPage, number: str, saffron: Product, in_stock: Callable[[], int]
) -> None:
    given_up = till_page.begin((saffron.code, "3", "")).location
    assert in_stock() == 7
    for _ in range(2):
        till_page.client.post(f"{given_up}/withdraw")
    assert in_stock() == 10
    undone = till_page.begin((saffron.code, "4", "")).location
    till_page.pay(undone, number)
    assert in_stock() == 6
    till_page.client.post(f"{undone}/withdraw")
    assert in_stock() == 10


def test_the_try_after_a_decline_takes_its_goods_once(
    till_page: TillPage, bank: Bank, number: str, saffron: Product, in_stock: Callable[[], int]
) -> None:
    first = till_page.begin((saffron.code, "2", ""), ("", "1", "900000000")).location
    second = till_page.pay(first, number).location
    assert second != first
    assert in_stock() == 8
    till_page.client.post(f"{second}/withdraw")
    assert in_stock() == 10


def test_a_part_is_returned_and_then_the_rest(
    till_page: TillPage, bank: Bank, card: dict[str, Any], number: str, saffron: Product, in_stock: Callable[[], int]
) -> None:
    before = bank.balance(card)
    sale = till_page.begin((saffron.code, "3", ""), ("", "1", "100000")).location
    till_page.pay(sale, number)
    address = purchase_of(till_page.see(sale))
    back = give_back(till_page, address, **{"back-0": "۲"})
    assert "400,000" in till_page.see(back.location)
    assert bank.balance(card) == before - 300_000
    assert in_stock() == 9
    more = give_back(till_page, address, amount="400000")
    assert more.status_code == 409
    assert "Please give back no more than is left" in more.text
    assert 'value="400000"' in more.text
    once_more = more.text.split('name="key" value="')[1].split('"')[0]
    till_page.client.post(f"/till/returns/{address}", data={"key": once_more, "amount": "300000", "back-0": "1"})
    assert bank.balance(card) == before
    assert bank.credit(card) == 0
    assert in_stock() == 10
    assert "Nothing of this purchase is left" in till_page.see(f"/till/returns/{address}")
    assert bank.unbalanced() == []


def test_a_return_that_is_sent_twice_counts_once(
    till_page: TillPage, bank: Bank, app: Flask, card: dict[str, Any], number: str, saffron: Product, in_stock: Callable[[], int]
) -> None:
    sale = till_page.begin((saffron.code, "3", "")).location
    till_page.pay(sale, number)
    before, address = bank.balance(card), purchase_of(till_page.see(sale))
    key = till_page.see(f"/till/returns/{address}").split('name="key" value="')[1].split('"')[0]
    cookie = till_page.client.get_cookie(SESSION_COOKIE)
    assert cookie is not None

    def click(_: int) -> int:
        client: FlaskClient = app.test_client()
        client.set_cookie(SESSION_COOKIE, cookie.value)
        return client.post(f"/till/returns/{address}", data={"key": key, "back-0": "1"}).status_code

    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(click, range(3))) == {303}
    assert bank.balance(card) == before + 200_000
    assert in_stock() == 8


def test_another_branch_takes_back_and_another_shop_does_not(
    till_page: TillPage, sit_down: Callable[..., TillPage], bank: Bank, at: Shop, card: dict[str, Any], number: str
) -> None:
    sale = till_page.sell("90000", number).location
    before, address = bank.balance(card), purchase_of(till_page.see(sale))
    with bank.session() as session:
        sister = in_branch(session, session.get_one(Merchant, at.merchant.id))
        foreign_shop = factories.merchant(session)
        factories.contract(session, foreign_shop.id)
        foreign = in_branch(session, foreign_shop)
        session.commit()
    colleague = sit_down()
    colleague.open(sister.till.code)
    give_back(colleague, address, amount="90000")
    assert bank.balance(card) == before + 90_000
    stranger = sit_down(organisation_id=foreign_shop.organisation_id)
    stranger.open(foreign.till.code)
    assert stranger.client.get(f"/till/returns/{address}").status_code == 404
    assert stranger.client.post(f"/till/returns/{address}", data={"key": str(uuid4()), "amount": "1"}).status_code == 404


def test_a_purchase_is_found_by_the_number_on_its_receipt(till_page: TillPage, bank: Bank, number: str) -> None:
    sale = till_page.sell("90000", number).location
    address = purchase_of(till_page.see(sale))
    [(day, entry_id)] = bank.read("SELECT business_date, id FROM ledger.entry WHERE kind = 1 ORDER BY decided_at DESC LIMIT 1")
    reference = retrieval_reference(day, entry_id)
    assert till_page.client.get(f"/till/returns?receipt={reference.lower()}").location == f"/till/returns/{address}"
    assert address in till_page.see("/till/returns")
    for wrong in ("600000000000", "abc", "0" * 12):
        answer = till_page.client.get(f"/till/returns?receipt={wrong}")
        assert answer.status_code == 404
        assert f'value="{wrong}"' in answer.text


def test_more_pieces_than_were_sold_do_not_come_back(
    till_page: TillPage, number: str, saffron: Product, in_stock: Callable[[], int]
) -> None:
    sale = till_page.begin((saffron.code, "1", "")).location
    till_page.pay(sale, number)
    address = purchase_of(till_page.see(sale))
    answer = give_back(till_page, address, **{"back-0": "2"})
    assert answer.status_code == 422
    assert "fewer pieces were sold than come back" in answer.text
    assert in_stock() == 9


def give(till: TillPage, code: str, count: str = "۲", why: str = "جایزهٔ باشگاه", key: str | None = None) -> Any:
    return till.client.post("/till/give-away", data={"key": key or str(uuid4()), "code": code, "count": count, "why": why})


def test_a_gift_leaves_the_stock_once_and_moves_no_money(
    till_page: TillPage, bank: Bank, saffron: Product, in_stock: Callable[[], int]
) -> None:
    [(entries,)] = bank.read("SELECT count(*) FROM ledger.entry")
    key = str(uuid4())
    for _ in range(2):
        told = till_page.see(give(till_page, saffron.code, key=key).location)
        assert "Given away" in told
    assert in_stock() == 8
    [(kind, why)] = bank.read("SELECT kind, reference FROM stock_movement WHERE key = %s", key)
    assert (kind, why) == ("gift", "جایزهٔ باشگاه")
    assert bank.read("SELECT count(*) FROM audit_entry WHERE act = 'give_away' AND why = %s", why) == [(1,)]
    assert bank.read("SELECT count(*) FROM ledger.entry") == [(entries,)]


@pytest.mark.parametrize(
    ("wrong", "status", "said"),
    [
        ({"count": "11"}, 409, "11"), ({"count": "x"}, 422, "whole number"), ({"why": " "}, 422, "60"), ({"code": goods.ean13()}, 404, "no such product"),
    ],
)  # fmt: skip
def test_a_gift_that_cannot_be_given_is_told_and_nothing_is_lost(
    till_page: TillPage, saffron: Product, in_stock: Callable[[], int], wrong: dict[str, str], status: int, said: str
) -> None:
    answer = give(till_page, **({"code": saffron.code} | wrong))
    assert answer.status_code == status
    assert said in answer.text
    assert f'value="{wrong.get("code", saffron.code)}"' in answer.text
    assert in_stock() == 10
