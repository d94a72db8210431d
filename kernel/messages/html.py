"""The words of an e-mail as a page of HTML: in the reader's direction, with links to press, and nothing that is fetched. Pure."""

import re
from html import escape

RIGHT_TO_LEFT = frozenset({"fa", "ar", "ur"})
_LINK = re.compile(r"https?://[^\s<>\"]+")
_BODY = "margin:0;padding:24px 16px;background:#f6f4ee;color:#1c2b2a;font:16px/1.9 Vazirmatn,Tahoma,Arial,sans-serif"
_SHEET = "max-width:560px;margin:0 auto;padding:24px;background:#fff;border-radius:12px"


def as_html(subject: str, text: str, language: str) -> str:
    """Paragraphs are separated by an empty line. Everything a person wrote is escaped; an address becomes a link and reads left to right."""
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    paragraphs = "".join(f'<p style="margin:0 0 16px">{_lines(one)}</p>' for one in re.split(r"\n{2,}", text.strip()))
    return (
        f'<!doctype html><html lang="{escape(language)}" dir="{direction}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(subject)}</title></head>'
        f'<body style="{_BODY}"><div dir="{direction}" style="{_SHEET}">{paragraphs}</div></body></html>'
    )


def _lines(paragraph: str) -> str:
    return "<br>".join(map(_linked, paragraph.split("\n")))


def _linked(line: str) -> str:
    made, rest = [], 0
    for found in _LINK.finditer(line):
        address = escape(found[0])
        made += [
            escape(line[rest : found.start()]),
            f'<a href="{address}" dir="ltr" style="color:#0b6b5d;overflow-wrap:anywhere">{address}</a>',
        ]
        rest = found.end()
    return "".join([*made, escape(line[rest:])])
