"""What the demonstration's municipality has published and decided: works near the shrine, a campaign and two permits, invented and labelled so."""

from datetime import timedelta

from sqlalchemy.orm import Session

from identity.permissions import Identity, Permission
from kernel import clock
from kernel.calendar import local_day
from merchants.campaigns.queries import offered
from merchants.campaigns.rules import Wanted as Campaign
from merchants.campaigns.services import join_campaign, publish_campaign
from merchants.permits.queries import own_branches
from merchants.permits.rules import Act, Wanted
from merchants.permits.rules import Kind as Permitted
from merchants.permits.services import Where, ask, decide
from merchants.works.rules import Kind, Severity
from merchants.works.rules import Wanted as Works
from merchants.works.services import publish_works
from places.queries import zones_of_city

WORKS = {
    "fa": "خیابان امام رضا یک‌طرفه است؛ از بولوار شارستان بروید (نمونه)",
    "en": "Imam Reza Street is one-way; go by Sharestan Boulevard (sample)",
    "ar": "شارع الإمام الرضا باتجاه واحد؛ اسلكوا شارع شارستان (نموذج)",
    "ur": "امام رضا سڑک یک طرفہ ہے؛ شارستان بلیوارڈ سے جائیں (نمونہ)",
}
WORKS_KEY = "00000000-0000-4000-8000-000000000039"
CAMPAIGN_KEY = "00000000-0000-4000-8000-000000000047"
CAMPAIGN_TITLES = {
    "fa": "هفتهٔ مهمان‌نوازی (نمونه)", "en": "Week of hospitality (sample)", "ar": "أسبوع الضيافة (نموذج)", "ur": "ہفتۂ مہمان نوازی (نمونہ)",
}  # fmt: skip
CAMPAIGN_TEXTS = {
    "fa": "فروشگاه‌های همراه از زائران با چای پذیرایی می‌کنند.",
    "en": "Shops that take part welcome pilgrims with a cup of tea.",
    "ar": "تستقبل المتاجر المشاركة الزائرين بكوب شاي.",
    "ur": "شریک دکانیں زائرین کی چائے سے تواضع کرتی ہیں۔",
}
PERMITS = (
    (
        "00000000-0000-4000-8000-000000000040",
        Permitted.PAVEMENT,
        "چیدن دو میز نبات و زعفران (نمونه)",
        "روبه‌روی مغازه، یک متر از پیاده‌رو",
    ),
    ("00000000-0000-4000-8000-000000000041", Permitted.SIGNAGE, "نصب تابلوی تازه (نمونه)", "بالای درِ مغازه"),
)
CONDITIONS = "راه عابران و ویلچر باز بماند؛ تا ساعت ۲۲ (نمونه)"


def seed_permits(session: Session, shop: Identity, clerk: Identity, municipality_id: int) -> None:
    """One that is granted, and one that waits."""
    [(branch, organisation_id), *_] = own_branches(session, shop.organisations(Permission.MERCHANTS_PERMIT_ASK) or ())
    where, today = Where(int(organisation_id), branch_id=branch.id), local_day(clock.now())
    granted, _ = (
        ask(session, shop, key, where, Wanted(kind, words, spot, today, today + timedelta(days=60)))
        for key, kind, words, spot in PERMITS
    )
    decide(session, clerk, [municipality_id], granted.id, Act.GRANT, CONDITIONS)


def seed_works(session: Session, clerk: Identity, municipality_id: int, city_id: int) -> None:
    zone = zones_of_city(session, city_id)[0]
    now = clock.now()
    said = Works(Kind.ROAD, Severity.MUCH, WORKS, now, now + timedelta(days=90), zone_id=zone.id)
    publish_works(session, clerk, municipality_id, city_id, WORKS_KEY, said)


def seed_campaign(session: Session, shop: Identity, clerk: Identity, municipality_id: int, city_id: int) -> None:
    """One that runs, in which the shop takes part."""
    today = local_day(clock.now())
    said = Campaign(CAMPAIGN_TITLES, CAMPAIGN_TEXTS, today, today + timedelta(days=90))
    publish_campaign(session, clerk, municipality_id, city_id, CAMPAIGN_KEY, said)
    [row] = offered(session, shop, today)
    join_campaign(session, shop, row.merchant_id, row.told.campaign.id)
