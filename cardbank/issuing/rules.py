"""Which limits an issue falls under, from when on they count, and whether one is reached. Pure."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from cardbank.issuing.errors import IssuingLimitReached, IssuingLimitWrong
from kernel.calendar import TEHRAN, end_of_day, jalali_month

MOST = 1_000_000
EXCEPTION_LIFE = timedelta(hours=24)
LONGEST_WHY = 200


class Subject(StrEnum):
    PERSON = "person"
    BRANCH = "branch"
    OPERATOR = "operator"
    NETWORK = "network"


class Period(StrEnum):
    DAY = "day"
    MONTH = "month"
    EVER = "ever"


class Issuer(Struct, frozen=True):
    """Who hands out: an operator's account at the desk, or a branch at its till; neither where a person takes a card in the app."""

    account_id: int | None = None
    branch_id: int | None = None


class Limit(Struct, frozen=True):
    id: int
    subject: Subject
    kind: str | None
    period: Period
    most: int


class Counted(Struct, frozen=True):
    """One limit as it meets one issue: whose cards count (None = everybody's), and since when."""

    limit: Limit
    whose: int | None
    since: datetime | None


def counted_by(limits: list[Limit], kind: str, person_id: int | None, issuer: Issuer, today: date) -> list[Counted]:
    """The limits that an issue falls under, by id: the order in which they are locked."""
    subjects = {Subject.PERSON: person_id, Subject.BRANCH: issuer.branch_id, Subject.OPERATOR: issuer.account_id}
    return [
        Counted(limit, subjects.get(limit.subject), begin_of(limit.period, today))
        for limit in sorted(limits, key=lambda one: one.id)
        if limit.kind in (None, kind) and (limit.subject is Subject.NETWORK or subjects[limit.subject] is not None)
    ]


def begin_of(period: Period, today: date) -> datetime | None:
    """The first instant of the period that a Tehran day falls in; None = since ever."""
    match period:
        case Period.DAY:
            first = today
        case Period.MONTH:
            first = jalali_month(today)[0]
        case Period.EVER:
            return None
    return end_of_day(first - timedelta(days=1), TEHRAN)


def check_count(limit: Limit, handed_out: int) -> None:
    """Raises IssuingLimitReached."""
    if handed_out >= limit.most:
        raise IssuingLimitReached(fault=f"{limit.subject}_{limit.period}", most=limit.most)


def check_limit(subject: str, period: str, most: int) -> tuple[Subject, Period]:
    """Raises IssuingLimitWrong. Only of a person can one say how many cards there may ever be."""
    if subject not in set(Subject):
        raise IssuingLimitWrong(field="subject")
    if period not in set(Period) or (period == Period.EVER and subject != Subject.PERSON):
        raise IssuingLimitWrong(field="period")
    if not 0 < most <= MOST:
        raise IssuingLimitWrong(field="most", most=MOST)
    return Subject(subject), Period(period)
