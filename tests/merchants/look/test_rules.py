"""The colours of shops can be read in either theme, and a logo is drawn on white."""

import re
from io import BytesIO

import pytest
from PIL import Image

from merchants.look.errors import UnknownAccent
from merchants.look.pictures import HIGHEST, WIDEST, logo_of
from merchants.look.rules import Accent, typed_accent
from places.keeping.errors import UnreadablePhoto
from tests.conftest import ROOT

STYLES = ROOT / "portal" / "assets" / "src"
LEAST = 4.5  # WCAG 2.2, 1.4.3


def tokens(sheet: str, theme: str) -> dict[str, str]:
    text = (STYLES / sheet).read_text()
    block = text.split(":root {" if theme == "light" else '[data-bs-theme="dark"] {', 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_colour_can_be_read_under_letters_and_as_letters(theme: str) -> None:
    shades, ground = tokens("look.css", theme), tokens("tokens.css", theme)
    assert set(shades) == {"on-look", *(f"look-{one}" for one in Accent)}
    for one in Accent:
        assert contrast(shades[f"look-{one}"], shades["on-look"]) >= LEAST, one
        assert contrast(shades[f"look-{one}"], ground["surface"]) >= LEAST, one
        assert f".look-{one} {{\n  --look: var(--look-{one});" in (STYLES / "look.css").read_text()


def test_only_a_named_colour_is_taken() -> None:
    assert (typed_accent(""), typed_accent("rose")) == (None, Accent.ROSE)
    with pytest.raises(UnknownAccent):
        typed_accent("red; background: url(x)")


def test_a_logo_is_small_keeps_its_shape_and_lies_on_white() -> None:
    file = BytesIO()
    clear = Image.new("RGBA", (1_200, 600), (0, 0, 0, 0))
    clear.paste("black", (0, 0, 600, 600))
    clear.save(file, "PNG")
    made = Image.open(BytesIO(logo_of(file.getvalue())))
    assert (made.format, made.size, made.width <= WIDEST) == ("WEBP", (2 * HIGHEST, HIGHEST), True)
    assert (made.getpixel((10, 80)), made.getpixel((310, 80))) == ((0, 0, 0), (255, 255, 255))


def test_what_is_no_picture_is_refused_at_its_field() -> None:
    with pytest.raises(UnreadablePhoto) as refused:
        logo_of(b"<svg onload='alert(1)'></svg>")
    assert refused.value.facts["field"] == "logo"
