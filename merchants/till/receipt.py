"""What the paper of a sale says, in the holder's language. Pure: labels and whole sentences; figures are formatted by the door."""

from msgspec import Struct

from cardbank.outcomes import Outcome
from kernel.languages import DEFAULT_LANGUAGE

TEXTS = {
    "fa": {
        "goods": "کالا", "receipt": "رسید خرید", "number": "شمارهٔ رسید", "card": "کارت", "total": "جمع", "money": "از پول کارت",
        "line": "قسطی",
        "credit": "از اعتبار", "gift": "از هدیه", "benefit": "از کمک‌هزینه", "benefit_left": "ماندهٔ کمک‌هزینه", "earned": "اعتبار گرفتید", "left": "ماندهٔ کارت", "credit_left": "ماندهٔ اعتبار",
        "returned": "برگشت داده شده", "complain": "شکایتی دارید؟ این کد را با گوشی بخوانید.", "thanks": "از خرید شما سپاسگزاریم، زیارت قبول.",
        "keep": "برای پس دادن کالا این رسید را نگه دارید.",
    },
    "ar": {
        "goods": "بضاعة", "receipt": "إيصال الشراء", "number": "رقم الإيصال", "card": "البطاقة", "total": "المجموع", "money": "من مال البطاقة",
        "line": "بالأقساط",
        "credit": "من الرصيد", "gift": "من هدية", "benefit": "من المزايا", "benefit_left": "باقي المزايا", "earned": "رصيد مكتسب", "left": "باقي البطاقة", "credit_left": "باقي الرصيد",
        "returned": "المُعاد", "complain": "هل لديكم شكوى؟ امسحوا هذا الرمز بالهاتف.", "thanks": "شكراً لشرائكم، زيارة مقبولة.", "keep": "احتفظوا بهذا الإيصال لإرجاع البضاعة.",
    },
    "ur": {
        "goods": "سامان", "receipt": "خریداری کی رسید", "number": "رسید نمبر", "card": "کارڈ", "total": "کل", "money": "کارڈ کی رقم سے",
        "line": "قسطوں پر",
        "credit": "کریڈٹ سے", "gift": "تحفے سے", "benefit": "مراعات سے", "benefit_left": "مراعات کا بقیہ", "earned": "کریڈٹ ملا", "left": "کارڈ کا بقیہ", "credit_left": "کریڈٹ کا بقیہ",
        "returned": "واپس کیا گیا", "complain": "کوئی شکایت؟ یہ کوڈ فون سے اسکین کریں۔", "thanks": "خریداری کا شکریہ، زیارت قبول ہو۔", "keep": "سامان واپس کرنے کے لیے یہ رسید رکھیں۔",
    },
    "en": {
        "goods": "Goods", "receipt": "Receipt", "number": "Receipt number", "card": "Card", "total": "Total", "money": "From the card's money",
        "line": "In instalments",
        "credit": "From credit", "gift": "From a gift", "benefit": "From a benefit", "benefit_left": "Benefits left", "earned": "Credit earned", "left": "Money left", "credit_left": "Credit left",
        "returned": "Returned", "complain": "Something wrong? Scan this code with your phone.", "thanks": "Thank you, and may your pilgrimage be accepted.",
        "keep": "Please keep this receipt in case you bring goods back.",
    },
}  # fmt: skip


class Figure(Struct, frozen=True):
    label: str
    amount_rial: int


def words_of(language: str) -> dict[str, str]:
    return TEXTS.get(language, TEXTS[DEFAULT_LANGUAGE])


def figures_of(outcome: Outcome, language: str) -> list[Figure]:
    """What paid, what was earned and what is left, in the order of the paper; nothing that is not so is printed."""
    words, answer = words_of(language), outcome.answer
    found = [Figure(words["total"], outcome.amount_rial)]
    parts = {"benefit": outcome.benefit_rial, "money": outcome.money_rial, "line": outcome.line_rial, "credit": outcome.credit_rial, "gift": outcome.gift_rial, "earned": outcome.earned_rial}
    found += [Figure(words[name], amount) for name, amount in parts.items() if amount]
    if outcome.returned_rial:
        found.append(Figure(words["returned"], outcome.returned_rial))
    if answer is not None:
        found += [Figure(words["left"], answer.money_balance), Figure(words["credit_left"], answer.credit_balance)]
        if outcome.benefit_rial or answer.benefit_balance:
            found.append(Figure(words["benefit_left"], answer.benefit_balance))
    return found
