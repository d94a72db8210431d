"""The card's application: the published trace, error statuses, and no harm from any bytes."""

import json
import random
import re
import secrets
from pathlib import Path
from typing import Any

import pytest

from cardbank.cards.ev2 import EV2Challenge
from virtual_card.card import Card, CardProfile, KeyFileError
from virtual_card.crypto import AesKey

VECTORS = json.loads((Path(__file__).parent.parent / "data/nfc/ev2.json").read_text())
UNHEX = bytes.fromhex
NAME = UNHEX("F0534D41525450494C4752494D01")
SELECT = UNHEX("00A4040C0E") + NAME
KEYS = {number: secrets.token_bytes(16) for number in range(5)}


def new_card(**options: Any) -> Card:
    keys = {number: AesKey(key) for number, key in KEYS.items()}
    return Card(CardProfile(UNHEX("04DE5F1EACC040"), NAME, keys), **options)


def authenticate(card: Card, number: int = 1) -> bytes:
    """Select, authenticate as the bank does, return the card's last answer."""
    card.process(SELECT)
    first = card.process(UNHEX("9071000002") + bytes([number, 0, 0]))
    part2, _ = EV2Challenge.begin(KEYS[number], first[:-2])
    return card.process(UNHEX("90AF000020") + part2 + b"\x00")


@pytest.mark.parametrize("vector", VECTORS["an12196"], ids=lambda vector: vector["clause"])
def test_the_card_gives_the_answers_of_the_application_note(vector: dict[str, str]) -> None:
    key = AesKey(UNHEX(vector["key"]))
    drawn = iter([key.decrypt(UNHEX(vector["e_rnd_b"])), UNHEX(vector["ti"])])
    card = Card(CardProfile(bytes(7), NAME, {0: key}), random=lambda count: next(drawn))
    assert card.process(SELECT) == UNHEX("9000")
    assert card.process(UNHEX("9071000002000000")) == UNHEX(vector["e_rnd_b"] + "91AF")
    assert card.process(UNHEX("90AF000020" + vector["part2"] + "00")) == UNHEX(vector["answer"] + "9100")
    assert card.session is not None
    assert card.session.ti == UNHEX(vector["ti"])
    assert card.session.keys == (UNHEX(vector["ses_enc"]), UNHEX(vector["ses_mac"]))


def test_any_flipped_bit_of_the_part_that_proves_the_bank_is_refused() -> None:
    card = new_card()
    for bit in range(256):
        card.process(SELECT)
        first = card.process(UNHEX("9071000002010000"))
        part2, _ = EV2Challenge.begin(KEYS[1], first[:-2])
        bent = (int.from_bytes(part2) ^ 1 << bit).to_bytes(32)
        assert card.process(UNHEX("90AF000020") + bent + b"\x00") == UNHEX("91AE")
        assert card.session is None


def test_an_additional_frame_proves_nothing_twice() -> None:
    card = new_card()
    card.process(SELECT)
    part2, _ = EV2Challenge.begin(KEYS[1], card.process(UNHEX("9071000002010000"))[:-2])
    command = UNHEX("90AF000020") + part2 + b"\x00"
    assert card.process(command)[-2:] == UNHEX("9100")
    assert card.process(command) == UNHEX("911C")


@pytest.mark.parametrize(
    ("apdu", "status"),
    [
        ("", "6700"),
        ("00A404", "6700"),
        ("00A4040C", "6700"),
        ("00A4040C0EF053", "6700"),
        ("00A4040C0E" + NAME.hex() + "0000", "6700"),
        ("00A4000C02E110", "6A86"),
        ("00A4040C07D2760000850101", "6A82"),
        ("00A4040C0E" + NAME.hex(), "9000"),
        ("00A404000E" + NAME.hex() + "00", "9000"),
        ("00B0000000", "6D00"),
        ("FF71000002010000", "6E00"),
        ("9071010002010000", "919E"),
        ("90710000", "917E"),
        ("907100000201", "917E"),
        ("9071000003010000", "917E"),
        ("907100000401030000", "917E"),
        ("90710000090107010203040506" + "00", "917E"),
        ("9071000002050000", "9140"),
        ("90AF0000020000" + "00", "911C"),
        ("90AF0000" + "00", "911C"),
        ("906A0000", "917E"),
        ("906A0000" + "00", "911C"),
        ("90C4000002010000", "911C"),
        ("90BD000007" + "01" * 7 + "00", "911C"),
    ],
)
def test_each_wrong_command_has_its_status(apdu: str, status: str) -> None:
    card = new_card()
    card.process(SELECT)
    assert card.process(UNHEX(apdu)).hex() == status.lower()


