"""Digits and letters as people type them."""

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


def search_key(text: str) -> str:
    """A folded copy for searching; the stored text keeps its letters and its zero-width non-joiners."""
    return " ".join(latin_digits(text).casefold().translate(_SEARCH_FOLD).split())


def localised_digits(text: str, language: str) -> str:
    """ASCII digits in the digits of the reader's language: fa and ur, ar, or as they are."""
    if language in ("fa", "ur"):
        return text.translate(PERSIAN_DIGITS)
    return text.translate(ARABIC_DIGITS) if language == "ar" else text
