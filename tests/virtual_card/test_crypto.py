"""The card's own cryptography against the published figures."""

import json
import secrets
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

from virtual_card.crypto import AesKey, session_keys, truncate_mac

VECTORS = json.loads((Path(__file__).parent.parent / "data/nfc/ev2.json").read_text())
UNHEX = bytes.fromhex


@pytest.mark.parametrize(("message", "mac"), VECTORS["rfc4493"]["macs"].items())
def test_cmac_agrees_with_rfc_4493(message: str, mac: str) -> None:
    assert AesKey(UNHEX(VECTORS["rfc4493"]["key"])).cmac(UNHEX(message)) == UNHEX(mac)


@pytest.mark.parametrize("length", range(70))
def test_cmac_agrees_with_another_implementation(length: int) -> None:
    key, message = secrets.token_bytes(16), secrets.token_bytes(length)
    other = CMAC(algorithms.AES(key))
    other.update(message)
    assert AesKey(key).cmac(message) == other.finalize()


def test_chaining_agrees_with_another_implementation_and_inverts() -> None:
    key, plain = secrets.token_bytes(16), secrets.token_bytes(64)
    ciphered = AesKey(key).encrypt(plain)
    other = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor()
    assert ciphered == other.update(plain)
    assert AesKey(key).decrypt(ciphered) == plain


def test_session_keys_agree_with_an12343() -> None:
    vector = VECTORS["an12343"]
    keys = session_keys(AesKey(UNHEX(vector["key"])), UNHEX(vector["rnd_a"]), UNHEX(vector["rnd_b"]))
    assert keys.encryption == UNHEX(vector["ses_enc"])
    assert keys.mac == UNHEX(vector["ses_mac"])


def test_truncation_agrees_with_an12343() -> None:
    vector = VECTORS["an12343"]
    mac = AesKey(UNHEX(vector["mac_key"])).cmac(UNHEX(vector["mac_input"]))
    assert mac == UNHEX(vector["cmac"])
    assert truncate_mac(mac) == UNHEX(vector["truncated"])


@pytest.mark.parametrize("length", [0, 15, 17, 24, 32])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        AesKey(bytes(length))


def test_no_key_shows_in_a_representation() -> None:
    key = AesKey(bytes(16))
    assert repr(key) == "AesKey(…)"
    assert repr(session_keys(key, bytes(16), bytes(16))) == "SessionKeys(…)"
