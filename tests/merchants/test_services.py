from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kernel import clock
from kernel.audit import AuditEntry
from kernel.errors import BadInput
from merchants import services
from merchants.errors import (
    BranchNotFound,
    ContractBeginsTooEarly,
    MerchantNotFound,
    TerminalIsClosed,
    TerminalNotFound,
    UnknownShopKind,
)
from merchants.models import Contract
from tests.factories import ACTOR, contract, merchant, organisation, programme, terminal


def heard(session: Session) -> list[str]:
    """What the transaction will announce when it commits, heard by a second connection."""
    with session.get_bind().connect() as listener:
        driver = listener.connection.driver_connection
        driver.rollback()
        driver.autocommit = True
        driver.execute("LISTEN pilgrim_changed")
        session.connection().commit()
        return sorted(notice.payload for notice in driver.notifies(timeout=2, stop_after=1))


def test_a_merchant_gets_a_shop_wallet(session: Session) -> None:
    union = organisation(session, "union")
    shop = merchant(session, "saffron", union.id)
    kind = session.execute(text("SELECT kind FROM ledger.wallet WHERE id = :id"), {"id": shop.wallet_id}).scalar_one()
    assert (kind, shop.union_id, shop.status) == (4, union.id, "active")
    with pytest.raises(UnknownShopKind):
        merchant(session, "weapons")


def test_a_terminal_gets_a_code_and_a_key_id_of_its_own(session: Session) -> None:
    first = terminal(session)
    second = services.open_terminal(session, ACTOR, first.branch_id, language="en", kind="portable")
    assert first.code != second.code
    assert first.initial_key_id != second.initial_key_id
    assert first.acceptor_id == second.acceptor_id
    assert (second.status, second.language, second.kind) == ("active", "en", "portable")
    with pytest.raises(BranchNotFound):
        services.open_terminal(session, ACTOR, 0)
    with pytest.raises(BadInput):
        services.open_terminal(session, ACTOR, first.branch_id, language="xx")


def test_suspending_a_terminal_is_audited_and_announced(session: Session) -> None:
    till = terminal(session)
    session.connection().commit()
    services.suspend_terminal(session, ACTOR, till.code, "ten wrong MACs in an hour")
    session.flush()
    entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "set_status")).one()
    assert (entry.subject_id, entry.before, entry.after) == (
        till.code,
        {"status": "active"},
        {"status": "suspended"},
    )
    assert entry.why == "ten wrong MACs in an hour"
    assert heard(session) == [f"terminal:{till.code}"]


def test_a_closed_terminal_never_opens_again(session: Session) -> None:
    till = terminal(session)
    services.suspend_terminal(session, ACTOR, till.code, "lost")
    services.resume_terminal(session, ACTOR, till.code, "found")
    assert till.status == "active"
    services.close_terminal(session, ACTOR, till.code, "broken")
    with pytest.raises(TerminalIsClosed):
        services.resume_terminal(session, ACTOR, till.code, "repaired")
    with pytest.raises(TerminalNotFound):
        services.suspend_terminal(session, ACTOR, "T9999999", "unknown")


def test_changing_a_merchant_announces_each_of_its_terminals(session: Session) -> None:
    till = terminal(session)
    shop_id = session.execute(text("SELECT merchant_id FROM branch WHERE id = :id"), {"id": till.branch_id}).scalar_one()
    session.connection().commit()
    services.set_merchant_status(session, ACTOR, shop_id, "suspended", "licence expired")
    session.flush()
    assert heard(session) == [f"terminal:{till.code}"]
    with pytest.raises(MerchantNotFound):
        services.set_merchant_status(session, ACTOR, 0, "suspended", "unknown")


def test_a_new_contract_ends_the_one_in_force_where_it_begins(session: Session) -> None:
    shop, club = merchant(session), programme(session)
    first = contract(session, shop.id, programme_id=club.id)
    change = clock.now() + timedelta(days=10)
    second = contract(session, shop.id, starts_at=change)
    assert (first.ends_at, second.ends_at) == (change, None)
    for instant in (change, change - timedelta(days=1)):
        with pytest.raises(ContractBeginsTooEarly):
            contract(session, shop.id, starts_at=instant)


def test_a_contract_without_a_programme_cannot_earn_and_a_limit_is_positive(session: Session) -> None:
    shop = merchant(session)
    with pytest.raises(BadInput):
        services.sign_contract(session, ACTOR, shop.id, starts_at=clock.now(), earns=True)
    with pytest.raises(BadInput):
        contract(session, shop.id, purchase_limit_rial=0)
    with pytest.raises(BadInput):
        contract(session, shop.id, cash_limit_rial=0)
    with pytest.raises(MerchantNotFound):
        contract(session, 0)


def test_the_database_refuses_two_contracts_at_one_instant(session: Session) -> None:
    shop = merchant(session)
    for day in (0, 5):
        session.add(Contract(merchant_id=shop.id, starts_at=clock.now() + timedelta(days=day), earns=False, spends=False))
    with pytest.raises(IntegrityError, match="ex_contract_one_at_a_time"):
        session.flush()
