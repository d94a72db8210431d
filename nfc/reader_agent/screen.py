"""What the till says to people: the four steps of a sale, outcomes and the receipt, in Persian and English."""

from collections.abc import Mapping
from typing import TextIO

from reader_agent.discount import CHANGED
from reader_agent.sale import REFUSALS

PERSIAN_DIGITS = str.maketrans("0123456789,", "۰۱۲۳۴۵۶۷۸۹٬")
RULE = "─" * 32

TEXTS: dict[str, dict[str, str]] = {
    "fa": {
        "present_card": "۱) کارت را روی کارت‌خوان بگیرید.",
        "key_amount": "۲) مبلغ را به ریال وارد کنید:",
        "discounted": "قیمت {price} ریال، تخفیف نقدی {off} ریال، پرداخت {amount} ریال.",
        "discount_changed": "تخفیف نقدی این فروشگاه عوض شده است. چیزی کم نشد؛ دوباره بفروشید تا مبلغ تازه حساب شود.",
        "remove_card": "۳) کارت را بردارید.",
        "receipt": "۴) رسید",
        "approved": "خرید {amount} ریالی پذیرفته شد.",
        "approved_top_up": "کارت {amount} ریال شارژ شد.",
        "approved_refund": "{amount} ریال به کارت برگشت.",
        "approved_void": "خرید {amount} ریالی لغو شد و پول برگشت.",
        "approved_void_refund": "برگشت لغو شد؛ {amount} ریال دوباره از کارت برداشته شد.",
        "declined": "خرید پذیرفته نشد: {why}",
        "declined_top_up": "شارژ کارت پذیرفته نشد: {why}",
        "declined_refund": "برگشت پذیرفته نشد: {why}",
        "declined_void": "لغو خرید پذیرفته نشد: {why}",
        "declined_void_refund": "لغو برگشت پذیرفته نشد: {why}",
        "hold_card": "کارت را روی کارت‌خوان بگیرید.",
        "approved_entry": "{why}",
        "declined_entry": "راه ندارند: {why}",
        "no_answer_entry": "پاسخی از مرکز نرسید. دوباره کارت بزنید، یا شمارهٔ برگه را در فهرست در ببینید.",
        "approved_help": "{why}",
        "declined_help": "{why}",
        "no_answer_help": "پاسخی از مرکز نرسید. دوباره کارت بزنید، یا او را به دفتر گم‌شدگان ببرید.",
        "shown_name": "نام: {shown}",
        "shown_language": "زبان: {shown}",
        "shown_lodging": "جا: {shown}",
        "shown_places": "اتاق یا جایگاه: {shown}",
        "shown_leader": "همراه: {shown}",
        "shown_mobile": "موبایل او: {shown}",
        "shown_alert": "هشدار پزشکی: {shown}",
        "approved_enrol": "کارت فعال شد؛ به زائر بدهید.",
        "declined_enrol": "ثبت نشد: {why}",
        "no_answer_enrol": "پاسخی از مرکز نرسید. دوباره ثبت کنید؛ یک کارت بیشتر داده نمی‌شود.",
        "balanced": "دستهٔ {batch} بسته شد و جمع‌ها با بانک برابر است.",
        "different": "دستهٔ {batch} بسته شد، اما جمع‌ها با بانک برابر نیست. بانک پیگیری می‌کند.",
        "declined_close": "دستهٔ {batch} بسته نشد: {why}",
        "no_answer_close": "پاسخی از مرکز نرسید. دستهٔ {batch} هنوز باز است؛ دوباره آن را ببندید.",
        "reversed": "خرید لغو شد و پول برگشت.",
        "no_answer": "پاسخی از مرکز نرسید. اگر مبلغی کم شده باشد خودکار برمی‌گردد.",
        "card_lost": "کارت زود برداشته شد. مبلغی کم نشد؛ دوباره کارت بزنید.",
        "card_refused": "این کارت، کارت زائر نیست یا معتبر نیست.",
        "pays_in_cash": "کارت تخفیف است و پولی روی آن نیست. مبلغ رسید را نقد بگیرید.",
        "no_card": "کارتی نیامد. فروش کنار گذاشته شد.",
        "refused": "ورودی درست نیست: {why}",
        "paid": "از کارت: {card} ریال، از اعتبار: {credit} ریال",
        "earned": "اعتبار این خرید: {earned} ریال، ماندهٔ اعتبار: {balance} ریال",
        "reference": "شمارهٔ پیگیری: {rrn}",
    },
    "en": {
        "present_card": "1) Hold the card on the reader.",
        "key_amount": "2) Key the amount in Rial:",
        "discounted": "Price {price} Rial, cash discount {off} Rial, to pay {amount} Rial.",
        "discount_changed": "The shop's cash discount has changed. Nothing was taken; sell again at the new amount.",
        "remove_card": "3) Remove the card.",
        "receipt": "4) Receipt",
        "approved": "The purchase of {amount} Rial is approved.",
        "approved_top_up": "{amount} Rial were put on the card.",
        "approved_refund": "{amount} Rial went back to the card.",
        "approved_void": "The purchase of {amount} Rial is cancelled and the money returned.",
        "approved_void_refund": "The return is cancelled: {amount} Rial were taken from the card again.",
        "declined": "The purchase is declined: {why}",
        "declined_top_up": "The top-up is declined: {why}",
        "declined_refund": "The return is declined: {why}",
        "declined_void": "The purchase cannot be cancelled: {why}",
        "declined_void_refund": "The return cannot be cancelled: {why}",
        "hold_card": "Hold the card on the reader.",
        "approved_entry": "{why}",
        "declined_entry": "Not let in: {why}",
        "no_answer_entry": "The centre did not answer. Hold the card again, or look for the pass number in the door's list.",
        "approved_help": "{why}",
        "declined_help": "{why}",
        "no_answer_help": "The centre did not answer. Hold the card again; or the lost and found office helps.",
        "shown_name": "Name: {shown}",
        "shown_language": "Language: {shown}",
        "shown_lodging": "Place: {shown}",
        "shown_places": "Room or seats: {shown}",
        "shown_leader": "Companion: {shown}",
        "shown_mobile": "Their phone: {shown}",
        "shown_alert": "Medical alert: {shown}",
        "approved_enrol": "The card is active: hand it to the pilgrim.",
        "declined_enrol": "Not enrolled: {why}",
        "no_answer_enrol": "The centre did not answer. Enrol again: no more than one card is given.",
        "balanced": "Batch {batch} is closed and agrees with the bank.",
        "different": "Batch {batch} is closed, but does not agree with the bank. The bank looks into it.",
        "declined_close": "Batch {batch} was not closed: {why}",
        "no_answer_close": "The centre did not answer. Batch {batch} is still open; close it again.",
        "reversed": "The purchase was cancelled and the money returned.",
        "no_answer": "The centre did not answer. Anything taken is returned by itself.",
        "card_lost": "The card left too early. Nothing was taken; present it again.",
        "card_refused": "This is not a pilgrim card, or it is not genuine.",
        "pays_in_cash": "A discount card holds no money. Take what the receipt says in cash.",
        "no_card": "No card came. The sale was put aside.",
        "refused": "The input is not right: {why}",
        "paid": "By card: {card} Rial, by credit: {credit} Rial",
        "earned": "Credit of this purchase: {earned} Rial, credit balance: {balance} Rial",
        "reference": "Reference: {rrn}",
    },
}

