"""Databases that tests borrow: a clone of the migrated template costs a quarter of a second, a proof that nothing is left
of the last test costs a tenth of that.

A database is lent again only after it was found, or made, as the template is: every schema object, every row of every
table, every sequence. One whose schema a test changed, or which holds a great many rows, is dropped.

Which tables were written to is asked of PostgreSQL's own counters: counting the rows of each of two hundred tables would cost
half the suite's time in the database. The catalogues are read only where one of them was written to. A session counts when
it ends or is told to, and leaves pg_stat_activity only after that, so that nothing is missing once all sessions but the
lender's own are gone; TRUNCATE shows in pg_class. The lender's session stays, since a new one would read the catalogues of
two hundred tables again: nine tenths of what giving back costs.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import psycopg
from psycopg import sql

# Beyond this a fresh clone is cheaper than deleting, and leaves no dead rows for the next test to read over.
MOST_ROWS_TO_REMOVE = 5_000
CATALOGUES = (
    "pg_am", "pg_attrdef", "pg_attribute", "pg_cast", "pg_class", "pg_collation", "pg_constraint", "pg_db_role_setting",
    "pg_default_acl", "pg_enum", "pg_event_trigger", "pg_extension", "pg_index", "pg_inherits", "pg_language",
    "pg_largeobject_metadata", "pg_namespace", "pg_opclass", "pg_operator", "pg_policy", "pg_proc", "pg_publication",
    "pg_rewrite", "pg_sequence", "pg_statistic_ext", "pg_subscription", "pg_trigger", "pg_type",
)  # fmt: skip
TABLES = """
    SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""
SCHEMA = "the schema"
WRITES = f"""
    SELECT relid::regclass::text, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables
    UNION ALL SELECT '{SCHEMA}', sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_sys_tables WHERE relname IN {CATALOGUES}
"""
SEQUENCES = "SELECT format('%I.%I', schemaname, sequencename), start_value, last_value FROM pg_sequences ORDER BY 1"
END_SESSIONS = """
    SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
OID = "SELECT oid FROM pg_database WHERE datname = current_database()"

# What tells a catalogue's rows from others: how many they are, and the youngest transaction that wrote one of them. A row
# that was changed and changed back is younger; one that was removed is missing.
State = tuple[int, int]
Writes = dict[str, int]  # how many rows of each table, and of the catalogues together, were ever written or removed


@dataclass(frozen=True)
class Contents:
    """The template's schema, rows and sequences, read once."""

    catalogues: dict[str, State]
    rows: dict[str, bytes]
    sequences: list[tuple[str, int, int | None]]

    @classmethod
    def of(cls, database: psycopg.Connection) -> "Contents":
        names = [name for (name,) in database.execute(TABLES).fetchall()]
        return cls(
            catalogues=states(database),
            rows={name: copied(database, name) for name in names if has_rows(database, name)},
            sequences=database.execute(SEQUENCES).fetchall(),
        )


@dataclass
class Databases:
    """The databases of one run of tests."""

    address_of: Callable[[str], str]
    template: str
    free: dict[str, Writes] = field(default_factory=dict)
    lent: dict[str, Writes] = field(default_factory=dict)
    oids: dict[str, int] = field(default_factory=dict)  # a test may put another database under the name
    sessions: dict[str, psycopg.Connection] = field(default_factory=dict)

    @cached_property
    def contents(self) -> Contents:
        with psycopg.connect(self.address_of(self.template)) as database:
            return Contents.of(database)

    def borrow(self) -> str:
        """A database as the template is."""
        if self.free:
            name, writes = self.free.popitem()
        else:
            name, writes = f"test_{uuid.uuid4().hex[:12]}", {}
            clone(self.address_of("postgres"), self.template, name)
            self.sessions[name] = psycopg.connect(self.address_of(name), autocommit=True)
            self.oids[name] = one(self.sessions[name], OID)
        self.lent[name] = writes
        return name

    def give_back(self, name: str) -> None:
        restored = self._restored(name, self.lent.pop(name))
        if restored is None:
            self._drop(name)
        else:
            self.free[name] = restored

    def drop_all(self) -> None:
        for name in (*self.free, *self.lent):
            self._drop(name)

    def _drop(self, name: str) -> None:
        self.sessions.pop(name).close()
        drop(self.address_of("postgres"), name)

    def _restored(self, name: str, before: Writes) -> Writes | None:
        """What was written by the time that everything is as in the template; None where that is not to be had."""
        database = self.sessions[name]
        try:
            database.execute(END_SESSIONS)
            if one(database, OID) != self.oids[name]:
                return None
            after = dict(database.execute(WRITES).fetchall())
            changed = [table for table, writes in after.items() if writes != before.get(table, 0)]
            if SCHEMA in changed:
                changed.remove(SCHEMA)
                if states(database) != self.contents.catalogues:
                    return None
            if sum(after[table] - before.get(table, 0) for table in changed) > MOST_ROWS_TO_REMOVE:
                return None
            with database.transaction():
                self._write_back(database, changed)
            database.execute("SELECT pg_stat_force_next_flush()")
            return dict(database.execute(WRITES).fetchall())
        except psycopg.OperationalError:  # The test dropped it, or ended all its sessions.
            return None

    def _write_back(self, database: psycopg.Connection, changed: list[str]) -> None:
        """As a replica writes: no trigger forbids it, no foreign key asks for an order."""
        database.execute("SET LOCAL session_replication_role = replica")
        for table in changed:
            database.execute(sql.SQL("DELETE FROM {}").format(sql.SQL(table)))
            if table in self.contents.rows:
                with database.cursor().copy(f"COPY {table} FROM STDIN (FORMAT binary)") as rows:
                    rows.write(self.contents.rows[table])
        restart = [f"setval('{name}', {last or start}, {last is not None})" for name, start, last in self.contents.sequences]
        database.execute(f"SELECT {', '.join(restart)}")


def states(database: psycopg.Connection) -> dict[str, State]:
    looks = [f"SELECT '{name}', count(*), coalesce(max(xmin::text::bigint), 0) FROM {name}" for name in CATALOGUES]
    return {name: (count, youngest) for name, count, youngest in database.execute(" UNION ALL ".join(looks))}


def one(database: psycopg.Connection, query: str) -> int:
    [(found,)] = database.execute(query).fetchall()
    return found


def has_rows(database: psycopg.Connection, table: str) -> bool:
    return database.execute(f"SELECT EXISTS (SELECT FROM {table})").fetchone() == (True,)


def copied(database: psycopg.Connection, table: str) -> bytes:
    with database.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)") as rows:
        return b"".join(bytes(part) for part in rows)


def clone(server_url: str, template: str, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))


def drop(server_url: str, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
