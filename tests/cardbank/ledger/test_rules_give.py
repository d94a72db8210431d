"""Top-up, earning without a purchase, expiry and transfer."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from cardbank.ledger.rules.decide import decide
from cardbank.ledger.types import NETWORK_WALLET_ID, AccountKind, EntryKind, Tender
from cardbank.ledger.views import AccountView, Amend, NewAccount, OriginalLeg, OriginalView, wallet_view
from cardbank.reasons import Reason
from tests.cardbank.ledger.test_rules_pay import (
    CREDIT,
    ENDS,
    ISSUED,
    MONEY,
    NOW,
    PAYABLE,
    PROGRAMME,
    SHOP,
    STARTED,
    earning,
    moves,
    purchase,
    purse,
    shared,
)  # fmt: skip

CASH, BANK, TRANSIT, LAPSED = 10, 11, 12, 91


def view():
    together = shared()
    together.lazy |= {
        (NETWORK_WALLET_ID, AccountKind.CASH_TAKEN, 1): CASH,
        (NETWORK_WALLET_ID, AccountKind.BANK, 1): BANK,
        (NETWORK_WALLET_ID, AccountKind.IN_TRANSIT, 1): TRANSIT,
        (PROGRAMME, AccountKind.LAPSED, 1): LAPSED,
    }
    return together


def ask(kind: EntryKind, rial: int, *purses: AccountView, original: OriginalView | None = None, **facts: object):
    request = replace(purchase(rial, kind=kind, shop_id=None), **facts)
    return decide(wallet_view(7, purses), view(), original, request, NOW)


@pytest.mark.parametrize(
    ("facts", "source"),
    [
        ({}, CASH),
        ({"tender": (Tender(AccountKind.CASH_TAKEN, None, None, False),)}, CASH),
        ({"tender": (Tender(AccountKind.BANK, None, None, False),)}, BANK),
        ({"shop_id": SHOP}, PAYABLE),
    ],
)
def test_a_top_up_is_taken_by_the_desk_the_bank_or_the_shop(facts, source):
    decision = ask(EntryKind.TOP_UP, 100, purse(70, MONEY, 5), **facts)
    assert moves(decision) == [(70, 100), (source, -100)]
    assert decision.answer.money_balance == 105


@pytest.mark.parametrize(
    ("taken", "rial", "expected"),
    [
        ({SHOP: 900}, 100, Reason.APPROVED),
        ({SHOP: 900}, 101, Reason.CASH_LIMIT_OF_DAY),
        ({SHOP: 0}, 1_001, Reason.CASH_LIMIT_OF_DAY),
        ({}, 1, Reason.CASH_LIMIT_OF_DAY),
    ],
)
def test_a_shop_takes_cash_up_to_its_limit_and_none_while_nobody_knows_what_it_took(taken, rial, expected):
    known = view()
    known.cash_taken |= taken
    request = purchase(rial, kind=EntryKind.TOP_UP, shop_id=SHOP, cash_limit=1_000)
    decision = decide(wallet_view(7, [purse(70, MONEY, 0)]), known, None, request, NOW)
    assert decision.reason is expected
    assert bool(decision.legs) is (expected is Reason.APPROVED)


def test_a_top_up_pays_what_is_owed_first():
    debt = AccountView(75, AccountKind.OWED, 1, -40, None, 0)
    assert moves(ask(EntryKind.TOP_UP, 100, purse(70, MONEY, 5), debt)) == [(75, 40), (70, 60), (CASH, -100)]
    decision = ask(EntryKind.TOP_UP, 30, purse(70, MONEY, 5), debt)
    assert moves(decision) == [(75, 30), (CASH, -30)]
    assert decision.answer.owed == 10


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"shop_id": 404}, Reason.INVALID_SHOP),
        ({"tender": (Tender(MONEY, None, None, False),)}, Reason.INVALID_TRANSACTION),
        ({"amount": 0}, Reason.INVALID_AMOUNT),
        ({"unit": 2}, Reason.INVALID_CURRENCY),
        ({"limit_amount": 99}, Reason.AMOUNT_LIMIT),
    ],
)
def test_a_bad_top_up_is_declined(facts, expected):
    decision = ask(EntryKind.TOP_UP, 100, purse(70, MONEY, 5), **facts)
    assert (decision.reason, decision.legs) == (expected, ())


def test_credit_without_a_purchase_opens_a_lot_and_touches_the_money():
    decision = ask(EntryKind.EARN, 0, purse(70, MONEY, 5), earn=(earning(fixed=40),))
    lot = NewAccount(CREDIT, 1, 0, PROGRAMME, PROGRAMME, None, STARTED, ENDS)
    assert moves(decision) == [(lot, 40), (ISSUED, -40)]
    assert (decision.touch, decision.answer.amount, decision.answer.earned) == (70, 40, 40)
    assert ask(EntryKind.EARN, 1000, purse(70, MONEY, 5), earn=(earning(),)).answer.amount == 25
    assert ask(EntryKind.EARN, 0, purse(70, MONEY, 5), earn=(earning(),)).reason is Reason.INVALID_AMOUNT


def test_a_lot_lapses_once_no_offline_advice_can_spend_it():
    named = (Tender(None, 71, None, False),)

    def lapse(age: timedelta, balance: int = 30):
        return ask(
            EntryKind.EXPIRY,
            0,
            purse(70, MONEY, 5),
            purse(71, CREDIT, balance, usable_until=NOW - age),
            tender=named,
        )

    assert moves(lapse(timedelta(hours=72))) == [(71, -30), (LAPSED, 30)]
    assert lapse(timedelta(hours=72)).answer.amount == 30
    assert lapse(timedelta(hours=72) - timedelta(microseconds=1)).reason is Reason.INVALID_TRANSACTION
    assert lapse(timedelta(days=9), balance=0).reason is Reason.INVALID_AMOUNT
    assert ask(EntryKind.EXPIRY, 0, purse(71, MONEY, 5), tender=named).reason is Reason.INVALID_TRANSACTION
    assert ask(EntryKind.EXPIRY, 0, purse(71, MONEY, 5)).reason is Reason.INVALID_TRANSACTION


def departure(**facts: object) -> OriginalView:
    legs = (
        OriginalLeg(60, 6, MONEY, 1, -50, 0, None),
        OriginalLeg(TRANSIT, NETWORK_WALLET_ID, AccountKind.IN_TRANSIT, 1, 50, 0, None),
    )
    sent = OriginalView(Reason.APPROVED, False, "", EntryKind.TRANSFER, 6, None, NOW.date(), 500, unit=1, amount=50, legs=legs)
    return replace(sent, **facts)


def test_a_transfer_leaves_into_transit_and_arrives_once():
    assert moves(ask(EntryKind.TRANSFER, 50, purse(70, MONEY, 50), to_wallet_id=6)) == [
        (70, -50),
        (TRANSIT, 50),
    ]
    arrival = ask(EntryKind.TRANSFER, 50, purse(70, MONEY, 0), original=departure())
    assert moves(arrival) == [(70, 50), (TRANSIT, -50)]
    assert arrival.original == (NOW.date(), 500)
    assert arrival.amend == Amend(NOW.date(), 500, False, 50, (0, 50), 0)


@pytest.mark.parametrize(
    ("facts", "original", "expected"),
    [
        ({"to_wallet_id": 6, "amount": 51}, None, Reason.INSUFFICIENT_FUNDS),
        ({"to_wallet_id": 7}, None, Reason.INVALID_TRANSACTION),
        ({}, None, Reason.ORIGINAL_NOT_FOUND),
        ({}, departure(returned=50), Reason.ORIGINAL_AMOUNT_INCORRECT),
        ({"amount": 49}, departure(), Reason.ORIGINAL_AMOUNT_INCORRECT),
        ({}, departure(legs=departure().legs[:1]), Reason.INVALID_TRANSACTION),
    ],
)
def test_a_bad_transfer_is_declined(facts, original, expected):
    decision = ask(EntryKind.TRANSFER, 50, purse(70, MONEY, 50), original=original, **facts)
    assert (decision.reason, decision.legs) == (expected, ())


def test_a_fee_is_paid_by_money_alone_and_earned_by_the_network():
    together = view()
    together.lazy |= {(NETWORK_WALLET_ID, AccountKind.COMMISSION, 1): 13}
    request = purchase(50, kind=EntryKind.FEE, shop_id=None)
    decision = decide(wallet_view(7, (purse(70, MONEY, 50),)), together, None, request, NOW)
    assert moves(decision) == [(70, -50), (13, 50)]
    assert decision.answer.paid == {MONEY: 50}
    short = decide(wallet_view(7, (purse(70, MONEY, 49), purse(71, CREDIT, 500))), together, None, request, NOW)
    assert (short.answer.reason, short.legs) == (Reason.INSUFFICIENT_FUNDS, ())
