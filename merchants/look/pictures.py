"""A logo made fit for pages and receipts."""

from io import BytesIO

from PIL import Image

from places.keeping.pictures import opened

WIDEST, HIGHEST = 480, 160  # dots: twice what the largest place for it shows


def logo_of(content: bytes) -> bytes:
    """A small WebP, on white as it will lie on paper. Raises UnreadablePhoto (`logo`)."""
    drawn = opened(content, "RGBA", field="logo")
    drawn.thumbnail((WIDEST, HIGHEST), Image.Resampling.LANCZOS)
    paper = Image.new("RGB", drawn.size, "white")
    paper.paste(drawn, mask=drawn.getchannel("A"))
    written = BytesIO()
    paper.save(written, "WEBP", quality=90)
    return written.getvalue()
