"""A shop that asks for a further branch."""

from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import clock
from kernel.calendar import jalali_digits, local_day
from kernel.settings import load_settings
from merchants.branches.models import BranchWish
from merchants.branches.services.asking import ask_branch
from merchants.models import Merchant
from merchants.onboarding.adapters.folder import FolderStore

PICTURE = b"\xff\xd8\xff"
_numbers = count(8_000_000_000)


def typed(**changes: str) -> dict[str, str]:
    return {
        "name_fa": "شعبهٔ بازار", "name_en": "Bazaar branch", "city": "mashhad", "address": "بازار رضا، طبقهٔ اول، پلاک ۱۲", "lat": "36.2870", "lon": "59.6150",
        "licence_number": str(next(_numbers)), "licence_expires_on": jalali_digits(local_day(clock.now()).replace(year=local_day(clock.now()).year + 1, day=1)),
    } | changes  # fmt: skip


def branch_wish(session: Session, owner: Identity, merchant: Merchant, **changes: Any) -> BranchWish:
    made, faults = ask_branch(
        session, owner, FolderStore(load_settings().documents_folder), merchant, str(uuid4()), typed(**changes), PICTURE
    )
    assert made is not None, faults
    session.commit()
    return made
