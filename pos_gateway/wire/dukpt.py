"""AES-DUKPT (ANSI X9.24-3:2017, AES-128 throughout): the key of one transmission, derived at the host.

A base derivation key (BDK) gives every terminal its initial key; the terminal's 32-bit transaction counter
gives every transmission its own keys, one for each usage. A key serial number (KSN) is the 8-byte initial
key id and the counter. Checked with BDK FEDCBA98 76543210 F1F1F1F1 F1F1F1F1 and initial key id 12345678
90123456 of the standard's examples.
"""

from enum import IntEnum

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

from pos_gateway.wire.errors import KeySerialError

KSN_BYTES = 12
MAXIMUM_ONE_BITS = 16
WINDOW = 64

_KEY_DERIVATION = 0x8000
_INITIAL_KEY = 0x8001


class Usage(IntEnum):
    """What a working key may be used for (X9.24-3 table 4); MAC and data keys differ by direction."""

    PIN_ENCRYPTION = 0x1000
    MAC_TO_HOST = 0x2000
    MAC_TO_TERMINAL = 0x2001
    DATA_TO_HOST = 0x3000
    DATA_TO_TERMINAL = 0x3001


def _aes(key: bytes) -> CipherContext:
    if len(key) != 16:
        raise ValueError("an AES-128 key has 16 bytes")
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 - the standard's derivation is one block


def _derivation_data(usage: int, tail: bytes) -> bytes:
    """Version 1, block 1, usage, AES-128 as the derived algorithm, 128 bits, and what makes this key
    unique.
    """
    return b"\x01\x01" + usage.to_bytes(2, "big") + b"\x00\x02\x00\x80" + tail


def initial_key(bdk: bytes, initial_key_id: bytes) -> bytes:
    """The 16-byte initial key of the terminal with this 8-byte id."""
    if len(initial_key_id) != 8:
        raise ValueError("an initial key id has 8 bytes")
    return _aes(bdk).update(_derivation_data(_INITIAL_KEY, initial_key_id))


def split_serial(ksn: bytes) -> tuple[bytes, int]:
    """The initial key id and the counter of a key serial number; raises KeySerialError when it is not 12
    bytes.
    """
    if len(ksn) != KSN_BYTES:
        raise KeySerialError("a key serial number has 12 bytes")
    return ksn[:8], int.from_bytes(ksn[8:], "big")


class WorkingKeys:
    """Working keys of one initial key.

    A counter's key is reached by one derivation for each of its one bits, highest first. The path to the
    last counter is kept, so that a terminal counting up costs two derivations a message on average. Not
    safe for threads.
    """

    __slots__ = ("_path", "_serial")

    def __init__(self, initial_key: bytes, initial_key_id: bytes) -> None:
        if len(initial_key_id) != 8:
            raise ValueError("an initial key id has 8 bytes")
        self._serial = initial_key_id[4:]
        self._path: list[tuple[int, CipherContext]] = [(0, _aes(initial_key))]

    def derive(self, counter: int, usage: Usage) -> bytes:
        """The 16-byte key of one transmission and usage.

        Raises KeySerialError for a counter that is 0, wider than 32 bits or has more than 16 one bits: a
        terminal's register passes over those.
        """
        if not 0 < counter < 1 << 32 or counter.bit_count() > MAXIMUM_ONE_BITS:
            raise KeySerialError("a counter has 1 to 16 one bits out of 32")
        return self._cipher(counter).update(self._data(usage, counter))

    def _data(self, usage: int, counter: int) -> bytes:
        return _derivation_data(usage, self._serial + counter.to_bytes(4, "big"))

    def _cipher(self, counter: int) -> CipherContext:
        """The derivation key of `counter`, reusing the part of the path it shares with the last one."""
        path = self._path
        while (reached := path[-1][0]) and counter & -(reached & -reached) != reached:
            path.pop()
        rest = counter ^ reached
        while rest:
            bit = 1 << (rest.bit_length() - 1)
            reached |= bit
            rest ^= bit
            path.append((reached, _aes(path[-1][1].update(self._data(_KEY_DERIVATION, reached)))))
        return path[-1][1]


def working_key(initial_key: bytes, ksn: bytes, usage: Usage) -> bytes:
    """The working key of one key serial number; raises KeySerialError. `WorkingKeys` is faster for many of
    them.
    """
    initial_key_id, counter = split_serial(ksn)
    return WorkingKeys(initial_key, initial_key_id).derive(counter, usage)


class ReplayWindow:
    """Which counters of one initial key have been used: the highest one and the 63 below it.

    To rebuild it after a restart, accept the journal's counters in any order.
    """

    __slots__ = ("_seen", "highest")

    def __init__(self) -> None:
        self.highest = 0
        self._seen = 0

    def is_fresh(self, counter: int) -> bool:
        """Whether the counter is neither used nor below the window."""
        behind = self.highest - counter
        if counter <= 0 or behind >= WINDOW:
            return False
        return behind < 0 or not self._seen >> behind & 1

    def accept(self, counter: int) -> bool:
        """Use the counter up and say whether it was fresh. Call it only after its MAC was verified."""
        if not self.is_fresh(counter):
            return False
        ahead = counter - self.highest
        if ahead > 0:
            self._seen = (self._seen << min(ahead, WINDOW) | 1) & (1 << WINDOW) - 1
            self.highest = counter
        else:
            self._seen |= 1 << -ahead
        return True
