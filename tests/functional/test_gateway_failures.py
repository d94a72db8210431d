"""Lost parts: a killed gateway, a silent teller, no database, no Redis. Terminals hear 91 or 63, and nothing is half-posted."""

import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from cardbank.reasons import Reason
from deploy.launcher.layout import Layout
from deploy.launcher.programs import redis_program
from pos_gateway.wire.codec import Message
from pos_gateway.wire.tlv import Tag
from tests.cardbank.ledger.postgres import commits_take
from tests.functional.bank import MONEY, Bank, Process, free_port
from tests.functional.till import Till, wait_until


class HoldingTeller:
    """Passes requests on to the teller and keeps its answers back: what lies between commit and answer."""

    def __init__(self, path: Path, upstream: Path) -> None:
        self._upstream = str(upstream)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._open: list[socket.socket] = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                door, _ = self._listener.accept()
                teller = socket.socket(socket.AF_UNIX)
                teller.connect(self._upstream)
                self._open += [door, teller]
                threading.Thread(target=self._pass_on, args=(door, teller), daemon=True).start()

    @staticmethod
    def _pass_on(door: socket.socket, teller: socket.socket) -> None:
        with suppress(OSError):
            while data := door.recv(65536):
                teller.sendall(data)

    def close(self) -> None:
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


@pytest.fixture
def gateway_again(bank: Bank) -> Iterator[None]:
    """However the test leaves the processes, the next one finds them running."""
    yield
    if bank.teller.is_alive:
        bank.teller.send(signal.SIGCONT)
    else:
        bank.start_teller()
    if bank.gateway.is_alive:
        bank.gateway.stop()
    bank.start_gateway()


@pytest.mark.usefixtures("gateway_again")
def test_a_gateway_killed_between_commit_and_answer_gives_the_stored_approval_to_the_repeat(
    bank: Bank, till: Till, card: dict[str, Any]
) -> None:
    bank.gateway.stop()
    held = bank.folder / "held.sock"
    proxy = HoldingTeller(held, bank.teller_socket)
    bank.start_gateway(PILGRIM_TELLER_SOCKET=str(held))
    purchase = till.tapped(till.prove(bank.chip(card)), 150_000)
    till.send_body(till.sign(purchase))
    wait_until(lambda: bank.entries(card) == 2)
    bank.gateway.kill()
    proxy.close()
    till.close()
    bank.start_gateway()
    repeat = till.ask(till.again(purchase))
    assert (repeat.code, repeat.tags[Tag.REPLAYED]) == ("00", "1")
    assert repeat.number(Tag.PAID_FROM_CARD) == 150_000
    assert (bank.balance(card), bank.entries(card)) == (MONEY - 150_000, 2)


