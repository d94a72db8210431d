"""BER-TLV of DE48 and DE63."""

import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pos_gateway.wire.codec import Message
from pos_gateway.wire.errors import FormatError, Reason
from pos_gateway.wire.tlv import MAXIMUM_BYTES, Tag, decode, encode, salvage
from tests.pos_gateway.frames import unhurried

DE48_TAGS = [tag for tag in Tag if tag < 0xDF60]
DE63_TAGS = [tag for tag in Tag if tag >= 0xDF60]


def values_of(tag: Tag) -> st.SearchStrategy[str | bytes]:
    if tag.kind == "b":
        return st.binary(min_size=tag.shortest, max_size=tag.longest)
    if tag.kind == "n":
        return st.text("0123456789", min_size=tag.shortest, max_size=tag.longest).map(
            lambda digits: digits[: len(digits) - len(digits) % tag.unit]
        )
    letters = st.characters(exclude_categories=("Cc", "Cs"))
    return st.text(letters, max_size=tag.longest).map(
        lambda text: text.encode()[: tag.longest].decode(errors="ignore").ljust(tag.shortest)
    )


def read(data: bytes, field: int) -> dict[int, str | bytes] | Reason:
    try:
        return decode(data, field)
    except FormatError as error:
        return error.reason


def refusal(data: bytes, field: int = 48) -> Reason:
    with pytest.raises(FormatError) as caught:
        decode(data, field)
    assert caught.value.field == field
    return caught.value.reason


@unhurried
@given(
    st.sets(st.sampled_from(DE48_TAGS), max_size=4).flatmap(
        lambda tags: st.fixed_dictionaries({tag: values_of(tag) for tag in tags})
    )
)
def test_what_is_written_is_read_back(values):
    size = sum(len(value if isinstance(value, bytes) else value.encode()) + 5 for value in values.values())
    assume(size <= MAXIMUM_BYTES)
    assert decode(encode(values)) == values


def test_order_is_free():
    first, second = bytes.fromhex("DF040102"), bytes.fromhex("DF0506303030303031")
    expected = {Tag.CREDIT_MODE: b"\x02", Tag.LAST_COMPLETED_STAN: "000001"}
    assert decode(first + second) == decode(second + first) == expected
    assert encode(expected) == first + second


def test_nothing_is_nothing():
    assert decode(b"") == {}
    assert encode({}) == b""


@pytest.mark.parametrize("number", [0xDF0A, 0xDF55, 0xDF60, 0xDF7F, 0x9F26, 0x5F2A, 0xFF01])
def test_unknown_tag_is_ignored(number):
    data = number.to_bytes(2, "big") + b"\x01x" + bytes.fromhex("DF040101")
    assert decode(data) == {Tag.CREDIT_MODE: b"\x01"}


@pytest.mark.parametrize("number", range(0xDF37, 0xDF40))
def test_unknown_critical_tag_is_refused(number):
    assert refusal(number.to_bytes(2, "big") + b"\x00") is Reason.TLV_CRITICAL_TAG_UNKNOWN
    assert refusal(number.to_bytes(2, "big") + b"\x00", 63) is Reason.TLV_CRITICAL_TAG_UNKNOWN


@pytest.mark.parametrize("data", ["DF040101DF040101", "DF040101DF040102", "DF0A00DF0A00", "DF0A00DF040101DF0A00"])
def test_repeated_tag_is_refused_known_or_not(data):
    assert refusal(bytes.fromhex(data)) is Reason.TLV_TAG_REPEATED


@pytest.mark.parametrize("data", ["5A0101", "DF810401", "000000", "040101", "DFFF01"])
def test_tag_is_exactly_two_bytes(data):
    assert refusal(bytes.fromhex(data)) is Reason.TLV_TAG_MALFORMED


@pytest.mark.parametrize("length", ["80", "83000001", "84", "FF", "C1"])
def test_length_is_definite_and_at_most_three_bytes(length):
    assert refusal(bytes.fromhex("DF04" + length + "01")) is Reason.TLV_LENGTH_MALFORMED


@pytest.mark.parametrize("length", ["01", "8101", "820001"])
def test_every_form_of_a_length_is_read(length):
    assert decode(bytes.fromhex("DF04" + length + "02")) == {Tag.CREDIT_MODE: b"\x02"}


@pytest.mark.parametrize(("size", "form"), [(127, "7F"), (128, "8180"), (255, "81FF"), (256, "820100"), (512, "820200")])
def test_shortest_form_of_a_length_is_written(size, form):
    data = encode({Tag.ENCRYPTED_IDENTITY: bytes(size)})
    assert data == bytes.fromhex("DF17" + form) + bytes(size)
    assert decode(data) == {Tag.ENCRYPTED_IDENTITY: bytes(size)}


def test_value_cut_at_every_byte_is_truncated():
    data = encode({Tag.KSN: bytes(12), Tag.ENCRYPTED_IDENTITY: bytes(200)})
    identity = 3 + 1 + 200
    for size in range(1, len(data)):
        if size != identity:
            assert refusal(data[:size]) is Reason.TLV_TRUNCATED


