from datetime import UTC, date, datetime

import pytest

from cardbank.issuing.errors import IssuingLimitReached, IssuingLimitWrong
from cardbank.issuing.rules import (
    Issuer,
    Limit,
    Period,
    Subject,
    begin_of,
    check_count,
    check_limit,
    counted_by,
)

TODAY = date(2026, 11, 22)  # 1405/09/01


def limit(number: int, subject: Subject, kind: str | None = None, period: Period = Period.DAY) -> Limit:
    return Limit(number, subject, kind, period, 2)


def test_an_issue_falls_under_the_limits_of_its_kind_its_person_and_who_hands_it_out() -> None:
    limits = [
        limit(4, Subject.NETWORK), limit(1, Subject.PERSON), limit(2, Subject.BRANCH), limit(3, Subject.OPERATOR),
        limit(5, Subject.PERSON, "silver"), limit(6, Subject.PERSON, "standard"),
    ]  # fmt: skip
    at_desk = counted_by(limits, "standard", 7, Issuer(account_id=9), TODAY)
    assert [(one.limit.id, one.whose) for one in at_desk] == [(1, 7), (3, 9), (4, None), (6, 7)]
    at_till = counted_by(limits, "silver", None, Issuer(branch_id=8), TODAY)
    assert [(one.limit.id, one.whose) for one in at_till] == [(2, 8), (4, None)]


def test_a_day_is_tehrans_and_a_month_is_jalali() -> None:
    assert begin_of(Period.DAY, TODAY) == datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
    assert begin_of(Period.MONTH, date(2026, 12, 21)) == datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
    assert begin_of(Period.EVER, TODAY) is None


def test_the_refusal_names_the_limit() -> None:
    check_count(limit(1, Subject.PERSON), 1)
    with pytest.raises(IssuingLimitReached) as refused:
        check_count(limit(1, Subject.BRANCH, None, Period.MONTH), 2)
    assert refused.value.facts == {"fault": "branch_month", "most": 2}


@pytest.mark.parametrize(
    ("subject", "period", "most", "field"),
    [
        ("shop", "day", 1, "subject"),
        ("person", "year", 1, "period"),
        ("branch", "ever", 1, "period"),
        ("person", "ever", 0, "most"),
    ],
)
def test_a_limit_that_cannot_be_is_named(subject: str, period: str, most: int, field: str) -> None:
    with pytest.raises(IssuingLimitWrong) as refused:
        check_limit(subject, period, most)
    assert refused.value.facts["field"] == field
