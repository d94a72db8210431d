from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from cardbank.cards.rules import CardProfile, CardStatus
from cardbank.ledger.types import AccountKind, EntryKind, Key, Source, Tender
from cardbank.reasons import Reason
from loyalty.rules import EarnRuleProfile, ProgrammeProfile
from merchants.rules import TerminalProfile
from merchants.sales.rules import (
    CardClaim,
    CreditMode,
    Refund,
    Return,
    Sale,
    TopUp,
    Void,
    purchase_limit,
    purchase_request,
    refund_request,
    refusal_of_sale,
    refusal_of_top_up,
    reversal_request,
    tender_of,
    top_up_request,
    void_request,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = date(2026, 11, 22)
RULE = EarnRuleProfile(5, NOW - timedelta(days=1), None, 500, 0, 2_000_000, 0, 0, 90)
TERMINAL = TerminalProfile(
    3, "T0000003", "M00000000000001", "active", "fa", "5043303100000003", 1, {"fa": "زعفران نمونه"}, 1, 40,
    ProgrammeProfile(50, "club", {"fa": "باشگاه"}, 51, (RULE,)), 1_000_000, "mashhad", "saffron", True, True, None,
)  # fmt: skip
CARD = CardProfile(
    7, 20, 21, None, CardStatus.ACTIVE, None, "936400*********0009", "fa", date(2031, 11, 30), None, 1, "standard",
    None, "",
)  # fmt: skip
SALE = Sale(
    Key(TODAY, Source.TERMINAL, 3, "000002"), 1, "1122120000", TERMINAL, CardClaim(b"i" * 32), 150_000, NOW,
    NOW + timedelta(seconds=15),
)  # fmt: skip


def money(most: int | None = None) -> Tender:
    return Tender(None, None, most, False)


@pytest.mark.parametrize(
    ("mode", "credit", "tender"),
    [
        (CreditMode.NONE, 0, (money(),)),
        (CreditMode.NONE, 500, (money(),)),
        (CreditMode.MOST, 0, (Tender(AccountKind.CREDIT_LOT, None, None, False), money())),
        (CreditMode.EXACTLY, 20_000, (Tender(AccountKind.CREDIT_LOT, None, 20_000, True), money())),
        (CreditMode.EXACTLY, 0, (money(),)),
    ],
)
def test_credit_pays_first_where_it_is_wanted(mode: CreditMode, credit: int, tender: tuple[Tender, ...]) -> None:
    assert tender_of(mode, credit) == tender


@pytest.mark.parametrize(
    ("sale", "card", "reason"),
    [
        (SALE, CARD, None),
        (replace(SALE, terminal=replace(TERMINAL, shop_is_open=False)), CARD, Reason.INVALID_SHOP),
        (SALE, replace(CARD, status=CardStatus.BLOCKED), Reason.CARD_BLOCKED),
        (SALE, replace(CARD, expires_on=date(2026, 11, 21)), Reason.CARD_EXPIRED),
        (
            replace(SALE, credit_mode=CreditMode.MOST, terminal=replace(TERMINAL, accepts_credit=False)), CARD,
            Reason.NOT_PERMITTED_TO_TERMINAL,
        ),
        (replace(SALE, credit_mode=CreditMode.EXACTLY, credit_rial=150_001), CARD, Reason.CREDIT_EXCEEDS_AMOUNT),
        (replace(SALE, credit_mode=CreditMode.EXACTLY, credit_rial=150_000), CARD, None),
    ],
)  # fmt: skip
def test_shop_card_and_terminal_may_forbid_a_sale(sale: Sale, card: CardProfile, reason: Reason | None) -> None:
    assert refusal_of_sale(sale, card, TODAY) is reason


@pytest.mark.parametrize(
    ("of_shop", "of_card", "limit"),
    [(None, None, None), (5, None, 5), (None, 7, 7), (5, 7, 5), (9, 7, 7), (9, 0, 0)],
)
def test_the_lower_limit_counts(of_shop: int | None, of_card: int | None, limit: int | None) -> None:
    terminal = replace(TERMINAL, purchase_limit_rial=of_shop)
    assert purchase_limit(terminal, replace(CARD, purchase_limit_rial=of_card)) == limit


def test_a_purchase_earns_by_the_programme_of_its_shop() -> None:
    request = purchase_request(SALE, CARD, None)
    assert (request.kind, request.wallet_id, request.card_id, request.shop_id) == (
        EntryKind.PURCHASE,
        20,
        7,
        40,
    )
    assert (request.limit_amount, request.refusal) == (1_000_000, None)
    [earn] = request.earn
    assert (earn.programme_id, earn.rule_id, earn.basis_points) == (50, 5, 500)


def test_a_refused_purchase_earns_nothing_and_carries_its_reason() -> None:
    request = purchase_request(SALE, CARD, Reason.CARD_BLOCKED)
    assert (request.earn, request.refusal) == ((), Reason.CARD_BLOCKED)


def test_a_purchase_by_an_unknown_card_stands_under_the_shop() -> None:
    request = purchase_request(SALE, None, Reason.NO_SUCH_CARD)
    assert (request.wallet_id, request.card_id, request.member_id) == (40, None, None)
    assert request.refusal is Reason.NO_SUCH_CARD


def test_refusal_and_repeat_do_not_change_what_identifies_a_purchase() -> None:
    first = purchase_request(SALE, CARD, None)
    repeat = purchase_request(replace(SALE, is_repeat=True), CARD, Reason.CHALLENGE_UNKNOWN)
    assert (first.key, first.content_hash, first.content_time) == (
        repeat.key,
        repeat.content_hash,
        repeat.content_time,
    )
    assert repeat.repeat


def test_a_reversal_by_an_unknown_card_names_no_card_that_can_have_paid() -> None:
    return_ = Return(
        Key(TODAY, Source.TERMINAL, 3, "000003"), 2, "1122120030", TERMINAL, CardClaim(b"i" * 32),
        Key(TODAY, Source.TERMINAL, 3, "000002"), "1122120000", 150_000, NOW, NOW + timedelta(seconds=15),
    )  # fmt: skip
    request = reversal_request(return_, None)
    assert (request.wallet_id, request.card_id, request.member_id) == (40, 0, None)


def test_a_reversal_names_its_original_and_is_never_refused_for_the_cards_state() -> None:
    original = Key(TODAY, Source.TERMINAL, 3, "000002")
    return_ = Return(
        Key(TODAY, Source.TERMINAL, 3, "000003"), 2, "1122120030", TERMINAL, CardClaim(b"i" * 32), original,
        "1122120000", 150_000, NOW, NOW + timedelta(seconds=15), 50_000,
    )  # fmt: skip
    request = reversal_request(return_, replace(CARD, status=CardStatus.BLOCKED))
    assert request.original is not None
    assert (request.kind, request.refusal, request.wallet_id) == (EntryKind.REVERSAL, None, 20)
    assert (request.original.key, request.original.stands, request.original.content_time) == (
        original,
        50_000,
        "1122120000",
    )


def test_a_refund_states_what_it_returns_and_asks_for_no_card_that_is_not_shown() -> None:
    refund = Refund(
        Key(TODAY, Source.TERMINAL, 3, "000004"), 4, "1122120040", TERMINAL, (TODAY, 900), 50_000, NOW,
        NOW + timedelta(seconds=15), original_rial=150_000,
    )  # fmt: skip
    request = refund_request(refund, None)
    assert request.original is not None
    assert (request.kind, request.card_id, request.wallet_id, request.refusal) == (EntryKind.REFUND, None, 40, None)
    assert (request.original.ref, request.original.amount, request.original.kind) == (
        (TODAY, 900),
        150_000,
        EntryKind.PURCHASE,
    )
    shown = replace(refund, card=CardClaim(b"i" * 32))
    assert refund_request(shown, None).card_id == 0
    assert (refund_request(shown, CARD).card_id, refund_request(shown, CARD).wallet_id) == (7, 20)


def test_a_void_says_of_what_it_is() -> None:
    void = Void(
        Key(TODAY, Source.TERMINAL, 3, "000005"), 5, "1122120050", TERMINAL, (TODAY, 900), EntryKind.REFUND, 50_000, NOW,
        NOW + timedelta(seconds=15),
    )  # fmt: skip
    request = void_request(void, CARD)
    assert request.original is not None
    assert (request.kind, request.original.kind, request.terminal_id) == (EntryKind.VOID, EntryKind.REFUND, 3)


TOP_UP = TopUp(
    Key(TODAY, Source.TERMINAL, 3, "000006"), 6, "1122120060", replace(TERMINAL, cash_limit_rial=9_000), CardClaim(b"i" * 32),
    5_000, NOW, NOW + timedelta(seconds=15),
)  # fmt: skip


@pytest.mark.parametrize(
    ("top_up", "card", "reason"),
    [
        (TOP_UP, CARD, None),
        (replace(TOP_UP, terminal=TERMINAL), CARD, Reason.NOT_PERMITTED_TO_TERMINAL),
        (replace(TOP_UP, terminal=replace(TOP_UP.terminal, shop_is_open=False)), CARD, Reason.INVALID_SHOP),
        (TOP_UP, replace(CARD, status=CardStatus.BLOCKED), Reason.CARD_BLOCKED),
    ],
)  # fmt: skip
def test_cash_needs_a_shop_that_may_take_it_and_a_card_that_works(top_up: TopUp, card: CardProfile, reason: Reason | None) -> None:
    assert refusal_of_top_up(top_up, card, TODAY) is reason


def test_a_top_up_is_paid_to_the_shop_within_the_limit_of_its_day() -> None:
    request = top_up_request(TOP_UP, CARD, None)
    assert (request.kind, request.shop_id, request.cash_limit, request.wallet_id) == (EntryKind.TOP_UP, 40, 9_000, 20)
    assert [tender.kind for tender in request.tender] == [AccountKind.CASH_TAKEN]
