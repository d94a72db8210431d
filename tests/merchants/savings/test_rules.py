"""What stands of a saving, and that months and trips add up to their purchases."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from merchants.savings.rules import PAUSE, By, Saving, Sums, periods, stands, total

AZAR = date(2026, 11, 22)


def saving(
    day: date, price: int = 0, *, paid: int = 100, returned: int = 0, discount: int = 0, credit: int = 0, earned: int = 0
) -> Saving:
    return Saving(day, 1, datetime(day.year, day.month, day.day, 9, tzinfo=UTC), 1, paid, returned, price, discount, credit, earned)


def test_what_comes_back_saves_nothing_in_proportion() -> None:
    assert [stands(60, 100, returned) for returned in (0, 50, 99, 100)] == [60, 30, 0, 0]
    half = saving(AZAR, 60, returned=50, discount=11, credit=7, earned=5).sums
    assert half == Sums(1, 30, 5, 7, 5)
    assert half.saved_rial == 42, "what was earned is for another time"


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 999), st.integers(0, 100)), max_size=30), st.sampled_from(By))
def test_periods_add_up_to_their_purchases_and_hold_each_once(bought: list[tuple[int, int, int]], by: By) -> None:
    rows = [saving(AZAR - timedelta(days=ago), price, returned=back) for ago, price, back in sorted(bought)]
    told = periods(rows, by)
    assert sum(one.sums.purchases for one in told) == len(rows)
    assert sum(one.sums.saved_rial for one in told) == total(rows).saved_rial == sum(row.saved_rial for row in rows)
    for one in told:
        assert one.sums == total(row for row in rows if one.first <= row.business_date <= one.last)
    if by is By.TRIP:
        assert all(later.first - earlier.last >= PAUSE for later, earlier in pairwise(told))


def test_months_are_those_of_the_calendar_on_the_wall() -> None:
    rows = [saving(AZAR, 1), saving(AZAR - timedelta(days=1), 2), saving(AZAR - timedelta(days=30), 4)]
    assert [(one.first, one.last, one.sums.saved_rial) for one in periods(rows, By.MONTH)] == [
        (date(2026, 11, 22), date(2026, 12, 21), 1), (date(2026, 10, 23), date(2026, 11, 21), 6),
    ]  # fmt: skip
