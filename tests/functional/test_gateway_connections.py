"""Frames in any pieces, many at once, slow and silent peers; certificates."""

import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from cardbank.reasons import Reason
from pos_gateway.wire.codec import decode
from tests.functional.bank import MONEY, Bank, free_port
from tests.functional.till import ANSWER_TPDU, TPDU, Till, wait_until


def framed(body: bytes) -> bytes:
    return (len(body) + 5).to_bytes(2, "big") + TPDU + body


def test_a_frame_arrives_in_any_two_pieces(till: Till) -> None:
    size = len(framed(till.sign(till.network("301"))))
    for place in range(1, size, 3):
        message = till.network("301")
        data = framed(till.sign(message))
        till.connect().sendall(data[:place])
        time.sleep(0.001)
        till.connect().sendall(data[place:])
        assert till.receive()[11] == message.fields[11]


def test_a_frame_arrives_byte_by_byte(till: Till) -> None:
    for octet in framed(till.sign(till.network("301"))):
        till.connect().sendall(bytes([octet]))
    assert till.receive().code == "00"


def test_two_hundred_frames_in_one_piece_are_all_answered(till: Till, bank: Bank, card: dict[str, Any]) -> None:
    """More than may be in flight: reading pauses, and nothing is dropped."""
    messages = [till.purchase(card["card_number"], 1_000) if turn % 2 else till.network("301") for turn in range(200)]
    till.connect().sendall(b"".join(framed(till.sign(message)) for message in messages))
    replies = [till.receive() for _ in messages]
    assert {reply.code for reply in replies} == {"00"}
    assert {reply[11] for reply in replies} == {message.fields[11] for message in messages}
    assert bank.balance(card) == MONEY - 100 * 1_000


def test_a_peer_that_sends_its_last_word_and_stops_is_answered(till: Till) -> None:
    till.send_body(till.sign(till.network("301")))
    till.connect().shutdown(socket.SHUT_WR)
    assert till.receive().code == "00"
    with pytest.raises(ConnectionError):
        till.receive_body()


def test_the_good_frame_before_a_broken_one_is_answered(till: Till) -> None:
    till.connect().sendall(framed(till.sign(till.network("301"))) + b"\xff\xff")
    assert till.receive().code == "00"
    with pytest.raises(ConnectionError):
        till.receive_body()


@pytest.mark.slow
def test_a_hundred_slow_peers_stop_nobody(bank: Bank, till: Till) -> None:
    """Each sends a byte at a time of a frame that never ends; the busy till goes on, and the slow are shut out."""
    with ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(("127.0.0.1", bank.port), 20)) for _ in range(100)]
        for turn in range(8):
            for connection in slow:
                connection.sendall((b"\x0f\xff" + TPDU + b"\x02")[turn : turn + 1])
            assert till.ask(till.network("301")).code == "00"
        closed = 0
        for connection in slow:
            try:
                closed += connection.recv(1) == b""
            except ConnectionResetError:
                closed += 1
        assert closed == 100
    assert till.ask(till.network("301")).code == "00"


def test_a_concentrator_carries_many_terminals_on_one_connection(bank: Bank, card: dict[str, Any]) -> None:
    tills = [bank.till() for _ in range(8)]
    connection = tills[0].connect()
    sent = {}
    for till in tills:
        message = till.purchase(card["card_number"], 1_000)
        body = till.sign(message)
        connection.sendall(framed(body))
        sent[till.config["terminal"]] = till
    for _ in tills:
        body = tills[0].receive_body()
        code = str(decode(body).fields[41])
        assert sent.pop(code).read(body).code == "00"
    assert sent == {}
    tills[0].close()


def test_the_answers_header_is_turned_round(till: Till) -> None:
    data = framed(till.sign(till.network("301")))
    connection = till.connect()
    connection.sendall(data)
    length = int.from_bytes(connection.recv(2), "big")
    received = b""
    while len(received) < length:
        received += connection.recv(length - len(received))
    assert received[:5] == ANSWER_TPDU == TPDU[:1] + TPDU[3:] + TPDU[1:3]


# Certificates


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, the gateway's certificate, and nothing for clients yet."""
    folder = tmp_path_factory.mktemp("tls")
    certificate(folder, "authority", None)
    certificate(folder, "gateway", "DNS:localhost")
    certificate(folder, "stranger", None)
    return folder


