"""The bank as it runs: a migrated database, a real teller process, a real gateway process."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine, make_url
from sqlalchemy.orm import Session

from cardbank.cards.export import card_export
from kernel.settings import load_settings
from loyalty.models import Programme
from merchants.models import Merchant
from tests import factories
from tests.functional.till import Chip, Till, wait_until

ROOT = Path(__file__).parents[2]
MONEY = 5_000_000
CASH_LIMIT = 100_000_000


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """A child process with its log; killed with the test."""

    def __init__(self, module: str, environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as file:
            self._child = subprocess.Popen([sys.executable, "-m", module], cwd=ROOT, env=environment, stdout=file, stderr=file)

    @property
    def is_alive(self) -> bool:
        return self._child.poll() is None

    def kill(self) -> None:
        self._child.kill()
        self._child.wait()

    def send(self, number: signal.Signals) -> None:
        self._child.send_signal(number)

    def stop(self) -> int:
        if self.is_alive:
            self._child.terminate()
        return self._child.wait(30)


class Bank:
    """Two processes over one database. Terminals and cards are made by the use cases, in this process."""

    def __init__(self, database_url: str, redis_url: str, folder: Path, **settings: str) -> None:
        self.database_url = database_url
        self.folder = folder
        self.port = free_port()
        self.teller_socket = folder / "teller.sock"
        self.environment = (
            os.environ
            | {
                "DATABASE_URL": database_url,
                "PILGRIM_ADMIN_DATABASE_URL": database_url,
                "REDIS_URL": redis_url,
                "PILGRIM_RUN_DIR": str(folder),
                "PILGRIM_TELLER_SOCKET": str(self.teller_socket),
                "PILGRIM_GATEWAY_BIND": f"127.0.0.1:{self.port}",
            }
            | settings
        )
        self._engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg"))
        self.keystore = factories.keystore()
        with self.session() as session:
            club = factories.programme(session)
            shop = factories.merchant(session)
            factories.contract(session, shop.id, programme_id=club.id, purchase_limit_rial=500_000_000, cash_limit_rial=CASH_LIMIT)
            session.commit()
        self.club: Programme = club
        self.shop: Merchant = shop

    def session(self) -> Session:
        return Session(self._engine, expire_on_commit=False)

    # Processes

    def start(self) -> None:
        self.start_teller()
        self.start_gateway()

    def start_teller(self) -> None:
        self.teller = Process("cardbank.ledger.teller", self.environment, self.folder / "teller.log")
        wait_until(lambda: can_connect(str(self.teller_socket)) or not self.teller.is_alive)

    def start_gateway(self, **settings: str) -> None:
        self.gateway = Process("pos_gateway", self.environment | settings, self.folder / "gateway.log")
        wait_until(lambda: can_connect(("127.0.0.1", self.port)) or not self.gateway.is_alive)

    def stop(self) -> None:
        for process in (self.gateway, self.teller):
            process.send(signal.SIGCONT)
            process.kill()
        self._engine.dispose()

    # Things

    def till(self, *, shop: Merchant | None = None, language: str = "fa") -> Till:
        with self.session() as session:
            terminal = factories.terminal(session, shop=shop or self.shop, language=language)
            session.commit()
        key_id = terminal.initial_key_id
        return Till(
            {
                "terminal": terminal.code, "acceptor": terminal.acceptor_id, "host": "127.0.0.1", "port": self.port,
                "initial_key": self.keystore.terminal_initial_key(bytes.fromhex(key_id)).hex(), "initial_key_id": key_id,
            }
        )  # fmt: skip

    def card(self, *, money_rial: int = MONEY, language: str = "fa") -> dict[str, Any]:
        """A card's export with `card_id`."""
        with self.session() as session:
            issued = factories.card(session, language=language, money_rial=money_rial, uid=b"\x04" + os.urandom(6))
            session.commit()
            return card_export(session, self.keystore, issued.id) | {"card_id": issued.id}

    def chip(self, card: dict[str, Any]) -> Chip:
        return Chip(card)

    # Truth

    def read(self, sql: str, *arguments: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(sql, arguments).fetchall()

    def balance(self, card: dict[str, Any]) -> int:
        """The money on a card's wallet, straight from the ledger."""
        [(balance,)] = self.read("SELECT balance FROM ledger.account WHERE wallet_id = %s AND kind = 1", card["wallet_id"])
        return int(balance)

    def credit(self, card: dict[str, Any]) -> int:
        [(balance,)] = self.read(
            "SELECT coalesce(sum(balance), 0) FROM ledger.account WHERE wallet_id = %s AND kind = 4",
            card["wallet_id"],
        )
        return int(balance)

    def entries(self, card: dict[str, Any]) -> int:
        [(count,)] = self.read("SELECT count(*) FROM ledger.entry WHERE wallet_id = %s", card["wallet_id"])
        return int(count)

    def unbalanced(self) -> list[tuple[Any, ...]]:
        """Entries whose postings do not sum to zero: none, ever."""
        return self.read("SELECT entry_id FROM ledger.posting GROUP BY business_date, entry_id, unit HAVING sum(amount) <> 0")

    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "gateway.log").read_text().splitlines() if line.startswith("{")]


def can_connect(address: str | tuple[str, int]) -> bool:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        return probe.connect_ex(address) == 0


def settings_are_those_of(bank: Bank) -> bool:
    """Whether this process reads the same key file as the bank's processes."""
    return str(load_settings().keystore_file) == bank.environment["PILGRIM_KEYSTORE_FILE"]
