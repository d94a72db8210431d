"""What the shops of a municipality's campaign sold while it went on, beside the days before: one sum of all, never of few."""

from datetime import date

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from insights.reports.rules import LEAST_SHOPS
from insights.reports.shops import BROUGHT
from merchants.campaigns.models import CampaignShop
from merchants.campaigns.rules import span_before
from merchants.settlement.models import PricedLine


class Turnover(Struct, frozen=True):
    """Sales less what was brought back, from `first` to `last` and in as many days just before `first`; None where too few shops sold."""

    first: date
    last: date
    during_rial: int | None
    before_rial: int | None


def turnover_of_campaign(session: Session, campaign_id: int, first: date, last: date) -> Turnover:
    """Of the lines that are cleared, of the shops that joined. One query, by the index of lines by shop and day."""
    begin, _ = span_before(first, last)
    is_during = (PricedLine.business_date >= first).label("is_during")
    joined = select(CampaignShop.merchant_id).where(CampaignShop.campaign_id == campaign_id)
    lines = (
        select(is_during, func.count(PricedLine.merchant_id.distinct()), func.sum(PricedLine.gross_rial))
        .where(PricedLine.merchant_id.in_(joined), PricedLine.part.in_(BROUGHT), PricedLine.business_date.between(begin, last))
        .group_by(is_during)
    )
    sums = {during: int(rial) for during, shops, rial in session.execute(lines) if shops >= LEAST_SHOPS}
    return Turnover(first, last, sums.get(True), sums.get(False))
