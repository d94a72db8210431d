"""Dues of a shop: entered once, paid in parts at the union or by the shop's own word out of its settlement, never beyond themselves."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.ledger.types import AccountKind
from cardbank.ledger.verify import verify
from identity.models import Organisation
from kernel import clock
from kernel.calendar import local_day
from merchants.dues import queries, services
from merchants.dues.errors import (
    CreditorNotPayable,
    DueIsClosed,
    DueNotFound,
    MoreThanDue,
    MoreThanWaits,
    WrongDue,
)
from merchants.dues.rules import check_due
from merchants.inspections.services import write_down
from merchants.settlement.models import Statement
from merchants.settlement.services.closing import close_now
from merchants.settlement.verify import SETTLEMENT
from tests.factories import ACTOR
from tests.merchants.dues.owing import SOLD, Place, place
from tests.merchants.inspections.visits import fined, planned
from tests.merchants.onboarding import files
from tests.merchants.settlement import trade


@pytest.fixture
def at(session: Session) -> Place:
    return place(session, sold_rial=0)


def paid(session: Session, at: Place, due_id: int, amount_rial: int, *, key: str = "", receipt: str = "17") -> object:
    return services.note_paid(session, at.clerk, at.union_id, due_id, key or str(uuid4()), amount_rial, receipt)


def test_the_fine_of_an_inspection_becomes_a_due_once(session: Session, at: Place) -> None:
    visit = planned(session, at.clerk, at.shop.id)
    write_down(session, at.clerk, at.union_id, visit.id, fined())
    due = queries.due_of_inspection(session, visit.id)
    assert due is not None
    assert (due.amount_rial, due.merchant_id, due.creditor_id, due.what) == (5_000_000, at.shop.id, at.union_id, "")
    assert services.enter_fine(session, at.clerk, visit).id == due.id
    [row] = queries.own_dues(session, at.owner)
    assert (row.due.id, row.left_rial) == (due.id, 5_000_000)


def test_a_due_is_paid_in_parts_and_closes_itself(session: Session, at: Place) -> None:
    key = str(uuid4())
    due = at.due(session, key=key)
    assert at.due(session, key=key).id == due.id
    once = str(uuid4())
    assert paid(session, at, due.id, 100_000, key=once) is paid(session, at, due.id, 100_000, key=once)
    with pytest.raises(MoreThanDue) as refusal:
        paid(session, at, due.id, 200_001)
    assert refusal.value.facts["left_rial"] == 200_000
    with pytest.raises(WrongDue):
        paid(session, at, due.id, 1, receipt=" ")
    assert queries.open_sums(session, at.union_id) == [(due.due_on, 200_000)]
    paid(session, at, due.id, 200_000)
    assert due.closed_at is not None
    for again in (
        lambda: paid(session, at, due.id, 1),
        lambda: services.strike_out(session, at.clerk, at.union_id, due.id, "x"),
    ):
        with pytest.raises(DueIsClosed):
            again()
    forgiven = at.due(session)
    paid(session, at, forgiven.id, 50_000)
    services.strike_out(session, at.clerk, at.union_id, forgiven.id, "بخشیده شد")
    assert queries.due_row(session, at.union_id, forgiven.id).left_rial == 0
    assert [row.due.id for row in queries.dues_page(session, at.union_id, is_open=False)] == [forgiven.id, due.id]
    assert queries.dues_page(session, at.union_id) == []


def test_nobody_else_reads_or_pays_it(session: Session, at: Place) -> None:
    due, other = at.due(session), place(session, sold_rial=0)
    tries: tuple[Callable[[], object], ...] = (
        lambda: queries.own_due(session, other.owner, due.id),
        lambda: queries.due_row(session, other.union_id, due.id),
        lambda: paid(session, other, due.id, 1),
        lambda: services.strike_out(session, other.clerk, other.union_id, due.id, "x"),
        lambda: services.pay_from_settlement(session, other.owner, due.id, str(uuid4()), 1),
        lambda: other.due(session, key=due.key),
    )
    for try_it in tries:
        with pytest.raises(DueNotFound):
            try_it()
    with pytest.raises(WrongDue):
        Place(other.town, at.shop, other.owner).due(session)


def test_a_shop_is_named_by_its_number_its_licence_or_its_whole_name(session: Session, at: Place, tmp_path: Path) -> None:
    file, _ = files.active(session, at.town, tmp_path)
    owners = [session.get_one(Organisation, one) for one in (at.shop.organisation_id, file.organisation_id)]
    owners[0].names, owners[1].names = {"fa": "نان سحر"}, {"fa": "نان شب", "en": "Night bread"}
    session.flush()
    named = [
        queries.shop_named(session, at.union_id, typed)
        for typed in (str(at.shop.id), " نان  سحر ", "Night bread", file.licence_number or "")
    ]
    assert named == [at.shop.id, at.shop.id, file.merchant_id, file.merchant_id]
    owners[1].names = {"fa": "نان سحر"}
    session.flush()
    for typed, fault in (
        ("نان سحر", "shops"),
        ("نان", "shop"),
        ("", "shop"),
        ("9" * 18, "shop"),
        (str(place(session, sold_rial=0).shop.id), "shop"),
    ):
        with pytest.raises(WrongDue) as refusal:
            queries.shop_named(session, at.union_id, typed)
        assert refusal.value.facts["fault"] == fault


@pytest.mark.parametrize(
    ("what", "amount", "days", "field"),
    [("", 1, 0, "what"), ("x", 0, 0, "amount"), ("x", 1, -1, "due_on"), ("x", 1, 999, "due_on")],
)
def test_a_due_is_whole(what: str, amount: int, days: int, field: str) -> None:
    today = local_day(clock.now())
    check_due("x", 1, today, today)
    with pytest.raises(WrongDue) as refusal:
        check_due(what, amount, today + timedelta(days=days), today)
    assert refusal.value.facts["field"] == field


def test_the_shops_own_word_has_it_paid_from_what_waits_and_ledger_and_statements_agree(
    session: Session, database_url: str
) -> None:
    at = place(session)
    due = at.due(session, 1_200_000)

    def pay(amount_rial: int, key: str = "") -> object:
        return services.pay_from_settlement(session, at.owner, due.id, key or str(uuid4()), amount_rial)

    with pytest.raises(CreditorNotPayable):
        pay(1)
    asked = at.account(session)
    asked.status = "proposed"
    session.flush()
    with pytest.raises(CreditorNotPayable):
        pay(1)
    asked.status = "approved"
    session.flush()
    with pytest.raises(MoreThanWaits) as refusal:
        pay(SOLD + 1)
    assert refusal.value.facts["waits_rial"] == SOLD
    key = str(uuid4())
    first = pay(300_000, key)
    session.commit()
    assert pay(300_000, key) is first
    with pytest.raises(MoreThanWaits):
        pay(SOLD - 300_000 + 1)
    session.rollback()
    collector = queries.collector_of(session, at.union_id)
    assert collector is not None
    assert trade.balance(session, at.shop.wallet_id, AccountKind.PAYABLE) == SOLD - 300_000
    assert trade.balance(session, collector.wallet_id, AccountKind.PAYABLE) == 300_000
    assert trade.network(session, AccountKind.SUSPENSE) == 0
    close_now(session, ACTOR)
    session.commit()
    told = {one.merchant_id: (one.adjustments_rial, one.payout_rial) for one in session.scalars(select(Statement))}
    assert told == {at.shop.id: (-300_000, SOLD - 300_000), collector.id: (300_000, 300_000)}
    with pytest.raises(MoreThanWaits):
        pay(1)
    session.rollback()
    assert queries.left_of(session, due) == 900_000
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("SELECT ledger.roll_up(10000)")
        assert [check for check in verify(connection, (SETTLEMENT,)) if not check.ok] == []
