"""The seven published frames, byte for byte, through our codec and two independent ones."""

import pytest

from pos_gateway.wire import codec, dukpt, framing, mac, presence, tlv
from pos_gateway.wire.tlv import Tag
from tests.pos_gateway import py8583_dialect_a, pyiso8583_dialect_a
from tests.pos_gateway.frames import (
    APPROVAL,
    BDK,
    CHALLENGE,
    CHALLENGE_ANSWER,
    ECHO,
    INITIAL_KEY_ID,
    KEYED_PURCHASE,
    PUBLISHED,
    PURCHASE,
    REVERSAL,
    Published,
)

every_frame = pytest.mark.parametrize("published", PUBLISHED, ids=lambda published: published.name)


def mac_key(published: Published) -> bytes:
    is_request = presence.is_request(codec.decode(published.body).mti)
    usage = dukpt.Usage.MAC_TO_HOST if is_request else dukpt.Usage.MAC_TO_TERMINAL
    ksn = INITIAL_KEY_ID + published.counter.to_bytes(4, "big")
    return dukpt.working_key(dukpt.initial_key(BDK, INITIAL_KEY_ID), ksn, usage)


@every_frame
def test_frame_is_read_and_written_back_identically(published):
    [frame] = framing.Deframer().feed(published.frame)
    message = codec.decode(frame.body)
    assert codec.encode(message) == frame.body
    assert tlv.encode(message.private) == message.fields[48]
    swapped_back = frame.tpdu[:1] + frame.tpdu[3:] + frame.tpdu[1:3]
    assert framing.frame(swapped_back, frame.body) == published.frame


@every_frame
def test_mac_is_verified_and_made_again(published):
    message = codec.decode(published.body)
    key = mac_key(published)
    assert mac.verify(message, key)
    assert mac.sign(message, key) == published.body
    assert message.private[Tag.KSN] == INITIAL_KEY_ID + published.counter.to_bytes(4, "big")


@every_frame
def test_frame_carries_what_its_message_type_must(published):
    presence.check_presence(codec.decode(published.body))


@every_frame
def test_pyiso8583_reads_and_writes_the_same(published):
    message = codec.decode(published.body)
    assert pyiso8583_dialect_a.decode(published.body) == (message.mti, message.fields)
    assert pyiso8583_dialect_a.encode(message.mti, message.fields) == published.body


@every_frame
def test_py8583_reads_and_writes_the_same(published):
    message = codec.decode(published.body)
    assert py8583_dialect_a.unpack(published.body) == (message.mti, message.fields)
    assert py8583_dialect_a.pack(message.mti, message.fields) == published.body


def test_tapped_purchase_holds_the_values_of_its_description():
    message = codec.decode(PURCHASE.body)
    assert message.mti == "0200"
    assert message.fields[3] == "000000"
    assert int(message.fields[4]) == 150_000
    assert (message.fields[7], message.fields[11]) == ("1122012233", "000002")
    assert (message.fields[12], message.fields[13]) == ("045233", "1122")
    assert (message.fields[22], message.fields[24], message.fields[25]) == ("071", "001", "14")
    assert (message.fields[41], message.fields[42]) == ("TERM0001", "MERCHANT0000001")
    assert (message.fields[49], message.fields[62]) == ("364", "000123")
    assert message.private[Tag.APPLICATION_VERSION] == "1.0.0"
    assert int(message.private[Tag.LOYALTY_AMOUNT]) == 20_000
    assert message.private[Tag.CREDIT_MODE] == b"\x02"
    assert message.private[Tag.CARD_AUTHENTICATION][:9].hex() == "030011223344556677"
    assert len(message.private[Tag.CARD_AUTHENTICATION]) == 41


def test_approval_splits_the_amount_between_card_and_credit():
    request, answer = codec.decode(PURCHASE.body), codec.decode(APPROVAL.body)
    assert answer.fields[39] == "00"
    paid = int(answer.private[Tag.PAID_FROM_CARD]) + int(answer.private[Tag.PAID_BY_CREDIT])
    assert paid == int(answer.fields[4]) == 150_000
    assert int(answer.private[Tag.CREDIT_EARNED]) == 6_500
    assert int(answer.private[Tag.CREDIT_BALANCE]) == 18_500
    assert {number: answer.fields[number] for number in presence.echo(request)} == presence.echo(request)


def test_challenge_is_answered_with_the_second_part():
    request, answer = codec.decode(CHALLENGE.body), codec.decode(CHALLENGE_ANSWER.body)
    assert request.private[Tag.CARD_AUTHENTICATION][:8].hex() == "0104de5f1eacc040"
    assert answer.private[Tag.CARD_AUTHENTICATION][:9].hex() == "020011223344556677"
    assert presence.response_mti(request.mti) == answer.mti


def test_reversal_names_its_original():
    original, reversal = codec.decode(PURCHASE.body), codec.decode(REVERSAL.body)
    assert reversal.fields[90] == original.mti + original.fields[11] + original.fields[7] + 22 * "0"
    assert reversal.mac_at == len(REVERSAL.body) - 8


def test_keyed_purchase_carries_the_card_number_and_its_mac_is_in_the_first_half():
    message = codec.decode(KEYED_PURCHASE.body)
    assert message.fields[2] == "9364000000000000019"
    assert 64 in message.fields
    assert Tag.CARD_AUTHENTICATION not in message.private


def test_echo_carries_its_network_code_and_its_mac_in_the_second_half():
    message = codec.decode(ECHO.body)
    assert (message.mti, message.fields[70]) == ("0800", "301")
    assert 128 in message.fields
