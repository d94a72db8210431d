"""What the demonstration's municipality has published: works near the shrine, invented and labelled so."""

from datetime import timedelta

from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import clock
from merchants.works.rules import Kind, Severity, Wanted
from merchants.works.services import publish_works
from places.queries import zones_of_city

WORKS = {
    "fa": "خیابان امام رضا یک‌طرفه است؛ از بولوار شارستان بروید (نمونه)",
    "en": "Imam Reza Street is one-way; go by Sharestan Boulevard (sample)",
    "ar": "شارع الإمام الرضا باتجاه واحد؛ اسلكوا شارع شارستان (نموذج)",
    "ur": "امام رضا سڑک یک طرفہ ہے؛ شارستان بلیوارڈ سے جائیں (نمونہ)",
}
WORKS_KEY = "00000000-0000-4000-8000-000000000039"


def seed_municipality(session: Session, clerk: Identity, municipality_id: int, city_id: int) -> None:
    zone = zones_of_city(session, city_id)[0]
    now = clock.now()
    said = Wanted(Kind.ROAD, Severity.MUCH, WORKS, now, now + timedelta(days=90), zone_id=zone.id)
    publish_works(session, clerk, municipality_id, city_id, WORKS_KEY, said)