def test_no_key_answers_before_the_application_is_selected() -> None:
    assert new_card().process(UNHEX("9071000002010000")) == UNHEX("9140")


def test_every_other_command_ends_a_half_done_authentication() -> None:
    card = new_card()
    card.process(SELECT)
    card.process(UNHEX("9071000002010000"))
    assert card.process(UNHEX("9060000000")) == UNHEX("91CA")
    assert card.process(UNHEX("90AF000020" + "00" * 32 + "00")) == UNHEX("911C")


def test_the_version_comes_in_three_frames_and_names_the_chip() -> None:
    card = new_card()
    parts = [card.process(UNHEX("9060000000")), *(card.process(UNHEX("90AF000000")) for _ in range(2))]
    assert [part[-2:].hex() for part in parts] == ["91af", "91af", "9100"]
    assert parts[0][0] == 0x04
    assert parts[0][3] == 0x33
    assert parts[2].startswith(UNHEX("04DE5F1EACC040"))


def test_a_plain_command_ends_an_authenticated_session() -> None:
    card = new_card()
    assert authenticate(card)[-2:] == UNHEX("9100")
    assert card.process(UNHEX("9060000000")) == UNHEX("911E")
    assert card.session is None


def test_power_off_forgets_selection_challenge_and_session() -> None:
    card = new_card()
    authenticate(card)
    card.power_off()
    assert card.session is None
    assert card.process(UNHEX("9071000002010000")) == UNHEX("9140")


def fuzzed_apdus(seed: int, count: int) -> list[bytes]:
    """Random bytes, and genuine commands with bytes changed, cut or added."""
    draw = random.Random(seed)
    genuine = [SELECT, UNHEX("9071000002010000"), UNHEX("90AF000020" + "11" * 32 + "00"), UNHEX("9060000000")]
    apdus = []
    for _ in range(count):
        apdu = bytearray(draw.choice([*genuine, draw.randbytes(draw.randrange(0, 70))]))
        for _ in range(draw.randrange(0, 4)):
            if apdu:
                apdu[draw.randrange(len(apdu))] = draw.randrange(256)
        apdus.append(bytes(apdu[: draw.randrange(len(apdu) + 1)] if draw.random() < 0.2 else apdu))
    return apdus


@pytest.mark.parametrize("seed", range(5))
def test_no_bytes_harm_the_card(seed: int) -> None:
    card = new_card()
    before = card.profile
    for apdu in fuzzed_apdus(seed, 2000):
        response = card.process(apdu)
        assert len(response) >= 2
        assert response[-2] in (0x67, 0x6A, 0x6D, 0x6E, 0x90, 0x91)
        assert card.session is None
    assert card.profile is before
    assert authenticate(card)[-2:] == UNHEX("9100")


EXPORTED = {"uid": "04de5f1eacc040", "df_name": NAME.hex(), "card_keys": {"1": "00" * 16}}


def test_an_exported_key_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_text(json.dumps(EXPORTED))
    profile = CardProfile.from_file(path)
    assert profile.uid == UNHEX("04DE5F1EACC040")
    assert list(profile.keys) == [1]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"uid": "04de"}, "7 bytes"),
        ({"uid": "zz"}, "hexadecimal"),
        ({"df_name": ""}, "1 to 16"),
        ({"card_keys": {"1": "00"}}, "16 bytes"),
        ({"card_keys": {"x": "00" * 16}}, "hexadecimal"),
        ({"card_keys": ["00" * 16]}, "object"),
    ],
)
def test_a_wrong_key_file_says_what_is_wrong_and_shows_no_key(change: dict[str, Any], says: str) -> None:
    with pytest.raises(KeyFileError, match=says) as refusal:
        CardProfile.from_export(EXPORTED | change)
    assert not re.search("0{8}", str(refusal.value))


@pytest.mark.parametrize("text", ["", "[]", "{", '{"uid": "04"}'])
def test_a_file_that_is_no_key_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "card.json"
    path.write_text(text)
    with pytest.raises(KeyFileError):
        CardProfile.from_file(path)
    with pytest.raises(KeyFileError, match="cannot be read"):
        CardProfile.from_file(tmp_path / "none.json")
