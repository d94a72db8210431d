"""The public index: counted by trade, hidden where it would tell of single shops."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from kernel import clock
from merchants.complaints import queries
from merchants.complaints.rules import Act, Index, published
from merchants.complaints.services.handling import Wanted, handle
from merchants.complaints.services.indexing import count_index
from merchants.settlement.services.pricing import price_lines
from tests.merchants.complaints.case import case


@pytest.mark.parametrize(
    ("complaints", "sales", "median", "index"),
    [
        (9, 10_000, 2.0, Index(None, None)), (10, 10_000, 2.04, Index(1.0, 2.0)), (37, 1_500, None, Index(24.7, None)),
        (12, 11, 1.0, Index(None, None)),
    ],
)  # fmt: skip
def test_a_trade_is_shown_from_ten_complaints_on(complaints: int, sales: int, median: float | None, index: Index) -> None:
    assert published(complaints, sales, median) == index


def test_complaints_and_sales_are_counted_by_the_trade_of_the_shop(session: Session) -> None:
    at = case(session)
    now = clock.now()
    price_lines(session)
    for days, cause in ((2, "rude"), (6, "other"), (10, "terminal")):
        with clock.frozen(now - timedelta(days=days)):
            made = at.complaint(session, cause)
        handle(session, at.inspector, made.id, Wanted(Act.RESOLVE, made.key.replace(made.key[:8], "0" * 8), "x"))
    with clock.frozen(now - timedelta(days=100)):
        at.complaint(session, "bad_goods")
    for _ in range(2):
        count_index(session)
    [(trade, counted)] = queries.trade_index(session)
    assert (trade.id, counted.complaints, counted.sales) == (at.town.trade.id, 3, 1)
    assert counted.median_days == pytest.approx(6, abs=0.01)
