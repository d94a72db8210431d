"""Who leaves is paid to the last Rial, in cash, by bank or as a gift; and what is given reaches its receiver."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.queries import card_profile
from cardbank.cards.rules import CardStatus
from cardbank.cards.services import replace_card
from cardbank.errors import CardNotFound, CardNotUsable, PostingRefused
from cardbank.families.services import open_family
from cardbank.ledger.types import AccountKind, EntryKind, Key, Source
from cardbank.ledger.verify import verify
from cardbank.reasons import Reason
from cardbank.services import new_request_key, request_key
from identity.models import Person
from kernel import clock
from kernel.settings import load_settings
from merchants.giving import services as giving
from merchants.giving.errors import ReceiverNotFound, WrongCause, WrongReceiver
from merchants.giving.models import Receiver
from merchants.giving.queries import cause_of_entry, receivers_open, receivers_page
from merchants.leaving import forgetting
from merchants.leaving.errors import CardOwes, NothingToPayOut, SharedWallet, WouldLapse, WrongHolder
from merchants.leaving.models import Leaving
from merchants.leaving.queries import leavings_page, sums_since
from merchants.leaving.rules import Standing, Way, standing_of
from merchants.leaving.services import Wish, pay_out
from merchants.leaving.verify import LEAVINGS
from merchants.settlement.errors import (
    HolderIsNotTheShop,
    PayoutAnswered,
    PayoutFileForgotten,
    StatementNotFound,
    WrongSheba,
)
from merchants.settlement.queries import payout_file_hashes, proposed_accounts
from merchants.settlement.rules.sheba import make_sheba
from merchants.settlement.services.accounts import approve_account
from merchants.settlement.services.closing import close_now
from merchants.settlement.services.files import payout_file
from merchants.settlement.services.payouts import accept_batch, return_leaving
from merchants.settlement.verify import SETTLEMENT
from tests import factories
from tests.factories import ACTOR
from tests.merchants.settlement.trade import balance, holder, post, request

SHEBA = make_sheba("017", "12345")
CASH = Wish(Way.CASH)
MONEY, SENT, CASH_TAKEN, BANK, PAYABLE = (
    AccountKind.MONEY, AccountKind.PAYOUT_SENT, AccountKind.CASH_TAKEN, AccountKind.BANK, AccountKind.PAYABLE,
)  # fmt: skip
NETWORK = 1


def key() -> Key:
    return request_key(Source.DESK, 9, new_request_key())


@pytest.fixture
def card(session: Session) -> Card:
    """Of a person, with 750,000 Rial."""
    made = factories.card(session, person_id=factories.person(session).id, money_rial=750_000)
    session.commit()
    return made


@pytest.fixture
def receiver(session: Session) -> Receiver:
    made = giving.register_receiver(
        session, ACTOR, 1, {"fa": "موقوفات نمونه", "en": "Sample endowment"}, {"fa": "غذای زائران", "en": "Meals for pilgrims"},
        ["vow", "endowment"], SHEBA, "موقوفات نمونه",
    )  # fmt: skip
    [waiting] = proposed_accounts(session)
    approve_account(session, ACTOR, 2, waiting.account.id)
    session.commit()
    return made


@pytest.fixture
def proven(session: Session, database_url: str) -> Iterator[None]:
    """After the test the ledger and its business rows agree."""
    yield
    session.commit()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SELECT ledger.roll_up(10000)")
        assert [check for check in verify(connection, (LEAVINGS, SETTLEMENT)) if not check.ok] == []


def by_bank(session: Session, card: Card) -> Wish:
    held = card_profile(session, card.id)
    assert held is not None
    return Wish(Way.SHEBA, sheba=SHEBA, holder_name=session.get_one(Person, held.person_id).names["fa"])


def status(session: Session, card: Card) -> CardStatus:
    found = card_profile(session, card.id)
    assert found is not None
    return found.status


@pytest.mark.usefixtures("proven")
def test_cash_leaves_exactly_nothing_and_closes_the_card_once(session: Session, card: Card) -> None:
    taken, asked = balance(session, NETWORK, CASH_TAKEN), key()
    for _ in range(2):
        answer = pay_out(session, ACTOR, card.id, CASH, asked)
        session.commit()
        assert (answer.amount, answer.money_balance) == (750_000, 0)
    assert (balance(session, card.wallet_id or 0, MONEY), status(session, card)) == (0, CardStatus.REFUNDED)
    assert balance(session, NETWORK, CASH_TAKEN) - taken == 750_000
    [row] = leavings_page(session)
    assert (row.way, row.amount_rial, row.masked, row.payout_state) == ("cash", 750_000, card.masked, "none")
    assert sums_since(session, row.left_at) == {"cash": (1, 750_000)}
    with pytest.raises(NothingToPayOut):
        pay_out(session, ACTOR, card.id, CASH, key())


def test_the_account_is_forgotten_years_after_the_bank_has_paid_and_never_before(
    session: Session, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay_out(session, ACTOR, card.id, by_bank(session, card), key())
    session.commit()
    batch = close_now(session, ACTOR)
    session.commit()
    kept, now = timedelta(days=load_settings().payout_account_days), clock.now()
    assert SHEBA in payout_file(session, batch.id, "csv").decode()
    monkeypatch.setattr(forgetting.clock, "now", lambda: now + 2 * kept)
    assert forgetting.forget_accounts(session) == 0, "the bank has not answered"
    monkeypatch.undo()
    accept_batch(session, ACTOR, batch.reference)
    session.commit()
    for later, forgotten in ((kept - timedelta(days=1), 0), (kept + timedelta(days=1), 1)):
        monkeypatch.setattr(forgetting.clock, "now", lambda: now + later)  # noqa: B023 - called within the turn
        assert forgetting.forget_accounts(session) == forgotten
    session.commit()
    row = session.scalars(select(Leaving)).one()
    assert (row.sheba, row.holder_name, row.amount_rial, row.payout_state) == (None, None, 750_000, "accepted")
    for form in ("csv", "xml"):
        with pytest.raises(PayoutFileForgotten):
            payout_file(session, batch.id, form)
    assert len(payout_file_hashes(session, batch.id)["csv"]) == 64


@pytest.mark.usefixtures("proven")
def test_a_bank_account_is_paid_with_the_next_settlement(session: Session, card: Card) -> None:
    pay_out(session, ACTOR, card.id, by_bank(session, card), key())
    session.commit()
    assert [balance(session, card.wallet_id or 0, kind) for kind in (MONEY, SENT)] == [0, 750_000]
    batch = close_now(session, ACTOR)
    session.commit()
    assert (batch.statements, batch.payouts, batch.payout_rial, batch.states["sent"]) == (0, 1, 750_000, 1)
    assert accept_batch(session, ACTOR, batch.reference) == 1
    session.commit()
    assert balance(session, card.wallet_id or 0, SENT) == 0
    with pytest.raises(PayoutAnswered):
        accept_batch(session, ACTOR, batch.reference)


@pytest.mark.usefixtures("proven")
def test_what_the_bank_sends_back_is_paid_out_another_way(session: Session, card: Card) -> None:
    pay_out(session, ACTOR, card.id, by_bank(session, card), key())
    session.commit()
    batch = close_now(session, ACTOR)
    session.commit()
    [row] = leavings_page(session)
    return_leaving(session, ACTOR, row.reference, "no such account")
    session.commit()
    assert (batch.returned, [balance(session, card.wallet_id or 0, kind) for kind in (MONEY, SENT)]) == (1, [750_000, 0])
    pay_out(session, ACTOR, card.id, CASH, key())
    session.commit()
    assert balance(session, card.wallet_id or 0, MONEY) == 0
    for reference, refusal in ((row.reference, PayoutAnswered), ("PL0000000099", StatementNotFound), ("PLx", StatementNotFound)):
        with pytest.raises(refusal):
            return_leaving(session, ACTOR, reference, "again")


@pytest.mark.usefixtures("proven")
def test_everything_may_go_to_a_receiver(session: Session, card: Card, receiver: Receiver) -> None:
    answer = pay_out(session, ACTOR, card.id, Wish(Way.GIFT, receiver_id=receiver.merchant_id, cause="endowment"), key())
    session.commit()
    assert cause_of_entry(session, answer.business_date, answer.entry_id) == "endowment"
    [row] = receivers_page(session, clock.now())
    assert (row.givings, row.given_rial, balance(session, row.wallet_id, PAYABLE)) == (1, 750_000, 750_000)
    batch = close_now(session, ACTOR)
    assert (batch.payouts, batch.payout_rial, batch.commission_rial) == (1, 750_000, 0)


@pytest.mark.parametrize(
    ("wish", "refusal", "field"),
    [
        (Wish(Way.SHEBA, sheba="IR12", holder_name="x"), WrongSheba, "sheba"),
        (Wish(Way.SHEBA, sheba=SHEBA, holder_name=""), WrongHolder, "holder_name"),
        (Wish(Way.SHEBA, sheba=SHEBA, holder_name="Somebody Else"), WrongHolder, "holder_name"),
        (Wish(Way.GIFT, receiver_id=10**9, cause="vow"), ReceiverNotFound, "receiver"),
    ],
)
def test_what_is_wrong_is_told_and_the_card_stays_as_it_was(
    session: Session, card: Card, wish: Wish, refusal: type[Exception], field: str
) -> None:
    with pytest.raises(refusal) as caught:
        pay_out(session, ACTOR, card.id, wish, key())
    assert caught.value.facts["field"] == field  # type: ignore[attr-defined]
    session.rollback()
    assert (status(session, card), balance(session, card.wallet_id or 0, MONEY)) == (CardStatus.ACTIVE, 750_000)


def test_whoever_holds_a_nameless_card_names_the_account(session: Session) -> None:
    nameless = factories.card(session, money_rial=5_000)
    session.commit()
    pay_out(session, ACTOR, nameless.id, Wish(Way.SHEBA, sheba=SHEBA, holder_name="Zahra Ahmadi"), key())
    assert session.query(Leaving).one().holder_name == "Zahra Ahmadi"


def test_a_familys_money_is_moved_by_its_head_first(session: Session, card: Card) -> None:
    held = card_profile(session, card.id)
    assert held is not None
    family = open_family(session, factories.keystore(), ACTOR, held.person_id or 0, "fa")
    shared = session.query(Card).filter_by(wallet_id=family.wallet_id).one()
    with pytest.raises(SharedWallet):
        pay_out(session, ACTOR, shared.id, CASH, key())


def test_an_unknown_or_replaced_card_is_not_paid_out(session: Session, card: Card) -> None:
    with pytest.raises(CardNotFound):
        pay_out(session, ACTOR, 10**9, CASH, key())
    replace_card(session, factories.keystore(), ACTOR, card.id)
    with pytest.raises(CardNotUsable):
        pay_out(session, ACTOR, card.id, CASH, key())


def test_credit_lapses_only_where_the_holder_knows_it(session: Session, card: Card) -> None:
    card.wallet_id = holder(session, money_rial=1_000, credit_rial=300)
    session.commit()
    with pytest.raises(WouldLapse) as caught:
        pay_out(session, ACTOR, card.id, CASH, key())
    assert caught.value.facts == {"field": "knows_loss", "amount_rial": 300}
    session.rollback()
    assert pay_out(session, ACTOR, card.id, Wish(Way.CASH, knows_loss=True), key()).amount == 1_000


def test_a_debt_comes_first(session: Session, card: Card) -> None:
    assert standing_of(
        {MONEY: 5, AccountKind.LINE: -3, AccountKind.OWED: -2, AccountKind.HOLD: 1, AccountKind.GIFT: 4}
    ) == Standing(5, 4, 6)
    shop = factories.merchant(session)
    session.commit()
    post(session, request(EntryKind.ADVICE, card.wallet_id or 0, 800_000, shop.wallet_id))
    with pytest.raises(CardOwes) as caught:
        pay_out(session, ACTOR, card.id, CASH, key())
    assert caught.value.facts == {"amount_rial": 50_000}


@pytest.mark.usefixtures("proven")
def test_a_gift_is_given_once_and_for_what_the_receiver_takes(session: Session, card: Card, receiver: Receiver) -> None:
    held, asked = card_profile(session, card.id), key()
    assert held is not None
    person = held.person_id or 0

    def give(amount: int, cause: str = "vow", by: Key | None = None) -> Reason:
        reason = giving.give(session, ACTOR, person, card.id, receiver.merchant_id, cause, amount, by or key()).reason
        session.commit()
        return reason

    assert [give(50_000, by=asked) for _ in range(2)] == [Reason.APPROVED] * 2
    assert balance(session, card.wallet_id or 0, MONEY) == 700_000
    with pytest.raises(WrongCause):
        give(1, "charity")
    with pytest.raises(PostingRefused) as caught:
        give(700_001)
    assert caught.value.facts == {"reason": Reason.INSUFFICIENT_FUNDS}
    session.rollback()
    giving.end_receiver(session, ACTOR, receiver.merchant_id)
    with pytest.raises(ReceiverNotFound):
        give(1)


def test_nobody_gives_to_a_receiver_that_one_person_alone_has_registered(session: Session, card: Card) -> None:
    made = giving.register_receiver(session, ACTOR, 1, {"fa": "خیریه"}, {"fa": "کمک به نیازمندان"}, ["charity"], SHEBA, "خیریه")
    assert receivers_open(session, clock.now()) == []
    held = card_profile(session, card.id)
    assert held is not None
    with pytest.raises(ReceiverNotFound):
        giving.give(session, ACTOR, held.person_id or 0, card.id, made.merchant_id, "charity", 1, key())


@pytest.mark.parametrize(
    ("name", "about", "causes", "field"),
    [
        ("x", "about", ["vow"], "name"),
        ("name", "", ["vow"], "about"),
        ("name", "about", [], "causes"),
        ("name", "about", ["fun"], "causes"),
    ],
)
def test_what_a_receiver_lacks_is_told(session: Session, name: str, about: str, causes: list[str], field: str) -> None:
    with pytest.raises(WrongReceiver) as caught:
        giving.register_receiver(session, ACTOR, 1, {"fa": name}, {"fa": about}, causes, SHEBA, "holder")
    assert caught.value.facts["field"] == field


def test_a_receivers_account_has_a_holder(session: Session) -> None:
    with pytest.raises(HolderIsNotTheShop):
        giving.register_receiver(session, ACTOR, 1, {"fa": "خیریه"}, {"fa": "کمک"}, ["charity"], SHEBA, " ")
