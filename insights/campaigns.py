"""How much more the shops of a municipality's campaign sold while it went on than in the days before.

No amount: the campaign's shops are a choice of its own, and whoever knows what a zone or a kind of shop sold could subtract. A part of
what was sold before, to the nearest tenth, leaves each shop's unknown share on both sides of the comparison.
"""

from datetime import date

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from insights.reports.rules import is_told
from insights.reports.shops import BROUGHT
from merchants.campaigns.models import CampaignShop
from merchants.campaigns.rules import span_before
from merchants.settlement.models import PricedLine

PERCENT_TO = 10


class Change(Struct, frozen=True):
    """From `first` to `last`, against as many days just before `first`; `percent` is None where it may not be told."""

    first: date
    last: date
    percent: int | None


def change_by_campaign(session: Session, campaign_id: int, first: date, last: date) -> Change:
    """Of the lines that are cleared, of the shops that joined. One query, by the index of lines by shop and day."""
    begin, _ = span_before(first, last)
    is_during = (PricedLine.business_date >= first).label("is_during")
    joined = select(CampaignShop.merchant_id).where(CampaignShop.campaign_id == campaign_id)
    lines = (
        select(is_during, func.sum(PricedLine.gross_rial))
        .where(PricedLine.merchant_id.in_(joined), PricedLine.part.in_(BROUGHT), PricedLine.business_date.between(begin, last))
        .group_by(is_during, PricedLine.merchant_id)
    )
    sold: dict[bool, list[int]] = {True: [], False: []}
    for during, rial in session.execute(lines):
        sold[during].append(int(rial))
    sums = {during: sum(parts) for during, parts in sold.items()}
    may_tell = all(is_told(len(parts), sum(parts), sorted(parts, reverse=True)[:2]) for parts in sold.values())
    return Change(first, last, _nearest(100 * (sums[True] - sums[False]) / sums[False]) if may_tell and sums[False] else None)


def _nearest(percent: float) -> int:
    return round(percent / PERCENT_TO) * PERCENT_TO
