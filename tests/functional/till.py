"""A terminal for tests: signed requests over TCP, verified answers, and a chip made from exported card keys."""

import secrets
import socket
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from pos_gateway.wire import mac, tlv
from pos_gateway.wire.codec import Message, decode
from pos_gateway.wire.dukpt import Usage, WorkingKeys
from pos_gateway.wire.tlv import Tag

TEHRAN = ZoneInfo("Asia/Tehran")
TPDU = bytes.fromhex("6000010002")
ANSWER_TPDU = bytes.fromhex("6000020001")
PATIENCE_SECONDS = 30
SIDES = ("credits", "credit_reversals", "debits", "debit_reversals")  # DE74 to DE77, DE86 to DE89
NET_SIGNS = {"credits": -1, "credit_reversals": 1, "debits": 1, "debit_reversals": -1}
SUM_TAGS = {Tag.TOTAL_LOYALTY_CREDIT: "loyalty_rial", Tag.TOTAL_TOP_UPS: "top_ups_rial", Tag.TOTAL_GIFTS: "gifts_rial"}


class Chip:
    """The card's side of the online tap (MF2DL data sheet 9.2), from the card's own key."""

    def __init__(self, exported: dict[str, Any]) -> None:
        self.uid = bytes.fromhex(exported["uid"])
        self._key = bytes.fromhex(exported["card_keys"]["1"])
        self._rnd_b = secrets.token_bytes(16)

    def challenge(self) -> bytes:
        return self._cbc(self._rnd_b, encrypt=True)

    def answer(self, part2: bytes) -> bytes:
        clear = self._cbc(part2, encrypt=False)
        assert clear[16:] == self._rnd_b[1:] + self._rnd_b[:1], "the bank does not hold the card's key"
        return self._cbc(secrets.token_bytes(4) + clear[1:16] + clear[:1] + bytes(12), encrypt=True)

    def _cbc(self, data: bytes, *, encrypt: bool) -> bytes:
        cipher = Cipher(algorithms.AES(self._key), modes.CBC(bytes(16)))
        worker = cipher.encryptor() if encrypt else cipher.decryptor()
        return worker.update(data) + worker.finalize()


