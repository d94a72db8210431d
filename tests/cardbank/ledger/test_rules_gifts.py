"""Gifts: what loads them, what they may hold, and what of it comes back."""

import pytest
from msgspec.structs import replace

from cardbank.ledger.rules.decide import decide
from cardbank.ledger.types import AccountKind, EntryKind, Original, Tender
from cardbank.ledger.views import (
    AccountView,
    Case,
    CaseKind,
    NewAccount,
    OriginalLeg,
    OriginalView,
    wallet_view,
)
from cardbank.reasons import Reason
from tests.cardbank.ledger.test_rules_give import TRANSIT, ask, view
from tests.cardbank.ledger.test_rules_pay import MONEY, NOW, PAYABLE, SHOP, moves, purchase, purse

GIFT, OWED = AccountKind.GIFT, AccountKind.OWED
REF = (NOW.date(), 500)
OUT_OF_TRANSIT = (Tender(AccountKind.IN_TRANSIT, None, None, False),)


def load(rial: int, *purses: AccountView, original: OriginalView | None = None, **facts: object):
    facts = {"shop_id": SHOP, "into": GIFT} | facts
    return ask(EntryKind.TOP_UP, rial, purse(70, MONEY, 0), *purses, original=original, **facts)


def entry(kind: EntryKind, *legs: tuple[int, int, AccountKind, int], shop: int | None = SHOP, **facts: object) -> OriginalView:
    moved = tuple(OriginalLeg(account, wallet, of, 1, rial, 0, None) for account, wallet, of, rial in legs)
    found = OriginalView(Reason.APPROVED, False, "", kind, 7, 3, *REF, shop, 1, 1, 1, 100, moved)
    return replace(found, **facts)


def loaded(**facts: object) -> OriginalView:
    legs = (75, 7, GIFT, 100), (PAYABLE, SHOP, AccountKind.PAYABLE, -100)
    return entry(EntryKind.TOP_UP, *legs, **facts)


def sent(**facts: object) -> OriginalView:
    """Another wallet's money on its way to the gift."""
    legs = (80, 8, MONEY, -100), (TRANSIT, 1, AccountKind.IN_TRANSIT, 100)
    return entry(EntryKind.TRANSFER, *legs, shop=None, **{"wallet_id": 8} | facts)


def back(kind: EntryKind, of: OriginalView, *purses: AccountView, **facts: object):
    named = Original(None, REF, None)
    request = replace(purchase(100, kind=kind, shop_id=SHOP), terminal_id=1, terminal_batch=1, original=named)
    wallet = wallet_view(of.wallet_id or 0, purses)
    return decide(wallet, view(), of, replace(request, wallet_id=wallet.wallet_id, **facts), NOW)


def test_a_gift_is_money_that_only_its_purse_holds():
    opened = load(100)
    assert moves(opened) == [(NewAccount(GIFT, 1, 0), 100), (PAYABLE, -100)]
    assert (opened.touch, opened.answer.gift_balance, opened.answer.money_balance, opened.answer.earned) == (70, 100, 0, 0)
    assert moves(load(100, purse(75, GIFT, 5))) == [(75, 100), (PAYABLE, -100)]


def test_what_a_gift_owes_is_paid_first():
    debt = AccountView(76, OWED, 1, -40, None, 0)
    assert moves(load(100, purse(75, GIFT, 0), debt)) == [(76, 40), (75, 60), (PAYABLE, -100)]


@pytest.mark.parametrize(
    ("held", "facts", "expected"),
    [
        (0, {"must_be_empty": True}, Reason.APPROVED),
        (1, {"must_be_empty": True}, Reason.GIFT_ACTIVE_ALREADY),
        (50, {"most_held": 150}, Reason.APPROVED),
        (51, {"most_held": 150}, Reason.AMOUNT_LIMIT),
        (0, {"into": AccountKind.BENEFIT}, Reason.INVALID_TRANSACTION),
        (0, {"cash_limit": 1_000}, Reason.CASH_LIMIT_OF_DAY),
    ],
)
def test_what_a_gift_may_hold(held, facts, expected):
    decision = load(100, purse(75, GIFT, held), **facts)
    assert (decision.reason, bool(decision.legs)) == (expected, expected is Reason.APPROVED)


def test_a_gift_is_paid_by_what_another_wallet_has_sent():
    decision = load(100, purse(75, GIFT, 0), original=sent(), shop_id=None, tender=OUT_OF_TRANSIT)
    assert moves(decision) == [(75, 100), (TRANSIT, -100)]
    assert (decision.original, decision.amend) == (None, None)


@pytest.mark.parametrize("departure", [None, sent(reversed_by=9), sent(returned=100), loaded(), entry(EntryKind.TRANSFER)])
def test_nothing_arrives_that_was_not_sent(departure):
    decision = load(100, purse(75, GIFT, 0), original=departure, shop_id=None, tender=OUT_OF_TRANSIT)
    assert (decision.reason, decision.legs) == (Reason.ORIGINAL_NOT_FOUND, ())


def test_what_was_sent_comes_back_whole_and_what_arrived_is_no_reversal_of_its_own():
    decision = back(EntryKind.REVERSAL, sent(), purse(80, MONEY, 5))
    assert moves(decision) == [(80, 100), (TRANSIT, -100)]
    stands = Original(None, REF, 40)
    assert back(EntryKind.REVERSAL, sent(), purse(80, MONEY, 5), original=stands).reason is Reason.ORIGINAL_AMOUNT_INCORRECT
    arrived = entry(EntryKind.TRANSFER, (70, 7, MONEY, 100), (TRANSIT, 1, AccountKind.IN_TRANSIT, -100), shop=None)
    assert back(EntryKind.REVERSAL, arrived, purse(70, MONEY, 100)).reason is Reason.FUNCTION_NOT_SUPPORTED
    assert back(EntryKind.REVERSAL, sent(returned=100), purse(80, MONEY, 5)).reason is Reason.NOTHING_TO_REVERSE


def test_a_gift_is_given_back_whole_while_nothing_of_it_is_spent_at_any_till_of_its_shop():
    whole = back(EntryKind.VOID, loaded(), purse(75, GIFT, 100), terminal_id=2, terminal_batch=9)
    assert moves(whole) == [(PAYABLE, 100), (75, -100)]
    assert whole.amend is not None
    assert whole.amend.reverses
    spent = back(EntryKind.VOID, loaded(), purse(75, GIFT, 99))
    assert (spent.reason, spent.legs) == (Reason.INSUFFICIENT_FUNDS, ())
    assert back(EntryKind.VOID, loaded(), purse(75, GIFT, 100), shop_id=41).reason is Reason.NOT_OF_THIS_SHOP
    assert back(EntryKind.VOID, loaded(), purse(75, GIFT, 100), amount=60).reason is Reason.ORIGINAL_AMOUNT_INCORRECT
    cash = entry(EntryKind.TOP_UP, (70, 7, MONEY, 100), (PAYABLE, SHOP, AccountKind.PAYABLE, -100))
    assert back(EntryKind.VOID, cash, purse(70, MONEY, 100)).reason is Reason.FUNCTION_NOT_SUPPORTED


def test_the_reversal_of_a_gift_that_was_spent_is_owed():
    decision = back(EntryKind.REVERSAL, loaded(), purse(75, GIFT, 30))
    assert decision.reason is Reason.APPROVED
    assert moves(decision) == [(PAYABLE, 100), (75, -30), (NewAccount(OWED, 1, None), -70)]
    assert decision.exception == Case(CaseKind.MONEY_SPENT, 70)
