"""The database session and the one unit of work."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Annotated, Any, cast

from sqlalchemy import (
    BigInteger,
    CursorResult,
    DateTime,
    Engine,
    Executable,
    Identity,
    MetaData,
    create_engine,
    make_url,
)
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

from kernel.settings import load_settings

Key = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
"""The key of a table whose rows the database numbers."""


class Base(DeclarativeBase):
    """A column of `datetime` holds an instant, with its zone."""

    type_annotation_map = {datetime: DateTime(timezone=True)}  # noqa: RUF012
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def make_engine(url: str, **options: object) -> Engine:
    """An engine over psycopg for a plain `postgresql://` address."""
    return create_engine(make_url(url).set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True, **options)


@cache
def engine() -> Engine:
    return make_engine(load_settings().database_url, pool_size=8, max_overflow=8)


def rows_changed(session: Session, change: Executable) -> int:
    """Make an update or delete; how many rows it touched."""
    return cast("CursorResult[Any]", session.execute(change)).rowcount


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """One transaction: commits when the block ends well, rolls back otherwise.

    Opened by the request wrapper, the task wrapper, the gateway's runner and the commands, and nowhere else.
    """
    with Session(engine(), expire_on_commit=False) as session:
        yield session
        session.commit()