class Reply:
    """A verified answer."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.mti = message.mti
        self.tags = message.private

    @property
    def code(self) -> str:
        return self[39]

    @property
    def reason(self) -> int:
        return int(self.tags.get(Tag.INTERNAL_REASON, "0"))

    def __getitem__(self, number: int) -> str:
        value = self.message.fields[number]
        assert isinstance(value, str)
        return value

    def number(self, tag: Tag) -> int:
        return int(self.tags[tag])

    @property
    def receipt(self) -> dict[int, str]:
        tags = tlv.decode(self.message.fields[63], 63)  # type: ignore[arg-type]
        return {tag: value.decode() for tag, value in tags.items() if tag in (0xDF61, 0xDF62, 0xDF63)}  # type: ignore[union-attr]


@dataclass
class Till:
    """One terminal on one connection; `counter` and `stan` go up with each new message."""

    config: dict[str, Any]
    counter: int = 0
    stan: int = 0
    connection: socket.socket | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self._key_id = bytes.fromhex(self.config["initial_key_id"])
        self._keys = WorkingKeys(bytes.fromhex(self.config["initial_key"]), self._key_id)

    # Messages

    def fields(self, **changes: Any) -> dict[int, str | bytes]:
        """What every request carries; `de…` changes or, with None, removes an element."""
        now = datetime.now(UTC)
        self.stan += 1
        local = now.astimezone(TEHRAN)
        fields: dict[int, Any] = {
            3: "000000", 7: f"{now:%m%d%H%M%S}", 11: f"{self.stan:06d}", 12: f"{local:%H%M%S}", 13: f"{local:%m%d}",
            22: "011", 24: "001", 25: "14", 41: self.config["terminal"], 42: self.config["acceptor"], 49: "364",
            62: f"{self.stan:06d}",
        }  # fmt: skip
        fields |= {int(name[2:]): value for name, value in changes.items()}
        return {number: value for number, value in fields.items() if value is not None}

    def purchase(self, number: str, amount: int, tags: dict[int, Any] | None = None, **changes: Any) -> Message:
        fields = self.fields(de2=number, de4=f"{amount:012d}", **changes)
        return Message("0200", fields | {48: tags or {}})  # type: ignore[dict-item]

    def tapped(self, proof: bytes, amount: int, tags: dict[int, Any] | None = None) -> Message:
        fields = self.fields(de4=f"{amount:012d}", de22="071")
        return Message("0200", fields | {48: (tags or {}) | {Tag.CARD_AUTHENTICATION: proof}})  # type: ignore[dict-item]

    def reversal(self, original: Message, **changes: Any) -> Message:
        """0400 of an original, which names its card as the original does."""
        keep = {number: original.fields[number] for number in (2, 3, 4) if number in original.fields}
        named = original.fields[7], original.fields[11]
        fields = self.fields(de22=None, de25=None, de90=f"{original.mti}{named[1]}{named[0]}".ljust(42, "0"), **changes) | keep
        fields |= {int(name[2:]): value for name, value in changes.items() if value is not None}
        tags: dict[int, Any] = {}
        proof = dict(original.fields[48]).get(Tag.CARD_AUTHENTICATION)  # type: ignore[call-overload]
        if proof:
            tags[Tag.CARD_AUTHENTICATION] = b"\x04" + proof[1:9]
        return Message("0400", fields | {48: tags})  # type: ignore[dict-item]

    def refund(self, sold: Reply, amount: int, of: int | None = None, **changes: Any) -> Message:
        """0200 200000 of an approved purchase, by its reference; `of` is what it came to."""
        day = f"{datetime.now(TEHRAN):%Y}{sold[15]}"
        tags = {Tag.ORIGINAL_DATE: day, Tag.ORIGINAL_AMOUNT: f"{int(sold[4]) if of is None else of:012d}"}
        return self._named(sold, "200000", amount, tags, **changes)

    def void(self, done: Reply, code: str = "020000", **changes: Any) -> Message:
        """0200 020000 of a purchase or 220000 of a refund, by its reference: the whole of it."""
        return self._named(done, code, int(done[4]), {}, **changes)

    def _named(self, done: Reply, code: str, amount: int, tags: dict[Tag, str], **changes: Any) -> Message:
        named = {"de3": code, "de4": f"{amount:012d}", "de37": done[37]}
        fields = self.fields(**(named | changes))
        return Message("0200", fields | {48: tags})  # type: ignore[dict-item]

    def network(self, code: str) -> Message:
        fields = self.fields(de70=code, de3=None, de12=None, de13=None, de22=None, de25=None, de49=None, de62=None)
        return Message("0800", fields | {48: {}})  # type: ignore[dict-item]

    def batch_close(self, batch: int, said: dict[str, int] | None = None, code: str = "920000", **changes: Any) -> Message:
        """0500 with what the terminal says: `debits`, `debits_rial` … and the DF52 to DF54 of them."""
        said = said or {}
        net = sum(sign * said.get(f"{side}_rial", 0) for side, sign in NET_SIGNS.items())
        fields = self.fields(
            de3=code, de22=None, de25=None, de62=None, de60=f"{batch:06d}", de97=f"{'D' if net >= 0 else 'C'}{abs(net):016d}",
            **{f"de{74 + place}": f"{said.get(side, 0):010d}" for place, side in enumerate(SIDES)},
            **{f"de{86 + place}": f"{said.get(f'{side}_rial', 0):016d}" for place, side in enumerate(SIDES)},
        ) | {int(name[2:]): value for name, value in changes.items()}  # fmt: skip
        tags = {tag: f"{said[name]:012d}" for tag, name in SUM_TAGS.items() if name in said}
        return Message("0500", fields | {48: tags})  # type: ignore[dict-item]

    def batch_upload(self, original: Message, reference: str, batch: int, number: str, **changes: Any) -> Message:
        """0320 of one transaction: the card by `number`, the original by DE60 and DE37."""
        named = f"{original.mti}{original.fields[11]}{reference}{batch:06d}"
        keep = {3: original.fields[3], 4: original.fields[4]}
        return Message("0320", self.fields(de2=number, de37=reference, de39="00", de60=named) | keep | {
            int(name[2:]): value for name, value in changes.items()} | {48: {}})  # type: ignore[dict-item]  # fmt: skip

    # Bytes

    def sign(self, message: Message, counter: int | None = None, keys: WorkingKeys | None = None) -> bytes:
        """The body with a fresh KSN and its MAC."""
        if counter is None:
            self.counter += 1
            while self.counter.bit_count() > 16:
                self.counter += 1
            counter = self.counter
        tags = dict(message.fields.get(48, {})) | {Tag.KSN: self._key_id + counter.to_bytes(4, "big")}  # type: ignore[call-overload]
        body = Message(message.mti, message.fields | {48: tlv.encode(tags)})
        return mac.sign(body, (keys or self._keys).derive(counter, Usage.MAC_TO_HOST))

    def connect(self) -> socket.socket:
        if self.connection is None:
            self.connection = socket.create_connection((self.config["host"], self.config["port"]), PATIENCE_SECONDS)
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.connection

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def send_body(self, body: bytes) -> None:
        self.connect().sendall((len(body) + 5).to_bytes(2, "big") + TPDU + body)

    def receive_body(self) -> bytes:
        """Raises ConnectionError when the gateway closes instead."""
        length = int.from_bytes(self._exactly(2), "big")
        received = self._exactly(length)
        assert received[:5] == ANSWER_TPDU
        return received[5:]

    def receive(self) -> Reply:
        return self.read(self.receive_body())

    def read(self, body: bytes) -> Reply:
        message = decode(body)
        counter = int.from_bytes(message.private[Tag.KSN][8:], "big")  # type: ignore[arg-type]
        assert mac.verify(message, self._keys.derive(counter, Usage.MAC_TO_TERMINAL)), "the answer's MAC does not verify"
        return Reply(message)

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = self.connect().recv(count - len(data))
            if not piece:
                raise ConnectionError("closed by the gateway")
            data += piece
        return data

    # Exchanges

    def ask(self, message: Message) -> Reply:
        """Send and receive; an answer that echoes another STAN fails."""
        self.send_body(self.sign(message))
        reply = self.receive()
        assert reply[11] == message.fields[11]
        assert reply[41] == message.fields[41]
        return reply

    def again(self, message: Message) -> Message:
        """The repeat: same content, repeat digit."""
        return Message(message.mti[:3] + "1", message.fields)

    def begin_tap(self, chip: Chip) -> Reply:
        proof = b"\x01" + chip.uid + chip.challenge()
        fields = self.fields(de3="330000", de22="071")
        return self.ask(Message("0100", fields | {48: {Tag.CARD_AUTHENTICATION: proof}}))  # type: ignore[dict-item]

    def prove(self, chip: Chip) -> bytes:
        """The DF33 of a purchase: challenge id and the chip's answer to it."""
        reply = self.begin_tap(chip)
        assert reply.code == "00", reply.reason
        data = reply.tags[Tag.CARD_AUTHENTICATION]
        assert isinstance(data, bytes)
        assert (data[0], len(data)) == (2, 41)
        return b"\x03" + data[1:9] + chip.answer(data[9:])


def wait_until(condition: Any, seconds: float = 20.0) -> None:
    """Poll until a condition holds."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)
