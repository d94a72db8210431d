"""A running bank for a module of tests; each test makes its own terminal and card in it."""

import os
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.conftest import drop, forget_settings, with_database
from tests.functional.bank import Bank
from tests.functional.till import Till


@pytest.fixture(scope="module")
def own_database(server_url: str, template_database: str) -> Iterator[str]:
    """A fresh, migrated database for a module."""
    name = f"module_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template_database)
            )
        )
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
