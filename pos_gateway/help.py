"""Step of a terminal that helps: 0200 970100 shows what somebody who is lost allowed, and no log holds any of it."""

from cardbank.reasons import Reason
from kernel.languages import DEFAULT_LANGUAGE
from merchants.sales.rules import CardClaim
from merchants.sales.services import check_card
from pos_gateway.context import Context, Refused, content_hash
from pos_gateway.doors import key_text, proven, put_on_screen
from pos_gateway.steps import read_card
from pos_gateway.wire.tlv import Tag
from reservations.errors import OtherEntry
from reservations.help.rules import HELPS_ALTHOUGH
from reservations.help.services import Asking, HelpAnswer, show_help, shown_before

TEXTS = {
    "fa": {
        "shown": "لطفاً کمکش کنید.",
        "calls": "به همراهش پیام می‌رود که اینجاست.",
        "refused": "کارت کمک ندارد؛ به دفتر گم‌شدگان ببریدش.",
        "too_often": "این پایانه زیاد پرسیده؛ با پشتیبانی تماس بگیرید.",
    },
    "ar": {
        "shown": "ساعدوه من فضلكم.",
        "calls": "سيُبلَّغ مرافقه بأنه هنا.",
        "refused": "لا بطاقة مساعدة له، خذوه إلى مكتب المفقودين.",
        "too_often": "سأل هذا الجهاز كثيراً، اتصلوا بالدعم.",
    },
    "ur": {
        "shown": "براہِ کرم مدد کیجیے۔",
        "calls": "ساتھی کو پیغام جا رہا ہے کہ یہاں ہیں۔",
        "refused": "مدد کارڈ نہیں، گمشدگان کے دفتر لے جائیں۔",
        "too_often": "اس مشین نے بہت پوچھا، سپورٹ کو فون کریں۔",
    },
    "en": {
        "shown": "Please help.",
        "calls": "The companion is told that they are here.",
        "refused": "Shows no help card: the lost and found office helps.",
        "too_often": "This terminal has asked too often: please call support.",
    },
}
SPOKEN = {
    "fa": {"fa": "فارسی", "ar": "عربی", "ur": "اردو", "en": "انگلیسی"},
    "ar": {"fa": "الفارسية", "ar": "العربية", "ur": "الأردية", "en": "الإنجليزية"},
    "ur": {"fa": "فارسی", "ar": "عربی", "ur": "اردو", "en": "انگریزی"},
    "en": {"fa": "Persian", "ar": "Arabic", "ur": "Urdu", "en": "English"},
}
REASONS = {"shown": Reason.APPROVED, "refused": Reason.HELP_NOT_ALLOWED, "too_often": Reason.HELP_TOO_OFTEN}


async def help_card(context: Context) -> None:
    """0200 970100: what the holder of the card that has answered allowed to be shown. Raises Refused, FormatError."""
    await read_card(context)
    claim, terminal = proven(context.claim), context.of_terminal()
    asking = Asking(key_text(context), content_hash(context.message), terminal.terminal_id, terminal.language, None)
    context.passed("read")
    try:
        answer = await context.office.run(lambda session: shown_before(session, asking))
        if answer is None:
            person_id = await _holder(context, claim)
            asked = Asking(asking.key, asking.content_hash, asking.terminal_id, asking.language, person_id)
            answer = await context.office.run(lambda session: show_help(session, asked))
        else:
            context.tags[Tag.REPLAYED] = "1"
    except OtherEntry:
        raise Refused(Reason.DUPLICATE_WITH_OTHER_CONTENT) from None
    finally:
        context.passed("bank")
    _tell(context, answer, terminal.language)


async def _holder(context: Context, claim: CardClaim) -> int | None:
    """Whose card it is; None for a card in nobody's name. Raises Refused."""
    check = await check_card(context.office, context.of_terminal(), claim)
    if check.card is None or not check.is_proven or check.reason not in HELPS_ALTHOUGH:
        raise Refused(check.reason)
    return check.card.person_id


def _tell(context: Context, answer: HelpAnswer, language: str) -> None:
    context.reason = REASONS[answer.outcome]
    words = TEXTS.get(language, TEXTS[DEFAULT_LANGUAGE])
    context.tags[Tag.CAMPAIGN_TEXT] = words["calls" if answer.calls_somebody else answer.outcome]
    if answer.told:
        spoken = SPOKEN.get(language, SPOKEN[DEFAULT_LANGUAGE])
        told = dict(answer.told)
        if "language" in told:
            told["language"] = spoken.get(told["language"], told["language"])
        put_on_screen(context, told)
