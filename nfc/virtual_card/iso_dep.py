"""The card's end of ISO-DEP, the half-duplex block protocol of ISO/IEC 14443-4 (clauses 5 and 7).

Neither CID nor NAD, 106 kbit/s only. The answer to select carries TA and TB, which stock nfcpy needs.
"""

from collections.abc import Callable

# TL, T0 (TA, TB, TC present; FSCI 5: 64-byte frames), TA 106 kbit/s both ways, TB: FWI 8 (77 ms), TC, history.
ANSWER_TO_SELECT = bytes.fromhex("067500810080")
FRAME_SIZE_CARD = 64
FRAME_SIZES = (16, 24, 32, 40, 48, 64, 96, 128, 256)
MAX_COMMAND = 261

RATS, PPS_START, DESELECT, WTX = 0xE0, 0xD0, 0xC2, 0xF2
ACK, NAK, CHAINING = 0xA2, 0xB2, 0x10


class IsoDepTarget:
    """Blocks in, blocks out, around `process(apdu) -> answer`.

    `waiting_time_extensions` is how often the card asks for more time before each answer.
    """

    def __init__(
        self,
        process: Callable[[bytes], bytes],
        power_off: Callable[[], None],
        waiting_time_extensions: int = 0,
    ) -> None:
        self._process = process
        self._power_off = power_off
        self._extensions = waiting_time_extensions
        self.reset()

    def reset(self) -> None:
        """The field went off, or the card was halted: it waits for RATS again."""
        self._power_off()
        self.is_active = False
        self._number = 1
        self._command = bytearray()
        self._answer = b""
        self._last_block: bytes | None = None
        self._extensions_left = 0
        self._max_information = FRAME_SIZES[0] - 3

    def receive(self, block: bytes) -> bytes | None:
        """The card's answer to one block, None for silence. Never raises, whatever the block."""
        if not self.is_active:
            return self._activate(block)
        pcb = block[0] if block else 0
        if pcb & 0xEE == 0x02:
            return self._information(pcb, block[1:])
        if pcb & 0xEE == 0xA2 and len(block) == 1:
            return self._receive_ready(pcb)
        return self._supervisory(block)

    def _supervisory(self, block: bytes) -> bytes | None:
        if block == bytes([DESELECT]):
            self.reset()
            return block
        if block[:1] == bytes([WTX]) and len(block) == 2 and self._extensions_left:
            return self._extended()
        if block in (b"\xd0\x01", b"\xd0\x11\x00") and self._last_block is None:
            return bytes([PPS_START])
        return None

    def _activate(self, block: bytes) -> bytes | None:
        if len(block) != 2 or block[0] != RATS or block[1] & 0x0F:
            return None
        self.is_active = True
        self._max_information = FRAME_SIZES[min(block[1] >> 4, 8)] - 3
        return ANSWER_TO_SELECT

    def _information(self, pcb: int, information: bytes) -> bytes | None:
        if len(information) > FRAME_SIZE_CARD - 3:
            return None
        self._number ^= 1
        self._answer = b""
        self._command += information
        if len(self._command) > MAX_COMMAND:
            self.reset()
            return None
        if pcb & CHAINING:
            return self._send(bytes([ACK | self._number]))
        command, self._command = bytes(self._command), bytearray()
        self._answer = self._process(command)
        self._extensions_left = self._extensions
        return self._extend() if self._extensions_left else self._send_answer()

    def _extend(self) -> bytes:
        return self._send(bytes([WTX, 0x01]))

    def _extended(self) -> bytes:
        self._extensions_left -= 1
        return self._extend() if self._extensions_left else self._send_answer()

    def _receive_ready(self, pcb: int) -> bytes | None:
        if pcb & 0x01 == self._number:
            return self._last_block
        if pcb & CHAINING:
            return bytes([ACK | self._number])
        if not self._answer:
            return None
        self._number ^= 1
        return self._send_answer()

    def _send_answer(self) -> bytes:
        part, self._answer = self._answer[: self._max_information], self._answer[self._max_information :]
        return self._send(bytes([(0x12 if self._answer else 0x02) | self._number]) + part)

    def _send(self, block: bytes) -> bytes:
        self._last_block = block
        return block
