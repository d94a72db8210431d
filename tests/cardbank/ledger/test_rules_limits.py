"""What a member may spend of a shared wallet: in a day, in a Jalali month, and where."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from cardbank.ledger.rules.decide import decide
from cardbank.ledger.types import AccountKind, EntryKind, Key, Line, Original, PostingRequest, Source
from cardbank.ledger.views import (
    AccountView,
    Count,
    MemberLimits,
    OriginalLeg,
    OriginalView,
    ScopeView,
    SharedView,
    WalletView,
    apply,
    wallet_view,
)
from cardbank.reasons import Reason

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)  # 1 Azar 1405
TODAY = NOW.date()
MEMBER, BROTHER, SHOP, MONEY, PAYABLE = 11, 12, 8, 1, 80
DAY, MONTH = AccountKind.DAY_LIMIT, AccountKind.MONTH_LIMIT


def limit(kind: AccountKind, most: int | None, scope_id: int | None = None) -> AccountView:
    floor = None if most is None else -most
    return AccountView(50 + kind, kind, 1, 0, floor, 0, MEMBER, scope_id=scope_id)


def family(*limits: AccountView, money: int = 10_000) -> WalletView:
    wallet = wallet_view(7, [AccountView(MONEY, AccountKind.MONEY, 1, money, 0, 5)])
    wallet.limits = MemberLimits({MEMBER: list(limits)}, {})
    return wallet


def town(day: date = TODAY) -> SharedView:
    return SharedView(day, {(SHOP, AccountKind.PAYABLE, 1): PAYABLE}, {3: ScopeView(None, frozenset({101}))})


def purchase(amount: int, **facts: object) -> PostingRequest:
    key = Key(TODAY, Source.TERMINAL, 1, "000001")
    asked = PostingRequest(
        key,
        1,
        EntryKind.PURCHASE,
        7,
        MEMBER,
        3,
        SHOP,
        1,
        1,
        1,
        amount,
        NOW,
        NOW + timedelta(seconds=15),
        lines=(Line(101, amount),),
    )
    return replace(asked, **facts)


def spend(wallet: WalletView, amount: int, day: date = TODAY, **facts: object) -> Reason:
    decision = decide(wallet, town(day), None, purchase(amount, **facts), NOW)
    apply(wallet, decision, ())
    return decision.reason


@pytest.mark.parametrize("kind", [DAY, MONTH])
def test_a_member_spends_up_to_the_limit_and_not_a_rial_more(kind: AccountKind) -> None:
    wallet = family(limit(kind, 1_000))
    assert [spend(wallet, amount) for amount in (600, 401, 400, 1)] == [
        Reason.APPROVED, Reason.MEMBER_LIMIT, Reason.APPROVED, Reason.MEMBER_LIMIT,
    ]  # fmt: skip


def test_the_limit_is_of_one_member_and_binds_no_other() -> None:
    wallet = family(limit(DAY, 1_000))
    assert spend(wallet, 1_000) is Reason.APPROVED
    assert spend(wallet, 5_000, member_id=BROTHER) is Reason.APPROVED
    assert spend(wallet, 1) is Reason.MEMBER_LIMIT


def test_a_new_day_gives_the_day_again_and_not_the_month() -> None:
    wallet = family(limit(DAY, 1_000), limit(MONTH, 1_500))
    tomorrow, next_month = TODAY + timedelta(days=1), date(2026, 12, 22)  # 1 Dey 1405
    assert spend(wallet, 1_000) is Reason.APPROVED
    assert spend(wallet, 600, tomorrow) is Reason.MEMBER_LIMIT
    assert spend(wallet, 500, tomorrow) is Reason.APPROVED
    assert spend(wallet, 1_000, next_month) is Reason.APPROVED


def test_a_month_is_jalali() -> None:
    wallet = family(limit(MONTH, 1_000))
    assert spend(wallet, 1_000, date(2026, 11, 21)) is Reason.APPROVED  # 30 Aban
    assert spend(wallet, 1_000, date(2026, 11, 22)) is Reason.APPROVED  # 1 Azar


def test_only_some_kinds_of_shops() -> None:
    wallet = family(limit(DAY, None, scope_id=3))
    assert spend(wallet, 100) is Reason.APPROVED
    assert spend(wallet, 100, lines=(Line(202, 100),)) is Reason.MEMBER_SHOP_KIND
    assert spend(wallet, 100, lines=()) is Reason.MEMBER_SHOP_KIND


def test_a_scope_that_is_not_known_allows_nothing() -> None:
    assert spend(family(limit(DAY, None, scope_id=4)), 100) is Reason.MEMBER_SHOP_KIND


def test_what_must_not_be_refused_is_counted_all_the_same() -> None:
    wallet = family(limit(DAY, 1_000))
    assert spend(wallet, 3_000, kind=EntryKind.ADVICE) is Reason.APPROVED
    assert spend(wallet, 1) is Reason.MEMBER_LIMIT


def test_a_part_counts_as_the_part_that_was_paid() -> None:
    wallet = family(limit(DAY, 1_000), money=300)
    assert spend(wallet, 900, partial=True, lines=()) is Reason.APPROVED_PARTIALLY
    assert wallet.limits is not None
    assert wallet.limits.spent_by(MEMBER, DAY, TODAY) == 300


@pytest.mark.parametrize("kind", [EntryKind.REVERSAL, EntryKind.REFUND])
def test_what_comes_back_counts_in_its_own_day(kind: EntryKind) -> None:
    wallet = family(limit(DAY, 1_000))
    bought = TODAY - timedelta(days=1)
    wallet.limits.count([Count(MEMBER, bought, 800), Count(MEMBER, TODAY, 1_000)])
    legs = (
        OriginalLeg(MONEY, 7, AccountKind.MONEY, 1, -800, 0, None),
        OriginalLeg(PAYABLE, SHOP, AccountKind.PAYABLE, 1, 800, 0, None),
    )
    original = OriginalView(
        Reason.APPROVED, False, "", EntryKind.PURCHASE, 7, 3, bought, 1024, SHOP, 1, 1, 1, 800, legs, member_id=MEMBER
    )
    asked = purchase(800, kind=kind, lines=(), original=Original(None, (bought, 1024), None))
    decision = decide(wallet, town(), original, asked, NOW)
    apply(wallet, decision, ())
    assert decision.reason is Reason.APPROVED
    spent = [wallet.limits.spent_by(MEMBER, DAY, day) for day in (bought, TODAY)]
    assert spent == [0, 1_000]
    assert spend(wallet, 1) is Reason.MEMBER_LIMIT


def test_a_wallet_without_limits_is_counted_nowhere() -> None:
    wallet = wallet_view(7, [AccountView(MONEY, AccountKind.MONEY, 1, 500, 0, 5)])
    assert spend(wallet, 400) is Reason.APPROVED
    assert wallet.limits is None
