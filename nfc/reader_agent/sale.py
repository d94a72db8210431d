"""Sales as the till takes them in: typed amounts, or JSON lines from the shop's own software."""

import json
import os
import re
import selectors
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from reader_agent.terminal import MAX_AMOUNT, Credit

DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789", ",٬ ")
MAX_CARD_NUMBER = 19
MAX_LINE = 4096
MOST_INSTALMENTS = 36
MOST_PEOPLE = 99
REFERENCE = re.compile(r"\d{4}[0-9A-HJKMNP-TV-Z]{8}", re.ASCII)  # Crockford's digits have no I, L, O, U
ENROLMENT_FIELDS = {"kind", "number", "country", "name", "mobile"}
DOCUMENT_KINDS = {"N", "F", "P"}  # national id, foreigners' code, passport
LONGEST_FIELD = 100  # bytes
RETURNS: dict[str, tuple[str, ...]] = {"refund": ("of_rial",), "void": (), "void_refund": ()}


REFUSALS = {
    "amount": "an amount is a whole number of Rial, 0 to 999,999,999,999",
    "credit": "the credit part is none, most or an amount in Rial",
    "card_number": "a card number has 1 to 19 digits",
    "instalments": "a purchase is sold in 2 to 36 instalments",
    "object": "a sale is an amount, or a JSON object with amount_rial, and maybe credit, card_number, cancel, top_up, instalments, discount;"
    " a return has refund and of_rial, or void, or void_refund",
    "reference": "a reference has 12 characters, as the receipt says it: four digits, then letters and digits",
    "people": "1 to 99 people come in at once",
    "enrolment": "a form is a JSON object with kind (N, F or P), number and name, and maybe country, mobile, agreed",
    "line": "a line is UTF-8 text of at most 4096 bytes",
}


class SaleRefused(Exception):
    """The till does not take this input; `part` is a key of REFUSALS, and the text repeats none of the input."""

    def __init__(self, part: str) -> None:
        super().__init__(REFUSALS[part])
        self.part = part


@dataclass(frozen=True)
class Sale:
    """One amount and the wish how to pay it.

    `card_number` is set for a keyed sale. `is_cancelled` takes an approved purchase back at once, as a till
    does whose printer fails. `is_discounted` is False for goods that have no discount for paying at once;
    `price_rial` is what `amount_rial` was before it, once it is taken off.
    """

    amount_rial: int
    credit: Credit = 0
    card_number: str | None = field(default=None, repr=False)
    is_cancelled: bool = False
    is_top_up: bool = False
    instalments: int | None = None
    is_discounted: bool = True
    price_rial: int | None = None

    @property
    def may_have_discount(self) -> bool:
        """Whether the card pays at once for goods that may be cheaper so."""
        return self.is_discounted and not self.is_top_up and self.instalments is None

    @property
    def what(self) -> str:
        return "top_up" if self.is_top_up else "purchase"

    def __post_init__(self) -> None:
        if not 0 <= self.amount_rial <= MAX_AMOUNT:
            raise SaleRefused("amount")
        if self.credit != "most" and not 0 <= self.credit <= MAX_AMOUNT:
            raise SaleRefused("credit")
        if self.instalments is not None and (not 2 <= self.instalments <= MOST_INSTALMENTS or self.is_top_up or self.credit):
            raise SaleRefused("instalments")
        number = self.card_number
        if number is not None and not (number.isascii() and number.isdigit() and len(number) <= MAX_CARD_NUMBER):
            raise SaleRefused("card_number")


@dataclass(frozen=True)
class Return:
    """A purchase to give back something of, or a purchase or refund to undo; named by the reference of its receipt.

    `what` is refund, void or void_refund; `original_rial` is what the refunded purchase came to.
    """

    what: str
    reference: str
    amount_rial: int
    original_rial: int = 0
    card_number: None = None

    def __post_init__(self) -> None:
        if not REFERENCE.fullmatch(self.reference):
            raise SaleRefused("reference")
        if not 0 <= self.amount_rial <= MAX_AMOUNT or not 0 <= self.original_rial <= MAX_AMOUNT:
            raise SaleRefused("amount")


@dataclass(frozen=True)
class Close:
    """The end of a shift: the batch is closed and compared with the bank's."""

    what = "close"


@dataclass(frozen=True)
class Enrol:
    """A pilgrim's form, at most five fields, and whether the pilgrim agrees to the card's terms. Never printed."""

    form: Mapping[str, str] = field(repr=False)
    is_agreed: bool = False

    what = "enrol"


@dataclass(frozen=True)
class Ask:
    """What a proven card is asked for where nothing is sold: `entry` at a door, so many `people` or all that are
    booked; `help` for what a lost holder lets us see.
    """

    what: str
    people: int = 0


Order = Sale | Return | Close | Enrol | Ask


