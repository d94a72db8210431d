"""Pilgrims who say before the journey that they come."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.coming import (
    KEPT,
    OF_ONE_DOCUMENT,
    announce,
    check_said,
    expected,
    expected_days,
    find_coming,
    forget_coming,
    receive,
)
from identity.enrolment import enrol_pilgrim
from identity.errors import ComingNotFound, WrongDayOfArrival
from identity.models import Coming, Person
from kernel import clock
from kernel.calendar import local_day
from tests.factories import ACTOR
from tests.identity.test_enrolment import valid


def form(**given: str) -> dict[str, str]:
    ahead = local_day(clock.now()) + timedelta(days=20)
    return {
        "called": "Zahra  Hussein",
        "number": "A1234567",
        "country": "irq",
        "born": "1968-04-02",
        "arrives_on": ahead.isoformat(),
    } | given


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"called": "?"}, "called"), ({"number": "A1"}, "number"), ({"country": "Iraq"}, "country"), ({"born": ""}, "born"), ({"born": "2999-01-01"}, "born"),
        ({"born": "1800-01-01"}, "born"), ({"arrives_on": "2020-01-01"}, "arrives_on"), ({"arrives_on": "2999-01-01"}, "arrives_on"),
        ({"number": valid().replace("7408", "7409")}, "number"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_field(given: dict[str, str], field: str) -> None:
    faults, said = check_said(form(**given))
    assert (list(faults), said) == ([field], None)


def test_printed_lines_say_country_and_birth_themselves() -> None:
    faults, said = check_said(form(number=valid(), country="", born=""))
    assert faults == {}
    assert said is not None
    assert (said.number, said.country, said.born) == ("L898902C3", "UTO", date(1974, 8, 12))


def test_who_comes_is_found_by_code_and_by_passport_and_put_on_record_once(session: Session) -> None:
    made = announce(session, form(), "ar")
    assert b"Zahra" not in (made.sealed or b"")
    for typed in (made.code, f"{made.code[:4]} {made.code[4:]}".translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")), "a 1234567"):
        assert [one.id for one in find_coming(session, typed)] == [made.id]
    assert find_coming(session, "B7654321") == []
    assert expected(session, made.id).said.called == "Zahra Hussein"
    person = receive(session, ACTOR, made.id)
    assert (person.names, person.language, person.birth_date, person.mobile) == (
        {"ar": "Zahra Hussein"},
        "ar",
        date(1968, 4, 2),
        None,
    )
    assert (made.sealed, made.document_digest, made.person_id) == (None, None, person.id)
    assert find_coming(session, made.code) == []
    with pytest.raises(ComingNotFound):
        receive(session, ACTOR, made.id)


def test_who_is_on_record_already_is_not_put_there_twice(session: Session) -> None:
    known = enrol_pilgrim(session, ACTOR, form(kind="passport", country="IRQ"), "fa", is_another=False)
    assert receive(session, ACTOR, announce(session, form(), "ar").id) is known
    assert session.scalars(select(Person)).all() == [known]


def test_the_newest_of_one_passport_stand_and_all_is_forgotten_a_month_after_the_day(session: Session) -> None:
    made = [announce(session, form(), "ar").id for _ in range(OF_ONE_DOCUMENT + 2)]
    assert [one.id for one in find_coming(session, "A1234567")] == made[:1:-1]
    day = date.fromisoformat(form()["arrives_on"])
    assert expected_days(session, day) == [(day, OF_ONE_DOCUMENT)]
    with clock.frozen(clock.now() + timedelta(days=20) + KEPT):
        forget_coming(session)
        assert find_coming(session, "A1234567")
    with clock.frozen(clock.now() + timedelta(days=21) + KEPT):
        forget_coming(session)
    assert session.scalars(select(Coming.sealed)).all() == [None] * len(made)
    with pytest.raises(WrongDayOfArrival):
        announce(session, form(arrives_on="2020-01-01"), "ar")
