"""AES-128 as the card's protocols use it: chained blocks, CMAC and its truncation, padding.

Sources: RFC 4493 (CMAC and its subkeys), AN12343 p16 (truncation), ISO/IEC 9797-1 (padding method 2).
"""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

BLOCK = 16
ZERO_BLOCK = bytes(BLOCK)


def encrypt(key: bytes, plain: bytes, iv: bytes = ZERO_BLOCK) -> bytes:
    """CBC of whole blocks. One block from a zero vector is the bare cipher."""
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return encryptor.update(plain) + encryptor.finalize()


def decrypt(key: bytes, ciphered: bytes, iv: bytes = ZERO_BLOCK) -> bytes:
    """The inverse of `encrypt`. Raises ValueError unless `ciphered` is whole blocks."""
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return decryptor.update(ciphered) + decryptor.finalize()


def cmac(key: bytes, message: bytes) -> bytes:
    """The whole 16-byte CMAC of RFC 4493."""
    mac = CMAC(algorithms.AES(key))
    mac.update(message)
    return mac.finalize()


def truncated(mac: bytes) -> bytes:
    """MACt: the second, fourth … sixteenth of the 16 bytes (AN12343 p16)."""
    return mac[1::2]


def double(block: bytes) -> bytes:
    """Multiply by x in GF(2^128), as the CMAC subkeys need it (RFC 4493 2.3)."""
    shifted = int.from_bytes(block) << 1
    return ((shifted & (1 << 128) - 1) ^ (0x87 if shifted >> 128 else 0)).to_bytes(BLOCK)


def xor(left: bytes, right: bytes) -> bytes:
    """Two strings of equal length, bit by bit. Raises ValueError on unequal lengths."""
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def pad(data: bytes) -> bytes:
    """One `80`, then zeros to whole blocks: a full block more where the data fills its last."""
    return data + b"\x80" + bytes(-(len(data) + 1) % BLOCK)


def unpad(padded: bytes) -> bytes:
    """The inverse of `pad`. Raises ValueError where the last block does not end in `80` and zeros."""
    data = padded.rstrip(b"\x00")
    if not data.endswith(b"\x80") or len(padded) - len(data) >= BLOCK:
        raise ValueError("the padding is not 80 and zeros")
    return data[:-1]
