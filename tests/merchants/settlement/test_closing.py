from datetime import date, timedelta
from xml.etree import ElementTree as ET

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cardbank.ledger import services as ledger
from cardbank.ledger.types import AccountKind
from cardbank.ledger.verify import verify
from identity.models import Organisation
from kernel import clock
from kernel.calendar import local_day
from kernel.db import engine
from kernel.settings import load_settings
from merchants.settlement import queries
from merchants.settlement.adapters.paya import NAMESPACE
from merchants.settlement.errors import BatchNotFound, NothingToSettle, PayerNotSet, PayoutAnswered
from merchants.settlement.models import Adjustment, PricedBatch, PricedLine, SettlementBatch, Statement
from merchants.settlement.rules.prices import Bearer
from merchants.settlement.rules.sheba import make_sheba
from merchants.settlement.services import files
from merchants.settlement.services.accounts import open_first_account
from merchants.settlement.services.closing import close_now, close_when_due
from merchants.settlement.services.payouts import accept_batch, return_payout
from merchants.settlement.services.pricing import price_lines
from merchants.settlement.services.terms import begin_term, set_bank_day
from merchants.settlement.verify import SETTLEMENT
from tests.factories import ACTOR
from tests.merchants.settlement import trade

PAYABLE, SENT = AccountKind.PAYABLE, AccountKind.PAYOUT_SENT


