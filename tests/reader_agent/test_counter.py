"""The reader's door for a page: one origin, one code, one card at a time, over nfcpy's own UDP transport."""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cardbank.cards.ev2 import EV2Challenge
from reader_agent import counter
from reader_agent.counter import Counter, origin_of
from reader_agent.device import NfcpyReader
from reader_agent.pairing import PairingError, pairing_code
from reader_agent.presence import Presence
from reader_agent.printer import Printer
from tests.reader_agent.bank import ONLINE

ORIGIN = "https://card.example.ir"
CODE = "123456789012"


class PageOf:
    """A page in a browser, as far as the reader can tell."""

    def __init__(self, served: Counter) -> None:
        self.port = served.port
        self.headers = {"Origin": ORIGIN, "Authorization": f"Bearer {CODE}", "Content-Type": "application/json"}

    def ask(self, path: str, body: bytes = b"{}", method: str = "POST", **headers: str | None) -> tuple[int, dict[str, Any], Any]:
        sent = {name: value for name, value in (self.headers | headers).items() if value is not None}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, body if method == "POST" else None, sent)
        answer = connection.getresponse()
        said = answer.read()
        connection.close()
        return answer.status, json.loads(said) if said else {}, answer.headers

    def finish(self, tap: str, part2: bytes) -> tuple[int, dict[str, Any]]:
        return self.ask("/tap/answer", json.dumps({"tap": tap, "part2": part2.hex()}).encode())[:2]


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., PageOf]]:
    """Serve a reader at a field's port."""
    monkeypatch.setattr(counter, "WRONG_CODE_SECONDS", 0.01)
    ends: list[Callable[[], None]] = []

    def serve(device: str, *, card_seconds: float = 5.0, printer: str = "") -> PageOf:
        presence = Presence(lambda: NfcpyReader(device))
        served = Counter(0, ORIGIN, CODE, presence, Printer(printer), card_seconds)
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        ends.extend((presence.close, served.server_close, thread.join, served.shutdown))
        return PageOf(served)

    yield serve
    for end in reversed(ends):
        end()


@pytest.fixture
def at_card(door: Callable[..., PageOf], field_of: Callable[..., Any], card_keys: dict[str, Any]) -> PageOf:
    """A page whose reader has the card in its field."""
    field, port = field_of(card_keys)
    field.send({"place": card_keys["uid"]})
    return door(f"udp:127.0.0.1:{port}")


def bank_part(card: dict[str, Any], begun: dict[str, Any]) -> tuple[bytes, bytes]:
    return EV2Challenge.begin(bytes.fromhex(card["card_keys"][str(ONLINE)]), bytes.fromhex(begun["challenge"]))


def test_a_card_answers_the_bank_through_the_page(at_card: PageOf, card_keys: dict[str, Any]) -> None:
    status, begun, headers = at_card.ask("/tap")
    assert (status, begun["uid"]) == (200, card_keys["uid"])
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert headers["Cache-Control"] == "no-store"
    part2, state = bank_part(card_keys, begun)
    status, said = at_card.finish(begun["tap"], part2)
    assert status == 200
    EV2Challenge.finish(bytes.fromhex(card_keys["card_keys"][str(ONLINE)]), state, bytes.fromhex(said["answer"]))
    assert at_card.finish(begun["tap"], part2) == (409, {"fault": "tap_over"})


@pytest.mark.parametrize(
    ("headers", "status", "fault"),
    [
        ({"Origin": "https://elsewhere.example"}, 403, "other_origin"),
        ({"Origin": None}, 403, "other_origin"),
        ({"Origin": "null"}, 403, "other_origin"),
        ({"Host": "elsewhere.example"}, 403, "other_origin"),
        ({"Authorization": None}, 401, "not_paired"),
        ({"Authorization": "Bearer 000000000000"}, 401, "not_paired"),
    ],
)
def test_nobody_else_reaches_the_card(at_card: PageOf, headers: dict[str, str | None], status: int, fault: str) -> None:
    for path in ("/tap", "/tap/answer", "/print"):
        told, said, answered = at_card.ask(path, **headers)
        assert (told, said) == (status, {"fault": fault})
        assert (answered["Access-Control-Allow-Origin"] == ORIGIN) is (status == 401)


def test_the_browser_asks_first(at_card: PageOf) -> None:
    asked = {"Authorization": None, "Access-Control-Request-Private-Network": "true"}
    status, _, headers = at_card.ask("/tap", method="OPTIONS", **asked)
    assert status == 204
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert headers["Access-Control-Allow-Private-Network"] == "true"
    assert "Authorization" in headers["Access-Control-Allow-Headers"]
    status, _, headers = at_card.ask("/tap", method="OPTIONS", **(asked | {"Origin": "https://elsewhere.example"}))
    assert status == 403
    assert headers["Access-Control-Allow-Private-Network"] is None


