"""Access tokens: JWT signed with Ed25519 (RFC 8037), 15 minutes, the key named by `kid`.

The key file is a JWK set with private keys (RFC 7517), mode 0600, beside the key store. The first key signs, every one verifies:
a new key is put first, the old one leaves when its last token is out of date. `kid` is the JWK thumbprint (RFC 7638).
"""

import base64
import hashlib
import json
import os
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from identity.errors import TokenRefused
from kernel.errors import StartRefused
from kernel.settings import Settings

ACCESS_LIFE = timedelta(minutes=15)
ISSUER = "pilgrim-card"
AUDIENCE = "mobile_api"


def token_key_path(settings: Settings) -> Path:
    return settings.keystore_file.with_name("token-keys.json")


def create_key_file(path: Path) -> None:
    """Make a new key file; leaves one that is there as it is."""
    if path.exists():
        return
    private = Ed25519PrivateKey.generate()
    public = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(private.public_key().public_bytes_raw())}
    key = public | {
        "d": _base64url(private.private_bytes_raw()),
        "kid": thumbprint(public),
        "alg": "EdDSA",
        "use": "sig",
    }
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"keys": [key]}, file)
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)  # atomic, and refused where another process was first
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def thumbprint(public: dict[str, str]) -> str:
    """The JWK thumbprint (RFC 7638) of the required members of a public key."""
    return _base64url(hashlib.sha256(json.dumps(public, separators=(",", ":"), sort_keys=True).encode()).digest())


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


class AccessTokens:
    """Signs and reads access tokens with the keys of one file."""

    def __init__(self, jwk_set: dict[str, list[dict[str, str]]]) -> None:
        self._keys = {key["kid"]: jwt.PyJWK(key) for key in jwk_set["keys"]}
        self._signing = jwk_set["keys"][0]["kid"]

    def mint(self, sign_in_id: int, now: datetime) -> str:
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(sign_in_id),
            "iat": now,
            "exp": now + ACCESS_LIFE,
        }
        return jwt.encode(claims, self._keys[self._signing].key, "EdDSA", headers={"kid": self._signing})

    def read(self, token: str, now: datetime) -> int:
        """The sign-in a token was minted for. Raises TokenRefused; facts `reason` is malformed, unknown_key or expired."""
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            if kid not in self._keys:
                raise TokenRefused(reason="unknown_key")
            claims = jwt.decode(
                token,
                self._keys[kid],
                algorithms=["EdDSA"],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={
                    "require": ["exp", "iat", "sub", "aud", "iss"],
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
        except jwt.InvalidTokenError:
            raise TokenRefused(reason="malformed") from None
        if not claims["iat"] - 60 <= now.timestamp() < claims["exp"]:
            raise TokenRefused(reason="expired")
        return int(claims["sub"])


@cache
def open_access_tokens(path: Path, *, may_create: bool) -> AccessTokens:
    """The tokens of a key file; a laboratory makes a missing one.

    Raises StartRefused with a sentence that says what to do.
    """
    if may_create:
        create_key_file(path)
    try:
        return AccessTokens(json.loads(path.read_text()))
    except FileNotFoundError:
        raise StartRefused(f"The key file of access tokens {path.name} is missing: run ./pilgrim keys init.") from None
    except (ValueError, KeyError, IndexError, jwt.PyJWTError):
        raise StartRefused(f"The key file of access tokens {path.name} is not a JWK set of Ed25519 keys.") from None
