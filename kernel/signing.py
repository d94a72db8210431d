"""Signatures that somebody without a network can check: Ed25519 (RFC 8032), one key a purpose, derived from the secret key."""

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kernel.settings import load_settings


def sign(purpose: str, content: bytes) -> bytes:
    """64 bytes that say the platform wrote `content` for this purpose."""
    return _key(load_settings().secret_key, purpose).sign(content)


def is_signed(purpose: str, content: bytes, signature: bytes) -> bool:
    return is_signed_by(public_key(purpose), content, signature)


def public_key(purpose: str) -> bytes:
    """The 32 bytes that check the signatures of a purpose; they may be given to anybody."""
    return _key(load_settings().secret_key, purpose).public_key().public_bytes_raw()


def is_signed_by(public: bytes, content: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=16)
def _key(secret_key: str, purpose: str) -> Ed25519PrivateKey:
    derived = HKDF(SHA256(), length=32, salt=None, info=f"pilgrim card signature: {purpose}".encode())
    return Ed25519PrivateKey.from_private_bytes(derived.derive(secret_key.encode()))
