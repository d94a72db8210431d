"""Pages over a fresh database, and counters of the statements they send to it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel.db import engine
from kernel.web.application import SESSION_COOKIE
from merchants.models import Merchant
from portal import outage_words
from portal.routes import live
from tests.factories import account
from tests.merchants.onboarding import files
from tests.portal.refusals import watched


@pytest.fixture
def app(database_url: str, application: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.setattr(live, "_totals", live.Totals())
    application.config["WTF_CSRF_ENABLED"] = False
    with watched(application) as left:
        yield application
    assert left == [], "a page that says no leaves nothing behind"


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """Somebody who has not signed in and reads English."""
    client = app.test_client()
    client.set_cookie("language", "en")
    return client


@pytest.fixture
def sign_in(app: Flask, session: Session) -> Callable[..., tuple[FlaskClient, Identity]]:
    """Make an account of a role and a browser that carries its session."""

    def signed_in(role: Role, organisation_id: int | None = None) -> tuple[FlaskClient, Identity]:
        identity, token = account(session, role, organisation_id=organisation_id, language="en")
        session.commit()
        client = app.test_client()
        client.set_cookie(SESSION_COOKIE, token)
        return client, identity

    return signed_in


@pytest.fixture
def town(session: Session) -> files.Town:
    return files.town(session)


@pytest.fixture
def shop(session: Session, town: files.Town, tmp_path: Path) -> Merchant:
    """One that both offices have let in."""
    file, _ = files.active(session, town, tmp_path)
    session.commit()
    return session.get_one(Merchant, file.merchant_id)


@contextmanager
def statements_sent() -> Iterator[list[str]]:
    """The statements that a page asks for; the outages, which a process reads every ten seconds, are no page's."""
    outage_words._seen.setdefault(engine(), (time.monotonic(), []))
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        sent.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine(), "before_cursor_execute", note)
