"""A picture that somebody brings to be printed: what it is and how fine."""

import io

from msgspec import Struct
from PIL import Image, UnidentifiedImageError

MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}
MOST_DOTS = 6_000  # a side: larger ones take memory and print no finer


class Picture(Struct, frozen=True):
    """`wide` and `high` in dots."""

    media_type: str
    wide: int
    high: int
    content: bytes


def read_picture(content: bytes) -> Picture | None:
    """What was brought, or None for what is no whole PNG or JPEG of a size that is printed."""
    try:
        with Image.open(io.BytesIO(content), formats=list(MEDIA_TYPES)) as opened:
            wide, high, kind = opened.width, opened.height, str(opened.format)
            if max(wide, high) > MOST_DOTS:
                return None
            opened.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    return Picture(MEDIA_TYPES[kind], wide, high, content)
