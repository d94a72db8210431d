"""Codes of products. Pure.

Source: GS1 General Specifications 7.9.1, check digit of GTINs (modulus 10, weights 3 and 1 from the right). EAN-13, EAN-8 and UPC-A
are GTINs of 13, 8 and 12 digits; filled to 14 they compare, so that a UPC-A and the EAN-13 that begins with 0 are one code.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from kernel.text import latin_digits
from merchants.catalogue.errors import WrongBarcode

GTIN_DIGITS = 14
MOST_OWN = 32


class CodeKind(StrEnum):
    EAN13 = "ean13"
    EAN8 = "ean8"
    UPCA = "upca"
    OWN = "own"


_KIND_OF_LENGTH = {8: CodeKind.EAN8, 12: CodeKind.UPCA, 13: CodeKind.EAN13}


@dataclass(frozen=True, slots=True)
class Code:
    """`text` is what is printed, `key` what codes are compared by."""

    text: str
    kind: CodeKind
    key: str


def gtin_check_digit(digits: str) -> int:
    """Of the digits before it."""
    return -sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(digits))) % 10


def typed_code(typed: str, field: str = "code") -> Code:
    """A code as a scanner types it or a person does, digits of any script. Raises WrongBarcode.

    8, 12 or 13 digits are a maker's barcode and need their check digit; all else that is no 14 digits is the shop's own code.
    """
    text = re.sub(r"[\s\u200c]", "", latin_digits(typed)).upper()
    if re.fullmatch(r"[0-9]+", text) and len(text) in _KIND_OF_LENGTH:
        right = gtin_check_digit(text[:-1])
        if right != int(text[-1]):
            raise WrongBarcode(field=field, fault="check_digit", right=right)
        return Code(text, _KIND_OF_LENGTH[len(text)], text.zfill(GTIN_DIGITS))
    if re.fullmatch(rf"[0-9]{{{GTIN_DIGITS}}}", text):
        raise WrongBarcode(field=field, fault="looks_like_barcode")
    if not re.fullmatch(rf"[A-Z0-9][A-Z0-9._/-]{{0,{MOST_OWN - 1}}}", text):
        raise WrongBarcode(field=field, fault="letters", most=MOST_OWN)
    return Code(text, CodeKind.OWN, text)


def own_code(product_id: int) -> Code:
    """The code of a product whose shop gave none."""
    text = f"P{product_id:06d}"
    return Code(text, CodeKind.OWN, text)
