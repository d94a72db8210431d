from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.errors import (
    OneTimeCodeRefused,
    PersonToChoose,
    PhoneCodeRefused,
    SecondStepDue,
    SignInRefused,
    TooManySignInTries,
    WrongMobileNumber,
)
from identity.invitations import accept_invitation, invite
from identity.models import Person, PhoneCode
from identity.permissions import Identity, Role
from identity.phone_codes import CODES, LIFE, TRIES, ask_code, prove_by_code
from identity.services import enrol_person, prove
from identity.sessions import forget_ended
from kernel import clock
from kernel.messages.models import Message
from kernel.messages.queries import facts_sent_to
from tests.authenticators import code_at, with_authenticator
from tests.factories import ACTOR, PASSWORD, account

MOBILE = "+989151234567"


def pilgrim(session: Session, mobile: str = MOBILE) -> Person:
    return enrol_person(session, ACTOR, {"fa": "زائر"}, "fa", mobile=mobile)


def signing_in(session: Session, role: Role = Role.PILGRIM) -> tuple[Identity, str]:
    identity, token = account(session, role)
    session.get_one(Person, identity.person_id).mobile = MOBILE
    session.flush()
    return identity, token


def code_for(session: Session, mobile: str = MOBILE) -> tuple[str, str]:
    token = ask_code(session, mobile, "fa")
    return token, str(facts_sent_to(session, mobile, "sign_in_code")[0]["code"])


def test_a_code_signs_a_pilgrim_in_who_never_had_a_password(session: Session) -> None:
    holder = pilgrim(session)
    token, code = code_for(session)
    identity = prove_by_code(session, token, code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")), "0915 123 4567")
    assert (identity.person_id, identity.roles) == (holder.id, {Role.PILGRIM})
    with pytest.raises(PhoneCodeRefused):
        prove_by_code(session, token, code, MOBILE)
    again = prove_by_code(session, *code_for(session), MOBILE)
    assert again.sign_in_id == identity.sign_in_id


def test_who_signed_in_by_phone_may_take_a_password_later(session: Session) -> None:
    holder = pilgrim(session)
    by_phone = prove_by_code(session, *code_for(session), MOBILE)
    with pytest.raises(SignInRefused):
        prove(session, "mobile", "")
    opened = accept_invitation(session, invite(session, ACTOR, holder.id), "zahra", PASSWORD, "fa")
    assert opened.id == by_phone.sign_in_id == prove(session, "zahra", PASSWORD).sign_in_id


def test_a_number_that_nobody_has_is_answered_alike_and_hears_nothing(session: Session) -> None:
    token = ask_code(session, MOBILE, "fa")
    assert len(token) == 43
    assert session.scalar(select(func.count()).select_from(Message)) == 0
    with pytest.raises(PhoneCodeRefused):
        prove_by_code(session, token, "123456", MOBILE)


@pytest.mark.parametrize("typed", ["", "0", "abcdef", "1234567", "٠٠٠٠٠٠٠"])
def test_a_wrong_code_is_counted_and_the_sixth_try_is_too_late(session: Session, typed: str) -> None:
    pilgrim(session)
    token, code = code_for(session)
    for _ in range(TRIES):
        with pytest.raises(PhoneCodeRefused):
            prove_by_code(session, token, typed, MOBILE)
    with pytest.raises(PhoneCodeRefused):
        prove_by_code(session, token, code, MOBILE)


def test_a_code_is_for_its_number_its_token_and_five_minutes(session: Session) -> None:
    pilgrim(session)
    pilgrim(session, "+989150000001")
    token, code = code_for(session)
    other, _ = code_for(session, "+989150000001")
    for asked, number in ((token, "+989150000001"), (other, MOBILE), ("unknown", MOBILE)):
        with pytest.raises(PhoneCodeRefused):
            prove_by_code(session, asked, code, number)
    with clock.frozen(clock.now() + LIFE), pytest.raises(PhoneCodeRefused):
        prove_by_code(session, token, code, MOBILE)
    assert prove_by_code(session, token, code, MOBILE)


def test_only_so_many_codes_go_to_a_number_in_a_while(session: Session) -> None:
    pilgrim(session)
    (most, window), (most_of_day, day) = CODES
    start = clock.now()
    for _ in range(most):
        ask_code(session, MOBILE, "fa")
    with pytest.raises(TooManySignInTries) as refused:
        ask_code(session, "09151234567", "fa")
    assert 0 < refused.value.facts["wait_seconds"] <= window.total_seconds() + 1
    for turn in range(most_of_day - most):
        with clock.frozen(start + (turn + 1) * window * 1.1):
            ask_code(session, MOBILE, "fa")
    with clock.frozen(start + day / 2), pytest.raises(TooManySignInTries):
        ask_code(session, MOBILE, "fa")
    with clock.frozen(start + 3 * day):
        forget_ended(session)
        ask_code(session, MOBILE, "fa")
    assert session.scalar(select(func.count()).select_from(PhoneCode)) == 1


def test_a_family_that_shares_a_number_is_asked_who_it_is(session: Session) -> None:
    mother, child = pilgrim(session), pilgrim(session)
    stranger = pilgrim(session, "+989150000001")
    token, code = code_for(session)
    for named in (None, stranger.id):
        with pytest.raises(PersonToChoose) as asked:
            prove_by_code(session, token, code, MOBILE, named)
        assert [one["person"] for one in asked.value.facts["people"]] == [mother.id, child.id]
    assert prove_by_code(session, token, code, MOBILE, child.id).person_id == child.id


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.MERCHANT])
def test_who_moves_money_needs_more_than_a_sim(session: Session, role: Role) -> None:
    identity, web_session = signing_in(session, role)
    token, code = code_for(session)
    with pytest.raises(PhoneCodeRefused):
        prove_by_code(session, token, code, MOBILE)
    secret, _ = with_authenticator(session, identity, web_session)
    with pytest.raises(SecondStepDue):
        prove_by_code(session, token, code, MOBILE)
    with pytest.raises(OneTimeCodeRefused):
        prove_by_code(session, token, code, MOBILE, None, "000000")
    with clock.frozen(clock.now() + timedelta(seconds=30)):
        assert prove_by_code(session, token, code, MOBILE, None, code_at(secret, clock.now())).sign_in_id == identity.sign_in_id


def test_a_number_that_is_none_is_told(session: Session) -> None:
    with pytest.raises(WrongMobileNumber):
        ask_code(session, "0915", "fa")
