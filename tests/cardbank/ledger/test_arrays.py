"""Packed columns are what PostgreSQL itself makes of the same array."""

from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cardbank.ledger.arrays import days, microseconds, pack, register, tids

INT8 = st.integers(-(2**63), 2**63 - 1)
INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
on_one_connection = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def cursor(server_url: str) -> Any:
    with psycopg.connect(server_url, autocommit=True) as connection, psycopg.RawCursor(connection) as opened:
        register(opened)
        yield opened


def sent(cursor: Any, kind: str, column: list[Any]) -> bytes:
    return cursor.execute(f"SELECT array_send($1::{kind}[])".encode(), (column,)).fetchone()[0]


@on_one_connection
@given(st.lists(st.one_of(st.none(), INT8), max_size=40))
def test_numbers(cursor: Any, column: list[int | None]) -> None:
    assert pack("bigint", column) == sent(cursor, "bigint", column)


@on_one_connection
@given(st.lists(st.one_of(st.none(), st.dates(date(1990, 1, 1), date(2200, 1, 1))), min_size=1, max_size=20))
def test_dates(cursor: Any, column: list[date | None]) -> None:
    assert pack("date", [day and days(day) for day in column]) == sent(cursor, "date", column)


@on_one_connection
@given(st.lists(INSTANTS, max_size=20))
def test_instants(cursor: Any, column: list[datetime]) -> None:
    assert pack("timestamptz", [microseconds(instant) for instant in column]) == sent(cursor, "timestamptz", column)


@on_one_connection
@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=9), max_size=20))
def test_strings(cursor: Any, column: list[str]) -> None:
    assert pack("text", column) == sent(cursor, "text", column)


@on_one_connection
@given(st.lists(st.binary(max_size=9), max_size=20))
def test_bytes(cursor: Any, column: list[bytes]) -> None:
    packed = pack("bytea", column)
    assert cursor.execute(b"SELECT $1::bytea[]", (packed,)).fetchone()[0] == column


@pytest.mark.parametrize(("kind", "number"), [("bigint", 2**63), ("int", 2**31), ("smallint", -(2**15) - 1)])
def test_a_number_that_does_not_fit_is_refused(kind: str, number: int) -> None:
    with pytest.raises(Exception, match=r"too large|format requires|out of range"):
        pack(kind, [1, number])


PLACES = st.tuples(st.integers(0, 2**32 - 2), st.integers(1, 2**16 - 1))


@on_one_connection
@given(st.lists(st.one_of(st.none(), PLACES), max_size=20))
def test_places(cursor: Any, column: list[tuple[int, int] | None]) -> None:
    packed = pack("tid", [place and place[0].to_bytes(4, "big") + place[1].to_bytes(2, "big") for place in column])
    assert packed == sent(cursor, "tid", [place and f"({place[0]},{place[1]})" for place in column])


@on_one_connection
@given(st.lists(PLACES, max_size=20))
def test_places_are_read_back(cursor: Any, column: list[tuple[int, int]]) -> None:
    array = sent(cursor, "tid", [f"({block},{offset})" for block, offset in column])
    assert tids(array) == [block.to_bytes(4, "big") + offset.to_bytes(2, "big") for block, offset in column]
