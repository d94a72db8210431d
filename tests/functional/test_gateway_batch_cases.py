"""What is found out about a difference after a close, how the next statement tells it, and batches that nobody closes."""

from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cardbank.ledger.client import SyncTellerClient
from merchants.batches import services
from merchants.batches.errors import ExceptionDecided
from merchants.batches.models import BatchException
from merchants.batches.services import close_old_batches, decide_exception
from merchants.settlement.models import Statement
from merchants.settlement.services.closing import close_now
from pos_gateway.wire.tlv import Tag
from tests import factories
from tests.functional.bank import Bank
from tests.functional.test_gateway_batches import (
    PAYABLE,
    SUSPENSE,
    WITHHELD,
    batches,
    exceptions,
    owed,
    proven,
    sold,
)
from tests.functional.till import Till

__all__ = ["proven", "sold"]  # fixtures


@pytest.fixture
def case(bank: Bank, till: Till, card: dict[str, Any], sold: list[Any]) -> list[BatchException]:
    """A sale of 70,000 that only the till has, and one of 150,000 that only the bank has."""
    unseen = till.purchase(card["card_number"], 70_000)
    till.ask(till.batch_close(1))
    till.ask(till.batch_upload(sold[0][0], sold[0][1][37], 1, card["card_number"]))
    till.ask(till.batch_upload(unseen, "000000000ABC", 1, card["card_number"]))
    till.ask(till.batch_close(1, code="960000"))
    return exceptions(bank, batches(bank, till)[0])


@pytest.mark.parametrize(
    ("words", "payable", "suspense"),
    [
        (("found", "found"), 220_000, -150_000), (("not_found", "not_found"), 0, 70_000),
        (("found", "not_found"), 70_000, 0), (("not_found", "found"), 150_000, -80_000),
    ],
)  # fmt: skip
def test_what_is_found_out_moves_the_difference_to_where_it_belongs(
    bank: Bank, case: list[BatchException], words: tuple[str, str], payable: int, suspense: int
) -> None:
    before = owed(bank, PAYABLE), owed(bank, SUSPENSE), owed(bank, WITHHELD)
    for one, word in zip(case, words, strict=True):
        with bank.session() as session:
            decide_exception(session, factories.ACTOR, one.id, word, "looked at the slips")
            session.commit()
    after = owed(bank, PAYABLE), owed(bank, SUSPENSE), owed(bank, WITHHELD)
    assert [now - then for now, then in zip(after, before, strict=True)] == [payable, suspense, -70_000]
    with bank.session() as session, pytest.raises(ExceptionDecided):
        decide_exception(session, factories.ACTOR, case[0].id, "found", "again")


@pytest.fixture
def settled(bank: Bank, card: dict[str, Any]) -> None:
    """Nothing of earlier tests waits for the next statement."""
    other = bank.till()
    other.ask(other.purchase(card["card_number"], 1_000))
    other.close()
    statement_of_now(bank)


def test_the_next_statement_says_what_is_looked_into_and_what_was_released(
    bank: Bank, till: Till, card: dict[str, Any], settled: None, case: list[BatchException]
) -> None:
    told = statement_of_now(bank)
    assert told.adjustments_rial == -150_000
    with bank.session() as session:
        decide_exception(session, factories.ACTOR, case[1].id, "found", "the slip is signed")
        session.commit()
    till.ask(till.purchase(card["card_number"], 1_000))
    assert statement_of_now(bank).adjustments_rial == 150_000


def statement_of_now(bank: Bank) -> Statement:
    with bank.session() as session:
        batch = close_now(session, factories.ACTOR)
        session.commit()
        found = select(Statement).where(Statement.batch_id == batch.id, Statement.merchant_id == bank.shop.id)
        return session.scalars(found).one()


def test_a_batch_left_open_is_closed_without_its_till(
    bank: Bank, till: Till, card: dict[str, Any], sold: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "LONGEST_OPEN", timedelta(0))
    for _ in range(2):
        with bank.session() as session, closing(SyncTellerClient(bank.teller_socket)) as teller:
            close_old_batches(session, teller.post)
            session.commit()
        assert [(batch.state, batch.debits) for batch in batches(bank, till)] == [("unclaimed", 2)]
    later = till.purchase(card["card_number"], 5_000)
    sold.append((later, till.ask(later)))
    said = {"debits": 3, "debits_rial": 255_000}
    first = till.ask(till.batch_close(1, said))
    assert (first.code, first.tags[Tag.LAST_CLOSED_BATCH]) == ("77", "000001")
    assert till.ask(till.batch_close(2, said)).code == "95"
    for message, answer in sold:
        assert till.ask(till.batch_upload(message, answer[37], 2, card["card_number"])).code == "00"
    assert till.ask(till.batch_close(2, code="960000"))[66] == "1"
    assert [batch.state for batch in batches(bank, till)] == ["unclaimed", "agreed"]
