"""Steps of a terminal at a door: 0200 970000 lets in the holder of a card that has proven itself.

How many come in and how many are still expected stands in clear (DF5C); who it is, and in which room, is for the terminal's
screen alone (DF5F). Asked again under the same number, the door gives the same answer and lets nobody in twice.
"""

from datetime import datetime
from typing import cast

from cardbank.cards.rules import CardProfile
from cardbank.reasons import Reason
from kernel.audit import Actor
from kernel.calendar import TEHRAN, day_text
from kernel.languages import DEFAULT_LANGUAGE, in_language
from kernel.text import localised_digits
from merchants.sales.rules import CardClaim
from merchants.sales.services import check_card
from pos_gateway.context import Context, Refused, content_hash
from pos_gateway.steps import read_card, request_key
from pos_gateway.wire.dukpt import Usage, WorkingKeys
from pos_gateway.wire.errors import FormatError
from pos_gateway.wire.errors import Reason as WireReason
from pos_gateway.wire.screen import seal_screen, shortened
from pos_gateway.wire.tlv import Tag
from reservations.bookings.services.admitting import (
    Admission,
    Knock,
    admit_holder,
    admitted_before,
    door_of_terminal,
)
from reservations.errors import EntryRefused, NoDoor, OtherEntry

LONGEST_TEXT_BYTES = 120
LONGEST_NAME_BYTES = 60
MOST_PEOPLE = 999

TEXTS = {
    "fa": {
        "in": "{people} نفر بفرمایید.",
        "in.waiting": "{people} نفر بفرمایید؛ {waiting} نفر دیگر مانده‌اند.",
        "none": "برای دارندهٔ این کارت چیزی رزرو نشده است.",
        "other_door": "نوبتشان اینجا نیست: {place}.",
        "other_day": "نوبتشان روز {day} است.",
        "early": "درها ساعت {at} باز می‌شود.",
        "in_already": "ساعت {at} وارد شده‌اند.",
        "too_many": "فقط {left} نفر دیگر می‌توانند بیایند.",
        "cancelled": "این رزرو لغو شده است.",
        "unpaid": "هنوز پرداخت نشده؛ به پذیرش بروند.",
        "over": "زمان این رزرو گذشته است.",
    },
    "ar": {
        "in": "تفضلوا: {people}.",
        "in.waiting": "تفضلوا: {people}، وبقي {waiting}.",
        "none": "لا حجز لصاحب هذه البطاقة.",
        "other_door": "الحجز ليس هنا: {place}.",
        "other_day": "الحجز ليوم {day}.",
        "early": "تُفتح الأبواب الساعة {at}.",
        "in_already": "دخلوا الساعة {at}.",
        "too_many": "بقي {left} فقط من هذا الحجز.",
        "cancelled": "أُلغي هذا الحجز.",
        "unpaid": "لم يُدفع بعد، فليذهبوا إلى الاستقبال.",
        "over": "انتهى وقت هذا الحجز.",
    },
    "ur": {
        "in": "{people} افراد تشریف لائیں۔",
        "in.waiting": "{people} افراد تشریف لائیں، {waiting} باقی ہیں۔",
        "none": "اس کارڈ کے حامل کی کوئی بکنگ نہیں۔",
        "other_door": "بکنگ یہاں کی نہیں: {place}۔",
        "other_day": "بکنگ {day} کی ہے۔",
        "early": "دروازے {at} بجے کھلیں گے۔",
        "in_already": "{at} بجے داخل ہو چکے ہیں۔",
        "too_many": "صرف {left} افراد باقی ہیں۔",
        "cancelled": "یہ بکنگ منسوخ ہے۔",
        "unpaid": "ادائیگی باقی ہے، استقبالیہ پر جائیں۔",
        "over": "اس بکنگ کا وقت گزر چکا۔",
    },
    "en": {
        "in": "Please let {people} in.",
        "in.waiting": "Please let {people} in; {waiting} more are to come.",
        "none": "The card's holder has booked nothing.",
        "other_door": "The booking is not here: {place}.",
        "other_day": "The booking is for {day}.",
        "early": "The doors open at {at}.",
        "in_already": "Came in at {at} already.",
        "too_many": "Only {left} more may come in.",
        "cancelled": "This booking was cancelled.",
        "unpaid": "Not paid yet: the front desk helps.",
        "over": "The time of this booking is over.",
    },
}
SEATS = {
    "fa": {"men": "آقایان", "women": "بانوان", "family": "خانواده", "accessible": "ویلچر"},
    "ar": {"men": "الرجال", "women": "النساء", "family": "العائلات", "accessible": "كرسي متحرك"},
    "ur": {"men": "مرد", "women": "خواتین", "family": "خاندان", "accessible": "وہیل چیئر"},
    "en": {"men": "men", "women": "women", "family": "families", "accessible": "wheelchair"},
}