def test_a_card_that_leaves_or_is_swapped_is_told(
    door: Callable[..., PageOf], field_of: Callable[..., Any], card_keys: dict[str, Any], other_card_keys: dict[str, Any]
) -> None:
    field, port = field_of(card_keys, other_card_keys)
    page = door(f"udp:127.0.0.1:{port}")
    for others in ((), (other_card_keys,)):
        field.send({"place": card_keys["uid"]})
        _, begun, _ = page.ask("/tap")
        field.send({"remove": card_keys["uid"]})
        for other in others:
            field.send({"place": other["uid"]})
        field.send({"say": "changed"})
        assert any(line == {"said": "changed"} for line in iter(field.read, None))
        assert page.finish(begun["tap"], bank_part(card_keys, begun)[0]) == (409, {"fault": "card_lost"})


def test_no_card_two_cards_and_no_reader_are_told(
    door: Callable[..., PageOf], field_of: Callable[..., Any], card_keys: dict[str, Any], other_card_keys: dict[str, Any]
) -> None:
    field, port = field_of(card_keys, other_card_keys)
    page = door(f"udp:127.0.0.1:{port}", card_seconds=0.1)
    assert page.ask("/tap")[:2] == (409, {"fault": "no_card"})
    for card in (card_keys, other_card_keys):
        field.send({"place": card["uid"]})
    assert page.ask("/tap")[:2] == (409, {"fault": "no_card"})
    assert door("tty:NOTHING:pn532").ask("/tap")[:2] == (503, {"fault": "reader_failed"})


def test_a_page_that_was_left_does_not_keep_the_reader(
    door: Callable[..., PageOf], field_of: Callable[..., Any], card_keys: dict[str, Any]
) -> None:
    field, port = field_of(card_keys)
    page = door(f"udp:127.0.0.1:{port}", card_seconds=600)
    lines = [f"{name}: {value}" for name, value in page.headers.items()]
    with socket.create_connection(("127.0.0.1", page.port)) as left:
        request = ["POST /tap HTTP/1.1", f"Host: 127.0.0.1:{page.port}", *lines, "Content-Length: 2", "", "{}"]
        left.sendall("\r\n".join(request).encode())
    field.send({"place": card_keys["uid"]})
    assert page.ask("/tap")[1]["uid"] == card_keys["uid"]


def test_paper_goes_to_the_printer_as_it_came(door: Callable[..., PageOf], tmp_path: Path) -> None:
    paper = bytes(range(256)) * 300
    out = tmp_path / "lp0"
    assert door("udp:127.0.0.1:1", printer=str(out)).ask("/print", paper)[:2] == (200, {"printed": len(paper)})
    assert out.read_bytes() == paper
    assert door("udp:127.0.0.1:1").ask("/print", paper)[:2] == (409, {"fault": "no_printer"})
    page = door("udp:127.0.0.1:1", printer=str(tmp_path / "no folder" / "lp0"))
    assert page.ask("/print", paper)[:2] == (503, {"fault": "printer_failed"})
    assert page.ask("/state", method="GET")[1] == {"state": "ready", "prints": True}


@pytest.mark.parametrize("body", [b"[]", b"{}", b"x", b'{"tap": "1", "part2": "00"}', b'{"tap": "1", "part2": "zz"}'])
def test_what_is_not_understood_is_told(at_card: PageOf, body: bytes) -> None:
    assert at_card.ask("/tap/answer", body)[:2] == (400, {"fault": "not_understood"})
    assert at_card.ask("/tap/answer", bytes(5_000))[0] == 413
    assert at_card.ask("/elsewhere", body)[0] == 404


def test_the_pairing_code_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "pairing-code"
    code, is_new = pairing_code(file)
    assert is_new
    assert len(code) == 12
    assert file.stat().st_mode & 0o777 == 0o600
    assert pairing_code(file) == (code, False)
    file.write_text("12")
    with pytest.raises(PairingError, match="pair the till again"):
        pairing_code(file)
    with pytest.raises(PairingError):
        pairing_code(tmp_path / "no folder" / "file")


@pytest.mark.parametrize("bent", ["card.example.ir", "ftp://x", "https://x/till", "https://", "https://x?y=1"])
def test_an_origin_is_an_address_without_a_path(bent: str) -> None:
    assert origin_of("https://card.example.ir/") == ORIGIN
    with pytest.raises(ValueError, match="an origin is"):
        origin_of(bent)
