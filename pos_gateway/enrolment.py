"""Steps of a card that is issued, or stopped, at the till. Issuing: the form travels encrypted, the card is named by its chip.

DF17 is counter (4 bytes) ‖ nonce (12) ‖ AES-128-GCM ciphertext and tag, under the terminal's data key (X9.24-3, usage 3000) of that
counter, bound to terminal, DE7 and DE11: a repeat carries it as it is, under a fresh key serial number. In clear it is a list of
tags like DE48: what the form's fields are.
"""

from datetime import UTC

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cardbank.reasons import Reason
from kernel.languages import DEFAULT_LANGUAGE
from merchants.enrolment.rules import MOST_A_DAY, Confirmation, Enrolment, EnrolOutcome
from merchants.enrolment.services import begin_enrolment, confirm_enrolment
from merchants.sales.rules import CardClaim
from merchants.sales.stopping import stop_card
from pos_gateway.context import Context, Refused, content_hash, nearest_instant
from pos_gateway.steps import read_card, request_key
from pos_gateway.wire.dukpt import Usage, WorkingKeys
from pos_gateway.wire.errors import FormatError, KeySerialError
from pos_gateway.wire.errors import Reason as WireReason
from pos_gateway.wire.identity import decode_identity
from pos_gateway.wire.tlv import Tag

COUNTER_BYTES, NONCE_BYTES, TAG_BYTES = 4, 12, 16
UID_BYTES = 7
LONGEST_TEXT_BYTES = 120

TEXTS = {
    "fa": {
        "": "کارت را به دارنده بدهید.",
        "called": "نام را دوباره بنویسید.",
        "number": "شمارهٔ مدرک درست نیست.",
        "country": "کشور گذرنامه را با سه حرف بنویسید.",
        "mobile": "شمارهٔ موبایل درست نیست.",
        "known.number": "این مدرک ثبت است؛ به باجه برود.",
        "known.mobile": "این موبایل ثبت است؛ به باجه برود.",
        "known.pending": "این کارت یا مدرک در صندوق دیگری است.",
        "limit": "سقف روز این پایانه {most} کارت است.",
        "consent": "بی‌رضایت دارنده ثبت نمی‌شود.",
        "expired": "ده دقیقه گذشت؛ از نو ثبت کنید.",
        "card": "کارت تازه از انبار بردارید.",
    },
    "ar": {
        "": "سلّموا البطاقة إلى صاحبها.",
        "called": "أعيدوا كتابة الاسم.",
        "number": "رقم الوثيقة غير صحيح.",
        "country": "اكتبوا بلد الجواز بثلاثة أحرف.",
        "mobile": "رقم الجوال غير صحيح.",
        "known.number": "الوثيقة مسجلة، فليذهب إلى المكتب.",
        "known.mobile": "الجوال مسجل، فليذهب إلى المكتب.",
        "known.pending": "البطاقة أو الوثيقة عند صندوق آخر.",
        "limit": "حد هذا الجهاز {most} بطاقة في اليوم.",
        "consent": "لا تسجيل بلا موافقة صاحبها.",
        "expired": "مضت عشر دقائق، ابدؤوا من جديد.",
        "card": "خذوا بطاقة جديدة من المخزن.",
    },
    "ur": {
        "": "کارڈ حامل کو دے دیں۔",
        "called": "نام دوبارہ لکھیں۔",
        "number": "دستاویز کا نمبر درست نہیں۔",
        "country": "پاسپورٹ کا ملک تین حرفوں میں لکھیں۔",
        "mobile": "موبائل نمبر درست نہیں۔",
        "known.number": "یہ دستاویز درج ہے، کاؤنٹر پر جائیں۔",
        "known.mobile": "یہ موبائل درج ہے، کاؤنٹر پر جائیں۔",
        "known.pending": "کارڈ یا دستاویز دوسری جگہ زیر عمل ہے۔",
        "limit": "اس مشین کی روزانہ حد {most} کارڈ ہے۔",
        "consent": "حامل کی رضامندی ضروری ہے۔",
        "expired": "دس منٹ گزر گئے، دوبارہ شروع کریں۔",
        "card": "ذخیرے سے نیا کارڈ لیں۔",
    },
    "en": {
        "": "Please hand the card to its holder.",
        "called": "The name is missing: write it as the document has it.",
        "number": "The document's number is wrong: read it again.",
        "country": "Write the passport's country in three letters.",
        "mobile": "The mobile number is wrong: read it again, or leave it out.",
        "known.number": "This document is on record already: a desk helps.",
        "known.mobile": "This mobile number is on record already: a desk helps.",
        "known.pending": "Another till is at work on this card or document.",
        "limit": "This terminal may enrol {most} a day, and has.",
        "consent": "Nobody is enrolled without agreeing to it.",
        "expired": "Ten minutes have passed: begin again.",
        "card": "Please take a new card out of the stock.",
    },
}  # fmt: skip
OF_REASON = {
    Reason.FREQUENCY_LIMIT: "limit",
    Reason.ENROLMENT_WITHOUT_CONSENT: "consent",
    Reason.ENROLMENT_EXPIRED: "expired",
    Reason.APPROVED: "",
    Reason.INVALID_SHOP: None,
    Reason.DUPLICATE_WITH_OTHER_CONTENT: None,
    Reason.ORIGINAL_NOT_FOUND: "expired",
}


