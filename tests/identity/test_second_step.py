from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from identity import second_step, services
from identity.errors import (
    AuthenticatorInUse,
    AuthenticatorRequired,
    OneTimeCodeRefused,
    SecondStepDue,
    SecondStepOver,
    TooManySignInTries,
)
from identity.models import Authenticator, RecoveryCode
from identity.permissions import Permission, Role
from identity.queries import identity_of_token, notices_of, recovery_codes_left
from kernel import clock
from kernel.audit import AuditEntry
from kernel.errors import BadInput, NotPermitted
from tests.authenticators import code_at, with_authenticator
from tests.factories import PASSWORD, account

STEP = timedelta(seconds=30)


def half_token(session: Session, name: str) -> str:
    with pytest.raises(SecondStepDue) as due:
        services.sign_in(session, name, PASSWORD)
    assert due.value.facts == {}
    return due.value.token


def test_the_password_alone_signs_nobody_in_who_has_an_authenticator(session: Session) -> None:
    identity, token = account(session, Role.OPERATOR, name="operator")
    secret, _ = with_authenticator(session, identity, token)
    half = half_token(session, "operator")
    assert identity_of_token(session, half) is None
    with clock.frozen(clock.now() + STEP):
        entered, opened = second_step.finish_sign_in(session, half, code_at(secret, clock.now()), "firefox/linux")
        assert entered == identity
        assert identity_of_token(session, opened) == identity
        with pytest.raises(SecondStepOver):
            second_step.finish_sign_in(session, half, code_at(secret, clock.now() + STEP), "")


def test_the_code_that_was_taken_is_refused_the_second_time(session: Session) -> None:
    identity, token = account(session, name="pilgrim")
    secret, _ = with_authenticator(session, identity, token)
    half = half_token(session, "pilgrim")
    with pytest.raises(OneTimeCodeRefused) as refusal:
        second_step.finish_sign_in(session, half, code_at(secret, clock.now()), "")
    assert refusal.value.is_recorded


def test_an_unconfirmed_authenticator_changes_nothing_and_may_be_begun_again(session: Session) -> None:
    identity, token = account(session, name="pilgrim")
    first = second_step.begin_authenticator(session, identity)
    services.sign_in(session, "pilgrim", PASSWORD)
    second = second_step.begin_authenticator(session, identity)
    with pytest.raises(OneTimeCodeRefused):
        second_step.confirm_authenticator(session, identity, code_at(first, clock.now()), token)
    codes = second_step.confirm_authenticator(session, identity, code_at(second, clock.now()), token)
    assert len(set(codes)) == second_step.RECOVERY_CODES == recovery_codes_left(session, identity.sign_in_id)
    for again in (
        lambda: second_step.begin_authenticator(session, identity),
        lambda: second_step.confirm_authenticator(session, identity, "000000", token),
    ):
        with pytest.raises(AuthenticatorInUse):
            again()


def test_confirming_ends_sessions_that_were_opened_without_it(session: Session) -> None:
    identity, token = account(session, name="pilgrim")
    _, other = services.sign_in(session, "pilgrim", PASSWORD)
    refresh = services.begin_refresh(session, identity.sign_in_id)
    with_authenticator(session, identity, token)
    assert identity_of_token(session, token) is not None
    assert identity_of_token(session, other) is None
    with pytest.raises(services.TokenRefused):
        services.rotate_refresh(session, refresh)


def test_a_recovery_code_works_once_and_its_holder_is_told(session: Session) -> None:
    identity, token = account(session, name="pilgrim")
    _, codes = with_authenticator(session, identity, token)
    second_step.finish_sign_in(session, half_token(session, "pilgrim"), codes[3].lower().replace("-", " "), "")
    assert recovery_codes_left(session, identity.sign_in_id) == 9
    assert notices_of(session, identity.sign_in_id)[0].kind == "recovery_code_used"
    with pytest.raises(OneTimeCodeRefused):
        second_step.finish_sign_in(session, half_token(session, "pilgrim"), codes[3], "")


def test_somebody_elses_recovery_code_is_none(session: Session) -> None:
    identity, token = account(session, name="pilgrim")
    other, others_token = account(session, name="other")
    with_authenticator(session, identity, token)
    _, codes = with_authenticator(session, other, others_token)
    with pytest.raises(OneTimeCodeRefused):
        second_step.finish_sign_in(session, half_token(session, "pilgrim"), codes[0], "")


def test_new_recovery_codes_end_the_old_ones(session: Session) -> None:
    identity, token = account(session, name="pilgrim")
    secret, old = with_authenticator(session, identity, token)
    with clock.frozen(clock.now() + STEP):
        new = second_step.renew_recovery_codes(session, identity, code_at(secret, clock.now()))
        with pytest.raises(OneTimeCodeRefused):
            second_step.finish_sign_in(session, half_token(session, "pilgrim"), old[0], "")
        second_step.finish_sign_in(session, half_token(session, "pilgrim"), new[0], "")


def test_the_sixth_wrong_code_within_five_minutes_is_not_looked_at(session: Session) -> None:
    identity, token = account(session, name="pilgrim")
    secret, _ = with_authenticator(session, identity, token)
    half, start = half_token(session, "pilgrim"), clock.now()
    for second in range(5):
        with clock.frozen(start + timedelta(seconds=second)), pytest.raises(OneTimeCodeRefused):
            second_step.finish_sign_in(session, half, "000000" if code_at(secret, clock.now()) != "000000" else "000001", "")
    with clock.frozen(start + timedelta(seconds=60)), pytest.raises(TooManySignInTries):
        second_step.finish_sign_in(session, half, code_at(secret, clock.now()), "")
    with clock.frozen(start + timedelta(seconds=301)):
        with pytest.raises(SecondStepOver):
            second_step.finish_sign_in(session, half, code_at(secret, clock.now()), "")
        second_step.finish_sign_in(session, half_token(session, "pilgrim"), code_at(secret, clock.now()), "")


