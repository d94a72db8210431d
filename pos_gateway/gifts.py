"""Steps of gift cards: DE103 is the number of the gift card, DF20 says what is done with it."""

from cardbank.cards.rules import GIFT_PRODUCT, is_card_number
from cardbank.ledger.types import EntryKind
from cardbank.reasons import Reason
from cardbank.statements import balances
from kernel import clock
from merchants.gifts.buying import Bought, buy_gift, reverse_bought
from merchants.gifts.rules import Load
from merchants.gifts.services import load_gift, reverse_load, reverse_taking_back, take_gift_back
from merchants.sales.rules import CardClaim, TopUp, Void
from merchants.sales.services import check_card
from pos_gateway.context import Context, Refused, content_hash
from pos_gateway.returning import named_entry
from pos_gateway.steps import Step, read_card, request_key, return_of, take
from pos_gateway.wire.tlv import Tag

ACTIVATE, LOAD, BY_CARD = "A", "L", "C"
GIFT_CARD = 103
GIFT_ACCOUNT, AVAILABLE, RIAL_CODE = "60", "02", "364"


async def load(context: Context) -> None:
    """0200 280060: cash that the till has taken goes on a gift card. Raises Refused."""
    operation = context.tag(Tag.GIFT_OPERATION)
    if operation not in (ACTIVATE, LOAD):
        raise Refused(Reason.INVALID_TRANSACTION)
    cash = TopUp(
        key=request_key(context, context.text(7), context.text(11)),
        content_hash=content_hash(context.message),
        content_time=context.text(7),
        terminal=context.of_terminal(),
        card=_gift(context),
        amount_rial=int(context.text(4) or "0"),
        received_at=context.received_at,
        deadline=context.deadline,
        is_repeat=context.is_repeat,
    )
    context.passed("read")
    take(context, await load_gift(context.office, Load(cash, activates=operation == ACTIVATE)))
    _tell_balance(context)


async def buy(context: Context) -> None:
    """0200 006000: the card of DE2 or DF33 pays for the gift card of DE103. Raises Refused."""
    if context.tag(Tag.GIFT_OPERATION) != BY_CARD:
        raise Refused(Reason.INVALID_TRANSACTION)
    paid = TopUp(
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
    gift = _gift(context)
    context.passed("read")
    outcome = await buy_gift(context.office, Bought(paid, gift))
    take(context, outcome)
    context.reason = outcome.answer.reason


async def reverse_buying(context: Context) -> None:
    """0400 006000. Raises Refused."""
    gift = _gift(context)
    take(context, await reverse_bought(context.office, return_of(context, is_card_named=True), gift))


def with_gifts(step: Step) -> Step:
    """0200 220000 takes back a refund or, where DF20 is there, the load of a gift card; DE37 names either."""

    async def void(context: Context) -> None:
        if context.tag(Tag.GIFT_OPERATION) is None:
            await step(context)
            return
        asked = Void(
            key=request_key(context, context.text(7), context.text(11)),
            content_hash=content_hash(context.message),
            content_time=context.text(7),
            terminal=context.of_terminal(),
            original=named_entry(context),
            of=EntryKind.TOP_UP,
            amount_rial=int(context.text(4) or "0"),
            received_at=context.received_at,
            deadline=context.deadline,
            card=_gift(context),
            is_repeat=context.is_repeat,
        )
        context.passed("read")
        take(context, await take_gift_back(context.office, asked))
        _tell_balance(context)

    return void


async def reverse_gift(context: Context) -> None:
    """0400 280060, and 0400 220000 with DF20: the till could not finish a load, or its taking back. Raises Refused."""
    context.claim = _gift(context)
    undo = reverse_load if context.text(3) == "280060" else reverse_taking_back
    take(context, await undo(context.office, return_of(context, is_card_named=True)))


def reversing_with_gifts(step: Step) -> Step:
    async def reverse(context: Context) -> None:
        await (step if context.tag(Tag.GIFT_OPERATION) is None else reverse_gift)(context)

    return reverse


async def balance(context: Context) -> None:
    """0100 310000: a gift card has no PIN, so whoever holds it may ask; every other card needs one. Raises Refused."""
    await read_card(context)
    check = await check_card(context.office, context.of_terminal(), context.claim or CardClaim())
    context.passed("bank")
    card = check.card
    if card is None or card.product != GIFT_PRODUCT or card.wallet_id is None:
        raise Refused(check.reason if card is None else Reason.PIN_REQUIRED)
    if check.reason is not Reason.APPROVED:
        raise Refused(check.reason)
    wallet_id = card.wallet_id
    held = await context.office.run(lambda session: balances(session, wallet_id, clock.now()))
    context.elements[54] = gift_balance(held.gift_rial)
    context.tags[Tag.MASKED_CARD] = card.masked


def gift_balance(amount_rial: int) -> str:
    """DE54: account type, amount type, currency, sign and amount."""
    return f"{GIFT_ACCOUNT}{AVAILABLE}{RIAL_CODE}{'C' if amount_rial >= 0 else 'D'}{abs(amount_rial):012d}"


def _tell_balance(context: Context) -> None:
    if context.answer is not None and context.answer.reason is Reason.APPROVED:
        context.elements[54] = gift_balance(context.answer.gift_balance)


def _gift(context: Context) -> CardClaim:
    """Raises Refused (DE103)."""
    number = context.text(GIFT_CARD).strip()
    if not number:
        raise Refused(Reason.FORMAT_ERROR, GIFT_CARD)
    index = context.office.keystore.card_number_index(number) if is_card_number(number) else None
    return CardClaim(number_index=index)
