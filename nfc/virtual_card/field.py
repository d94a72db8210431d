"""The field of a reader, in the datagrams of nfcpy's UDP driver: no card, one, or several; and faults.

A datagram is the bit rate and type, a space and the frame in hexadecimal ("106A 26"); "RFOFF" ends the
field. There is no CRC. A stock nfcpy reader connects to the field's port. When no card answers, the field
says so at once with an empty frame, which the driver reads as a transmission error; real silence would cost
it a second at each poll. A frame that a fault loses stays really unanswered.
"""

import heapq
import os
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import or_, xor

from virtual_card.card import Card
from virtual_card.goods_tag import NAK, Ntag
from virtual_card.iso_dep import IsoDepTarget

BIT_RATE = b"106A"
FIELD_OFF = b"RFOFF"
REQA, WUPA = b"\x26", b"\x52"
ANSWER_TO_REQUEST = bytes.fromhex("4403")
CASCADE_TAG = b"\x88"
SAK_INCOMPLETE, SAK_ISO_DEP, SAK_TYPE_2 = b"\x04", b"\x20", b"\x00"
LATE_SECONDS = 0.12


class Fault(StrEnum):
    """What may go wrong with one ISO-DEP block and its answer."""

    LOSE_COMMAND = "lose_command"
    LOSE_ANSWER = "lose_answer"
    REPEAT_COMMAND = "repeat_command"
    REPEAT_ANSWER = "repeat_answer"
    LATE_ANSWER = "late_answer"
    WRONG_BLOCK_NUMBER = "wrong_block_number"
    GARBLE_ANSWER = "garble_answer"
    LEAVE_BEFORE = "leave_before"
    LEAVE_UNHEARD = "leave_unheard"
    LEAVE_AFTER = "leave_after"


@dataclass
class Contact:
    """One card in the field: anticollision by ISO 14443-3 (two cascade levels), then ISO-DEP blocks.

    `faults` maps the number of a block, counted from one since the card was placed and without the
    activations, to what happens to it.
    """

    uid: bytes
    target: IsoDepTarget | Ntag
    faults: dict[int, Fault]
    sak: bytes = SAK_ISO_DEP
    blocks: int = 0

    def __post_init__(self) -> None:
        uid = self.uid
        self._levels = {
            0x93: _with_check_byte(CASCADE_TAG + uid[:3]),
            0x95: _with_check_byte(uid[3:]),
        }
        self.leave_field()

    def leave_field(self) -> None:
        """Power is gone: anticollision and ISO-DEP start anew."""
        self.is_selected = False
        self._answers_level = 0
        self.target.reset()

    def receive(self, frame: bytes) -> bytes | None:
        """The card's answer to one frame, None for silence."""
        if self.is_selected:
            answer = self.target.receive(frame)
            if answer == NAK:
                self.leave_field()  # a tag that has refused waits to be selected anew
            return answer
        if frame in (REQA, WUPA):
            self._answers_level = 0x93
            return ANSWER_TO_REQUEST
        level = self._levels.get(self._answers_level)
        if level is None or len(frame) < 2 or frame[0] != self._answers_level:
            return None
        if frame[1:] == b"\x20":
            return level
        return self._select_level() if frame[1:] == b"\x70" + level else None

    def _select_level(self) -> bytes:
        if self._answers_level == 0x93:
            self._answers_level = 0x95
            return SAK_INCOMPLETE
        self.is_selected = True
        return self.sak


def _with_check_byte(level: bytes) -> bytes:
    return level + bytes([reduce(xor, level)])


