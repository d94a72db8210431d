"""The URL of a card against the published figures: what it says, and that no bit of it may differ."""

import json
from pathlib import Path
from typing import Any

import pytest

from cardbank.cards.aes import encrypt
from cardbank.cards.ev2 import CardProofRefused
from cardbank.cards.sdm import PiccData, open_file_data, open_picc_data, session_keys, verify

PUBLISHED = json.loads((Path(__file__).parents[2] / "data/nfc/published.json").read_text())
UNHEX = bytes.fromhex

every_url = pytest.mark.parametrize("vector", PUBLISHED["sdm"], ids=lambda vector: vector["clause"])


def flipped(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data) ^ 1 << bit).to_bytes(len(data))


def read(vector: dict[str, Any], picc_data: bytes, mac: bytes, mac_input: bytes) -> PiccData:
    picc = open_picc_data(UNHEX(vector["key"]), picc_data)
    verify(UNHEX(vector["key"]), picc, mac, mac_input)
    return picc


@every_url
def test_a_url_agrees_with_the_application_note(vector: dict[str, Any]) -> None:
    parts = UNHEX(vector["picc_data"]), UNHEX(vector["mac"]), vector["mac_input"].encode()
    picc = read(vector, *parts)
    assert picc == PiccData(UNHEX(vector["uid"]), vector["read_counter"])
    clear = open_file_data(UNHEX(vector["key"]), picc, UNHEX(vector["file_data"]))
    assert clear == vector["clear"].encode()


@every_url
def test_any_flipped_bit_of_a_url_is_refused(vector: dict[str, Any]) -> None:
    parts = [UNHEX(vector["picc_data"]), UNHEX(vector["mac"]), vector["mac_input"].encode()]
    for place, part in enumerate(parts):
        for bit in range(8 * len(part)):
            altered = [*parts[:place], flipped(part, bit), *parts[place + 1 :]]
            with pytest.raises(CardProofRefused):
                read(vector, *altered)


@every_url
def test_any_flipped_bit_of_the_key_is_refused(vector: dict[str, Any]) -> None:
    key, mac_input = UNHEX(vector["key"]), vector["mac_input"].encode()
    picc = open_picc_data(key, UNHEX(vector["picc_data"]))
    for bit in range(128):
        with pytest.raises(CardProofRefused):
            verify(flipped(key, bit), picc, UNHEX(vector["mac"]), mac_input)
        with pytest.raises(CardProofRefused):
            verify(
                key,
                open_picc_data(flipped(key, bit), UNHEX(vector["picc_data"])),
                UNHEX(vector["mac"]),
                mac_input,
            )


@pytest.mark.parametrize("vector", PUBLISHED["sdm_session_keys"], ids=lambda vector: vector["clause"])
def test_session_keys_agree_with_the_application_note(vector: dict[str, Any]) -> None:
    picc = PiccData(UNHEX(vector["uid"]), int.from_bytes(UNHEX(vector["counter"]), "little"))
    enc, mac = session_keys(UNHEX(vector["key"]), picc)
    assert picc.counter_bytes == UNHEX(vector["counter"])
    assert mac == UNHEX(vector["mac"])
    assert vector["enc"] is None or enc == UNHEX(vector["enc"])


@pytest.mark.parametrize("length", [0, 15, 17, 32])
def test_picc_data_of_another_length_are_refused(length: int) -> None:
    with pytest.raises(CardProofRefused):
        open_picc_data(bytes(16), bytes(length))


@pytest.mark.parametrize("tag", [0x00, 0x47, 0x87, 0xC4, 0xFF])
def test_picc_data_without_a_uid_of_seven_bytes_and_a_counter_are_refused(tag: int) -> None:
    with pytest.raises(CardProofRefused):
        open_picc_data(bytes(16), encrypt(bytes(16), bytes([tag]) + bytes(15)))


@pytest.mark.parametrize("length", [0, 7, 9, 16])
def test_a_mac_of_another_length_is_refused(length: int) -> None:
    vector = PUBLISHED["sdm"][0]
    with pytest.raises(CardProofRefused):
        read(vector, UNHEX(vector["picc_data"]), (UNHEX(vector["mac"]) * 2)[:length], b"")


def test_file_data_that_are_not_whole_blocks_are_refused() -> None:
    with pytest.raises(CardProofRefused):
        open_file_data(bytes(16), PiccData(bytes(7), 1), bytes(17))


def test_each_tap_has_its_own_keys() -> None:
    taps = [session_keys(bytes(16), PiccData(bytes(7), counter)) for counter in range(256)]
    assert len({key for pair in taps for key in pair}) == 512
