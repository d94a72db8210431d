"""A borrowed database is as the template is, whatever the test before left in it."""

from collections.abc import Callable, Iterator
from functools import partial

import psycopg
import pytest

from tests.conftest import with_database
from tests.databases import MOST_ROWS_TO_REMOVE, Contents, Databases, clone, drop

ORGANISATION = "INSERT INTO organisation (kind, names) VALUES ('merchant', '{}') RETURNING id"


@pytest.fixture
def lender(server_url: str, template_database: str) -> Iterator[Databases]:
    made = Databases(partial(with_database, server_url), template_database)
    yield made
    made.drop_all()


@pytest.fixture
def after(lender: Databases) -> Callable[..., tuple[str, str]]:
    """Run statements in a borrowed database, give it back and borrow again: the names of both."""

    def used(*statements: str) -> tuple[str, str]:
        name = lender.borrow()
        with psycopg.connect(lender.address_of(name), autocommit=True) as database:
            for statement in statements:
                database.execute(statement)
        lender.give_back(name)
        return name, lender.borrow()

    return used


@pytest.mark.parametrize(
    "statements",
    [
        (ORGANISATION,),
        (ORGANISATION, "DELETE FROM organisation"),
        ("UPDATE ledger.account_kind SET name = name || 'x'",),
        ("BEGIN", "UPDATE ledger.account_kind SET name = name || 'x'", "UPDATE ledger.account_kind SET name = rtrim(name, 'x')", "COMMIT"),
        ("SET session_replication_role = replica", "DELETE FROM ledger.account_kind"),
        ("BEGIN", ORGANISATION, "ROLLBACK"),
        ("SELECT 1",),
    ],
    ids=["added", "added and removed", "changed", "changed and changed back", "removed", "rolled back", "read"],
)  # fmt: skip
def test_what_a_test_wrote_is_gone(lender: Databases, after: Callable[..., tuple[str, str]], statements: tuple[str, ...]) -> None:
    before, now = after(*statements)
    assert now == before
    with psycopg.connect(lender.address_of(now)) as database:
        found = Contents.of(database)
        number = database.execute(ORGANISATION).fetchone()
    assert (found.rows, found.sequences) == (lender.contents.rows, lender.contents.sequences)
    assert number == (1,)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE left_over ()",
        "DROP INDEX ix_person_mobile",
        "ALTER TABLE organisation DISABLE TRIGGER ALL",
        "CREATE FUNCTION left_over() RETURNS int LANGUAGE sql RETURN 1",
        "REVOKE SELECT ON organisation FROM pilgrim_app",
        "TRUNCATE ledger.account_kind CASCADE",
        f"INSERT INTO organisation (kind, names) SELECT 'merchant', '{{}}' FROM generate_series(0, {MOST_ROWS_TO_REMOVE})",
    ],
)
def test_a_database_that_a_test_rebuilt_or_filled_is_not_lent_again(after: Callable[..., tuple[str, str]], statement: str) -> None:
    before, now = after(statement)
    assert now != before


def test_a_session_that_a_test_left_open_is_ended(lender: Databases) -> None:
    name = lender.borrow()
    with psycopg.connect(lender.address_of(name)) as left:
        left.execute("LOCK TABLE organisation")
        lender.give_back(name)
        with pytest.raises(psycopg.OperationalError):
            left.execute("SELECT 1")
    assert lender.borrow() == name


def test_a_database_in_another_ones_place_is_not_lent_again(lender: Databases, server_url: str) -> None:
    """What was written into the one it was copied from is no write of its own."""
    name = lender.borrow()
    drop(server_url, name)
    clone(server_url, lender.template, name)
    lender.give_back(name)
    assert lender.borrow() != name


def test_a_database_that_a_test_dropped_is_not_lent_again(lender: Databases, server_url: str) -> None:
    name = lender.borrow()
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    lender.give_back(name)
    assert lender.borrow() != name
