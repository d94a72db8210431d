"""A person's own mobile number, proved by a code that is good for nothing else."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.errors import NumberCodeRefused, PhoneCodeRefused, TooManySignInTries, WrongMobileNumber
from identity.models import Person, SecurityNotice
from identity.own_number import ask_number_code, take_number
from identity.permissions import Identity
from identity.phone_codes import TRIES, ask_code, prove_by_code
from kernel.messages.queries import facts_sent_to
from tests.factories import account

FORMER, MOBILE = "+989151234567", "+9647701234567"


@pytest.fixture
def holder(session: Session) -> Identity:
    made = account(session)[0]
    session.get_one(Person, made.person_id).mobile = FORMER
    session.flush()
    return made


def code_for(session: Session, holder: Identity) -> tuple[str, str]:
    token = ask_number_code(session, holder, "00964 770 123 4567")
    return token, str(facts_sent_to(session, MOBILE, "number_code")[-1]["code"])


def test_the_new_number_is_the_persons_at_once_and_the_former_one_is_told(session: Session, holder: Identity) -> None:
    token, code = code_for(session, holder)
    take_number(session, holder, token, code, MOBILE)
    assert session.get_one(Person, holder.person_id).mobile == MOBILE
    assert facts_sent_to(session, FORMER, "number_changed") == [{}]
    assert session.scalars(select(SecurityNotice.kind).where(SecurityNotice.sign_in_id == holder.sign_in_id)).all() == [
        "mobile_changed"
    ]
    with pytest.raises(NumberCodeRefused):
        take_number(session, holder, token, code, MOBILE)


def test_a_code_is_good_for_its_person_and_purpose_alone(session: Session, holder: Identity) -> None:
    other = account(session)[0]
    token, code = code_for(session, holder)
    with pytest.raises(NumberCodeRefused):
        take_number(session, other, token, code, MOBILE)
    session.get_one(Person, other.person_id).mobile = MOBILE
    session.flush()
    with pytest.raises(PhoneCodeRefused):
        prove_by_code(session, token, code, MOBILE)
    sign_in_token = ask_code(session, MOBILE, "fa")
    sign_in_code = str(facts_sent_to(session, MOBILE, "sign_in_code")[-1]["code"])
    with pytest.raises(NumberCodeRefused):
        take_number(session, holder, sign_in_token, sign_in_code, MOBILE)
    assert prove_by_code(session, sign_in_token, sign_in_code, MOBILE).person_id == other.person_id


def test_nobody_has_codes_sent_to_one_number_after_the_other(session: Session, holder: Identity) -> None:
    for number in range(3):
        ask_number_code(session, holder, f"0915123456{number}")
    with pytest.raises(TooManySignInTries):
        ask_number_code(session, holder, "09151234563")
    ask_number_code(session, account(session)[0], "09151234563")


def test_tries_and_codes_are_counted(session: Session, holder: Identity) -> None:
    token, code = code_for(session, holder)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(TRIES):
        with pytest.raises(NumberCodeRefused):
            take_number(session, holder, token, wrong, MOBILE)
    with pytest.raises(NumberCodeRefused):
        take_number(session, holder, token, code, MOBILE)
    for _ in range(2):
        code_for(session, holder)
    with pytest.raises(TooManySignInTries):
        code_for(session, holder)
    with pytest.raises(WrongMobileNumber):
        ask_number_code(session, holder, "0915")
