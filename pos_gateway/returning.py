"""Steps of refund and void: which entry is meant, and what of it goes back."""

from datetime import date, datetime, timedelta

from cardbank.ledger.types import EntryKind
from cardbank.reasons import Reason
from cardbank.references import entry_of_reference
from kernel.calendar import TEHRAN
from merchants.sales.rules import CardClaim, Refund, Void
from merchants.sales.services import refund_sale, void_sale
from pos_gateway.context import Context, Refused, content_hash
from pos_gateway.steps import Step, names_card, read_card, request_key, take
from pos_gateway.wire.errors import FormatError
from pos_gateway.wire.errors import Reason as WireReason
from pos_gateway.wire.tlv import Tag

EntryRef = tuple[date, int]
NO_ENTRY = 0  # no entry has this id; asked for all the same, so that the refusal stands under the request's key
NEXT_DAY = timedelta(days=1)  # a receipt printed about midnight may bear either day


async def refund(context: Context) -> None:
    """0200 200000: DE37 names the purchase, DF15 and DF16 say its day and amount. Raises Refused, FormatError."""
    if not context.text(37):
        raise Refused(Reason.NOT_PERMITTED_TO_TERMINAL)  # without an original
    day, amount = context.tag(Tag.ORIGINAL_DATE), context.tag(Tag.ORIGINAL_AMOUNT)
    if not isinstance(day, str) or not isinstance(amount, str):
        raise FormatError(WireReason.FIELD_MISSING, 48)
    asked = Refund(
        key=request_key(context, context.text(7), context.text(11)),
        content_hash=content_hash(context.message),
        content_time=context.text(7),
        terminal=context.of_terminal(),
        original=_of_that_day(named_entry(context), _day(day)),
        amount_rial=int(context.text(4) or "0"),
        received_at=context.received_at,
        deadline=context.deadline,
        card=await _shown_card(context),
        original_rial=int(amount),
        is_repeat=context.is_repeat,
    )
    context.passed("read")
    take(context, await refund_sale(context.office, asked))


def void_of(kind: EntryKind) -> Step:
    """0200 020000 and 220000: DE37 names the purchase or the refund, DE4 is the whole of it."""

    async def void(context: Context) -> None:
        asked = Void(
            key=request_key(context, context.text(7), context.text(11)),
            content_hash=content_hash(context.message),
            content_time=context.text(7),
            terminal=context.of_terminal(),
            original=named_entry(context),
            of=kind,
            amount_rial=int(context.text(4) or "0"),
            received_at=context.received_at,
            deadline=context.deadline,
            card=await _shown_card(context),
            is_repeat=context.is_repeat,
        )
        context.passed("read")
        take(context, await void_sale(context.office, asked))

    return void


def named_entry(context: Context) -> EntryRef:
    """The entry that DE37 names, or one that no ledger has."""
    today = context.received_at.astimezone(TEHRAN).date()
    return entry_of_reference(context.text(37), today) or (today, NO_ENTRY)


def _of_that_day(entry: EntryRef, day: date) -> EntryRef:
    return entry if abs(entry[0] - day) <= NEXT_DAY else (entry[0], NO_ENTRY)


def _day(digits: str) -> date:
    try:
        return datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise FormatError(WireReason.TLV_VALUE_MALFORMED, 48) from None


async def _shown_card(context: Context) -> CardClaim | None:
    if not names_card(context):
        return None
    await read_card(context)
    return context.claim
