"""Permits that a shop asks for and a town's municipality decides on."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import clock
from kernel.calendar import local_day
from merchants.models import Branch, Merchant
from merchants.permits import services
from merchants.permits.models import Permit
from merchants.permits.rules import Act, Wanted
from merchants.permits.services import Where
from tests.merchants.onboarding import files


def wanted(**changes: object) -> Wanted:
    today = local_day(clock.now())
    usual = Wanted("stall", "فروش نبات در ده روز آخر صفر", "روبه‌روی مغازه، دو متر", today, today + timedelta(days=40))
    return replace(usual, **changes)  # type: ignore[arg-type]


def asked(session: Session, identity: Identity, branch_id: int, key: str | None = None, **changes: object) -> Permit:
    shop = session.get_one(Merchant, session.get_one(Branch, branch_id).merchant_id)
    return services.ask(session, identity, key or str(uuid4()), Where(shop.organisation_id, branch_id=branch_id), wanted(**changes))


def granted(session: Session, at: files.Town, permit: Permit, conditions: str = "تا ساعت ۲۲") -> Permit:
    return services.decide(session, at.town_officer, [at.municipality.id], permit.id, Act.GRANT, conditions)