@pytest.mark.parametrize(
    "data",
    [
        "DF020B3030303030303030303030",  # an amount of eleven digits
        "DF020C30303030303030303030304A",  # a letter in an amount
        "DF020C30303030303030303030B2B3",  # superscripts are digits to Unicode only
        "DF0400",  # an empty mode
        "DF04020102",
        "DF310B" + 11 * "00",
        "DF310D" + 13 * "00",
        "DF1803123456",  # a chip identifier of three bytes
        "DF0702FFFE",  # not UTF-8
        "DF07010A",  # a control character
        "DF0111" + 17 * "41",
        "DF4815" + 21 * "30",  # one digit more than a whole instalment
    ],
)
def test_value_that_does_not_fit_its_tag_is_refused(data):
    assert refusal(bytes.fromhex(data)) is Reason.TLV_VALUE_MALFORMED


def test_persian_text_keeps_its_joiner_and_is_counted_in_bytes():
    text = "سپاس از خرید شما، می\u200cبینیمتان"
    assert decode(encode({Tag.CAMPAIGN_TEXT: text})) == {Tag.CAMPAIGN_TEXT: text}
    assert decode(encode({Tag.CAMPAIGN_TEXT: "ز" * 60})) == {Tag.CAMPAIGN_TEXT: "ز" * 60}
    with pytest.raises(FormatError) as caught:
        encode({Tag.CAMPAIGN_TEXT: "ز" * 61})
    assert caught.value.reason is Reason.TLV_VALUE_MALFORMED


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({Tag.KSN: "0" * 12}, Reason.WRONG_VALUE_TYPE),
        ({Tag.LOYALTY_AMOUNT: b"000000000001"}, Reason.WRONG_VALUE_TYPE),
        ({Tag.LOYALTY_AMOUNT: "1"}, Reason.TLV_VALUE_MALFORMED),
        ({Tag.CUSTOMER_COPY: b""}, Reason.TLV_TAG_MALFORMED),
        ({0xDF0A: b""}, Reason.TLV_TAG_MALFORMED),
        ({Tag.ENCRYPTED_IDENTITY: bytes(512), Tag.INSTALMENT_SCHEDULE: "0" * 500}, Reason.WRONG_LENGTH),
    ],
)
def test_what_does_not_fit_is_never_written(values, reason):
    with pytest.raises(FormatError) as caught:
        encode(values)
    assert (caught.value.reason, caught.value.field) == (reason, 48)


def test_receipt_tags_belong_to_field_63():
    receipt = {Tag.RECEIPT_CHARSET: b"\x01", Tag.CUSTOMER_COPY: "^Cرسید\n".encode()}
    assert decode(encode(receipt, 63), 63) == receipt
    assert decode(encode(receipt, 63), 48) == {}
    assert {int(tag) for tag in DE63_TAGS} == set(range(0xDF60, 0xDF66))


def test_message_reads_its_private_data_and_names_field_48_when_it_cannot():
    assert Message("0800", {}).private == {}
    assert Message("0800", {48: bytes.fromhex("DF040101")}).private == {Tag.CREDIT_MODE: b"\x01"}
    broken = Message("0800", {48: bytes.fromhex("DF0401")})
    with pytest.raises(FormatError) as caught:
        _ = broken.private
    assert (caught.value.reason, caught.value.field) == (Reason.TLV_TRUNCATED, 48)
    assert caught.value.partial is broken
    with pytest.raises(FormatError) as mistyped:
        _ = Message("0800", {48: "text"}).private
    assert mistyped.value.reason is Reason.WRONG_VALUE_TYPE


@pytest.mark.parametrize(
    "data",
    [
        "DF0105 61",  # cut short
        "DF0101 61 DF0101 62",  # repeated
        "DF3E01 00",  # critical and unknown
        "DF0201 61",  # a value that cannot be
        "5A01 00",  # a tag of one byte
        "DF0180 61",  # an indefinite length
    ],
)
def test_the_key_serial_is_read_from_private_data_that_is_refused(data):
    serial = bytes(range(12))
    message = Message("0800", {48: encode({Tag.KSN: serial}) + bytes.fromhex(data)})
    with pytest.raises(FormatError):
        _ = message.private
    assert message.key_serial == serial


@pytest.mark.parametrize("data", ["", "DF310B" + "00" * 11, "DF310C" + "00" * 11, "DF31", "DF0180 DF310C" + "00" * 12])
def test_a_key_serial_that_is_not_whole_is_none(data):
    assert Message("0800", {48: bytes.fromhex(data)}).key_serial is None


@unhurried
@given(st.binary(max_size=120))
def test_salvage_reads_any_bytes(data):
    found = salvage(data, Tag.KSN)
    assert found is None or (len(found) == 12 and found in data)


@unhurried
@given(st.binary(max_size=120), st.sampled_from([48, 63]))
def test_any_bytes_are_read_or_refused(data, field):
    values = read(data, field)
    if isinstance(values, Reason):
        assert 3020 <= values <= 3029
    else:
        assert decode(encode(values, field), field) == values


def test_damaged_private_data_is_read_or_refused():
    chance = random.Random(8825)
    whole = encode({Tag.APPLICATION_VERSION: "1.0.0", Tag.KSN: bytes(12), Tag.CARD_AUTHENTICATION: bytes(41)})
    outcomes = set()
    for _ in range(5_000):
        data = bytearray(whole)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        values = read(bytes(data), 48)
        outcomes.add(values if isinstance(values, Reason) else None)
    assert outcomes >= {None, Reason.TLV_TRUNCATED, Reason.TLV_TAG_MALFORMED, Reason.TLV_VALUE_MALFORMED}
