"""A receipt for a thermal printer, drawn as a picture: such printers have no Persian letters and shape none.

All text comes ready for the reader. One pixel is one dot of the printing head, eight to a millimetre.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from unicodedata import bidirectional

from PIL import Image, ImageDraw, ImageFont, features

FONTS = Path(__file__).parent / "fonts"
DOTS = {58: 384, 80: 576}  # what the head covers of a roll, by its width in millimetres
RIGHT_TO_LEFT = frozenset({"fa", "ar", "ur"})
MARGIN, GAP, RULE = 8, 12, 2
QUIET_MODULES, MODULE_DOTS = 4, 4  # half a millimetre a module is what a phone reads off thermal paper
SIZES = {"small": 20, "text": 24, "head": 32}
MOST_HEIGHT = 12_000  # a metre and a half; a longer receipt is no receipt


class Slip:
    """One receipt from top to bottom."""

    def __init__(self, width_mm: int, language: str) -> None:
        self.is_rtl = language in RIGHT_TO_LEFT
        self._language = language
        self._width = DOTS[width_mm]
        self._image = Image.new("1", (self._width, MOST_HEIGHT), 1)
        self._draw = ImageDraw.Draw(self._image)
        self._y = MARGIN

    def centred(self, text: str, *, size: str = "text", is_bold: bool = False) -> None:
        """Text in the middle, over as many lines as it needs."""
        font = _font(size, is_bold)
        for line in self._wrapped(text, font, self._width - 2 * MARGIN):
            self._put(line, self._width // 2, "ma", font)
            self._y += _height(font)

    def row(self, label: str, value: str, *, is_bold: bool = False) -> None:
        """A label where one begins to read and its value at the end of the line; a long label takes lines of its own."""
        font = _font("text", is_bold)
        room = self._width - 2 * MARGIN - self._length(value, font) - GAP
        lines = self._wrapped(label, font, max(room, self._width // 3))
        start, end = (self._width - MARGIN, MARGIN) if self.is_rtl else (MARGIN, self._width - MARGIN)
        for line in lines:
            self._put(line, start, "ra" if self.is_rtl else "la", font)
            self._y += _height(font)
        self._y -= _height(font)
        self._put(value, end, "la" if self.is_rtl else "ra", font)
        self._y += _height(font)

    def rule(self) -> None:
        self._draw.rectangle((MARGIN, self._y + GAP // 2, self._width - MARGIN, self._y + GAP // 2 + RULE - 1), fill=0)
        self._y += GAP + RULE

    def code(self, rows: Sequence[Sequence[int]]) -> None:
        """A square code in the middle, its dark modules as 1: as large as half of the paper lets it be, and never blurred."""
        size = len(rows) + 2 * QUIET_MODULES
        dots = max(MODULE_DOTS, self._width // (2 * size))
        left, top = (self._width - dots * size) // 2 + dots * QUIET_MODULES, self._y + dots * QUIET_MODULES
        for y, row in enumerate(rows):
            for x, is_dark in enumerate(row):
                if is_dark:
                    self._draw.rectangle(
                        (left + x * dots, top + y * dots, left + (x + 1) * dots - 1, top + (y + 1) * dots - 1), fill=0
                    )
        self._y += dots * size

    def space(self, dots: int = GAP) -> None:
        self._y += dots

    def picture(self) -> Image.Image:
        """Black on white, one bit a dot, as high as what was drawn."""
        return self._image.crop((0, 0, self._width, min(self._y + MARGIN, MOST_HEIGHT)))

    def _put(self, text: str, x: int, anchor: str, font: ImageFont.FreeTypeFont) -> None:
        direction = self._direction(text)
        self._draw.text((x, self._y), text, fill=0, font=font, anchor=anchor, direction=direction, language=self._language)

    def _direction(self, text: str) -> str:
        """Text without a letter of a right-to-left script, such as a card's number, runs from left to right."""
        return "rtl" if self.is_rtl and any(bidirectional(letter) in ("R", "AL") for letter in text) else "ltr"

    def _length(self, text: str, font: ImageFont.FreeTypeFont) -> int:
        return int(font.getlength(text, direction=self._direction(text), language=self._language)) + 1

    def _wrapped(self, text: str, font: ImageFont.FreeTypeFont, room: int) -> list[str]:
        """Lines broken between words; a word that is longer than the paper is cut by its edge."""
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self._length(longer, font) <= room:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines or [""]


@cache
def _font(size: str, is_bold: bool) -> ImageFont.FreeTypeFont:
    if not features.check("raqm"):
        raise RuntimeError("Pillow was built without libraqm, which shapes Persian: install its wheel")
    name = "Vazirmatn-Bold.ttf" if is_bold else "Vazirmatn-Regular.ttf"
    return ImageFont.truetype(FONTS / name, SIZES[size], layout_engine=ImageFont.Layout.RAQM)


@cache
def _height(font: ImageFont.FreeTypeFont) -> int:
    ascent, descent = font.getmetrics()
    return ascent + descent
