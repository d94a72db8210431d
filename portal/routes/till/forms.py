"""What the forms of the web till share: baskets, amounts and digits as they are typed."""

import re
from collections.abc import Callable

from flask import request
from msgspec import Struct

from cardbank.errors import WrongAmount
from kernel.errors import DomainError
from kernel.text import latin_digits, typed_number
from merchants.till.errors import WrongLine
from merchants.till.rules import Line
from portal import formats

CODE = re.compile(r"(?=.*[0-9])[0-9A-Z][0-9A-Z._/-]{3,31}", re.IGNORECASE)  # a maker's, or the shop's own
SEPARATORS = dict.fromkeys(map(ord, ", \u066c\u200c"))


class TypedLine(Struct, frozen=True):
    """A line as it stands in the form, so that nothing typed is lost. `code` is of a product that was scanned; none of it is no line."""

    code: str = ""
    text: str = ""
    count: str = ""
    amount: str = ""

    @property
    def is_blank(self) -> bool:
        return typed_number(self.count) == 0 or not (self.code or self.text.strip() or self.amount.strip())

    @property
    def scanned(self) -> str:
        """The code of the line, also where it was typed in place of a name and no price stands beside it."""
        number, said = typed_number(self.text), digits(self.text)
        typed = said if said.isdigit() else latin_digits(self.text).strip() if number is None else str(number)
        return self.code or (typed if CODE.fullmatch(typed) and not self.amount.strip() else "")


def digits(text: str) -> str:
    """Persian, Arabic or Latin digits as Latin ones, less the separators that people put between them."""
    return latin_digits(text).translate(SEPARATORS).strip()


def amount_of(name: str) -> int:
    """A field with an amount in Rial. Raises WrongAmount."""
    typed = typed_number(request.form.get(name, ""))
    if typed is None:
        raise WrongAmount(field=name)
    return typed


def place_of(fault: DomainError | None) -> str:
    """The id of the field that a refusal is about, for the page to lead to."""
    facts = fault.facts if fault else {}
    field, line = str(facts.get("field", "")), facts.get("line")
    if field == "lines" and isinstance(line, int):
        part = str(facts.get("fault"))
        return f"line-{part if part in ('count', 'amount') else 'text'}-{line}"
    return f"back-{line - 1}" if field == "counts" and isinstance(line, int) else field


def typed_lines() -> list[TypedLine]:
    columns = (request.form.getlist(f"line-{name}") for name in ("code", "text", "count", "amount"))
    return [TypedLine(*line) for line in zip(*columns, strict=False)]


def basket_of(typed: list[TypedLine], product: Callable[[str, int], Line]) -> list[Line]:
    """The lines that say something; a count that is not given is one. What was scanned costs what the catalogue says.

    Raises WrongLine, and what `product` raises for a code.
    """
    lines = []
    for number, line in enumerate((one for one in typed if not one.is_blank), start=1):
        count, amount = typed_number(line.count.strip() or "1"), typed_number(line.amount)
        if count is None:
            raise WrongLine(field="lines", line=number, fault="count")
        if line.scanned:
            lines.append(_looked_up(line.scanned, count, number, product))
            continue
        if amount is None:
            raise WrongLine(field="lines", line=number, fault="amount")
        lines.append(Line(" ".join(line.text.split()), count, amount))
    return lines


def _looked_up(said: str, count: int, number: int, product: Callable[[str, int], Line]) -> Line:
    try:
        return product(said, count)
    except DomainError as refusal:
        refusal.facts |= {"field": "lines", "line": number}
        raise


def typed_again(lines: tuple[Line, ...], language: str) -> list[TypedLine]:
    """A basket put back into the form."""
    figures = ((line, formats.number(line.count, language), formats.number(line.each_rial, language)) for line in lines)
    return [TypedLine(line.code, line.text, count, each) for line, count, each in figures]
