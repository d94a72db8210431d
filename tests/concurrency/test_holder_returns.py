"""Two operators who give the same money back at once: without the lock the ledger's key stops one of them, with it a sentence."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cardbank.statements import balances
from kernel import clock
from merchants.batches import giving_back
from merchants.batches.models import HolderReturn
from merchants.batches.rules import Totals
from merchants.batches.services import decide_exception
from tests import factories
from tests.concurrency.test_settlement import twice
from tests.meeting import meet
from tests.portal.test_batches import sold_and_closed


@pytest.mark.parametrize("is_locked", [False, True])
def test_a_holder_gets_it_back_once(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool) -> None:
    closed = sold_and_closed(session, Totals())
    exception = closed.exceptions[1]
    decide_exception(session, factories.ACTOR, exception.id, "not_found", "asked the shop")
    session.commit()
    held = giving_back.propose_return(session, factories.ACTOR, exception.id, "", "no slip")
    held.proposed_by = 0  # by somebody else than who decides
    session.commit()
    wallet_id = closed.card.wallet_id or 0
    before = balances(session, wallet_id, clock.now()).money_rial
    session.commit()
    if not is_locked:
        monkeypatch.setattr(giving_back, "LOCK", text("SELECT 1"))
        monkeypatch.setattr(giving_back, "lock_return", lambda session, return_id: session.get_one(HolderReturn, return_id))
    meet(monkeypatch, giving_back, "root_of")
    outcomes = twice(lambda session: giving_back.decide_return(session, factories.ACTOR, held.id, "paid"))
    assert outcomes == (["done", "holder_return_decided"] if is_locked else ["IntegrityError", "done"])
    assert balances(session, wallet_id, clock.now()).money_rial - before == exception.difference_rial
    assert session.scalars(select(HolderReturn.state)).all() == ["paid"]
