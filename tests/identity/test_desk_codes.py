"""Signing in by passport, day of birth and a code of a desk."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity import desk_codes
from identity.desk_codes import give_code, prove_by_document
from identity.enrolment import enrol_pilgrim
from identity.errors import (
    DayOfBirthMissing,
    DocumentSignInRefused,
    SecondStepDue,
    TooManySignInTries,
    WrongPassportCountry,
)
from identity.models import Document, Person, SignInFailure
from identity.permissions import Role
from identity.services import TRIES
from kernel import clock
from tests.authenticators import code_at, with_authenticator
from tests.factories import ACTOR, account
from tests.identity.test_enrolment import valid

BORN = date(1968, 4, 2)
NUMBER, COUNTRY = "A1234567", "IRQ"


def pilgrim(session: Session) -> Person:
    typed = {"called": "Zahra Hussein", "kind": "passport", "number": NUMBER, "country": COUNTRY, "mobile": ""}
    return enrol_pilgrim(session, ACTOR, typed, "ar", is_another=False)


def test_a_pilgrim_without_a_telephone_signs_in_once_with_a_code(session: Session) -> None:
    holder = pilgrim(session)
    with pytest.raises(DayOfBirthMissing):
        give_code(session, ACTOR, holder.id)
    code = give_code(session, ACTOR, holder.id, BORN)
    persian = code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    identity = prove_by_document(session, "a 123 4567", "irq", BORN, f" {persian[:4]} {persian[4:]} ")
    assert (identity.person_id, identity.roles) == (holder.id, {Role.PILGRIM})
    with pytest.raises(DocumentSignInRefused):
        prove_by_document(session, NUMBER, COUNTRY, BORN, code)
    again = prove_by_document(session, NUMBER, COUNTRY, BORN, give_code(session, ACTOR, holder.id))
    assert again.sign_in_id == identity.sign_in_id


def test_printed_lines_sign_in_as_well(session: Session) -> None:
    typed = {"called": "Anna", "kind": "passport", "number": valid(), "country": "", "mobile": ""}
    holder = enrol_pilgrim(session, ACTOR, typed, "en", is_another=False)
    code = give_code(session, ACTOR, holder.id)
    assert prove_by_document(session, valid(), "", date(1974, 8, 12), code).person_id == holder.id


def test_a_wrong_part_is_refused_as_a_passport_that_nobody_has(session: Session) -> None:
    code = give_code(session, ACTOR, pilgrim(session).id, BORN)
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    for number, born, typed in ((NUMBER, BORN, wrong), (NUMBER, date(1968, 4, 3), code), ("B7654321", BORN, code)):
        with pytest.raises(DocumentSignInRefused) as refused:
            prove_by_document(session, number, COUNTRY, born, typed)
        assert refused.value.facts == {}
    with pytest.raises(WrongPassportCountry):
        prove_by_document(session, NUMBER, "Iraq", BORN, code)
    with clock.frozen(clock.now() + desk_codes.LIFE), pytest.raises(DocumentSignInRefused):
        prove_by_document(session, NUMBER, COUNTRY, BORN, code)


@pytest.mark.parametrize("number", [NUMBER, "B7654321"])
def test_tries_are_counted_whether_the_passport_is_known_or_not(session: Session, number: str) -> None:
    code = give_code(session, ACTOR, pilgrim(session).id, BORN)
    for _ in range(TRIES):
        with pytest.raises(DocumentSignInRefused):
            prove_by_document(session, number, COUNTRY, BORN, "00000000" if code != "00000000" else "1")
    with pytest.raises(TooManySignInTries):
        prove_by_document(session, number, COUNTRY, BORN, code)


def test_a_new_code_ends_the_one_before_and_success_forgets_the_tries(session: Session) -> None:
    holder = pilgrim(session)
    first = give_code(session, ACTOR, holder.id, BORN)
    second = give_code(session, ACTOR, holder.id)
    with pytest.raises(DocumentSignInRefused):
        prove_by_document(session, NUMBER, COUNTRY, BORN, first)
    prove_by_document(session, NUMBER, COUNTRY, BORN, second)
    assert session.scalars(select(SignInFailure)).all() == []


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.MERCHANT])
def test_who_moves_money_needs_more_than_a_passport(session: Session, role: Role) -> None:
    identity, web_session = account(session, role)
    session.add(Document(person_id=identity.person_id, kind="passport", country=COUNTRY, number=NUMBER))
    code = give_code(session, ACTOR, identity.person_id, BORN)
    with pytest.raises(DocumentSignInRefused):
        prove_by_document(session, NUMBER, COUNTRY, BORN, code)
    secret, _ = with_authenticator(session, identity, web_session)
    with pytest.raises(SecondStepDue):
        prove_by_document(session, NUMBER, COUNTRY, BORN, code)
    with clock.frozen(clock.now() + timedelta(seconds=30)):
        assert (
            prove_by_document(session, NUMBER, COUNTRY, BORN, code, code_at(secret, clock.now())).sign_in_id == identity.sign_in_id
        )
