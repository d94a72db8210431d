"""Steps of instalments: 0100 003000 quotes a schedule to a card, 0200 003000 sells on it."""

from cardbank.ledger.errors import OutcomeUnknown
from cardbank.reasons import Reason
from merchants.instalments.rules import Part
from merchants.instalments.services.selling import (
    InstalmentSale,
    QuoteAsked,
    buy_in_instalments,
    quote_instalments,
    schedule_of,
)
from merchants.sales.rules import CardClaim
from pos_gateway.bank import BankUnavailable
from pos_gateway.context import Context, Refused, content_hash
from pos_gateway.steps import APPROVED_CODES, request_key, take, tell_without_money
from pos_gateway.wire.errors import FormatError
from pos_gateway.wire.errors import Reason as WireReason
from pos_gateway.wire.tlv import Tag

ONLY_PLAN = "01"  # a contract has one set of terms


async def quote(context: Context) -> None:
    """DF11 instalments of DE4: the answer says all that is to be paid (DE4), when (DF48), and the token to sell on (DF4F)."""
    count = context.tag(Tag.INSTALMENTS)
    if not isinstance(count, str):
        raise FormatError(WireReason.FIELD_MISSING, 48)
    days, first = context.tag(Tag.INSTALMENT_INTERVAL_DAYS), context.tag(Tag.FIRST_DUE_DATE)
    asked = QuoteAsked(
        terminal=context.of_terminal(),
        card=context.claim or CardClaim(),
        price_rial=int(context.text(4) or "0"),
        count=int(count) if context.tag(Tag.INSTALMENT_PLAN) in (None, ONLY_PLAN) else 0,
        every_days=int(days) if isinstance(days, str) else None,
        first_due=first if isinstance(first, str) else None,
    )
    context.passed("read")
    quoted = await quote_instalments(context.office, asked)
    context.passed("bank")
    if quoted.card is not None and quoted.reason is Reason.HOLDS_NO_MONEY:
        tell_without_money(context, quoted.card)
    if not quoted.token:
        raise Refused(quoted.reason)
    context.elements[4] = f"{quoted.total_rial:012d}"
    context.tags[Tag.INSTALMENT_SCHEDULE] = _digits(quoted.parts)
    context.tags[Tag.QUOTE_TOKEN] = quoted.token
    if quoted.card is not None:
        context.tags[Tag.MASKED_CARD] = quoted.card.masked


async def buy(context: Context) -> None:
    """A purchase on a quote, for the amount that it named. The schedule goes into the answer and onto the receipt."""
    token = context.tag(Tag.QUOTE_TOKEN)
    if not isinstance(token, bytes):
        raise FormatError(WireReason.FIELD_MISSING, 48)
    sale = InstalmentSale(
        key=request_key(context, context.text(7), context.text(11)),
        content_hash=content_hash(context.message),
        content_time=context.text(7),
        terminal=context.of_terminal(),
        card=context.claim or CardClaim(),
        token=token,
        total_rial=int(context.text(4) or "0"),
        received_at=context.received_at,
        deadline=context.deadline,
        is_repeat=context.is_repeat,
    )
    context.passed("read")
    try:
        take(context, await buy_in_instalments(context.office, sale))
        await _list_schedule(context)
    except BankUnavailable:
        raise OutcomeUnknown from None  # the commit may have happened: the till reverses, which finds out


async def _list_schedule(context: Context) -> None:
    answer = context.answer
    if answer is None or answer.reason not in APPROVED_CODES:
        return
    context.schedule = await context.office.run(lambda session: schedule_of(session, answer))
    context.tags[Tag.INSTALMENT_SCHEDULE] = _digits(context.schedule)


def _digits(parts: tuple[Part, ...]) -> str:
    return "".join(f"{part.due_on:%Y%m%d}{part.amount_rial:012d}" for part in parts)