PAYS_IN_CASH = "1557"  # DF4D: a card without money, whose purchase is on record

# By DE39, and by the internal reason (DF4D) where that says more.
DECLINE_REASONS: dict[str, dict[str, str]] = {
    "fa": {
        "13": "مبلغ نادرست است",
        "14": "چنین کارتی نیست",
        "25": "چنین خریدی در این فروشگاه پیدا نشد؛ شمارهٔ پیگیری رسید را ببینید",
        "39": "این کارت برای این فروشگاه اعتبار قسطی ندارد",
        "41": "کارت گم‌شده اعلام شده است",
        "43": "کارت دزدیده‌شده اعلام شده است",
        "51": "موجودی کافی نیست",
        "54": "تاریخ کارت گذشته است",
        "57": "این کارت چنین اجازه‌ای ندارد",
        "58": "این پایانه چنین اجازه‌ای ندارد",
        "61": "مبلغ از سقف بیشتر است",
        "62": "کارت مسدود است",
        "63": "کارت یا پایانه تأیید نشد",
        "64": "مبلغ خرید با رسید نمی‌خواند، یا بیش از باقی‌ماندهٔ آن است",
        "65": "تعداد خرید از سقف بیشتر است",
        "77": "بانک شمارهٔ دیگری را باز می‌داند",
        "78": "کارت فعال نشده است",
        "91": "مرکز در دسترس نیست؛ دوباره امتحان کنید",
        "1261": "از سقفی که سرپرست خانواده برای این کارت گذاشته بیشتر است",
        "1357": "سرپرست خانواده اجازهٔ خرید با این کارت را در این صنف نداده است",
        "1457": "کارت تخفیف است و پولی روی آن نیست",
    },
    "en": {
        "13": "invalid amount",
        "14": "no such card",
        "25": "no such purchase in this shop: see the reference on the receipt",
        "39": "no credit line for this shop",
        "41": "card reported lost",
        "43": "card reported stolen",
        "51": "insufficient funds",
        "54": "card expired",
        "57": "not permitted to this card",
        "58": "not permitted to this terminal",
        "61": "above the amount limit",
        "62": "card blocked",
        "63": "card or terminal not proven",
        "64": "the amount is not that of the receipt, or more than is left of it",
        "65": "above the frequency limit",
        "77": "the bank has another batch open",
        "78": "card not activated",
        "91": "centre not available, try again",
        "1261": "above the limit of the family for this card",
        "1357": "the family does not let this card buy in this kind of shop",
        "1457": "a discount card: no money is on it",
    },
}


