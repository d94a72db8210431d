"""The bank's EV2 code against the published figures, and against single flipped bits."""

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given
from hypothesis import strategies as st

from cardbank.cards.ev2 import CardProofRefused, EV2Challenge, card_key_input, diversify
from virtual_card.card import Card, CardProfile
from virtual_card.crypto import AesKey

VECTORS = json.loads((Path(__file__).parent.parent / "data/nfc/ev2.json").read_text())
UNHEX = bytes.fromhex


def flipped(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data) ^ 1 << bit).to_bytes(len(data))


@pytest.mark.parametrize("vector", VECTORS["an10922"])
def test_diversified_keys_agree_with_the_application_notes(vector: dict[str, str]) -> None:
    assert diversify(UNHEX(vector["master"]), UNHEX(vector["input"])) == UNHEX(vector["key"])


def test_the_key_of_a_plain_cmac_is_not_ours() -> None:
    vector = VECTORS["non_conforming"]
    plain = CMAC(AES(UNHEX(vector["master"])))
    plain.update(b"\x01" + UNHEX(vector["input"]))
    assert plain.finalize() == UNHEX(vector["key"])
    assert diversify(UNHEX(vector["master"]), UNHEX(vector["input"])) != UNHEX(vector["key"])


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=31))
def test_inputs_of_two_blocks_agree_with_a_plain_cmac(master: bytes, data: bytes) -> None:
    plain = CMAC(AES(master))
    plain.update(b"\x01" + data)
    assert diversify(master, data) == plain.finalize()


@pytest.mark.parametrize("bit", range(8 * 17))
def test_a_flipped_bit_of_the_input_gives_another_key(bit: int) -> None:
    vector = VECTORS["an10922"][0]
    assert diversify(UNHEX(vector["master"]), flipped(UNHEX(vector["input"]), bit)) != UNHEX(vector["key"])


@pytest.mark.parametrize(("master", "data"), [(15, 8), (16, 0), (16, 32), (24, 8)])
def test_lengths_outside_the_note_are_refused(master: int, data: int) -> None:
    with pytest.raises(ValueError, match="bytes"):
        diversify(bytes(master), bytes(data))


def test_a_card_key_input_is_uid_aid_number_system() -> None:
    assert card_key_input(UNHEX("04782E21801D80"), UNHEX("F54230"), 1) == UNHEX("04782E21801D80F5423001" + b"PILGRIM".hex())


@pytest.mark.parametrize(("uid", "aid", "number"), [(4, 3, 1), (7, 2, 1), (7, 3, 16), (7, 3, -1)])
def test_a_card_key_input_of_wrong_parts_is_refused(uid: int, aid: int, number: int) -> None:
    with pytest.raises(ValueError, match=r"bytes|number"):
        card_key_input(bytes(uid), bytes(aid), number)


@pytest.mark.parametrize("vector", VECTORS["an12196"], ids=lambda vector: vector["clause"])
def test_authentication_agrees_with_the_application_note(vector: dict[str, Any]) -> None:
    key = UNHEX(vector["key"])
    part2, state = EV2Challenge.begin(key, UNHEX(vector["e_rnd_b"]), UNHEX(vector["rnd_a"]))
    session = EV2Challenge.finish(key, state, UNHEX(vector["answer"]))
    assert part2 == UNHEX(vector["part2"])
    assert (session.ti, session.ses_enc, session.ses_mac) == tuple(UNHEX(vector[name]) for name in ("ti", "ses_enc", "ses_mac"))


@pytest.mark.parametrize("vector", VECTORS["an12196"], ids=lambda vector: vector["clause"])
def test_any_flipped_bit_of_the_answer_is_refused(vector: dict[str, Any]) -> None:
    key, answer = UNHEX(vector["key"]), UNHEX(vector["answer"])
    _, state = EV2Challenge.begin(key, UNHEX(vector["e_rnd_b"]), UNHEX(vector["rnd_a"]))
    for bit in range(256):
        with pytest.raises(CardProofRefused):
            EV2Challenge.finish(key, state, flipped(answer, bit))


def test_any_flipped_bit_of_the_key_or_of_the_first_random_number_is_refused() -> None:
    vector = VECTORS["an12196"][0]
    key, answer = UNHEX(vector["key"]), UNHEX(vector["answer"])
    _, state = EV2Challenge.begin(key, UNHEX(vector["e_rnd_b"]), UNHEX(vector["rnd_a"]))
    for bit in range(128):
        with pytest.raises(CardProofRefused):
            EV2Challenge.finish(flipped(key, bit), state, answer)
        with pytest.raises(CardProofRefused):
            EV2Challenge.finish(key, flipped(state, 128 + bit), answer)


@pytest.mark.parametrize("length", [0, 15, 17, 32])
def test_a_challenge_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(CardProofRefused):
        EV2Challenge.begin(bytes(16), bytes(length))


@pytest.mark.parametrize("length", [0, 16, 31, 33, 48])
def test_an_answer_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(CardProofRefused):
        EV2Challenge.finish(bytes(16), bytes(32), bytes(length))


def answer_of(key: bytes, part2_of: bytes | None = None) -> tuple[Card, bytes, bytes]:
    """A card with `key` as its online key, its E(RndB), and its answer to the bank that holds `part2_of`."""
    card = Card(CardProfile(bytes(7), b"A", {1: AesKey(key)}))
    card.process(bytes.fromhex("00a4040c0141"))
    e_rnd_b = card.process(bytes.fromhex("9071000002010000"))[:-2]
    part2, state = EV2Challenge.begin(part2_of or key, e_rnd_b)
    return card, state, card.process(b"\x90\xaf\x00\x00\x20" + part2 + b"\x00")


def test_card_and_bank_arrive_at_the_same_session() -> None:
    for _ in range(50):
        key = secrets.token_bytes(16)
        card, state, response = answer_of(key)
        session = EV2Challenge.finish(key, state, response[:-2])
        assert card.session is not None
        assert (session.ti, session.ses_enc, session.ses_mac) == (card.session.ti, *card.session.keys)


def test_a_card_refuses_a_bank_with_another_key() -> None:
    card, _, response = answer_of(bytes(16), part2_of=bytes(15) + b"\x01")
    assert response == b"\x91\xae"
    assert card.session is None


def test_an_answer_to_one_challenge_does_not_answer_the_next() -> None:
    key = secrets.token_bytes(16)
    _, _, recorded = answer_of(key)
    _, state, _ = answer_of(key)
    with pytest.raises(CardProofRefused):
        EV2Challenge.finish(key, state, recorded[:-2])


def test_no_key_shows_in_a_session() -> None:
    vector = VECTORS["an12196"][0]
    _, state = EV2Challenge.begin(UNHEX(vector["key"]), UNHEX(vector["e_rnd_b"]), UNHEX(vector["rnd_a"]))
    session = EV2Challenge.finish(UNHEX(vector["key"]), state, UNHEX(vector["answer"]))
    assert repr(session) == f"{session}" == "EV2Session(…)"
