"""Labels as a PDF that is ready for the printer: one a page on a roll, or a sheet of them. Text comes ready for the reader."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from unicodedata import bidirectional

import segno
from barcode import get_barcode_class
from fpdf import FPDF
from fpdf.enums import Align, TextDirection

from kernel.printing.paper import FAMILY, FONTS, close_fonts
from merchants.catalogue.errors import CodeTooLong
from merchants.catalogue.rules.labels import SIZES, Size

INNER = 1.6  # millimetres kept free inside a label
QUIET_MODULES = 11  # of light on both sides of the bars (GS1 General Specifications 5.2: 11 before, 7 after)
LEAST_MODULE = 0.19  # millimetres; below it a scanner at the till cannot tell the bars apart
_LIBRARY_NAMES = {"ean13": "ean13", "ean8": "ean8", "upca": "upca", "own": "code128"}


@dataclass(frozen=True, slots=True)
class Label:
    """`kind` is that of the code; `prices` are lines such as the list price and the card price, the last one in bold."""

    name: str
    code: str
    kind: str
    prices: tuple[str, ...]
    note: str = ""


def bars_of(code: str, kind: str) -> str:
    """The modules of a barcode from its first bar to its last: 1 is dark."""
    [modules] = get_barcode_class(_LIBRARY_NAMES[kind])(code).build()
    return str(modules).strip("0")


def label_sheet(labels: Iterable[Label], size_name: str, *, has_qr: bool, is_rtl: bool) -> bytes:
    """Raises CodeTooLong for a code whose bars the label has no room for."""
    size = SIZES[size_name]
    sheet = _Sheet(size, is_rtl=is_rtl, has_qr=has_qr)
    try:
        for label, (x, y) in zip(labels, sheet.places(), strict=False):
            sheet.draw(label, x, y)
        return bytes(sheet.pdf.output())
    finally:
        close_fonts(sheet.pdf)


class _Sheet:
    def __init__(self, size: Size, *, is_rtl: bool, has_qr: bool) -> None:
        self.size, self.is_rtl, self.has_qr = size, is_rtl, has_qr
        self.pdf = FPDF(unit="mm", format=(size.page_width, size.page_height))
        self.pdf.set_auto_page_break(auto=False)
        self.pdf.set_margin(0)
        self.pdf.c_margin = 0
        self.pdf.add_font(FAMILY, fname=FONTS / "Vazirmatn-Regular.ttf")
        self.pdf.add_font(FAMILY, style="B", fname=FONTS / "Vazirmatn-Bold.ttf")

    def places(self) -> Iterator[tuple[float, float]]:
        """Where each label begins, page after page without end; a sheet is filled from the side where one begins to read."""
        size = self.size
        columns = range(size.columns)[:: -1 if self.is_rtl else 1]
        while True:
            self.pdf.add_page()
            for row in range(size.rows):
                for column in columns:
                    yield size.left + column * size.width, size.top + row * size.height

    def draw(self, label: Label, x: float, y: float) -> None:
        width, height = self.size.width - 2 * INNER, self.size.height - 2 * INNER
        x, y = x + INNER, y + INNER
        picture = height * 0.42
        line = (height - picture) / (2 + len(label.prices))
        text_width = width
        if self.has_qr:
            text_width = width - height - INNER
            self._qr(label.code, x if self.is_rtl else x + width - height, y, height)
            x = x + height + INNER if self.is_rtl else x
            line = height / (3 + len(label.prices))
        self._text(label.name, x, y, text_width, line, is_bold=True)
        for number, price in enumerate(label.prices, 1):
            self._text(price, x, y + number * line, text_width, line, is_bold=number == len(label.prices))
        self._text(label.note, x, y + (1 + len(label.prices)) * line, text_width, line, share=0.62)
        if self.has_qr:
            self._text(label.code, x, y + (2 + len(label.prices)) * line, text_width, line, share=0.62)
        else:
            self._bars(label, x, y + height - picture, width, picture)

    def _text(
        self, text: str, x: float, y: float, width: float, height: float, *, is_bold: bool = False, share: float = 0.8
    ) -> None:
        """One line, made smaller until it fits."""
        if not text:
            return
        points = height * share / 25.4 * 72
        is_rtl = any(bidirectional(letter) in ("R", "AL") for letter in text)
        self.pdf.set_text_shaping(use_shaping_engine=True, direction=TextDirection.RTL if is_rtl else TextDirection.LTR)
        self.pdf.set_font(FAMILY, "B" if is_bold else "", points)
        self.pdf.set_font_size(points * min(1, width / max(self.pdf.get_string_width(text), 0.1)))
        self.pdf.set_xy(x, y)
        self.pdf.cell(width, height, text, align=Align.R if self.is_rtl else Align.L)

    def _bars(self, label: Label, x: float, y: float, width: float, height: float) -> None:
        modules = bars_of(label.code, label.kind)
        module = width / (len(modules) + 2 * QUIET_MODULES)
        if module < LEAST_MODULE:
            raise CodeTooLong(field="size", text=label.code)
        at, digits = x + QUIET_MODULES * module, height * 0.26
        self.pdf.set_fill_color(0)
        for bar, run in groupby(modules):
            length = module * len(list(run))
            if bar == "1":
                self.pdf.rect(at, y, length, height - digits, style="F")
            at += length
        self.pdf.set_text_shaping(use_shaping_engine=True, direction=TextDirection.LTR)
        self.pdf.set_font(FAMILY, "", digits * 0.8 / 25.4 * 72)
        self.pdf.set_xy(x, y + height - digits)
        self.pdf.cell(width, digits, label.code, align=Align.C)

    def _qr(self, code: str, x: float, y: float, side: float) -> None:
        """ISO/IEC 18004 with its quiet zone of four modules."""
        rows = list(segno.make(code, error="m", micro=False).matrix_iter(border=4))
        module = side / len(rows)
        self.pdf.set_fill_color(0)
        for down, row in enumerate(rows):
            at = 0
            for dark, run in groupby(row):
                length = len(list(run))
                if dark:
                    self.pdf.rect(x + at * module, y + down * module, length * module, module, style="F")
                at += length
