"""A thousand shops with random trade settle three times over: statement = payout file = ledger, to the Rial."""

import random
from xml.etree import ElementTree as ET

import psycopg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from cardbank.ledger import services as ledger
from cardbank.ledger.types import AccountKind, Answer, EntryKind, PostingRequest
from cardbank.ledger.verify import verify
from kernel import clock
from merchants.models import Merchant
from merchants.settlement import queries
from merchants.settlement.adapters.paya import NAMESPACE
from merchants.settlement.models import Adjustment, PricedLine, SettlementBatch, Statement
from merchants.settlement.rules.prices import Bearer
from merchants.settlement.rules.sheba import make_sheba
from merchants.settlement.services.closing import close_now
from merchants.settlement.services.payouts import accept_batch, return_payout
from merchants.settlement.services.terms import Sold, begin_term
from merchants.settlement.verify import SETTLEMENT
from tests.factories import ACTOR
from tests.merchants.settlement import trade

SHOPS = 1_000
HOLDERS = 20
KINDS = ("books", "clothing", "saffron", "restaurant")
MAKE_SHOPS = text("""
    WITH numbers AS (SELECT generate_series(1, :shops) AS n),
    owners AS (INSERT INTO organisation (kind, names)
               SELECT 'merchant', jsonb_build_object('fa', 'فروشگاه ' || n) FROM numbers RETURNING id)
    INSERT INTO merchant (organisation_id, wallet_id, kind)
    SELECT id, ledger.open_wallet(4::smallint, 1), (CAST(:kinds AS text[]))[1 + id % 4] FROM owners
""")
MAKE_ACCOUNT = text("""
    INSERT INTO bank_account (merchant_id, sheba, holder_name, status, proposed_at, usable_from)
    VALUES (:merchant_id, :sheba, 'فروشگاه', 'approved', now(), now() - interval '1 day')
""")


