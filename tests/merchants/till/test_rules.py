"""Baskets, takings and the count of the drawer."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardbank.ledger.types import AccountKind, Earn, Terms
from cardbank.outcomes import Outcome
from cardbank.reasons import Reason
from merchants.till.errors import BasketTooLarge, DifferenceUnexplained, EmptyBasket, WrongLine
from merchants.till.rules import (
    MOST_LINES,
    MOST_SALE_RIAL,
    Line,
    SaleState,
    Takings,
    check_basket,
    check_count,
    content_hash,
    discounted,
    expected_cash,
    most_earned,
    price_back,
    state_of,
    takings_of,
    undiscounted,
)

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
lines = st.builds(Line, st.text(max_size=60), st.integers(1, 9_999), st.integers(1, 1_000_000))


def outcome(reason: Reason = Reason.APPROVED, **facts: object) -> Outcome:
    given_ = {
        "amount_rial": 100, "credit_rial": 0, "gift_rial": 0, "returned_rial": 0, "is_reversed": False, "is_withdrawn": False,
    } | facts  # fmt: skip
    return Outcome(
        reason=reason, business_date=date(2026, 11, 26), entry_id=1, decided_at=NOW, card_id=1, earned_rial=0, answer=None,
        **given_,
    )  # fmt: skip


@given(st.lists(lines, min_size=1, max_size=MOST_LINES))
def test_a_basket_comes_to_the_sum_of_its_lines(basket: list[Line]) -> None:
    assert check_basket(basket) == sum(line.count * line.each_rial for line in basket)


@given(st.lists(lines, min_size=1, max_size=MOST_LINES), st.integers(0, 9_999))
def test_a_basket_is_discounted_line_by_line_and_loses_less_than_a_rial_a_line(basket: list[Line], share: int) -> None:
    cheaper = discounted(basket, share, card_prices=False)
    off, exact = sum(line.off_rial for line in cheaper), check_basket(basket) * share / 10_000
    assert exact - len(basket) < off <= exact
    assert all(line.at_once_rial > 0 for line in cheaper)
    assert undiscounted(cheaper) == basket


def test_goods_at_a_card_price_have_the_discount_only_where_the_contract_says_so() -> None:
    basket = [Line("", 2, 90, list_rial=100), Line("", 1, 1_000)]
    assert [line.off_rial for line in discounted(basket, 1_200, card_prices=False)] == [0, 120]
    assert [line.off_rial for line in discounted(basket, 1_200, card_prices=True)] == [21, 120]
    assert [line.public_rial for line in basket] == [200, 1_000]


def test_pieces_that_come_back_bring_what_was_paid_for_them() -> None:
    sold = discounted([Line("", 3, 1_000), Line("", 1, 500)], 1_200, card_prices=False)
    assert price_back(sold, {0: 3, 1: 1}, at_once=True) == sum(line.at_once_rial for line in sold)
    assert price_back(sold, {0: 1}, at_once=True) == 880
    assert price_back(sold, {0: 1}, at_once=False) == 1_000


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (Line("x" * 61, 1, 1), "text"),
        (Line("۹۳۶۴ ۰۰۱۲ ۳۴۵۶ ۷۸۹۰ ۱۲۹", 1, 1), "card"),
        (Line("", 0, 1), "count"),
        (Line("", 10_000, 1), "count"),
        (Line("", 1, 0), "amount"),
        (Line("", 1, MOST_SALE_RIAL + 1), "amount"),
    ],
)
def test_a_wrong_line_is_named(line: Line, fault: str) -> None:
    with pytest.raises(WrongLine) as refusal:
        check_basket([Line("", 1, 1), line])
    assert refusal.value.facts == {"field": "lines", "line": 2, "fault": fault}


def test_a_basket_is_neither_empty_nor_endless() -> None:
    with pytest.raises(EmptyBasket):
        check_basket([])
    with pytest.raises(BasketTooLarge):
        check_basket([Line("", 1, 1)] * (MOST_LINES + 1))
    with pytest.raises(BasketTooLarge):
        check_basket([Line("", 1, MOST_SALE_RIAL), Line("", 1, 1)])


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (None, SaleState.UNDECIDED),
        (outcome(), SaleState.PAID),
        (outcome(Reason.INSUFFICIENT_FUNDS), SaleState.DECLINED),
        (outcome(is_reversed=True), SaleState.WITHDRAWN),
        (outcome(is_withdrawn=True), SaleState.WITHDRAWN),
    ],
)
def test_the_state_of_a_sale_is_what_the_ledger_says(found: Outcome | None, state: SaleState) -> None:
    assert state_of(found) is state


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9), st.booleans()), max_size=20))
def test_the_totals_add_up_to_what_standing_sales_were_paid(sales: list[tuple[int, int, int, bool]]) -> None:
    decided = [
        outcome(amount_rial=card + credit + gift, credit_rial=credit, gift_rial=gift, is_reversed=is_reversed)
        for card, credit, gift, is_reversed in sales
    ]
    taken = takings_of(decided, 0, 0)
    standing = [one for one in decided if not one.is_reversed]
    assert taken.sales == len(standing)
    assert taken.card_rial + taken.credit_rial + taken.gift_rial == sum(one.amount_rial for one in standing)


def test_only_cash_moves_the_drawer() -> None:
    assert expected_cash(500, Takings(3, 100, 20, 5, returned_rial=40, top_up_rial=70)) == 570


def test_a_difference_is_explained() -> None:
    check_count(100, 100, "")
    check_count(90, 100, "ده ریال نبود")
    with pytest.raises(DifferenceUnexplained) as refusal:
        check_count(90, 100, "")
    assert refusal.value.facts == {"field": "why", "expected_rial": 100, "counted_rial": 90}


def test_what_is_earned_at_most_keeps_to_the_limit() -> None:
    terms = Terms(AccountKind.CREDIT_LOT, 1, 1, None, NOW, NOW + timedelta(days=1))
    earn = Earn(1, 1, 500, 10, frozenset(), frozenset({AccountKind.MONEY}), 1_000, terms)
    assert most_earned((earn,), 10_000) == 510
    assert most_earned((earn, earn), 100_000) == 2_000


def test_one_key_is_never_for_two_things() -> None:
    assert content_hash("sale", 1, b"\x01") == content_hash("sale", 1, b"\x01")
    assert len({content_hash("sale", 1, b"\x01"), content_hash("sale", 1, b"\x02"), content_hash("sale", 11, b"")}) == 3
    assert -(2**63) <= content_hash("sale") < 2**63
