"""Tag numbers: SGTIN-96 in both directions, UIDs of NFC tags, and what a sweep found. Pure.

Source: GS1 EPC Tag Data Standard 14.6.1.1 (SGTIN-96): header 0x30, 3 bits of filter, 3 of partition, company prefix and item reference
with its indicator digit in front in the widths of the partition, 38 bits of serial number.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kernel.text import latin_digits
from merchants.catalogue.errors import WrongBarcode
from merchants.catalogue.rules.barcodes import gtin_check_digit, typed_code
from merchants.tags.errors import WrongTagNumber

HEADER = 0x30
SERIAL_BITS = 38
# partition → bits and digits of the company prefix, bits and digits of the item reference
PARTITIONS = (
    (40, 12, 4, 1), (37, 11, 7, 2), (34, 10, 10, 3), (30, 9, 14, 4), (27, 8, 17, 5), (24, 7, 20, 6), (20, 6, 24, 7),
)  # fmt: skip
UID_BYTES = (4, 7, 8, 10)  # ISO/IEC 14443-3 and 15693


class Scheme(StrEnum):
    SGTIN96 = "sgtin96"
    NFC = "nfc"


class ReaderKind(StrEnum):
    HANDHELD = "handheld"
    DOOR = "door"
    TILL = "till"
    CEILING = "ceiling"


@dataclass(frozen=True, slots=True)
class Sgtin:
    """`company` and `item` are digits with their zeros; `item` begins with the indicator digit."""

    company: str
    item: str
    serial: int
    filter: int = 1

    @property
    def gtin(self) -> str:
        """The 14 digits by which products are known."""
        thirteen = self.item[0] + self.company + self.item[1:]
        return thirteen + str(gtin_check_digit(thirteen))

    @property
    def uri(self) -> str:
        return f"urn:epc:id:sgtin:{self.company}.{self.item}.{self.serial}"


@dataclass(frozen=True, slots=True)
class Number:
    """`gtin` is None for a UID, which says nothing about goods."""

    text: str
    scheme: Scheme
    gtin: str | None


def encode(sgtin: Sgtin) -> str:
    """24 hex digits. Raises WrongTagNumber for parts that have no room."""
    widths = {digits: (at, company, item) for at, (company, digits, item, _) in enumerate(PARTITIONS)}
    if len(sgtin.company) not in widths or len(sgtin.company) + len(sgtin.item) != 13:
        raise WrongTagNumber(field="number", number=sgtin.uri)
    if not (0 <= sgtin.serial < 1 << SERIAL_BITS and 0 <= sgtin.filter < 8):
        raise WrongTagNumber(field="number", number=sgtin.uri)
    partition, company_bits, item_bits = widths[len(sgtin.company)]
    bits = HEADER
    for value, width in (
        (sgtin.filter, 3), (partition, 3), (int(sgtin.company), company_bits), (int(sgtin.item), item_bits),
        (sgtin.serial, SERIAL_BITS),
    ):  # fmt: skip
        bits = bits << width | value
    return f"{bits:024X}"


def decode(number: str) -> Sgtin:
    """The parts of 24 hex digits. Raises WrongTagNumber for another header, partition 7, or parts above their digits."""
    if not re.fullmatch(r"[0-9A-Fa-f]{24}", number):
        raise WrongTagNumber(field="number", number=number)
    bits = int(number, 16)
    partition = bits >> 82 & 7
    if bits >> 88 != HEADER or partition >= len(PARTITIONS):
        raise WrongTagNumber(field="number", number=number)
    company_bits, company_digits, item_bits, item_digits = PARTITIONS[partition]
    company = bits >> 82 - company_bits & (1 << company_bits) - 1
    item = bits >> SERIAL_BITS & (1 << item_bits) - 1
    if company >= 10**company_digits or item >= 10**item_digits:
        raise WrongTagNumber(field="number", number=number)
    return Sgtin(f"{company:0{company_digits}d}", f"{item:0{item_digits}d}", bits & (1 << SERIAL_BITS) - 1, bits >> 85 & 7)


def tag_number(typed: str) -> Number:
    """A number as readers and people write it: hex with or without colons, or an EPC tag URI's hex. Raises WrongTagNumber."""
    text = re.sub(r"[\s:\u200c-]", "", latin_digits(typed)).upper().removeprefix("0X")
    if re.fullmatch(r"[0-9A-F]{24}", text):
        return Number(text, Scheme.SGTIN96, decode(text).gtin)
    if re.fullmatch(r"[0-9A-F]+", text) and len(text) in {2 * length for length in UID_BYTES}:
        return Number(text, Scheme.NFC, None)
    raise WrongTagNumber(field="number", number=typed[:40])


DIGITAL_LINK = re.compile(r"https?://[^/]+(?:/[^?#]*)?/01/([0-9]{8}|[0-9]{12,14})(?:[/?#]|$)")  # GS1 Digital Link: AI 01
EPC_SGTIN = re.compile(r"urn:epc:(?:id:sgtin:|tag:sgtin-(?:96|198):[0-7]\.)([0-9]{6,12})\.([0-9]{1,7})\.")
EPC_HEX = re.compile(r"urn:epc:(?:raw:96\.x|tag:x)([0-9A-Fa-f]{24})|([0-9A-Fa-f]{24})")
SHOP_CODE = re.compile(r"[0-9A-Za-z._-]{1,32}")


def code_said(text: str) -> str | None:
    """The goods' code in what a tag says: a GS1 Digital Link, an SGTIN as EPC or as 24 hex digits, or the bare code itself."""
    text = latin_digits(text).strip()
    if link := DIGITAL_LINK.match(text):
        return link[1].removeprefix("0") if len(link[1]) == 14 else link[1]
    if (epc := EPC_SGTIN.match(text)) and len(epc[1]) + len(epc[2]) == 13:
        return Sgtin(epc[1], epc[2], 0).gtin.removeprefix("0")
    if raw := EPC_HEX.fullmatch(text):
        try:
            return decode(raw[1] or raw[2]).gtin.removeprefix("0")
        except WrongTagNumber:
            return None
    return text if SHOP_CODE.fullmatch(text) else None


def key_said(text: str) -> str | None:
    """The key by which a shop's goods are found, of the code in what a tag says; None where no goods can have it."""
    code = code_said(text)
    try:
        return typed_code(code).key if code else None
    except WrongBarcode:
        return None


@dataclass(frozen=True, slots=True)
class Found:
    """How many items of a product a sweep should see and how many it saw."""

    product_id: int
    expected: int
    read: int

    @property
    def missing(self) -> int:
        return max(0, self.expected - self.read)


def found(expected: Mapping[int, int], read: Iterable[int]) -> tuple[Found, ...]:
    """Each product that was expected or read, in the order of their ids."""
    seen = Counter(read)
    return tuple(Found(product, expected.get(product, 0), seen[product]) for product in sorted({*expected, *seen}))


def read_of_expected(rows: Iterable[Found]) -> tuple[int, int]:
    """(read, expected): items beyond what was expected of their product do not make up for others that are missing."""
    listed = list(rows)
    return sum(min(row.read, row.expected) for row in listed), sum(row.expected for row in listed)
