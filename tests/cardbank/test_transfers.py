"""Money between two cards of one holder."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from cardbank import transfers
from cardbank.cards.queries import cards_of_person
from cardbank.cards.rules import BlockReason
from cardbank.cards.services import block_card, close_member_card
from cardbank.errors import CardNotFound, CardNotUsable, PostingRefused, SameWallet, WrongAmount
from cardbank.families.errors import OnlyTheHead
from cardbank.families.services import join_family, new_family_code, open_family
from cardbank.ledger.types import Key, Source
from cardbank.reasons import Reason
from cardbank.services import new_request_key, request_key
from cardbank.statements import balances
from kernel import clock
from tests import factories
from tests.factories import ACTOR

AT = datetime(2100, 1, 1, tzinfo=UTC)


class Holder:
    """A person with two cards of two wallets; the first holds 100,000 Rial."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.person = factories.person(session).id
        self.first = factories.card(session, person_id=self.person, money_rial=100_000)
        session.commit()
        self.second = factories.card(session, person_id=self.person)
        session.commit()

    def move(self, amount: int, key: Key | None = None) -> Reason:
        answer = transfers.transfer_own(self.session, ACTOR, self.person, self.first.id, self.second.id, amount, key or new_key())
        self.session.commit()
        return answer.reason

    @property
    def money(self) -> tuple[int, int]:
        return tuple(balances(self.session, card.wallet_id or 0, AT).money_rial for card in (self.first, self.second))


def new_key() -> Key:
    return request_key(Source.API, 7, new_request_key())


@pytest.fixture
def holder(session: Session) -> Holder:
    return Holder(session)


def test_what_leaves_one_card_is_on_the_other_once_however_often_it_is_sent(holder: Holder) -> None:
    key = new_key()
    assert [holder.move(30_000, key) for _ in range(3)] == [Reason.APPROVED] * 3
    assert holder.money == (70_000, 30_000)
    in_transit = (
        "SELECT coalesce(sum(amount), 0) FROM ledger.posting p JOIN ledger.account a ON a.id = p.account_id WHERE a.kind = 46"
    )
    assert holder.session.connection().exec_driver_sql(in_transit).scalar() == 0


def test_the_same_key_for_another_amount_is_refused(holder: Holder) -> None:
    key = new_key()
    holder.move(30_000, key)
    with pytest.raises(PostingRefused) as caught:
        holder.move(40_000, key)
    holder.session.rollback()
    assert caught.value.facts == {"reason": Reason.DUPLICATE_WITH_OTHER_CONTENT}
    assert holder.money == (70_000, 30_000)


def test_more_than_there_is_moves_nothing(holder: Holder) -> None:
    with pytest.raises(PostingRefused) as caught:
        holder.move(100_001)
    holder.session.rollback()
    assert caught.value.facts == {"reason": Reason.INSUFFICIENT_FUNDS}
    assert holder.money == (100_000, 0)


@pytest.mark.parametrize("amount", [0, -1, 10**12])
def test_strange_amounts_name_their_field(holder: Holder, amount: int) -> None:
    with pytest.raises(WrongAmount) as caught:
        holder.move(amount)
    assert caught.value.facts == {"field": "amount_rial"}


def test_the_card_of_another_person_is_not_found(session: Session, holder: Holder) -> None:
    stranger = factories.card(session, person_id=factories.person(session).id)
    for source, target, field in ((holder.first, stranger, "target"), (stranger, holder.first, "source")):
        with pytest.raises(CardNotFound) as caught:
            transfers.transfer_own(session, ACTOR, holder.person, source.id, target.id, 1, new_key())
        assert caught.value.facts == {"field": field}


def test_a_desk_moves_from_a_nameless_card_and_between_one_persons_cards_only(session: Session, holder: Holder) -> None:
    nameless = factories.card(session, money_rial=500)
    session.commit()
    transfers.transfer_at_desk(session, ACTOR, nameless.id, holder.second.id, 500, new_key())
    session.commit()
    assert holder.money == (100_000, 500)
    other = factories.card(session, person_id=factories.person(session).id)
    with pytest.raises(CardNotFound):
        transfers.transfer_at_desk(session, ACTOR, holder.first.id, other.id, 1, new_key())


def test_a_stopped_card_takes_no_money_but_gives_it(session: Session, holder: Holder) -> None:
    block_card(session, ACTOR, holder.first.id, BlockReason.LOST)
    assert holder.move(1_000) is Reason.APPROVED
    with pytest.raises(CardNotUsable) as caught:
        transfers.transfer_own(session, ACTOR, holder.person, holder.second.id, holder.first.id, 1, new_key())
    assert caught.value.facts == {"reason": Reason.CARD_LOST}


def test_two_cards_of_one_wallet_and_an_ended_one_are_refused(session: Session, holder: Holder) -> None:
    with pytest.raises(SameWallet):
        transfers.transfer_own(session, ACTOR, holder.person, holder.first.id, holder.first.id, 1, new_key())
    close_member_card(session, ACTOR, holder.first.id)
    with pytest.raises(CardNotUsable) as caught:
        holder.move(1)
    assert caught.value.facts == {"reason": Reason.CARD_REFUNDED}


def test_only_the_head_takes_money_out_of_a_family(session: Session, holder: Holder) -> None:
    family = open_family(session, factories.keystore(), ACTOR, holder.person, "fa")
    shared = next(card for card in cards_of_person(session, holder.person) if card.wallet_id == family.wallet_id)
    member = Holder(session)
    code = new_family_code(session, ACTOR, family.wallet_id)
    join_family(session, factories.keystore(), ACTOR, member.person, code, "fa")
    theirs = next(card for card in cards_of_person(session, member.person) if card.wallet_id == family.wallet_id)
    session.commit()
    transfers.transfer_own(session, ACTOR, holder.person, holder.first.id, shared.card_id, 60_000, new_key())
    session.commit()
    with pytest.raises(OnlyTheHead):
        transfers.transfer_own(session, ACTOR, member.person, theirs.card_id, member.second.id, 1, new_key())
    transfers.transfer_own(session, ACTOR, holder.person, shared.card_id, holder.second.id, 10_000, new_key())
    session.commit()
    assert holder.money == (40_000, 10_000)
    assert balances(session, family.wallet_id, clock.now()).money_rial == 50_000
