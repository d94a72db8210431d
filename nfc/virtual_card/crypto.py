"""The card's own AES arithmetic: CBC chains, CMAC and the EV2 session keys.

Sources: RFC 4493 (CMAC), AN12343 (truncation), MF2DL data sheet rev 3.3 9.2 (authentication, session keys).
"""

from collections.abc import Iterator
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


class SessionKeys(NamedTuple):
    """The two AES-128 keys that an authentication leaves behind."""

    encryption: bytes
    mac: bytes

    def __repr__(self) -> str:
        return "SessionKeys(…)"


def xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def rotate_left(block: bytes) -> bytes:
    """RndX' of the data sheet: the first byte moved to the end."""
    return block[1:] + block[:1]


def _blocks(data: bytes) -> Iterator[bytes]:
    return (data[offset : offset + 16] for offset in range(0, len(data), 16))


class AesKey:
    """One AES-128 key with the operations of a card. Raises ValueError unless it has 16 bytes."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 16:
            raise ValueError("an AES-128 key has 16 bytes")
        self._cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - one block at a time
        self._subkeys: tuple[bytes, bytes] | None = None

    def __repr__(self) -> str:
        return "AesKey(…)"

    def _encrypt_block(self, block: bytes) -> bytes:
        return self._cipher.encryptor().update(block)

    def encrypt(self, plain: bytes) -> bytes:
        """CBC from a zero vector; `plain` is a multiple of 16 bytes."""
        previous, out = bytes(16), bytearray()
        for block in _blocks(plain):
            previous = self._encrypt_block(xor(block, previous))
            out += previous
        return bytes(out)

    def decrypt(self, ciphered: bytes) -> bytes:
        """The inverse of `encrypt`."""
        decryptor = self._cipher.decryptor()
        previous, out = bytes(16), bytearray()
        for block in _blocks(ciphered):
            out += xor(decryptor.update(block), previous)
            previous = block
        return bytes(out)

    def cmac(self, message: bytes) -> bytes:
        """The full 16-byte CMAC of RFC 4493."""
        whole, padded = self._cmac_subkeys()
        head_length = max(0, (len(message) - 1) // 16 * 16)
        head, tail = message[:head_length], message[head_length:]
        is_whole = len(tail) == 16
        last = xor(tail, whole) if is_whole else xor((tail + b"\x80").ljust(16, b"\x00"), padded)
        return self.encrypt(head + last)[-16:]

    def _cmac_subkeys(self) -> tuple[bytes, bytes]:
        if self._subkeys is None:
            first = _shift(self._encrypt_block(bytes(16)))
            self._subkeys = first, _shift(first)
        return self._subkeys


def _shift(block: bytes) -> bytes:
    bits = [byte >> shift & 1 for byte in block for shift in range(7, -1, -1)]
    carry = bits.pop(0)
    bits.append(0)
    shifted = bytes(int("".join(map(str, bits[start : start + 8])), 2) for start in range(0, 128, 8))
    return shifted[:-1] + bytes([shifted[-1] ^ 0x87]) if carry else shifted


def truncate_mac(mac: bytes) -> bytes:
    """MACt: the eight bytes at odd positions of a CMAC, counted from zero."""
    return mac[1::2]


def session_keys(key: AesKey, rnd_a: bytes, rnd_b: bytes) -> SessionKeys:
    """Both session keys from the two random numbers, each 16 bytes."""
    tail = b"".join((b"\x00\x01\x00\x80", rnd_a[:2], xor(rnd_a[2:8], rnd_b[:6]), rnd_b[6:], rnd_a[8:]))
    return SessionKeys(key.cmac(bytes.fromhex("A55A") + tail), key.cmac(bytes.fromhex("5AA5") + tail))
