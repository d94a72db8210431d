"""Shops are told that their share is ready, some at each turn; messages carry keys, so nobody is told twice."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.calendar import day_digits
from kernel.languages import in_language
from kernel.messages.services import send
from kernel.settings import load_settings
from kernel.text import localised_digits
from merchants.quotas.models import Quota, QuotaRound
from merchants.quotas.notices import SHARE_READY
from merchants.quotas.queries import shops_given
from merchants.telling import owners_to_tell

A_TURN = 100


def tell_next(session: Session) -> bool:
    """One turn; whether there was anybody to tell."""
    untold = select(QuotaRound).where(QuotaRound.told_to.is_not(None)).order_by(QuotaRound.id).limit(1)
    one = session.scalar(untold.with_for_update(skip_locked=True))
    if one is None:
        return False
    quota = session.get_one(Quota, one.quota_id)
    owners = owners_to_tell(session, shops_given(one), one.told_to or 0, A_TURN)
    for person_id, mobile, language in owners:
        until = localised_digits(day_digits(one.until, language), language)
        facts = {"goods": in_language(quota.names, language), "until": until, "link": f"{load_settings().portal}/own-quotas"}
        send(session, SHARE_READY, mobile, language, facts, key=f"quota round {one.id} {person_id}")
        one.told_to = person_id
    if len(owners) < A_TURN:
        one.told_to = None
    session.flush()
    return True
