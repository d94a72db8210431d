import asyncio
from pathlib import Path
from typing import Any

import pytest

from cardbank.keystore.software import read_key_file, write_key_file
from kernel.calendar import TEHRAN
from merchants.sales.services import Office
from pos_gateway import server
from pos_gateway.dispatch import Dispatcher
from pos_gateway.security import SerialJournal
from pos_gateway.server import Door, certified_terminals


def test_a_certificate_names_terminals_by_its_alternative_names() -> None:
    assert certified_terminals(None) is None
    assert certified_terminals({}) == frozenset()
    names = (("DNS", "T0000001"), ("DNS", "T0000002"), ("IP Address", "10.0.0.1"))
    assert certified_terminals({"subjectAltName": names}) == {"T0000001", "T0000002"}


@pytest.mark.parametrize(("said", "limit"), [(b"", "IDLE_SECONDS"), (b"\x00\x20\x60", "PARTIAL_SECONDS")])
def test_a_peer_that_says_nothing_more_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes, limit: str) -> None:
    """The two limits, shortened; a peer within them stays."""
    write_key_file(tmp_path / "keys.json")
    office: Any = Office(None, read_key_file(tmp_path / "keys.json", laboratory=True), None, None, None)  # type: ignore[arg-type]

    async def scenario() -> tuple[int, int]:
        journal = SerialJournal(tmp_path / "serials.journal")
        door = Door(Dispatcher(office, journal, TEHRAN))
        host, port = await door.listen("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(said)
        await asyncio.sleep(0.05)
        for connection in list(door.connections):
            connection.sweep(door.time())
        before = len(door.connections)
        monkeypatch.setattr(server, limit, 0.0)
        for connection in list(door.connections):
            connection.sweep(door.time() + 0.001)
        assert await reader.read() == b""
        writer.close()
        await door.close()
        journal.close()
        return before, len(door.connections)

    assert asyncio.run(scenario()) == (1, 0)