def test_signing_in_again_does_not_forget_wrong_codes(session: Session) -> None:
    """Who knows the password must not get five more codes by typing it again."""
    identity, token = account(session, name="pilgrim")
    with_authenticator(session, identity, token)
    for _ in range(5):
        with pytest.raises(OneTimeCodeRefused):
            second_step.finish_sign_in(session, half_token(session, "pilgrim"), "not a code", "")
    with pytest.raises(TooManySignInTries):
        second_step.finish_sign_in(session, half_token(session, "pilgrim"), "not a code", "")


def test_the_secret_and_the_codes_are_not_readable_at_rest(session: Session) -> None:
    identity, token = account(session, name="pilgrim")
    secret, codes = with_authenticator(session, identity, token)
    sealed = session.scalars(select(Authenticator.secret_sealed)).one()
    assert secret.encode() not in sealed
    digests = session.scalars(select(RecoveryCode.code_digest)).all()
    assert not any(code.replace("-", "").encode() in digest for code in codes for digest in digests)
    lines = " ".join(str(vars(entry)) for entry in session.scalars(select(AuditEntry)))
    assert not any(word in lines for word in (secret, *codes))


def test_an_operator_takes_it_off_with_a_reason_and_the_holder_is_told(session: Session) -> None:
    identity, token = account(session, Role.MERCHANT, name="merchant")
    operator, operators_token = account(session, Role.OPERATOR, name="operator")
    with_authenticator(session, identity, token)
    with pytest.raises(BadInput):
        second_step.reset_authenticator(session, operator, identity.sign_in_id, "")
    second_step.reset_authenticator(session, operator, identity.sign_in_id, "lost telephone, seen in person")
    assert identity_of_token(session, token) is None
    services.sign_in(session, "merchant", PASSWORD)
    assert notices_of(session, identity.sign_in_id)[0].kind == "authenticator_reset"
    entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "authenticator_reset")).one()
    assert (entry.account_id, entry.why) == (operator.sign_in_id, "lost telephone, seen in person")
    with_authenticator(session, operator, operators_token)
    with pytest.raises(NotPermitted):
        second_step.reset_authenticator(session, operator, operator.sign_in_id, "mine")


@pytest.fixture
def required(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILGRIM_SECOND_STEP_REQUIRED", "true")
    from kernel.settings import load_settings

    load_settings.cache_clear()


@pytest.mark.parametrize("role", [Role.MERCHANT, Role.MUNICIPALITY, Role.OPERATOR, Role.UNION])
def test_a_role_that_moves_money_or_decides_is_withheld_until_there_is_an_authenticator(
    session: Session, required: None, role: Role
) -> None:
    identity, token = account(session, role)
    assert (identity.roles, identity.lacks_second_step) == (frozenset(), True)
    assert not any(identity.can(permission) for permission in Permission)
    with_authenticator(session, identity, token)
    grown = identity_of_token(session, token)
    assert grown is not None
    assert (grown.roles, grown.lacks_second_step) == ({role}, False)
    with pytest.raises(AuthenticatorRequired):
        second_step.remove_authenticator(session, grown, "000000")


@pytest.mark.parametrize("role", [Role.PILGRIM, Role.CASHIER, Role.CITY_MANAGER, Role.APPLICANT])
def test_other_roles_need_none(session: Session, required: None, role: Role) -> None:
    identity, _ = account(session, role)
    assert (identity.roles, identity.lacks_second_step) == ({role}, False)


def test_where_it_is_not_required_it_can_be_taken_off_by_a_last_code(session: Session) -> None:
    identity, token = account(session, Role.OPERATOR, name="operator")
    _, codes = with_authenticator(session, identity, token)
    with pytest.raises(OneTimeCodeRefused):
        second_step.remove_authenticator(session, identity, "")
    second_step.remove_authenticator(session, identity, codes[0])
    services.sign_in(session, "operator", PASSWORD)
    assert session.scalar(select(func.count()).select_from(text("recovery_code"))) == 0


def test_an_app_proves_both_halves_at_once(session: Session) -> None:
    identity, token = account(session, name="pilgrim")
    assert second_step.prove_fully(session, "pilgrim", PASSWORD, "", "") == identity
    secret, _ = with_authenticator(session, identity, token)
    with pytest.raises(SecondStepDue) as due:
        second_step.prove_fully(session, "pilgrim", PASSWORD, "", "")
    assert due.value.token == ""
    with clock.frozen(clock.now() + STEP):
        assert second_step.prove_fully(session, "pilgrim", PASSWORD, code_at(secret, clock.now()), "") == identity


def test_a_half_sign_in_ends_with_everything_else(session: Session) -> None:
    identity, token = account(session, name="pilgrim")
    secret, _ = with_authenticator(session, identity, token)
    half = half_token(session, "pilgrim")
    services.revoke_everything(session, identity.actor, identity.sign_in_id, "fear")
    with clock.frozen(clock.now() + STEP), pytest.raises(SecondStepOver):
        second_step.finish_sign_in(session, half, code_at(secret, clock.now()), "")
