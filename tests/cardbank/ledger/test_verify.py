"""`verify` holds after real postings, and finds each deliberate alteration of what was posted."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from cardbank.ledger.upkeep import export_seals
from cardbank.ledger.verify import Check, verify
from cardbank.ledger.verify_seals import exported_faults
from kernel.db import make_engine
from tests.cardbank.ledger.postgres import PostgresLedger, in_transaction, new_city

TAP = ("tap", 0, 0, [40, 60], 0, 1, False, 3, 0)
FIRST = [
    ("top_up", 0, 1000, False),
    ("top_up", 1, 500, True),
    ("earn", 0, 0, 200, 2),
    TAP,
    ("tap", 0, 1, [90], 3, 50, False, 1, 0),
    ("tap", 1, 1, [700], 0, 1, False, 0, 0),  # declined
    ("earn", 2, 1, 50, 0),
    ("sweep", 2),
]
SECOND = [
    ("reverse", 4, 0),
    ("refund", 3, 30, False),
    ("refund", 3, 100, True),
    ("hold", 1, 0, [20], 0, 1, False, 0, 0),
    ("reverse", -1, 0),
    ("send_held", 0),
    ("reverse", 0, 0),
    ("top_up", 0, 600, False),
    ("transfer", 0, 1, 100),
    ("advice", 2, 0, 80, 1),
    TAP,
]


@pytest.fixture(scope="module")
def posted_database(server_url: str, template_database: str) -> Iterator[str]:
    """A database with postings: two seals, then more that are neither rolled up nor sealed."""
    with clone(server_url, template_database, "posted_for_verify") as url:
        engine = make_engine(url)
        with psycopg.connect(url, autocommit=True) as connection:
            city = new_city(PostgresLedger(connection, in_transaction(engine)), datetime.now(UTC))
            for part in (FIRST, SECOND):
                city.run(part)
                connection.execute("SELECT ledger.roll_up(1000)")
                connection.execute("SELECT ledger.seal_day(max(day)) FROM ledger.business_day")
            city.run([TAP, ("top_up", 2, 30, False)])
            city.check()
        engine.dispose()
        yield "posted_for_verify"


@pytest.fixture
def posted(server_url: str, posted_database: str) -> Iterator[psycopg.Connection]:
    """A superuser's connection to a copy of it, with no trigger or foreign key in the way."""
    with (
        clone(server_url, posted_database, "altered_for_verify") as url,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        connection.execute("SET session_replication_role = replica")
        yield connection


def at(server_url: str, name: str) -> str:
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


class clone:  # noqa: N801
    def __init__(self, server_url: str, template: str, name: str) -> None:
        self.server_url, self.template, self.name = server_url, template, name

    def __enter__(self) -> str:
        self._server("DROP DATABASE IF EXISTS {0} WITH (FORCE)")
        self._server("CREATE DATABASE {0} TEMPLATE {1}")
        return at(self.server_url, self.name)

    def __exit__(self, *error: object) -> None:
        self._server("DROP DATABASE IF EXISTS {0} WITH (FORCE)")

    def _server(self, statement: str) -> None:
        with psycopg.connect(self.server_url, autocommit=True) as server:
            server.execute(sql.SQL(statement).format(sql.Identifier(self.name), sql.Identifier(self.template)))


def faults(connection: psycopg.Connection) -> dict[int, str]:
    return {check.number: check.detail for check in verify(connection) if not check.ok}


def test_a_ledger_with_real_postings_holds(posted):
    checks = verify(posted)
    assert [check for check in checks if not check.ok] == []
    assert [check.number for check in checks] == [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 15, 17]
    assert posted.execute("SELECT count(*) FROM ledger.seal").fetchone() == (2,)
    assert posted.execute("SELECT count(*) FROM ledger.post_batch WHERE rolled_at IS NULL").fetchone()[0] > 0
    kinds = {row[0] for row in posted.execute("SELECT DISTINCT kind FROM ledger.entry")}
    assert kinds == {1, 2, 3, 5, 6, 7, 8, 9}
    assert {row[0] for row in posted.execute("SELECT DISTINCT reason FROM ledger.request")} >= {0, 1051, 1914}


def test_an_empty_ledger_holds(server_url, template_database):
    with (
        clone(server_url, template_database, "empty_for_verify") as url,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        assert faults(connection) == {}


ONE_POSTING = "(SELECT business_date, entry_id, leg FROM ledger.posting WHERE {} ORDER BY entry_id, leg LIMIT 1)"
EAGER = ONE_POSTING.format("account_version IS NOT NULL")
LAZY = ONE_POSTING.format("account_version IS NULL")
OF_POSTING = "WHERE (business_date, entry_id, leg) = "
ONE_ENTRY = "WHERE id = (SELECT min(id) FROM ledger.entry WHERE kind = {})"
LOT_SPENT = """WHERE id = (SELECT min(entry_id) FROM ledger.posting p JOIN ledger.account a ON a.id = account_id
               JOIN ledger.entry e ON e.id = entry_id WHERE a.kind = 4 AND p.amount < 0 AND e.kind = 1)"""


@pytest.mark.parametrize(
    ("alteration", "numbers"),
    [
        (f"UPDATE ledger.posting SET amount = amount + 1 {OF_POSTING} {EAGER}", {1, 2, 3, 11, 17}),
        (f"UPDATE ledger.posting SET amount = amount + 1 {OF_POSTING} {LAZY}", {1, 2, 11, 17}),
        (f"UPDATE ledger.posting SET balance_after = balance_after + 1 {OF_POSTING} {EAGER}", {3, 11}),
        (f"UPDATE ledger.posting SET account_version = account_version + 1000 {OF_POSTING} {EAGER}", {3, 11}),
        (f"UPDATE ledger.posting SET rule_id = 5 {OF_POSTING} {EAGER}", {11}),
        (f"DELETE FROM ledger.posting {OF_POSTING} {EAGER}", {1, 2, 11}),
        ("UPDATE ledger.account SET balance = balance + 1 WHERE kind = 1 AND balance > 0", {1, 2}),
        ("UPDATE ledger.account SET balance = balance + 1 WHERE kind = 20 AND balance <> 0", {1, 2}),
        ("UPDATE ledger.account SET version = 0 WHERE kind = 1 AND balance > 0", {3}),
        ("UPDATE ledger.account SET unit = 2 WHERE kind = 41", {1, 5}),
        ("UPDATE ledger.account SET floor = 950 WHERE kind = 4", {4}),
        (f"DELETE FROM ledger.entry {ONE_ENTRY.format(2)}", {5, 6, 10, 11}),
        (f"UPDATE ledger.entry SET amount = amount + 1 {ONE_ENTRY.format(2)}", {6, 11, 17}),
        (f"UPDATE ledger.entry SET shop_id = 1 {ONE_ENTRY.format(1)}", {11, 17}),
        (f"UPDATE ledger.entry SET effective_at = effective_at - interval '1 year' {LOT_SPENT}", {8, 11, 17}),
        (f"UPDATE ledger.entry SET decided_at = decided_at + interval '1 second' {ONE_ENTRY.format(2)}", {11}),
        ("UPDATE ledger.request SET entry_id = entry_id + 1 WHERE reason = 0 AND kind = 2", {6}),
        ("UPDATE ledger.request SET reason = 0 WHERE reason = 1051", {6}),
        ("UPDATE ledger.request SET reason = 1051 WHERE reason = 0 AND kind = 2", {6}),
        ("UPDATE ledger.request SET answer = (SELECT answer FROM ledger.request WHERE kind = 7 LIMIT 1) WHERE kind = 2", {6}),
        ("UPDATE ledger.request SET answer = '\\x00' WHERE kind = 2", {6}),
        ("DELETE FROM ledger.request WHERE kind = 2", {6}),
        ("UPDATE ledger.entry_amend SET returned = returned - 1", {7}),
        ("UPDATE ledger.entry_amend SET returned_by_leg[1] = returned_by_leg[1] + 1000", {7}),
        ("UPDATE ledger.entry_amend SET reversed_by = NULL", {7}),
        ("DELETE FROM ledger.entry_amend", {7}),
        ("UPDATE ledger.seal SET hash = sha256('x') WHERE no = 1", {11}),
        ("UPDATE ledger.seal SET prev_hash = sha256('x') WHERE no = 2", {11}),
        ("UPDATE ledger.seal SET entries = entries + 1 WHERE no = 2", {11}),
        ("DELETE FROM ledger.seal WHERE no = 1", {11}),
        ("DELETE FROM ledger.seal WHERE no = 2", {11}),
        ("UPDATE ledger.post_batch SET seal_no = NULL WHERE seal_no = 2", {11}),
        ("UPDATE ledger.post_batch SET hash = sha256('x') WHERE seal_no IS NULL", {11}),
        ("UPDATE ledger.post_batch SET rolled_at = now() WHERE rolled_at IS NULL", {1, 2}),
        ("UPDATE ledger.post_batch SET entries = entries + 1", {10, 11}),
        ("UPDATE ledger.business_day SET closed_at = now() - interval '1 hour'", {10, 12}),
    ],
)  # fmt: skip
def test_an_alteration_is_found(posted, alteration, numbers):
    posted.execute("INSERT INTO ledger.unit (id, code, kind) VALUES (2, 'XXX', 'points')")
    posted.execute("ALTER TABLE ledger.account DROP CONSTRAINT account_floor")
    assert posted.execute(alteration).rowcount > 0
    found = faults(posted)
    assert found.keys() >= numbers, found


def test_a_changed_function_cannot_hide_a_changed_posting(posted):
    posted.execute(f"UPDATE ledger.posting SET rule_id = 5 {OF_POSTING} {EAGER}")
    posted.execute("ALTER FUNCTION ledger.batch_canonical RENAME TO batch_canonical_before")
    posted.execute(
        """CREATE FUNCTION ledger.batch_canonical(day date, batch bigint) RETURNS bytea LANGUAGE sql AS
           'SELECT ledger.batch_canonical_before(day, batch)'"""
    )
    posted.execute(
        """CREATE FUNCTION ledger.sha256(bytea) RETURNS bytea LANGUAGE sql AS
           'SELECT hash FROM ledger.post_batch WHERE ledger.batch_canonical_before(business_date, id) = $1'"""
    )
    posted.execute("SET search_path = ledger, pg_catalog")
    assert "outside the database" in faults(posted)[11]


def test_a_missing_partition_is_found(posted):
    name = posted.execute(
        "SELECT name FROM ledger.partition_range WHERE parent = 'request' AND lower = current_date + 2"
    ).fetchone()[0]
    posted.execute(sql.SQL("ALTER TABLE ledger.request DETACH PARTITION ledger.{}").format(sql.Identifier(name)))
    assert faults(posted).keys() == {15}


def test_a_closed_and_sealed_day_holds_and_its_balances_are_checked(posted):
    (today,) = posted.execute("SELECT max(day) FROM ledger.business_day").fetchone()
    posted.execute("SELECT ledger.open_day(%s + 1)", (today,))
    posted.execute("SELECT ledger.close_day(%s), ledger.roll_up(1000)", (today,))
    posted.execute("SELECT ledger.balance_day(%s), ledger.seal_day(%s)", (today, today))
    assert faults(posted) == {}
    posted.execute("UPDATE ledger.day_balance SET balance = balance + 1 WHERE balance > 0")
    assert faults(posted).keys() == {2}


def test_exported_seals_are_held_against_the_chain(posted, server_url, tmp_path):
    file = tmp_path / "seals.jsonl"
    find = exported_faults(file)
    assert list(find(posted)) == []
    engine = make_engine(at(server_url, posted.info.dbname))
    with Session(engine) as session, session.begin():
        assert export_seals(session, file) == 2
    engine.dispose()
    assert list(find(posted)) == []
    posted.execute("UPDATE ledger.seal SET hash = sha256('x') WHERE no = 1")
    posted.execute("DELETE FROM ledger.seal WHERE no = 2")
    file.write_text(file.read_text() + "{}\n")
    assert list(find(posted)) == [
        "seal 1 is not the one that was exported",
        "seal 2 is not the one that was exported",
        "line 3 of the exported seals cannot be read",
    ]


def test_an_unreadable_ledger_does_not_hold(posted):
    posted.execute("DROP TABLE ledger.entry_amend CASCADE")
    found = faults(posted)
    assert found[7] == "cannot be computed (42P01)"
    assert 1 not in found


def test_the_checks_run_in_one_read_only_snapshot(posted):
    posted.autocommit = False
    posted.execute("SELECT 1")
    with pytest.raises(psycopg.errors.ActiveSqlTransaction):
        verify(posted)


@pytest.mark.parametrize("is_altered", [False, True])
def test_the_command_prints_one_object_and_says_by_its_exit_whether_all_holds(posted, monkeypatch, capsys, is_altered):
    from deploy.commands.verify import run
    from kernel.settings import load_settings

    if is_altered:
        posted.execute("UPDATE ledger.account SET balance = balance + 1 WHERE kind = 1 AND balance > 0")
    monkeypatch.setenv("PILGRIM_ADMIN_DATABASE_URL", posted.info.dsn)
    load_settings.cache_clear()
    assert run(["--json"]) == int(is_altered)
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] is not is_altered
    assert {check["number"] for check in said["checks"] if not check["ok"]} == ({1, 2} if is_altered else set())
    assert all(Check(**check).detail for check in said["checks"])
    assert run([]) == int(is_altered)
    assert "balance is the sum" in capsys.readouterr().out
    load_settings.cache_clear()