class Field:
    """A UDP port that behaves as a reader's surface. One reader at a time; a new one ends the old field.

    `on_apdu(uid, command, answer)` is told of every APDU, for traces; it sees no key.
    """

    def __init__(self, port: int = 0, on_apdu: Callable[[bytes, bytes, bytes], None] | None = None) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self._on_apdu = on_apdu
        self._contacts: dict[bytes, Contact] = {}
        self._reader: tuple[str, int] | None = None
        self._late: list[tuple[float, bytes, tuple[str, int]]] = []

    def place(self, card: Card, faults: dict[int, Fault] | None = None, extensions: int = 0) -> None:
        """Lay a card on the surface; `extensions` are S(WTX) before each of its answers."""
        uid = card.profile.uid

        def process(apdu: bytes) -> bytes:
            answer = card.process(apdu)
            if self._on_apdu:
                self._on_apdu(uid, apdu, answer)
            return answer

        target = IsoDepTarget(process, card.power_off, extensions)
        self._contacts[uid] = Contact(uid, target, dict(faults or {}))

    def place_tag(self, tag: Ntag) -> None:
        """Lay goods with a tag on the surface."""
        self._contacts[tag.uid] = Contact(tag.uid, tag, {}, SAK_TYPE_2)

    def remove(self, uid: bytes) -> None:
        """Take a card away; one that is not there is no error."""
        contact = self._contacts.pop(uid, None)
        if contact:
            contact.leave_field()

    def run(self, control: int | None = None, on_control: Callable[[bytes], None] | None = None) -> None:
        """Serve datagrams until the file descriptor `control` ends; its lines go to `on_control`."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            if control is not None:
                selector.register(control, selectors.EVENT_READ)
            unread = b""
            while True:
                for key, _ in selector.select(self._seconds_to_next_late_answer()):
                    if key.fileobj is self._socket:
                        self._receive_datagram()
                        continue
                    chunk = os.read(key.fd, 65536)
                    *lines, unread = (unread + chunk).split(b"\n")
                    for line in filter(None, lines):
                        if on_control:
                            on_control(line)
                    if not chunk:
                        return
                self._send_late_answers()

    def close(self) -> None:
        self._socket.close()

    def _receive_datagram(self) -> None:
        datagram, reader = self._socket.recvfrom(1024)
        if datagram.startswith(FIELD_OFF):
            if reader == self._reader:
                self._switch_off()
            return
        bit_rate, _, text = datagram.partition(b" ")
        try:
            frame = bytes.fromhex(text.decode("ascii"))
        except ValueError:
            return
        if reader != self._reader:
            self._switch_off()
            self._reader = reader
        if bit_rate != BIT_RATE or not frame:
            self._send(b"", reader)
            return
        self._carry(frame, reader)

    def _switch_off(self) -> None:
        self._reader = None
        for contact in self._contacts.values():
            contact.leave_field()

    def _carry(self, frame: bytes, reader: tuple[str, int]) -> None:
        selected = next((contact for contact in self._contacts.values() if contact.is_selected), None)
        if selected is None:
            answers = [contact.receive(frame) for contact in self._contacts.values()]
            self._send(_superpose([answer for answer in answers if answer]), reader)
            return
        selected.blocks += selected.target.is_active
        fault = selected.faults.get(selected.blocks) if selected.target.is_active else None
        if fault is None:
            self._send(selected.receive(frame) or b"", reader)
        else:
            self._carry_with_fault(selected, frame, fault, reader)

    def _carry_with_fault(self, contact: Contact, frame: bytes, fault: Fault, reader: tuple[str, int]) -> None:
        uid = contact.uid
        if fault is Fault.LEAVE_BEFORE:
            self.remove(uid)
        if fault in (Fault.LOSE_COMMAND, Fault.LEAVE_BEFORE):
            return
        answer = contact.receive(frame) or b""
        if fault is Fault.REPEAT_COMMAND:
            answer = contact.receive(frame) or b""
        if fault in (Fault.LEAVE_AFTER, Fault.LEAVE_UNHEARD):
            self.remove(uid)
        if fault is Fault.LATE_ANSWER:
            heapq.heappush(self._late, (time.monotonic() + LATE_SECONDS, answer, reader))
        elif fault is Fault.WRONG_BLOCK_NUMBER and answer:
            self._send(bytes([answer[0] ^ 1]) + answer[1:], reader)
        elif fault is Fault.GARBLE_ANSWER:
            self._send(b"\xff" + answer[:1], reader)
        elif fault not in (Fault.LOSE_ANSWER, Fault.LEAVE_UNHEARD):
            for _ in range(2 if fault is Fault.REPEAT_ANSWER else 1):
                self._send(answer, reader)

    def _send(self, frame: bytes, reader: tuple[str, int]) -> None:
        self._socket.sendto((BIT_RATE + b" " + frame.hex().encode()).strip(), reader)

    def _seconds_to_next_late_answer(self) -> float | None:
        return max(0.0, self._late[0][0] - time.monotonic()) if self._late else None

    def _send_late_answers(self) -> None:
        while self._late and self._late[0][0] <= time.monotonic():
            _, answer, reader = heapq.heappop(self._late)
            self._send(answer, reader)


def _superpose(answers: list[bytes]) -> bytes:
    """What the reader hears when several cards answer at once: their bits laid over each other."""
    length = max(map(len, answers), default=0)
    columns = zip(*(answer.ljust(length, b"\x00") for answer in answers), strict=True)
    return bytes(reduce(or_, column) for column in columns)
