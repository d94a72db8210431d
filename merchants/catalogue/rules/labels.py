"""Sizes of labels, in millimetres. Pure."""

from dataclasses import dataclass

MOST_LABELS = 1_000


@dataclass(frozen=True, slots=True)
class Size:
    """Rolls have one label a page; sheets have `columns` by `rows` of them, the first at `left` and `top`."""

    width: float
    height: float
    columns: int = 1
    rows: int = 1
    left: float = 0
    top: float = 0
    page_width: float = 0
    page_height: float = 0


def _roll(width: float, height: float) -> Size:
    return Size(width, height, page_width=width, page_height=height)


def _a4(width: float, height: float, columns: int, rows: int) -> Size:
    return Size(width, height, columns, rows, (210 - columns * width) / 2, (297 - rows * height) / 2, 210, 297)


SIZES: dict[str, Size] = {
    "40x30": _roll(40, 30),
    "50x30": _roll(50, 30),
    "58x40": _roll(58, 40),
    "80x50": _roll(80, 50),
    "a4-3x8": _a4(70, 37, 3, 8),
    "a4-4x10": _a4(52, 29, 4, 10),
}
