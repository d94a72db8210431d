"""Photos made fit to be shown: upright, of a size that a phone loads, without the place, time and camera that a file may tell."""

import warnings
from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageOps

from places.keeping.errors import UnreadablePhoto

MOST_BYTES = 10_000_000
MOST_PIXELS = 60_000_000
LARGE, SMALL, TINY = 1600, 480, 200  # pixels on the longer side
FORMATS = ("JPEG", "PNG", "WEBP")


class Picture(NamedTuple):
    """Two JPEGs, and a WebP of four kilobytes or so; `width` and `height` are the large one's."""

    large: bytes
    small: bytes
    tiny: bytes
    width: int
    height: int


def picture_of(content: bytes) -> Picture:
    """Raises UnreadablePhoto (`photo`)."""
    upright = opened(content, "RGB", field="photo")
    large, small = _within(upright, LARGE), _within(upright, SMALL)
    return Picture(_jpeg(large, 82), _jpeg(small, 76), tiny_of(upright), large.width, large.height)


def tiny_of(picture: Image.Image) -> bytes:
    written = BytesIO()
    _within(picture, TINY).save(written, "WEBP", quality=40, method=6)
    return written.getvalue()


def opened(content: bytes, mode: str, *, field: str) -> Image.Image:
    """Upright, in the mode of pixels asked for. Raises UnreadablePhoto, also for what unpacks to more than a camera takes."""
    fault = UnreadablePhoto(field=field, most_mb=MOST_BYTES // 1_000_000)
    if not 0 < len(content) <= MOST_BYTES:
        raise fault
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            file = Image.open(BytesIO(content), formats=FORMATS)
            if file.width * file.height > MOST_PIXELS:
                raise fault
            return ImageOps.exif_transpose(file).convert(mode)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise fault from None


def _within(picture: Image.Image, side: int) -> Image.Image:
    """A fresh image: it has the pixels and nothing else of the file."""
    made = Image.new("RGB", picture.size)
    made.paste(picture)
    made.thumbnail((side, side), Image.Resampling.LANCZOS)
    return made


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    written = BytesIO()
    picture.save(written, "JPEG", quality=quality, optimize=True, progressive=True)
    return written.getvalue()