REFUSED_PARTS: dict[str, dict[str, str]] = {
    "fa": {
        "amount": "مبلغ یک عدد درست به ریال است، تا ۹۹۹٬۹۹۹٬۹۹۹٬۹۹۹.",
        "credit": "سهم اعتبار یا مبلغی به ریال است، یا none، یا most.",
        "card_number": "شمارهٔ کارت ۱ تا ۱۹ رقم است.",
        "instalments": "تعداد قسط‌ها ۲ تا ۳۶ است.",
        "object": "فروش یا یک مبلغ است یا یک شیء JSON با amount_rial.",
        "people": "شمار آدم‌ها ۱ تا ۹۹ است.",
        "enrolment": "فرم یک شیء JSON است با kind، number و name، و شاید country و mobile و agreed.",
        "reference": "شمارهٔ پیگیری ۱۲ نویسه است، همان که روی رسید آمده.",
        "line": "هر خط متن UTF-8 با حداکثر ۴۰۹۶ بایت است.",
    },
    "en": REFUSALS,
}


class Screen:
    """Sentences for one language on a stream; `None` as the stream keeps silent."""

    def __init__(self, language: str, stream: TextIO | None) -> None:
        self._language = "fa" if language == "fa" else "en"
        self._stream = stream
        self._texts = TEXTS[self._language]

    def say(self, text: str, **values: object) -> None:
        self._print(self._texts[text].format(**{name: self._number(value) for name, value in values.items()}))

    def show(self, result: Mapping[str, object]) -> None:
        """The outcome of a sale and, when it was approved, its receipt."""
        code = str(result.get("code", ""))
        refused_part = REFUSED_PARTS[self._language].get(str(result.get("part")), "")
        reasons = DECLINE_REASONS[self._language]
        why = result.get("told") or reasons.get(str(result.get("reason", ""))) or reasons.get(code, code) or refused_part
        outcome = str(result["outcome"])
        of_its_own = f"{outcome}_{result.get('what')}"
        text = of_its_own if of_its_own in self._texts else outcome
        if result.get("reason") == CHANGED:
            text = "discount_changed"
        if result.get("reason") == PAYS_IN_CASH:
            text = "pays_in_cash"
        self.say(text, amount=result.get("amount_rial", 0), why=why, batch=result.get("batch", 0))
        if (outcome == "approved" or text == "pays_in_cash") and "receipt" in result:
            self._show_receipt(result)

    def show_card_of(self, shown: Mapping[str, str]) -> None:
        """What is for this screen alone, a line each."""
        for name, text in shown.items():
            self.say(f"shown_{name}", shown=text)

    def _show_receipt(self, result: Mapping[str, object]) -> None:
        self.say("receipt")
        is_approved = result["outcome"] == "approved"
        if is_approved and result.get("what", "purchase") == "purchase":
            self.say("paid", card=result["paid_card_rial"], credit=result["paid_credit_rial"])
            self.say("earned", earned=result["earned_rial"], balance=result["credit_balance_rial"])
        if is_approved:
            self.say("reference", rrn=result["rrn"])
        lines = result["receipt"]
        for line in lines if isinstance(lines, list) else ():
            self._print(_typeset(line))

    def _number(self, value: object) -> str:
        text = f"{value:,}" if isinstance(value, int) else str(value)
        return text.translate(PERSIAN_DIGITS) if self._language == "fa" and isinstance(value, int) else text

    def _print(self, text: str) -> None:
        if self._stream:
            print(text, file=self._stream, flush=True)


def _typeset(line: str) -> str:
    """Receipt marks of DE63: ^C centres, ^B is bold (plain here), ^L is a rule."""
    if line.startswith("^L"):
        return RULE
    if line.startswith("^C"):
        return line.removeprefix("^C").removeprefix("^B").center(32).rstrip()
    return line.removeprefix("^B")
