"""The files that a bank takes: made with the batch, or later where a setting was missing; kept as they were made."""

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.settings import load_settings
from merchants.leaving.queries import leavings_of_batch
from merchants.settlement import queries
from merchants.settlement.adapters.paya import PAYOUT_FILES
from merchants.settlement.errors import BatchNotFound, PayerNotSet, PayoutFileForgotten
from merchants.settlement.models import SettlementBatch, Statement, StoredPayoutFile
from merchants.settlement.ports import Payer, Payment, PayoutFile, PayoutOrder


def payer() -> Payer | None:
    """The account that payouts leave from; None until the operator of the platform has set it."""
    settings = load_settings()
    if not settings.payout_debtor_sheba:
        return None
    return Payer(settings.payout_debtor_name, settings.payout_debtor_sheba, settings.payout_debtor_bic)


def write_files(session: Session, batch: SettlementBatch) -> None:
    """Every form that can be written today; a batch without payouts has none."""
    order = _order(session, batch)
    for adapter in PAYOUT_FILES if order.payments else ():
        if order.payer is not None or not adapter.needs_payer:
            _store(session, batch, adapter, order)


def payout_file(session: Session, batch_id: int, form: str) -> bytes:
    """The file of a form, made now if it could not be made with its batch.

    Raises BatchNotFound, PayerNotSet, PayoutFileDamaged, PayoutFileForgotten.
    """
    stored = queries.payout_file(session, batch_id, form)
    if stored is not None:
        return stored
    batch = session.get(SettlementBatch, batch_id, with_for_update=True)
    adapter = next((one for one in PAYOUT_FILES if one.form == form), None)
    if batch is None or adapter is None or not batch.payouts:
        raise BatchNotFound(batch_id=batch_id)
    written_meanwhile = queries.payout_file(session, batch_id, form)
    if written_meanwhile is not None:
        return written_meanwhile
    order = _order(session, batch)
    if order.payer is None and adapter.needs_payer:
        raise PayerNotSet(form=form)
    return _store(session, batch, adapter, order)


def _order(session: Session, batch: SettlementBatch) -> PayoutOrder:
    paid = select(Statement).where(Statement.batch_id == batch.id, Statement.payout_rial > 0).order_by(Statement.id)
    payments = [
        Payment(one.payout_reference or "", one.sheba or "", one.holder_name or "", one.payout_rial)
        for one in session.scalars(paid)
    ]
    left = leavings_of_batch(session, batch.id)
    if any(one.sheba is None for one in left):
        raise PayoutFileForgotten(batch_id=batch.id)
    payments += [Payment(one.reference, one.sheba or "", one.holder_name or "", one.amount_rial) for one in left]
    return PayoutOrder(batch.reference, batch.closed_at, payments, payer())


def _store(session: Session, batch: SettlementBatch, adapter: PayoutFile, order: PayoutOrder) -> bytes:
    content = adapter.write(order)
    digest = hashlib.sha256(content).digest()
    session.add(StoredPayoutFile(batch_id=batch.id, form=adapter.form, content=content, sha256=digest))
    session.flush()
    return content
