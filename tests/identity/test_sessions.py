from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity import services, sessions
from identity.errors import (
    PasswordTooShort,
    SamePassword,
    SessionNotFound,
    SignInRefused,
    TokenRefused,
    TooManySignInTries,
)
from identity.models import HalfSignIn, RefreshToken, WebSession
from identity.permissions import Role
from identity.queries import STAFF_IDLE, identity_of_token, notices_of, open_sessions
from kernel import clock
from kernel.audit import AuditEntry
from kernel.errors import BadInput, NotFound
from tests.factories import PASSWORD, account


def test_the_list_shows_living_sessions_the_present_one_first(session: Session) -> None:
    identity, first = account(session, Role.OPERATOR, name="operator")
    _, second = services.sign_in(session, "operator", PASSWORD, "firefox/linux")
    account(session, name="somebody else")
    shown = open_sessions(session, identity, first)
    assert [(one.device, one.is_this) for one in shown] == [("", True), ("firefox/linux", False)]
    services.sign_out(session, second)
    assert [one.is_this for one in open_sessions(session, identity, first)] == [True]
    with clock.frozen(clock.now() + STAFF_IDLE + timedelta(seconds=1)):
        assert open_sessions(session, identity, first) == []


def test_one_session_is_ended_and_its_token_opens_nothing_any_more(session: Session) -> None:
    identity, first = account(session, name="pilgrim")
    _, second = services.sign_in(session, "pilgrim", PASSWORD)
    other = next(one for one in open_sessions(session, identity, first) if not one.is_this)
    sessions.end_session(session, identity, other.id)
    assert identity_of_token(session, second) is None
    assert identity_of_token(session, first) == identity
    with pytest.raises(SessionNotFound):
        sessions.end_session(session, identity, other.id)


def test_nobody_ends_the_session_of_another(session: Session) -> None:
    identity, _ = account(session)
    stranger, token = account(session)
    [theirs] = open_sessions(session, stranger)
    with pytest.raises(SessionNotFound):
        sessions.end_session(session, identity, theirs.id)
    assert identity_of_token(session, token) == stranger


def test_ending_the_others_keeps_this_one_and_ends_apps_too(session: Session) -> None:
    identity, first = account(session, name="pilgrim")
    _, second = services.sign_in(session, "pilgrim", PASSWORD)
    refresh = services.begin_refresh(session, identity.sign_in_id)
    sessions.end_other_sessions(session, identity, first)
    assert identity_of_token(session, first) == identity
    assert identity_of_token(session, second) is None
    with pytest.raises(TokenRefused):
        services.rotate_refresh(session, refresh)


def test_a_new_password_ends_the_others_and_the_old_password(session: Session) -> None:
    identity, first = account(session, name="pilgrim")
    _, second = services.sign_in(session, "pilgrim", PASSWORD)
    sessions.change_password(session, identity, PASSWORD, "another long password", first)
    assert identity_of_token(session, first) == identity
    assert identity_of_token(session, second) is None
    assert notices_of(session, identity.sign_in_id)[0].kind == "password_changed"
    with pytest.raises(SignInRefused):
        services.sign_in(session, "pilgrim", PASSWORD)
    services.sign_in(session, "pilgrim", "another long password")
    assert "another long" not in " ".join(str(vars(entry)) for entry in session.scalars(select(AuditEntry)))


def test_what_is_wrong_with_a_new_password_is_told_and_tries_are_counted(session: Session) -> None:
    identity, token = account(session, name="pilgrim")
    with pytest.raises(PasswordTooShort) as short:
        sessions.change_password(session, identity, PASSWORD, "short", token)
    assert short.value.facts == {"field": "new_password", "least": 10}
    with pytest.raises(SamePassword):
        sessions.change_password(session, identity, PASSWORD, PASSWORD, token)
    for _ in range(5):
        with pytest.raises(SignInRefused):
            sessions.change_password(session, identity, "a guessed password", "another long password", token)
    with pytest.raises(TooManySignInTries):
        sessions.change_password(session, identity, PASSWORD, "another long password", token)


def test_an_operator_ends_all_sessions_of_a_person_with_a_reason(session: Session) -> None:
    operator, _ = account(session, Role.OPERATOR)
    identity, token = account(session)
    with pytest.raises(BadInput):
        sessions.end_sessions_of(session, operator, identity.sign_in_id, " " * 201)
    with pytest.raises(NotFound):
        sessions.end_sessions_of(session, operator, 999_999, "why")
    sessions.end_sessions_of(session, operator, identity.sign_in_id, "stolen telephone")
    assert identity_of_token(session, token) is None
    assert notices_of(session, identity.sign_in_id)[0].kind == "sessions_ended"


def test_what_ended_a_month_ago_leaves_and_what_lives_stays(session: Session) -> None:
    identity, ended = account(session, name="pilgrim")
    services.sign_out(session, ended)
    old = services.begin_refresh(session, identity.sign_in_id)
    services.rotate_refresh(session, old)
    services.end_refresh(session, old)
    session.add(HalfSignIn(token_hash=b"x", sign_in_id=identity.sign_in_id, usable_until=clock.now()))
    with clock.frozen(clock.now() + sessions.KEPT_AFTER_END + timedelta(days=1)):
        _, living = services.sign_in(session, "pilgrim", PASSWORD)
        renewed = services.begin_refresh(session, identity.sign_in_id)
        sessions.forget_ended(session)
        assert identity_of_token(session, living) == identity
        services.rotate_refresh(session, renewed)
    counts = [session.scalar(select(func.count()).select_from(table)) for table in (WebSession, RefreshToken, HalfSignIn)]
    assert counts == [1, 2, 0]