def read_enrolment(line: str) -> Enrol:
    """{"kind": "N", "number": …, "name": …, "mobile": …, "country": …, "agreed": true}. Raises SaleRefused."""
    try:
        given = json.loads(line)
        is_agreed = given.pop("agreed", False) is True
        form = {name: str(text).strip() for name, text in given.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise SaleRefused("enrolment") from None
    if set(form) - ENROLMENT_FIELDS or form.get("kind") not in DOCUMENT_KINDS:
        raise SaleRefused("enrolment")
    if any(len(text.encode()) > LONGEST_FIELD for text in form.values()):
        raise SaleRefused("enrolment")
    return Enrol({name: text for name, text in form.items() if text}, is_agreed)


def read_credit(given: object) -> Credit:
    """ "none", "most" or a number of Rial. Raises SaleRefused."""
    if given == "most":
        return "most"
    return 0 if given == "none" else read_amount(given)


def read_amount(given: object) -> int:
    """A whole number of Rial in any script's digits. Raises SaleRefused."""
    text = str(given).translate(DIGITS).strip()
    if isinstance(given, bool) or not (text.isascii() and text.isdigit()):
        raise SaleRefused("amount")
    if len(text) > len(str(MAX_AMOUNT)):
        raise SaleRefused("amount")
    return int(text)


def read_count(given: object) -> int:
    """A number of instalments. Raises SaleRefused."""
    try:
        return read_amount(given)
    except SaleRefused:
        raise SaleRefused("instalments") from None


def read_people(given: object) -> int:
    """How many come in; raises SaleRefused."""
    try:
        people = read_amount(given)
    except SaleRefused:
        raise SaleRefused("people") from None
    if not 0 < people <= MOST_PEOPLE:
        raise SaleRefused("people")
    return people


def read_reference(given: object) -> str:
    """A reference as people type it: any script's digits, small letters. Raises SaleRefused."""
    text = str(given).translate(DIGITS).strip().upper()
    if not REFERENCE.fullmatch(text):
        raise SaleRefused("reference")
    return text


def read_sale(line: str, credit: Credit = 0) -> Order:
    """A typed amount, {"amount_rial", "credit", "card_number", "cancel", "top_up", "instalments", "discount"}, a return, or {"close": true}.

    Raises SaleRefused.
    """
    if not line.lstrip().startswith("{"):
        return Sale(read_amount(line), credit)
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        raise SaleRefused("object") from None
    if given.get("close") is True and len(given) == 1:
        return Close()
    if "amount_rial" not in given:
        raise SaleRefused("object")
    for what, parts in RETURNS.items():
        if set(given) == {"amount_rial", what, *parts}:
            amounts = [read_amount(given[part]) for part in ("amount_rial", *parts)]
            return Return(what, read_reference(given[what]), *amounts)
    if set(given) - {"amount_rial", "credit", "card_number", "cancel", "top_up", "instalments", "discount"}:
        raise SaleRefused("object")
    number = given.get("card_number")
    return Sale(
        read_amount(given["amount_rial"]),
        read_credit(given.get("credit", credit or "none")),
        None if number is None else str(number).translate(DIGITS),
        given.get("cancel", False) is True,
        given.get("top_up", False) is True,
        read_count(given["instalments"]) if "instalments" in given else None,
        given.get("discount", True) is not False,
    )


class Standing:
    """One question for every card that comes, until the program is stopped."""

    is_finished = False

    def __init__(self, order: Ask) -> None:
        self._order = order

    def next(self, timeout_seconds: float) -> Ask:
        return self._order


class SaleQueue:
    """Sales from the lines of a file descriptor, or from a fixed list; after `limit` of them it is finished."""

    def __init__(
        self,
        descriptor: int | None,
        credit: Credit = 0,
        sales: tuple[Order, ...] = (),
        limit: int | None = None,
    ) -> None:
        self._descriptor, self._credit, self._left = descriptor, credit, limit
        self._waiting: deque[Order | SaleRefused] = deque(sales)
        self._unread = b""

    @property
    def is_finished(self) -> bool:
        return self._left == 0 or (self._descriptor is None and not self._waiting)

    def next(self, timeout_seconds: float) -> Order | None:
        """The next sale, None when none comes in time. Raises SaleRefused for a bad line."""
        deadline = time.monotonic() + timeout_seconds
        while not self._waiting and self._descriptor is not None:
            left = max(0.0, deadline - time.monotonic())
            if not self._read_lines(self._descriptor, left) and left == 0:
                return None
        if not self._waiting:
            return None
        sale = self._waiting.popleft()
        if self._left is not None:
            self._left -= 1
        if isinstance(sale, SaleRefused):
            raise sale
        return sale

    def _read_lines(self, descriptor: int, timeout_seconds: float) -> bool:
        with selectors.DefaultSelector() as selector:
            try:
                selector.register(descriptor, selectors.EVENT_READ)
            except PermissionError:
                pass  # A regular file cannot be waited for and is always ready.
            else:
                if not selector.select(timeout_seconds):
                    return False
        chunk = os.read(descriptor, 65536)
        if not chunk:
            self._descriptor = None
        *lines, self._unread = (self._unread + (chunk or b"\n")).split(b"\n")
        if len(self._unread) > MAX_LINE:
            self._unread = b""
            self._waiting.append(SaleRefused("line"))
        self._waiting.extend(_sale_or_refusal(line, self._credit) for line in lines if line.strip())
        return True


def _sale_or_refusal(line: bytes, credit: Credit) -> Order | SaleRefused:
    try:
        return read_sale(line.decode(), credit)
    except UnicodeDecodeError:
        return SaleRefused("line")
    except SaleRefused as refusal:
        return refusal
