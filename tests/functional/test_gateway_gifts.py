"""Gift cards at a till: 0200 280060 and what undoes it, through the real gateway, teller and database."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.queries import card_profile, find_by_number
from cardbank.cards.rules import CardProfile, CardStatus
from cardbank.gifts.rules import MOST_HELD_RIAL
from cardbank.gifts.services import export_batch, make_batch, withdraw_batch
from cardbank.ledger.client import SyncTellerClient
from cardbank.ledger.types import RIAL, EntryKind, Key, PostingRequest, Source
from cardbank.ledger.verify import verify
from cardbank.reasons import Reason
from cardbank.services import new_request_key
from kernel import clock
from merchants.gifts import stranded
from merchants.models import Merchant
from pos_gateway.wire.codec import Message
from pos_gateway.wire.presence import check_presence
from pos_gateway.wire.tlv import Tag
from tests import factories
from tests.functional.bank import MONEY, Bank
from tests.functional.test_gateway_repeats import facts, together
from tests.functional.till import Reply, Till

LIMIT = 150_000_000


@pytest.fixture(autouse=True)
def everything_balances(bank: Bank) -> Iterator[None]:
    yield
    with psycopg.connect(bank.database_url, autocommit=True) as connection:
        connection.execute("SELECT ledger.roll_up(10000)")
        assert [check for check in verify(connection) if not check.ok] == []


@pytest.fixture
def shop(bank: Bank) -> Merchant:
    with bank.session() as session:
        merchant = factories.merchant(session)
        factories.contract(session, merchant.id, cash_limit_rial=LIMIT)
        session.commit()
    return merchant


@pytest.fixture
def at(bank: Bank, shop: Merchant) -> Iterator[Till]:
    terminal = bank.till(shop=shop)
    yield terminal
    terminal.close()


@pytest.fixture
def gift(bank: Bank) -> str:
    """The number of a gift card that nobody has bought yet."""
    return gifts(bank, 1)[0]


def gifts(bank: Bank, count: int) -> list[str]:
    with bank.session() as session:
        batch = make_batch(session, bank.keystore, factories.ACTOR, new_request_key(), count, "Nowruz")
        session.commit()
        numbers = [number for number, _ in export_batch(session, bank.keystore, factories.ACTOR, batch.id)]
        session.commit()
    return numbers


def load(till: Till, number: str, amount: int, operation: str = "A") -> Message:
    fields = till.fields(de3="280060", de4=f"{amount:012d}", de103=number)
    return Message("0200", fields | {48: {Tag.GIFT_OPERATION: operation}})  # type: ignore[dict-item]


def reversal(till: Till, message: Message) -> Message:
    """It names the gift card and the operation as its original does."""
    made = till.reversal(message, de103=message.fields[103])
    return Message("0400", made.fields | {48: message.fields[48]})


def back(till: Till, done: Reply, number: str) -> Message:
    """0200 220000 of a load."""
    void = till.void(done, "220000", de103=number)
    return Message("0200", void.fields | {48: {Tag.GIFT_OPERATION: "L"}})  # type: ignore[dict-item]


def held(bank: Bank, number: str) -> tuple[int, CardStatus]:
    """What a gift card holds, and its state."""
    index = bank.keystore.card_number_index(number)
    with bank.session() as session:
        row = session.query(Card).filter(Card.number_index == index).one()
        found = card_profile(session, row.id)
    assert found is not None
    sql = "SELECT coalesce(sum(balance), 0) FROM ledger.account WHERE wallet_id = %s AND kind = 2"
    return int(bank.read(sql, found.wallet_id)[0][0]), found.status


def owed_to(bank: Bank, shop: Merchant) -> int:
    sql = "SELECT balance FROM ledger.account_now WHERE wallet_id = %s AND kind = 20"
    return int(bank.read(sql, shop.wallet_id)[0][0])


def test_a_gift_is_sold_for_cash_asked_for_loaded_again_and_spent_until_nothing_is_left(
    bank: Bank, at: Till, shop: Merchant, gift: str
) -> None:
    assert at.ask(at.purchase(gift, 1_000)).reason == Reason.CARD_NOT_ACTIVATED
    message = load(at, gift, 500_000)
    sold = at.ask(message)
    check_presence(sold.message)
    assert (sold.code, sold.reason, sold[54]) == ("00", 0, "6002364C000000500000")
    assert "کارت هدیه: ۵۰۰٬۰۰۰" in sold.receipt[Tag.CUSTOMER_COPY]
    assert Tag.PAID_FROM_CARD not in sold.tags
    again = at.ask(at.again(message))
    assert (facts(again), again.tags[Tag.REPLAYED]) == (facts(sold), "1")
    assert (held(bank, gift), owed_to(bank, shop)) == ((500_000, CardStatus.ACTIVE), -500_000)
    assert at.ask(load(at, gift, 1)).reason == Reason.GIFT_ACTIVE_ALREADY
    assert at.ask(load(at, gift, 100_000, "L")).code == "00"
    asked = Message("0100", at.fields(de3="310000", de2=gift) | {48: {}})
    answer = at.ask(asked)
    check_presence(answer.message)
    assert answer[54] == "6002364C000000600000"
    bought = at.ask(at.purchase(gift, 600_000))
    assert (bought.number(Tag.PAID_BY_GIFT), bought.number(Tag.PAID_FROM_CARD)) == (600_000, 0)
    assert bought.number(Tag.CREDIT_EARNED) == 0
    assert "ماندهٔ هدیه: ۰" in bought.receipt[Tag.CUSTOMER_COPY]
    assert at.ask(at.purchase(gift, 1)).code == "51"
    assert held(bank, gift) == (0, CardStatus.ACTIVE)


def test_a_gift_comes_back_unspent_to_its_shop_and_pays_no_more(bank: Bank, at: Till, shop: Merchant, gift: str) -> None:
    sold = at.ask(load(at, gift, 300_000))
    with bank.session() as session:
        other = factories.merchant(session)
        factories.contract(session, other.id, cash_limit_rial=LIMIT)
        session.commit()
    elsewhere = bank.till(shop=other)
    assert elsewhere.ask(back(elsewhere, sold, gift)).reason == Reason.NOT_OF_THIS_SHOP
    elsewhere.close()
    colleague = bank.till(shop=shop)
    message = back(colleague, sold, gift)
    given = colleague.ask(message)
    assert (given.code, given[54]) == ("00", "6002364C000000000000")
    assert "پس دادن هدیه: ۳۰۰٬۰۰۰" in given.receipt[Tag.CUSTOMER_COPY]
    assert (held(bank, gift), owed_to(bank, shop)) == ((0, CardStatus.BLOCKED), 0)
    assert at.ask(load(at, gift, 1_000)).code == "62"
    assert colleague.ask(reversal(colleague, message)).code == "00"
    colleague.close()
    assert held(bank, gift) == (300_000, CardStatus.ACTIVE)
    assert at.ask(at.purchase(gift, 1)).code == "00"
    assert at.ask(back(at, sold, gift)).code == "51"


def test_the_reversal_of_a_load_lets_it_be_sold_again_and_blocks_what_was_spent(
    bank: Bank, at: Till, shop: Merchant, gift: str
) -> None:
    lost = load(at, gift, 200_000)
    assert at.ask(reversal(at, lost)).reason == Reason.TOMBSTONE_WRITTEN
    assert at.ask(lost).code == "21"
    message = load(at, gift, 200_000)
    assert at.ask(message).code == "00"
    assert at.ask(reversal(at, message)).code == "00"
    assert held(bank, gift)[0] == 0
    message = load(at, gift, 200_000)
    assert at.ask(message).code == "00"
    assert at.ask(at.purchase(gift, 50_000)).code == "00"
    assert at.ask(reversal(at, message)).code == "00"
    assert held(bank, gift) == (0, CardStatus.BLOCKED)
    assert bank.read("SELECT sum(balance) FROM ledger.account WHERE kind = 10 AND balance < 0") == [(-50_000,)]
    assert owed_to(bank, shop) == 50_000
    assert at.ask(load(at, gift, 200_000)).code == "62"


@pytest.mark.parametrize(
    ("amount", "operation", "reason"),
    [
        (MOST_HELD_RIAL + 1, "A", Reason.AMOUNT_LIMIT),
        (1_000, "L", Reason.CARD_NOT_ACTIVATED),
        (1_000, "X", Reason.INVALID_TRANSACTION),
        (0, "A", Reason.INVALID_AMOUNT),
    ],
)
def test_a_load_that_cannot_be_is_refused(bank: Bank, at: Till, gift: str, amount: int, operation: str, reason: Reason) -> None:
    refused = at.ask(load(at, gift, amount, operation))
    assert refused.reason == reason
    assert held(bank, gift) == (0, CardStatus.ISSUED)


def test_only_gift_cards_are_loaded_and_only_where_cash_may_be_taken(bank: Bank, at: Till, card: dict[str, Any], gift: str) -> None:
    assert at.ask(load(at, card["card_number"], 1_000, "L")).reason == Reason.NOT_PERMITTED_TO_CARD
    assert at.ask(load(at, "9364000000000000001", 1_000)).code == "14"
    assert at.ask(at.purchase(gift, 1_000, de3="210000")).reason == Reason.NOT_PERMITTED_TO_CARD
    assert at.ask(Message("0100", at.fields(de3="310000", de2=card["card_number"]) | {48: {}})).code == "57"
    nameless = Message("0200", at.fields(de3="280060", de4=f"{1_000:012d}") | {48: {Tag.GIFT_OPERATION: "A"}})  # type: ignore[dict-item]
    assert (at.ask(nameless).code, at.ask(nameless)[44]) == ("30", "103")
    with bank.session() as session:
        other = factories.merchant(session)
        factories.contract(session, other.id)
        session.commit()
    till = bank.till(shop=other)
    assert till.ask(load(till, gift, 1_000)).code == "58"
    till.close()
    assert (bank.balance(card), held(bank, gift)) == (MONEY, (0, CardStatus.ISSUED))


def test_what_is_withdrawn_is_not_sold_any_more(bank: Bank, at: Till) -> None:
    sold, unsold = gifts(bank, 2)
    assert at.ask(load(at, sold, 1_000)).code == "00"
    with bank.session() as session:
        [(batch_id,)] = bank.read("SELECT max(id) FROM gift_batch")
        assert withdraw_batch(session, factories.ACTOR, batch_id, "the printer lost the file") == 1
        session.commit()
    assert (held(bank, sold)[1], held(bank, unsold)[1]) == (CardStatus.ACTIVE, CardStatus.BLOCKED)
    assert at.ask(load(at, unsold, 1_000)).code == "62"


def test_ten_tills_that_activate_one_card_at_once_sell_it_once(bank: Bank, shop: Merchant, gift: str) -> None:
    tills = [bank.till(shop=shop) for _ in range(10)]
    replies = together(*((till, load(till, gift, 1_000)) for till in tills))
    assert sorted(reply.code for reply in replies) == ["00"] + ["57"] * 9
    assert (held(bank, gift), owed_to(bank, shop)) == ((1_000, CardStatus.ACTIVE), -1_000)
    for till in tills:
        till.close()


def buy(till: Till, card: dict[str, Any], number: str, amount: int) -> Message:
    """0200 006000: the card pays for the gift card."""
    fields = till.purchase(card["card_number"], amount, {Tag.GIFT_OPERATION: "C"}, de3="006000", de103=number).fields
    return Message("0200", fields)


def test_a_card_pays_for_a_gift_and_both_move_or_neither(bank: Bank, at: Till, shop: Merchant, card: dict[str, Any]) -> None:
    one, other = gifts(bank, 2)
    message = buy(at, card, one, 400_000)
    bought = at.ask(message)
    check_presence(bought.message)
    assert bought.code == "00"
    assert "به کارت هدیه رفت" in " ".join(bought.receipt[Tag.FOOTER].split())
    assert facts(at.ask(at.again(message))) == facts(bought)
    assert (bank.balance(card), held(bank, one), owed_to(bank, shop)) == (MONEY - 400_000, (400_000, CardStatus.ACTIVE), 0)
    assert bank.credit(card) == 0
    assert at.ask(buy(at, card, one, MONEY)).code == "51"
    too_much = buy(at, card, one, MOST_HELD_RIAL)
    assert at.ask(too_much).code == "51"
    rich = bank.card(money_rial=2 * MOST_HELD_RIAL)
    full = buy(at, rich, one, MOST_HELD_RIAL)
    assert [at.ask(again).reason for again in (full, at.again(full))] == [Reason.AMOUNT_LIMIT] * 2
    assert (bank.balance(rich), held(bank, one)[0]) == (2 * MOST_HELD_RIAL, 400_000)
    assert at.ask(buy(at, {"card_number": one}, other, 1_000)).code == "57"
    assert at.ask(buy(at, card, card["card_number"], 1_000)).code == "57"
    assert bank.read("SELECT balance FROM ledger.account_now WHERE wallet_id = 1 AND kind = 46") == [(0,)]


def test_the_reversal_of_a_bought_gift_gives_the_money_back_whenever_it_comes(
    bank: Bank, at: Till, card: dict[str, Any], gift: str
) -> None:
    lost = buy(at, card, gift, 100_000)
    assert at.ask(reversal(at, lost)).reason == Reason.TOMBSTONE_WRITTEN
    assert at.ask(lost).code == "21"
    message = buy(at, card, gift, 100_000)
    assert at.ask(message).code == "00"
    assert at.ask(reversal(at, message)).code == "00"
    assert (bank.balance(card), held(bank, gift)[0]) == (MONEY, 0)
    message = buy(at, card, gift, 100_000)
    assert at.ask(message).code == "00"
    assert at.ask(at.purchase(gift, 30_000)).code == "00"
    undo = reversal(at, message)
    assert [at.ask(one).code for one in (undo, at.again(undo))] == ["00", "00"]
    assert (bank.balance(card), held(bank, gift)) == (MONEY, (0, CardStatus.BLOCKED))
    assert bank.read("SELECT balance FROM ledger.account_now WHERE wallet_id = 1 AND kind = 46") == [(0,)]


def test_what_left_for_a_gift_and_never_arrived_goes_back_once(
    bank: Bank, at: Till, card: dict[str, Any], gift: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = buy(at, card, gift, 90_000)
    whole = at.ask(buy(at, card, gift, 10_000))
    assert whole.code == "00"
    with bank.session() as session, closing(SyncTellerClient(bank.teller_socket)) as teller:
        payer, to = card_of(session, card["card_number"]), card_of(session, gift)
        assert teller.post(departure_of(at, message, payer, to, 90_000)).reason is Reason.APPROVED
        assert bank.balance(card) == MONEY - 100_000
        assert stranded.send_back(session, teller.post) == 0, "its till may still settle it"
        monkeypatch.setattr(stranded, "WAITED", timedelta(0))
        assert [stranded.send_back(session, teller.post) for _ in range(2)] == [1, 0]
    assert (bank.balance(card), held(bank, gift)[0]) == (MONEY - 10_000, 10_000)
    assert at.ask(at.again(message)).code != "00", "too late: it has gone back"
    assert (bank.balance(card), held(bank, gift)[0]) == (MONEY - 10_000, 10_000)
    assert bank.read("SELECT balance FROM ledger.account_now WHERE wallet_id = 1 AND kind = 46") == [(0,)]


def card_of(session: Session, number: str) -> CardProfile:
    found = find_by_number(session, factories.keystore(), number)
    assert found is not None
    return found


def departure_of(at: Till, message: Message, payer: CardProfile, to: CardProfile, amount_rial: int) -> PostingRequest:
    """What the gateway posts first of a message, before it is killed."""
    now = clock.now()
    return PostingRequest(
        key=Key(now.date(), Source.TERMINAL, int(at.config["terminal"][1:]), message.fields[11]), content_hash=1, kind=EntryKind.TRANSFER,
        wallet_id=payer.wallet_id or 0, member_id=payer.member_id, card_id=payer.card_id, shop_id=None, terminal_id=int(at.config["terminal"][1:]),
        terminal_batch=None, unit=RIAL, amount=amount_rial, effective_at=now, deadline=now + timedelta(seconds=10), to_wallet_id=to.wallet_id,
    )  # fmt: skip
