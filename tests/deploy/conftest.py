from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from cardbank.keystore.services import create_laboratory_file
from deploy.commands.__main__ import main
from kernel.settings import load_settings
from tests.conftest import drop, forget_settings, with_database


@pytest.fixture
def keys(database_url: str) -> None:
    create_laboratory_file(load_settings())


@pytest.fixture(scope="session")
def seeded_template(server_url: str, template_database: str) -> Iterator[str]:
    """A database with the demonstration in it, made once."""
    name = f"seeded_{template_database}"
    clone(server_url, template_database, name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", with_database(server_url, name))
        forget_settings()
        create_laboratory_file(load_settings())
        assert main(["seed"]) == 0
        forget_settings()
    yield name
    drop(server_url, name)


@pytest.fixture
def seeded(server_url: str, seeded_template: str, database_url: str) -> None:
    """The test's own database, replaced by a copy of the seeded one."""
    forget_settings()
    name = database_url.rpartition("/")[2].partition("?")[0]
    drop(server_url, name)
    clone(server_url, seeded_template, name)


def clone(server_url: str, template: str, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
