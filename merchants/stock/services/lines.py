"""Lists as scanners and people type them: a code a line, and after it the quantity where it is not one."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.errors import DomainError
from merchants.catalogue.errors import ProductNotFound
from merchants.catalogue.models import Product
from merchants.catalogue.rules.barcodes import typed_code
from merchants.catalogue.rules.quantities import typed_quantity
from merchants.stock.rules import Line

MOST_LINES = 2_000


@dataclass(frozen=True, slots=True)
class LineFault:
    """`number` counts from 1 as an editor does."""

    number: int
    text: str
    error: DomainError


def read_lines(session: Session, merchant_id: int, text: str) -> tuple[list[Line], list[LineFault]]:
    """The lines that can be read and those that cannot; one query however many there are. More than MOST_LINES are not read."""
    faults, typed = [], []
    for number, line in enumerate(text.splitlines()[:MOST_LINES], 1):
        code, _, quantity = line.strip().replace("\t", " ").partition(" ")
        try:
            if code:
                typed.append((number, line.strip(), typed_code(code).key, quantity.strip(" x×*") or "1"))
        except DomainError as error:
            faults.append(LineFault(number, line.strip(), error))
    keys = {key for _, _, key, _ in typed}
    own = select(Product).where(Product.merchant_id == merchant_id, Product.code_key.in_(keys), Product.retired_at.is_(None))
    known = {product.code_key: product for product in session.scalars(own)}
    lines = []
    for number, line, key, quantity in typed:
        try:
            lines.append(_line(known.get(key), quantity))
        except DomainError as error:
            faults.append(LineFault(number, line, error))
    return lines, sorted(faults, key=lambda fault: fault.number)


def _line(product: Product | None, quantity: str) -> Line:
    if product is None:
        raise ProductNotFound(field="lines")
    return Line(product.id, typed_quantity(quantity, product.unit, "lines"))
