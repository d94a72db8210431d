"""The fee of a new card, where the settings name one."""

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.errors import WrongRequestKey
from cardbank.ledger.verify import verify
from cardbank.replacing.errors import FeeNotCovered
from cardbank.replacing.services import replace_at_desk
from cardbank.services import new_request_key
from cardbank.statements import balances
from kernel import clock
from kernel.errors import BadInput
from kernel.settings import load_settings
from merchants.settlement.verify import SETTLEMENT
from tests import factories

FEE = 300_000


@pytest.fixture(autouse=True)
def fee(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILGRIM_CARD_REPLACEMENT_FEE_RIAL", str(FEE))
    load_settings.cache_clear()


def replace(session: Session, card: Card, paid_by: str, key: str | None = None) -> Card:
    key = new_request_key() if key is None else key
    return replace_at_desk(session, factories.keystore(), factories.ACTOR, card.id, "lost", "", paid_by=paid_by, key=key)


def earned(session: Session) -> int:
    return session.execute(
        text("SELECT balance FROM ledger.account_now WHERE wallet_id = 1 AND kind = 42 AND unit = 1")
    ).scalar_one()


@pytest.mark.parametrize(("paid_by", "left"), [("cash", 500_000), ("card", 500_000 - FEE)])
def test_cash_or_the_cards_money_pays_it_in_the_same_transaction(session: Session, paid_by: str, left: int) -> None:
    card = factories.card(session, money_rial=500_000)
    session.commit()
    new = replace(session, card, paid_by)
    session.commit()
    assert (new.status, balances(session, new.wallet_id or 0, clock.now()).money_rial, earned(session)) == ("active", left, FEE)


def test_what_does_not_pay_it_leaves_the_old_card_as_it_was(session: Session) -> None:
    card = factories.card(session, money_rial=FEE - 1)
    session.commit()
    for paid_by, key, refusal in (("card", None, FeeNotCovered), ("later", None, BadInput), ("cash", "x", WrongRequestKey)):
        with pytest.raises(refusal):
            replace(session, card, paid_by, key)
        session.rollback()
        assert (card.status, earned(session)) == ("active", 0)


def test_the_ledger_stands_after_it(session: Session, database_url: str) -> None:
    card = factories.card(session, money_rial=FEE)
    session.commit()
    replace(session, card, "card")
    session.commit()
    with psycopg.connect(database_url) as connection:
        checks = verify(connection, [SETTLEMENT])
    assert [check.detail for check in checks if not check.ok] == []
