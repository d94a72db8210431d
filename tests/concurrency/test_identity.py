"""Scarce things of identity: the race is shown without the lock, then not with it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from identity import enrolment, memberships, second_step, services, sessions
from identity.errors import (
    DocumentTaken,
    LastOwner,
    OneTimeCodeRefused,
    PersonKnown,
    SecondStepDue,
    SignInRefused,
    TokenRefused,
    TooManyInvitations,
    TooManySignInTries,
)
from identity.models import Organisation, RefreshToken, SignInFailure, WebSession
from identity.permissions import Identity, Role
from identity.queries import members_page
from kernel import clock
from kernel.db import unit_of_work
from tests.authenticators import code_at, with_authenticator
from tests.factories import ACTOR, PASSWORD, account, organisation
from tests.meeting import meet, meet_before

HELD_SECONDS = 6.0


def together(work: Callable[[], str], parties: int) -> list[str]:
    with ThreadPoolExecutor(parties) as pool:
        return sorted(job.result() for job in [pool.submit(work) for _ in range(parties)])


def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Select, "with_for_update", lambda statement, **_: statement)


def refresh(token: str) -> str:
    try:
        with unit_of_work() as session:
            services.rotate_refresh(session, token)
    except TokenRefused as refusal:
        return str(refusal.facts["reason"])
    return "renewed"


@pytest.mark.parametrize(("is_locked", "outcomes"), [(False, ["renewed", "renewed"]), (True, ["renewed", "reused"])])
def test_a_refresh_token_used_twice_at_once_renews_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, outcomes: list[str]
) -> None:
    identity, _ = account(session)
    token = services.begin_refresh(session, identity.sign_in_id)
    session.connection().commit()
    if not is_locked:
        unlocked(monkeypatch)
    meet_before(monkeypatch, services, "identity_of_sign_in")
    assert together(lambda: refresh(token), 2) == outcomes


def try_sign_in() -> str:
    try:
        with unit_of_work() as session:
            try:
                services.sign_in(session, "nobody", "wrong password")
            except SignInRefused:
                return "refused"
    except TooManySignInTries:
        return "not looked at"
    return "signed in"


@pytest.mark.parametrize(("is_locked", "looked_at"), [(False, 8), (True, 5)])
def test_many_tries_at_once_are_counted_as_if_one_after_the_other(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, looked_at: int
) -> None:
    services._no_password()
    if not is_locked:
        monkeypatch.setattr(services, "text", lambda _: select(func.now()).where(False))
        meet_before(monkeypatch, services, "secret_fits", 8)
    assert together(try_sign_in, 8).count("refused") == looked_at
    counted = SignInFailure.name_digest == services.tries_digest("nobody")
    assert session.scalar(select(func.count()).where(counted)) == looked_at


def give_code(half: str, code: str) -> str:
    with unit_of_work() as session:
        try:
            second_step.finish_sign_in(session, half, code, "")
        except OneTimeCodeRefused:
            return "refused"
    return "signed in"


@pytest.mark.parametrize(("is_locked", "outcomes"), [(False, ["signed in", "signed in"]), (True, ["refused", "signed in"])])
def test_one_code_given_twice_at_once_signs_in_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, outcomes: list[str]
) -> None:
    identity, token = account(session, name="pilgrim")
    secret, _ = with_authenticator(session, identity, token)
    halves = []
    for _ in range(2):
        with pytest.raises(SecondStepDue) as due:
            services.sign_in(session, "pilgrim", PASSWORD)
        halves.append(due.value.token)
    session.connection().commit()
    if not is_locked:
        unlocked(monkeypatch)
    meet_before(monkeypatch, second_step, "check_tries")
    with clock.frozen(clock.now() + timedelta(seconds=30)):
        code = code_at(secret, clock.now())
        assert together(lambda: give_code(halves.pop(), code), 2) == outcomes


def held_after(monkeypatch: pytest.MonkeyPatch, name: str) -> tuple[Event, Event]:
    """Let a function of `services` do its work and then wait, uncommitted: (it has come so far, let it go on).

    It goes on by itself after a while, which is what frees those whom a lock keeps waiting for it.
    """
    come, go, real = Event(), Event(), getattr(services, name)

    def slow(*arguments: Any) -> Any:
        done = real(*arguments)
        come.set()
        go.wait(HELD_SECONDS)
        return done

    monkeypatch.setattr(services, name, slow)
    return come, go


@pytest.mark.parametrize(("is_locked", "alive"), [(False, 1), (True, 0)])
def test_a_renewal_under_way_does_not_outlive_the_end_of_everything(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, alive: int
) -> None:
    identity, _ = account(session)
    token = services.begin_refresh(session, identity.sign_in_id)
    session.connection().commit()
    if not is_locked:
        unlocked(monkeypatch)
    come, _go = held_after(monkeypatch, "_new_refresh")
    with ThreadPoolExecutor(1) as pool:
        renewal = pool.submit(refresh, token)
        assert come.wait(30)
        with unit_of_work() as other:
            services.revoke_everything(other, ACTOR, identity.sign_in_id, "lost telephone")
        assert renewal.result() == "renewed"
    living = RefreshToken.revoked_at.is_(None) & RefreshToken.used_at.is_(None)
    assert session.scalar(select(func.count()).select_from(RefreshToken).where(living)) == alive


@pytest.mark.parametrize(("is_locked", "alive"), [(False, 2), (True, 1)])
def test_a_sign_in_under_way_with_the_old_password_does_not_outlive_the_change(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, alive: int
) -> None:
    identity, token = account(session, name="pilgrim")
    session.connection().commit()

    def sign_in() -> None:
        with unit_of_work() as other:
            services.sign_in(other, "pilgrim", PASSWORD)

    if not is_locked:
        monkeypatch.setattr(services, "text", lambda _: select(func.now()).where(False))
    come, go = held_after(monkeypatch, "prove")
    with ThreadPoolExecutor(1) as pool:
        entering = pool.submit(sign_in)
        assert come.wait(30)
        with unit_of_work() as other:
            sessions.change_password(other, identity, PASSWORD, "another long password", token)
        go.set()
        entering.result()
    living = select(func.count()).select_from(WebSession).where(WebSession.revoked_at.is_(None))
    assert session.scalar(living) == alive


def remove(by: Identity, place: int, membership_id: int) -> str:
    try:
        with unit_of_work() as session:
            memberships.remove_member(session, by, place, membership_id)
    except LastOwner:
        return "kept"
    return "removed"


@pytest.mark.parametrize(("is_locked", "outcomes"), [(False, ["removed", "removed"]), (True, ["kept", "removed"])])
def test_two_owners_who_remove_each_other_at_once_leave_one(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, outcomes: list[str]
) -> None:
    place = organisation(session).id
    owners = [account(session, Role.MERCHANT, organisation_id=place)[0] for _ in range(2)]
    ids = [member.membership_id for member in members_page(session, place, None)]
    session.connection().commit()
    if not is_locked:
        unlocked(monkeypatch)
    meet(monkeypatch, memberships, "_has_another_owner")
    jobs = list(zip(owners, reversed(ids), strict=True))
    assert together(lambda: remove(*((job := jobs.pop())[0], place, job[1])), 2) == outcomes


def enrol(document: dict[str, str]) -> str:
    try:
        with unit_of_work() as session:
            enrolment.enrol_pilgrim(session, ACTOR, document, "fa", is_another=False)
    except (DocumentTaken, PersonKnown) as refusal:
        return refusal.code
    except IntegrityError:
        return "failed"
    return "enrolled"


@pytest.mark.parametrize(
    ("is_locked", "kind", "outcomes"),
    [
        (False, "document", ["enrolled", "failed"]), (True, "document", ["document_taken", "enrolled"]),
        (False, "mobile", ["enrolled", "enrolled"]), (True, "mobile", ["enrolled", "person_known"]),
    ],
)  # fmt: skip
def test_two_desks_that_enrol_one_person_at_once_do_so_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, kind: str, outcomes: list[str]
) -> None:
    session.connection().commit()
    if not is_locked:
        monkeypatch.setattr(enrolment, "keep_others_away", lambda *_: None)
    meet_before(monkeypatch, enrolment, "enrol_person")
    numbers = ["0013542419"] * 2 if kind == "document" else ["12345678901", "12345678902"]
    form = {
        "called": "زائر",
        "kind": "national_id" if kind == "document" else "foreign_code",
        "mobile": "09151234567" * (kind == "mobile"),
    }
    assert together(lambda: enrol(form | {"number": numbers.pop()}), 2) == outcomes


@pytest.mark.parametrize("is_locked", [False, True])
def test_the_last_invitation_of_a_day_is_sent_once(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool) -> None:
    place = organisation(session, "merchant").id
    owner, _ = account(session, Role.MERCHANT, organisation_id=place)
    session.commit()
    monkeypatch.setattr(memberships, "MOST_A_DAY", 1)
    if not is_locked:
        monkeypatch.setattr(memberships, "_lock", lambda session, wanted: session.get(Organisation, wanted))
    meet_before(monkeypatch, memberships, "invitation_link")

    def invited() -> str:
        try:
            with unit_of_work() as own:
                memberships.invite_member(
                    own, owner, place, "cashier", name="همکار", contact="09151234567", branch_id=None, branches=()
                )
        except TooManyInvitations:
            return "refused"
        return "sent"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(job.result() for job in [pool.submit(invited) for _ in range(2)])
    assert outcomes == (["refused", "sent"] if is_locked else ["sent", "sent"])