def assert_proven(database_url: str) -> None:
    """Every promise of the ledger that can hold in a test's database, and check 14."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        checks = verify(connection, (SETTLEMENT,))
    assert {check.number: check.detail for check in checks if not check.ok} == {}
    assert 14 in {check.number for check in checks}


def close(session: Session) -> SettlementBatch:
    batch = close_now(session, ACTOR)
    session.commit()
    return batch


def statement_of(session: Session, batch: SettlementBatch) -> Statement:
    session.expire_all()
    return session.scalars(select(Statement).filter_by(batch_id=batch.id)).one()


def test_a_shops_day_becomes_one_statement_that_adds_up(session: Session, database_url: str) -> None:
    shop = trade.shop(session)
    begin_term(session, ACTOR, basis_points=150, starts_at=clock.now(), merchant_id=shop.id)
    session.commit()
    wallet = trade.holder(session, credit_rial=40_000)
    sales = [
        trade.sale(wallet, shop, 100_000, with_credit=True),
        trade.sale(wallet, shop, 333_333),
        trade.sale(wallet, shop, 50_000),
    ]
    answers = trade.post(session, *sales)
    trade.post(session, trade.returned(sales[1], answers[1], 33_333), trade.reversed_(sales[2]))
    trade.post(session, trade.cash_top_up(wallet, shop, 20_000))
    batch = close(session)
    told = statement_of(session, batch)
    assert (told.sales_rial, told.returns_rial, told.reversals_rial, told.cash_rial) == (483_333, -33_333, -50_000, -20_000)
    assert told.credit_rial == 40_000
    assert told.commission_rial == 1_500 + 4_500  # 1.5 % of what stands: 100,000 and 300,000
    assert told.payout_rial == 380_000 - 6_000
    assert (told.carried_rial, told.payout_state, told.lines) == (0, "sent", 6)
    assert trade.balance(session, shop.wallet_id, PAYABLE) == 0
    assert trade.balance(session, shop.wallet_id, SENT) == told.payout_rial
    assert trade.network(session, AccountKind.COMMISSION) == 6_000
    assert_proven(database_url)


def test_the_payout_files_carry_the_statements_amounts(session: Session) -> None:
    shops = [trade.shop(session) for _ in range(3)]
    wallet = trade.holder(session)
    trade.post(session, *(trade.sale(wallet, shop, 1_000 * n) for n, shop in enumerate(shops, 1)))
    batch = close(session)
    rows = queries.payout_file(session, batch.id, "csv").decode().splitlines()
    assert len(rows) == 4
    assert [int(row.split(",")[-1]) for row in rows[1:]] == [1_000, 2_000, 3_000]
    assert all(row.split(",")[1].startswith("IR") for row in rows[1:])
    document = ET.fromstring(queries.payout_file(session, batch.id, "xml"))
    sums = [node.text for node in document.iter(f"{{{NAMESPACE}}}CtrlSum")]
    amounts = [int(node.text) for node in document.iter(f"{{{NAMESPACE}}}InstdAmt")]
    assert sums == ["6000", "6000"]
    assert amounts == [1_000, 2_000, 3_000]
    assert (batch.payouts, batch.payout_rial) == (3, 6_000)


def test_the_order_names_its_payer_where_the_standard_has_it(session: Session) -> None:
    trade.post(session, trade.sale(trade.holder(session), trade.shop(session), 5_000))
    document = ET.fromstring(files.payout_file(session, close(session).id, "xml"))
    [block] = document.iter(f"{{{NAMESPACE}}}PmtInf")
    assert [child.tag.partition("}")[2] for child in block] == [
        "PmtInfId", "PmtMtd", "NbOfTxs", "CtrlSum", "ReqdExctnDt", "Dbtr", "DbtrAcct", "DbtrAgt", "CdtTrfTxInf",
    ]  # fmt: skip
    said = {name: block.findtext("/".join(f"{{{NAMESPACE}}}{part}" for part in name.split("/"))) for name in (
        "Dbtr/Nm", "DbtrAcct/Id/IBAN", "DbtrAgt/FinInstnId/BIC")}  # fmt: skip
    assert list(said.values()) == ["Pilgrim Card", "IR979990000000000000000001", "PLGRIRTHXXX"]


def test_without_a_payer_there_is_csv_and_the_xml_follows_once_there_is_one(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as unset:
        unset.setenv("PILGRIM_PAYOUT_DEBTOR_SHEBA", "")
        unset.setenv("PILGRIM_PAYOUT_DEBTOR_BIC", "")
        load_settings.cache_clear()
        trade.post(session, trade.sale(trade.holder(session), trade.shop(session), 5_000))
        batch = close(session)
        assert set(queries.payout_file_hashes(session, batch.id)) == {"csv"}
        with pytest.raises(PayerNotSet):
            files.payout_file(session, batch.id, "xml")
    load_settings.cache_clear()
    first = files.payout_file(session, batch.id, "xml")
    assert b'<InstdAmt Ccy="IRR">5000</InstdAmt>' in first
    monkeypatch.setenv("PILGRIM_PAYOUT_DEBTOR_NAME", "Another name")
    load_settings.cache_clear()
    assert files.payout_file(session, batch.id, "xml") == first  # kept as it was made
    with pytest.raises(BatchNotFound):
        files.payout_file(session, batch.id + 1, "xml")


def test_a_damaged_payout_file_is_not_handed_out(session: Session) -> None:
    trade.post(session, trade.sale(trade.holder(session), trade.shop(session), 5_000))
    batch = close(session)
    session.execute(text("UPDATE payout_file SET content = content || 'x'::bytea"))
    with pytest.raises(queries.PayoutFileDamaged):
        queries.payout_file(session, batch.id, "csv")


def test_an_entry_is_priced_once_and_settled_once(session: Session) -> None:
    shop, wallet = trade.shop(session), trade.holder(session)
    trade.post(session, trade.sale(wallet, shop, 7_000))
    assert price_lines(session) == 1
    assert price_lines(session) == 0
    session.commit()
    close(session)
    with pytest.raises(NothingToSettle):
        close_now(session, ACTOR)
    session.rollback()
    assert session.scalar(select(SettlementBatch.id).limit(2)) is not None
    assert len(session.scalars(select(PricedLine)).all()) == 1


def test_a_posting_that_commits_late_is_priced_all_the_same(session: Session, database_url: str) -> None:
    """It took its ids before the others and became visible after them."""
    shop, wallet = trade.shop(session), trade.holder(session)
    late_wallet = trade.holder(session)
    with Session(engine()) as desk:
        ledger.post(desk, [trade.sale(late_wallet, shop, 1_000)])
        trade.post(session, trade.sale(wallet, shop, 2_000))
        assert price_lines(session) == 1
        session.commit()
        desk.commit()
    assert price_lines(session) == 1
    session.commit()
    assert trade.balance(session, shop.wallet_id, PAYABLE) == queries.waiting_for(session, shop.id).total_rial == 3_000
    assert_proven(database_url)


def test_a_return_taken_up_before_its_sale_brings_the_sale_along(session: Session) -> None:
    shop, wallet = trade.shop(session), trade.holder(session)
    begin_term(session, ACTOR, basis_points=1_000, starts_at=clock.now(), merchant_id=shop.id)
    sold = trade.sale(wallet, shop, 10_000)
    [answer] = trade.post(session, sold)
    trade.post(session, trade.returned(sold, answer, 4_000))
    # The sale's own batch would come last: make its id the highest of the day.
    session.execute(text("SET LOCAL session_replication_role = replica"))
    highest = session.execute(text("SELECT max(id) + 1 FROM ledger.post_batch")).scalar_one()
    first = session.execute(
        text("SELECT id FROM ledger.post_batch WHERE first_entry <= :e AND last_entry >= :e"), {"e": answer.entry_id}
    )
    facts = {"old": first.scalar_one(), "new": highest}
    session.execute(text("UPDATE ledger.post_batch SET id = :new WHERE id = :old"), facts)
    session.execute(text("UPDATE ledger.entry SET batch_id = :new WHERE batch_id = :old"), facts)
    for _ in range(6):
        price_lines(session, most_batches=1)
    lines = session.scalars(select(PricedLine).order_by(PricedLine.gross_rial)).all()
    assert [(line.gross_rial, line.commission_rial) for line in lines] == [(-4_000, -400), (10_000, 1_000)]
    assert price_lines(session) == 0


def test_a_shop_that_returned_more_than_it_sold_owes_the_rest_and_pays_it_with_its_next_sales(
    session: Session, database_url: str
) -> None:
    shop, wallet = trade.shop(session), trade.holder(session)
    sold = trade.sale(wallet, shop, 90_000)
    [answer] = trade.post(session, sold)
    close(session)
    trade.post(session, trade.returned(sold, answer, 60_000))
    owing = statement_of(session, close(session))
    assert (owing.payout_rial, owing.carried_rial, owing.payout_state) == (0, -60_000, "none")
    assert trade.balance(session, shop.wallet_id, PAYABLE) == -60_000
    assert queries.waiting_for(session, shop.id).total_rial == -60_000
    trade.post(session, trade.sale(wallet, shop, 100_000))
    paid = statement_of(session, close(session))
    assert (paid.carried_in_rial, paid.payout_rial) == (-60_000, 40_000)
    assert_proven(database_url)


def test_commission_of_a_settled_sale_comes_back_with_its_return(session: Session, database_url: str) -> None:
    shop, wallet = trade.shop(session), trade.holder(session)
    begin_term(session, ACTOR, basis_points=200, starts_at=clock.now(), merchant_id=shop.id)
    sold = trade.sale(wallet, shop, 100_000)
    [answer] = trade.post(session, sold)
    close(session)
    trade.post(session, trade.returned(sold, answer, 100_000))
    told = statement_of(session, close(session))
    assert (told.commission_rial, told.carried_rial) == (-2_000, -98_000)
    assert trade.network(session, AccountKind.COMMISSION) == 0
    assert_proven(database_url)


def test_a_return_that_was_undone_costs_its_commission_again(session: Session, database_url: str) -> None:
    """A refund settled, undone the next day, and another one after it: charged is 2 % of what finally stands."""
    shop, wallet = trade.shop(session), trade.holder(session)
    begin_term(session, ACTOR, basis_points=200, starts_at=clock.now(), merchant_id=shop.id)
    sold = trade.sale(wallet, shop, 100_000)
    [answer] = trade.post(session, sold)
    back = trade.returned(sold, answer, 60_000)
    trade.post(session, back)
    first = statement_of(session, close(session))
    assert (first.returns_rial, first.commission_rial) == (-60_000, 800)
    trade.post(session, trade.reversed_(back))
    trade.post(session, trade.returned(sold, answer, 10_000))
    second = statement_of(session, close(session))
    assert (second.sales_rial, second.returns_rial, second.reversals_rial) == (0, 50_000, 0)
    assert (second.commission_rial, first.payout_rial + second.payout_rial) == (1_000, 90_000 - 1_800)
    assert trade.network(session, AccountKind.COMMISSION) == 1_800
    assert_proven(database_url)


def test_what_the_network_bears_costs_the_shop_nothing_and_is_shown(session: Session) -> None:
    shop, wallet = trade.shop(session), trade.holder(session)
    begin_term(session, ACTOR, basis_points=100, starts_at=clock.now(), shop_kind=shop.kind, borne_by=Bearer.NETWORK)
    trade.post(session, trade.sale(wallet, shop, 50_000))
    told = statement_of(session, close(session))
    assert (told.commission_rial, told.spared_rial, told.payout_rial) == (0, 500, 50_000)


def test_without_a_bank_account_the_money_waits_and_goes_out_once_there_is_one(session: Session, database_url: str) -> None:
    shop, wallet = trade.shop(session, has_account=False), trade.holder(session)
    trade.post(session, trade.sale(wallet, shop, 80_000))
    held = statement_of(session, close(session))
    assert (held.payout_state, held.payout_rial, held.carried_rial, held.sheba) == ("held", 0, 80_000, None)
    with pytest.raises(NothingToSettle):
        close_now(session, ACTOR)
    session.rollback()
    name = session.get_one(Organisation, shop.organisation_id).names["en"]
    open_first_account(session, ACTOR, shop.id, make_sheba("012", "5"), name, proposed_by=None, approved_by=None)
    session.commit()
    paid = statement_of(session, close(session))
    assert (paid.lines, paid.carried_in_rial, paid.payout_rial) == (0, 80_000, 80_000)
    assert_proven(database_url)


def test_an_accepted_payout_leaves_to_the_bank_once(session: Session, database_url: str) -> None:
    shop, wallet = trade.shop(session), trade.holder(session)
    bank = trade.network(session, AccountKind.BANK)
    trade.post(session, trade.sale(wallet, shop, 25_000))
    batch = close(session)
    assert accept_batch(session, ACTOR, batch.reference) == 1
    session.commit()
    assert statement_of(session, batch).payout_state == "accepted"
    assert trade.balance(session, shop.wallet_id, SENT) == 0
    assert trade.network(session, AccountKind.BANK) == bank + 25_000
    with pytest.raises(PayoutAnswered):
        accept_batch(session, ACTOR, batch.reference)
    session.rollback()
    with pytest.raises(PayoutAnswered):
        return_payout(session, ACTOR, f"PP{statement_of(session, batch).id:010d}", "account closed")
    session.rollback()
    assert_proven(database_url)


def test_a_returned_payout_is_owed_again_and_stands_on_the_next_statement(session: Session, database_url: str) -> None:
    shops, wallet = [trade.shop(session) for _ in range(2)], trade.holder(session)
    trade.post(session, *(trade.sale(wallet, shop, 25_000) for shop in shops))
    batch = close(session)
    first = session.scalars(select(Statement).filter_by(batch_id=batch.id).order_by(Statement.id)).first()
    return_payout(session, ACTOR, first.payout_reference, "account closed")
    session.commit()
    assert trade.balance(session, shops[0].wallet_id, PAYABLE) == 25_000
    assert accept_batch(session, ACTOR, batch.reference) == 1  # the other one
    session.commit()
    again = statement_of(session, close(session))
    assert (again.merchant_id, again.adjustments_rial, again.payout_rial) == (shops[0].id, 25_000, 25_000)
    assert session.get_one(SettlementBatch, batch.id).states == {"sent": 0, "accepted": 1, "returned": 1, "held": 0}
    assert_proven(database_url)


def test_a_day_is_settled_by_itself_once_it_is_closed(session: Session) -> None:
    shop, wallet = trade.shop(session), trade.holder(session)
    trade.post(session, trade.sale(wallet, shop, 30_000))
    assert close_when_due(session) is None
    session.commit()
    today = local_day(clock.now())
    session.execute(
        text("SELECT ledger.open_day(:next), ledger.close_day(:day)"), {"next": today + timedelta(days=1), "day": today}
    )
    session.commit()
    batch = close_when_due(session)
    assert batch is not None
    session.commit()
    assert (batch.cut_off, batch.is_scheduled, batch.payout_rial) == (today, True, 30_000)
    assert batch.expected_at > batch.closed_at
    assert close_when_due(session) is None
    assert session.scalars(select(PricedBatch)).all() == [] or session.scalar(select(PricedBatch.business_date).limit(1)) > today


def test_lines_after_the_cut_off_wait_for_the_next_batch(session: Session) -> None:
    shop, wallet = trade.shop(session), trade.holder(session)
    today = local_day(clock.now())
    trade.post(session, trade.sale(wallet, shop, 30_000))
    session.execute(text("SELECT ledger.open_day(:next)"), {"next": today + timedelta(days=1)})
    session.commit()
    trade.post(session, trade.sale(wallet, shop, 4_000))
    session.execute(text("SELECT ledger.close_day(:day)"), {"day": today})
    session.commit()
    batch = close_when_due(session)
    session.commit()
    assert batch.payout_rial == 30_000
    assert queries.waiting_for(session, shop.id).total_rial == 4_000


def test_the_application_role_settles(session: Session) -> None:
    """It may not write to the ledger but through its functions."""
    shop, wallet = trade.shop(session), trade.holder(session)
    trade.post(session, trade.sale(wallet, shop, 30_000))
    session.execute(text("SET SESSION AUTHORIZATION pilgrim_app"))
    batch = close_now(session, ACTOR)
    assert accept_batch(session, ACTOR, batch.reference) == 1
    session.rollback()
    session.execute(text("RESET SESSION AUTHORIZATION"))


def test_settlement_proof_finds_a_rial_that_was_moved_by_hand(session: Session, database_url: str) -> None:
    shop, wallet = trade.shop(session), trade.holder(session)
    trade.post(session, trade.sale(wallet, shop, 30_000))
    close(session)
    session.execute(text("UPDATE priced_line SET gross_rial = gross_rial + 1"))
    session.add(Adjustment(merchant_id=shop.id, kind="carried", amount_rial=5, origin_id=session.scalar(select(Statement.id))))
    session.commit()
    with psycopg.connect(database_url, autocommit=True) as connection:
        faults = list(SETTLEMENT[2](connection))
    assert any("is not the sum of its lines" in fault for fault in faults)
    assert any("is not on record once" in fault for fault in faults)
    assert any("is owed" in fault for fault in faults)


def test_expected_hour_skips_what_the_operator_closed(session: Session) -> None:
    sunday = date(2026, 11, 22)
    assert queries.expected_at(session, sunday).date() == date(2026, 11, 23)
    set_bank_day(session, ACTOR, date(2026, 11, 23), is_open=False, why={"fa": "آلودگی هوا"})
    assert queries.expected_at(session, sunday).date() == date(2026, 11, 24)
