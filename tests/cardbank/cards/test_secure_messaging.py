"""Secure messaging, CMAC and the AN10922 padding against the published figures, and against single flipped bits."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardbank.cards.aes import cmac, decrypt, encrypt, pad, truncated, unpad, xor
from cardbank.cards.ev2 import CardProofRefused, EV2Challenge, EV2Session, diversify
from cardbank.cards.secure_messaging import (
    command_iv,
    full_command,
    full_response,
    mac_command,
    mac_response,
    response_iv,
)

DATA = Path(__file__).parents[2] / "data/nfc"
EV2 = json.loads((DATA / "ev2.json").read_text())
PUBLISHED = json.loads((DATA / "published.json").read_text())
UNHEX = bytes.fromhex
COMMAND = {"mac": mac_command, "full": full_command}
RESPONSE = {"mac": mac_response, "full": full_response}
SESSION = EV2Session(b"\x01\x02\x03\x04", bytes(range(16)), bytes(range(16, 32)))


def clause(vector: dict[str, Any]) -> str:
    return str(vector["clause"])


def flipped(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data) ^ 1 << bit).to_bytes(len(data))


def session_of(vector: dict[str, Any]) -> EV2Session:
    return EV2Session(UNHEX(vector["ti"]), UNHEX(vector["ses_enc"] or "00" * 16), UNHEX(vector.get("ses_mac", "00" * 16)))


every_command = pytest.mark.parametrize("vector", PUBLISHED["commands"], ids=clause)
every_response = pytest.mark.parametrize("vector", PUBLISHED["responses"], ids=clause)


@pytest.mark.parametrize(("message", "mac"), EV2["rfc4493"]["macs"].items())
def test_cmac_agrees_with_rfc_4493(message: str, mac: str) -> None:
    key = UNHEX(EV2["rfc4493"]["key"])
    assert cmac(key, UNHEX(message)) == UNHEX(mac)
    for bit in range(4 * len(message)):
        assert cmac(key, flipped(UNHEX(message), bit)) != UNHEX(mac)


def test_truncation_agrees_with_an12343() -> None:
    vector = EV2["an12343"]
    mac = cmac(UNHEX(vector["mac_key"]), UNHEX(vector["mac_input"]))
    assert mac == UNHEX(vector["cmac"])
    assert truncated(mac) == UNHEX(vector["truncated"])


def test_session_keys_agree_with_an12343() -> None:
    vector = EV2["an12343"]
    key, rnd_a, rnd_b = (UNHEX(vector[name]) for name in ("key", "rnd_a", "rnd_b"))
    part2, state = EV2Challenge.begin(key, encrypt(key, rnd_b), rnd_a)
    session = EV2Challenge.finish(key, state, encrypt(key, b"TRID" + rnd_a[1:] + rnd_a[:1] + bytes(12)))
    assert decrypt(key, part2) == rnd_a + rnd_b[1:] + rnd_b[:1]
    assert (session.ses_enc, session.ses_mac) == (UNHEX(vector["ses_enc"]), UNHEX(vector["ses_mac"]))


def test_the_padding_trap_of_an10922_both_ways() -> None:
    """A short input: the padding to two blocks ships; the CMAC without it makes the field's other key."""
    trap = EV2["non_conforming"]
    short = EV2["an10922"][1]
    for vector in (trap, short):
        master, data = UNHEX(vector["master"]), UNHEX(vector["input"])
        assert len(data) < 15
        without_padding = cmac(master, b"\x01" + data)
        assert (without_padding == UNHEX(vector["key"])) == (vector is trap)
        assert (diversify(master, data) == UNHEX(vector["key"])) == (vector is short)
        assert diversify(master, data) != without_padding


def test_the_key_of_24_bytes_of_an10922_agrees_though_no_card_of_ours_has_one() -> None:
    vector = PUBLISHED["keys_of_other_lengths"]
    master, data = UNHEX(vector["master"]), UNHEX(vector["input"])
    first, second = cmac(master, b"\x11" + data), cmac(master, b"\x12" + data)
    assert first[:8] + xor(first[8:], second[:8]) + second[8:] == UNHEX(vector["key"])
    with pytest.raises(ValueError, match="16 bytes"):
        diversify(master, data)


@every_command
def test_a_command_agrees_with_the_application_note(vector: dict[str, Any]) -> None:
    code, header, data = (UNHEX(vector[name]) for name in ("command", "header", "data"))
    body = COMMAND[vector["mode"]](session_of(vector), vector["counter"], code[0], header, data)
    assert body == UNHEX(vector["body"])


