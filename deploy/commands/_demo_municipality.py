"""What the demonstration's municipality has published and decided: works near the shrine and two permits, invented and labelled so."""

from datetime import timedelta

from sqlalchemy.orm import Session

from identity.permissions import Identity, Permission
from kernel import clock
from kernel.calendar import local_day
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
PERMITS = (
    ("00000000-0000-4000-8000-000000000040", Permitted.PAVEMENT, "چیدن دو میز نبات و زعفران (نمونه)", "روبه‌روی مغازه، یک متر از پیاده‌رو"),
    ("00000000-0000-4000-8000-000000000041", Permitted.SIGNAGE, "نصب تابلوی تازه (نمونه)", "بالای درِ مغازه"),
)
CONDITIONS = "راه عابران و ویلچر باز بماند؛ تا ساعت ۲۲ (نمونه)"


def seed_permits(session: Session, shop: Identity, clerk: Identity, municipality_id: int) -> None:
    """One that is granted, and one that waits."""
    [(branch, organisation_id), *_] = own_branches(session, shop.organisations(Permission.MERCHANTS_PERMIT_ASK) or ())
    where, today = Where(int(organisation_id), branch_id=branch.id), local_day(clock.now())
    granted, _ = (
        ask(session, shop, key, where, Wanted(kind, words, spot, today, today + timedelta(days=60))) for key, kind, words, spot in PERMITS
    )
    decide(session, clerk, [municipality_id], granted.id, Act.GRANT, CONDITIONS)


def seed_works(session: Session, clerk: Identity, municipality_id: int, city_id: int) -> None:
    zone = zones_of_city(session, city_id)[0]
    now = clock.now()
    said = Works(Kind.ROAD, Severity.MUCH, WORKS, now, now + timedelta(days=90), zone_id=zone.id)
    publish_works(session, clerk, municipality_id, city_id, WORKS_KEY, said)
