"""Receipt text of DE63: customer copy, shop copy and one sentence, in lines of at most 32 characters, 600 bytes in all.

The terminal prints amounts, date and reference itself; here stand what was paid with what, earned, spent, is left and expires
next. Line prefixes: `^C` centred, `^B` bold. Optional lines leave first when it does not fit.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from enum import Enum
from functools import lru_cache

from msgspec import Struct

from cardbank.cards.rules import GIFT_PRODUCT, CardProfile
from cardbank.ledger.types import AccountKind, Answer
from kernel.calendar import TEHRAN, jalali_digits
from kernel.languages import DEFAULT_LANGUAGE, in_language
from kernel.money import grouped
from kernel.text import localised_digits
from merchants.discounts.rules import CashDue, discount_on
from merchants.instalments.rules import Part
from merchants.rules import TerminalProfile
from pos_gateway.receipt_words import TEXTS
from pos_gateway.replies import last_usable_day
from pos_gateway.wire import tlv
from pos_gateway.wire.tlv import Tag

WIDTH = 32
MOST_BYTES = 600
UTF8 = b"\x01"
MOST_LISTED = 6  # instalments
CUSTOMER_COPY_REQUIRED = 0b001
DUPLICATE = 0b100


class Line(Struct, frozen=True):
    """`rank` 0 stays; of the others the highest leaves first."""

    copy: Tag
    rank: int
    text: str


class Occasion(Enum):
    """What happened: the word for the amount, the words for what money and credit had of it, and the sentence."""

    PURCHASE = ("paid", "from_card", "spent", "")
    REFUND = ("returned", "to_card", "restored", "returned_sentence")
    VOID = ("cancelled", "to_card", "restored", "returned_sentence")
    VOID_OF_REFUND = ("return_cancelled", "from_card", "spent", "return_cancelled_sentence")
    TOP_UP = ("topped_up", "to_card", "restored", "topped_up_sentence")
    GIFT = ("gift_loaded", "to_card", "restored", "gift_loaded_sentence")
    GIFT_BOUGHT = ("gift_loaded", "from_card", "spent", "gift_bought_sentence")
    GIFT_BACK = ("gift_back", "from_card", "spent", "gift_back_sentence")
    INSTALMENTS = ("bought", "from_line", "spent", "")

    def __init__(self, amount: str, money: str, credit: str, sentence: str) -> None:
        self.amount, self.money, self.credit, self.sentence = amount, money, credit, sentence


OCCASIONS = {  # by DE3
    "000000": Occasion.PURCHASE,
    "003000": Occasion.INSTALMENTS,
    "020000": Occasion.VOID,
    "200000": Occasion.REFUND,
    "210000": Occasion.TOP_UP,
    "220000": Occasion.VOID_OF_REFUND,
    "006000": Occasion.GIFT_BOUGHT,
    "280060": Occasion.GIFT,
}


def occasion_of(code: str, *, is_gift: bool) -> Occasion:
    """Of a processing code; the void of a load speaks of the gift."""
    return Occasion.GIFT_BACK if is_gift and code == "220000" else OCCASIONS[code]


def receipt(
    answer: Answer,
    terminal: TerminalProfile,
    card: CardProfile | None,
    occasion: Occasion = Occasion.PURCHASE,
    schedule: Sequence[Part] = (),
    price_rial: int | None = None,
) -> bytes:
    """DE63 of what was approved. The customer's lines are in the holder's language, the shop's in the terminal's.

    `price_rial` is what it cost before the discount for paying at once, where the till took that off.
    """
    language = _known(card.language if card else terminal.language)
    lines = [
        *_customer_lines(
            answer, terminal, language, occasion, schedule, price_rial, is_gift=card is not None and card.product == GIFT_PRODUCT
        ),
        *_shop_lines(answer, card, _known(terminal.language), occasion),
    ]
    flags = CUSTOMER_COPY_REQUIRED | (DUPLICATE if answer.replayed else 0)
    while True:
        data = _pack(lines, flags)
        if len(data) <= MOST_BYTES:
            return data
        least_needed = max(line.rank for line in lines)
        lines = [line for line in lines if line.rank != least_needed]


def cash_receipt(terminal: TerminalProfile, card: CardProfile, due: CashDue) -> bytes:
    """DE63 of a purchase by a card without money: the price, what is taken off, and what its holder pays the shop in cash."""
    language = _known(card.language)
    words, shop_words = TEXTS[language], TEXTS[_known(terminal.language)]
    lines = _lines(Tag.CUSTOMER_COPY, 7, in_language(terminal.branch_names, language), "^C^B", most=1)
    lines += _lines(Tag.CUSTOMER_COPY, 0, f"{words['price']}: {_digits(due.price_rial, language)}")
    lines += _saved_lines(due.price_rial, due.due_rial, terminal.cash_discount_basis_points, language)
    lines += _lines(Tag.CUSTOMER_COPY, 0, f"{words['in_cash']}: {_digits(due.due_rial, language)}")
    lines += _lines(Tag.CUSTOMER_COPY, 5, words["unit"])
    lines += _lines(Tag.FOOTER, 3, words["pays_in_cash"].format(amount=_digits(due.due_rial, language)))
    lines += _lines(Tag.SHOP_COPY, 4, f"{shop_words['in_cash']}: {_digits(due.due_rial, _known(terminal.language))}")
    return _pack(lines + _lines(Tag.SHOP_COPY, 8, card.masked), CUSTOMER_COPY_REQUIRED)


def notice(language: str, sentence: str, basis_points: int = 0) -> bytes:
    """DE63 of one sentence in the holder's language."""
    known = _known(language)
    return _pack(_lines(Tag.FOOTER, 0, TEXTS[known][sentence].format(share=_share(basis_points, known))), 0)


