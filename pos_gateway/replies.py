"""The answer: DE39 by one table from the reason, and every other element from request and facts."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cardbank.ledger.types import AccountKind, Answer
from cardbank.reasons import Reason
from cardbank.references import base32, retrieval_reference
from pos_gateway.context import Context
from pos_gateway.wire import tlv
from pos_gateway.wire.codec import Message
from pos_gateway.wire.presence import echo, response_mti
from pos_gateway.wire.tlv import Tag

NO_PURCHASE = frozenset({"006000", "210000", "280060"})  # DE3 of a gift that a card pays for, and of cash for cards

RESPONSE_CODES: dict[int, str] = {
    Reason.APPROVED: "00",
    Reason.APPROVED_PARTIALLY: "00",
    Reason.ALREADY_REVERSED: "00",
    Reason.NOTHING_TO_REVERSE: "00",
    Reason.TOMBSTONE_WRITTEN: "00",
    Reason.TERMINAL_BATCH_CLOSED: "00",
    Reason.INVALID_SHOP: "03",
    Reason.INVALID_TRANSACTION: "12",
    Reason.INVALID_CURRENCY: "12",
    Reason.QUOTE_UNKNOWN: "12",
    Reason.QUOTE_EXPIRED: "12",
    Reason.QUOTE_USED: "12",
    Reason.INVALID_AMOUNT: "13",
    Reason.CREDIT_EXCEEDS_AMOUNT: "13",
    Reason.ENROLMENT_IDENTITY_WRONG: "05",
    Reason.ENROLMENT_WITHOUT_CONSENT: "05",
    Reason.ENROLMENT_PERSON_KNOWN: "05",
    Reason.ENROLMENT_EXPIRED: "05",
    Reason.ENTRY_REFUSED: "05",
    Reason.HELP_NOT_ALLOWED: "05",
    Reason.QUOTE_AMOUNT_DIFFERS: "13",
    Reason.CASH_DISCOUNT_DIFFERS: "13",
    Reason.NO_SUCH_CARD: "14",
    Reason.REVERSED_BEFORE_ARRIVAL: "21",
    Reason.ORIGINAL_NOT_FOUND: "25",
    Reason.NO_CREDIT_LINE: "39",
    Reason.FUNCTION_NOT_SUPPORTED: "40",
    Reason.CARD_LOST: "41",
    Reason.CARD_STOLEN: "43",
    Reason.INSUFFICIENT_FUNDS: "51",
    Reason.INSUFFICIENT_CREDIT: "51",
    Reason.INSUFFICIENT_LINE: "51",
    Reason.CARD_EXPIRED: "54",
    Reason.NOT_PERMITTED_TO_CARD: "57",
    Reason.PIN_REQUIRED: "57",
    Reason.MEMBER_SHOP_KIND: "57",
    Reason.HOLDS_NO_MONEY: "57",
    Reason.PAYS_IN_CASH: "57",
    Reason.BATCH_CLOSED: "57",
    Reason.NOT_PERMITTED_TO_TERMINAL: "58",
    Reason.NOT_OF_THIS_SHOP: "58",
    Reason.STANDS_AT_NO_DOOR: "58",
    Reason.INSTALMENTS_NOT_OFFERED: "58",
    Reason.AMOUNT_LIMIT: "61",
    Reason.CASH_LIMIT_OF_DAY: "61",
    Reason.MEMBER_LIMIT: "61",
    Reason.OUTSIDE_INSTALMENT_AMOUNTS: "61",
    Reason.CARD_BLOCKED: "62",
    Reason.CARD_REPLACED: "62",
    Reason.CARD_REFUNDED: "62",
    Reason.ORIGINAL_AMOUNT_INCORRECT: "64",
    Reason.MORE_THAN_IS_LEFT: "64",
    Reason.FREQUENCY_LIMIT: "65",
    Reason.HELP_TOO_OFTEN: "65",
    Reason.BATCH_NUMBER_INVALID: "77",
    Reason.CARD_NOT_ACTIVATED: "78",
    Reason.GIFT_ACTIVE_ALREADY: "57",
    Reason.DUPLICATE_WITH_OTHER_CONTENT: "94",
    Reason.TOTALS_DIFFER: "95",
    Reason.MAC_INVALID: "63",
    Reason.KEY_SERIAL_REPLAYED: "63",
    Reason.CARD_PROOF_REFUSED: "63",
    Reason.CHALLENGE_UNKNOWN: "63",
    Reason.CARD_CODE_UNKNOWN: "63",
    Reason.CARD_CODE_USED: "63",
    Reason.TERMINAL_UNKNOWN: "58",
    Reason.TERMINAL_SUSPENDED: "58",
    Reason.KEY_SYNCHRONISATION: "76",
    Reason.LATE: "68",
    Reason.LEDGER_UNAVAILABLE: "91",
    Reason.MALFUNCTION: "96",
}


# The answer to a close that the bank cannot compare: DE66 3, error, and nothing counted.
WITHOUT_TOTALS: dict[int, str | bytes] = {
    66: "3", 97: f"D{0:016d}", **dict.fromkeys((74, 75, 76, 77), f"{0:010d}"), **dict.fromkeys((86, 87, 88, 89), f"{0:016d}"),
}  # fmt: skip


def response_code(reason: int) -> str:
    """DE39 of a reason: every 3xxx is a format error, an unknown one a malfunction."""
    if 3000 <= reason < 4000:
        return "30"
    return RESPONSE_CODES.get(reason, "96")


def approval_code(entry_id: int) -> str:
    """DE38, made from the entry's id: the same each time the answer is rendered."""
    return base32(entry_id, 6)


