from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.rules import BlockReason
from cardbank.cards.services import activate_card, block_card, issue_card
from cardbank.errors import CardNotFound, CardNotUsable, PostingRefused, WrongAmount, WrongRequestKey
from cardbank.keystore.software import read_key_file, write_key_file
from cardbank.ledger.types import Source
from cardbank.reasons import Reason
from cardbank.services import MOST_TOP_UP_RIAL, new_request_key, request_key, top_up_at_desk
from kernel import clock
from kernel.audit import Actor

CLERK = Actor(account_id=9, name="clerk")


@pytest.fixture
def card(session: Session, tmp_path: Path) -> Card:
    write_key_file(tmp_path / "keys.json")
    keystore = read_key_file(tmp_path / "keys.json", laboratory=True)
    card = issue_card(session, keystore, CLERK, person_id=None)
    activate_card(session, CLERK, card.id)
    session.commit()
    return card


def test_cash_raises_the_balance_once_however_often_it_is_sent(session: Session, card: Card) -> None:
    key = new_request_key()
    first = top_up_at_desk(session, CLERK, card.id, 100_000, key)
    session.commit()
    again = top_up_at_desk(session, CLERK, card.id, 100_000, key)
    session.commit()
    other = top_up_at_desk(session, CLERK, card.id, 1, new_request_key())
    assert (first.money_balance, again.money_balance, other.money_balance) == (100_000, 100_000, 100_001)
    assert (first.replayed, again.replayed) == (False, True)
    assert first.entry_id == again.entry_id


def test_the_same_key_for_another_amount_is_refused(session: Session, card: Card) -> None:
    key = new_request_key()
    top_up_at_desk(session, CLERK, card.id, 100_000, key)
    session.commit()
    with pytest.raises(PostingRefused) as caught:
        top_up_at_desk(session, CLERK, card.id, 200_000, key)
    assert caught.value.facts == {"reason": Reason.DUPLICATE_WITH_OTHER_CONTENT}


@pytest.mark.parametrize("amount", [0, -1, MOST_TOP_UP_RIAL + 1])
def test_strange_amounts_are_refused(session: Session, card: Card, amount: int) -> None:
    with pytest.raises(WrongAmount):
        top_up_at_desk(session, CLERK, card.id, amount, new_request_key())


def test_a_blocked_or_unknown_card_takes_no_money(session: Session, card: Card) -> None:
    block_card(session, CLERK, card.id, BlockReason.STOLEN)
    with pytest.raises(CardNotUsable) as caught:
        top_up_at_desk(session, CLERK, card.id, 1_000, new_request_key())
    assert caught.value.facts == {"reason": Reason.CARD_STOLEN}
    with pytest.raises(CardNotFound):
        top_up_at_desk(session, CLERK, 10**9, 1_000, new_request_key())


@pytest.mark.parametrize("text", ["", "no", "7c9e6679-7425-40de-944b-e07fc1f90ae7", "ffffffff-ffff-7fff-bfff-ffffffffffff"])
def test_only_a_time_ordered_uuid_is_a_key(text: str) -> None:
    with pytest.raises(WrongRequestKey):
        request_key(Source.DESK, 9, text)


def test_the_day_of_a_key_is_the_keys_own() -> None:
    with clock.frozen(datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)):
        text = new_request_key()
    assert UUID(text).version == 7
    with clock.frozen(datetime(2027, 1, 1, 0, 1, tzinfo=UTC)):
        key = request_key(Source.DESK, 9, text.upper())
    assert (key.day, key.source_id, key.key) == (date(2026, 12, 31), 9, text)
