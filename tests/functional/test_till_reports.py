"""Sales by product and by person at the till: what both leave nameless, and that each adds up to the priced lines to the Rial."""

import csv
import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from identity.permissions import Grant, Identity, Role
from identity.services import add_member, open_sign_in, sign_in
from insights.reports import queries
from insights.reports.queries import Told
from insights.reports.rules import By, Report, Scope, columns_of, scopes_of
from kernel.web.application import SESSION_COOKIE
from merchants.catalogue.models import Product
from merchants.models import Merchant
from merchants.settlement.services.pricing import price_everything
from merchants.stock.rules import Kind
from merchants.stock.services import moving
from merchants.till.queries import sale_row
from pos_gateway.wire.tlv import Tag
from tests import factories
from tests.factories import ACTOR
from tests.functional.bank import Bank
from tests.functional.test_gateway_gifts import gifts
from tests.functional.test_web_till_gifts import load
from tests.functional.test_web_till_goods import give_back, purchase_of
from tests.functional.till import Till
from tests.functional.till_page import TillPage
from tests.insights.reports.market import asked
from tests.merchants.catalogue import goods
from tests.merchants.till.shop import Shop, in_branch
from tests.purchases import refund


@pytest.fixture
def things(bank: Bank, at: Shop) -> tuple[Product, Product]:
    """Saffron at 200,000 and sugar at 33,333 Rial, a hundred of each."""
    with bank.session() as session:
        owner, _ = factories.account(session, Role.MERCHANT, organisation_id=at.merchant.organisation_id)
        place = goods.Shop(session.get_one(Merchant, at.merchant.id), (at.branch,), owner)
        made = [goods.product(session, place, list_rial=rial) for rial in (200_000, 33_333)]
        moving.move(session, ACTOR, moving.Move(at.branch.id, Kind.INTAKE, str(uuid4())), {one.id: 100_000 for one in made})
        session.commit()
    return made[0], made[1]


def sold(page: TillPage, number: str, *lines: tuple[str, str, str], **wish: Any) -> str:
    address: str = page.begin(*lines).location
    assert page.pay(address, number, **wish).status_code == 303
    return address


def columns(by: By, told: Told) -> dict[Any, dict[str, int]]:
    return {group.key: dict(zip(columns_of(Report.SALES, by), group.values, strict=True)) for group in told.groups}


def summed(by: By, told: Told) -> dict[str, int]:
    return dict(zip(columns_of(Report.SALES, by), told.sums, strict=True))


def check_sums(session: Session, scope: Scope, **filters: Any) -> dict[str, int]:
    """Both ways add up to the same priced lines; returns what these say."""
    truth = summed(By.DAY, queries.told(session, asked(By.DAY, **filters), scope))
    by_good = summed(By.GOOD, queries.told(session, asked(By.GOOD, **filters), scope))
    by_cashier = summed(By.CASHIER, queries.told(session, asked(By.CASHIER, **filters), scope))
    for said in (by_good, by_cashier):
        assert said.items() & truth.items() == {(name, truth[name]) for name in said.keys() & truth.keys()}
    goods_rial = truth["sales_rial"] + truth["returns_rial"] + truth["reversals_rial"]
    assert by_good["money_rial"] + by_good["credit_used_rial"] == goods_rial
    assert by_cashier["card_rial"] + by_cashier["credit_used_rial"] + by_cashier["gift_used_rial"] == goods_rial
    return truth


@pytest.fixture
def sister(
    bank: Bank, at: Shop, till_page: TillPage, sit_down: Callable[..., TillPage], till: Till, card: dict[str, Any], number: str,
    things: tuple[Product, Product],
) -> Shop:  # fmt: skip
    """A day of a shop; returned is its other branch."""
    saffron, sugar = things
    # A basket with a typed line, of which saffron comes back with a part of the rest; one paid by credit; one undone; a plain sum.
    mixed = sold(till_page, number, (saffron.code, "3", ""), (sugar.code, "1", ""), ("نبات", "1", "66667"))
    give_back(till_page, purchase_of(till_page.see(mixed)), amount="250000", **{"back-0": "1"})
    by_credit = sold(
        till_page, number, (saffron.code, "1", ""), (sugar.code, "2", ""), credit="exactly", **{"credit-amount": "10001"}
    )
    undone = sold(till_page, number, (sugar.code, "7", ""))
    till_page.client.post(f"{undone}/withdraw")
    sold(till_page, number, ("", "1", "77777"))
    # A colleague at another till of the shop sells to a gift card that she loads before.
    with bank.session() as session:
        other = in_branch(session, session.get_one(Merchant, at.merchant.id))
        session.commit()
    colleague = sit_down()
    assert colleague.open(other.till.code).status_code == 303
    gift = gifts(bank, 1)[0]
    assert load(colleague, gift, "500000").status_code == 303
    sold(colleague, gift, ("", "1", "123457"))
    # Terminals: one names a cashier, and one takes back a part of what the web till has sold.
    assert till.ask(till.purchase(number, 900_001, {Tag.CASHIER: "7"})).code == "00"
    with bank.session() as session:
        basket = sale_row(session, by_credit.rsplit("/", 1)[-1])
        assert basket.outcome is not None
        back = refund(
            session,
            factories.terminal(session, shop=bank.shop).code,
            session.get_one(Card, card["card_id"]),
            basket.outcome,
            100_003,
        )  # type: ignore[arg-type]
        assert back.reason.is_approved, back.reason
        price_everything(session)
        session.commit()
    return other


