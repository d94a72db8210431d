"""The languages of the platform, and how a language → text map is read."""

from collections.abc import Mapping

LANGUAGES = ("fa", "en", "ar", "ur")
ENDONYMS = {"fa": "فارسی", "ar": "العربية", "ur": "اردو", "en": "English"}
DEFAULT_LANGUAGE = "fa"


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in `language`, else in Persian, else in English, else in whatever language there is."""
    for wanted in (language, DEFAULT_LANGUAGE, "en"):
        if texts.get(wanted):
            return texts[wanted]
    return next(iter(texts.values()), "")
