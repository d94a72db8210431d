"""Opening hours of a day: our additions are written out for that day, and the rest is OpenStreetMap's syntax.

A span that passes midnight belongs to the day on which it begins. It is therefore read twice: up to midnight for its own day,
and from midnight on for the day after it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]

from kernel.moon import LunarDay
from kernel.text import latin_digits
from places.hours.errors import UnreadableHours

DAY = 1440
LONGEST_NIGHT = 18 * 60  # a span to or from a time of prayer that would pass midnight for longer is empty on that day
MOST_TEXT = 300
WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = (
    "Muharram", "Safar", "Rabi1", "Rabi2", "Jumada1", "Jumada2", "Rajab", "Shaban", "Ramadan", "Shawwal", "DhulQadah", "DhulHijjah",
)  # fmt: skip
EVENTS = ("fajr", "sunrise", "noon", "sunset", "maghrib", "isha", "midnight")

_EVENT = "|".join(EVENTS)
_MOMENT = rf"(?:\d{{1,2}}:\d{{2}}|(?:{_EVENT})\b|\(\s*(?:{_EVENT})\s*[+-]\s*\d{{1,2}}:\d{{2}}\s*\))"
SPAN = re.compile(rf"({_MOMENT})\s*(?:-\s*({_MOMENT})|\+)")
TIMES = re.compile(rf"{SPAN.pattern}(?:\s*,\s*{SPAN.pattern})*".replace("(" + _MOMENT + ")", _MOMENT))
MOVED = re.compile(rf"\(\s*({_EVENT})\s*([+-])\s*(\d{{1,2}}):(\d{{2}})\s*\)")
LUNAR = re.compile(rf"^({'|'.join(MONTHS)})\b\s*(\d{{1,2}}(?:-\d{{1,2}})?(?:\s*,\s*\d{{1,2}}(?:-\d{{1,2}})?)*(?![\d:]))?\s*")
_HOLIDAY = re.compile(r"\bPH\b")
_CLAUSES = re.compile(r'((?:"[^"]*"|[^;"|])+|\|\||[;|"])')


@dataclass(frozen=True, slots=True)
class DayFacts:
    """What a rule asks of one day in one city; `prayers` are minutes after its midnight."""

    day: date
    prayers: Mapping[str, int]
    lunar: LunarDay
    is_holiday: bool

    @property
    def weekday(self) -> str:
        return WEEKDAYS[self.day.weekday()]


def checked_hours(typed: str, field: str = "hours") -> str:
    """The rule as it is stored: one line, ASCII digits. Raises UnreadableHours with the clause that cannot be read."""
    text = " ".join(latin_digits(typed).replace("–", "-").replace("؛", ";").split()).rstrip("; ")
    if not 0 < len(text) <= MOST_TEXT:
        raise UnreadableHours(field=field, fault="too_long" if text else "syntax", part=text[:40], most=MOST_TEXT)
    for clause, _ in clauses(text):
        _check_clause(clause, field)
    return text


def _check_clause(clause: str, field: str) -> None:
    fault = next((fault for fault, pattern in _NOT_TAKEN.items() if pattern.search(clause)), None)
    if fault:
        raise UnreadableHours(field=field, fault=fault, part=clause)
    for found in SPAN.finditer(clause):
        if any(not _is_time(part) for part in found.groups() if part):
            raise UnreadableHours(field=field, fault="time", part=found[0])
    lunar = LUNAR.match(clause)
    month = MONTHS.index(lunar[1]) + 1 if lunar else 1
    try:
        for number, is_holiday in ((1, False), (1, True)):
            day = DayFacts(
                date(2026, 11, 26), dict.fromkeys(EVENTS, 720), LunarDay(1448, month, _a_day(lunar) or number), is_holiday
            )
            for spilt in (False, True):
                OpeningHours(_written_out(clause, day, spilt=spilt) or "off")
    except ParserError:
        raise UnreadableHours(field=field, fault="syntax", part=clause) from None


_NOT_TAKEN = {
    "additional": re.compile(rf"(?:\d:\d{{2}}|\)|\+|{_EVENT})\s*,\s*(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)\b"),
    "school": re.compile(r"\bSH\b"),
    "sun": re.compile(r"\b(?:dawn|dusk)\b"),
}


def _a_day(lunar: re.Match[str] | None) -> int | None:
    return next(iter(_days(lunar[2])), None) if lunar and lunar[2] else None


def _is_time(moment: str) -> bool:
    clock = moment.strip("() ").rpartition("+")[2].rpartition("-")[2].strip() if "(" in moment else moment
    hours, _, minutes = clock.partition(":")
    return clock in EVENTS or (int(hours) <= 48 and int(minutes) < 60)


def clauses(text: str) -> Iterator[tuple[str, str]]:
    """(clause, the separator before it)."""
    before = ""
    for part in _CLAUSES.findall(text):
        if part in (";", "||"):
            before = part
        elif part.strip():
            yield part.strip(), before


def follows_moon(text: str) -> bool:
    """Whether moving a lunar month may change the hours: a lunar month is named, or public holidays."""
    return any(LUNAR.match(clause) or _HOLIDAY.search(clause) for clause, _ in clauses(text))


def spans_of_day(text: str, day: DayFacts, before: DayFacts) -> list[tuple[int, int]]:
    """The minutes after the midnight of `day` in which it is open: its own spans, and what the day before it left over."""
    own = _read(_joined(text, day, spilt=False), day.day)
    left_over = _read(_joined(text, before, spilt=True), before.day)
    return merged([*own, *left_over])


def open_minutes(
    text: str, first: date, days: int, facts_of: Callable[[date], DayFacts], midnight_of: Callable[[date], int]
) -> list[tuple[int, int]]:
    """The open minutes of some days, each counted as `midnight_of` counts its midnight; ends are not included."""
    found: list[tuple[int, int]] = []
    for ahead in range(days):
        day = first + timedelta(days=ahead)
        midnight = midnight_of(day)
        spans = spans_of_day(text, facts_of(day), facts_of(day - timedelta(days=1)))
        found += [(midnight + begin, midnight + end) for begin, end in spans]
    return merged(found)


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that touch or overlap as one."""
    whole: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if whole and begin <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((begin, end))
    return whole