@pytest.mark.usefixtures("gateway_again")
def test_key_serial_numbers_stay_used_after_a_kill(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    body = till.sign(till.purchase(card["card_number"], 1_000))
    till.send_body(body)
    assert till.receive().code == "00"
    bank.gateway.kill()
    till.close()
    bank.start_gateway()
    till.send_body(body)
    assert till.receive().reason == Reason.KEY_SERIAL_REPLAYED
    assert till.ask(till.network("301")).code == "00"


@pytest.mark.parametrize("shares", ["folder", "port"])
def test_a_second_gateway_says_in_one_sentence_why_it_does_not_start(bank: Bank, shares: str, tmp_path: Path) -> None:
    other = {"PILGRIM_GATEWAY_BIND": f"127.0.0.1:{free_port()}"} if shares == "folder" else {"PILGRIM_RUN_DIR": str(tmp_path)}
    second = Process("pos_gateway", bank.environment | other, tmp_path / "second.log")
    wait_until(lambda: not second.is_alive)
    assert second.stop() == 3
    expected = "Another gateway uses" if shares == "folder" else f"cannot listen on 127.0.0.1:{bank.port}"
    assert expected in second.log.read_text()


@pytest.mark.slow
@pytest.mark.usefixtures("gateway_again")
def test_a_posted_purchase_whose_teller_is_silent_is_not_answered_at_all_and_its_reversal_undoes_it(
    bank: Bank, till: Till, card: dict[str, Any]
) -> None:
    """A till deletes its reversal on any answer, so a 91 to what is posted would charge the holder for a decline."""
    with slow_commits(bank, seconds=2):
        purchase = till.purchase(card["card_number"], 150_000)
        till.send_body(till.sign(purchase))
        time.sleep(0.7)
        bank.teller.send(signal.SIGSTOP)
        wait_until(lambda: unknown(bank, purchase), 40)
    assert bank.balance(card) == MONEY - 150_000
    echo = till.network("301")
    assert till.ask(echo)[11] == echo.fields[11]  # the first answer on this connection
    bank.teller.send(signal.SIGCONT)
    assert till.ask(till.reversal(purchase)).code == "00"
    assert bank.balance(card) == MONEY


def unknown(bank: Bank, message: Message) -> list[dict[str, Any]]:
    return [
        line
        for line in bank.log_lines()
        if line["message"] == "message not answered: its outcome is unknown" and line["stan"] == message.fields[11]
    ]


@contextmanager
def slow_commits(bank: Bank, seconds: float) -> Iterator[None]:
    with psycopg.connect(bank.database_url, autocommit=True) as connection:
        commits_take(connection, seconds)
        try:
            yield
        finally:
            connection.execute("DROP TRIGGER linger ON ledger.post_batch")


@pytest.mark.slow
@pytest.mark.usefixtures("gateway_again")
def test_without_a_teller_tills_hear_91_by_the_deadline(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    bank.teller.kill()
    reply = till.ask(till.purchase(card["card_number"], 150_000))
    assert (reply.code, reply.reason) == ("91", Reason.LEDGER_UNAVAILABLE)
    assert bank.balance(card) == MONEY


@pytest.mark.usefixtures("gateway_again")
def test_a_teller_killed_under_load_loses_and_doubles_nothing(bank: Bank) -> None:
    """Tills buy and repeat until answered, while the teller dies three times."""
    cards = [bank.card() for _ in range(4)]
    tills = [bank.till() for _ in range(4)]
    answered: list[tuple[int, str]] = []

    def buy(place: int) -> None:
        till = tills[place]
        for _ in range(25):
            purchase = till.purchase(cards[place]["card_number"], 1_000)
            reply = till.ask(purchase)
            while reply.code == "91":
                reply = till.ask(till.again(purchase))
            answered.append((place, reply.code))

    threads = [threading.Thread(target=buy, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for turn in range(1, 4):
        wait_until(lambda turn=turn: len(answered) >= 20 * turn)  # type: ignore[misc]
        bank.teller.kill()
        bank.start_teller()
    for thread in threads:
        thread.join()
    for till in tills:
        till.close()
    assert len(answered) == 100
    assert {code for _, code in answered} == {"00"}
    assert [bank.balance(card) for card in cards] == [MONEY - 25_000] * 4
    assert bank.unbalanced() == []


@contextmanager
def database_lost(bank: Bank, server_url: str) -> Iterator[None]:
    """Nobody gets into the database, and who was in is thrown out."""
    name = psycopg.conninfo.conninfo_to_dict(bank.database_url)["dbname"]
    allow = "ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL(allow).format(sql.Identifier(name), sql.SQL("false")))
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        try:
            yield
        finally:
            server.execute(sql.SQL(allow).format(sql.Identifier(name), sql.SQL("true")))


@pytest.mark.slow
@pytest.mark.usefixtures("gateway_again")
def test_without_the_database_tills_hear_91_and_with_it_again_they_sell(
    bank: Bank, till: Till, card: dict[str, Any], server_url: str
) -> None:
    known = till.purchase(card["card_number"], 1_000)
    assert till.ask(known).code == "00"
    purchase = till.purchase(card["card_number"], 150_000)
    stranger = bank.till()
    with database_lost(bank, server_url):
        assert till.ask(purchase).code == "91"
        unread = stranger.ask(stranger.network("301"))
        assert (unread.code, unread.reason) == ("91", Reason.LEDGER_UNAVAILABLE)
        challenge = till.begin_tap(bank.chip(card))
        assert challenge.code == "91"
    wait_until(lambda: till.ask(till.again(purchase)).code == "00")
    assert stranger.ask(stranger.network("301")).code == "00"
    stranger.close()
    assert bank.balance(card) == MONEY - 151_000
    assert bank.unbalanced() == []


@pytest.fixture
def redis_of_its_own(tmp_path: Path) -> Iterator[tuple[str, Any]]:
    """A Redis that the test may kill and start: (address, start)."""
    path = tmp_path / "r.sock"
    program = redis_program(Layout(Path(__file__).parents[2]), path).command[0]
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        server = subprocess.Popen(
            [program, "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(tmp_path)],
            stdout=subprocess.DEVNULL,
        )
        running.append(server)
        wait_until(path.exists)
        return server

    yield f"unix://{path}", start
    for server in running:
        server.kill()
        server.wait()


@pytest.mark.usefixtures("gateway_again")
def test_without_redis_keyed_purchases_go_on_and_a_tap_begins_again(
    bank: Bank, till: Till, card: dict[str, Any], redis_of_its_own: tuple[str, Any]
) -> None:
    address, start = redis_of_its_own
    server = start()
    bank.gateway.stop()
    bank.start_gateway(REDIS_URL=address)
    lost = till.prove(bank.chip(card))
    server.kill()
    server.wait()
    reply = till.ask(till.tapped(lost, 1_000))
    assert (reply.code, reply.reason) == ("63", Reason.CHALLENGE_UNKNOWN)
    assert till.begin_tap(bank.chip(card)).code == "91"
    assert till.ask(till.purchase(card["card_number"], 1_000)).code == "00"
    Path(address.removeprefix("unix://")).unlink(missing_ok=True)
    start()
    wait_until(lambda: till.begin_tap(bank.chip(card)).code == "00")
    assert till.ask(till.tapped(till.prove(bank.chip(card)), 1_000)).code == "00"
    assert bank.balance(card) == MONEY - 2_000
