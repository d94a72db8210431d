"""The public index of the trades, counted anew a few times a day: nobody who opens the page makes the database count a quarter."""

from datetime import timedelta

from sqlalchemy import BigInteger, Float, cast, delete, extract, func, insert, select
from sqlalchemy.orm import Session

from kernel import clock
from kernel.calendar import local_day
from merchants.complaints.models import Complaint, TradeIndex
from merchants.models import Merchant
from merchants.onboarding.models import Application, Trade
from merchants.settlement.models import PricedLine

COUNTED = timedelta(days=90)
DAY_SECONDS = 86_400


def count_index(session: Session) -> None:
    """Complaints, sales and the days to a decision of each trade in the last quarter. Run again it counts anew."""
    now = clock.now()
    since = local_day(now) - COUNTED
    days = extract("epoch", Complaint.closed_at - Complaint.opened_at) / DAY_SECONDS
    told = (
        select(
            Complaint.trade_id,
            func.count().label("complaints"),
            func.percentile_cont(0.5).within_group(cast(days, Float)).label("median_days"),
        )
        .where(Complaint.opened_at >= now - COUNTED, Complaint.trade_id.is_not(None))
        .group_by(Complaint.trade_id)
        .subquery()
    )
    by_kind = select(func.min(Trade.id)).where(Trade.union_id == Merchant.union_id, Trade.kind == Merchant.kind).correlate(Merchant)
    shop = (
        select(Merchant.id, func.coalesce(Application.trade_id, by_kind.scalar_subquery()).label("trade_id"))
        .outerjoin(Application, Application.merchant_id == Merchant.id)
        .subquery()
    )
    sold = (
        select(shop.c.trade_id, func.count().label("sales"))
        .join(PricedLine, PricedLine.merchant_id == shop.c.id)
        .where(PricedLine.part == "sale", PricedLine.business_date >= since)
        .group_by(shop.c.trade_id)
        .subquery()
    )
    counted = (
        select(
            Trade.id,
            func.coalesce(told.c.complaints, 0),
            cast(func.coalesce(sold.c.sales, 0), BigInteger),
            told.c.median_days,
            cast(now, TradeIndex.counted_at.type),
        )
        .outerjoin(told, told.c.trade_id == Trade.id)
        .outerjoin(sold, sold.c.trade_id == Trade.id)
    )
    session.execute(delete(TradeIndex))
    columns = ["trade_id", "complaints", "sales", "median_days", "counted_at"]
    session.execute(insert(TradeIndex).from_select(columns, counted))