async def begin(context: Context) -> None:
    """0100 940000: keep the form and the card for each other; DE38 is what the till confirms by. Raises Refused, FormatError."""
    consent, terminal = context.tag(Tag.CONSENT), context.of_terminal()
    asked = Enrolment(
        key=request_key(context, context.text(7), context.text(11)),
        content_hash=content_hash(context.message),
        terminal=terminal,
        uid=_uid(context),
        identity=_identity(context),
        consent=consent[0] if isinstance(consent, bytes) else 0,
        received_at=context.received_at,
    )
    context.passed("read")
    outcome = await context.office.run(lambda session: begin_enrolment(session, asked))
    _tell(context, outcome)
    if outcome.reason is Reason.APPROVED:
        context.elements[38] = outcome.code


async def confirm(context: Context) -> None:
    """0220 940000: the card is in its holder's hand and pays from now on. Raises Refused."""
    nearest_instant(context.text(7), context.received_at.astimezone(UTC))
    asked = Confirmation(context.of_terminal(), _uid(context), context.text(38), context.received_at)
    keystore = context.office.keystore
    context.passed("read")
    _tell(context, await context.office.run(lambda session: confirm_enrolment(session, keystore, asked)))


async def stop(context: Context) -> None:
    """0100 980000: the holder stops the own card; a desk lets it pay again."""
    await read_card(context)
    check = await stop_card(context.office, context.of_terminal(), context.claim or CardClaim())
    context.passed("bank")
    context.reason = check.reason
    if check.card is not None and check.reason is Reason.APPROVED:
        context.tags[Tag.MASKED_CARD] = check.card.masked


def _uid(context: Context) -> bytes:
    uid = context.tag(Tag.CHIP_UID)
    if not isinstance(uid, bytes) or len(uid) != UID_BYTES:
        raise FormatError(WireReason.FIELD_MISSING if uid is None else WireReason.TLV_VALUE_MALFORMED, 48)
    return uid


def _identity(context: Context) -> dict[str, str]:
    sealed, terminal = context.tag(Tag.ENCRYPTED_IDENTITY), context.of_terminal()
    if not isinstance(sealed, bytes):
        raise FormatError(WireReason.FIELD_MISSING, 48)
    if len(sealed) <= COUNTER_BYTES + NONCE_BYTES + TAG_BYTES:
        raise FormatError(WireReason.TLV_VALUE_MALFORMED, 48)
    counter, nonce = int.from_bytes(sealed[:COUNTER_BYTES], "big"), sealed[COUNTER_BYTES : COUNTER_BYTES + NONCE_BYTES]
    key_id = bytes.fromhex(terminal.initial_key_id)
    try:
        keys = WorkingKeys(context.office.keystore.terminal_initial_key(key_id), key_id)
        cipher = AESGCM(keys.derive(counter, Usage.DATA_TO_HOST))
        clear = cipher.decrypt(nonce, sealed[COUNTER_BYTES + NONCE_BYTES :], _bound_to(context))
    except (InvalidTag, KeySerialError):
        raise Refused(Reason.KEY_SYNCHRONISATION) from None
    return decode_identity(clear)


def _bound_to(context: Context) -> bytes:
    return f"{context.text(41).rstrip()}{context.text(7)}{context.text(11)}".encode()


def _tell(context: Context, outcome: EnrolOutcome) -> None:
    context.passed("bank")
    context.reason = outcome.reason
    if outcome.masked:
        context.tags[Tag.MASKED_CARD] = outcome.masked
    text = _text(outcome, context.of_terminal().language)
    if text:
        context.tags[Tag.CAMPAIGN_TEXT] = text


def _text(outcome: EnrolOutcome, language: str) -> str:
    """What the clerk does next, in the terminal's language; at most LONGEST_TEXT_BYTES."""
    words = TEXTS.get(language, TEXTS[DEFAULT_LANGUAGE])
    if outcome.reason is Reason.ENROLMENT_PERSON_KNOWN:
        return words[f"known.{outcome.fault}"]
    name = outcome.fault if outcome.reason is Reason.ENROLMENT_IDENTITY_WRONG else OF_REASON.get(outcome.reason, "card")
    return "" if name is None else words[name].format(most=MOST_A_DAY)