def _customer_lines(
    answer: Answer,
    terminal: TerminalProfile,
    language: str,
    occasion: Occasion,
    schedule: Sequence[Part],
    price_rial: int | None,
    *,
    is_gift: bool,
) -> list[Line]:
    """A gift card says what is left of the gift; another card says it where there is one."""
    words = TEXTS[language]
    gift = answer.paid.get(AccountKind.GIFT, 0)
    credit = answer.paid.get(AccountKind.CREDIT_LOT, 0)

    def figure(name: str, amount_rial: int, rank: int = 0) -> list[Line]:
        return _lines(Tag.CUSTOMER_COPY, rank, f"{words[name]}: {_digits(amount_rial, language)}")

    lines = _lines(Tag.CUSTOMER_COPY, 7, in_language(terminal.branch_names, language), "^C^B", most=1)
    if terminal.receipt_head:
        lines += _lines(Tag.CUSTOMER_COPY, 8, in_language(terminal.receipt_head, language), "^C", most=2)
    if answer.replayed:
        lines += _lines(Tag.CUSTOMER_COPY, 2, words["again"], "^C")
    if price_rial is not None and price_rial > answer.amount:
        lines += figure("price", price_rial, rank=2)
        lines += _saved_lines(price_rial, answer.amount, terminal.cash_discount_basis_points, language)
    lines += figure(occasion.amount, answer.amount)
    lines += _paid_lines(answer, occasion, figure)
    lines += _schedule_lines(schedule, language)
    if gift and not is_gift:
        lines += figure("by_gift", gift)
    if not is_gift:
        lines += _credit_lines(answer, credit, occasion, figure)
        lines += figure("balance", answer.money_balance) + figure("credit", answer.credit_balance)
    if is_gift or answer.gift_balance:
        lines += figure("gift_left", answer.gift_balance)
    if answer.benefit_balance or AccountKind.BENEFIT in answer.paid:
        lines += figure("benefit_left", answer.benefit_balance, rank=1)
    if answer.expires_next and answer.expires_on:
        until = _date(last_usable_day(answer.expires_on, TEHRAN), language)
        expiring = words["expires"].format(amount=_digits(answer.expires_next, language), date=until)
        lines += _lines(Tag.CUSTOMER_COPY, 1, expiring)
    lines += _lines(Tag.CUSTOMER_COPY, 5, words["unit"])
    lines += _lines(Tag.FOOTER, 3, _sentence(answer, credit, language, occasion, schedule))
    return lines + (_lines(Tag.FOOTER, 8, in_language(terminal.receipt_foot, language), most=2) if terminal.receipt_foot else [])


def _saved_lines(price_rial: int, paid_rial: int, basis_points: int, language: str) -> list[Line]:
    """The discount, with its share of the price; a repeat that comes after the contract has changed leaves the share out."""
    share = ""
    if discount_on(price_rial, basis_points) == price_rial - paid_rial:
        share = _share(basis_points, language)
    saved = TEXTS[language]["saved"].format(share=share).rstrip()
    return _lines(Tag.CUSTOMER_COPY, 0, f"{saved}: {_digits(price_rial - paid_rial, language)}")


def _share(basis_points: int, language: str) -> str:
    digits = localised_digits(f"{basis_points / 100:g}", language)
    return f"{digits}%" if language == "en" else f"{digits.replace('.', '٫')}٪"


