"""Ageing, what is left, and what may be entered."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchants.debts.errors import MoreThanOwed, WrongDebt
from merchants.debts.rules import (
    Bucket,
    Owed,
    Part,
    ageing,
    bucket_of,
    check_debt,
    check_payment,
    owed,
    part_of,
)
from merchants.till.rules import SaleState

TODAY = date(2026, 11, 26)
parts = st.builds(Part, st.integers(0, 1_000), st.booleans())


@pytest.mark.parametrize(
    ("late", "bucket"),
    [
        (-400, Bucket.NOT_DUE), (-1, Bucket.NOT_DUE), (0, Bucket.TO_30), (30, Bucket.TO_30), (31, Bucket.TO_60), (60, Bucket.TO_60),
        (61, Bucket.TO_90), (90, Bucket.TO_90), (91, Bucket.OLDER), (4_000, Bucket.OLDER),
    ],
)  # fmt: skip
def test_a_debt_ages_by_the_days_since_it_was_due(late: int, bucket: Bucket) -> None:
    assert bucket_of(TODAY - timedelta(days=late), TODAY) is bucket


@given(st.lists(st.tuples(st.integers(-200, 200), st.integers(0, 10**9))))
def test_no_rial_is_in_two_ages(book: list[tuple[int, int]]) -> None:
    sums = ageing(((TODAY + timedelta(days=days), left) for days, left in book), TODAY)
    assert set(sums) == set(Bucket)
    assert sum(sums.values()) == sum(left for _, left in book)


@given(st.integers(1, 10_000), st.lists(parts))
def test_what_is_asked_for_is_neither_paid_nor_free(amount: int, paid: list[Part]) -> None:
    told = owed(amount, paid)
    assert told.left_rial == amount - sum(one.stands_rial for one in paid if not one.is_undecided)
    assert told.free_rial == amount - sum(one.stands_rial for one in paid)


@pytest.mark.parametrize(
    ("state", "part"),
    [
        (SaleState.UNDECIDED, Part(50, is_undecided=True)),
        (SaleState.PAID, Part(30)),
        (SaleState.DECLINED, Part(30)),
        (SaleState.WITHDRAWN, Part(30)),
    ],
)
def test_a_payment_by_card_is_what_stands_of_its_sale(state: SaleState, part: Part) -> None:
    assert part_of(state, 50, 30) == part


@pytest.mark.parametrize("amount", [-1, 0, 61])
def test_no_more_is_paid_than_is_left(amount: int) -> None:
    check_payment(60, Owed(100, 40))
    with pytest.raises(MoreThanOwed) as refusal:
        check_payment(amount, Owed(100, 40))
    assert refusal.value.facts == {"field": "amount", "left_rial": 60}


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("customer", {"customer": ""}), ("customer", {"customer": "x" * 81}), ("amount", {"amount_rial": 0}),
        ("amount", {"amount_rial": 10**12}), ("due_on", {"due_on": TODAY + timedelta(days=1_200)}), ("note", {"note": "x" * 201}),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(field: str, change: dict[str, object]) -> None:
    right = {"customer": "آقای رضایی", "amount_rial": 1, "due_on": TODAY, "note": "", "today": TODAY}
    check_debt(**right)
    with pytest.raises(WrongDebt) as refusal:
        check_debt(**(right | change))
    assert refusal.value.facts["field"] == field
