"""The same bank as `memory`, but behind the real schema: wallets opened by its functions, requests posted by a way in."""

import itertools
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import psycopg
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cardbank.ledger import services
from cardbank.ledger.types import AccountKind, Answer, PostingRequest, WalletKind
from tests.cardbank.ledger.histories import City
from tests.cardbank.ledger.model import Model

Post = Callable[[PostingRequest], Answer]
ROOT = Path(__file__).parents[3]
terminals = itertools.count(1)  # each city has its own, so that their keys never meet


class TellerProcess:
    """A teller of its own for a test, on the settings of the environment. `kill` is kill -9."""

    def __init__(self) -> None:
        self.path = Path(os.environ["PILGRIM_TELLER_SOCKET"])
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "cardbank.ledger.teller"], cwd=ROOT)
        patience = time.monotonic() + 60
        while not self._answers():
            assert self.process.poll() is None, "the teller did not start"
            assert time.monotonic() < patience, "the teller is not ready"
            time.sleep(0.02)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
            try:
                door.connect(str(self.path))
            except OSError:
                return False
            return True

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


def in_transaction(engine: Engine) -> Post:
    """Each request in a transaction of its own, as a desk or a booking posts."""

    def post(request: PostingRequest) -> Answer:
        with Session(engine) as session, session.begin():
            return services.post(session, [request])[0]

    return post


class PostgresLedger:
    def __init__(self, connection: psycopg.Connection, post: Post) -> None:
        self.connection = connection
        self.post = post

    def open(self, kind: WalletKind) -> int:
        return self.connection.execute("SELECT ledger.open_wallet(%s::smallint, 1)", (int(kind),)).fetchone()[0]

    def balance(self, owner: int, kind: AccountKind) -> int:
        query = "SELECT coalesce(sum(balance), 0)::bigint FROM ledger.account_now WHERE wallet_id = %s AND kind = %s"
        return self.connection.execute(query, (owner, int(kind))).fetchone()[0]

    def lots(self, owner: int) -> dict[int, tuple[int, datetime, datetime, int]]:
        query = """SELECT id, programme_id, usable_from, usable_until, funder_id FROM ledger.account
                   WHERE wallet_id = %s AND kind = 4 AND closed_at IS NULL"""
        return {row[0]: row[1:] for row in self.connection.execute(query, (owner,))}


def new_city(bank: PostgresLedger, now: datetime) -> City:
    """Three holders, two shops and two programmes of their own in the bank, and a model beside it."""
    holders, shops, programmes = (
        [bank.open(kind) for _ in range(count)]
        for kind, count in ((WalletKind.HOLDER, 3), (WalletKind.SHOP, 2), (WalletKind.PROGRAMME, 2))
    )
    return City(bank, Model(now), holders, shops, programmes, next(terminals))


def commits_take(connection: psycopg.Connection, seconds: float) -> None:
    """Every commit of a batch waits for so long before it stands, whoever still listens."""
    connection.execute(
        f"""CREATE OR REPLACE FUNCTION ledger.linger() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN PERFORM pg_sleep({seconds:f}); RETURN NULL; END'"""
    )
    connection.execute(
        """CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON ledger.post_batch DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW EXECUTE FUNCTION ledger.linger()"""
    )


def waiting_for(connection: psycopg.Connection, query: str) -> None:
    """Ask until the query has a row."""
    patience = time.monotonic() + 20
    while not connection.execute(query).fetchall():
        assert time.monotonic() < patience, "it did not happen in time"
        time.sleep(0.02)