def _paid_lines(answer: Answer, occasion: Occasion, figure: Callable[..., list[Line]]) -> list[Line]:
    """What other purses than credit and gifts paid or got, where the card's money is not all of it."""
    credit = answer.paid.get(AccountKind.CREDIT_LOT, 0)
    benefit = answer.paid.get(AccountKind.BENEFIT, 0)
    off_line = answer.paid.get(AccountKind.LINE, 0) if occasion is not Occasion.INSTALMENTS else 0
    lines: list[Line] = []
    if credit or benefit or off_line:
        lines += figure(occasion.money, answer.amount - credit - benefit - off_line, rank=6)
    if off_line:
        lines += figure("off_line", off_line)
    if benefit:
        lines += figure("benefit" if occasion.money == "from_card" else "to_benefit", benefit)
    return lines


def _schedule_lines(schedule: Sequence[Part], language: str) -> list[Line]:
    """Each due day with its amount; of a long schedule the first ones, and the last, whose amount all others have."""
    words = TEXTS[language]
    listed = list(enumerate(schedule, start=1))
    left_out = len(listed) - MOST_LISTED
    if left_out > 0:
        listed = [*listed[: MOST_LISTED - 1], listed[-1]]
    lines: list[Line] = []
    for number, part in listed:
        if left_out > 0 and number == len(schedule):
            others = words["later_ones"].format(count=localised_digits(str(left_out), language))
            lines += _lines(Tag.CUSTOMER_COPY, 1, f"{others}: {_digits(part.amount_rial, language)}")
        name = words["instalment"].format(number=localised_digits(str(number), language), date=_date(part.due_on, language))
        lines += _lines(Tag.CUSTOMER_COPY, 0, f"{name}: {_digits(part.amount_rial, language)}")
    return lines


def _credit_lines(answer: Answer, credit: int, occasion: Occasion, figure: Callable[[str, int], list[Line]]) -> list[Line]:
    """A purchase always says what was spent and earned, even nothing; a return what went back and was taken back."""
    if occasion is Occasion.PURCHASE:
        return figure("spent", credit) + figure("earned", answer.earned)
    debt = answer.paid.get(AccountKind.OWED, 0)
    figures = (
        (occasion.credit, credit),
        ("taken_back", answer.taken_back),
        ("earned", answer.earned),
        ("settled", debt),
    )
    return [line for name, amount in figures if amount for line in figure(name, amount)]


def _shop_lines(answer: Answer, card: CardProfile | None, language: str, occasion: Occasion) -> list[Line]:
    words = TEXTS[language]
    credit = answer.paid.get(AccountKind.CREDIT_LOT, 0)
    lines = _lines(Tag.SHOP_COPY, 4, f"{words[occasion.amount]}: {_digits(answer.amount, language)}")
    if credit:
        lines += _lines(Tag.SHOP_COPY, 4, f"{words[occasion.credit]}: {_digits(credit, language)}")
    return lines + (_lines(Tag.SHOP_COPY, 8, card.masked) if card else [])


def _sentence(answer: Answer, spent: int, language: str, occasion: Occasion, schedule: Sequence[Part]) -> str:
    words = TEXTS[language]
    if schedule:
        first = _date(schedule[0].due_on, language)
        return words["bought_sentence"].format(count=localised_digits(str(len(schedule)), language), date=first)
    if occasion.sentence:
        return words[occasion.sentence].format(amount=_digits(answer.amount, language))
    if answer.earned and answer.earned_until:
        until = _date(last_usable_day(answer.earned_until, TEHRAN), language)
        return words["earned_sentence"].format(amount=_digits(answer.earned, language), date=until)
    if spent:
        return words["spent_sentence"].format(amount=_digits(spent, language))
    return words["thanks_sentence"]


def _lines(copy: Tag, rank: int, text: str, prefix: str = "", most: int = 4) -> list[Line]:
    return [Line(copy, rank, prefix + part) for part in wrapped(text, WIDTH - len(prefix))[:most]]


def wrapped(text: str, width: int) -> list[str]:
    """Words into lines; a word longer than a line is cut."""
    if 0 < len(text) <= width:
        return [text]
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
            continue
        lines += [word[at : at + width] for at in range(0, len(word), width)]
    return lines


def _pack(lines: Iterable[Line], flags: int) -> bytes:
    copies: dict[int, str | bytes] = {Tag.RECEIPT_CHARSET: UTF8, Tag.RECEIPT_FLAGS: bytes([flags])}
    for line in lines:
        before = copies.get(line.copy, b"")
        copies[line.copy] = before + line.text.encode() + b"\n"  # type: ignore[operator]
    return tlv.encode(copies, 63)


def _known(language: str) -> str:
    return language if language in TEXTS else DEFAULT_LANGUAGE


def _digits(amount_rial: int, language: str) -> str:
    return localised_digits(grouped(amount_rial), language)


@lru_cache(maxsize=1024)
def _date(day: date, language: str) -> str:
    """Jalali for Persian, Gregorian for the others; a slash keeps its place in right-to-left text."""
    return localised_digits(jalali_digits(day) if language == "fa" else f"{day:%Y/%m/%d}", language)
