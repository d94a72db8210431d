"""A4 pages of facts and tables in the portal's font. All text comes ready for the reader: nothing here knows a language's words."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from unicodedata import bidirectional

from fpdf import FPDF
from fpdf.enums import Align, TextDirection, XPos, YPos

logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of every glyph

FONTS = Path(__file__).parent / "fonts"
FAMILY = "Vazirmatn"
RIGHT_TO_LEFT = frozenset({"fa", "ar", "ur"})

MARGIN, FOOT = 15.0, 12.0  # millimetres
INK, QUIET, BAND, LINE = (16, 36, 35), (92, 110, 108), (233, 241, 239), (205, 217, 214)
TEAL = (11, 85, 82)


@dataclass(frozen=True, slots=True)
class Column:
    """`share` is of the table's width. Amounts stand at the end, all else at the start."""

    title: str
    share: float
    is_amount: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """`link` is an address that the text opens."""

    text: str
    link: str = ""


def close_fonts(pdf: FPDF) -> None:
    """The fonts' files stay open until one says so."""
    for font in pdf.fonts.values():
        font.close()  # type: ignore[union-attr]


class Paper:
    """One document. Rows of a table keep one height, and its head stands again on each page."""

    def __init__(self, language: str, title: str, author: str) -> None:
        self.is_rtl = language in RIGHT_TO_LEFT
        self.pdf = FPDF(format="A4")
        self.pdf.set_margin(MARGIN)
        self.pdf.set_auto_page_break(auto=False)
        self.pdf.add_font(FAMILY, fname=FONTS / "Vazirmatn-Regular.ttf")
        self.pdf.add_font(FAMILY, style="B", fname=FONTS / "Vazirmatn-Bold.ttf")
        self.pdf.set_title(title)
        self.pdf.set_author(author)
        self.pdf.set_lang(language)
        self._new_page()

    @property
    def width(self) -> float:
        return self.pdf.epw

    @property
    def room(self) -> float:
        """What is left of the page above its foot."""
        return self.pdf.h - MARGIN - FOOT - self.pdf.y

    def head(self, crumb: str, title: str, sentence: str) -> None:
        self._line(crumb, 9, QUIET, 5)
        self._line(title, 17, TEAL, 10, is_bold=True)
        self._line(sentence, 10, INK, 7)
        self.space(2)

    def section(self, title: str) -> None:
        """A heading that is never left alone at the foot of a page."""
        if self.room < 30:
            self._new_page()
        self.space(3)
        self._line(title, 12, TEAL, 8, is_bold=True)

    def note(self, text: str) -> None:
        """A sentence over as many lines as it needs."""
        self._dress(9, QUIET)
        self._face(text)
        self.pdf.multi_cell(self.width, 5, text, align=self._start, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def facts(self, rows: Iterable[tuple[str, str]]) -> None:
        """Labels at the start, what they say at the end of the same line."""
        for label, value in rows:
            if self.room < 7:
                self._new_page()
            top = self.pdf.y
            self._put(label, 0, self.width, 7, self._start, colour=QUIET)
            self.pdf.set_y(top)
            self._put(value, 0, self.width, 7, self._end)
            self.pdf.set_y(top + 7)
            self._rule()

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, sums: Sequence[Cell] = ()) -> None:
        """`sums`, where given, is one last row in bold."""
        self._table_head(columns)
        for row in rows:
            self._row(columns, row)
        if sums:
            self._row(columns, sums, is_bold=True)

    def code(self, rows: Sequence[str], side: float) -> None:
        """A QR code of modules (`1` is dark) at the start of the line, `side` millimetres wide with its quiet zone of four modules."""
        if self.room < side:
            self._new_page()
        module = side / (len(rows) + 8)
        left = MARGIN + (self.width - side if self.is_rtl else 0)
        self.pdf.set_fill_color(0)
        for line, row in enumerate(rows, 4):
            for place, dark in enumerate(row, 4):
                if dark == "1":
                    self.pdf.rect(left + place * module, self.pdf.y + line * module, module, module, style="F")
        self.space(side)

    def space(self, millimetres: float) -> None:
        self.pdf.set_y(self.pdf.y + millimetres)

    def finish(self, foot: Callable[[int, int], str]) -> bytes:
        """The file. `foot` is asked for each page, by its number and the count of all, which is known only now."""
        pages = len(self.pdf.pages)
        for number in range(1, pages + 1):
            self.pdf.page = number
            self.pdf.set_y(self.pdf.h - MARGIN)
            self._put(foot(number, pages), 0, self.width, 6, Align.C, size=8, colour=QUIET)
        try:
            return bytes(self.pdf.output())
        finally:
            close_fonts(self.pdf)

    @property
    def _start(self) -> Align:
        return Align.R if self.is_rtl else Align.L

    @property
    def _end(self) -> Align:
        return Align.L if self.is_rtl else Align.R

    def _new_page(self) -> None:
        self.pdf.add_page()

    def _dress(self, size: float, colour: tuple[int, int, int], *, is_bold: bool = False) -> None:
        self.pdf.set_font(FAMILY, "B" if is_bold else "", size)
        self.pdf.set_text_color(*colour)

    def _face(self, text: str) -> None:
        """Text without a letter of a right-to-left script, such as an amount with its sign, runs from left to right."""
        is_rtl = self.is_rtl and any(bidirectional(letter) in ("R", "AL") for letter in text)
        self.pdf.set_text_shaping(use_shaping_engine=True, direction=TextDirection.RTL if is_rtl else TextDirection.LTR)

    def _line(self, text: str, size: float, colour: tuple[int, int, int], height: float, *, is_bold: bool = False) -> None:
        self._dress(size, colour, is_bold=is_bold)
        self._face(text)
        self.pdf.cell(self.width, height, text, align=self._start, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _put(
        self, text: str, start: float, width: float, height: float, align: Align, *, size: float = 9,
        colour: tuple[int, int, int] = INK, is_bold: bool = False, link: str = "",
    ) -> None:  # fmt: skip
        """Text in a box whose `start` is counted from where one begins to read."""
        self._dress(size, colour, is_bold=is_bold)
        self._face(text)
        left = self.width - start - width if self.is_rtl else start
        self.pdf.set_x(MARGIN + left)
        self.pdf.cell(width, height, text, align=align, link=link)

    def _table_head(self, columns: Sequence[Column]) -> None:
        top = self.pdf.y
        self.pdf.set_fill_color(*BAND)
        self.pdf.rect(MARGIN, top, self.width, 8, style="F")
        self._boxes(columns, [Cell(column.title) for column in columns], 8, is_bold=True)
        self.pdf.set_y(top + 8)

    def _row(self, columns: Sequence[Column], row: Sequence[Cell], *, is_bold: bool = False) -> None:
        if self.room < 7:
            self._new_page()
            self._table_head(columns)
        top = self.pdf.y
        self._boxes(columns, row, 7, is_bold=is_bold)
        self.pdf.set_y(top + 7)
        self._rule()

    def _boxes(self, columns: Sequence[Column], row: Sequence[Cell], height: float, *, is_bold: bool = False) -> None:
        whole, start = sum(column.share for column in columns), 0.0
        for column, cell in zip(columns, row, strict=True):
            width = self.width * column.share / whole
            align = self._end if column.is_amount else self._start
            colour = TEAL if cell.link else INK
            self._put(cell.text, start, width, height, align, size=8, colour=colour, is_bold=is_bold, link=cell.link)
            start += width

    def _rule(self) -> None:
        self.pdf.set_draw_color(*LINE)
        self.pdf.line(MARGIN, self.pdf.y, MARGIN + self.width, self.pdf.y)
