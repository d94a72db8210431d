from datetime import date, timedelta

import pytest

from cardbank.orders.errors import (
    CardOrderStepRefused,
    WrongCardArt,
    WrongCardOrder,
    WrongCardPrices,
    WrongChips,
)
from cardbank.orders.rules import (
    MOST_CARDS,
    MOST_TIERS,
    NEXT,
    OrderState,
    Prices,
    Tier,
    Wish,
    check_art,
    check_prices,
    check_step,
    check_wish,
    checked_receipt,
    typed_chips,
    unit_of,
)

TODAY = date(2026, 11, 26)
TIERS = (Tier(10, 95_000), Tier(100, 80_000), Tier(500, 80_000))
CHIP = "04A1B2C3D4E5F6"


def test_one_costs_what_the_highest_tier_says_that_is_reached() -> None:
    assert [unit_of(TIERS, count) for count in (10, 99, 100, 1_000)] == [95_000, 95_000, 80_000, 80_000]


@pytest.mark.parametrize(
    ("prices", "field"),
    [
        (Prices(TODAY - timedelta(days=1), 0, TIERS), "starts_on"), (Prices(TODAY, -1, TIERS), "setup"), (Prices(TODAY, 0, ()), "tiers"),
        (Prices(TODAY, 0, (Tier(10, 5), Tier(10, 4))), "tiers"), (Prices(TODAY, 0, (Tier(10, 5), Tier(20, 6))), "tiers"),
        (Prices(TODAY, 0, (Tier(0, 5),)), "tiers"), (Prices(TODAY, 0, (Tier(1, 0),)), "tiers"), (Prices(TODAY, 0, (Tier(MOST_CARDS + 1, 5),)), "tiers"),
        (Prices(TODAY, 0, tuple(Tier(n, 5) for n in range(1, MOST_TIERS + 2))), "tiers"),
    ],
)  # fmt: skip
def test_each_wrong_price_is_named(prices: Prices, field: str) -> None:
    check_prices(Prices(TODAY, 0, TIERS), TODAY, None)
    with pytest.raises(WrongCardPrices) as refused:
        check_prices(prices, TODAY, None)
    assert refused.value.facts["field"] == field


def test_two_lists_of_a_kind_begin_on_two_days() -> None:
    with pytest.raises(WrongCardPrices):
        check_prices(Prices(TODAY, 0, TIERS), TODAY, TODAY)
    check_prices(Prices(TODAY + timedelta(days=1), 0, TIERS), TODAY, TODAY)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Wish("standard", 9, "x"), "count"), (Wish("standard", MOST_CARDS + 1, "x"), "count"), (Wish("standard", 10, ""), "design"),
        (Wish("standard", 10, "x" * 61), "design"), (Wish("standard", 10, "x", "y" * 201), "note"),
    ],
)  # fmt: skip
def test_each_wrong_wish_is_named(wish: Wish, field: str) -> None:
    check_wish(Wish("standard", 10, "x"), TIERS)
    with pytest.raises(WrongCardOrder) as refused:
        check_wish(wish, TIERS)
    assert refused.value.facts["field"] == field


def test_a_step_leads_to_its_next_alone_and_nothing_is_called_off_once_it_is_printed() -> None:
    for state in OrderState:
        for wanted in OrderState:
            if wanted in NEXT[state]:
                check_step(state, wanted)
                continue
            with pytest.raises(CardOrderStepRefused) as refused:
                check_step(state, wanted)
            assert refused.value.facts == {"fault": state.value}
    assert [state for state in OrderState if OrderState.CALLED_OFF in NEXT[state]] == [OrderState.ASKED, OrderState.CONFIRMED]


@pytest.mark.parametrize(("wide", "high"), [(1_011, 638), (638, 1_011), (1_016, 640), (2_022, 1_276)])
def test_a_picture_of_a_cards_shape_at_300_dots_is_printed(wide: int, high: int) -> None:
    check_art(wide, high)


@pytest.mark.parametrize(
    ("wide", "high", "fault"), [(1_010, 638, "small"), (1_011, 637, "small"), (1_200, 638, "shape"), (1_011, 1_011, "shape")]
)
def test_what_is_too_coarse_or_of_another_shape_is_told(wide: int, high: int, fault: str) -> None:
    with pytest.raises(WrongCardArt) as refused:
        check_art(wide, high)
    assert refused.value.facts == {"field": "art", "fault": fault, "wide": wide, "high": high}


def test_chips_are_read_as_readers_type_them() -> None:
    assert typed_chips(f"{CHIP}\n\n04:a1:b2:c3:d4:e5:f7\n", 2) == [bytes.fromhex(CHIP), bytes.fromhex("04a1b2c3d4e5f7")]


@pytest.mark.parametrize(
    ("typed", "facts"),
    [
        ("", {"fault": "count", "most": 2}),
        (f"{CHIP}\nx", {"fault": "form", "line": 2}),
        (f"{CHIP}\n{CHIP.lower()}", {"fault": "twice", "line": 2}),
    ],
)
def test_chips_that_cannot_be_are_told_by_line(typed: str, facts: dict[str, object]) -> None:
    with pytest.raises(WrongChips) as refused:
        typed_chips(typed, 2)
    assert refused.value.facts == {"field": "chips"} | facts


def test_a_receipt_has_a_number() -> None:
    assert checked_receipt(" 1405 09 77-a ") == "14050977-A"
    for typed in ("", "123", "x" * 31, "شماره"):
        with pytest.raises(WrongCardOrder):
            checked_receipt(typed)
