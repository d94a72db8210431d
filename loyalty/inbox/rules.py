"""What a text asks for, in any of the four languages. Pure."""

import re
from enum import StrEnum

from kernel.text import search_key

ANSWERS_AN_HOUR = 6


class Command(StrEnum):
    BALANCE = "balance"
    STOP = "stop"
    START = "start"
    UNKNOWN = "unknown"


# What people write, by the language that the word is of.
WORDS: dict[Command, dict[str, tuple[str, ...]]] = {
    Command.BALANCE: {"fa": ("مانده", "موجودی"), "en": ("balance",), "ar": ("رصيد", "الرصيد", "رصيدي"), "ur": ("بیلنس", "بقایا")},
    Command.STOP: {"fa": ("لغو",), "en": ("stop", "cancel", "unsubscribe"), "ar": ("إلغاء", "ايقاف"), "ur": ("منسوخ", "بند")},
    Command.START: {"fa": ("وصل",), "en": ("start",), "ar": ("اشتراك",), "ur": ("شروع",)},
}
_KNOWN = {
    search_key(word): (command, language)
    for command, by_language in WORDS.items()
    for language, words in by_language.items()
    for word in words
}


def command_of(text: str) -> tuple[Command, str]:
    """The command and the language of its word; an unknown text has none. Digits and marks around it do not count: `لغو۱۱`."""
    word = re.sub(r"[\W\d_]+", "", search_key(text))
    return _KNOWN.get(word, (Command.UNKNOWN, ""))
