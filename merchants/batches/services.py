"""The use cases of a batch: close it, take what its terminal uploads, settle what differs, decide what was found out.

Those of a terminal never raise for what a message holds: a refusal is an outcome with a reason.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec import Struct, to_builtins
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cardbank.batches import ClosedBatch, batches_closed_since, batches_open_since, closed_batch
from cardbank.clearing import Move, book
from cardbank.ledger.types import RIAL, AccountKind, Answer, EntryKind, Key, PostingRequest, Source
from cardbank.reasons import Reason
from kernel import audit, clock
from kernel.audit import Actor
from kernel.errors import BadInput
from merchants.batches.errors import BatchNotFound, ExceptionDecided
from merchants.batches.models import BatchException, BatchUpload, TerminalBatch
from merchants.batches.queries import (
    ExceptionRow,
    batch_by_number,
    entries_between,
    entries_of,
    entry_named,
    exception_by_id,
    exceptions_of_batch,
    lock_batch,
    unnoted,
    uploads_of,
)
from merchants.batches.rules import (
    BatchEntry,
    ExceptionFound,
    Finding,
    Route,
    Totals,
    Upload,
    Word,
    exceptions_of,
    route_of_difference,
    route_of_word,
    totals_of,
)
from merchants.models import Branch, Merchant, Terminal
from merchants.rules import TerminalProfile
from merchants.sales.services import Office
from merchants.settlement.models import Adjustment
from merchants.settlement.services.pricing import LOCK

LONGEST_NOTE = 200
LONGEST_OPEN = timedelta(hours=36)
LOOKED_BACK = timedelta(days=9)  # how long this may have stood still and still finds every batch
CLOSE_DEADLINE = timedelta(seconds=15)


class BatchClose(Struct, frozen=True):
    """A terminal's close as a door understood it, with what it says its batch adds up to."""

    key: Key
    content_hash: int
    content_time: str
    terminal: TerminalProfile
    number: int
    claimed: Totals
    received_at: datetime
    deadline: datetime
    is_repeat: bool = False


class CloseOutcome(Struct, frozen=True):
    """`totals` are the bank's, None where there is no such batch; `last_closed` helps a terminal that counts otherwise."""

    reason: Reason
    totals: Totals | None = None
    is_in_balance: bool = False
    last_closed: int = 0
    answer: Answer | None = None


async def close_batch(office: Office, close: BatchClose) -> CloseOutcome:
    """Close the terminal's open batch and compare; the same message again hears the same."""
    answer = await office.teller.post(_close_request(close))
    if answer.reason is not Reason.TERMINAL_BATCH_CLOSED:
        return CloseOutcome(answer.reason, last_closed=answer.terminal_batch, answer=answer)
    terminal_id, number = close.terminal.terminal_id, answer.terminal_batch
    batch = await office.run(lambda session: note_closed(session, terminal_id, number, close.claimed))
    reason = Reason.APPROVED if batch.is_balanced else Reason.TOTALS_DIFFER
    return CloseOutcome(reason, batch.totals, batch.is_balanced, number, answer)


def _close_request(close: BatchClose) -> PostingRequest:
    terminal = close.terminal
    return _request(
        close.key, close.content_hash, terminal.shop_wallet_id, terminal.terminal_id, close.number,
        (close.received_at, close.deadline), close.content_time, is_repeat=close.is_repeat,
    )  # fmt: skip


def _request(
    key: Key, content_hash: int, wallet_id: int, terminal_id: int, number: int, times: tuple[datetime, datetime],
    content_time: str = "", *, is_repeat: bool = False,
) -> PostingRequest:  # fmt: skip
    return PostingRequest(
        key=key,
        content_hash=content_hash,
        kind=EntryKind.BATCH_CLOSE,
        wallet_id=wallet_id,
        member_id=None,
        card_id=None,
        shop_id=None,
        terminal_id=terminal_id,
        terminal_batch=number,
        unit=RIAL,
        amount=0,
        effective_at=times[0],
        deadline=times[1],
        repeat=is_repeat,
        content_time=content_time,
    )


