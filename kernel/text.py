"""Digits and letters as people type them."""

import re

PERSIAN_DIGITS = str.maketrans("0123456789,.", "۰۱۲۳۴۵۶۷۸۹٬٫")
ARABIC_DIGITS = str.maketrans("0123456789,.", "٠١٢٣٤٥٦٧٨٩٬٫")
_LATIN_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩٬٫", "01234567890123456789,.")
_SEARCH_FOLD = str.maketrans(
    {"ي": "ی", "ى": "ی", "ئ": "ی", "ك": "ک", "ة": "ه", "ۀ": "ه", "أ": "ا", "إ": "ا", "ٱ": "ا", "آ": "ا", "ؤ": "و"}
    | {"\u200c": None, "ـ": None, "ء": None}
    | {chr(mark): None for mark in range(0x064B, 0x0653)}
    | {"\u0670": None}
)


def latin_digits(text: str) -> str:
    """Persian and Arabic digits and separators as ASCII."""
    return text.translate(_LATIN_DIGITS)


_UNIT = re.compile(r"\s*(ریال|rials?)\s*$", re.IGNORECASE)
_THOUSANDS = re.compile(r"[0-9]{1,3}([,،./'’ \u00a0\u200c\u202f])[0-9]{3}(\1[0-9]{3})*")
LONGEST_NUMBER = 15  # digits; more cannot be an amount, and int() of very many is slow


def typed_number(text: str) -> int | None:
    """A whole number in digits of any script, its thousands set apart by a comma, a blank, a point or a slash, as people do.

    None for all else: "250.000" and "۲۵۰/۰۰۰" are a quarter of a million, "12.5" and "50,00" nobody can tell.
    """
    typed = _UNIT.sub("", latin_digits(text)).strip()
    if grouped := _THOUSANDS.fullmatch(typed):
        typed = typed.replace(grouped[1], "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= LONGEST_NUMBER else None


def search_key(text: str) -> str:
    """A folded copy for searching; the stored text keeps its letters and its zero-width non-joiners."""
    return " ".join(latin_digits(text).casefold().translate(_SEARCH_FOLD).split())


def localised_digits(text: str, language: str) -> str:
    """ASCII digits in the digits of the reader's language: fa and ur, ar, or as they are."""
    if language in ("fa", "ur"):
        return text.translate(PERSIAN_DIGITS)
    return text.translate(ARABIC_DIGITS) if language == "ar" else text
