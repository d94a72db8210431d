"""Small secrets at rest: AES-256-GCM under keys derived from the platform's secret key, one key a purpose."""

import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kernel.settings import load_settings

NONCE_BYTES = 12


class SealBroken(Exception):
    """The sealed text was altered, is another's, or was made under another secret key."""


def seal(purpose: str, text: str, bound_to: str) -> bytes:
    """The text encrypted; it opens for the same purpose and owner only."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _cipher(load_settings().secret_key, purpose).encrypt(nonce, text.encode(), bound_to.encode())


def open_sealed(purpose: str, sealed: bytes, bound_to: str) -> str:
    """The text again. Raises SealBroken."""
    cipher = _cipher(load_settings().secret_key, purpose)
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode()).decode()
    except (InvalidTag, ValueError):
        raise SealBroken from None


@lru_cache(maxsize=16)
def _cipher(secret_key: str, purpose: str) -> AESGCM:
    derived = HKDF(SHA256(), length=32, salt=None, info=f"pilgrim card: {purpose}".encode())
    return AESGCM(derived.derive(secret_key.encode()))
