"""nfcpy behind `transmit`: what it must not let through, and where its name comes from."""

import contextlib
import os
import random
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from reader_agent import device
from reader_agent.device import CardLost, NfcpyReader, ReaderFailed

ROOT = Path(__file__).parents[2]


class Tag:
    """A tag whose every use raises or returns what the test says."""

    identifier = bytearray(7)

    def __init__(self, outcome: Any) -> None:
        self._outcome = outcome

    def transceive(self, apdu: bytes) -> Any:
        if isinstance(self._outcome, BaseException):
            raise self._outcome
        return self._outcome

    @property
    def is_present(self) -> Any:
        return self.transceive(b"")


class Frontend:
    deadline = 0.0


@pytest.mark.parametrize(
    "outcome",
    [
        device.CommunicationError("lost"),
        device.ProtocolError("bent"),
        device.TagCommandError(0),
        IndexError(),
        TypeError(),
        ValueError(),
        None,
        b"",
        b"\x90",
    ],
)
def test_whatever_a_card_makes_nfcpy_do_is_a_lost_card(outcome: Any) -> None:
    card = device._NfcpyCard(Frontend(), Tag(outcome))  # type: ignore[arg-type]
    with pytest.raises(CardLost):
        card.transmit(b"\x00\xa4")


def test_an_interrupt_is_no_lost_card() -> None:
    card = device._NfcpyCard(Frontend(), Tag(KeyboardInterrupt()))  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        card.transmit(b"\x00\xa4")


@pytest.mark.parametrize(("outcome", "is_present"), [(True, True), (False, False), (IndexError(), False)])
def test_presence_is_yes_or_no(outcome: Any, is_present: bool) -> None:
    assert device._NfcpyCard(Frontend(), Tag(outcome)).is_present() is is_present  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["tty:none0:pn532", ""])
def test_a_reader_that_is_not_there_is_said_so(path: str) -> None:
    with pytest.raises(ReaderFailed):
        NfcpyReader(path)


@pytest.mark.parametrize("seed", range(3))
def test_no_answers_of_a_card_harm_the_reader(seed: int) -> None:
    """A card that follows the protocol up to a point and then answers with noise."""
    draw = random.Random(seed)
    genuine = {
        b"26": b"4403",
        b"9320": b"8804010281",
        b"9370": b"04",
        b"9520": b"0304050602",
        b"9570": b"20",
        b"e080": b"067500810080",
    }
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as noise:
        noise.bind(("127.0.0.1", 0))
        ended = threading.Event()

        def answer() -> None:
            noise.settimeout(0.05)
            while not ended.is_set():
                try:
                    datagram, reader = noise.recvfrom(1024)
                except TimeoutError:
                    continue
                command = datagram.partition(b" ")[2]
                honest = genuine.get(command, genuine.get(command[:4], b"02" + b"9000"))
                bent = draw.randbytes(draw.randrange(5)).hex().encode()
                reply = honest if draw.random() < 0.85 else draw.choice([bent, b"zz", b"f201", b"a2", b"a3", b"02"])
                noise.sendto((b"106A " + reply).strip(), reader)

        answering = threading.Thread(target=answer)
        answering.start()
        activated = 0
        try:
            reader = NfcpyReader(f"udp:127.0.0.1:{noise.getsockname()[1]}")
            for _ in range(60):
                card = reader.poll()
                if card is None:
                    continue
                activated += 1
                assert len(card.uid) == 7
                for _ in range(3):
                    with contextlib.suppress(CardLost):
                        assert len(card.transmit(bytes.fromhex("9071000002010000"))) >= 2
                assert card.is_present() in (True, False)
            reader.close()
        finally:
            ended.set()
            answering.join()
        assert activated > 5


def test_nfcpy_is_imported_in_one_file_only() -> None:
    importing = [
        path.name
        for path in (ROOT / "nfc/reader_agent").glob("*.py")
        if re.search(r"^\s*(from|import) nfc\b", path.read_text(), re.MULTILINE)
    ]
    assert importing == ["device.py"]


def test_the_folder_nfc_is_no_package() -> None:
    assert not (ROOT / "nfc/__init__.py").exists()
    assert not (ROOT / "tests/nfc").exists()


@pytest.mark.parametrize("path", [[ROOT, ROOT / "nfc"], [ROOT / "nfc", ROOT], [ROOT]])
def test_the_name_nfc_is_nfcpy_whatever_the_path(path: list[Path]) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    asked = subprocess.run(
        [sys.executable, "-c", "import nfc; from nfc.clf import ContactlessFrontend; print(nfc.__file__)"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "site-packages" in asked.stdout


SERVER = {
    "kernel", "identity", "places", "cardbank", "loyalty", "merchants", "reservations", "insights",
    "pos_gateway", "mobile_api", "portal", "deploy", "flask", "sqlalchemy",
}  # fmt: skip


@pytest.mark.parametrize(("package", "foreign"), [("reader_agent", "virtual_card"), ("virtual_card", "reader_agent")])
def test_reader_and_card_import_no_server_package_and_not_each_other(package: str, foreign: str) -> None:
    modules = [f"{package}.{path.stem}" for path in (ROOT / "nfc" / package).glob("*.py") if path.stem[0] != "_"]
    assert modules
    code = f"import {', '.join(modules)}, {package}.__main__, sys; print(*{{n.split('.')[0] for n in sys.modules}})"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "nfc")}
    loaded = subprocess.run([sys.executable, "-P", "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert not (SERVER | {foreign}) & set(loaded.stdout.split())
