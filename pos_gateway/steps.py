"""What flows are made of. A step reads the context, adds to it, and raises Refused to end the flow."""

from collections.abc import Awaitable, Callable
from datetime import UTC
from typing import TypeAlias

from cardbank.cards.rules import CardProfile, CardStatus, is_card_number
from cardbank.ledger.types import EntryKind, Key, Source
from cardbank.reasons import Reason
from merchants.discounts.rules import CashDue
from merchants.sales.rules import CardClaim, CreditMode, Return, Sale, SaleOutcome, TopUp
from merchants.sales.services import authorise_sale, begin_tap, check_card, reverse_sale, top_up_by_cash
from pos_gateway.context import Context, Refused, check_local_time, content_hash, key_day, nearest_instant
from pos_gateway.receipt import Occasion, cash_receipt, notice, occasion_of, receipt
from pos_gateway.wire.errors import FormatError
from pos_gateway.wire.errors import Reason as WireReason
from pos_gateway.wire.tlv import Tag

Step: TypeAlias = Callable[[Context], Awaitable[None]]

RIAL_CODE = "364"
BY_MAIL_OR_PHONE = "08"
BEGIN, ANSWER, NAME = 1, 3, 4  # the first byte of DF33
PROOF_LENGTHS = {BEGIN: 1 + 7 + 16, ANSWER: 1 + 8 + 32, NAME: 1 + 8}
KINDS = {  # DE3 → what is posted under it
    "006000": EntryKind.TRANSFER,
    "000000": EntryKind.PURCHASE,
    "003000": EntryKind.PURCHASE,
    "020000": EntryKind.VOID,
    "200000": EntryKind.REFUND,
    "210000": EntryKind.TOP_UP,
    "220000": EntryKind.VOID,
    "280060": EntryKind.TOP_UP,
}
STATUS_BYTES = {status: bytes([number]) for number, status in enumerate(CardStatus)}
WITHOUT_MONEY = frozenset({Reason.HOLDS_NO_MONEY, Reason.PAYS_IN_CASH})
APPROVED_CODES = frozenset({Reason.APPROVED, Reason.APPROVED_PARTIALLY})


def refuse(reason: Reason) -> Step:
    """A flow that is known and not offered."""

    async def refused(context: Context) -> None:
        raise Refused(reason)

    return refused


async def greet(context: Context) -> None:
    """Sign-on, sign-off, echo: the message has proven its MAC, and the answer carries the host's time and the shop's discount."""
    if context.of_terminal().cash_discount_basis_points:
        _tell_discount(context)


def _tell_discount(context: Context) -> None:
    context.tags[Tag.CASH_DISCOUNT] = f"{context.of_terminal().cash_discount_basis_points:04d}"


async def check_currency(context: Context) -> None:
    if context.text(49) != RIAL_CODE:
        raise Refused(Reason.INVALID_CURRENCY)


async def check_circumstances(context: Context) -> None:
    """A new transaction comes from a shop whose clock is about right, with the card at hand. Raises Refused."""
    nearest_instant(context.text(7), context.received_at)
    check_local_time(context.text(12), context.text(13), context.received_at)
    if context.text(25) == BY_MAIL_OR_PHONE:
        raise Refused(Reason.NOT_PERMITTED_TO_TERMINAL)


async def read_card(context: Context) -> None:
    """DE2, DE35 or DF33 → a claim; the number itself goes no further than its index. Raises Refused."""
    proof = context.tag(Tag.CARD_AUTHENTICATION)
    if isinstance(proof, bytes):
        context.claim = _claim_of(proof)
        return
    number = context.text(2) or context.text(35).partition("D")[0]
    index = context.office.keystore.card_number_index(number) if is_card_number(number) else None
    context.claim = CardClaim(number_index=index)


def _claim_of(proof: bytes) -> CardClaim:
    kind = proof[0]
    if PROOF_LENGTHS.get(kind) != len(proof) or kind == BEGIN:
        raise _malformed_tag()
    return CardClaim(challenge_id=proof[1:9], card_answer=proof[9:] or None)


