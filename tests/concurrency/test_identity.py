"""Scarce things of identity: the race is shown without the lock, then not with it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from identity import services
from identity.errors import SignInRefused, TokenRefused, TooManySignInTries
from identity.models import SignInFailure
from kernel.db import unit_of_work
from tests.factories import account

MEETING_SECONDS = 1.0


def meet_before(monkeypatch: pytest.MonkeyPatch, name: str, parties: int) -> None:
    """Hold each caller of a function of `services` until all have come, or for a while where a lock keeps the others away."""
    barrier, real = Barrier(parties), getattr(services, name)

    def met(*arguments: Any) -> Any:
        with suppress(BrokenBarrierError):
            barrier.wait(MEETING_SECONDS)
        return real(*arguments)

    monkeypatch.setattr(services, name, met)


def together(work: Callable[[], str], parties: int) -> list[str]:
    with ThreadPoolExecutor(parties) as pool:
        return sorted(job.result() for job in [pool.submit(work) for _ in range(parties)])


def refresh(token: str) -> str:
    try:
        with unit_of_work() as session:
            services.rotate_refresh(session, token)
    except TokenRefused as refusal:
        return str(refusal.facts["reason"])
    return "renewed"


@pytest.mark.parametrize(
    ("is_locked", "outcomes"), [(False, ["renewed", "renewed"]), (True, ["renewed", "reused"])]
)
def test_a_refresh_token_used_twice_at_once_renews_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, outcomes: list[str]
) -> None:
    identity, _ = account(session)
    token = services.begin_refresh(session, identity.sign_in_id)
    session.connection().commit()
    if not is_locked:
        monkeypatch.setattr(Select, "with_for_update", lambda statement: statement)
    meet_before(monkeypatch, "identity_of_sign_in", 2)
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
        meet_before(monkeypatch, "_password_fits", 8)
    assert together(try_sign_in, 8).count("refused") == looked_at
    assert session.scalar(select(func.count()).select_from(SignInFailure)) == looked_at