@every_command
def test_a_command_of_another_session_counter_code_or_header_has_another_mac(vector: dict[str, Any]) -> None:
    session, counter, protect = session_of(vector), vector["counter"], COMMAND[vector["mode"]]
    code, header, data = (UNHEX(vector[name]) for name in ("command", "header", "data"))
    macs = {UNHEX(vector["body"])[-8:]}
    others = [(session, counter, code[0] ^ 1 << bit, header) for bit in range(8)]
    others += [(session, counter ^ 1 << bit, code[0], header) for bit in range(15)]
    others += [(session, counter, code[0], flipped(header, bit)) for bit in range(8 * len(header))]
    for bit in range(128):
        others.append((EV2Session(session.ti, session.ses_enc, flipped(session.ses_mac, bit)), counter, code[0], header))
    for bit in range(32):
        others.append((EV2Session(flipped(session.ti, bit), session.ses_enc, session.ses_mac), counter, code[0], header))
    for other in others:
        macs.add(protect(*other, data)[-8:])
    assert len(macs) == len(others) + 1


@every_response
def test_an_answer_agrees_with_the_application_note(vector: dict[str, Any]) -> None:
    opened = RESPONSE[vector["mode"]](session_of(vector), vector["counter"], UNHEX(vector["body"]))
    assert opened == UNHEX(vector["data"])


@every_response
def test_any_flipped_bit_of_an_answer_is_refused(vector: dict[str, Any]) -> None:
    body = UNHEX(vector["body"])
    for bit in range(8 * len(body)):
        with pytest.raises(CardProofRefused):
            RESPONSE[vector["mode"]](session_of(vector), vector["counter"], flipped(body, bit))


@every_response
def test_an_answer_to_another_command_or_with_another_status_is_refused(vector: dict[str, Any]) -> None:
    body, opened = UNHEX(vector["body"]), RESPONSE[vector["mode"]]
    with pytest.raises(CardProofRefused):
        opened(session_of(vector), vector["counter"] + 1, body)
    with pytest.raises(CardProofRefused):
        opened(session_of(vector), vector["counter"], body, status=0xAF)


@pytest.mark.parametrize("vector", PUBLISHED["command_ivs"], ids=clause)
def test_where_the_data_of_a_command_begin_agrees(vector: dict[str, Any]) -> None:
    assert command_iv(session_of(vector), vector["counter"]) == UNHEX(vector["iv"])
    assert response_iv(session_of(vector), vector["counter"]) != UNHEX(vector["iv"])


def test_the_answer_of_commit_reader_id_agrees_with_an12343() -> None:
    vector = PUBLISHED["commit_reader_id"]
    session, ciphered = session_of(vector), UNHEX(vector["ciphered"])
    iv = response_iv(session, vector["counter_of_answer"] - 1)
    assert decrypt(session.ses_enc, ciphered, iv) == UNHEX(vector["clear"])
    for bit in range(128):
        assert decrypt(session.ses_enc, flipped(ciphered, bit), iv) != UNHEX(vector["clear"])


@pytest.mark.parametrize("length", range(8))
def test_an_answer_that_is_shorter_than_a_mac_is_refused(length: int) -> None:
    for opened in (mac_response, full_response):
        with pytest.raises(CardProofRefused):
            opened(SESSION, 0, bytes(length))


@pytest.mark.parametrize("ciphered", [b"15 bytes, no blk", bytes(15)])
def test_a_proven_answer_without_padding_is_refused_in_full_mode(ciphered: bytes) -> None:
    mac = truncated(cmac(SESSION.ses_mac, b"\x00\x01\x00" + SESSION.ti + ciphered))
    assert mac_response(SESSION, 0, ciphered + mac) == ciphered
    with pytest.raises(CardProofRefused):
        full_response(SESSION, 0, ciphered + mac)


@pytest.mark.parametrize("counter", [-1, 0xFFFF, 0x10000])
def test_a_counter_that_would_run_over_is_refused(counter: int) -> None:
    for protect in COMMAND.values():
        with pytest.raises(ValueError, match="counter"):
            protect(SESSION, counter, 0x8D, b"", b"1")
    for opened in RESPONSE.values():
        with pytest.raises(ValueError, match="counter"):
            opened(SESSION, counter, bytes(8))


@given(st.binary(max_size=80))
def test_padding_is_whole_blocks_and_comes_off_again(data: bytes) -> None:
    assert len(pad(data)) % 16 == 0 < len(pad(data)) - len(data) <= 16
    assert unpad(pad(data)) == data


@pytest.mark.parametrize("padded", [b"", bytes(16), b"\x80" + bytes(16), b"fifteen and one\x81"])
def test_a_wrong_padding_is_refused(padded: bytes) -> None:
    with pytest.raises(ValueError, match="padding"):
        unpad(padded)