def test_sales_by_product_and_by_person_add_up_to_the_priced_lines(
    bank: Bank, at: Shop, app: Flask, sister: Shop, things: tuple[Product, Product]
) -> None:
    saffron, sugar = things
    with bank.session() as session:
        scope = Scope(at.merchant.organisation_id, is_pooled=False)
        truth = check_sums(session, scope)
        assert truth["sale_entries"] == 6
        assert truth["sales_rial"] == 700_000 + 266_666 + 233_331 + 77_777 + 123_457 + 900_001
        assert (truth["returns_rial"], truth["reversals_rial"], truth["cash_rial"]) == (-350_003, -233_331, -500_000)
        assert truth["credit_given_rial"] > 0

        named = columns(By.GOOD, queries.told(session, asked(By.GOOD), scope))
        assert set(named) == {saffron.id, sugar.id, None}
        # 50,000 of the first return fall on sugar and the typed line by 1 to 2; of the second, three quarters on saffron.
        back = round(100_003 * 200_000 / 266_666)
        assert (named[saffron.id]["sales_rial"], named[saffron.id]["returns_rial"]) == (800_000, -200_000 - back)
        assert (named[saffron.id]["piece_entries"], named[saffron.id]["point_entries"]) == (3, 9)
        assert named[sugar.id]["returns_rial"] == -16_667 - (100_003 - back)
        assert (named[sugar.id]["reversals_rial"], named[sugar.id]["piece_entries"]) == (-233_331, 3)
        assert named[None]["sales_rial"] == 66_667 + 77_777 + 123_457 + 900_001
        assert (named[None]["returns_rial"], named[None]["piece_entries"]) == (-33_333, 0)

        people = columns(By.CASHIER, queries.told(session, asked(By.CASHIER), scope))
        at_terminal, (hers,) = people.pop(None), [one for one in people.values() if one["gift_used_rial"]]
        assert (at_terminal["sales_rial"], at_terminal["returns_rial"], at_terminal["sale_entries"]) == (900_001, -100_003, 1)
        assert (hers["sales_rial"], hers["gift_used_rial"], hers["card_rial"], hers["cash_rial"]) == (123_457, 123_457, 0, -500_000)
        [his] = [one for one in people.values() if one is not hers]
        assert (his["returns_rial"], his["reversals_rial"], his["sale_entries"]) == (-250_000, -233_331, 4)
        assert his["credit_used_rial"] > 0

        # A branch, or a terminal, adds up as well.
        assert check_sums(session, scope, branch=sister.branch.id)["sales_rial"] == 123_457
        assert check_sums(session, scope, terminal=at.till.code)["sale_entries"] == 4
        assert check_sums(session, Scope(at.merchant.organisation_id, False, frozenset({at.branch.id})))["sale_entries"] == 4

    client = bound_to(bank, app, sister)
    for by, nameless in (("good", "Without a product"), ("cashier", None)):
        page = client.get(f"/reports/sales?by={by}")
        assert page.status_code == 200
        assert "123,457" in page.text
        assert "900,001" not in page.text
        rows = list(csv.reader(io.StringIO(client.get(f"/reports/sales/sheet.csv?by={by}").get_data(as_text=True))))
        assert rows[-1][2] == "123457"
        assert nameless is None or rows[1][0] == nameless
        assert client.get(f"/reports/sales/sheet.xlsx?by={by}").status_code == 200
        assert client.get(f"/reports/sales?by={by}&branch={at.branch.id}").status_code == 404
    assert client.get("/reports/payouts").status_code == 404


def bound_to(bank: Bank, app: Flask, at: Shop) -> FlaskClient:
    """The browser of somebody who leads one branch."""
    with bank.session() as session:
        person = factories.person(session, "en")
        add_member(session, ACTOR, person.id, Role.MERCHANT, at.merchant.organisation_id, at.branch.id)
        name = f"bound-{person.id}"
        open_sign_in(session, ACTOR, person.id, name, factories.PASSWORD, "en")
        _, token = sign_in(session, name, factories.PASSWORD)
        session.commit()
    client = app.test_client()
    client.set_cookie(SESSION_COOKIE, token)
    return client


def test_who_is_bound_sees_the_own_branches_one_at_a_time() -> None:
    grants = tuple(Grant(Role.MERCHANT, 7, branch) for branch in (70, 71))
    bound = Identity(sign_in_id=1, person_id=1, name="", language="fa", grants=grants)
    [scope] = scopes_of(bound)
    assert scope == Scope(7, is_pooled=False, branches=frozenset({70, 71}))
    assert scope.branches_of(asked(By.DAY)) == [70, 71]
    assert scope.branches_of(asked(By.DAY, branch=71)) == [71]
    assert scope.branches_of(asked(By.DAY, branch=72)) == []
    assert scope.groupings(Report.PAYOUTS) == ()
    for nobodys in (Scope(None, is_pooled=False), Scope(7, is_pooled=True)):
        assert not {By.GOOD, By.CASHIER} & set(nobodys.groupings(Report.SALES))
