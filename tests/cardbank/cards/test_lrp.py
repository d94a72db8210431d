"""LRP against all 150 figures of AN12304 and the published authentication, and against single flipped bits."""

import json
from pathlib import Path
from typing import Any

import pytest

from cardbank.cards.aes import double
from cardbank.cards.ev2 import CardProofRefused
from cardbank.cards.lrp import LrpChallenge, LrpKey, nibbles

DATA = Path(__file__).parents[2] / "data/nfc"
VECTORS = json.loads((DATA / "lrp_vectors.json").read_text())
AUTHENTICATION = json.loads((DATA / "published.json").read_text())["lrp_authentication"]
UNHEX = bytes.fromhex
KEY = UNHEX(AUTHENTICATION["key"])
RND_B = UNHEX(AUTHENTICATION["response1"])[1:]
ANSWER = UNHEX(AUTHENTICATION["answer"])


def flipped(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data) ^ 1 << bit).to_bytes(len(data))


def evaluated(vector: dict[str, str], key: bytes, halves: list[int]) -> bytes:
    return LrpKey(key, int(vector["UPDATEDKEY"])).evaluate(halves, finalize=vector["FINALIZE"] == "1")


def test_all_figures_of_the_note_are_here() -> None:
    assert {kind: len(VECTORS[kind]) for kind in ("eval", "cmac", "lricb")} == {
        "eval": 50,
        "cmac": 50,
        "lricb": 50,
    }


@pytest.mark.parametrize("number", range(50))
def test_an_evaluation_agrees_and_no_flipped_bit_does(number: int) -> None:
    vector = VECTORS["eval"][number]
    key, halves, result = UNHEX(vector["KEY"]), [int(half, 16) for half in vector["IV"]], UNHEX(vector["RES"])
    assert evaluated(vector, key, halves) == result
    assert evaluated(vector, flipped(key, number), halves) != result
    for place in range(len(halves)):
        for bit in range(4):
            altered = [*halves[:place], halves[place] ^ 1 << bit, *halves[place + 1 :]]
            assert evaluated(vector, key, altered) != result


