"""A quota of the demonstration's union, invented: some of it shared out, and the first shop has to confirm what it took; and a fee that
this shop owes.
"""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import clock
from kernel.calendar import local_day
from merchants.dues.services import Entered as Owed
from merchants.dues.services import enter_due
from merchants.models import Merchant
from merchants.quotas.queries import own_shares
from merchants.quotas.services.handing import Handed, hand_out
from merchants.quotas.services.sharing import Entered, Wanted, enter_quota, share_equally

NAMES = {"fa": "شکر، سهمیهٔ فصل (نمونه)", "en": "Sugar of the season (sample)"}
KILOGRAM = 1_000
WHOLE, SHARED, TAKEN = 4_800 * KILOGRAM, 3_200 * KILOGRAM, 25 * KILOGRAM
PRICE_RIAL = 320_000
FEE, FEE_RIAL = "حق عضویت سال (نمونه)", 6_000_000
PERIOD, WINDOW = timedelta(days=60), timedelta(days=20)


def seed_quota(session: Session, officer: Identity, owner: Identity, shop: Merchant) -> None:
    if shop.union_id is None:
        return
    today = local_day(clock.now())
    typed = Entered(str(uuid4()), NAMES, "kilogram", WHOLE, today, today + PERIOD, PRICE_RIAL)
    quota = enter_quota(session, officer, shop.union_id, typed)
    share_equally(session, officer, shop.union_id, quota.id, Wanted(str(uuid4()), SHARED, KILOGRAM, today, today + WINDOW))
    [own] = own_shares(session, owner)
    hand_out(session, officer, shop.union_id, own.share.id, Handed(str(uuid4()), TAKEN))
    enter_due(session, officer, shop.union_id, Owed(str(uuid4()), shop.id, FEE, FEE_RIAL, today + WINDOW))
