from datetime import timedelta

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity import services
from identity.errors import (
    DocumentTaken,
    SignInNameTaken,
    SignInRefused,
    TokenRefused,
    TooManySignInTries,
    WrongNationalId,
)
from identity.models import RefreshToken, SignIn, SignInFailure, WebSession
from identity.permissions import Role
from identity.queries import PILGRIM_IDLE, STAFF_IDLE, identity_of_token
from kernel import clock
from kernel.audit import AuditEntry
from kernel.errors import BadInput
from tests.factories import ACTOR, PASSWORD, account, organisation, person

NATIONAL_ID = "0013542419"


def test_a_person_is_on_record_with_documents_once(session: Session) -> None:
    names = {"fa": "زائر"}
    services.enrol_person(session, ACTOR, names, "fa", national_id="۰۰۱۳۵۴۲۴۱۹", mobile="09151234567")
    with pytest.raises(DocumentTaken):
        services.enrol_person(session, ACTOR, names, "fa", national_id=NATIONAL_ID)
    services.enrol_person(session, ACTOR, names, "fa", passport=("IRQ", "a123456"))
    services.enrol_person(session, ACTOR, names, "fa", passport=("PAK", "A123456"))
    with pytest.raises(DocumentTaken):
        services.enrol_person(session, ACTOR, names, "fa", passport=("IRQ", "A123456"))


@pytest.mark.parametrize(
    ("names", "language", "refusal"),
    [
        ({}, "fa", BadInput),
        ({"fa": " "}, "fa", BadInput),
        ({"xx": "n"}, "fa", BadInput),
        ({"fa": "n"}, "xx", BadInput),
    ],
)
def test_a_person_needs_a_name_in_a_known_language(session: Session, names: dict[str, str], language: str, refusal: type) -> None:
    with pytest.raises(refusal):
        services.enrol_person(session, ACTOR, names, language)


def test_passwords_are_hashed_at_the_cost_of_rfc_9106(own_hasher: PasswordHasher) -> None:
    kept = own_hasher.hash(PASSWORD)
    assert extract_parameters(kept) == RFC_9106_LOW_MEMORY
    assert own_hasher.verify(kept, PASSWORD)


def test_a_wrong_document_is_refused_and_a_country_is_three_capitals(session: Session) -> None:
    with pytest.raises(WrongNationalId):
        services.enrol_person(session, ACTOR, {"fa": "زائر"}, "fa", national_id="1111111111")
    with pytest.raises(BadInput):
        services.enrol_person(session, ACTOR, {"fa": "زائر"}, "fa", passport=("irq", "A123456"))


def test_only_pilgrims_hold_a_role_in_no_organisation(session: Session) -> None:
    holder = person(session)
    with pytest.raises(BadInput):
        services.add_member(session, ACTOR, holder.id, Role.OPERATOR)
    with pytest.raises(BadInput):
        services.add_member(session, ACTOR, holder.id, Role.PILGRIM, organisation(session).id)


def test_signing_in_gives_identity_and_a_token_that_is_not_stored(session: Session) -> None:
    identity, token = account(session, Role.MERCHANT, name="Shop Keeper")
    assert identity.roles == {Role.MERCHANT}
    assert identity_of_token(session, token) == identity
    assert session.scalar(select(WebSession.token_hash)) != token.encode()
    again, _ = services.sign_in(session, "shop  KEEPER", PASSWORD)
    assert again == identity


def test_an_account_name_is_taken_however_it_is_typed(session: Session) -> None:
    account(session, name="کاربر۱")
    with pytest.raises(SignInNameTaken):
        services.open_sign_in(session, ACTOR, person(session).id, "كاربر1", PASSWORD, "fa")


def test_a_refusal_says_nothing_of_which_half_was_wrong_and_the_name_typed_is_kept_nowhere(
    session: Session,
) -> None:
    account(session, name="known-name")
    refusals = []
    for name in ("known-name", "my secret password"):
        with pytest.raises(SignInRefused) as refusal:
            services.sign_in(session, name, "wrong password")
        refusals.append((refusal.value.code, refusal.value.facts))
    assert refusals[0] == refusals[1]
    entries = session.scalars(select(AuditEntry).where(AuditEntry.act == "sign_in_refused").order_by(AuditEntry.id)).all()
    assert [entry.subject_id for entry in entries] == [str(session.scalar(select(SignIn.id))), "unknown"]
    assert "my secret" not in " ".join(str(vars(entry)) for entry in entries)
    assert all(b"secret" not in digest for digest in session.scalars(select(SignInFailure.name_digest)))


