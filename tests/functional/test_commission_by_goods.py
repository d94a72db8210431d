"""A basket of several categories, sold at a web till and partly returned, is charged by the closest term of each of its goods."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from cardbank.ledger.verify import verify
from identity.permissions import Role
from kernel import clock
from merchants.catalogue.models import Product
from merchants.catalogue.services.products import add_group
from merchants.models import Merchant
from merchants.settlement.models import PricedLine, PricedShare, Statement
from merchants.settlement.rules.prices import Bearer
from merchants.settlement.services.closing import close_now
from merchants.settlement.services.terms import Sold, begin_term
from merchants.settlement.verify import SETTLEMENT
from merchants.stock.rules import Kind
from merchants.stock.services import moving
from tests import factories
from tests.factories import ACTOR
from tests.functional.bank import MONEY, Bank
from tests.functional.test_web_till_goods import give_back, purchase_of
from tests.functional.till_page import TillPage
from tests.merchants.catalogue import goods
from tests.merchants.instalments.deal import terms
from tests.merchants.till.shop import Shop, in_branch


@pytest.fixture
def shop(bank: Bank) -> Merchant:
    """3 % of everything, 1 % of handicraft, which the network bears, and 10 % of the group of carpets."""
    with bank.session() as session:
        made = factories.merchant(session)
        factories.contract(session, made.id)
        session.commit()
    return made


@pytest.fixture
def at(bank: Bank, shop: Merchant) -> Shop:
    with bank.session() as session:
        made = in_branch(session, shop)
        session.commit()
    return made


@pytest.fixture
def wares(bank: Bank, at: Shop) -> list[Product]:
    """A bowl that is handicraft, a carpet of the group of carpets, and a box of sweets."""
    with bank.session() as session:
        merchant = session.get_one(Merchant, at.merchant.id)
        owner, _ = factories.account(session, Role.MERCHANT, organisation_id=merchant.organisation_id)
        carpets = add_group(session, ACTOR, merchant.id, {"name_fa": "فرش"})
        woven = add_group(session, ACTOR, merchant.id, {"name_fa": "دستباف"}, carpets.id)
        place = goods.Shop(merchant, (at.branch,), owner)
        made = [
            goods.product(session, place, list_rial=100_000, name_fa="کاسه", mark_handicraft="1"),
            goods.product(session, place, list_rial=2_000_000, name_fa="گلیم", mark_handicraft="1", group_id=str(woven.id)),
            goods.product(session, place, list_rial=50_000, name_fa="سوهان"),
        ]
        for one in made:
            moving.move(session, ACTOR, moving.Move(at.branch.id, Kind.INTAKE, str(uuid4())), {one.id: 100_000})
        now = clock.now()
        begin_term(session, ACTOR, merchant_id=merchant.id, starts_at=now, basis_points=300)
        begin_term(
            session,
            ACTOR,
            merchant_id=merchant.id,
            starts_at=now,
            basis_points=100,
            borne_by=Bearer.NETWORK,
            sold=Sold(goods="mark:handicraft"),
        )
        of_carpets = Sold(goods=f"group:{carpets.id}", ends_at=now + timedelta(days=1))
        begin_term(session, ACTOR, merchant_id=merchant.id, starts_at=now, basis_points=1_000, sold=of_carpets)
        session.commit()
    return made


def test_each_good_of_a_basket_has_its_term_and_a_return_gives_back_in_proportion(
    till_page: TillPage, bank: Bank, at: Shop, wares: list[Product], card: dict[str, Any], number: str
) -> None:
    bowl, carpet, sweets = (one.code for one in wares)
    mixed = till_page.begin((bowl, "2", ""), (carpet, "1", ""), (sweets, "4", ""), ("ناشناس", "1", "100000")).location
    till_page.pay(mixed, number)
    till_page.sell("1000000", number)
    with bank.session() as session:
        terms(session, at.merchant.id, cash_discount_basis_points=1_000)
        session.commit()
    cheaper = till_page.begin((bowl, "1", ""), (sweets, "1", "")).location
    till_page.pay(cheaper, number)
    half = purchase_of(till_page.see(mixed))
    give_back(till_page, half, amount="1250000")
    assert bank.balance(card) == MONEY - 2_500_000 - 1_000_000 - 135_000 + 1_250_000
    with bank.session() as session:
        close_now(session, ACTOR)
        session.commit()
        lines = session.query(PricedLine).filter_by(merchant_id=at.merchant.id).order_by(PricedLine.entry_id).all()
        assert [(line.gross_rial, line.commission_rial, line.spared_rial, line.term_id is None) for line in lines] == [
            (2_500_000, 200_000 + 9_000, 2_000, True), (1_000_000, 30_000, 0, False), (135_000, 1_350, 900, True),
            (-1_250_000, -100_000 - 4_500, -1_000, True),
        ]  # fmt: skip
        shares = session.query(PricedShare).filter_by(entry_id=lines[0].entry_id).order_by(PricedShare.place).all()
        assert [share.gross_rial for share in shares] == [200_000, 2_000_000, 300_000]
        statement = session.query(Statement).filter_by(merchant_id=at.merchant.id).one()
        assert statement.commission_rial == sum(line.commission_rial for line in lines)
    give_back(till_page, half, amount="1250000")
    with bank.session() as session:
        close_now(session, ACTOR)
        session.commit()
        rest = session.query(PricedLine).filter_by(merchant_id=at.merchant.id).order_by(PricedLine.entry_id.desc()).first()
        assert rest is not None
        assert (rest.commission_rial, rest.spared_rial) == (-104_500, -1_000)
    with psycopg.connect(bank.database_url, autocommit=True) as connection:
        connection.execute("SELECT ledger.roll_up(10000)")
        assert [check for check in verify(connection, (SETTLEMENT,)) if not check.ok] == []