def note_closed(session: Session, terminal_id: int, number: int, claimed: Totals | None = None) -> TerminalBatch:
    """Put a closed batch on record with what its entries add up to, and with what its terminal says, once each.

    Raises BatchNotFound.
    """
    closed = closed_batch(session, terminal_id, number)
    if closed is None:
        raise BatchNotFound(number=number)
    batch = lock_batch(session, terminal_id, number) or _put_on_record(session, closed)
    if claimed is not None and batch.claimed is None:
        batch.claimed = to_builtins(claimed)
        batch.state = "balanced" if claimed == batch.totals else "different"
        session.flush()
    return batch


def _put_on_record(session: Session, closed: ClosedBatch) -> TerminalBatch:
    entries = entries_between(session, closed.terminal_id, closed.number, closed.number, closed.opened_at, closed.closed_at)
    facts = {
        "terminal_id": closed.terminal_id, "number": closed.number, "state": "unclaimed", "opened_at": closed.opened_at,
        "closed_at": closed.closed_at, **to_builtins(totals_of(entries)),
    }  # fmt: skip
    session.execute(insert(TerminalBatch).values(facts).on_conflict_do_nothing())
    return batch_by_number(session, closed.terminal_id, closed.number, lock=True)


async def take_upload(office: Office, terminal: TerminalProfile, number: int, upload: Upload) -> Reason:
    """Keep one transaction of a batch whose totals differ, once; says whether the bank has it, and never posts it."""
    return await office.run(lambda session: _take_upload(session, terminal.terminal_id, number, upload))


def _take_upload(session: Session, terminal_id: int, number: int, upload: Upload) -> Reason:
    batch = lock_batch(session, terminal_id, number)
    if batch is None or batch.state in ("unclaimed", "balanced"):
        return Reason.BATCH_NUMBER_INVALID
    kept = session.get(BatchUpload, (batch.id, upload.mti, upload.stan))
    entry = entry_named(session, batch, upload.reference)
    if kept is not None:
        is_same = (kept.code, kept.amount_rial, kept.reference) == (upload.code, upload.amount_rial, upload.reference)
        return _verdict(upload, entry) if is_same else Reason.DUPLICATE_WITH_OTHER_CONTENT
    if batch.state != "different":
        return Reason.BATCH_NUMBER_INVALID
    session.add(
        BatchUpload(
            batch_id=batch.id, stan=upload.stan, mti=upload.mti, code=upload.code, amount_rial=upload.amount_rial,
            reference=upload.reference, business_date=entry.business_date if entry else None,
            entry_id=entry.entry_id if entry else None, taken_at=clock.now(),
        )
    )  # fmt: skip
    return _verdict(upload, entry)


def _verdict(upload: Upload, entry: BatchEntry | None) -> Reason:
    if entry is None:
        return Reason.ORIGINAL_NOT_FOUND
    return Reason.APPROVED if entry.effect_rial == upload.effect_rial else Reason.ORIGINAL_AMOUNT_INCORRECT


async def settle_batch(office: Office, terminal: TerminalProfile, number: int) -> CloseOutcome:
    """After the upload: what both sides have settles the batch; what one side lacks makes it a case. Again: the same answer."""
    return await office.run(lambda session: settle_uploaded(session, terminal.terminal_id, number))


def settle_uploaded(session: Session, terminal_id: int, number: int) -> CloseOutcome:
    """The same in a unit of work, last before its commit. Raises LedgerBusy."""
    session.execute(LOCK)
    batch = lock_batch(session, terminal_id, number)
    if batch is None or batch.state == "unclaimed":
        return CloseOutcome(Reason.BATCH_NUMBER_INVALID)
    if batch.state == "different":
        _settle(session, batch)
    return CloseOutcome(Reason.APPROVED, batch.totals, batch.is_in_balance, number)


