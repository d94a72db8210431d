"""QR codes as rows of modules, which a phone draws itself and keeps for hours without a network."""

import segno
from msgspec import Struct


class QR(Struct):
    """`rows` from the top, `1` for dark; the quiet zone of four modules is left to who draws it."""

    text: str
    rows: list[str]


def qr_of(text: str) -> QR:
    code = segno.make_qr(text, error="m")
    return QR(text, ["".join(str(module) for module in row) for row in code.matrix])
