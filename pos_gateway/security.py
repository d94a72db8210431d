"""Who may speak: the MAC of every message, the counters of its keys, and what follows from failures."""

import fcntl
import os
from collections import OrderedDict, deque
from datetime import datetime, timedelta
from pathlib import Path

from cardbank.keystore.ports import KeyStore
from kernel.errors import StartRefused
from pos_gateway.wire.codec import Message
from pos_gateway.wire.dukpt import KSN_BYTES, WINDOW, ReplayWindow, WorkingKeys, split_serial
from pos_gateway.wire.errors import KeySerialError

MOST_KEYS = 100_000
FAILURES_CLOSE = 3
FAILURES_SUSPEND = 10
FAILURE_WINDOW = timedelta(hours=1)
COMPACT_AT_BYTES = 16 * 1024 * 1024


class Serial:
    """The key serial number of one received message and the keys behind it."""

    __slots__ = ("counter", "key_id", "keys")

    def __init__(self, key_id: bytes, counter: int, keys: WorkingKeys) -> None:
        self.key_id = key_id
        self.counter = counter
        self.keys = keys


class SerialJournal:
    """Which counters were used, in a file of 12-byte records: no database write per message, and it outlives a kill.

    The records are written without waiting for the disk: what a power loss takes is at most a replay of a message whose
    request key the ledger knows.
    """

    def __init__(self, path: Path) -> None:
        """Raises StartRefused while another gateway holds the file."""
        self._path = path
        self.windows: dict[bytes, ReplayWindow] = {}
        self.unwritten = bytearray()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise StartRefused(f"Another gateway uses {path.parent}: stop it first.") from None
        data = path.read_bytes() if path.exists() else b""
        for at in range(0, len(data) - KSN_BYTES + 1, KSN_BYTES):
            key_id, counter = split_serial(data[at : at + KSN_BYTES])
            self._window(key_id).accept(counter)
        self._file = self._compacted()

    def is_fresh(self, key_id: bytes, counter: int) -> bool:
        window = self.windows.get(key_id)
        return window is None or window.is_fresh(counter)

    def accept(self, key_id: bytes, counter: int) -> bool:
        """Use a counter up, once; False when it was used or lies below the window. `flush` makes it outlive the process."""
        if not self._window(key_id).accept(counter):
            return False
        self.unwritten += key_id + counter.to_bytes(4, "big")
        return True

    def flush(self) -> None:
        """Write what was accepted since the last time, in one go."""
        self._size += os.write(self._file, self.unwritten)
        self.unwritten.clear()
        if self._size > self._compact_at:
            os.close(self._file)
            self._file = self._compacted()

    def close(self) -> None:
        self.flush()
        os.close(self._file)
        os.close(self._lock)

    def _window(self, key_id: bytes) -> ReplayWindow:
        window = self.windows.get(key_id)
        if window is None:
            window = self.windows[key_id] = ReplayWindow()
        return window

    def _compacted(self) -> int:
        draft = self._path.with_suffix(".new")
        records = b"".join(
            key_id + counter.to_bytes(4, "big")
            for key_id, window in self.windows.items()
            for counter in range(max(1, window.highest - WINDOW + 1), window.highest + 1)
            if not window.is_fresh(counter)
        )
        draft.write_bytes(records)
        draft.chmod(0o600)
        draft.replace(self._path)
        self._size = len(records)
        self._compact_at = max(COMPACT_AT_BYTES, 4 * self._size)
        return os.open(self._path, os.O_WRONLY | os.O_APPEND)


class Keyring:
    """Working keys by initial key id; kept only for those that have proven themselves, so that a flood fills nothing."""

    def __init__(self, keystore: KeyStore) -> None:
        self._keystore = keystore
        self._proven: OrderedDict[bytes, WorkingKeys] = OrderedDict()

    def serial_of(self, message: Message) -> Serial | None:
        """The key serial number a message names in DF31; None when it names none that can be."""
        ksn = message.key_serial
        try:
            key_id, counter = split_serial(ksn or b"")
        except KeySerialError:
            return None
        keys = self._proven.get(key_id)
        if keys is None:
            keys = WorkingKeys(self._keystore.terminal_initial_key(key_id), key_id)
        return Serial(key_id, counter, keys)

    def trust(self, serial: Serial) -> None:
        self._proven[serial.key_id] = serial.keys
        if len(self._proven) > MOST_KEYS:
            self._proven.popitem(last=False)


class Suspicion:
    """Failed MACs by terminal code, within the last hour; bounded, the oldest codes forgotten first."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, deque[datetime]] = OrderedDict()

    def is_over(self, terminal_code: str, now: datetime) -> bool:
        """Count one failure; True when the terminal is to be suspended, and then its count starts anew."""
        times = self._failures.setdefault(terminal_code, deque())
        self._failures.move_to_end(terminal_code)
        times.append(now)
        while times[0] <= now - FAILURE_WINDOW:
            times.popleft()
        if len(self._failures) > MOST_KEYS:
            self._failures.popitem(last=False)
        if len(times) < FAILURES_SUSPEND:
            return False
        times.clear()
        return True
