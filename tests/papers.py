"""Reads a PDF back: the text of its pages as it is drawn, and the addresses its links open."""

import re
import zlib

STREAM = re.compile(rb"(\d+) 0 obj\n(?:(?!endobj).)*?stream\n(.*?)\nendstream", re.DOTALL)
FONT = re.compile(rb"/ToUnicode (\d+) 0 R")
NAMES = re.compile(rb"/F(\d+) (\d+) 0 R")
PAIR = re.compile(r"<([0-9A-F]{4})> <([0-9A-F]+)>")
ESCAPED = re.compile(rb"\\([nrtbf()\\])")
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def texts_of(pdf: bytes) -> list[list[str]]:
    """Per page, each drawn piece of text in the order of drawing. Letters of a right-to-left script stand as they are seen."""
    streams = {int(number): _inflated(content) for number, content in STREAM.findall(pdf)}
    names = {int(name): int(number) for name, number in NAMES.findall(pdf)}
    letters = {name: _letters(pdf, streams, number) for name, number in names.items()}
    return [_pieces(content, letters) for content in streams.values() if b" Tj" in content and b"BT" in content]


def links_of(pdf: bytes) -> list[str]:
    return [address.decode() for address in re.findall(rb"/URI \(([^)]*)\)", pdf)]


def _inflated(content: bytes) -> bytes:
    try:
        return zlib.decompress(content)
    except zlib.error:
        return content


def _letters(pdf: bytes, streams: dict[int, bytes], font: int) -> dict[int, str]:
    entry = re.search(rb"\n%d 0 obj\n(.*?)endobj" % font, pdf, re.DOTALL)
    assert entry is not None
    [table] = FONT.findall(entry[1])
    pairs = PAIR.findall(streams[int(table)].decode("latin-1"))
    return {int(code, 16): bytes.fromhex(text).decode("utf-16-be") for code, text in pairs}


def _pieces(content: bytes, letters: dict[int, dict[int, str]]) -> list[str]:
    found, font = [], 0
    for part in re.split(rb"\nq |^q |\n(?=BT [0-9])", content):
        shown = part.split(b" ET Q")[0] if part.startswith(b"BT") else b""
        if shown:
            found.append("".join(_shown(shown, letters[font])))
        fonts = re.findall(rb"BT /F(\d+) [\d.]+ Tf ET", part)
        font = int(fonts[-1]) if fonts else font
    return found


def _shown(content: bytes, letters: dict[int, str]) -> list[str]:
    codes = [
        ESCAPED.sub(lambda one: ESCAPES.get(one[1], one[1]), piece)
        for piece in re.findall(rb"\(((?:\\.|[^\\()])*)\) Tj", content, re.DOTALL)
    ]
    joined = b"".join(codes)
    return [letters.get(int.from_bytes(joined[at : at + 2]), "") for at in range(0, len(joined), 2)]