def _malformed_tag() -> FormatError:
    return FormatError(WireReason.TLV_VALUE_MALFORMED, 48)


def names_card(context: Context) -> bool:
    """Whether the message says which card; a refund, a void and their reversals may name only their original."""
    return bool(context.text(2) or context.text(35) or context.tag(Tag.CARD_AUTHENTICATION))


async def sell(context: Context) -> None:
    """Authorise a purchase, wholly by money or partly by credit."""
    mode, credit = _credit_wish(context)
    terminal, price = context.of_terminal(), context.tag(Tag.PRICE)
    sale = Sale(
        key=request_key(context, context.text(7), context.text(11)),
        content_hash=content_hash(context.message),
        content_time=context.text(7),
        terminal=terminal,
        card=context.claim or CardClaim(),
        amount_rial=int(context.text(4) or "0"),
        received_at=context.received_at,
        deadline=context.deadline,
        is_repeat=context.is_repeat,
        credit_mode=mode,
        credit_rial=credit,
        price_rial=int(price) if price is not None else None,
    )
    context.passed("read")
    take(context, await authorise_sale(context.office, sale))
    if context.reason == Reason.CASH_DISCOUNT_DIFFERS:
        _tell_discount(context)


def _credit_wish(context: Context) -> tuple[CreditMode, int]:
    """DF04 and DF02; an amount without a mode is meant exactly. Raises FormatError, Refused."""
    amount = context.tag(Tag.LOYALTY_AMOUNT)
    credit = int(amount) if amount else 0
    mode = context.tag(Tag.CREDIT_MODE)
    if context.tag(Tag.POINTS) is not None and int(context.tag(Tag.POINTS) or 0):
        raise Refused(Reason.FUNCTION_NOT_SUPPORTED)
    if not isinstance(mode, bytes):
        return (CreditMode.EXACTLY, credit) if credit else (CreditMode.NONE, 0)
    if mode[0] not in list(CreditMode):
        raise _malformed_tag()
    return CreditMode(mode[0]), credit


async def top_up(context: Context) -> None:
    """0200 210000: cash that the till has taken goes on the card."""
    asked = TopUp(
        key=request_key(context, context.text(7), context.text(11)),
        content_hash=content_hash(context.message),
        content_time=context.text(7),
        terminal=context.of_terminal(),
        card=context.claim or CardClaim(),
        amount_rial=int(context.text(4) or "0"),
        received_at=context.received_at,
        deadline=context.deadline,
        is_repeat=context.is_repeat,
    )
    context.passed("read")
    take(context, await top_up_by_cash(context.office, asked))


def tell_without_money(context: Context, card: CardProfile, due: CashDue | None = None) -> None:
    """The holder of a card without money reads what is paid in cash, or that there is nothing on it to pay with."""
    context.receipt = cash_receipt(context.of_terminal(), card, due) if due else notice(card.language, "holds_no_money")
    context.tags[Tag.MASKED_CARD] = card.masked
    if due is not None:
        context.tags[Tag.PRICE] = f"{due.price_rial:012d}"
        context.tags[Tag.CASH_DISCOUNT] = f"{context.of_terminal().cash_discount_basis_points:04d}"


async def reverse(context: Context) -> None:
    """Take back what DE90 names, wholly or down to DE95."""
    asked = return_of(context, is_card_named=names_card(context))
    take(context, await reverse_sale(context.office, asked))


