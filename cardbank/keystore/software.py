"""A key store in this process's memory, from a file that only its owner may read. For the laboratory and for tests."""

import json
import os
import secrets
import stat
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cardbank.cards.application import AID, KEY_NUMBERS
from cardbank.cards.ev2 import CardProofRefused, EV2Challenge, card_key_input, diversify
from cardbank.errors import KeyFileUnusable, LaboratoryOnly, SealBroken, UnknownKey
from cardbank.keystore.authority import TerminalAuthority, key_block, new_authority_key
from cardbank.keystore.ports import CardKey

KEY_BYTES = 16
NONCE_BYTES = 12
CURRENT_CARD_KEYS = 1
# X9.24-3 derivation data: version 01, counter 01, usage 8001 (initial key), algorithm 0002 (AES-128), 128 bits.
INITIAL_KEY_DATA = bytes.fromhex("0101800100020080")


class SoftwareKeyStore:
    """The port over keys in memory. `laboratory` allows the exports."""

    def __init__(self, keys: dict[str, str], *, laboratory: bool) -> None:
        try:
            self._base = _key(keys["terminal_base"])
            self._vault = AESGCM(_key(keys["vault"]))
            self._proofs = AESGCM(_key(keys["proofs"]))
            self._index = _key(keys["card_number_index"])
            self._codes = HKDF(SHA256(), 32, None, b"holder's code").derive(self._index)
            self._masters = {
                (int(version), int(number)): _key(value)
                for version, masters in keys["card_masters"].items()  # type: ignore[attr-defined]
                for number, value in masters.items()
            }
            # A file of before tills were certified has none.
            self._authority = TerminalAuthority(keys["terminal_authority"]) if "terminal_authority" in keys else None
        except (KeyError, ValueError, TypeError, AttributeError):
            raise KeyFileUnusable(fault="a key is missing or malformed") from None
        self._laboratory = laboratory
        self._card_key = lru_cache(maxsize=65_536)(self._diversified)

    def __repr__(self) -> str:
        return "SoftwareKeyStore(…)"

    def ev2_begin(self, key: CardKey, card_challenge: bytes, bound_to: bytes) -> tuple[bytes, bytes]:
        part2, state = EV2Challenge.begin(self._card_key(key.version, key.uid, key.number), card_challenge)
        return part2, _seal(self._proofs, state, key.uid + bound_to)

    def ev2_finish(self, key: CardKey, sealed_state: bytes, card_answer: bytes, bound_to: bytes) -> None:
        try:
            state = _open(self._proofs, sealed_state, key.uid + bound_to)
        except SealBroken:
            raise CardProofRefused("the challenge was made for another terminal or card") from None
        EV2Challenge.finish(self._card_key(key.version, key.uid, key.number), state, card_answer)

    def terminal_initial_key(self, key_id: bytes) -> bytes:
        if len(key_id) != 8:
            raise UnknownKey(fault="an initial key id has 8 bytes")
        # One block under the base key is X9.24-3's derivation, not a mode of encryption.
        encryptor = Cipher(algorithms.AES(self._base), modes.ECB()).encryptor()  # noqa: S305
        return encryptor.update(INITIAL_KEY_DATA + key_id) + encryptor.finalize()

    def terminal_key_block(self, key_id: bytes, till: EllipticCurvePublicKey) -> tuple[bytes, str]:
        return key_block(self.terminal_initial_key(key_id), key_id, till)

    def terminal_authority(self) -> str:
        return self._signing().certificate

    def certify_terminal(self, code: str, till: EllipticCurvePublicKey, begins: datetime, ends: datetime) -> str:
        return self._signing().certify_terminal(code, till, begins, ends)

    def certify_gateway(self, host: str, key: EllipticCurvePublicKey, begins: datetime, ends: datetime) -> str:
        return self._signing().certify_gateway(host, key, begins, ends)

    def _signing(self) -> TerminalAuthority:
        if self._authority is None:
            raise UnknownKey(fault="no authority for terminals; ./pilgrim keys init adds one")
        return self._authority

    def card_number_index(self, number: str) -> bytes:
        mac = HMAC(self._index, SHA256())
        mac.update(number.encode())
        return mac.finalize()

    def card_code_mac(self, named: bytes) -> bytes:
        mac = HMAC(self._codes, SHA256())
        mac.update(named)
        return mac.finalize()

    def seal_card_number(self, number: str, token: bytes) -> bytes:
        return _seal(self._vault, number.encode(), token)

    def open_card_number(self, sealed: bytes, token: bytes) -> str:
        return _open(self._vault, sealed, token).decode()

    def export_card_keys(self, version: int, uid: bytes) -> dict[int, bytes]:
        if not self._laboratory:
            raise LaboratoryOnly(act="export card keys")
        return {number: self._card_key(version, uid, number) for number in KEY_NUMBERS}

    def _diversified(self, version: int, uid: bytes, number: int) -> bytes:
        master = self._masters.get((version, number))
        if master is None:
            raise UnknownKey(fault=f"no card master of version {version}, number {number}")
        return diversify(master, card_key_input(uid, AID, number))


def read_key_file(path: Path, *, laboratory: bool) -> SoftwareKeyStore:
    """Raises KeyFileUnusable: missing, readable by others, or not what `write_key_file` writes."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise KeyFileUnusable(fault=f"{path.name} may be read by its owner only: chmod 600")
        keys = json.loads(path.read_text())
    except OSError as error:
        raise KeyFileUnusable(fault=f"{path.name}: {error.strerror}; ./pilgrim keys init makes it") from None
    except ValueError:
        raise KeyFileUnusable(fault=f"{path.name} is not JSON") from None
    return SoftwareKeyStore(keys, laboratory=laboratory)


def write_key_file(path: Path) -> bool:
    """Fresh random keys, mode 0600, complete or not there at all. A file that stands is kept, and gets what it has not: False."""
    path.parent.mkdir(parents=True, exist_ok=True)
    masters = {str(number): secrets.token_hex(KEY_BYTES) for number in KEY_NUMBERS}
    keys: dict[str, object] = {
        "terminal_base": secrets.token_hex(KEY_BYTES),
        "vault": secrets.token_hex(2 * KEY_BYTES),
        "proofs": secrets.token_hex(2 * KEY_BYTES),
        "card_number_index": secrets.token_hex(2 * KEY_BYTES),
        "card_masters": {str(CURRENT_CARD_KEYS): masters},
        "terminal_authority": new_authority_key(),
    }
    draft = _draft(path, keys)
    try:
        os.link(draft, path)
    except FileExistsError:
        _complete(path)
        return False
    finally:
        draft.unlink()
    return True


def _complete(path: Path) -> None:
    kept = json.loads(path.read_text())
    if "terminal_authority" not in kept:
        _draft(path, kept | {"terminal_authority": new_authority_key()}).rename(path)


def _draft(path: Path, keys: dict[str, object]) -> Path:
    """The keys in a file beside, on disk, that only its owner may read."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(keys, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _key(text: str) -> bytes:
    key = bytes.fromhex(text)
    if len(key) not in (KEY_BYTES, 2 * KEY_BYTES):
        raise ValueError("a key has 16 or 32 bytes")
    return key


def _seal(cipher: AESGCM, clear: bytes, bound_to: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, clear, bound_to)


def _open(cipher: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        raise SealBroken from None
