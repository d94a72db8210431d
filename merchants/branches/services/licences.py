"""A branch stands still from the day after the last one of its own licence, as a shop does."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from merchants.branches.notices import LICENCE_ENDED, LICENCE_ENDS_SOON
from merchants.branches.telling import tell
from merchants.models import Branch
from merchants.onboarding.rules import NOTICE_DAYS, notice_due
from merchants.services import announce_branch

CLOCK = Actor.system("licence clock")
A_TURN = 500


def watch_branch_licences(session: Session) -> int:
    """Stop branches whose licence has run out and tell of the 30, 7 and 1 days before; how many were touched.

    Run again on the same day it does nothing.
    """
    today = local_day(clock.now())
    near = (
        select(Branch)
        .where(Branch.status == "active", Branch.licence_expires_on <= today + timedelta(days=max(NOTICE_DAYS)))
        .order_by(Branch.licence_expires_on, Branch.id)
        .with_for_update(skip_locked=True)
    )
    branches = session.scalars(near.execution_options(yield_per=A_TURN, populate_existing=True))
    return sum(_watch(session, branch, branch.licence_expires_on, today) for branch in branches if branch.licence_expires_on)


def _watch(session: Session, branch: Branch, last_day: date, today: date) -> bool:
    if last_day < today:
        branch.status = "suspended"
        session.flush()
        audit.record(
            session, CLOCK, "set_status", "branch", branch.id,
            before={"status": "active"}, after={"status": "suspended"}, why="licence expired",
        )  # fmt: skip
        announce_branch(session, branch.id)
        tell(
            session,
            branch.merchant_id,
            LICENCE_ENDED,
            branch.names,
            f"branch {branch.id} licence {last_day} ended",
        )
        return True
    days = notice_due(last_day, branch.noticed_days, today)
    if days is None:
        return False
    branch.noticed_days = days
    tell(
        session,
        branch.merchant_id,
        LICENCE_ENDS_SOON,
        branch.names,
        f"branch {branch.id} licence {last_day} {days}",
        {"days": days},
    )
    return True