def is_answerable(mti: str) -> bool:
    """Whether a message of this type is a request of the 1987 version; nothing else is ever answered."""
    return mti[0] == "0" and mti[2] in "02468"


def reply_to(context: Context, zone: ZoneInfo) -> Message:
    """The answer without its MAC."""
    message, answer = context.message, context.answer
    mti = response_mti(message.mti)
    fields = dict(echo(message))
    code = response_code(context.reason)
    fields[39] = code
    local = context.received_at.astimezone(zone)
    if mti == "0810":
        fields[12], fields[13] = local.strftime("%H%M%S"), local.strftime("%m%d")
        context.tags[Tag.SERVER_TIME] = local.strftime("%Y%m%d%H%M%S")
    else:
        day = answer.business_date if answer else local.date()
        fields[15] = day.strftime("%m%d")
        fields.setdefault(37, retrieval_reference(day, answer.entry_id if answer else 0))
    if mti == "0510":
        fields |= WITHOUT_TOTALS
    fields |= context.elements
    if mti == "0210" and code == "00" and answer:
        fields[38] = approval_code(answer.entry_id)
        if context.text(3) not in NO_PURCHASE:
            context.tags |= purchase_tags(answer, zone)
    if code == "30" and context.element:
        fields[44] = str(context.element)
    if context.receipt:
        fields[63] = context.receipt
    fields[48] = tlv.encode(_private(context), 48)
    return Message(mti, fields)


def _private(context: Context) -> dict[int, str | bytes]:
    tags = dict(context.tags)
    ksn = context.message.key_serial
    if ksn is not None:
        tags[Tag.KSN] = ksn
    if context.reason != Reason.APPROVED:
        tags[Tag.INTERNAL_REASON] = f"{context.reason:04d}"
    if context.answer and context.answer.replayed:
        tags[Tag.REPLAYED] = "1"
    return tags


def purchase_tags(answer: Answer, zone: ZoneInfo) -> dict[int, str | bytes]:
    """What was paid with what, earned and left: DF43 + DF44 + DF45 = the amount."""
    by_credit = answer.paid.get(AccountKind.CREDIT_LOT, 0)
    by_gift = answer.paid.get(AccountKind.GIFT, 0)
    tags: dict[int, str | bytes] = {
        Tag.PAID_FROM_CARD: f"{answer.amount - by_credit - by_gift:012d}",
        Tag.PAID_BY_CREDIT: f"{by_credit:012d}",
        Tag.CREDIT_EARNED: f"{answer.earned:012d}",
        Tag.CREDIT_BALANCE: f"{answer.credit_balance:012d}",
    }
    if by_gift:
        tags[Tag.PAID_BY_GIFT] = f"{by_gift:012d}"
    if answer.expires_next and answer.expires_on:
        tags[Tag.EXPIRING_CREDIT] = f"{answer.expires_next:012d}{last_usable_day(answer.expires_on, zone):%Y%m%d}"
    return tags


@lru_cache(maxsize=4096)
def last_usable_day(until: datetime, zone: ZoneInfo) -> date:
    """The local day on which credit may still be spent; `until` itself is past."""
    return (until - timedelta(microseconds=1)).astimezone(zone).date()
