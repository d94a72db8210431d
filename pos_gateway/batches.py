"""The steps of a terminal's close: its totals against the bank's, its transactions where they differ, and the end of it."""

from collections.abc import Awaitable
from datetime import UTC
from typing import TypeVar

from cardbank.ledger.errors import LedgerBusy
from cardbank.ledger.types import Key, Source
from cardbank.reasons import Reason
from merchants.batches.rules import Totals, Upload
from merchants.batches.services import BatchClose, CloseOutcome, close_batch, settle_batch, take_upload
from pos_gateway.context import Context, Refused, content_hash, key_day
from pos_gateway.wire.tlv import Tag

T = TypeVar("T")

IN_BALANCE, OUT_OF_BALANCE = "1", "2"
COUNTS = {74: "credits", 75: "credit_reversals", 76: "debits", 77: "debit_reversals"}
AMOUNTS = {86: "credits_rial", 87: "credit_reversals_rial", 88: "debits_rial", 89: "debit_reversals_rial"}
NET = 97
TAGS = {
    Tag.TOTAL_LOYALTY_CREDIT: "loyalty_rial", Tag.TOTAL_TOP_UPS: "top_ups_rial", Tag.TOTAL_GIFTS: "gifts_rial",
}  # fmt: skip
POINTS = (Tag.TOTAL_POINTS_EARNED, Tag.TOTAL_POINTS_SPENT)
BATCH_DIGITS = 6
UPLOADED_LENGTH = 4 + 6 + 12 + BATCH_DIGITS  # DE60 of 0320: message type, STAN, reference, batch


async def close(context: Context) -> None:
    """0500 920000: close the batch of DE60 and compare its totals. Raises Refused."""
    message, terminal = context.message, context.of_terminal()
    day = key_day(context.text(7), context.received_at.astimezone(UTC))
    asked = BatchClose(
        key=Key(day, Source.TERMINAL, terminal.terminal_id, context.text(11)),
        content_hash=content_hash(message),
        content_time=context.text(7),
        terminal=terminal,
        number=_number(context.text(60)),
        claimed=_claimed(context),
        received_at=context.received_at,
        deadline=context.deadline,
        is_repeat=context.is_repeat,
    )
    context.passed("read")
    _tell(context, await _not_busy(close_batch(context.office, asked)))


async def settle(context: Context) -> None:
    """0500 960000: everything is uploaded; what still differs becomes a case. Raises Refused."""
    number = _number(context.text(60))
    _tell(context, await _not_busy(settle_batch(context.office, context.of_terminal(), number)))


async def upload(context: Context) -> None:
    """0320: one transaction of a batch whose totals differ, named by DE60 and DE37. Raises Refused."""
    original = context.text(60)
    if len(original) != UPLOADED_LENGTH or not (original[:10] + original[22:]).isdigit() or original[10:22] != context.text(37):
        raise Refused(Reason.FORMAT_ERROR, 60)
    sent = Upload(
        stan=original[4:10], mti=original[:4], code=context.text(3), amount_rial=int(context.text(4)),
        reference=context.text(37),
    )  # fmt: skip
    taken = take_upload(context.office, context.of_terminal(), int(original[22:]), sent)
    context.reason = await _not_busy(taken)
    context.passed("bank")


def _number(text: str) -> int:
    if len(text) != BATCH_DIGITS or not text.isdigit():
        raise Refused(Reason.FORMAT_ERROR, 60)
    return int(text)


def _claimed(context: Context) -> Totals:
    """What the terminal says; a tag that it does not send is a sum of nothing. Raises Refused where its net is not its sums'."""
    if any(int(context.tag(tag) or 0) for tag in POINTS):
        raise Refused(Reason.FUNCTION_NOT_SUPPORTED)
    said = {name: int(context.text(number)) for number, name in (COUNTS | AMOUNTS).items()}
    said |= {name: int(context.tag(tag) or 0) for tag, name in TAGS.items()}
    claimed = Totals(**said)
    if context.text(NET) not in _nets(claimed.net_rial):
        raise Refused(Reason.FORMAT_ERROR, NET)
    return claimed


def _nets(net_rial: int) -> tuple[str, ...]:
    """How DE97 may say it: D where the shop is owed, either letter for nothing."""
    letters = ("D", "C") if net_rial == 0 else ("D",) if net_rial > 0 else ("C",)
    return tuple(f"{letter}{abs(net_rial):016d}" for letter in letters)


async def _not_busy(outcome: Awaitable[T]) -> T:
    """The ledger is busy with the same money: the terminal asks again."""
    try:
        return await outcome
    except LedgerBusy:
        raise Refused(Reason.LEDGER_UNAVAILABLE) from None


def _tell(context: Context, outcome: CloseOutcome) -> None:
    context.passed("bank")
    context.answer, context.reason = outcome.answer, outcome.reason
    if outcome.last_closed:
        context.tags[Tag.LAST_CLOSED_BATCH] = f"{outcome.last_closed:0{BATCH_DIGITS}d}"
    totals = outcome.totals
    if totals is None:
        return
    context.elements[66] = IN_BALANCE if outcome.is_in_balance else OUT_OF_BALANCE
    context.elements |= {number: f"{getattr(totals, name):010d}" for number, name in COUNTS.items()}
    context.elements |= {number: f"{getattr(totals, name):016d}" for number, name in AMOUNTS.items()}
    context.elements[NET] = _nets(totals.net_rial)[0]
    context.tags |= {tag: f"{getattr(totals, name):012d}" for tag, name in TAGS.items()}
