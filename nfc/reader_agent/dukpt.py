"""AES-DUKPT, the terminal's side of ANSI X9.24-3 with AES-128 keys throughout.

Every key is derived from the initial key along the set bits of the transaction counter; the keys on the way
are remembered, so that the next counter costs one or two AES blocks.
Check value (X9.24-3 supplement): initial key 1273671EA26AC29AFA4D1084127652A1, key id 1234567890123456,
counter 1, PIN encryption key AF8CB133A78F8DC2D1359F18527593FB.
"""

from enum import IntEnum

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

MAX_COUNTER = 0xFFFF_FFFF
MAX_SET_BITS = 16
_KEY_DERIVATION = 0x8000
_REMEMBERED = 32


class KeysExhausted(Exception):
    """The initial key has no transaction counter left; the terminal needs a new one."""


class Usage(IntEnum):
    """Key usages of X9.24-3 table 2 that this terminal has."""

    PIN = 0x1000
    MAC_TO_HOST = 0x2000
    MAC_FROM_HOST = 0x2001
    DATA = 0x3000
    DATA_FROM_HOST = 0x3001


def next_counter(counter: int) -> int:
    """The next counter with at most sixteen set bits, as X9.24-3 prescribes. Raises KeysExhausted."""
    counter += 1
    while counter.bit_count() > MAX_SET_BITS:
        counter += counter & -counter
    if counter > MAX_COUNTER:
        raise KeysExhausted("the terminal's initial key is used up")
    return counter


class TerminalKeys:
    """Working keys of one initial key (16 bytes) with its id (8 bytes). Raises ValueError on other lengths."""

    def __init__(self, initial_key: bytes, initial_key_id: bytes) -> None:
        if len(initial_key) != 16 or len(initial_key_id) != 8:
            raise ValueError("an initial key has 16 bytes and its id 8")
        self._id = initial_key_id
        self._initial = initial_key
        self._path: dict[int, bytes] = {0: initial_key}

    def __repr__(self) -> str:
        return "TerminalKeys(…)"

    def serial_number(self, counter: int) -> bytes:
        """The KSN of a transmission: key id ‖ counter, 12 bytes."""
        return self._id + counter.to_bytes(4)

    def working_key(self, counter: int, usage: Usage) -> bytes:
        """The 16-byte key of one counter and usage."""
        return self._derive(self._derivation_key(counter), usage, counter)

    def _derivation_key(self, counter: int) -> bytes:
        known = self._path.get(counter)
        if known is None:
            parent = self._derivation_key(counter & (counter - 1))
            known = self._derive(parent, _KEY_DERIVATION, counter)
            if len(self._path) >= _REMEMBERED:
                self._path = {0: self._initial}
            self._path[counter] = known
        return known

    def _derive(self, key: bytes, usage: int, counter: int) -> bytes:
        # Version 1, block counter 1, usage, algorithm AES-128 (2), length 128 bits, key id, counter.
        data = b"\x01\x01" + usage.to_bytes(2) + b"\x00\x02\x00\x80" + self._id[4:] + counter.to_bytes(4)
        return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(data)  # noqa: S305 - one block