def make_shops(session: Session, dice: random.Random) -> list[Merchant]:
    """Nine in ten with a bank account; some with a term of their own, two kinds with a default."""
    session.execute(MAKE_SHOPS, {"shops": SHOPS, "kinds": list(KINDS)})
    shops = list(session.scalars(select(Merchant).order_by(Merchant.id)))
    with_account = [shop for shop in shops if dice.random() < 0.9]
    session.execute(
        MAKE_ACCOUNT,
        [{"merchant_id": shop.id, "sheba": make_sheba("017", str(shop.id))} for shop in with_account],
    )
    now = clock.now()
    begin_term(session, ACTOR, basis_points=120, starts_at=now, shop_kind="books")
    begin_term(session, ACTOR, basis_points=75, starts_at=now, shop_kind="saffron", most_rial=20_000)
    begin_term(
        session, ACTOR, basis_points=900, starts_at=now, shop_kind="saffron", sold=Sold(goods="mark:handicraft")
    )  # no basket says so
    for shop in dice.sample(shops, SHOPS // 10):
        bearer = dice.choice(list(Bearer))
        begin_term(session, ACTOR, basis_points=dice.randint(0, 500), starts_at=now, merchant_id=shop.id, borne_by=bearer)
    session.commit()
    return shops


class Trade:
    """Random sales and what becomes of them; `left` is what may still be returned of each."""

    def __init__(self, session: Session, shops: list[Merchant], dice: random.Random) -> None:
        self.session, self.shops, self.dice = session, shops, dice
        self.holders = [trade.holder(session, credit_rial=5_000_000) for _ in range(HOLDERS)]
        self.left: list[tuple[PostingRequest, Answer, int]] = []

    def sell(self, sales: int) -> None:
        requests = []
        for _ in range(sales):
            shop, wallet = self.dice.choice(self.shops), self.dice.choice(self.holders)
            amount = self.dice.choice((1, 67, 9_999, self.dice.randint(1, 3_000_000)))
            if self.dice.random() < 0.05:
                requests.append(trade.cash_top_up(wallet, shop, amount))
            else:
                requests.append(trade.sale(wallet, shop, amount, with_credit=self.dice.random() < 0.2))
        answers = self._post(requests)
        pairs = zip(requests, answers, strict=True)
        self.left += [(one, answer, one.amount) for one, answer in pairs if one.kind is EntryKind.PURCHASE]

    def give_back(self, returns: int) -> None:
        """Part and whole returns and reversals, of sales that are settled and of sales that are not."""
        requests = []
        self.dice.shuffle(self.left)
        for _ in range(min(returns, len(self.left))):
            sold, answer, left = self.left.pop()
            if left == sold.amount and self.dice.random() < 0.3:
                requests.append(trade.reversed_(sold))
                continue
            part = self.dice.randint(1, left)
            requests.append(trade.returned(sold, answer, part))
            if part < left:
                self.left.append((sold, answer, left - part))
                self.dice.shuffle(self.left)
        self._post(requests)

    def _post(self, requests: list[PostingRequest]) -> list[Answer]:
        answers = ledger.post(self.session, requests)
        self.session.commit()
        assert all(answer.reason.is_approved for answer in answers)
        return answers


def assert_three_ways_the_same(session: Session, batch: SettlementBatch) -> None:
    """Each statement's payout stands in both files under its reference and was moved by its ledger entry."""
    statements = session.scalars(select(Statement).filter_by(batch_id=batch.id)).all()
    payouts = {one.payout_reference: one.payout_rial for one in statements if one.payout_rial}
    assert len(payouts) == batch.payouts
    rows = [row.split(",") for row in queries.payout_file(session, batch.id, "csv").decode().splitlines()[1:]]
    assert {row[0]: int(row[-1]) for row in rows} == payouts
    document = ET.fromstring(queries.payout_file(session, batch.id, "xml"))
    orders = document.iter(f"{{{NAMESPACE}}}CdtTrfTxInf")
    found = {one.findtext(f".//{{{NAMESPACE}}}EndToEndId"): int(one.findtext(f".//{{{NAMESPACE}}}InstdAmt")) for one in orders}
    assert found == payouts
    assert {int(one.text) for one in document.iter(f"{{{NAMESPACE}}}CtrlSum")} == {sum(payouts.values())}
    posted = session.execute(
        text("""SELECT s.payout_reference, p.amount FROM settlement_statement s
                JOIN ledger.posting p ON p.business_date = s.payout_date AND p.entry_id = s.payout_entry
                JOIN ledger.account a ON a.id = p.account_id AND a.kind = 22
                WHERE s.batch_id = :batch"""),
        {"batch": batch.id},
    )
    assert {row.payout_reference: row.amount for row in posted} == payouts


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1405])
def test_a_thousand_random_merchants_settle_to_the_rial(session: Session, database_url: str, seed: int) -> None:
    dice = random.Random(seed)
    shops = make_shops(session, dice)
    town = Trade(session, shops, dice)
    batches = []
    for _ in range(3):
        town.sell(1_500)
        town.give_back(400)
        batch = close_now(session, ACTOR)
        session.commit()
        assert_three_ways_the_same(session, batch)
        batches.append(batch)
    sent = session.scalars(select(Statement.payout_reference).filter_by(batch_id=batches[0].id, payout_state="sent")).all()
    for reference in dice.sample(sent, 5):
        return_payout(session, ACTOR, reference, "account closed")
        session.commit()
    accept_batch(session, ACTOR, batches[0].reference)
    session.commit()
    town.give_back(200)
    batches.append(close_now(session, ACTOR))
    session.commit()
    assert_three_ways_the_same(session, batches[-1])
    session.expire_all()
    states = set(session.scalars(select(Statement.payout_state)))
    assert states >= {"none", "held", "sent", "accepted", "returned"}
    gross = session.scalar(select(func.sum(PricedLine.gross_rial)))
    commission = session.scalar(select(func.sum(PricedLine.commission_rial)))
    paid = session.scalar(select(func.sum(Statement.payout_rial)).where(Statement.payout_state != "returned"))
    left = session.scalar(select(func.sum(Adjustment.amount_rial)).where(Adjustment.statement_id.is_(None)))
    assert gross == commission + paid + left
    assert trade.network(session, AccountKind.COMMISSION) == commission > 0
    assert session.scalar(select(func.count()).where(Statement.carried_rial < 0)) > 0
    with psycopg.connect(database_url, autocommit=True) as connection:
        assert [check for check in verify(connection, (SETTLEMENT,)) if not check.ok] == []
