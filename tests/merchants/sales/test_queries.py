from datetime import date, timedelta

import pytest
from msgspec import structs
from sqlalchemy import text
from sqlalchemy.orm import Session

from cardbank.ledger.types import Answer, EntryKind, PostingRequest
from kernel import clock
from kernel.calendar import local_day
from merchants.models import Merchant
from merchants.sales.queries import LAG, TOTALS, TerminalTotals, shop_sales, shop_totals, terminal_totals
from merchants.settlement.services.pricing import price_lines
from tests.merchants.settlement import trade

TILL = 7


def today() -> date:
    return local_day(clock.now())


def everything(session: Session, shop: Merchant) -> list[tuple[EntryKind, int, bool]]:
    return [(line.kind, line.amount_rial, line.is_reversed) for line in shop_sales(session, shop.wallet_id, today()).lines]


def test_a_shop_reads_the_same_whether_its_entries_are_priced_or_not(session: Session) -> None:
    shop, other, wallet = trade.shop(session), trade.shop(session), trade.holder(session)
    first, second = trade.sale(wallet, shop, 30_000), trade.sale(wallet, shop, 20_000)
    answers = trade.post(session, first, second)
    trade.post(session, trade.sale(wallet, other, 70_000))
    price_lines(session)
    session.commit()
    trade.post(session, trade.reversed_(first))
    trade.post(session, trade.returned(second, answers[1], 5_000), trade.cash_top_up(wallet, shop, 1_000))
    before = everything(session, shop), shop_totals(session, shop.wallet_id, today())
    price_lines(session)
    session.commit()
    after = everything(session, shop), shop_totals(session, shop.wallet_id, today())
    assert before == after
    assert set(before[0]) == {
        (EntryKind.TOP_UP, 1_000, False), (EntryKind.REFUND, 5_000, False), (EntryKind.REVERSAL, 30_000, False),
        (EntryKind.PURCHASE, 20_000, False), (EntryKind.PURCHASE, 30_000, True),
    }  # fmt: skip
    assert before[1][EntryKind.PURCHASE] == (2, 50_000)


def test_what_was_undone_is_returned_no_more_and_cash_is_no_return(session: Session) -> None:
    shop, wallet = trade.shop(session), trade.holder(session)
    sold, cash = trade.sale(wallet, shop, 100_000), trade.cash_top_up(wallet, shop, 7_000)
    [answer, _] = trade.post(session, sold, cash)
    undone = trade.returned(sold, answer, 60_000)
    trade.post(session, undone)
    trade.post(session, trade.reversed_(undone))
    trade.post(session, trade.returned(sold, answer, 10_000))
    trade.post(session, trade.reversed_(cash))
    before = shop_totals(session, shop.wallet_id, today())
    price_lines(session)
    session.commit()
    after = shop_totals(session, shop.wallet_id, today())
    assert before == after
    returns = (EntryKind.REFUND, EntryKind.VOID, EntryKind.REVERSAL)
    assert sum(after[kind][1] for kind in returns if kind in after) == 10_000
    assert after[EntryKind.PURCHASE] == (1, 100_000)


def test_a_till_counts_what_was_undone_no_more(session: Session) -> None:
    """A drawer is held against this: a top-up that was reversed gave its cash back, and a refund that was undone gave nothing."""
    shop, wallet, began = trade.shop(session), trade.holder(session), clock.now()
    sold, given_up, cash = (
        trade.sale(wallet, shop, 100_000),
        trade.sale(wallet, shop, 5_000),
        trade.cash_top_up(wallet, shop, 7_000),
    )

    def post(*asked: PostingRequest) -> list[Answer]:
        return trade.post(session, *(structs.replace(one, terminal_id=TILL) for one in asked))

    [answer, *_] = post(sold, given_up, cash)
    undone = trade.returned(sold, answer, 60_000)
    post(undone)
    post(trade.reversed_(undone), trade.reversed_(given_up), trade.reversed_(cash), trade.cash_top_up(wallet, shop, 900))
    post(trade.returned(sold, answer, 10_000))
    trade.post(session, trade.cash_top_up(wallet, shop, 50))
    facts = shop.wallet_id, TILL, began
    before = terminal_totals(session, *facts, clock.now() + timedelta(seconds=1))
    price_lines(session)
    session.commit()
    assert before == terminal_totals(session, *facts, clock.now() + timedelta(seconds=1))
    assert before == TerminalTotals(returned_rial=10_000, cash_rial=900)


def test_pages_follow_each_other_across_priced_and_unpriced(session: Session) -> None:
    shop, wallet = trade.shop(session), trade.holder(session)
    for number in range(1, 8):
        trade.post(session, trade.sale(wallet, shop, number * 1_000))
        if number == 4:
            price_lines(session)
            session.commit()
    found, before = [], None
    while True:
        page = shop_sales(session, shop.wallet_id, today(), before=before, most=2)
        found += [line.amount_rial for line in page.lines]
        if page.older is None:
            break
        before = page.older
    assert found == [number * 1_000 for number in range(7, 0, -1)]


def test_a_day_that_is_priced_as_a_whole_counts_nothing_twice(session: Session) -> None:
    shop, wallet = trade.shop(session), trade.holder(session)
    trade.post(session, trade.sale(wallet, shop, 9_000))
    price_lines(session)
    session.execute(text("INSERT INTO priced_day SELECT DISTINCT business_date FROM priced_batch"))
    session.execute(text("DELETE FROM priced_batch"))
    assert everything(session, shop) == [(EntryKind.PURCHASE, 9_000, False)]


@pytest.mark.parametrize("before", ["x", "2026-11-22T10:00:00_1", "2026-11-22T10:00:00+00:00_x", "_5"])
def test_a_position_that_was_not_given_out_is_refused(session: Session, before: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        shop_sales(session, 1, today(), before=before)


def test_it_reads_a_shops_lines_by_their_index_and_no_day_of_entries(session: Session) -> None:
    shop = trade.shop(session)
    session.execute(
        text("""INSERT INTO priced_line (business_date, entry_id, merchant_id, kind, part, decided_at, gross_rial, credit_rial,
                                         commission_rial, spared_rial)
                SELECT :day, n, (SELECT id FROM merchant LIMIT 1), 1, 'sale', now(), 1, 0, 0, 0 FROM generate_series(1, 20000) n"""),
        {"day": today() - timedelta(days=1)},
    )
    session.execute(text("ANALYZE priced_line"))
    plan = "\n".join(
        session.scalars(text(f"EXPLAIN {TOTALS.text}"), {"shop_id": shop.wallet_id, "day": today(), "lag": LAG, "branches": None})
    )
    assert "ix_priced_line" in plan or "pk_priced_line" in plan
    assert "Seq Scan on priced_line" not in plan
