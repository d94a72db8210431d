"""Whose account money went to is forgotten when it need not be known any longer: the bank has answered, and the records' time is over."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kernel import clock
from kernel.settings import load_settings
from merchants.leaving.models import Leaving
from merchants.settlement.models import StoredPayoutFile

A_TURN = 500


def forget_accounts(session: Session) -> int:
    """Accounts and names of payouts that were answered that long ago, with the words of the files that named them; how many."""
    answered_before = clock.now() - timedelta(days=load_settings().payout_account_days)
    overdue = (
        select(Leaving)
        .where(Leaving.sheba.is_not(None), Leaving.answered_at < answered_before)
        .order_by(Leaving.answered_at)
        .limit(A_TURN)
        .with_for_update(skip_locked=True)
    )
    forgotten = session.scalars(overdue).all()
    for leaving in forgotten:
        leaving.sheba = leaving.holder_name = None
    batches = {leaving.batch_id for leaving in forgotten}
    session.execute(update(StoredPayoutFile).where(StoredPayoutFile.batch_id.in_(batches)).values(content=None))
    session.flush()
    return len(forgotten)