@pytest.mark.parametrize("number", range(50))
def test_a_mac_agrees_and_no_flipped_bit_does(number: int) -> None:
    vector = VECTORS["cmac"][number]
    key, message, mac = UNHEX(vector["KEY"]), UNHEX(vector["MSG"]), UNHEX(vector["MAC"])
    prepared = LrpKey(key)
    subkey = double(prepared.evaluate(nibbles(bytes(16))))
    assert UNHEX(vector["Kx"]) == (subkey if message and len(message) % 16 == 0 else double(subkey))
    assert prepared.cmac(message) == mac
    prepared.verify(message, mac)
    with pytest.raises(CardProofRefused):
        LrpKey(flipped(key, number)).verify(message, mac)
    for bit in range(0, 8 * len(message), 1 + len(message) // 4):
        with pytest.raises(CardProofRefused):
            prepared.verify(flipped(message, bit), mac)
    for bit in range(number % 8, 128, 8):
        with pytest.raises(CardProofRefused):
            prepared.verify(message, flipped(mac, bit))


@pytest.mark.parametrize("number", range(3))
def test_every_flipped_bit_of_a_mac_is_refused(number: int) -> None:
    vector = VECTORS["cmac"][number]
    prepared, message, mac = LrpKey(UNHEX(vector["KEY"])), UNHEX(vector["MSG"]), UNHEX(vector["MAC"])
    for bit in range(128):
        with pytest.raises(CardProofRefused):
            prepared.verify(message, flipped(mac, bit))
    for length in (0, 8, 15):
        with pytest.raises(CardProofRefused):
            prepared.verify(message, mac[:length])


@pytest.mark.parametrize("number", range(50))
def test_encryption_agrees_both_ways(number: int) -> None:
    vector = VECTORS["lricb"][number]
    prepared, padded = LrpKey(UNHEX(vector["KEY"])), vector["USEPADDING"] == "1"
    counter, plain, ciphered = (UNHEX(vector[name]) for name in ("IV", "PT", "CT"))
    assert prepared.encrypt(counter, plain, padded=padded) == ciphered
    assert prepared.decrypt(counter, ciphered, padded=padded) == plain


@pytest.mark.parametrize("number", range(50))
def test_a_flipped_bit_of_counter_or_cryptogram_never_gives_the_plaintext(number: int) -> None:
    vector = VECTORS["lricb"][number]
    prepared = LrpKey(UNHEX(vector["KEY"]))
    counter, ciphered = UNHEX(vector["IV"]), UNHEX(vector["CT"])
    plain = prepared.decrypt(counter, ciphered, padded=False)
    assert plain.startswith(UNHEX(vector["PT"]))
    for bit in range(number % 16, 8 * len(ciphered), 16):
        assert prepared.decrypt(counter, flipped(ciphered, bit), padded=False) != plain
    for bit in range(32):
        assert prepared.decrypt(flipped(counter, bit), ciphered[:16], padded=False) != plain[:16]


def test_a_counter_wraps_after_its_last() -> None:
    prepared = LrpKey(bytes(16))
    both = prepared.encrypt(b"\xff" * 4, bytes(32), padded=False)
    assert both[16:] == prepared.encrypt(bytes(4), bytes(16), padded=False)


def test_broken_blocks_and_padding_are_refused() -> None:
    prepared = LrpKey(bytes(16))
    for act in (prepared.encrypt, prepared.decrypt):
        with pytest.raises(ValueError, match="whole blocks"):
            act(bytes(4), bytes(15), padded=False)
    with pytest.raises(ValueError, match="padding"):
        prepared.decrypt(bytes(4), prepared.encrypt(bytes(4), bytes(16), padded=False))


@pytest.mark.parametrize("length", [0, 15, 17, 32])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        LrpKey(bytes(length))


def begun() -> tuple[bytes, bytes]:
    return LrpChallenge.begin(KEY, RND_B, UNHEX(AUTHENTICATION["rnd_a"]))


def test_the_published_authentication_agrees() -> None:
    part2, state = begun()
    session = LrpChallenge.finish(KEY, state, ANSWER)
    assert part2 == UNHEX(AUTHENTICATION["part2"])
    assert session.ti == UNHEX(AUTHENTICATION["ti"])


def test_any_flipped_bit_of_the_authentication_is_refused() -> None:
    _, state = begun()
    for bit in range(256):
        with pytest.raises(CardProofRefused):
            LrpChallenge.finish(KEY, state, flipped(ANSWER, bit))


def test_flipped_bits_of_the_key_and_of_both_random_numbers_are_refused() -> None:
    _, state = begun()
    for bit in range(0, 256, 3):
        with pytest.raises(CardProofRefused):
            LrpChallenge.finish(KEY, flipped(state, bit), ANSWER)
        with pytest.raises(CardProofRefused):
            LrpChallenge.finish(flipped(KEY, bit // 2), state, ANSWER)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_parts_of_another_length_are_refused(length: int) -> None:
    _, state = begun()
    with pytest.raises(CardProofRefused):
        LrpChallenge.finish(KEY, state, (ANSWER * 2)[:length])
    if length != 16:
        with pytest.raises(CardProofRefused):
            LrpChallenge.begin(KEY, bytes(length))


def test_two_challenges_differ_and_no_key_shows() -> None:
    assert LrpChallenge.begin(KEY, RND_B)[0] != LrpChallenge.begin(KEY, RND_B)[0]
    session: Any = LrpChallenge.finish(KEY, begun()[1], ANSWER)
    assert [repr(part) for part in (session, session.enc, session.mac)] == [
        "LrpSession(…)",
        "LrpKey(…)",
        "LrpKey(…)",
    ]
