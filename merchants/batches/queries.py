"""Reads of terminals' batches: one batch, what it holds, what differs."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from cardbank.batches import ClosedBatch, TerminalEntry, entries_of_batches, entry_of_batches, open_batch
from cardbank.references import entry_of_reference
from identity.models import Organisation
from kernel import clock
from kernel.calendar import local_day
from merchants.batches.errors import BatchNotFound, ExceptionNotFound, HolderReturnNotFound
from merchants.batches.models import BatchException, BatchUpload, HolderReturn, TerminalBatch
from merchants.batches.rules import BatchEntry, Finding, Upload, Word, side_of
from merchants.models import Branch, Merchant, Terminal


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """An exception with where it comes from."""

    exception: BatchException
    batch: TerminalBatch
    code: str
    names: dict[str, str]
    organisation_id: int
    wallet_id: int
    merchant_id: int


def lock_batch(session: Session, terminal_id: int, number: int) -> TerminalBatch | None:
    return session.scalar(_one(terminal_id, number).with_for_update().execution_options(populate_existing=True))


def _one(terminal_id: int, number: int) -> Select[TerminalBatch]:
    return select(TerminalBatch).where(TerminalBatch.terminal_id == terminal_id, TerminalBatch.number == number)


def batch_by_number(session: Session, terminal_id: int, number: int, *, lock: bool = False) -> TerminalBatch:
    """Raises BatchNotFound."""
    batch = lock_batch(session, terminal_id, number) if lock else session.scalar(_one(terminal_id, number))
    if batch is None:
        raise BatchNotFound(number=number)
    return batch


def batches_of_terminal(session: Session, terminal_id: int, *, before: int | None = None, limit: int = 10) -> list[TerminalBatch]:
    """Closed ones, newest first; `before` is a batch number."""
    page = select(TerminalBatch).where(TerminalBatch.terminal_id == terminal_id).order_by(TerminalBatch.number.desc()).limit(limit)
    return list(session.scalars(page.where(TerminalBatch.number < before) if before else page))


def batch_by_id(session: Session, batch_id: int) -> tuple[TerminalBatch, str]:
    """A closed batch and the code of its terminal. Raises BatchNotFound."""
    row = session.execute(
        select(TerminalBatch, Terminal.code)
        .join(Terminal, Terminal.id == TerminalBatch.terminal_id)
        .where(TerminalBatch.id == batch_id)
    ).one_or_none()
    if row is None:
        raise BatchNotFound(batch_id=batch_id)
    return row.TerminalBatch, row.code


def open_entries(session: Session, terminal_id: int) -> tuple[int, datetime | None, list[BatchEntry]]:
    """A terminal's open batch: its number, since when, and what it holds."""
    number, since = open_batch(session, terminal_id)
    return number, since, entries_between(session, terminal_id, number, number, since)


def entries_of(session: Session, batch: TerminalBatch) -> list[BatchEntry]:
    return entries_between(session, batch.terminal_id, batch.number, batch.number, batch.opened_at, batch.closed_at)


def entries_between(
    session: Session, terminal_id: int, lowest: int, highest: int, since: datetime | None, until: datetime | None = None
) -> list[BatchEntry]:
    found = entries_of_batches(session, terminal_id, lowest, highest, since, until or clock.now())
    return list(map(_entry, found))


def entry_named(session: Session, batch: TerminalBatch, reference: str) -> BatchEntry | None:
    """The entry that a terminal's reference names, if it is of the batch, or of those just before that were closed because of
    their age: the terminal counted on through them.
    """
    ref = entry_of_reference(reference, local_day(clock.now()))
    if ref is None:
        return None
    told_last = session.scalar(
        select(func.max(TerminalBatch.number)).where(
            TerminalBatch.terminal_id == batch.terminal_id,
            TerminalBatch.number < batch.number,
            TerminalBatch.state != "unclaimed",
        )
    )
    entry = entry_of_batches(session, batch.terminal_id, (told_last or 0) + 1, batch.number, ref)
    return _entry(entry) if entry else None


def _entry(entry: TerminalEntry) -> BatchEntry:
    return BatchEntry(
        entry.business_date, entry.entry_id, entry.decided_at, entry.stan, entry.kinds[0], side_of(entry.kinds),
        entry.amount_rial, entry.credit_rial, entry.gift_rial, entry.original,
    )  # fmt: skip


def unnoted(session: Session, closed: Iterable[ClosedBatch]) -> list[ClosedBatch]:
    """Those of the closed batches that are not on record yet."""
    closed = list(closed)
    names = tuple_(TerminalBatch.terminal_id, TerminalBatch.number)
    wanted = [(one.terminal_id, one.number) for one in closed]
    noted = {
        tuple(row) for row in session.execute(select(TerminalBatch.terminal_id, TerminalBatch.number).where(names.in_(wanted)))
    }
    return [one for one in closed if (one.terminal_id, one.number) not in noted]


