"""Frames out of a stream that arrives in any pieces."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_gateway.wire.framing import LONGEST, SHORTEST, Deframer, Frame, FrameError, frame
from tests.pos_gateway.frames import ECHO, KEYED_PURCHASE, PUBLISHED, PURCHASE, unhurried

TPDU = bytes.fromhex("6000010000")


def framed(body: bytes) -> bytes:
    return (5 + len(body)).to_bytes(2, "big") + TPDU + body


@pytest.mark.parametrize("published", PUBLISHED, ids=lambda published: published.name)
def test_frame_split_at_every_byte_arrives_whole(published):
    whole = Deframer().feed(published.frame)
    assert whole == [Frame(published.frame[2:7], published.body)]
    for cut in range(1, len(published.frame)):
        deframer = Deframer()
        assert deframer.feed(published.frame[:cut]) == []
        assert deframer.is_partial
        assert deframer.feed(published.frame[cut:]) == whole
        assert not deframer.is_partial


def test_frame_arrives_byte_by_byte():
    deframer = Deframer()
    arrived = [found for byte in PURCHASE.frame for found in deframer.feed(bytes([byte]))]
    assert arrived == [Frame(TPDU, PURCHASE.body)]


def test_two_frames_and_a_half_in_one_piece():
    deframer = Deframer()
    stream = PURCHASE.frame + ECHO.frame + KEYED_PURCHASE.frame
    half = len(stream) - 40
    assert [found.body for found in deframer.feed(stream[:half])] == [PURCHASE.body, ECHO.body]
    assert deframer.is_partial
    assert [found.body for found in deframer.feed(stream[half:])] == [KEYED_PURCHASE.body]


@unhurried
@given(st.data())
def test_any_pieces_give_the_same_frames(data):
    stream = b"".join(published.frame for published in PUBLISHED)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(stream) - 1), max_size=12)))
    deframer = Deframer()
    bounds = [0, *cuts, len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(bounds)]
    arrived = [found for piece in pieces for found in deframer.feed(piece)]
    assert [found.body for found in arrived] == [published.body for published in PUBLISHED]


@pytest.mark.parametrize("length", [0, 1, 14, 4097, 65535])
def test_length_out_of_range_is_refused_before_anything_follows(length):
    with pytest.raises(FrameError) as caught:
        Deframer().feed(length.to_bytes(2, "big"))
    assert caught.value.frames == []


@pytest.mark.parametrize("length", [SHORTEST, 16, LONGEST])
def test_length_at_the_bounds_is_taken(length):
    body = bytes(length - 5)
    assert Deframer().feed(framed(body)) == [Frame(TPDU, body)]


def test_nothing_and_one_byte_are_not_yet_a_frame():
    deframer = Deframer()
    assert deframer.feed(b"") == []
    assert not deframer.is_partial
    assert deframer.feed(b"\x00") == []
    assert deframer.is_partial


@pytest.mark.parametrize("identifier", [0x00, 0x30, 0x61, 0x67, 0x69, 0xFF])
def test_unknown_tpdu_identifier_is_refused_as_soon_as_it_is_seen(identifier):
    with pytest.raises(FrameError):
        Deframer().feed(b"\x00\x50" + bytes([identifier]))


def test_both_tpdu_identifiers_are_taken():
    other = b"\x68" + TPDU[1:]
    assert Deframer().feed(b"\x00\x0f" + other + bytes(10)) == [Frame(other, bytes(10))]


def test_frames_before_the_bad_one_are_not_lost_and_nothing_is_read_after_it():
    deframer = Deframer()
    with pytest.raises(FrameError) as caught:
        deframer.feed(PURCHASE.frame + b"\x00\x00" + ECHO.frame)
    assert caught.value.frames == [Frame(TPDU, PURCHASE.body)]
    with pytest.raises(FrameError) as again:
        deframer.feed(ECHO.frame)
    assert again.value.frames == []


def test_answer_goes_back_to_where_the_request_came_from():
    request = bytes.fromhex("6012345678")
    answer = frame(request, ECHO.body)
    assert answer[:7] == len(ECHO.body + request).to_bytes(2, "big") + bytes.fromhex("6056781234")
    assert Deframer().feed(answer)[0].body == ECHO.body


@pytest.mark.parametrize(("tpdu", "size"), [(TPDU, 9), (TPDU, 4092), (TPDU[:4], 50), (TPDU + b"\0", 50)])
def test_answer_that_does_not_fit_a_frame_is_never_sent(tpdu, size):
    with pytest.raises(ValueError, match="out of range"):
        frame(tpdu, bytes(size))
