"""Real PostgreSQL/PostGIS through the real migrations, real Redis: one migrated template, a database like it for each test.

`./pilgrim test` starts the servers and sets the two addresses below.
"""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
import redis
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from flask import Flask
from hypothesis import HealthCheck, settings
from psycopg import sql
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from tests.databases import Databases, drop

if TYPE_CHECKING:
    from tests.demonstration import Sown

ROOT = Path(__file__).parent.parent
APP_ROLE = "pilgrim_app"

# A busy machine must not fail a property: no deadline, and slowness of an example is no fault of the rule.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first: a mistake shows within seconds."""
    items.sort(
        key=lambda item: sum(
            weight for mark, weight in (("slow", 1), ("durable", 2), ("browser", 4)) if item.get_closest_marker(mark)
        )
    )


@pytest.fixture(scope="session")
def server_url() -> str:
    address = os.environ.get("PILGRIM_TEST_SERVER_URL")
    assert address, "The tests need their database server: run them by ./pilgrim test."
    return address


@pytest.fixture(scope="session")
def redis_url() -> str:
    address = os.environ.get("PILGRIM_TEST_REDIS_URL")
    assert address, "The tests need their Redis: run them by ./pilgrim test."
    return address


@pytest.fixture(autouse=True, scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The settings of a laboratory for whatever a test starts; DATABASE_URL is set by the `database_url` fixture."""
    folder = tmp_path_factory.mktemp("run")
    os.environ.update(
        DATABASE_URL=os.environ.get("PILGRIM_TEST_SERVER_URL", ""),
        REDIS_URL=os.environ.get("PILGRIM_TEST_REDIS_URL", ""),
        PILGRIM_ENVIRONMENT="laboratory",
        PILGRIM_RUN_DIR=str(folder),
        PILGRIM_TELLER_SOCKET=str(folder / "teller.sock"),
        PILGRIM_SECRET_KEY="tests-only-" + "x" * 32,
        PILGRIM_KEYSTORE_FILE=str(folder / "keystore.json"),
        PILGRIM_PAYOUT_DEBTOR_SHEBA="IR979990000000000000000001",
        PILGRIM_PAYOUT_DEBTOR_BIC="PLGRIRTHXXX",
    )


@pytest.fixture(autouse=True, scope="session")
def own_hasher() -> Iterator[PasswordHasher]:
    """Yields the hasher of passwords that the service came with. Tests make a thousand accounts, each at 64 MiB and a
    quarter of a second with it: they get the cheapest that argon2 can do, and one test looks at this one.
    """
    import identity.services

    own = identity.services._hasher
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identity.services, "_hasher", PasswordHasher.from_parameters(CHEAPEST))
        yield own


@pytest.fixture(autouse=True, scope="session")
def lasting_engines() -> Iterator[None]:
    """A database's engine is made once: it keeps compiled statements from one test to the next, and no connection."""
    import kernel.db

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel.db, "make_engine", cache(kernel.db.make_engine))
        yield


@pytest.fixture(scope="session")
def template_database(server_url: str) -> Iterator[str]:
    name = f"template_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        server.execute("SELECT pg_advisory_lock(1)")  # the other lane may be about to make the same role
        if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (APP_ROLE,)).fetchone():
            server.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(APP_ROLE)))
    address = with_database(server_url, name)
    subprocess.run(
        [sys.executable, "-m", "alembic", "-c", "deploy/alembic.ini", "upgrade", "head"],
        cwd=ROOT,
        env=os.environ | {"PILGRIM_ADMIN_DATABASE_URL": address, "DATABASE_URL": address},
        check=True,
        capture_output=True,
    )
    with psycopg.connect(address, autocommit=True) as database:
        # Before midnight in Greenwich it is the next day already in Tehran, and tellers would make its partition in every database.
        database.execute("SELECT ledger.make_partitions(current_date - 12, current_date + 37, 'month')")
    yield name
    drop(server_url, name)


@pytest.fixture(scope="session")
def databases(server_url: str, template_database: str) -> Iterator[Databases]:
    """Databases as the template is, for tests to borrow."""
    lender = Databases(partial(with_database, server_url), template_database)
    yield lender
    lender.drop_all()


@pytest.fixture(scope="session")
def demonstration(server_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Sown"]:
    from tests.demonstration import demonstration

    with demonstration(server_url, template_database, tmp_path_factory.mktemp("keys")) as sown:
        yield sown


@pytest.fixture(scope="session")
def exhibition(demonstration: "Sown") -> Iterator["Sown"]:
    from tests.demonstration import exhibition

    with exhibition(demonstration) as sown:
        yield sown


@pytest.fixture(scope="session")
def made_application() -> Flask:
    """The application, made once: it reads its database, Redis and teller from the settings as it is asked."""
    import wsgi

    return wsgi.create_app()


@pytest.fixture
def application(made_application: Flask) -> Iterator[Flask]:
    """The application with a configuration that a test may change; what it showed of another database is forgotten."""
    from portal.outage_words import look_again

    before = dict(made_application.config)
    look_again()
    yield made_application
    made_application.config.clear()
    made_application.config.update(before)


@pytest.fixture
def database_url(server_url: str, databases: Databases, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The owner's address of a fresh, migrated database; the process settings point to it."""
    name = databases.borrow()
    address = with_database(server_url, name)
    monkeypatch.setenv("DATABASE_URL", address)
    monkeypatch.setenv("PILGRIM_ADMIN_DATABASE_URL", address)
    forget_settings()
    yield address
    forget_settings()
    databases.give_back(name)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A session on a fresh database; nothing of it is committed unless the test does so."""
    from kernel.db import engine

    with Session(engine(), expire_on_commit=False) as opened:
        yield opened


@pytest.fixture
def clean_redis(redis_url: str) -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(redis_url)
    client.flushdb()
    yield client
    client.close()


def with_database(server_url: str, name: str) -> str:
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


def forget_settings() -> None:
    from kernel.db import engine
    from kernel.settings import load_settings

    if engine.cache_info().currsize:
        engine().dispose()
    engine.cache_clear()
    load_settings.cache_clear()
