"""What the terminal must remember through a power cut: its counters, the reversal of an open purchase, and its batch.

One file of fixed size, written in place: a slot is two pages of CRC-32 ‖ length ‖ JSON that are written in
turn, so that a write torn by a power cut leaves the value before it. Counters are reserved a block ahead: a
crash skips numbers and never repeats one. A write is on the disk (fdatasync) before the method returns. What the batch has
counted stands in a file beside it, a sealed line for each message; a torn last line was never answered for.
"""

import fcntl
import json
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from reader_agent.dukpt import TerminalKeys, Usage, next_counter

PAGE = 4096
COUNTERS, REVERSAL, BATCH = 0, 1, 2
SLOTS, TURNS = 3, 2
RESERVED_AHEAD = 128
MAX_STAN = 999_999
NONCE = 12


class FlashError(Exception):
    """The flash file cannot be used; the terminal must not trade."""


class Flash:
    """The terminal's memory at `path`; only one process may hold it. Raises FlashError."""

    def __init__(self, path: Path, terminal: str, keys: TerminalKeys) -> None:
        self._path, self._keys, self._terminal = path, keys, terminal.encode()
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FlashError("another reader agent uses this terminal") from None
        except OSError as error:
            raise FlashError(f"the flash file cannot be opened: {error.strerror}") from None
        if os.fstat(self._file).st_size == 0:
            self._prepare()
        self._turns = [0] * SLOTS
        stored = self._read(COUNTERS)
        if stored is None or stored.get("terminal") != terminal:
            raise FlashError("the flash file is damaged or belongs to another terminal; ask for a new initial key")
        self._read(REVERSAL)
        self._read(BATCH)
        self._numbers = {name: int(stored[name]) for name in ("counter", "stan", "invoice")}
        self._reserved = dict(self._numbers)

    def close(self) -> None:
        """Give back the numbers that were reserved and not used."""
        if self._file >= 0:
            self._write(COUNTERS, {"terminal": self._terminal.decode(), **self._numbers})
            os.close(self._file)
            self._file = -1

    def next_counter(self) -> int:
        """A DUKPT counter that no transmission of this initial key has carried. Raises KeysExhausted."""
        return self._advance("counter", next_counter)

    def next_stan(self) -> str:
        """A system trace audit number, six digits, 000001 to 999999 and round again."""
        return f"{self._advance('stan', _next_of_six_digits):06d}"

    def next_invoice(self) -> str:
        """The till's receipt number, six digits."""
        return f"{self._advance('invoice', _next_of_six_digits):06d}"

    def write_reversal(self, reversal: dict[str, str]) -> None:
        """Keep what a reversal needs, sealed under the data key of the last counter (it may name a card)."""
        self._write(REVERSAL, self._sealed(reversal))

    def read_reversal(self) -> dict[str, str] | None:
        """The reversal that is due, if any. Raises FlashError when it cannot be opened any more."""
        stored = self._read(REVERSAL)
        if not stored:
            return None
        try:
            return self._opened(stored)
        except InvalidTag:
            raise FlashError("the reversal on flash belongs to another key; it must be settled by hand") from None

    def clear_reversal(self) -> None:
        self._write(REVERSAL, {})

    def park_reversal(self, facts: dict[str, str]) -> None:
        """Move a finally refused reversal to the list for the batch report; `facts` name no card."""
        with self._path.with_suffix(".parked").open("a") as parked:
            parked.write(json.dumps(facts) + "\n")
            parked.flush()
            os.fsync(parked.fileno())
        self.clear_reversal()

    def write_batch(self, state: dict[str, Any]) -> None:
        """Keep which batch is open, and a close that has been sent; names no card."""
        self._write(BATCH, state)

    def read_batch(self) -> dict[str, Any] | None:
        return self._read(BATCH)

    def append_counted(self, counted: dict[str, Any]) -> None:
        """Add one line to the batch, sealed as a reversal is."""
        with self._counted.open("a") as journal:
            journal.write(json.dumps(self._sealed(counted)) + "\n")
            journal.flush()
            os.fsync(journal.fileno())

    def read_counted(self) -> list[dict[str, Any]]:
        """The lines of the batch. Raises FlashError for one in the middle that cannot be opened."""
        lines = self._counted.read_text().splitlines() if self._counted.exists() else []
        found = []
        for place, line in enumerate(lines, 1):
            try:
                found.append(self._opened(json.loads(line)))
            except (InvalidTag, ValueError, KeyError):
                if place < len(lines):
                    raise FlashError("the batch's journal is damaged; close the batch by hand") from None
        return found

    def clear_counted(self) -> None:
        self._counted.unlink(missing_ok=True)

    @property
    def _counted(self) -> Path:
        return self._path.with_suffix(".batch")

    def _sealed(self, content: dict[str, Any]) -> dict[str, Any]:
        counter, nonce = self._numbers["counter"], os.urandom(NONCE)
        sealed = self._seal(counter).encrypt(nonce, json.dumps(content).encode(), self._terminal)
        return {"counter": counter, "sealed": (nonce + sealed).hex()}

    def _opened(self, stored: dict[str, Any]) -> dict[str, Any]:
        """Raises InvalidTag."""
        sealed = bytes.fromhex(stored["sealed"])
        plain = self._seal(stored["counter"]).decrypt(sealed[:NONCE], sealed[NONCE:], self._terminal)
        content: dict[str, Any] = json.loads(plain)
        return content

    def _seal(self, counter: int) -> AESGCM:
        return AESGCM(self._keys.working_key(counter, Usage.DATA))

    def _prepare(self) -> None:
        os.pwrite(self._file, bytes(SLOTS * TURNS * PAGE), 0)
        self._turns = [0] * SLOTS
        self._write(COUNTERS, {"terminal": self._terminal.decode(), "counter": 0, "stan": 0, "invoice": 0})
        self._write(REVERSAL, {})
        os.fsync(self._file)

    def _advance(self, name: str, following: Callable[[int], int]) -> int:
        number = following(self._numbers[name])
        is_round_again = number < self._numbers[name]
        self._numbers[name] = number
        if number > self._reserved[name] or is_round_again:
            self._reserved = {each: used + RESERVED_AHEAD for each, used in self._numbers.items()}
            self._write(COUNTERS, {"terminal": self._terminal.decode(), **self._reserved})
        return number

    def _write(self, slot: int, content: dict[str, Any]) -> None:
        turn = self._turns[slot] + 1
        text = json.dumps({"turn": turn, **content}).encode()
        record = len(text).to_bytes(2) + text
        page = zlib.crc32(record).to_bytes(4) + record
        if len(page) > PAGE:
            raise FlashError("a record does not fit its page")
        os.pwrite(self._file, page, (slot * TURNS + turn % TURNS) * PAGE)
        os.fdatasync(self._file)
        self._turns[slot] = turn

    def _read(self, slot: int) -> dict[str, Any] | None:
        """The newest whole record of a slot, without its turn; None when neither page is whole."""
        pages = (self._read_page((slot * TURNS + turn) * PAGE) for turn in range(TURNS))
        newest = max((page for page in pages if page), key=lambda page: page["turn"], default=None)
        if newest:
            self._turns[slot] = newest.pop("turn")
        return newest

    def _read_page(self, offset: int) -> dict[str, Any] | None:
        page = os.pread(self._file, PAGE, offset)
        record = page[4 : 6 + int.from_bytes(page[4:6])]
        if len(record) <= 2 or zlib.crc32(record).to_bytes(4) != page[:4]:
            return None
        content: dict[str, Any] = json.loads(record[2:])
        return content


def _next_of_six_digits(number: int) -> int:
    return number % MAX_STAN + 1
