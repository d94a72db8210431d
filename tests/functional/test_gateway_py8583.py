"""An ISO 8583 client that shares no code with the gateway: py8583 for the message, the reader's DUKPT for the MAC."""

import socket
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from reader_agent.dukpt import TerminalKeys, Usage
from tests.functional.bank import MONEY, Bank
from tests.pos_gateway.py8583_dialect_a import pack, unpack

Fields = dict[int, str | bytes]


class Client:
    """One terminal of the other make."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config
        self._keys = TerminalKeys(bytes.fromhex(config["initial_key"]), bytes.fromhex(config["initial_key_id"]))
        self._counter = 0
        self._socket = socket.create_connection((config["host"], config["port"]), 20)
        self.close = self._socket.close

    def fields(self, **more: str) -> Fields:
        now = datetime.now(UTC)
        local = now.astimezone(ZoneInfo("Asia/Tehran"))
        stan = f"{self._counter + 1:06d}"
        return {
            3: "000000", 7: f"{now:%m%d%H%M%S}", 11: stan, 12: f"{local:%H%M%S}", 13: f"{local:%m%d}", 22: "011", 24: "001",
            25: "00", 41: self._config["terminal"], 42: self._config["acceptor"], 49: "364", 62: stan,
        } | {int(name[2:]): value for name, value in more.items()}  # fmt: skip

    def ask(self, mti: str, fields: Fields, tags: bytes = b"") -> tuple[str, Fields]:
        self._counter += 1
        place = 128 if max(fields) > 64 else 64
        private = b"\xdf\x31\x0c" + self._keys.serial_number(self._counter) + tags
        unsigned = pack(mti, fields | {48: private, place: bytes(8)})[:-8]
        body = unsigned + self._mac(Usage.MAC_TO_HOST, unsigned)
        self._socket.sendall((len(body) + 5).to_bytes(2) + b"\x60\x00\x01\x00\x00" + body)
        answer = self._receive()
        assert answer[-8:] == self._mac(Usage.MAC_FROM_HOST, answer[:-8])
        return unpack(answer)

    def _mac(self, usage: Usage, data: bytes) -> bytes:
        cmac = CMAC(AES(self._keys.working_key(self._counter, usage)))
        cmac.update(data)
        return cmac.finalize()[:8]

    def _receive(self) -> bytes:
        with self._socket.makefile("rb") as stream:
            length = int.from_bytes(stream.read(2))
            return stream.read(length)[5:]


def test_a_foreign_client_signs_on_buys_repeats_and_reverses(bank: Bank, card: dict[str, Any]) -> None:
    client = Client(bank.till().config)
    network = {number: value for number, value in client.fields().items() if number in (7, 11, 24, 41, 42)}
    mti, reply = client.ask("0800", network | {70: "001"})
    assert (mti, reply[39]) == ("0810", "00")

    purchase = client.fields(de2=card["card_number"], de4=f"{250_000:012d}")
    mti, approved = client.ask("0200", purchase)
    assert (mti, approved[39], approved[11]) == ("0210", "00", purchase[11])
    assert bank.balance(card) == MONEY - 250_000

    mti, again = client.ask("0201", purchase)
    assert (mti, again[37], again[38]) == ("0210", approved[37], approved[38])

    original = f"0200{purchase[11]}{purchase[7]}".ljust(42, "0")
    reversal = {number: value for number, value in client.fields().items() if number not in (22, 25)}
    mti, reversed_ = client.ask("0400", reversal | {2: card["card_number"], 4: purchase[4], 90: original})
    assert (mti, reversed_[39], reversed_[90]) == ("0410", "00", original)
    assert bank.balance(card) == MONEY
    client.close()


def test_a_foreign_clients_part_credit_purchase(bank: Bank, card: dict[str, Any]) -> None:
    client = Client(bank.till().config)
    client.ask("0200", client.fields(de2=card["card_number"], de4=f"{400_000:012d}"))
    tags = b"\xdf\x02\x0c" + b"000000015000" + b"\xdf\x04\x01\x02"
    _, reply = client.ask("0200", client.fields(de2=card["card_number"], de4=f"{100_000:012d}"), tags)
    assert reply[39] == "00"
    assert b"\xdf\x43\x0c000000085000\xdf\x44\x0c000000015000" in reply[48]  # type: ignore[operator]
    client.close()
