"""A union with shops and a quota of flour, of which some is shared out."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from kernel.calendar import local_day
from merchants.models import Merchant
from merchants.quotas.models import Quota, QuotaRound
from merchants.quotas.queries import ShareRow, shares_page
from merchants.quotas.rules import Standing
from merchants.quotas.services import sharing
from merchants.quotas.services.sharing import Entered, Wanted
from tests import factories
from tests.merchants.onboarding import files

TONNE = 1_000_000  # thousandths of a kilogram


@dataclass
class Place:
    town: files.Town
    shops: list[Merchant]
    quota: Quota
    today: date = field(default_factory=lambda: local_day(clock.now()))

    @property
    def clerk(self) -> Identity:
        return self.town.union_officer

    def share(self, session: Session, total: int, *, step: int = 1_000, days: int = 10, key: str = "") -> QuotaRound:
        wanted = Wanted(key or str(uuid4()), total, step, self.today, self.today + timedelta(days=days))
        return sharing.share_equally(session, self.clerk, self.town.union.id, self.quota.id, wanted)

    def shares(self, session: Session) -> list[ShareRow]:
        return shares_page(session, self.quota.id, limit=None)

    def owner(self, session: Session, shop: Merchant) -> Identity:
        return factories.account(session, Role.MERCHANT, organisation_id=shop.organisation_id)[0]


def flour(session: Session, at: files.Town, whole: int = 4 * TONNE, *, key: str = "") -> Quota:
    today = local_day(clock.now())
    typed = Entered(
        key or str(uuid4()), {"fa": "آرد", "en": "Flour"}, "kilogram", whole, today, today + timedelta(days=30), 150_000
    )
    return sharing.enter_quota(session, at.union_officer, at.union.id, typed)


def place(session: Session, shops: int = 3, whole: int = 4 * TONNE) -> Place:
    at = files.town(session)
    made = [factories.merchant(session, "sweets", at.union.id) for _ in range(shops)]
    return Place(at, made, flour(session, at, whole))


def adds_up(session: Session, at: Place) -> Standing:
    """What the quota's rows come to; every share adds up by itself, and all of them to the whole."""
    rows = at.shares(session)
    for row in rows:
        assert row.share.amount == row.share.handed + row.left + row.share.fallen
        assert row.left >= 0
    stands = Standing(at.quota.whole, *(sum(getattr(row.share, name) for row in rows) for name in ("amount", "handed", "fallen")))
    assert stands.whole == stands.free + stands.left + stands.handed
    assert stands.free >= 0
    return stands
