"""Codes that count once: the race is shown without the lock, then not with it."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity import emails, helping, phone_codes
from identity.errors import CodeRefused, EmailCodeRefused, HelpsAlready, PhoneCodeRefused
from identity.models import EmailCode, Helping, Person
from identity.permissions import Identity
from kernel.db import unit_of_work
from kernel.messages.queries import facts_sent_to
from tests.concurrency.test_identity import together, unlocked
from tests.factories import account
from tests.meeting import meet_before

MOBILE = "+989151234567"


@pytest.mark.parametrize(("is_locked", "outcomes"), [(False, ["in", "in"]), (True, ["in", "refused"])])
def test_a_phone_code_given_twice_at_once_lets_in_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, outcomes: list[str]
) -> None:
    identity, _ = account(session)
    session.get_one(Person, identity.person_id).mobile = MOBILE
    token = phone_codes.ask_code(session, MOBILE, "fa")
    code = str(facts_sent_to(session, MOBILE, "sign_in_code")[0]["code"])
    session.commit()

    def give() -> str:
        with unit_of_work() as own:
            try:
                phone_codes.prove_by_code(own, token, code, MOBILE)
            except PhoneCodeRefused:
                return "refused"
        return "in"

    if not is_locked:
        unlocked(monkeypatch)
    meet_before(monkeypatch, phone_codes, "people_with_mobile")
    assert together(give, 2) == outcomes


@pytest.mark.parametrize(("is_locked", "helpers"), [(False, 2), (True, 1)])
def test_a_help_code_brought_by_two_at_once_is_for_one(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, helpers: int
) -> None:
    mother, sons = account(session)[0], [account(session)[0] for _ in range(2)]
    code = helping.allow_help(session, mother, ["see"])
    session.commit()
    waiting = list(sons)

    def bring() -> str:
        son: Identity = waiting.pop()
        with unit_of_work() as own:
            try:
                helping.begin_help(own, son, code)
            except (CodeRefused, HelpsAlready) as refusal:
                return refusal.code
        return "helps"

    if not is_locked:
        unlocked(monkeypatch)
    meet_before(monkeypatch, helping, "_live")
    assert together(bring, 2).count("helps") == helpers
    assert session.scalar(select(func.count()).select_from(Helping).filter_by(person_id=mother.person_id)) == helpers


@pytest.mark.parametrize(("is_locked", "counted"), [(False, 1), (True, 2)])
def test_wrong_codes_for_an_address_that_come_at_once_are_all_counted(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, counted: int
) -> None:
    identity, _ = account(session)
    emails.ask_email_code(session, identity, "zahra@example.org")
    session.commit()

    def guess() -> str:
        with unit_of_work() as own:
            try:
                emails.confirm_email(own, identity, "wrong")
            except EmailCodeRefused:
                return "refused"
        return "confirmed"

    if not is_locked:
        unlocked(monkeypatch)
    meet_before(monkeypatch, emails, "_address")
    assert together(guess, 2) == ["refused", "refused"]
    assert session.scalars(select(EmailCode.tries)).one() == counted
