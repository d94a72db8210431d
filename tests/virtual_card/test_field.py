"""The field seen by a stock nfcpy reader, and by datagrams that are none."""

import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nfc.clf import ContactlessFrontend, RemoteTarget
from nfc.tag import Tag, TagCommandError

from virtual_card.card import Card, CardProfile
from virtual_card.crypto import AesKey
from virtual_card.field import Fault, Field

ROOT = Path(__file__).parents[2]
NAME = bytes.fromhex("F0534D41525450494C4752494D01")
SELECT = bytes.fromhex("00A4040C0E") + NAME


def new_card() -> Card:
    return Card(CardProfile(b"\x04" + secrets.token_bytes(6), NAME, {1: AesKey(bytes(16))}))


@pytest.fixture
def field() -> Iterator[Field]:
    """A field served by a thread."""
    field = Field()
    ended, end = os.pipe()
    serving = threading.Thread(target=field.run, args=(ended,))
    serving.start()
    yield field
    os.close(end)
    serving.join()
    os.close(ended)
    field.close()


@pytest.fixture
def look(field: Field) -> Iterator[Callable[[], Tag | None]]:
    """One look of a stock reader: an activated tag or None."""
    with ContactlessFrontend(f"udp:127.0.0.1:{field.port}") as frontend:

        def connect() -> Tag | None:
            looks = iter((False, True))
            rdwr = {"targets": ["106A"], "iterations": 1, "on-connect": lambda tag: False}
            return frontend.connect(rdwr=rdwr, terminate=lambda: next(looks))

        yield connect


def test_an_empty_field_is_seen_empty_without_waiting_a_second(look: Callable[[], Tag | None]) -> None:
    assert [look() for _ in range(20)] == [None] * 20


def test_a_card_is_seen_with_its_uid_and_answers(field: Field, look: Callable[[], Tag | None]) -> None:
    card = new_card()
    field.place(card)
    tag = look()
    assert tag is not None
    assert bytes(tag.identifier) == card.profile.uid
    assert tag.transceive(SELECT) == b"\x90\x00"


def test_two_cards_collide_and_neither_is_activated(field: Field, look: Callable[[], Tag | None]) -> None:
    first, second = new_card(), new_card()
    field.place(first)
    field.place(second)
    assert look() is None
    field.remove(second.profile.uid)
    tag = look()
    assert tag is not None
    assert bytes(tag.identifier) == first.profile.uid


def test_a_card_that_leaves_and_returns_has_forgotten_its_selection(field: Field, look: Callable[[], Tag | None]) -> None:
    card = new_card()
    field.place(card)
    tag = look()
    assert tag is not None
    assert tag.transceive(SELECT) == b"\x90\x00"
    field.remove(card.profile.uid)
    assert look() is None
    field.place(card)
    tag = look()
    assert tag is not None
    assert tag.transceive(bytes.fromhex("9071000002010000")) == bytes.fromhex("9140")


@pytest.mark.parametrize("fault", [Fault.LOSE_COMMAND, Fault.LOSE_ANSWER, Fault.GARBLE_ANSWER, Fault.WRONG_BLOCK_NUMBER])
def test_a_fault_hits_its_block_only(field: Field, look: Callable[[], Tag | None], fault: Fault) -> None:
    card = new_card()
    field.place(card, {2: fault})
    tag = look()
    assert tag is not None
    assert tag.transceive(SELECT) == b"\x90\x00"
    if fault in (Fault.LOSE_COMMAND, Fault.LOSE_ANSWER):
        assert tag.transceive(SELECT) == b"\x90\x00"
    else:
        with pytest.raises(TagCommandError):
            tag.transceive(SELECT)
        tag = look()
        assert tag is not None
        assert tag.transceive(SELECT) == b"\x90\x00"


def test_a_second_reader_ends_the_field_of_one_that_died(field: Field) -> None:
    card = new_card()
    field.place(card)
    with ContactlessFrontend(f"udp:127.0.0.1:{field.port}") as first:
        assert first.sense(RemoteTarget("106A")) is not None
        with ContactlessFrontend(f"udp:127.0.0.1:{field.port}") as second:
            target = second.sense(RemoteTarget("106A"))
            assert target is not None
            assert bytes(target.sdd_res) == card.profile.uid


@pytest.mark.parametrize(
    "datagram",
    [b"", b"\xff" * 40, b"106A zz", b"106A 2", b"106B 050010", b"212F 0600FFFF0100", b"106A " + b"0" * 1000],
)
def test_datagrams_that_are_no_frames_change_nothing(field: Field, look: Callable[[], Tag | None], datagram: bytes) -> None:
    field.place(new_card())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as noise:
        noise.sendto(datagram, ("127.0.0.1", field.port))
    tag = look()
    assert tag is not None
    assert tag.transceive(SELECT) == b"\x90\x00"


def run_module(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'nfc'}"}
    return subprocess.run(
        [sys.executable, "-m", "virtual_card", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        env=environment,
        cwd=ROOT,
        check=False,
        input="",
    )


def test_a_bad_key_file_ends_the_command_with_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_text('{"uid": "04"}')
    ended = run_module("--keys", str(path), "--udp", "0")
    assert ended.returncode == 3
    assert ended.stderr == "virtual_card: the field 'df_name' is missing\n"


def test_a_taken_port_ends_the_command_with_one_sentence(tmp_path: Path, field: Field) -> None:
    path = tmp_path / "card.json"
    path.write_text(json.dumps({"uid": "04de5f1eacc040", "df_name": NAME.hex(), "card_keys": {"1": "00" * 16}}))
    for options in ((), ("--field",)):
        ended = run_module("--keys", str(path), "--udp", str(field.port), *options)
        assert ended.returncode == 3
        assert "in use" in ended.stderr
        assert len(ended.stderr.splitlines()) == 1


def test_a_card_that_listens_by_itself_answers_a_stock_reader(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_text(json.dumps({"uid": "04de5f1eacc040", "df_name": NAME.hex(), "card_keys": {"1": "00" * 16}}))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'nfc'}"}
    arguments = [sys.executable, "-m", "virtual_card", "--keys", str(path), "--udp", str(port)]
    listening = subprocess.Popen(arguments, env=environment, cwd=ROOT)
    try:
        for _ in range(2):
            deadline = time.monotonic() + 15
            with ContactlessFrontend(f"udp:127.0.0.1:{port}") as frontend:
                tag = None
                while tag is None and time.monotonic() < deadline:
                    looks = iter((False, True))
                    rdwr = {"targets": ["106A"], "iterations": 1, "on-connect": lambda tag: False}
                    tag = frontend.connect(rdwr=rdwr, terminate=lambda looks=looks: next(looks))
                assert tag is not None
                assert bytes(tag.identifier).hex() == "04de5f1eacc040"
                assert tag.transceive(SELECT) == b"\x90\x00"
    finally:
        listening.kill()
        listening.wait()
