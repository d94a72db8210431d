"""What shops did not take by the end of a window falls back to the quota."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from merchants.quotas import queries
from merchants.quotas.models import Quota, QuotaRound, QuotaShare

BY_ITSELF = Actor.system("end of a window")


def fall_back_next(session: Session) -> bool:
    """One quota of which a window is over; whether there was any."""
    over = select(Quota.union_id, Quota.id).join(QuotaRound, QuotaRound.quota_id == Quota.id)
    over = over.where(QuotaRound.fallen_at.is_(None), QuotaRound.until < local_day(clock.now()))
    found = session.execute(over.order_by(QuotaRound.until, QuotaRound.id).limit(1)).one_or_none()
    if found is None:
        return False
    fall_back(session, queries.lock_quota(session, found.union_id, found.id))
    return True


def fall_back(session: Session, quota: Quota) -> None:
    """Of a quota that is held: every window that is over is closed, so that what it left may be shared out at once."""
    now = clock.now()
    over = select(QuotaRound).where(
        QuotaRound.quota_id == quota.id, QuotaRound.fallen_at.is_(None), QuotaRound.until < local_day(now)
    )
    for one in session.scalars(over.order_by(QuotaRound.id)).all():
        rest = QuotaShare.amount - QuotaShare.handed - QuotaShare.fallen
        fallen = update(QuotaShare).where(QuotaShare.round_id == one.id, rest > 0).values(fallen=QuotaShare.fallen + rest)
        amounts = session.execute(fallen.returning(QuotaShare.id)).all()
        one.fallen_at = now
        audit.record(session, BY_ITSELF, "fall back", "quota round", one.id, after={"shares": len(amounts)})
    session.flush()
