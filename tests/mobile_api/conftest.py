"""The API as the composition root puts it together, and holders who are signed in to it."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from identity.permissions import Identity, Role
from kernel import clock
from kernel.db import engine
from mobile_api.bearer import access_tokens
from tests.conftest import forget_settings
from tests.factories import account, keystore
from tests.functional.conftest import own_database  # noqa: F401 - a fixture


@pytest.fixture(scope="module")
def api(own_database: str, made_application: Flask) -> Iterator[Flask]:  # noqa: F811 - the fixture
    """One database for a module; nobody is held back for asking often."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PILGRIM_API_REQUESTS_PER_MINUTE", "100000")
        forget_settings()
        keystore()
        yield made_application
    forget_settings()


class Caller:
    """A person with a token, who speaks JSON and makes a new key for every write."""

    def __init__(self, client: FlaskClient, identity: Identity) -> None:
        self.client, self.identity = client, identity
        self.headers = {"Authorization": f"Bearer {access_tokens().mint(identity.sign_in_id, clock.now())}"}

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(
            f"/api/v1{path}", headers=self.headers | {name.replace("_", "-"): text for name, text in headers.items()}
        )

    def write(self, method: str, path: str, body: object = None, key: str | None = None) -> TestResponse:
        headers = self.headers | {"Idempotency-Key": key or str(uuid4())}
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=headers)


@pytest.fixture
def bank_session(api: Flask) -> Iterator[Session]:
    with Session(engine(), expire_on_commit=False) as opened:
        yield opened


@pytest.fixture
def caller(api: Flask, bank_session: Session) -> Callable[..., Caller]:
    def made(role: Role = Role.PILGRIM, language: str = "fa") -> Caller:
        identity, _ = account(bank_session, role, language=language)
        bank_session.commit()
        return Caller(api.test_client(), identity)

    return made
