"""A running bank for a module of tests; each test makes its own terminal and card in it."""

import os
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask
from psycopg import sql

from identity.permissions import Role
from kernel.web.application import SESSION_COOKIE
from tests import factories
from tests.conftest import drop, forget_settings, with_database
from tests.functional.bank import Bank
from tests.functional.till import Till
from tests.functional.till_page import TillPage, number_of
from tests.merchants.till.shop import Shop, in_branch


@pytest.fixture(scope="module")
def own_database(server_url: str, template_database: str) -> Iterator[str]:
    """A fresh, migrated database for a module."""
    name = f"module_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template_database)))
    address = with_database(server_url, name)
    before = os.environ["DATABASE_URL"]
    os.environ["DATABASE_URL"] = address
    forget_settings()
    yield address
    os.environ["DATABASE_URL"] = before
    forget_settings()
    drop(server_url, name)


@pytest.fixture(scope="module")
def bank(own_database: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    running = Bank(own_database, redis_url, tmp_path_factory.mktemp("bank"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def till(bank: Bank) -> Iterator[Till]:
    terminal = bank.till()
    yield terminal
    terminal.close()


@pytest.fixture
def card(bank: Bank) -> dict[str, Any]:
    return bank.card()


@pytest.fixture
def app(bank: Bank, application: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.setenv("PILGRIM_TELLER_SOCKET", str(bank.teller_socket))
    forget_settings()
    application.config["WTF_CSRF_ENABLED"] = False
    yield application
    forget_settings()


@pytest.fixture
def at(bank: Bank) -> Shop:
    with bank.session() as session:
        made = in_branch(session, bank.shop)
        session.commit()
    return made


@pytest.fixture
def sit_down(app: Flask, at: Shop, bank: Bank) -> Callable[..., TillPage]:
    """Somebody of the shop at a browser, in the language of the tests."""

    def seated(role: Role = Role.CASHIER, organisation_id: int | None = None) -> TillPage:
        with bank.session() as session:
            _, token = factories.account(
                session, role, organisation_id=organisation_id or at.merchant.organisation_id, language="en"
            )
            session.commit()
        client = app.test_client()
        client.set_cookie(SESSION_COOKIE, token)
        return TillPage(client)

    return seated


@pytest.fixture
def till_page(sit_down: Callable[..., TillPage], at: Shop) -> TillPage:
    page = sit_down()
    assert page.open(at.till.code).status_code == 303
    return page


@pytest.fixture
def number(bank: Bank, card: dict[str, Any]) -> str:
    return number_of(bank, card)
