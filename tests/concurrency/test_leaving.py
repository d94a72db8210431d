"""Money that comes onto a card while its holder is paid out: the race is shown without the wallet's lock, then not with it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session

from cardbank.ledger import services as ledger
from cardbank.ledger.types import AccountKind, EntryKind, Source
from cardbank.services import new_request_key, request_key
from kernel.db import unit_of_work
from merchants.leaving import services
from merchants.leaving.rules import Standing, Way
from merchants.leaving.services import Wish, pay_out
from tests import factories
from tests.factories import ACTOR
from tests.merchants.settlement.trade import BANK, balance, request


@pytest.mark.parametrize("is_locked", [False, True])
def test_what_is_paid_out_is_what_is_there(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool) -> None:
    """A till that took the card for an active one a moment ago fills it between the look and the posting."""
    card = factories.card(session, money_rial=500_000)
    session.commit()
    wallet_id, looked, filled = card.wallet_id or 0, threading.Event(), threading.Event()

    def fill() -> None:
        looked.wait(10)
        with unit_of_work() as other:
            ledger.post(other, [request(EntryKind.TOP_UP, wallet_id, 40_000, tender=(BANK,))])
        filled.set()

    def look(session: Session, asked: int) -> Standing:
        found = standing(session, asked)
        looked.set()
        if not is_locked:
            assert filled.wait(10)  # nobody stops the till
        return found

    standing = services.standing
    monkeypatch.setattr(services, "standing", look)
    if not is_locked:
        monkeypatch.setattr(ledger, "touch", lambda *_: None)
    with ThreadPoolExecutor(1) as pool:
        till = pool.submit(fill)
        with unit_of_work() as desk:
            paid = pay_out(desk, ACTOR, card.id, Wish(Way.CASH), request_key(Source.DESK, 9, new_request_key()))
            came_between = filled.is_set()
        till.result()
    assert (paid.amount, paid.money_balance == 0, came_between) == (500_000, is_locked, not is_locked)
    assert balance(session, wallet_id, AccountKind.MONEY) == 40_000
    monkeypatch.undo()
    with unit_of_work() as desk:
        rest = pay_out(desk, ACTOR, card.id, Wish(Way.CASH), request_key(Source.DESK, 9, new_request_key()))
    assert (rest.amount, rest.money_balance) == (40_000, 0)
