"""Opening hours as people say them, and as shopkeepers type them.

A week is typed in six rows of times: `08:00-13:00, 16:00-21:00`, or in words: «طلوع تا ۳۰ دقیقه پیش از اذان ظهر», `sunrise to 30
minutes before noon`. Who has one field types one line: «شنبه تا پنج‌شنبه ۸ تا ۲۰؛ جمعه بسته».
"""

import re
from collections.abc import Mapping
from functools import partial

from kernel.languages import in_language
from kernel.moon import LUNAR_MONTHS
from kernel.text import latin_digits
from places.hours.errors import UnreadableHours
from places.hours.rules import EVENTS, LUNAR, MONTHS, MOVED, SPAN, TIMES, WEEKDAYS, checked_hours, clauses

# Row → its days in a rule; the holiday and Ramadan rows may stay empty, which means: as on other days.
ROWS = {"week": "Sa-We", "thursday": "Th", "friday": "Fr", "holiday": "PH", "ramadan": "Ramadan"}
AS_OTHERS = ("holiday", "ramadan")
CLOSED = re.compile(r"(?:off|closed|بسته|تعطیل|مغلقة?|بند)", re.IGNORECASE)
ALWAYS = re.compile(r"(?:24/7|24h|شبانه[\s\u200c]?روز[یي]?)", re.IGNORECASE)

_TYPED_EVENTS = {
    "fajr": r"اذان صبح|dawn adhan|fajr|dawn",
    "sunrise": r"طلوع(?: آفتاب)?|sunrise",
    "noon": r"اذان ظهر|ظهر|noon adhan|noon",
    "maghrib": r"اذان مغرب|مغرب|evening adhan|maghrib",
    "sunset": r"غروب(?: آفتاب)?|sunset",
    "isha": r"عشا|isha",
    "midnight": r"نیمه[\s\u200c]?شب(?: شرعی)?|midnight",
}
_BEFORE, _AFTER = r"پیش از|قبل از|before", r"پس از|بعد از|after"

