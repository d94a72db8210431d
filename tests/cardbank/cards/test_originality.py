"""The manufacturer's signature against the published one, and against single flipped bits."""

import json
from pathlib import Path

import pytest

from cardbank.cards.originality import NotOriginal, verify_originality

VECTOR = json.loads((Path(__file__).parents[2] / "data/nfc/published.json").read_text())["originality"]
POINT, UID, SIGNATURE = (bytes.fromhex(VECTOR[name]) for name in ("public_point", "uid", "signature"))


def flipped(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data) ^ 1 << bit).to_bytes(len(data))


def test_the_published_signature_agrees() -> None:
    verify_originality(POINT, UID, SIGNATURE)
    with pytest.raises(NotOriginal):
        verify_originality(POINT, UID[::-1], SIGNATURE)


@pytest.mark.parametrize("bit", range(56))
def test_any_flipped_bit_of_the_uid_is_refused(bit: int) -> None:
    with pytest.raises(NotOriginal):
        verify_originality(POINT, flipped(UID, bit), SIGNATURE)


def test_any_flipped_bit_of_the_signature_is_refused() -> None:
    for bit in range(8 * len(SIGNATURE)):
        with pytest.raises(NotOriginal):
            verify_originality(POINT, UID, flipped(SIGNATURE, bit))


def test_a_public_key_off_the_curve_is_refused() -> None:
    for bit in range(0, 8 * len(POINT), 7):
        with pytest.raises(ValueError):
            verify_originality(flipped(POINT, bit), UID, SIGNATURE)


@pytest.mark.parametrize(("uid", "signature"), [(6, 56), (8, 56), (7, 0), (7, 55), (7, 57)])
def test_parts_of_another_length_are_refused(uid: int, signature: int) -> None:
    with pytest.raises(NotOriginal):
        verify_originality(POINT, bytes(uid), bytes(signature))


def test_a_signature_of_zeros_is_refused() -> None:
    with pytest.raises(NotOriginal):
        verify_originality(POINT, UID, bytes(56))