def state_at(spans: Iterable[tuple[int, int]], minute: int) -> tuple[bool, int | None]:
    """Whether it is open, and the minute of the next change among these spans."""
    for begin, end in spans:
        if begin <= minute < end:
            return True, end
        if begin > minute:
            return False, begin
    return False, None


def _read(text: str, day: date) -> list[tuple[int, int]]:
    if not text:
        return []
    midnight = datetime.combine(day, time.min)
    found = OpeningHours(text).intervals(midnight, midnight + timedelta(days=1))
    return [
        (int((begin - midnight).total_seconds() // 60), int((end - midnight).total_seconds() // 60))
        for begin, end, state, *_ in found
        if state == State.OPEN and begin is not None and end is not None
    ]


def _joined(text: str, day: DayFacts, *, spilt: bool) -> str:
    written: list[str] = []
    for clause, before in clauses(text):
        if part := _written_out(clause, day, spilt=spilt):
            written += [before, part] if written and before else [part]
    return " ".join(written)


def _written_out(clause: str, day: DayFacts, *, spilt: bool) -> str:
    """The clause for this day without our additions; empty where it is not for this day.

    `spilt` gives what is left of its spans after midnight, written from midnight on.
    """
    if (lunar := LUNAR.match(clause)) is not None:
        if not _is_of(lunar, day.lunar):
            return ""
        clause = clause[lunar.end() :] or "00:00-24:00"
    if _HOLIDAY.search(clause):
        clause = _with_holiday(clause, day)
        if not clause:
            return ""
    if not TIMES.search(clause):
        return _off(clause) if spilt else clause
    return TIMES.sub(lambda times: _times(times[0], day, spilt=spilt), clause)


def _is_of(lunar: re.Match[str], day: LunarDay) -> bool:
    return MONTHS[day.month - 1] == lunar[1] and (not lunar[2] or day.number in _days(lunar[2]))


def _days(listed: str) -> set[int]:
    pairs = (part.strip().partition("-") for part in listed.split(","))
    return {number for first, _, last in pairs for number in range(int(first), int(last or first) + 1)}


def _with_holiday(clause: str, day: DayFacts) -> str:
    """The clause with this day's weekday in the place of PH; on other days without PH, and empty where nothing else is said."""
    if day.is_holiday:
        return _HOLIDAY.sub(day.weekday, re.sub(r"^PH\s+(?=(?:Mo|Tu|We|Th|Fr|Sa|Su)\b)", "", clause))
    return "" if _HOLIDAY.search(rest := re.sub(r",\s*PH\b|\bPH\s*,", "", clause)) else rest


def _off(clause: str) -> str:
    if clause in ("24/7", "open"):
        return "off"
    return clause if re.search(r"\b(?:off|closed)\b", clause) else f"{clause} off"


def _times(listed: str, day: DayFacts, *, spilt: bool) -> str:
    spans = [_resolved(found, day) for found in SPAN.finditer(listed)]
    kept = [(0, end - DAY) for begin, end in spans if end > DAY and end > begin] if spilt else [
        (begin, min(end, DAY)) for begin, end in spans if begin < min(end, DAY)
    ]  # fmt: skip
    return ",".join(f"{_clock(begin)}-{_clock(end)}" for begin, end in kept) or "off"


def _resolved(span: re.Match[str], day: DayFacts) -> tuple[int, int]:
    begin = _minute(span[1], day)
    if span[2] is None:
        return begin, DAY
    end = _minute(span[2], day)
    if end > begin:
        return begin, end
    is_empty = any(event in span[0] for event in EVENTS) and end + DAY - begin > LONGEST_NIGHT
    return begin, begin if is_empty else end + DAY


def _minute(moment: str, day: DayFacts) -> int:
    if moved := MOVED.fullmatch(moment):
        event, sign, hours, minutes = moved.groups()
        return day.prayers[event] + (60 * int(hours) + int(minutes)) * (1 if sign == "+" else -1)
    if moment in EVENTS:
        return day.prayers[moment]
    hours, _, minutes = moment.partition(":")
    return 60 * int(hours) + int(minutes)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
