"""What a purchase takes from which purse, what it earns, and why it is declined."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from cardbank.ledger.rules.decide import decide
from cardbank.ledger.types import (
    AccountKind,
    Earn,
    EntryKind,
    Key,
    Line,
    PostingRequest,
    Source,
    Tender,
    Terms,
)
from cardbank.ledger.views import AccountView, CaseKind, Leg, NewAccount, ScopeView, SharedView, wallet_view
from cardbank.reasons import Reason

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
STARTED, ENDS = NOW - timedelta(days=1), NOW + timedelta(days=30)
MONEY, GIFT, BENEFIT, CREDIT = (
    AccountKind.MONEY,
    AccountKind.GIFT,
    AccountKind.BENEFIT,
    AccountKind.CREDIT_LOT,
)
SHOP, PROGRAMME, PAYABLE, ISSUED = 8, 9, 80, 90
ANY_CREDIT = Tender(CREDIT, None, None, False)
ANY_MONEY = Tender(MONEY, None, None, False)
OWN_ORDER = Tender(None, None, None, False)


def purse(number: int, kind: AccountKind, balance: int, **terms: object) -> AccountView:
    if kind is CREDIT:
        terms = {
            "programme_id": PROGRAMME,
            "funder_id": PROGRAMME,
            "usable_from": STARTED,
            "usable_until": ENDS,
        } | terms
    return AccountView(number, kind, 1, balance, 0, 5, **terms)


def shared() -> SharedView:
    lazy = {(SHOP, AccountKind.PAYABLE, 1): PAYABLE, (PROGRAMME, AccountKind.ISSUED, 1): ISSUED}
    return SharedView(NOW.date(), lazy)


def purchase(amount: int, **facts: object) -> PostingRequest:
    key = Key(NOW.date(), Source.TERMINAL, 1, "000001")
    request = PostingRequest(key, 1, EntryKind.PURCHASE, 7, None, 3, SHOP, 1, 1, 1, amount, NOW, NOW + timedelta(seconds=15))
    return replace(request, **facts)


def earning(**facts: object) -> Earn:
    terms = Terms(CREDIT, PROGRAMME, PROGRAMME, None, STARTED, ENDS)
    return replace(Earn(PROGRAMME, 5, 250, 0, frozenset(), frozenset({MONEY}), 10**9, terms), **facts)


def decided(request: PostingRequest, *purses: AccountView, view: SharedView | None = None):
    return decide(wallet_view(7, purses), view or shared(), None, request, NOW, 77)


def reason(request: PostingRequest, *purses: AccountView) -> Reason:
    decision = decided(request, *purses)
    assert decision.legs == (), "a decline moves nothing"
    assert decision.answer.reason is decision.reason
    return decision.reason


def moves(decision) -> list[tuple[object, int]]:
    return [(leg.account, leg.amount) for leg in decision.legs]


def test_a_plain_tap_has_four_legs_and_answers_with_the_balances_after_it():
    decision = decided(purchase(1000, earn=(earning(),)), purse(70, MONEY, 5000), purse(71, CREDIT, 30))
    assert decision.legs == (Leg(70, -1000), Leg(PAYABLE, 1000), Leg(71, 25, 0, 5), Leg(ISSUED, -25, 0, 5))
    answer = decision.answer
    assert (answer.reason, answer.entry_id, answer.decided_at) == (Reason.APPROVED, 77, NOW)
    assert (answer.amount, answer.paid, answer.earned, answer.earned_until) == (1000, {MONEY: 1000}, 25, ENDS)
    assert (answer.money_balance, answer.credit_balance, answer.rule_ids) == (4000, 55, (5,))
    assert (answer.expires_next, answer.expires_on) == (55, ENDS)


def test_the_wallets_own_order_is_benefit_gift_money_and_never_credit():
    decision = decided(purchase(60), purse(70, MONEY, 90), purse(71, CREDIT, 90), purse(72, GIFT, 20), purse(73, BENEFIT, 10))
    assert moves(decision) == [(73, -10), (72, -20), (70, -30), (PAYABLE, 60)]
    assert decision.answer.paid == {BENEFIT: 10, GIFT: 20, MONEY: 30}


def test_credit_that_expires_first_is_spent_first():
    sooner = purse(72, CREDIT, 10, usable_until=NOW + timedelta(days=2))
    decision = decided(purchase(50, tender=(ANY_CREDIT, OWN_ORDER)), purse(70, MONEY, 90), purse(71, CREDIT, 30), sooner)
    assert moves(decision) == [(72, -10), (71, -30), (70, -10), (PAYABLE, 50)]


@pytest.mark.parametrize(
    "terms",
    [
        {"usable_from": NOW + timedelta(seconds=1)},
        {"usable_until": NOW},
        {"closed": True},
        {"member_id": 4},
        {"scope_id": 404},
        {"scope_id": 1},
    ],
)
def test_credit_that_is_pending_expired_closed_another_members_or_out_of_scope_is_not_spent(terms):
    view = shared()
    view.scopes[1] = ScopeView(shops=frozenset({99}))
    request = purchase(50, member_id=3, tender=(ANY_CREDIT, ANY_MONEY))
    assert moves(decided(request, purse(70, MONEY, 90), purse(71, CREDIT, 90, **terms), view=view)) == [
        (70, -50),
        (PAYABLE, 50),
    ]


def test_the_last_instant_of_a_lot_is_before_its_end():
    until = NOW + timedelta(microseconds=1)
    decision = decided(purchase(50, tender=(ANY_CREDIT,)), purse(70, MONEY, 0), purse(71, CREDIT, 50, usable_until=until))
    assert moves(decision) == [(71, -50), (PAYABLE, 50)]


def test_a_scoped_purse_pays_only_its_lines_and_before_an_open_one():
    view = shared()
    view.scopes[1] = ScopeView(frozenset({SHOP}), frozenset({20}))
    request = purchase(100, lines=(Line(10, 60), Line(20, 40)), tender=(ANY_CREDIT, ANY_MONEY))
    decision = decided(request, purse(70, MONEY, 90), purse(71, CREDIT, 30), purse(72, CREDIT, 35, scope_id=1), view=view)
    assert decision.legs == (
        Leg(72, -35, 1), Leg(71, -30, 0), Leg(70, -30, 0), Leg(70, -5, 1), Leg(PAYABLE, 100),
    )  # fmt: skip


def test_a_member_spends_shared_purses_and_its_own():
    decision = decided(purchase(50, member_id=4), purse(70, MONEY, 90), purse(73, BENEFIT, 20, member_id=4))
    assert moves(decision) == [(73, -20), (70, -30), (PAYABLE, 50)]


def test_a_named_purse_pays_and_a_debt_can_never_be_named():
    gift = Tender(None, 72, None, False)
    assert moves(decided(purchase(20, tender=(gift,)), purse(70, MONEY, 9), purse(72, GIFT, 20))) == [
        (72, -20),
        (PAYABLE, 20),
    ]
    debt = AccountView(75, AccountKind.OWED, 1, 0, None, 0)
    named = (Tender(AccountKind.OWED, 75, None, False),)
    assert reason(purchase(20, tender=named), purse(70, MONEY, 90), debt) is Reason.INSUFFICIENT_FUNDS


def test_exactly_so_much_credit_or_none():
    def of(credit: int) -> PostingRequest:
        return purchase(50, tender=(Tender(CREDIT, None, credit, True), ANY_MONEY))

    purses = purse(70, MONEY, 90), purse(71, CREDIT, 30)
    assert decided(of(30), *purses).answer.paid == {CREDIT: 30, MONEY: 20}
    assert reason(of(31), *purses) is Reason.INSUFFICIENT_CREDIT
    assert reason(of(51), *purses) is Reason.CREDIT_EXCEEDS_AMOUNT


def test_short_of_funds_names_the_purse():
    assert reason(purchase(91), purse(70, MONEY, 90), purse(71, CREDIT, 500)) is Reason.INSUFFICIENT_FUNDS
    assert reason(purchase(91, tender=(ANY_CREDIT,)), purse(70, MONEY, 99), purse(71, CREDIT, 90)) is Reason.INSUFFICIENT_CREDIT
    assert decided(purchase(90), purse(70, MONEY, 90)).answer.money_balance == 0


def test_a_part_is_approved_only_when_asked_for_and_never_nothing():
    decision = decided(purchase(100, partial=True), purse(70, MONEY, 90))
    assert decision.reason is Reason.APPROVED_PARTIALLY
    assert moves(decision) == [(70, -90), (PAYABLE, 90)]
    assert decision.answer.amount == 90
    assert reason(purchase(100, partial=True), purse(70, MONEY, 0)) is Reason.INSUFFICIENT_FUNDS


@pytest.mark.parametrize("facts", [{"kind": EntryKind.ADVICE}, {"forced": True}, {"forced": True, "limit_amount": 10}])
def test_what_must_not_be_refused_leaves_the_shortfall_on_owed(facts):
    decision = decided(purchase(100, **facts), purse(70, MONEY, 30))
    assert moves(decision) == [(70, -30), (NewAccount(AccountKind.OWED, 1, None), -70), (PAYABLE, 100)]
    assert (decision.exception.kind, decision.exception.amount) == (CaseKind.OVERDRAWN, 70)
    assert (decision.answer.owed, decision.answer.money_balance) == (70, 0)


def test_an_advice_on_an_empty_wallet_touches_its_money_so_that_no_second_debt_account_can_pass():
    decision = decided(purchase(100, kind=EntryKind.ADVICE), purse(70, MONEY, 0))
    assert decision.touch == 70


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"amount": 0}, Reason.INVALID_AMOUNT),
        ({"amount": -5}, Reason.INVALID_AMOUNT),
        ({"amount": 10**15 + 1}, Reason.INVALID_AMOUNT),
        ({"limit_amount": 49}, Reason.AMOUNT_LIMIT),
        ({"shop_id": None}, Reason.INVALID_SHOP),
        ({"shop_id": 404}, Reason.INVALID_SHOP),
        ({"unit": 2}, Reason.INVALID_CURRENCY),
        ({"lines": (Line(1, 20), Line(2, 29))}, Reason.INVALID_AMOUNT),
        ({"lines": (Line(1, 60), Line(2, -10))}, Reason.INVALID_AMOUNT),
        ({"uses": (1,)}, Reason.FUNCTION_NOT_SUPPORTED),
        ({"kind": EntryKind.HOLD}, Reason.FUNCTION_NOT_SUPPORTED),
        ({"earn": (earning(programme_id=404),)}, Reason.INVALID_TRANSACTION),
    ],
)
def test_bad_input_is_declined_with_its_reason_and_moves_nothing(facts, expected):
    assert reason(replace(purchase(50), **facts), purse(70, MONEY, 90)) is expected


def test_an_unknown_wallet_is_no_such_card():
    assert decide(None, shared(), None, purchase(50), NOW).reason is Reason.NO_SUCH_CARD


def test_a_first_earning_opens_a_lot_with_the_programmes_terms():
    decision = decided(purchase(1000, earn=(earning(),)), purse(70, MONEY, 5000))
    lot = NewAccount(CREDIT, 1, 0, PROGRAMME, PROGRAMME, None, STARTED, ENDS)
    assert moves(decision)[2:] == [(lot, 25), (ISSUED, -25)]
    assert decision.answer.credit_balance == 25
    assert decision.touch is None


@pytest.mark.parametrize(
    ("facts", "earned"),
    [
        ({}, 1),  # 70 paid by money × 2.5 % = 1.75, rounded down
        ({"fixed": 10}, 11),
        ({"most": 1, "fixed": 10}, 1),
        ({"paid_by": frozenset({MONEY, CREDIT})}, 2),
        ({"paid_by": frozenset({GIFT}), "fixed": 10}, 0),
        ({"lines": frozenset({1}), "basis_points": 10_000}, 40),
        ({"lines": frozenset({0}), "basis_points": 10_000}, 30),
        ({"lines": frozenset({7}), "basis_points": 10_000}, 0),
    ],
)
def test_an_earning_counts_what_its_kinds_paid_on_its_lines(facts, earned):
    request = purchase(
        100,
        lines=(Line(1, 60), Line(2, 40)),
        tender=(Tender(CREDIT, None, 30, False), ANY_MONEY),
        earn=(earning(**facts),),
    )
    answer = decided(request, purse(70, MONEY, 500), purse(71, CREDIT, 30)).answer
    assert (answer.earned, answer.rule_ids) == (earned, (5,) if earned else ())


def test_an_earning_first_pays_what_is_owed_to_the_same_funder_and_to_no_other():
    debt = AccountView(75, AccountKind.CREDIT_OWED, 1, -10, None, 0, funder_id=PROGRAMME)
    other = AccountView(76, AccountKind.CREDIT_OWED, 1, -10, None, 0, funder_id=PROGRAMME + 1)
    decision = decided(purchase(1000, earn=(earning(),)), purse(70, MONEY, 5000), purse(71, CREDIT, 0), debt, other)
    assert moves(decision)[2:] == [(75, 10), (71, 15), (ISSUED, -25)]
    assert decision.answer.credit_owed == 10
