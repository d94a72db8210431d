"""Photos as a phone takes them: with a place in them that is nobody's business."""

from functools import cache
from io import BytesIO

from PIL import Image

CAMERA, GPS, LATITUDE = 0x010F, 0x8825, 2


@cache
def photo(number: int = 0, *, width: int = 40, height: int = 30) -> bytes:
    """A JPEG with a camera's name and a latitude; each number is another picture."""
    exif = Image.Exif()
    exif[CAMERA] = "Sample camera"
    exif.get_ifd(GPS)[LATITUDE] = (36.0, 17.0, 15.0)
    made = BytesIO()
    Image.new("RGB", (width, height), (40 * number, 120, 120)).save(made, "JPEG", exif=exif)
    return made.getvalue()


def tells_of_its_taking(content: bytes) -> bool:
    return bool(Image.open(BytesIO(content)).getexif())
