"""What the paper of a sale says, in the holder's language. Pure: labels and whole sentences; figures are formatted by the door."""

from msgspec import Struct

from cardbank.outcomes import Outcome
from kernel.languages import DEFAULT_LANGUAGE
from merchants.till.queries import SaleRow

TEXTS = {
    "fa": {
        "goods": "کالا", "receipt": "رسید خرید", "number": "شمارهٔ رسید", "card": "کارت", "total": "جمع", "cash": "نقد", "money": "از پول کارت",
        "line": "قسطی",
        "credit": "از اعتبار", "gift": "از هدیه", "benefit": "از کمک‌هزینه", "benefit_left": "ماندهٔ کمک‌هزینه", "earned": "اعتبار گرفتید", "left": "ماندهٔ کارت", "credit_left": "ماندهٔ اعتبار",
        "returned": "برگشت داده شده", "complain": "شکایتی دارید؟ این کد را با گوشی بخوانید.", "thanks": "از خرید شما سپاسگزاریم، زیارت قبول.",
        "keep": "برای پس دادن کالا این رسید را نگه دارید.",
    },
    "ar": {
        "goods": "بضاعة", "receipt": "إيصال الشراء", "number": "رقم الإيصال", "card": "البطاقة", "total": "المجموع", "cash": "نقداً", "money": "من مال البطاقة",
        "line": "بالأقساط",
        "credit": "من الرصيد", "gift": "من هدية", "benefit": "من المزايا", "benefit_left": "باقي المزايا", "earned": "رصيد مكتسب", "left": "باقي البطاقة", "credit_left": "باقي الرصيد",
        "returned": "المُعاد", "complain": "هل لديكم شكوى؟ امسحوا هذا الرمز بالهاتف.", "thanks": "شكراً لشرائكم، زيارة مقبولة.", "keep": "احتفظوا بهذا الإيصال لإرجاع البضاعة.",
    },
    "ur": {
        "goods": "سامان", "receipt": "خریداری کی رسید", "number": "رسید نمبر", "card": "کارڈ", "total": "کل", "cash": "نقد", "money": "کارڈ کی رقم سے",
        "line": "قسطوں پر",
        "credit": "کریڈٹ سے", "gift": "تحفے سے", "benefit": "مراعات سے", "benefit_left": "مراعات کا بقیہ", "earned": "کریڈٹ ملا", "left": "کارڈ کا بقیہ", "credit_left": "کریڈٹ کا بقیہ",
        "returned": "واپس کیا گیا", "complain": "کوئی شکایت؟ یہ کوڈ فون سے اسکین کریں۔", "thanks": "خریداری کا شکریہ، زیارت قبول ہو۔", "keep": "سامان واپس کرنے کے لیے یہ رسید رکھیں۔",
    },
    "en": {
        "goods": "Goods", "receipt": "Receipt", "number": "Receipt number", "card": "Card", "total": "Total", "cash": "In cash", "money": "From the card's money",
        "line": "In instalments",
        "credit": "From credit", "gift": "From a gift", "benefit": "From a benefit", "benefit_left": "Benefits left", "earned": "Credit earned", "left": "Money left", "credit_left": "Credit left",
        "returned": "Returned", "complain": "Something wrong? Scan this code with your phone.", "thanks": "Thank you, and may your pilgrimage be accepted.",
        "keep": "Please keep this receipt in case you bring goods back.",
    },
}  # fmt: skip


# What the purchase cost somebody without the card, and how its contract let it be paid.
BY_CONTRACT = {
    "fa": {"public": "قیمت بدون کارت", "price": "قیمت با کارت", "all": "قیمت", "saved": "تخفیف نقدی {share}", "parts": "خرید در {count} قسط"},
    "ar": {"public": "السعر بدون البطاقة", "price": "السعر بالبطاقة", "all": "السعر", "saved": "خصم الدفع الفوري {share}", "parts": "شراء على {count} أقساط"},
    "ur": {"public": "کارڈ کے بغیر قیمت", "price": "کارڈ کے ساتھ قیمت", "all": "قیمت", "saved": "نقد رعایت {share}", "parts": "{count} قسطوں میں خریداری"},
    "en": {"public": "Without the card", "price": "With the card", "all": "Price", "saved": "Cash discount {share}", "parts": "Bought in {count} instalments"},
}  # fmt: skip


class Figure(Struct, frozen=True):
    label: str
    amount_rial: int


def words_of(language: str) -> dict[str, str]:
    return TEXTS.get(language, TEXTS[DEFAULT_LANGUAGE])


def price_figures(sale: SaleRow, share: str, language: str) -> list[Figure]:
    """What the goods cost without the card, with it, and what was taken off for paying at once; nothing where all is one price."""
    words, public_rial = BY_CONTRACT.get(language, BY_CONTRACT[DEFAULT_LANGUAGE]), sum(line.public_rial for line in sale.lines)
    has_card_price = public_rial > sale.amount_rial
    found = [Figure(words["public"], public_rial)] if has_card_price else []
    if sale.is_discounted:
        found += [
            Figure(words["price" if has_card_price else "all"], sale.amount_rial),
            Figure(words["saved"].format(share=share), sale.discount_rial),
        ]
    return found


def instalments_line(count: str, language: str) -> str:
    return BY_CONTRACT.get(language, BY_CONTRACT[DEFAULT_LANGUAGE])["parts"].format(count=count)


def figures_in_cash(due_rial: int, language: str) -> list[Figure]:
    """Of a sale by a card without money: all of it was paid in cash, and the card has nothing left to tell."""
    words = words_of(language)
    return [Figure(words["total"], due_rial), Figure(words["cash"], due_rial)]


def figures_of(outcome: Outcome, language: str) -> list[Figure]:
    """What paid, what was earned and what is left, in the order of the paper.

    Credit spent, earned and left stand on every receipt, however little it is; of the rest nothing that is not so.
    """
    words, answer = words_of(language), outcome.answer
    found = [Figure(words["total"], outcome.amount_rial)]
    parts = {
        "benefit": outcome.benefit_rial,
        "money": outcome.money_rial,
        "line": outcome.line_rial,
        "credit": outcome.credit_rial,
        "gift": outcome.gift_rial,
        "earned": outcome.earned_rial,
    }
    found += [Figure(words[name], amount) for name, amount in parts.items() if amount or name in ("credit", "earned")]
    if outcome.returned_rial:
        found.append(Figure(words["returned"], outcome.returned_rial))
    if answer is not None:
        found += [Figure(words["left"], answer.money_balance), Figure(words["credit_left"], answer.credit_balance)]
        if outcome.benefit_rial or answer.benefit_balance:
            found.append(Figure(words["benefit_left"], answer.benefit_balance))
    return found
