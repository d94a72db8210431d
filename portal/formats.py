"""Numbers, money, dates and card numbers as people write them. Pure: the language is always given.

Digits: Persian for fa and ur, Arabic-Indic for ar, ASCII for en. Dates: in the civil calendar of the language
(Jalali for fa, Gregorian else, with the Jalali date beside it where a page has room), or as the reader counts days. Money is written in Rial with its unit.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from kernel import calendar
from kernel.calendar import TEHRAN, Reckoning, jalali_text
from kernel.languages import in_language
from kernel.money import grouped
from kernel.moon import LunarDay, lunar_text
from kernel.text import localised_digits
from merchants.catalogue.rules.quantities import quantity_text

RIAL = {"fa": "ریال", "en": "Rial", "ar": "ريال", "ur": "ریال"}
PERCENT = {"fa": "٪", "ar": "٪", "ur": "٪", "en": "%"}


def number(value: int | str, language: str) -> str:
    """`12345` → `۱۲٬۳۴۵`. Text keeps its form and only changes digits."""
    if isinstance(value, str):
        return value.translate(_DIGITS_ONLY.get(language, {}))
    sign = "\N{MINUS SIGN}" if value < 0 else ""
    return sign + localised_digits(grouped(abs(value)), language)


_DIGITS_ONLY = {
    "fa": str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"),
    "ur": str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"),
    "ar": str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"),
}


_GROUPED = re.compile(r"[0-9]+(?:[,.][0-9]+)+")


def percent(part: int, whole: int, language: str) -> str:
    """One decimal, none where it is zero; `—` when there is nothing to take a share of."""
    if not whole:
        return "—"
    return localised_digits(f"{100 * part / whole:.1f}".removesuffix(".0"), language) + PERCENT[language]


def money(amount_rial: int, language: str, *, signed: bool = False) -> Markup:
    """The amount and its unit, kept on one line; `signed` puts a + before what is not negative."""
    plus = "+" if signed and amount_rial > 0 else ""
    return Markup('<span class="money"><bdi>{}</bdi> <small>{}</small></span>').format(
        plus + number(amount_rial, language), RIAL[language]
    )


def quantity(milli: int, language: str) -> str:
    """Thousandths of a unit: `2500` → `۲٫۵`."""
    return localised_digits(quantity_text(milli), language).replace("-", "\N{MINUS SIGN}")


def day(value: date, language: str, reckoning: Reckoning | None = None) -> str:
    """`۱ آذر ۱۴۰۵`, `22 November 2026`, or `٢٢ تشرين الثاني ٢٠٢٦`."""
    return number(calendar.day_text(value, language, reckoning), language)


def day_digits(value: date, language: str, reckoning: Reckoning | None = None) -> str:
    """`۱۴۰۵/۰۹/۰۱`, `2026-11-22`, or `٢٠٢٦/١١/٢٢`."""
    return number(calendar.day_digits(value, language, reckoning), language)


def both_days(value: date, language: str, reckoning: Reckoning | None = None) -> str:
    """The Jalali date, as signs and papers in the city have it, beside that of who reads in another calendar."""
    own, jalali = day(value, language, reckoning), number(jalali_text(value, language), language)
    return own if jalali in own else f"{own} ({jalali})"


def lunar(value: LunarDay, language: str) -> str:
    """`۲۱ رمضان ۱۴۴۸`, or `21 Ramadan 1448`."""
    return number(lunar_text(value, language), language)


def clock_time(instant: datetime, language: str, zone: ZoneInfo = TEHRAN, *, seconds: bool = False) -> str:
    return number(instant.astimezone(zone).strftime("%H:%M:%S" if seconds else "%H:%M"), language)


def moment(instant: datetime, language: str, reckoning: Reckoning | None = None, zone: ZoneInfo = TEHRAN) -> str:
    """Day and time in the city's zone."""
    return f"{day(instant.astimezone(zone).date(), language, reckoning)}{'،' if language != 'en' else ','} {clock_time(instant, language)}"


def card_number(masked: str, language: str) -> Markup:
    """A masked number in groups of four with its last four together, always read from left to right."""
    dotted = masked.replace("*", "•")
    head, tail = dotted[:-4], dotted[-4:]
    groups = " ".join([*(head[start : start + 4] for start in range(0, len(head), 4)), tail])
    return Markup('<bdi class="pan" dir="ltr">{}</bdi>').format(number(groups, language))


def named(names: dict[str, str], language: str) -> Markup:
    """A name that people typed: in the reader's language where there is one, with its own direction."""
    return Markup("<bdi>{}</bdi>").format(escape(in_language(names, language)))


def choices(table: Mapping[Any, Any], language: str) -> list[tuple[Any, Any]]:
    """What a form offers: (code, word) of a table of names, of words, or of words that stand before their icons."""
    return [
        (code, named(of, language) if isinstance(of, dict) else of[0] if isinstance(of, tuple) else of)
        for code, of in table.items()
    ]


def sentence(texts: dict[str, str], language: str) -> Markup:
    """A whole sentence in the reader's language, its figures in the reader's digits."""
    text = in_language(texts, language)
    separators = _GROUPED.sub(lambda grouped: localised_digits(grouped[0], language), text)
    return Markup("<bdi>{}</bdi>").format(number(separators, language))


def first_day(instant: datetime, language: str, reckoning: Reckoning | None = None, zone: ZoneInfo = TEHRAN) -> str:
    """The day an instant falls on."""
    return day(instant.astimezone(zone).date(), language, reckoning)


def last_day(until: datetime, language: str, reckoning: Reckoning | None = None, zone: ZoneInfo = TEHRAN) -> str:
    """The last day before an exclusive end: credit usable until midnight is usable on the day before it."""
    return first_day(until - timedelta(microseconds=1), language, reckoning, zone)
