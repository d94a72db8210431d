"""How many are expected on a day to come, from who is on the books and how such days went so far. Pure.

Expected = on the books now + the part that usually comes later × what such a day usually brings. The part is learnt from all days
that are over, for each number of days before; what a day brings from the days most like it. So the nearer a day is, the more its
own bookings count: this is the method of Bornhuetter and Ferguson (1972), which insurers use for losses that come in late.

To this is added what is learnt from pilgrims who said before the journey that they come: so many more or fewer than usually by then, times
a weight. The weight is that by which they would have explained best what the forecast without them missed (least squares through
nothing), so whoever said it and booked, too, is not counted twice. It is none where it would have made the tested days no better.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct
from msgspec.structs import replace

from kernel.calendar import jalali
from kernel.holidays import JALALI_HOLIDAYS, lunar_holiday
from kernel.moon import COMPUTED, Moon

LEADS = 31  # from the morning of the day itself to thirty mornings before
LEAST_DAYS = 28  # four weeks must be over before anything is expected
LEAST_ALIKE = 4  # days of one sort, below which a wider sort is looked at; the same feast counts from once on
TESTED_DAYS = 90
OUTSIDE = 0.1  # of the tested days lie below the interval, and as many above
STATED_LEADS = (1, 7, 14)
WEEKEND = (3, 4)  # Thursday and Friday
FEAST = "feast "


class Past(Struct, frozen=True):
    """A day that is over: how many it brought, how many of them were on the books so many mornings before, and how many had said it."""

    day: date
    people: int
    on_hand: tuple[int, ...]
    said: tuple[int, ...] = (0,) * LEADS


class Tried(Struct, frozen=True):
    """A forecast of a day that was over by then, made as if it were so many days before, and what the day brought.

    `more_said` is by how much more had said by then that they come than usually.
    """

    day: date
    expected: float
    people: int
    more_said: float = 0.0


class Learnt(Struct, frozen=True):
    """What days that are over teach. `later` is the part that comes later, by lead; `usual` what a day of a sort brings on average.

    `low` and `high` are by how much of what was expected a tested day differed, at the edges of the interval; `errors` are the mean
    misses at a few leads as parts of what came, `errors_alone` the same without who said that they come. `weights` are what one who
    said it counts for, by lead, and `usually_said` how many have on average, by lead and sort. All are empty where too few days are over.
    """

    days: int
    later: tuple[float, ...] = ()
    usual: Mapping[str, float] = {}
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    errors: Mapping[int, float] = {}
    errors_alone: Mapping[int, float] = {}
    weights: tuple[float, ...] = ()
    usually_said: tuple[Mapping[str, float], ...] = ()

    @property
    def is_enough(self) -> bool:
        return bool(self.later)

    @property
    def weighs_said(self) -> bool:
        """Whether who said that they come makes it better, at one of the leads that are stated."""
        return bool(self.weights) and any(self.weights[lead] for lead in STATED_LEADS)


class Expected(Struct, frozen=True):
    people: int
    low: int
    high: int


def sorts_of(day: date, moon: Moon = COMPUTED) -> tuple[str, ...]:
    """What a day is like, the most particular first: a feast by its name in the lunar or the solar year, a weekend, any day."""
    own = _feast(day, moon)
    if own is not None:
        return own, "holiday", "any"
    if any(_feast(day + timedelta(days=step), moon) is not None for step in (-1, 1)):
        return "beside a holiday", "any"
    return ("weekend" if day.weekday() in WEEKEND else "weekday"), "any"


def _feast(day: date, moon: Moon) -> str | None:
    """A feast that moves with the moon is the same feast a year later, on another day of the solar year."""
    if lunar_holiday(day, moon) is not None:
        lunar = moon.lunar(day)
        return f"{FEAST}moon {lunar.month} {lunar.number}"
    _, month, number = jalali(day)
    return f"{FEAST}sun {month} {number}" if (month, number) in JALALI_HOLIDAYS else None


class Sums:
    """Days that are over, added up: what is learnt from them at any moment."""

    def __init__(self) -> None:
        self.days = 0
        self.said_by_sort: dict[str, list[int]] = {}
        self.people = 0
        self.on_hand = [0] * LEADS
        self.by_sort: dict[str, tuple[int, int]] = {}

    def add(self, past: Past, sorts: Iterable[str]) -> None:
        self.days += 1
        self.people += past.people
        self.on_hand = [total + one for total, one in zip(self.on_hand, past.on_hand, strict=True)]
        for sort in sorts:
            days, people = self.by_sort.get(sort, (0, 0))
            self.by_sort[sort] = days + 1, people + past.people
            said = self.said_by_sort.setdefault(sort, [0] * LEADS)
            self.said_by_sort[sort] = [total + one for total, one in zip(said, past.said, strict=True)]

    def later(self, lead: int) -> float:
        """The part that comes after so many mornings before; below nothing where more fall away than come."""
        return 1 - self.on_hand[lead] / self.people if self.people else 0.0

    def usual(self) -> dict[str, float]:
        """Of sorts that were often enough."""
        return {sort: people / days for sort, (days, people) in self._often()}

    def usually_said(self, lead: int) -> dict[str, float]:
        return {sort: self.said_by_sort[sort][lead] / days for sort, (days, _) in self._often()}

    def _often(self) -> list[tuple[str, tuple[int, int]]]:
        return [one for one in self.by_sort.items() if one[1][0] >= LEAST_ALIKE or one[0].startswith(FEAST)]


def expected(on_hand: int, later: float, usual: Mapping[str, float], sorts: Sequence[str]) -> float:
    """Never below nothing, and never less for more on the books."""
    return max(0.0, on_hand + later * _of_sort(usual, sorts))


def _of_sort(by_sort: Mapping[str, float], sorts: Sequence[str]) -> float:
    """Of the most particular sort that was often enough."""
    return next((by_sort[sort] for sort in sorts if sort in by_sort), 0.0)


def tried(history: Sequence[Past], lead: int, sorts: Mapping[date, Sequence[str]]) -> list[Tried]:
    """The method tried on the last days of a history, in order of days: each day is told with what was over so many days before it."""
    sums, known, told = Sums(), 0, []
    for at, past in enumerate(history):
        while known < at and history[known].day < past.day - timedelta(days=lead):
            sums.add(history[known], sorts[history[known].day])
            known += 1
        if sums.days >= LEAST_DAYS and at >= len(history) - TESTED_DAYS:
            of_day = sorts[past.day]
            usually = _of_sort(sums.usually_said(lead), of_day)
            people = expected(past.on_hand[lead], sums.later(lead), sums.usual(), of_day)
            told.append(Tried(past.day, people, past.people, past.said[lead] - usually))
    return told


def tried_with_said(tested: Sequence[Tried], lead: int) -> list[Tried]:
    """The last of these days, told with who had said that they come, each by the weight that enough days before it gave."""
    told, known = [], 0
    for one in tested:
        while tested[known].day < one.day - timedelta(days=lead):
            known += 1
        if known >= LEAST_DAYS:
            told.append(replace(one, expected=max(0.0, one.expected + weight_of(tested[:known]) * one.more_said)))
    return told


def weight_of(tested: Sequence[Tried]) -> float:
    """What one more who had said it would have counted for: never less than nothing."""
    squares = sum(one.more_said**2 for one in tested)
    return max(0.0, sum(one.more_said * (one.people - one.expected) for one in tested) / squares) if squares else 0.0


def error_of(tested: Sequence[Tried]) -> float | None:
    """How far the method was off, as a part of all who came; None where nothing was tested or nobody came."""
    came = sum(one.people for one in tested)
    return _missed(tested) / came if came else None


def learn(history: Sequence[Past], moon: Moon = COMPUTED) -> Learnt:
    """From days that are over, in their order, from the first on which anybody came."""
    begun = next((at for at, past in enumerate(history) if past.people), len(history))
    history = history[begun:]
    if len(history) < LEAST_DAYS:
        return Learnt(len(history))
    sorts = {past.day: sorts_of(past.day, moon) for past in history}
    sums = Sums()
    for past in history:
        sums.add(past, sorts[past.day])
    tested = [tried(history, lead, sorts) for lead in range(LEADS)]
    alone, weights = list(tested), [0.0] * LEADS
    for lead in range(LEADS):
        with_said = tried_with_said(tested[lead], lead)
        same_days = tested[lead][len(tested[lead]) - len(with_said) :]
        if len(with_said) >= LEAST_DAYS and _missed(with_said) < _missed(same_days):
            weights[lead] = weight_of(tested[lead])
            tested[lead], alone[lead] = with_said, same_days
    edges = [_edges(one) for one in tested]
    return Learnt(
        len(history), tuple(sums.later(lead) for lead in range(LEADS)), sums.usual(), tuple(low for low, _ in edges),
        tuple(high for _, high in edges), _errors(tested), _errors(alone), tuple(weights), tuple(sums.usually_said(lead) for lead in range(LEADS)),
    )  # fmt: skip


def _missed(tested: Sequence[Tried]) -> float:
    return sum(abs(one.expected - one.people) for one in tested)


def _errors(tested: Sequence[Sequence[Tried]]) -> dict[int, float]:
    return {lead: error for lead in STATED_LEADS if (error := error_of(tested[lead])) is not None}


def _edges(tested: Sequence[Tried]) -> tuple[float, float]:
    """Below and above which one in ten tested days fell, as parts of what was expected; the whole range where few were tested."""
    misses = sorted((one.people - one.expected) / max(1.0, one.expected) for one in tested)
    if not misses:
        return -1.0, 1.0
    outside = int(len(misses) * OUTSIDE)
    return min(0.0, misses[outside]), max(0.0, misses[-1 - outside])


def told(learnt: Learnt, on_hand: int, lead: int, sorts: Sequence[str], said: int = 0) -> Expected | None:
    """What is expected of a day so many days away, with its interval; None where too few days are over. `said` that they come so many."""
    if not learnt.is_enough:
        return None
    people = expected(on_hand, learnt.later[lead], learnt.usual, sorts)
    if learnt.weights:
        people = max(0.0, people + learnt.weights[lead] * (said - _of_sort(learnt.usually_said[lead], sorts)))
    low, high = max(0.0, people * (1 + learnt.low[lead])), people * (1 + learnt.high[lead])
    return Expected(round(people), round(low), round(high))
