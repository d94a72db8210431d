import json
import secrets
from pathlib import Path

import pytest

from cardbank.cards.ev2 import CardProofRefused
from cardbank.errors import KeyFileUnusable, LaboratoryOnly, SealBroken, UnknownKey
from cardbank.keystore.ports import CardKey
from cardbank.keystore.software import SoftwareKeyStore, read_key_file, write_key_file

UID = bytes.fromhex("04de5f1eacc040")
NUMBER = "9364001900000000009"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    assert write_key_file(path)
    return path


@pytest.fixture
def keystore(key_file: Path) -> SoftwareKeyStore:
    return read_key_file(key_file, laboratory=True)


def test_the_key_file_is_for_its_owner_only_and_is_never_overwritten(key_file: Path) -> None:
    before = key_file.read_bytes()
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert not write_key_file(key_file)
    assert key_file.read_bytes() == before
    assert [path.name for path in key_file.parent.iterdir()] == [key_file.name]


def test_a_key_file_that_others_may_read_is_refused(key_file: Path) -> None:
    key_file.chmod(0o640)
    with pytest.raises(KeyFileUnusable, match="chmod 600"):
        read_key_file(key_file, laboratory=True)


@pytest.mark.parametrize("content", ["", "{}", '{"terminal_base": "zz"}', "[1]"])
def test_a_damaged_key_file_is_one_sentence_without_key_material(key_file: Path, content: str) -> None:
    key_file.write_text(content)
    with pytest.raises(KeyFileUnusable):
        read_key_file(key_file, laboratory=True)


def test_a_missing_key_file_says_what_makes_it(tmp_path: Path) -> None:
    with pytest.raises(KeyFileUnusable, match="keys init"):
        read_key_file(tmp_path / "none.json", laboratory=True)


def test_the_initial_key_is_that_of_the_standard(key_file: Path) -> None:
    """ANSI X9.24-3:2017: base key and key id of its examples give initial key 1273671E…"""
    keys = json.loads(key_file.read_text()) | {"terminal_base": "FEDCBA9876543210F1F1F1F1F1F1F1F1"}
    store = SoftwareKeyStore(keys, laboratory=True)
    assert store.terminal_initial_key(bytes.fromhex("1234567890123456")).hex().upper() == "1273671EA26AC29AFA4D1084127652A1"
    with pytest.raises(UnknownKey):
        store.terminal_initial_key(b"short")


def test_a_card_number_comes_back_only_with_its_own_token(keystore: SoftwareKeyStore) -> None:
    token, other = secrets.token_bytes(16), secrets.token_bytes(16)
    sealed = keystore.seal_card_number(NUMBER, token)
    assert NUMBER.encode() not in sealed
    assert keystore.open_card_number(sealed, token) == NUMBER
    assert keystore.seal_card_number(NUMBER, token) != sealed
    with pytest.raises(SealBroken):
        keystore.open_card_number(sealed, other)
    with pytest.raises(SealBroken):
        keystore.open_card_number(sealed[:-1] + bytes([sealed[-1] ^ 1]), token)
    with pytest.raises(SealBroken):
        keystore.open_card_number(b"", token)


def test_the_index_of_a_number_depends_on_the_key(keystore: SoftwareKeyStore, tmp_path: Path) -> None:
    write_key_file(tmp_path / "other.json")
    other = read_key_file(tmp_path / "other.json", laboratory=True)
    assert keystore.card_number_index(NUMBER) == keystore.card_number_index(NUMBER)
    assert len(keystore.card_number_index(NUMBER)) == 32
    assert keystore.card_number_index(NUMBER) != other.card_number_index(NUMBER)


def test_a_proof_is_bound_to_card_and_terminal(keystore: SoftwareKeyStore) -> None:
    """The chip's side is made here from the exported key, by the two-pass formula of the MF2DL data sheet."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    chip_key = keystore.export_card_keys(1, UID)[1]

    def cbc(data: bytes, *, encrypt: bool) -> bytes:
        cipher = Cipher(algorithms.AES(chip_key), modes.CBC(bytes(16)))
        worker = cipher.encryptor() if encrypt else cipher.decryptor()
        return worker.update(data) + worker.finalize()

    rnd_b = secrets.token_bytes(16)
    part2, state = keystore.ev2_begin(CardKey(1, UID, 1), cbc(rnd_b, encrypt=True), b"T0000001")
    clear = cbc(part2, encrypt=False)
    rnd_a = clear[:16]
    assert clear[16:] == rnd_b[1:] + rnd_b[:1]
    answer = cbc(b"TI00" + rnd_a[1:] + rnd_a[:1] + bytes(12), encrypt=True)
    keystore.ev2_finish(CardKey(1, UID, 1), state, answer, b"T0000001")
    for key, bound_to, proof in (
        (CardKey(1, UID, 1), b"T0000002", answer),
        (CardKey(1, UID[:-1] + b"\0", 1), b"T0000001", answer),
        (CardKey(1, UID, 2), b"T0000001", answer),
        (CardKey(1, UID, 1), b"T0000001", bytes(32)),
        (CardKey(1, UID, 1), b"T0000001", answer[:16]),
    ):
        with pytest.raises(CardProofRefused):
            keystore.ev2_finish(key, state, proof, bound_to)


def test_exports_are_for_the_laboratory(key_file: Path) -> None:
    production = read_key_file(key_file, laboratory=False)
    with pytest.raises(LaboratoryOnly):
        production.export_card_keys(1, UID)


def test_an_unknown_key_version_is_named_and_nothing_else(keystore: SoftwareKeyStore) -> None:
    with pytest.raises(UnknownKey) as caught:
        keystore.ev2_begin(CardKey(7, UID, 1), bytes(16), b"")
    assert "version 7" in str(caught.value.facts)


def test_the_store_shows_no_key_in_its_representation(keystore: SoftwareKeyStore, key_file: Path) -> None:
    base = json.loads(key_file.read_text())["terminal_base"]
    assert base not in repr(keystore)


def test_a_file_of_before_gets_an_authority_and_keeps_its_keys(key_file: Path) -> None:
    before = json.loads(key_file.read_text())
    del before["terminal_authority"]
    key_file.write_text(json.dumps(before))
    with pytest.raises(UnknownKey):
        read_key_file(key_file, laboratory=True).terminal_authority()
    assert not write_key_file(key_file)
    after = json.loads(key_file.read_text())
    assert after.pop("terminal_authority")
    assert after == before
    assert key_file.stat().st_mode & 0o777 == 0o600
    opened = read_key_file(key_file, laboratory=True)
    assert "BEGIN CERTIFICATE" in opened.terminal_authority()
