"""A bank's end for the reader: the gateway's own codec and the bank's own EV2 code behind a small TCP server."""

import secrets
import socket
import socketserver
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cardbank.cards.ev2 import CardProofRefused, EV2Challenge
from pos_gateway.wire import codec, mac, tlv
from pos_gateway.wire.dukpt import ReplayWindow, Usage, WorkingKeys
from pos_gateway.wire.framing import Deframer, frame
from pos_gateway.wire.presence import check_presence, echo, response_mti

ROOT = Path(__file__).parents[2]
DF_NAME = "f0534d41525450494c4752494d01"
ONLINE = 1


def new_card_keys() -> dict[str, Any]:
    """A card as `pilgrim card new --export-keys --json` prints it."""
    return {
        "uid": (b"\x04" + secrets.token_bytes(6)).hex(),
        "df_name": DF_NAME,
        "aid": "f54230",
        "key_numbers": {"online": 1, "offline": 2},
        "card_keys": {str(number): secrets.token_hex(16) for number in range(5)},
        "token": secrets.token_hex(16),
        "card_number": "9364000000000000001",
        "masked": "936400******0001",
    }


@dataclass
class Bank:
    """Accounts of cards and what was posted.

    `behave` names by MTI how the next message is mistreated; two digits do what was asked and answer that code.
    """

    keys: WorkingKeys
    window: ReplayWindow = field(default_factory=ReplayWindow)
    card_keys: dict[bytes, bytes] = field(default_factory=dict)
    blocked: set[bytes] = field(default_factory=set)
    challenges: dict[bytes, tuple[bytes, bytes, str]] = field(default_factory=dict)
    named: dict[bytes, bytes] = field(default_factory=dict)
    posted: dict[tuple[str, str], tuple[bytes, int]] = field(default_factory=dict)
    reversed: list[tuple[str, str]] = field(default_factory=list)
    received: list[codec.Message] = field(default_factory=list)
    behave: dict[str, str] = field(default_factory=dict)

    def issue(self, exported: dict[str, Any]) -> None:
        self.card_keys[bytes.fromhex(exported["uid"])] = bytes.fromhex(exported["card_keys"][str(ONLINE)])

    @property
    def total_rial(self) -> int:
        """What stands posted after all reversals."""
        return sum(amount for key, (_, amount) in self.posted.items() if key not in self.reversed)

    def answer(self, body: bytes) -> bytes | None:
        request = codec.decode(body)
        check_presence(request)
        self.received.append(request)
        ksn = bytes(request.private[0xDF31])
        counter = int.from_bytes(ksn[8:])
        assert mac.verify(request, self.keys.derive(counter, Usage.MAC_TO_HOST))
        assert self.window.accept(counter), "a key serial number came twice"
        behaviour = self.behave.pop(request.mti, "honest")
        if behaviour == "deaf":
            return None
        fields, private = self._decide(request)
        if behaviour == "mute":
            return None
        if behaviour.isdigit():
            fields |= {39: behaviour}
        if behaviour == "old_serial":
            private[0xDF31] = ksn[:11] + bytes([ksn[11] ^ 1])
        reply = echo(request) | fields | {48: tlv.encode({0xDF31: ksn} | private)}
        signed = mac.sign(codec.Message(response_mti(request.mti), reply), self.keys.derive(counter, Usage.MAC_TO_TERMINAL))
        return signed[:-1] + bytes([signed[-1] ^ 1]) if behaviour == "wrong_mac" else signed

    def _decide(self, request: codec.Message) -> tuple[dict[int, Any], dict[int, Any]]:
        always = {37: "632601000000", 39: "00", 15: "1122"}
        match request.mti:
            case "0800":
                return {39: "00", 12: "120000", 13: "1122"}, {}
            case "0100":
                return self._challenge(request, always)
            case "0200":
                return self._purchase(request, always)
            case "0500":
                return always | {number: request.fields[number] for number in CLOSE} | {66: "1"}, {}
            case "0400" | "0401":
                return always | self._reverse(request), {}
        raise AssertionError(request.mti)

    def _challenge(self, request: codec.Message, always: dict[int, Any]) -> tuple[dict[int, Any], dict[int, Any]]:
        card_data = bytes(request.private[0xDF33])
        assert card_data[0] == 1
        assert len(card_data) == 24
        uid = card_data[1:8]
        if uid not in self.card_keys:
            return always | {39: "14"}, {0xDF4D: "1014"}
        challenge_id = secrets.token_bytes(8)
        part2, state = EV2Challenge.begin(self.card_keys[uid], card_data[8:])
        self.challenges[challenge_id] = uid, state, str(request.fields[41])
        return always, {0xDF33: b"\x02" + challenge_id + part2}

    def _purchase(self, request: codec.Message, always: dict[int, Any]) -> tuple[dict[int, Any], dict[int, Any]]:
        amount = int(str(request.fields[4]))
        if 2 in request.fields:
            who = str(request.fields[2]).encode()
        else:
            card_data = bytes(request.private[0xDF33])
            assert card_data[0] == 3
            who, state, terminal = self.challenges.pop(card_data[1:9], (b"", b"", ""))
            if terminal != request.fields[41]:
                return always | {39: "63"}, {0xDF4D: "2063"}
            try:
                EV2Challenge.finish(self.card_keys[who], state, card_data[9:])
            except CardProofRefused:
                return always | {39: "63"}, {0xDF4D: "2064"}
            self.named[card_data[1:9]] = who
        if who in self.blocked:
            return always | {39: "62"}, {0xDF4D: "1062"}
        if amount == 0:
            return always | {39: "13"}, {0xDF4D: "1013"}
        self.posted[str(request.fields[11]), str(request.fields[7])] = who, amount
        credit = int(str(request.private.get(0xDF02, "0"))) or (amount // 10 if 0xDF04 in request.private else 0)
        facts = {0xDF43: amount - credit, 0xDF44: credit, 0xDF57: amount // 20, 0xDF58: 70000}
        lines = "^Cفروشگاه نمونه\nاعتبار این خرید ۵٪\n"
        return always | {38: "123456", 63: tlv.encode({0xDF60: b"\x01", 0xDF61: lines.encode()}, 63)}, {
            tag: f"{number:012d}" for tag, number in facts.items()
        } | {0xDF49: "936400******0001"}

    def _reverse(self, request: codec.Message) -> dict[int, Any]:
        original = str(request.fields[90])
        assert original[:4] == "0200"
        key = original[4:10], original[10:20]
        if key in self.posted and key not in self.reversed:
            assert self.posted[key][1] == int(str(request.fields[4]))
            if 2 not in request.fields:
                card_data = bytes(request.private[0xDF33])
                assert card_data[0] == 4
                assert self.named[card_data[1:]] == self.posted[key][0]
        self.reversed.append(key)
        return {}


CLOSE = (74, 75, 76, 77, 86, 87, 88, 89, 97)  # believed as they are told


class Connection(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        deframer = Deframer()
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while data := self.request.recv(4096):
            for tpdu, body in deframer.feed(data):
                bank: Bank = self.server.bank  # type: ignore[attr-defined]
                if bank.behave.get("hang_up"):
                    bank.behave.pop("hang_up")
                    return
                try:
                    reply = bank.answer(body)
                except Exception as error:
                    self.server.failures.append(error)  # type: ignore[attr-defined]
                    raise
                if reply:
                    self.request.sendall(frame(tpdu, reply))


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Failures are collected and raised when the fixture ends; a reader that vanishes is none."""
