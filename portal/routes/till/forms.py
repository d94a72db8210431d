"""What the forms of the web till share: baskets, amounts and digits as they are typed."""

from collections.abc import Callable

from flask import request
from msgspec import Struct

from cardbank.errors import WrongAmount
from kernel.text import latin_digits
from merchants.till.errors import WrongLine
from merchants.till.rules import Line

LONGEST_AMOUNT = 15  # digits; more cannot be an amount, and int() of very many is slow
SHORTEST_CODE = 4
SEPARATORS = dict.fromkeys(map(ord, ", \u066c\u200c"))


class TypedLine(Struct, frozen=True):
    """A line as it stands in the form, so that nothing typed is lost. `code` is of a product that was scanned."""

    code: str = ""
    text: str = ""
    count: str = ""
    amount: str = ""

    @property
    def is_blank(self) -> bool:
        return not (self.code or self.text.strip() or self.amount.strip())

    @property
    def scanned(self) -> str:
        """The code of the line, also where it was typed in place of a name and no price stands beside it."""
        is_code = not self.amount.strip() and is_number(digits(self.text)) and len(digits(self.text)) >= SHORTEST_CODE
        return self.code or (digits(self.text) if is_code else "")


def digits(text: str) -> str:
    """Persian, Arabic or Latin digits as Latin ones, less the separators that people put between them."""
    return latin_digits(text).translate(SEPARATORS).strip()


def amount_of(name: str) -> int:
    """A field with an amount in Rial. Raises WrongAmount."""
    typed = digits(request.form.get(name, ""))
    if not is_number(typed):
        raise WrongAmount(field=name)
    return int(typed)


def is_number(typed: str) -> bool:
    return typed.isascii() and typed.isdigit() and len(typed) <= LONGEST_AMOUNT


def typed_lines() -> list[TypedLine]:
    columns = (request.form.getlist(f"line-{name}") for name in ("code", "text", "count", "amount"))
    return [TypedLine(*line) for line in zip(*columns, strict=False)]


def basket_of(typed: list[TypedLine], product: Callable[[str, int], Line]) -> list[Line]:
    """The lines that say something; a count that is not given is one. What was scanned costs what the catalogue says.

    Raises WrongLine, and what `product` raises for a code.
    """
    lines = []
    for number, line in enumerate((one for one in typed if not one.is_blank), start=1):
        count, amount = digits(line.count) or "1", digits(line.amount)
        if not is_number(count):
            raise WrongLine(field="lines", line=number, fault="count")
        if line.scanned:
            lines.append(product(line.scanned, int(count)))
            continue
        if not is_number(amount):
            raise WrongLine(field="lines", line=number, fault="amount")
        lines.append(Line(" ".join(line.text.split()), int(count), int(amount)))
    return lines


def typed_again(lines: tuple[Line, ...]) -> list[TypedLine]:
    """A basket put back into the form."""
    return [TypedLine(line.code, line.text, str(line.count), str(line.each_rial)) for line in lines]
