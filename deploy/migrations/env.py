"""Runs the migrations as the database's owner, one transaction each."""

from alembic import context
from sqlalchemy.pool import NullPool

from kernel.db import Base, make_engine
from kernel.settings import load_settings


def is_ours(name: str | None, kind: str, parents: object) -> bool:
    """The ledger's schema is plain SQL and PostGIS keeps its own tables: neither is compared with the models."""
    return name != "spatial_ref_sys"


if context.is_offline_mode():
    raise SystemExit("These migrations read files and the catalogue: run them against a database.")

with make_engine(load_settings().owner_database_url, poolclass=NullPool).connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=is_ours,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
