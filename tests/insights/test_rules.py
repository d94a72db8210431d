from itertools import zip_longest

from hypothesis import given
from hypothesis import strategies as st

from insights.rules import (
    ROUND_COUNT_TO,
    ROUND_RIAL_TO,
    SMALLEST_CELL,
    Cell,
    cover,
    publishable,
    publishable_total,
    rounded,
)

cells = st.lists(
    st.builds(
        Cell,
        key=st.integers(),
        people=st.integers(0, 60),
        purchases=st.integers(0, 500),
        amount_rial=st.integers(0, 10**10),
        payer_cover_rial=st.integers(-(10**7), 10**9),
        shop_cover_rial=st.integers(-(10**7), 10**9),
    ),
    max_size=12,
)


@given(cells)
def test_no_small_cell_is_ever_shown(given_cells: list[Cell]) -> None:
    for before, after in zip(given_cells, publishable(given_cells), strict=True):
        assert before.key == after.key
        if before.is_sensitive:
            assert after.is_hidden
        if after.is_hidden:
            assert (after.people, after.purchases, after.amount_rial) == (0, 0, 0)


@given(cells)
def test_what_is_hidden_cannot_be_computed_from_the_total(given_cells: list[Cell]) -> None:
    shown = publishable(given_cells)
    hidden = [before for before, after in zip(given_cells, shown, strict=True) if after.is_hidden]
    is_anything_left = any(cell.people for cell in shown)
    if hidden and is_anything_left:
        assert len(hidden) >= 2
        assert max(cell.people for cell in hidden) >= SMALLEST_CELL
        assert min(sum(cell.payer_cover_rial for cell in hidden), sum(cell.shop_cover_rial for cell in hidden)) >= 0


parts = st.lists(st.integers(0, 10**9), min_size=1, max_size=8)


def covered(paid: list[int]) -> int:
    return cover(sum(paid), sorted(paid, reverse=True)[:2])


@given(parts, parts)
def test_two_cells_cover_together_what_they_cover_apart(one: list[int], other: list[int]) -> None:
    """Whoever stands in both: nobody, or the same people in any order."""
    both = [sum(pair) for pair in zip_longest(one, other, fillvalue=0)]
    for together in ([*one, *other], both):
        assert covered(one) + covered(other) <= covered(together)


@given(parts)
def test_a_covered_sum_leaves_the_largest_a_quarter_unknown(paid: list[int]) -> None:
    """Whoever paid second takes their own part away, and knows no more than that the rest is the largest's or less."""
    largest, second, *_others = *sorted(paid, reverse=True), 0, 0
    assert (sum(paid) - second - largest >= largest / 4) == (covered(paid) >= 0)


def test_a_sum_of_two_covers_nobody() -> None:
    assert covered([5, 4]) == -2
    assert covered([]) == 0


@given(cells)
def test_only_as_much_is_hidden_as_needed(given_cells: list[Cell]) -> None:
    if not any(cell.is_sensitive for cell in given_cells):
        assert not any(cell.is_hidden for cell in publishable(given_cells))


@given(cells)
def test_what_is_shown_is_rounded(given_cells: list[Cell]) -> None:
    for cell in publishable(given_cells):
        assert cell.people % ROUND_COUNT_TO == cell.purchases % ROUND_COUNT_TO == 0
        assert cell.amount_rial % ROUND_RIAL_TO == 0


def test_one_small_cell_takes_the_next_smallest_with_it() -> None:
    shown = publishable([Cell("a", 3, 4, 10**6), Cell("b", 50, 80, 10**8), Cell("c", 12, 20, 10**7)])
    assert [cell.is_hidden for cell in shown] == [True, False, True]


def test_two_small_cells_of_too_few_people_take_a_third() -> None:
    shown = publishable([Cell("a", 3, 4, 0), Cell("b", 4, 4, 0), Cell("c", 11, 20, 0), Cell("d", 40, 60, 0)])
    assert [cell.is_hidden for cell in shown] == [True, True, True, False]


def test_small_cells_take_a_third_since_their_people_may_be_the_same() -> None:
    shown = publishable([Cell("a", 6, 6, 0), Cell("b", 6, 6, 0), Cell("c", 11, 20, 0), Cell("d", 40, 60, 0)])
    assert [cell.is_hidden for cell in shown] == [True, True, True, False]


def test_a_total_of_too_few_people_is_hidden() -> None:
    assert publishable_total(Cell(None, 9, 400, 10**9)).is_hidden
    assert not publishable_total(Cell(None, 10, 400, 10**9)).is_hidden


def test_rounding_goes_to_the_nearest() -> None:
    assert rounded(Cell("a", 12, 13, 1_499_999)) == Cell("a", 10, 15, 1_000_000)
    assert rounded(Cell("a", 13, 12, 1_500_000)) == Cell("a", 15, 10, 2_000_000)