def uploads_of(session: Session, batch_id: int) -> list[Upload]:
    rows = session.scalars(select(BatchUpload).where(BatchUpload.batch_id == batch_id).order_by(BatchUpload.stan, BatchUpload.mti))
    return [Upload(row.stan, row.mti, row.code, row.amount_rial, row.reference) for row in rows]


def exceptions_of_batch(session: Session, batch_id: int) -> list[BatchException]:
    return list(session.scalars(select(BatchException).where(BatchException.batch_id == batch_id).order_by(BatchException.id)))


def exceptions_page(
    session: Session,
    organisation_ids: Collection[int] | None = None,
    *,
    branch_ids: Collection[int] = (),
    is_open: bool = True,
    after: int = 0,
    limit: int = 20,
) -> list[ExceptionRow]:
    """Oldest first while they are open, newest first once decided; of some merchants' organisations, or all if None, and of
    single branches beside. One query.
    """
    page = _exceptions().limit(limit)
    if is_open:
        page = page.where(BatchException.word.is_(None), BatchException.id > after).order_by(BatchException.id)
    else:
        page = page.where(BatchException.word.is_not(None)).order_by(BatchException.id.desc())
        page = page.where(BatchException.id < after) if after else page
    if organisation_ids is not None:
        page = page.where(or_(Merchant.organisation_id.in_(organisation_ids), Branch.id.in_(branch_ids)))
    return [_row(row) for row in session.execute(page)]


def holders_page(session: Session, *, after: int = 0, limit: int = 20) -> list[tuple[ExceptionRow, HolderReturn | None]]:
    """What waits in suspense for cardholders, oldest first, each with what is proposed. One query."""
    page = (
        _exceptions()
        .add_columns(HolderReturn)
        .outerjoin(HolderReturn, and_(HolderReturn.exception_id == BatchException.id, HolderReturn.state != "refused"))
        .where(_is_the_holders(), HolderReturn.state.is_distinct_from("paid"), BatchException.id > after)
        .order_by(BatchException.id)
        .limit(limit)
    )
    return [(_row(row), row.HolderReturn) for row in session.execute(page)]


def _is_the_holders() -> ColumnElement[bool]:
    """The same as `rules.is_the_holders`."""
    is_bank_alone = BatchException.finding == Finding.TERMINAL_LACKS
    return and_(
        BatchException.bank_rial > BatchException.terminal_rial,
        or_(and_(is_bank_alone, BatchException.word == Word.NOT_FOUND), and_(~is_bank_alone, BatchException.word == Word.FOUND)),
    )


def lock_return(session: Session, return_id: int) -> HolderReturn:
    """Raises HolderReturnNotFound."""
    held = session.scalar(select(HolderReturn).where(HolderReturn.id == return_id).with_for_update())
    if held is None:
        raise HolderReturnNotFound
    return held


def given_back(session: Session, exception_ids: Collection[int]) -> set[int]:
    """Those of the exceptions whose difference the holder has. One query."""
    paid = select(HolderReturn.exception_id).where(HolderReturn.exception_id.in_(exception_ids), HolderReturn.state == "paid")
    return set(session.scalars(paid))


def exception_by_id(session: Session, exception_id: int, *, lock: bool = False) -> ExceptionRow:
    """Raises ExceptionNotFound."""
    one = _exceptions().where(BatchException.id == exception_id)
    if lock:
        one = one.with_for_update(of=BatchException).execution_options(populate_existing=True)
    row = session.execute(one).one_or_none()
    if row is None:
        raise ExceptionNotFound(exception_id=exception_id)
    return _row(row)


def _exceptions() -> Select[*tuple[Any, ...]]:
    return (
        select(
            BatchException, TerminalBatch, Terminal.code, Organisation.names, Merchant.organisation_id, Merchant.wallet_id,
            Merchant.id.label("merchant_id"),
        )
        .join(TerminalBatch, TerminalBatch.id == BatchException.batch_id)
        .join(Terminal, Terminal.id == TerminalBatch.terminal_id)
        .join(Branch, Branch.id == Terminal.branch_id)
        .join(Merchant, Merchant.id == Branch.merchant_id)
        .join(Organisation, Organisation.id == Merchant.organisation_id)
    )  # fmt: skip


def _row(row: Any) -> ExceptionRow:
    return ExceptionRow(
        row.BatchException, row.TerminalBatch, row.code, row.names, row.organisation_id, row.wallet_id, row.merchant_id
    )
