"""How much more shops of a campaign sold: of those that joined alone, against as many days before, never of two nor mostly of one."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from insights.campaigns import Change, change_by_campaign
from kernel import clock
from kernel.calendar import local_day
from merchants.campaigns.models import CampaignShop
from merchants.settlement.models import PricedLine
from tests import factories
from tests.merchants.campaigns.campaigns import publish
from tests.merchants.onboarding import files


def test_the_change_is_of_the_shops_that_joined_and_of_three_at_least(session: Session) -> None:
    town, today = files.town(session), local_day(clock.now())
    campaign = publish(session, town)
    shops = [factories.merchant(session).id for _ in range(5)]
    first, last = today, today + timedelta(2)

    def sold(merchant_id: int, day: date, gross_rial: int, part: str = "sale") -> None:
        session.add(PricedLine(
            business_date=day, entry_id=len(session.new) + 1 + day.toordinal() * 100, merchant_id=merchant_id, kind=1, part=part,
            decided_at=clock.now(), gross_rial=gross_rial, credit_rial=0, commission_rial=0, spared_rial=0,
        ))  # fmt: skip

    for number, merchant_id in enumerate(shops):
        sold(merchant_id, first, 1_300 if number < 4 else 50_000)
        sold(merchant_id, first - timedelta(1), 1_000)
    sold(shops[0], last, -100, "return")
    sold(shops[0], last, 5_000_000, "cash")
    sold(shops[0], last + timedelta(1), 5_000_000)
    sold(shops[0], first - timedelta(3), 500)
    sold(shops[0], first - timedelta(4), 5_000_000)
    session.flush()

    def join(merchant_id: int) -> Change:
        session.add(
            CampaignShop(
                campaign_id=campaign.id, merchant_id=merchant_id, joined_at=clock.now(), joined_by=town.town_officer.sign_in_id
            )
        )
        session.flush()
        return change_by_campaign(session, campaign.id, first, last)

    told = [join(merchant_id).percent for merchant_id in shops]
    assert told[:2] == [None, None], "in two, each shop would know the other's figure"
    assert told[2:4] == [10, 10], "3,800 after 3,500, and 5,100 after 4,500, to the nearest tenth"
    assert told[4] is None, "most of it is the last one's"