async def admit(context: Context) -> None:
    """0200 970000: the chip has answered, so its holder stands at the door. Raises Refused, FormatError."""
    await read_card(context)
    claim, terminal = proven(context.claim), context.of_terminal()
    try:
        door = await context.office.run(
            lambda session: door_of_terminal(session, terminal.terminal_id, terminal.merchant_id, terminal.code)
        )
        knock = Knock(key_text(context), content_hash(context.message), door, _people(context))
        context.passed("read")
        admission = await context.office.run(lambda session: admitted_before(session, knock))
        if admission is None:
            card = await holder_of_card(context, claim)
            actor, person_id = Actor.system(f"terminal {terminal.code}"), card.person_id or 0
            admission = await context.office.run(lambda session: admit_holder(session, actor, knock, person_id))
            context.card = card
        else:
            context.tags[Tag.REPLAYED] = "1"
    except NoDoor:
        raise Refused(Reason.STANDS_AT_NO_DOOR) from None
    except OtherEntry:
        raise Refused(Reason.DUPLICATE_WITH_OTHER_CONTENT) from None
    except EntryRefused as refusal:
        context.reason = Reason.ENTRY_REFUSED
        context.tags[Tag.CAMPAIGN_TEXT] = refusal_text(refusal, terminal.language)
        return
    finally:
        context.passed("bank")
    _tell(context, admission)


def proven(claim: CardClaim | None) -> CardClaim:
    """The claim of a chip that answered; a number proves nobody. Raises Refused."""
    if claim is None or claim.challenge_id is None or claim.card_answer is None:
        raise Refused(Reason.CARD_PROOF_REFUSED)
    return claim


async def holder_of_card(context: Context, claim: CardClaim) -> CardProfile:
    """The card, which may be used. Raises Refused."""
    check = await check_card(context.office, context.of_terminal(), claim)
    if check.card is None or check.reason is not Reason.APPROVED:
        raise Refused(check.reason)
    return check.card


def key_text(context: Context) -> str:
    """A fact of the message, as the ledger's keys are: UTC date of DE7, terminal, STAN."""
    key = request_key(context, context.text(7), context.text(11))
    return f"{key.day} {context.of_terminal().code} {context.text(11)}"


def _people(context: Context) -> int | None:
    """DF1A; none, or 00, is everybody who is not in yet."""
    return int(cast("str | None", context.tag(Tag.PEOPLE)) or "0") or None


def _tell(context: Context, admission: Admission) -> None:
    terminal = context.of_terminal()
    most = min(admission.people, MOST_PEOPLE), min(admission.waiting, MOST_PEOPLE)
    context.tags[Tag.LET_IN] = f"{most[0]:03d}{most[1]:03d}"
    name = "in.waiting" if admission.waiting else "in"
    context.tags[Tag.CAMPAIGN_TEXT] = _say(terminal.language, name, people=admission.people, waiting=admission.waiting)
    language = context.card.language if context.card else terminal.language
    told = {
        "name": in_language(admission.guest, language),
        "lodging": in_language(admission.names, language),
        "places": _places(admission, language),
    }
    put_on_screen(context, told)


def _places(admission: Admission, language: str) -> str:
    """Rooms as they are numbered; kinds of seats by their names."""
    words = SEATS.get(language, SEATS[DEFAULT_LANGUAGE])
    shown = [words.get(one, one) for one in admission.places] if admission.is_session else admission.places
    return ("، " if language != "en" else ", ").join(shown)


def put_on_screen(context: Context, told: dict[str, str]) -> None:
    """Seal what the terminal's screen shows; the counter is the request's, so that no two answers share a key."""
    serial = context.message.key_serial
    if serial is None:
        raise FormatError(WireReason.FIELD_MISSING, 48)
    key_id = bytes.fromhex(context.of_terminal().initial_key_id)
    keys = WorkingKeys(context.office.keystore.terminal_initial_key(key_id), key_id)
    key = keys.derive(int.from_bytes(serial[8:], "big"), Usage.DATA_TO_TERMINAL)
    bound_to = f"{context.text(41).rstrip()}{context.text(7)}{context.text(11)}".encode()
    context.tags[Tag.SEALED_SCREEN] = seal_screen(told, key, bound_to)


def refusal_text(refusal: EntryRefused, language: str) -> str:
    """Why, in the terminal's language; at most LONGEST_TEXT_BYTES."""
    facts = dict(refusal.facts)
    at, day, names = facts.get("at"), facts.get("day"), cast("dict[str, str]", facts.get("names") or {})
    if isinstance(at, datetime):
        facts["at"] = f"{at.astimezone(TEHRAN):%H:%M}"
    if day is not None:
        facts["day"] = day_text(day, language)  # type: ignore[arg-type]
    facts["place"] = shortened(in_language(names, language), LONGEST_NAME_BYTES)
    return _say(language, str(facts.pop("fault")), **facts)


def _say(language: str, name: str, **facts: object) -> str:
    words = TEXTS.get(language, TEXTS[DEFAULT_LANGUAGE])
    written = {fact: value if fact == "place" else localised_digits(str(value), language) for fact, value in facts.items()}
    return shortened(words[name].format(**written), LONGEST_TEXT_BYTES)