WEEKDAY_NAMES = {
    "fa": ("دوشنبه", "سه‌شنبه", "چهارشنبه", "پنج‌شنبه", "جمعه", "شنبه", "یکشنبه"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "ar": ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
    "ur": ("پیر", "منگل", "بدھ", "جمعرات", "جمعہ", "ہفتہ", "اتوار"),
}
EVENT_NAMES = {
    "fa": dict(zip(EVENTS, ("اذان صبح", "طلوع آفتاب", "اذان ظهر", "غروب آفتاب", "اذان مغرب", "عشا", "نیمه‌شب شرعی"), strict=True)),
    "en": dict(
        zip(EVENTS, ("the dawn adhan", "sunrise", "the noon adhan", "sunset", "the evening adhan", "isha", "midnight"), strict=True)
    ),
    "ar": dict(
        zip(
            EVENTS,
            ("أذان الفجر", "شروق الشمس", "أذان الظهر", "غروب الشمس", "أذان المغرب", "العشاء", "منتصف الليل الشرعي"),
            strict=True,
        )
    ),
    "ur": dict(zip(EVENTS, ("اذانِ فجر", "طلوعِ آفتاب", "اذانِ ظہر", "غروبِ آفتاب", "اذانِ مغرب", "عشا", "شرعی نصف شب"), strict=True)),
}
_SAID = {
    "fa": {
        "always": "شبانه‌روزی", "closed": "بسته", "day": "هر روز", "holiday": "تعطیلات رسمی", "to": "تا", "and": "و", "from": "از", "late": "به بعد",
        "before": "{minutes} دقیقه پیش از {event}", "after": "{minutes} دقیقه پس از {event}", "comma": "،", "stop": "؛ ",
    },
    "en": {
        "always": "day and night", "closed": "closed", "day": "every day", "holiday": "public holidays", "to": "to", "and": "and", "from": "from",
        "late": "on", "before": "{minutes} minutes before {event}", "after": "{minutes} minutes after {event}", "comma": ",", "stop": "; ",
    },
    "ar": {
        "always": "على مدار الساعة", "closed": "مغلق", "day": "كل يوم", "holiday": "العطل الرسمية", "to": "إلى", "and": "و", "from": "من",
        "late": "فصاعداً", "before": "قبل {event} بمقدار {minutes} دقيقة", "after": "بعد {event} بمقدار {minutes} دقيقة", "comma": "،", "stop": "؛ ",
    },
    "ur": {
        "always": "چوبیس گھنٹے", "closed": "بند", "day": "روزانہ", "holiday": "سرکاری تعطیلات", "to": "تا", "and": "اور", "from": "از",
        "late": "کے بعد", "before": "{event} سے {minutes} منٹ پہلے", "after": "{event} کے {minutes} منٹ بعد", "comma": "،", "stop": "؛ ",
    },
}  # fmt: skip
# «پنج‌شنبه» is typed with a joiner, with a space and without either.
_DAY_WORDS = {
    code: "|".join(
        (*(re.sub("\u200c|(?<=.)(?=شنبه)", r"[\\s\\u200c]?", WEEKDAY_NAMES[one][number]) for one in WEEKDAY_NAMES), rf"\b{code}\b")
    )
    for number, code in sorted(enumerate(WEEKDAYS), key=lambda day: day[1] == "Sa")
}
_A_DAY = "(?:" + "|".join(_DAY_WORDS.values()) + ")"
_DAYS_OF_WORDS = re.compile(
    rf"(?:هر روز|every day|كل يوم|روزانہ|(?P<days>{_A_DAY}(?:\s*(?:تا|to|until|[إا]لى|–|-|و|and|،|,)\s*{_A_DAY})*))\s*[::]?\s*(?P<times>.*)",
    re.IGNORECASE,
)
_CLAUSES_OF_WORDS = re.compile(rf"\s*[;؛]\s*|\s*[،,]\s*(?={_A_DAY})", re.IGNORECASE)
_SELECTOR = re.compile(r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)(?:\s*-\s*(?:Mo|Tu|We|Th|Fr|Sa|Su))?")
_WHOLE_SELECTOR = re.compile(rf"^{_SELECTOR.pattern}(?:\s*,\s*{_SELECTOR.pattern})*$")


def hours_of_rows(typed: Mapping[str, str]) -> str:
    """The rule of a typed week. Raises UnreadableHours, whose `field` is the row."""
    written: list[str] = []
    for row, days in ROWS.items():
        text = " ".join(latin_digits(typed.get(row, "")).split())
        if not text and row in AS_OTHERS:
            continue
        times = _typed_times(text, row)
        checked_hours(f"{days} {times}", row)
        written.append(f"{days} {times}")
    return "; ".join(written)


def rows_of_hours(text: str) -> dict[str, str] | None:
    """The rows that make this rule; None for a rule that they cannot say."""
    rows = dict.fromkeys(ROWS, "")
    for clause, before in clauses(text):
        days, _, times = clause.partition(" ")
        row = next((row for row, known in ROWS.items() if known == days), None)
        if row is None or before == "||" or rows[row] or not (times == "off" or TIMES.fullmatch(times)):
            return None
        rows[row] = times
    return rows if all(rows[row] for row in ROWS if row not in AS_OTHERS) else None


def hours_of_line(typed: str, field: str = "hours") -> str:
    """The rule of hours that are typed on one line, in words or as OpenStreetMap has them. Raises UnreadableHours."""
    try:
        return checked_hours(typed, field)
    except UnreadableHours as refusal:
        if refusal.facts.get("fault") != "syntax":
            raise
    text = " ".join(latin_digits(typed).split())
    return checked_hours("; ".join(_clause_of_words(part, field) for part in _CLAUSES_OF_WORDS.split(text) if part), field)


def _clause_of_words(text: str, field: str) -> str:
    found = _DAYS_OF_WORDS.match(text)
    days, times = (found["days"] or "", found["times"]) if found else ("", text)
    try:
        written = _typed_times(times, field) if times.strip() else ""
    except UnreadableHours:
        written = ""
    if not written:
        raise UnreadableHours(field=field, fault="line", part=text)
    for code, names in _DAY_WORDS.items():
        days = re.sub(names, code, days, flags=re.IGNORECASE)
    days = re.sub(r"\s*(?:تا|to|until|[إا]لى|–|-)\s*", "-", re.sub(r"\s*(?:و|and|،|,)\s*", ",", days.strip()))
    return f"{days} {written}".strip()


def _typed_times(text: str, row: str) -> str:
    if not text or CLOSED.fullmatch(text):
        return "off"
    if ALWAYS.fullmatch(text):
        return "00:00-24:00"
    written = text
    for event, names in _TYPED_EVENTS.items():
        for sign, side in (("-", _BEFORE), ("+", _AFTER)):
            moved = rf"(\d{{1,3}})\s*(?:دقیقه|minutes?)\s*(?:{side})\s*(?:the )?(?:{names})"
            written = re.sub(moved, partial(_moved, event, sign), written)
        written = re.sub(rf"(?<![\w(])(?:the )?(?:{names})(?!\w)", event, written)
    written = re.sub(r"\s+(?:تا|to|until|[إا]لى)\s+|\s*[–—]\s*", "-", written)
    written = re.sub(r"\s*[،,]\s*(?:و\s+)?|\s+(?:و|and)\s+", ",", written)
    written = re.sub(
        r"(?<![\d:])(\d{1,2})(?![\d:])", r"\1:00", re.sub(r"^(?:از|from|من)\s+|,(?:از|from|من)\s+", _comma_kept, written)
    )
    if not TIMES.fullmatch(written):
        raise UnreadableHours(field=row, fault="row", part=text)
    return written


def _moved(event: str, sign: str, found: re.Match[str]) -> str:
    hours, minutes = divmod(int(found[1]), 60)
    return f"({event}{sign}{hours:02d}:{minutes:02d})"


def _comma_kept(found: re.Match[str]) -> str:
    return "," if found[0].startswith(",") else ""


def hours_sentence(text: str) -> dict[str, str] | None:
    """The rule in a sentence, by language; None for a rule whose syntax has no plain words."""
    sentence = {language: _sentence(text, language) for language in _SAID}
    return {language: told for language, told in sentence.items() if told} or None


def _sentence(text: str, language: str) -> str:
    said, parts = _SAID[language], []
    for clause, before in clauses(text):
        part = "" if before == "||" else _clause(clause, language)
        if not part:
            return ""
        parts.append(part)
    return said["stop"].join(parts)


def _clause(clause: str, language: str) -> str:
    said, when = _SAID[language], ""
    if (lunar := LUNAR.match(clause)) is not None:
        when = f"{lunar[2] or ''} {in_language({one: names[MONTHS.index(lunar[1])] for one, names in LUNAR_MONTHS.items()}, language)}".strip()
        clause = clause[lunar.end() :]
    times = TIMES.search(clause)
    days = (clause[: times.start()] if times else re.sub(r"(?:off|closed|24/7)$", "", clause)).strip()
    if times and times.end() != len(clause):
        return ""
    if days and not _WHOLE_SELECTOR.match(days):
        return ""
    when = " ".join(part for part in (when, _days(days, language) if days else "") if part) or (said["day"] if times else "")
    if times:
        return f"{when} {_times(times[0], language)}"
    told = said["always"] if clause.endswith("24/7") else said["closed"] if re.search(r"(?:off|closed)$", clause) else ""
    return f"{when} {told}".strip() if told else ""


def _days(listed: str, language: str) -> str:
    said, names = _SAID[language], dict(zip(WEEKDAYS, WEEKDAY_NAMES[language], strict=True))
    names["PH"] = said["holiday"]
    parts = []
    for part in listed.split(","):
        first, _, last = (piece.strip() for piece in part.partition("-"))
        parts.append(f"{names[first]} {said['to']} {names[last]}" if last else names[first])
    return f" {said['and']} ".join(parts)


def _times(listed: str, language: str) -> str:
    said = _SAID[language]
    spans = []
    for begin, end in (found.groups() for found in SPAN.finditer(listed)):
        if (begin, end) == ("00:00", "24:00"):
            spans.append(said["always"])
        elif end is None:
            spans.append(f"{said['from']} {_moment(begin, language)} {said['late']}")
        else:
            spans.append(f"{said['from']} {_moment(begin, language)} {said['to']} {_moment(end, language)}")
    return f" {said['and']} ".join(spans)


def _moment(moment: str, language: str) -> str:
    if moved := MOVED.fullmatch(moment):
        event, sign, hours, minutes = moved.groups()
        said = _SAID[language]["before" if sign == "-" else "after"]
        return said.format(minutes=60 * int(hours) + int(minutes), event=EVENT_NAMES[language][event])
    return EVENT_NAMES[language].get(moment, moment)