def certificate(folder: Path, name: str, names: str | None) -> tuple[Path, Path]:
    """`names` None = a self-signed authority; otherwise signed by the authority with these alternative names."""
    key, file = folder / f"{name}.key", folder / f"{name}.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
               "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(file)]  # fmt: skip
    if names is not None:
        command += ["-CA", str(folder / "authority.pem"), "-CAkey", str(folder / "authority.key"),
                    "-addext", f"subjectAltName={names}", "-addext", "basicConstraints=critical,CA:FALSE"]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return file, key


@pytest.fixture(scope="module")
def tls_port(bank: Bank, certificates: Path) -> Iterator[int]:
    """The same gateway started again, with a TLS listener beside the plain one."""
    port = free_port()
    bank.gateway.stop()
    bank.start_gateway(
        PILGRIM_GATEWAY_TLS_BIND=f"127.0.0.1:{port}",
        PILGRIM_GATEWAY_TLS_CERTIFICATE=str(certificates / "gateway.pem"),
        PILGRIM_GATEWAY_TLS_KEY=str(certificates / "gateway.key"),
        PILGRIM_GATEWAY_TLS_CLIENT_CA=str(certificates / "authority.pem"),
    )
    return port


def open_tls(port: int, folder: Path, client: tuple[Path, Path] | None) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=str(folder / "authority.pem"))
    if client:
        context.load_cert_chain(*client)
    plain = socket.create_connection(("127.0.0.1", port), 20)
    try:
        return context.wrap_socket(plain, server_hostname="localhost")
    finally:
        plain.close()


def test_a_terminal_speaks_only_under_a_certificate_that_names_it(bank: Bank, tls_port: int, certificates: Path) -> None:
    named, other = bank.till(), bank.till()
    client = certificate(certificates, "client", f"DNS:{named.config['terminal']}")
    named.connection = open_tls(tls_port, certificates, client)
    assert named.ask(named.network("301")).code == "00"
    other.connection = named.connection
    reply = other.ask(other.network("301"))
    assert (reply.code, reply.reason) == ("58", Reason.TERMINAL_UNKNOWN)
    with pytest.raises(ConnectionError):
        named.receive_body()
    named.close()


def test_a_certificate_gets_no_other_terminal_suspended(bank: Bank, tls_port: int, certificates: Path) -> None:
    rogue, victim = bank.till(), bank.till()
    client = certificate(certificates, "rogue", f"DNS:{rogue.config['terminal']}")
    for _ in range(12):
        victim.connection = open_tls(tls_port, certificates, client)
        body = victim.sign(victim.network("301"))
        victim.send_body(body[:-1] + bytes([body[-1] ^ 1]))
        assert victim.receive().reason == Reason.TERMINAL_UNKNOWN
        victim.close()
    victim.connection = open_tls(tls_port, certificates, certificate(certificates, "victim", f"DNS:{victim.config['terminal']}"))
    assert victim.ask(victim.network("301")).code == "00"
    victim.close()


@pytest.mark.parametrize("name", [None, "stranger"])
def test_without_a_certificate_of_the_authority_there_is_no_connection(
    bank: Bank, tls_port: int, certificates: Path, name: str | None
) -> None:
    till = bank.till()
    client = (certificates / f"{name}.pem", certificates / f"{name}.key") if name else None
    with pytest.raises((ssl.SSLError, ConnectionError)):  # noqa: PT012
        till.connection = open_tls(tls_port, certificates, client)
        till.ask(till.network("301"))
    till.close()


def test_a_stopped_gateway_answers_what_is_at_work_and_leaves(bank: Bank, tls_port: int, card: dict[str, Any]) -> None:
    till = bank.till()
    till.connect().sendall(b"".join(framed(till.sign(till.purchase(card["card_number"], 1_000))) for _ in range(30)))
    wait_until(lambda: bank.entries(card) > 1)
    assert bank.gateway.stop() == 0
    answered = 0
    while True:
        try:
            answered += till.receive().code == "00"
        except ConnectionError:
            break
    assert answered == bank.entries(card) - 1
    till.close()
    bank.start_gateway()
