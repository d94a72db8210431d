"""The posting function trusts nobody, and nobody goes around it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql

from cardbank.ledger import posting
from cardbank.ledger.arrays import pack, register
from cardbank.ledger.batch import POST
from cardbank.ledger.store import Steps, run
from kernel import clock
from tests.cardbank.ledger.asked import Town


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened


@pytest.fixture
def town(connection: psycopg.Connection) -> Town:
    town = Town(connection)
    with connection.transaction():
        run(connection, posting.post([town.top_up(1_000)], clock.now))
    return town


def altered(town: Town, request: Any, alter: Any) -> None:
    """Post the request with its batch altered on the way: `alter` is given the list of legs."""
    from cardbank.ledger.batch import Batch

    class Altered(Batch):
        def arguments(self, poster: int, epoch: int) -> list[Any]:
            alter(self)
            return super().arguments(poster, epoch)

    with pytest.MonkeyPatch.context() as patch, town.connection.transaction():
        patch.setattr(posting, "Batch", Altered)
        run(town.connection, posting.post([request], clock.now))


def refused(town: Town, alter: Any) -> str | None:
    with pytest.raises(psycopg.Error) as caught:
        altered(town, town.purchase(300), alter)
    assert town.balance() == 1_000
    return caught.value.sqlstate


def with_amount(place: int, amount: int) -> Any:
    def alter(batch: Any) -> None:
        leg = batch.legs[place]
        batch.legs[place] = (*leg[:4], amount, *leg[5:])

    return alter


def test_a_batch_that_does_not_balance_is_refused(town: Town) -> None:
    assert refused(town, with_amount(1, 299)) == "PL004"


def test_an_entry_without_legs_is_refused(town: Town) -> None:
    assert refused(town, lambda batch: batch.legs.clear()) == "PL004"


def test_a_stale_version_is_refused_and_names_the_wallet(town: Town) -> None:
    def alter(batch: Any) -> None:
        leg = batch.legs[0]
        batch.legs[0] = (*leg[:6], leg[6] + 1, *leg[7:])

    assert refused(town, alter) == "PL001"


def test_no_floor_is_ever_broken(town: Town) -> None:
    def alter(batch: Any) -> None:
        with_amount(0, -1_001)(batch)
        with_amount(1, 1_001)(batch)

    assert refused(town, alter) == "23514"


def test_a_day_that_is_not_open_is_refused(town: Town) -> None:
    def alter(batch: Any) -> None:
        batch.day -= timedelta(days=1)

    assert refused(town, alter) == "PL003"


def test_a_closed_day_is_refused(town: Town) -> None:
    today = town.connection.execute("SELECT max(day) FROM ledger.business_day").fetchone()[0]
    town.connection.execute("INSERT INTO ledger.business_day VALUES (%s, now())", (today + timedelta(days=1),))
    town.connection.execute("SELECT ledger.close_day(%s)", (today,))

    def alter(batch: Any) -> None:
        batch.day = today

    assert refused(town, alter) == "PL003"


def test_the_current_day_cannot_be_closed(town: Town) -> None:
    with pytest.raises(psycopg.Error, match="open the next one first"):
        town.connection.execute("SELECT ledger.close_day(max(day)) FROM ledger.business_day")


@pytest.mark.parametrize("table", ["account", "entry", "posting", "request", "post_batch", "seal", "business_day", "wallet"])
@pytest.mark.parametrize("act", ["DELETE FROM {}", "TRUNCATE {}", "INSERT INTO {} DEFAULT VALUES"])
def test_the_application_cannot_write_but_through_the_functions(town: Town, table: str, act: str) -> None:
    with town.connection.transaction(force_rollback=True):
        town.connection.execute("SET LOCAL ROLE pilgrim_app")
        town.connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("ledger", table)))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            town.connection.execute(sql.SQL(act).format(sql.Identifier("ledger", table)))


def test_the_application_posts_through_the_functions(town: Town) -> None:
    request = town.purchase(300)
    with town.connection.transaction():
        town.connection.execute("SET LOCAL ROLE pilgrim_app")
        run(town.connection, posting.post([request], clock.now))
    assert town.balance() == 700


def test_nobody_else_may_call_the_functions(connection: psycopg.Connection) -> None:
    public = connection.execute(
        """SELECT proname FROM pg_proc WHERE pronamespace = 'ledger'::regnamespace
           AND has_function_privilege('pg_monitor', oid, 'EXECUTE')"""
    ).fetchall()
    assert public == []


def test_settings_of_the_caller_are_as_before_after_a_call(town: Town) -> None:
    with town.connection.transaction():
        town.connection.execute("SET LOCAL lock_timeout = '7s'")
        run(town.connection, posting.post([town.purchase(1)], clock.now))
        assert town.connection.execute("SHOW lock_timeout").fetchone() == ("7s",)
        assert town.connection.execute("SHOW enable_seqscan").fetchone() == ("on",)


@pytest.mark.parametrize(("is_known", "way"), [(True, "Tid Scan on account"), (False, "Index Scan using account_pkey")])
def test_an_account_is_found_in_its_place_or_by_index_however_small_the_table(town: Town, is_known: bool, way: str) -> None:
    """A plan made while the table is young must not read all of it later, and locks come in id order only by nested loop."""
    steps: Steps[Any] = posting.post([town.purchase(1)], clock.now)
    with town.connection.transaction(), psycopg.RawCursor(town.connection) as cursor:
        register(cursor)
        cursor.execute(b"LOAD 'auto_explain'")
        cursor.execute(b"SET LOCAL auto_explain.log_min_duration = 0")
        cursor.execute(b"SET LOCAL auto_explain.log_nested_statements = on")
        cursor.execute(b"SET LOCAL client_min_messages = log")
        plans: list[str] = []
        town.connection.add_notice_handler(lambda notice: plans.append(notice.message_primary or ""))
        sql_text, arguments = next(steps)
        while sql_text != POST:
            sql_text, arguments = steps.send(cursor.execute(sql_text.encode(), arguments).fetchall())
        places = arguments[-1] if is_known else pack("tid", [None])
        cursor.execute(sql_text.encode(), (*arguments[:-1], places))
    updates = [plan for plan in plans if "UPDATE account a SET balance" in plan]
    assert way in updates[-1]
    assert not any("Seq Scan on account" in update for update in updates)


def test_a_row_that_stands_elsewhere_by_now_counts_as_changed(town: Town) -> None:
    steps: Steps[Any] = posting.post([town.purchase(1)], clock.now)
    with town.connection.transaction(), psycopg.RawCursor(town.connection) as cursor:
        register(cursor)
        sql_text, arguments = next(steps)
        while sql_text != POST:
            sql_text, arguments = steps.send(cursor.execute(sql_text.encode(), arguments).fetchall())
        elsewhere = pack("tid", [bytes.fromhex("00000000ffff")])
        with pytest.raises(psycopg.Error) as raised:
            cursor.execute(sql_text.encode(), (*arguments[:-1], elsewhere))
    assert raised.value.sqlstate == "PL001"