def return_of(context: Context, *, is_card_named: bool) -> Return:
    """What a reversal asks for. Raises Refused."""
    original = context.text(90)
    stands = context.text(95)[:12]
    if stands and not stands.isdigit():
        raise Refused(Reason.FORMAT_ERROR, 95)
    if original[:2] not in ("01", "02") or original[4:10] == "000000":
        raise Refused(Reason.FORMAT_ERROR, 90)
    try:
        original_key = request_key(context, original[10:20], original[4:10])
    except Refused:
        raise Refused(Reason.FORMAT_ERROR, 90) from None
    asked = Return(
        key=request_key(context, context.text(7), context.text(11)),
        content_hash=content_hash(context.message),
        content_time=context.text(7),
        terminal=context.of_terminal(),
        card=context.claim or CardClaim(),
        original=original_key,
        original_time=original[10:20],
        amount_rial=int(context.text(4) or "0"),
        received_at=context.received_at,
        deadline=context.deadline,
        stands_rial=int(stands) if stands else None,
        is_repeat=context.is_repeat,
        kind=KINDS.get(context.text(3)),
        is_card_named=is_card_named,
    )
    context.passed("read")
    return asked


async def tap(context: Context) -> None:
    """0100 330000: answer a chip's challenge, or check a card that has answered or was keyed."""
    proof = context.tag(Tag.CARD_AUTHENTICATION)
    if isinstance(proof, bytes) and proof[0] == BEGIN:
        await _begin(context, proof)
        return
    await read_card(context)
    check = await check_card(context.office, context.of_terminal(), context.claim or CardClaim())
    context.passed("bank")
    if check.card is not None and (check.is_proven or (context.claim and context.claim.number_index)):
        context.tags[Tag.CARD_STATUS] = STATUS_BYTES[check.card.status]
        context.tags[Tag.MASKED_CARD] = check.card.masked
    if check.card is not None and check.reason is Reason.APPROVED and not check.card.holds_money:
        _tell_entitlement(context, check.card)
    if check.card is not None and check.is_proven and check.card.name_initial:
        context.tags[Tag.TIER_AND_INITIAL] = check.card.name_initial
    context.reason = check.reason


def _tell_entitlement(context: Context, card: CardProfile) -> None:
    """What a card without money is good for at this shop."""
    share = context.of_terminal().cash_discount_basis_points
    context.receipt = notice(card.language, "entitled", share) if share else notice(card.language, "holds_no_money")
    if share:
        _tell_discount(context)


async def _begin(context: Context, proof: bytes) -> None:
    if len(proof) != PROOF_LENGTHS[BEGIN]:
        raise _malformed_tag()
    challenge = await begin_tap(context.office, context.of_terminal(), proof[1:8], proof[8:])
    context.passed("bank")
    if isinstance(challenge, Reason):
        raise Refused(challenge)
    context.tags[Tag.CARD_AUTHENTICATION] = b"\x02" + challenge.id + challenge.part2


def request_key(context: Context, de7: str, stan: str) -> Key:
    """The request key is a fact of the message: UTC date of DE7, terminal, STAN."""
    day = key_day(de7, context.received_at.astimezone(UTC))
    return Key(day, Source.TERMINAL, context.of_terminal().terminal_id, stan)


def take(context: Context, outcome: SaleOutcome) -> None:
    context.passed("bank")
    context.answer, context.reason = outcome.answer, outcome.answer.reason
    if outcome.answer.reason in APPROVED_CODES:
        context.card = outcome.card
    elif outcome.answer.reason in WITHOUT_MONEY and outcome.card is not None:
        tell_without_money(context, outcome.card, outcome.cash)


async def print_receipt(context: Context) -> None:
    """The lines of what was approved, in the holder's language and the shop's."""
    if context.answer is None or context.answer.reason not in APPROVED_CODES:
        return
    terminal, card = context.of_terminal(), context.card
    occasion = occasion_of(context.text(3), is_gift=context.tag(Tag.GIFT_OPERATION) is not None)
    price = context.tag(Tag.PRICE) if occasion is Occasion.PURCHASE else None
    context.receipt = receipt(context.answer, terminal, card, occasion, context.schedule, int(price) if price is not None else None)
    if card is not None:
        context.tags[Tag.MASKED_CARD] = card.masked
    context.passed("receipt")