@pytest.mark.parametrize("is_known", [True, False])
def test_the_sixth_try_within_five_minutes_is_not_looked_at(session: Session, is_known: bool) -> None:
    account(session, name="known-name")
    name, start = "known-name" if is_known else "unknown-name", clock.now()
    for second in range(5):
        with clock.frozen(start + timedelta(seconds=second)), pytest.raises(SignInRefused):
            services.sign_in(session, name, "wrong password")
    with clock.frozen(start + timedelta(seconds=60)), pytest.raises(TooManySignInTries) as refusal:
        services.sign_in(session, name, PASSWORD)
    assert refusal.value.facts == {"wait_seconds": 241}
    with clock.frozen(start + timedelta(seconds=301)):
        if is_known:
            assert services.sign_in(session, name, PASSWORD)[0].roles == {Role.PILGRIM}
            of_all = services.tries_digest(name)
            assert session.scalar(select(func.count()).where(SignInFailure.name_digest != of_all)) == 0
        else:
            with pytest.raises(SignInRefused):
                services.sign_in(session, name, PASSWORD)


def test_a_stranger_who_knows_a_name_keeps_nobody_else_out(session: Session) -> None:
    account(session, name="known-name")
    for _ in range(5):
        with pytest.raises(SignInRefused):
            services.sign_in(session, "known-name", "wrong password", address="192.0.2.7")
    with pytest.raises(TooManySignInTries):
        services.sign_in(session, "known-name", PASSWORD, address="192.0.2.7")
    assert services.sign_in(session, "known-name", PASSWORD, address="192.0.2.8")[0].roles == {Role.PILGRIM}
    with pytest.raises(TooManySignInTries):
        services.sign_in(session, "known-name", PASSWORD, address="192.0.2.7")


def test_strangers_from_everywhere_are_counted_together(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    account(session, name="known-name")
    monkeypatch.setattr(services, "TRIES_OF_ALL", 3)
    for last in range(3):
        with pytest.raises(SignInRefused):
            services.sign_in(session, "known-name", "wrong password", address=f"192.0.2.{last}")
    with pytest.raises(TooManySignInTries):
        services.sign_in(session, "known-name", PASSWORD, address="192.0.2.9")


def test_a_web_session_ends_by_signing_out_by_revocation_and_with_the_account(session: Session) -> None:
    identity, token = account(session)
    services.sign_out(session, token)
    assert identity_of_token(session, token) is None
    name = session.scalar(select(SignIn.name))
    _, second = services.sign_in(session, name, PASSWORD)
    services.revoke_everything(session, ACTOR, identity.sign_in_id, "lost telephone")
    assert identity_of_token(session, second) is None
    _, third = services.sign_in(session, name, PASSWORD)
    session.scalars(select(SignIn)).one().closed_at = clock.now()
    session.flush()
    assert identity_of_token(session, third) is None
    with pytest.raises(SignInRefused):
        services.sign_in(session, name, PASSWORD)


@pytest.mark.parametrize(("role", "idle"), [(Role.OPERATOR, STAFF_IDLE), (Role.PILGRIM, PILGRIM_IDLE)])
def test_a_web_session_lives_as_long_as_it_is_used(session: Session, role: Role, idle: timedelta) -> None:
    identity, token = account(session, role)
    used = clock.now() + idle - timedelta(minutes=1)
    with clock.frozen(used):
        assert services.resume_session(session, token) == identity
    with clock.frozen(used + idle - timedelta(minutes=1)):
        assert identity_of_token(session, token) == identity
    with clock.frozen(used + idle + timedelta(seconds=1)):
        assert services.resume_session(session, token) is None


def test_a_refresh_token_is_used_once_and_its_second_use_ends_the_family(session: Session) -> None:
    identity, _ = account(session)
    first = services.begin_refresh(session, identity.sign_in_id)
    other_family = services.begin_refresh(session, identity.sign_in_id)
    renewed, second = services.rotate_refresh(session, first)
    assert renewed == identity
    with pytest.raises(TokenRefused) as refusal:
        services.rotate_refresh(session, first)
    assert refusal.value.facts == {"reason": "reused"}
    assert refusal.value.is_recorded
    with pytest.raises(TokenRefused):
        services.rotate_refresh(session, second)
    assert services.rotate_refresh(session, other_family)[0] == identity


def test_a_refresh_token_dies_of_age_and_by_being_ended(session: Session) -> None:
    identity, _ = account(session)
    old = services.begin_refresh(session, identity.sign_in_id)
    with clock.frozen(clock.now() + services.REFRESH_LIFE), pytest.raises(TokenRefused):
        services.rotate_refresh(session, old)
    ended = services.begin_refresh(session, identity.sign_in_id)
    services.end_refresh(session, ended)
    services.end_refresh(session, "never given")
    with pytest.raises(TokenRefused):
        services.rotate_refresh(session, ended)
    assert session.scalar(select(func.count()).select_from(RefreshToken).where(RefreshToken.used_at.is_not(None))) == 0