def _settle(session: Session, batch: TerminalBatch) -> None:
    uploads = [(upload, entry_named(session, batch, upload.reference)) for upload in uploads_of(session, batch.id)]
    found = exceptions_of(entries_of(session, batch), uploads)
    batch.settled_at = clock.now()
    batch.state = "case" if found else "agreed"
    rows = [_exception(batch, one) for one in found]
    session.add_all(rows)
    session.flush()
    merchant = _merchant_of(session, batch.terminal_id)
    moves = [
        _move(session, row, merchant, route_of_difference(row.difference_rial), "suspended") for row in rows if row.difference_rial
    ]
    book(session, moves)


def _exception(batch: TerminalBatch, found: ExceptionFound) -> BatchException:
    return BatchException(
        batch_id=batch.id, finding=found.finding, stan=found.stan, reference=found.reference,
        terminal_rial=found.terminal_rial, bank_rial=found.bank_rial, raised_at=clock.now(),
        business_date=found.ref[0] if found.ref else None, entry_id=found.ref[1] if found.ref else None,
    )  # fmt: skip


def _merchant_of(session: Session, terminal_id: int) -> Merchant:
    return session.scalars(
        select(Merchant)
        .join(Branch, Branch.merchant_id == Merchant.id)
        .join(Terminal, Terminal.branch_id == Branch.id)
        .where(Terminal.id == terminal_id)
    ).one()


def _move(session: Session, row: BatchException, merchant: Merchant, route: Route, kind: str) -> Move:
    """The booking of an exception's difference; where it touches what the shop is paid, its next statement says so."""
    source, target = route
    amount = abs(row.difference_rial)
    if AccountKind.PAYABLE in route:
        sign = 1 if target is AccountKind.PAYABLE else -1
        session.add(Adjustment(merchant_id=merchant.id, kind=kind, amount_rial=sign * amount, exception_id=row.id))
    return Move(merchant.wallet_id, source, target, amount, row.id, f"exception {kind}")


def decide_exception(session: Session, actor: Actor, exception_id: int, word: str, note: str) -> BatchException:
    """A person has found out; the difference goes where it belongs. Last before the commit of its unit of work.

    Raises BadInput (`word`, `note`), ExceptionNotFound, ExceptionDecided, LedgerBusy.
    """
    if word not in set(Word):
        raise BadInput(field="word")
    if not 0 < len(note) <= LONGEST_NOTE:
        raise BadInput(field="note")
    session.execute(LOCK)
    row = exception_by_id(session, exception_id, lock=True)
    one = row.exception
    if one.word is not None:
        raise ExceptionDecided(word=one.word)
    one.word, one.note, one.decided_by, one.decided_at = word, note, actor.account_id, clock.now()
    facts = {"word": word, "difference_rial": one.difference_rial}
    audit.record(session, actor, "decide", "batch exception", one.id, before={"word": None}, after=facts, why=note)
    session.flush()
    if not any(other.word is None for other in exceptions_of_batch(session, one.batch_id)):
        row.batch.state = "decided"
    book(session, _moves_of_word(session, row, Word(word)))
    return one


def _moves_of_word(session: Session, row: ExceptionRow, word: Word) -> list[Move]:
    one = row.exception
    if not one.difference_rial:
        return []
    route = route_of_word(one.difference_rial, Finding(one.finding), word)
    if route is None:
        return []
    merchant = session.get_one(Merchant, row.merchant_id)
    return [_move(session, one, merchant, route, "released")]


def close_old_batches(session: Session, post: Callable[[PostingRequest], Answer]) -> None:
    """Close every batch that has an entry of 36 hours ago, and put on record what is closed and not noted yet."""
    now = clock.now()
    for terminal_id, number in batches_open_since(session, now - LOOKED_BACK, now - LONGEST_OPEN):
        key = Key(now.date(), Source.TASK, terminal_id, f"batch close {number}")
        wallet_id = _merchant_of(session, terminal_id).wallet_id
        post(_request(key, number, wallet_id, terminal_id, number, (now, now + CLOSE_DEADLINE), is_repeat=True))
    for closed in unnoted(session, batches_closed_since(session, now - LOOKED_BACK)):
        note_closed(session, closed.terminal_id, closed.number)
