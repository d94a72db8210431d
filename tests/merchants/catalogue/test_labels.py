import re
import zlib

import pytest

from merchants.catalogue.adapters.labels import LEAST_MODULE, Label, bars_of, label_sheet
from merchants.catalogue.errors import CodeTooLong
from merchants.catalogue.rules.labels import SIZES
from tests.papers import texts_of

# ISO/IEC 15420: the modules of a digit on the left in set A; set C is its complement, set B the reverse of that.
SET_A = ("0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011")
SET_C = tuple("".join("10"[int(module)] for module in digit) for digit in SET_A)
SET_B = tuple(digit[::-1] for digit in SET_C)
FIRST = ("AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB", "ABBAAB", "ABBBAA", "ABABAB", "ABABBA", "ABBABA")
LABEL = Label("زعفران سرگل یک مثقالی", "6260000000019", "ean13", ("قیمت: ۱۲٬۴۰۰٬۰۰۰ ریال", "با کارت: ۱۱٬۹۰۰٬۰۰۰ ریال"), "۱۲ امتیاز")


def ean13_of(modules: str) -> str:
    """What a scanner reads of the bars."""
    assert (modules[:3], modules[45:50], modules[-3:]) == ("101", "01010", "101")
    left = [modules[3 + 7 * at : 10 + 7 * at] for at in range(6)]
    right = [modules[50 + 7 * at : 57 + 7 * at] for at in range(6)]
    sets = "".join("A" if digit in SET_A else "B" for digit in left)
    read = [SET_A.index(digit) if digit in SET_A else SET_B.index(digit) for digit in left]
    return "".join(map(str, [FIRST.index(sets), *read, *(SET_C.index(digit) for digit in right)]))


def rectangles(pdf: bytes) -> list[tuple[float, float, float, float]]:
    """(x, y, width, height) of what is filled, in points, in the order of drawing."""
    # A stream that ends in a line feed is cut by one byte here, its checksum's last: an unfinished one is read all the same.
    streams = [
        zlib.decompressobj().decompress(content)
        for content in re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL)
        if content[:1] == b"\x78"
    ]
    number = rb"(-?[\d.]+)"
    found = [match for stream in streams for match in re.findall(rb" ".join([number] * 4) + rb" re f", stream)]
    return [tuple(map(float, one)) for one in found]  # type: ignore[misc]


def drawn_modules(pdf: bytes) -> str:
    bars = sorted({(x, width) for x, _, width, _ in rectangles(pdf)})
    module = min(width for _, width in bars)
    modules, at = "", bars[0][0]
    for x, width in bars:
        modules += "0" * round((x - at) / module) + "1" * round(width / module)
        at = x + width
    return modules


@pytest.mark.parametrize("size", ["40x30", "50x30", "58x40", "80x50"])
def test_a_scanner_reads_the_code_from_the_drawn_bars(size: str) -> None:
    pdf = label_sheet([LABEL], size, has_qr=False, is_rtl=True)
    assert ean13_of(drawn_modules(pdf)) == LABEL.code
    assert min(width for _, _, width, _ in rectangles(pdf)) / 72 * 25.4 >= LEAST_MODULE


def test_name_prices_points_and_code_stand_on_it_shaped() -> None:
    [texts] = texts_of(label_sheet([LABEL], "58x40", has_qr=False, is_rtl=True))
    told = " ".join(texts)
    assert LABEL.code in told
    assert "۱۲٬۴۰۰٬۰۰۰" in told
    assert "۱۱٬۹۰۰٬۰۰۰" in told
    assert len(texts) == 5


def test_each_label_has_its_page_or_its_place_on_the_sheet() -> None:
    assert len(texts_of(label_sheet([LABEL] * 3, "40x30", has_qr=False, is_rtl=True))) == 3
    sheet = label_sheet([LABEL] * 25, "a4-3x8", has_qr=False, is_rtl=False)
    assert len(texts_of(sheet)) == 2
    assert len({round(y) for _, y, _, _ in rectangles(sheet)}) == 8


def test_bars_of_own_codes_are_code_128_with_its_checksum() -> None:
    modules = bars_of("P000123", "own")
    assert modules.startswith("11010")
    assert modules.endswith("1100011101011")
    assert len(modules) <= 11 * (2 + len("P000123")) + 13


def test_a_code_without_room_is_refused_and_fits_as_qr() -> None:
    long = Label("کالا", "A" * 32, "own", ())
    with pytest.raises(CodeTooLong):
        label_sheet([long], "40x30", has_qr=False, is_rtl=True)
    squares = rectangles(label_sheet([long], "40x30", has_qr=True, is_rtl=True))
    assert len({round(y, 2) for _, y, _, _ in squares}) >= 21
    assert all(0 <= x <= 40 / 25.4 * 72 for x, *_ in squares)


def test_every_size_keeps_to_its_page() -> None:
    for name, size in SIZES.items():
        assert size.left >= 0, name
        assert size.top >= 0, name
        for has_qr in (False, True):
            for x, y, width, _ in rectangles(label_sheet([LABEL], name, has_qr=has_qr, is_rtl=True)):
                assert x >= 0
                assert x + width <= size.page_width / 25.4 * 72 + 0.01
                assert 0 <= y <= size.page_height / 25.4 * 72
