"""How much is taken off a price, and how much of it a return takes back."""

from hypothesis import given
from hypothesis import strategies as st

from merchants.discounts.rules import discount_back, discount_on

shares = st.integers(0, 9_999)
prices = st.integers(1, 10**12)


@given(prices, shares)
def test_the_discount_is_the_share_less_at_most_a_rial_and_never_the_whole_price(price: int, share: int) -> None:
    taken = discount_on(price, share)
    assert 0 <= price * share - taken * 10_000 < 10_000
    assert taken < price


@given(prices, shares.filter(bool), st.lists(st.floats(0, 1), max_size=6))
def test_part_returns_take_back_all_of_it_together_and_never_more(price: int, share: int, parts: list[float]) -> None:
    discount = discount_on(price, share)
    paid, back, taken_back = price - discount, 0, 0
    for part in [*parts, 1.0]:
        returned = int((paid - back) * part)
        change = discount_back(discount, paid, back, returned)
        assert change <= 0
        back, taken_back = back + returned, taken_back - change
        assert taken_back <= discount
    back_at_last = discount_back(discount, paid, back, paid - back)
    assert taken_back - back_at_last == discount


def test_a_half_that_comes_back_takes_half_and_its_undoing_gives_it_again() -> None:
    assert discount_back(120, 880, 0, 440) == -60
    assert discount_back(120, 880, 440, -440) == 60
    assert discount_back(0, 880, 0, 880) == 0
