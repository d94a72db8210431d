"""Malformed messages: each attack ends in one FormatError that names the reason and the data element."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_gateway.wire.codec import Message, decode, encode
from pos_gateway.wire.errors import FormatError, Reason
from pos_gateway.wire.fields import FIELDS, UNUSED, Format, parse_format
from tests.pos_gateway.frames import (
    FIELD_SETS,
    KEYED_PURCHASE,
    MESSAGE_TYPES,
    PUBLISHED,
    PURCHASE,
    REVERSAL,
    raw_fields,
    raw_message,
    unhurried,
)

SALE = raw_fields(decode(KEYED_PURCHASE.body).fields)
every_frame = pytest.mark.parametrize("published", PUBLISHED, ids=lambda published: published.name)


def refusal(body: bytes) -> tuple[Reason, int | None]:
    with pytest.raises(FormatError) as caught:
        decode(body)
    return caught.value.reason, caught.value.field


def refusal_of(**raw: str) -> tuple[Reason, int | None]:
    """What becomes of the keyed purchase when some of its fields are replaced: `de4="00"` and so on, in hexadecimal."""
    bent = {int(name[2:]): bytes.fromhex(value) for name, value in raw.items()}
    return refusal(raw_message(b"\x02\x00", SALE | bent))


def zero_of(form: Format) -> bytes:
    """The wire form of an empty variable field or of a fixed one full of zeros."""
    if form.prefix:
        return bytes(form.prefix)
    if form.kind == "x+n":
        return b"C" + bytes(form.maximum // 2)
    return bytes((form.maximum + 1) // 2) if form.kind == "n" else b"0" * form.maximum


def test_the_untouched_message_is_accepted():
    assert raw_message(b"\x02\x00", SALE) == KEYED_PURCHASE.body
    assert decode(KEYED_PURCHASE.body).mti == "0200"


@every_frame
def test_message_cut_at_every_byte_is_truncated(published):
    for size in range(len(published.body)):
        assert refusal(published.body[:size])[0] is Reason.TRUNCATED


@pytest.mark.parametrize("number", sorted(SALE))
def test_cut_message_names_the_field_it_ends_in(number):
    whole = raw_message(b"\x02\x00", SALE)
    end = 10 + sum(len(raw) for other, raw in SALE.items() if other <= number)
    assert refusal(whole[: end - 1]) == (Reason.TRUNCATED, number)


@every_frame
def test_trailing_byte_is_refused(published):
    assert refusal(published.body + b"\0")[0] is Reason.TRAILING_BYTES


@pytest.mark.parametrize("letter", "abcdef")
@pytest.mark.parametrize(("number", "width"), [(3, 6), (4, 12), (11, 6), (7, 10), (13, 4)])
def test_hexadecimal_digit_in_a_numeric_field_is_refused(letter, number, width):
    for digits in (letter.ljust(width, "0"), letter.rjust(width, "0")):
        assert refusal_of(**{f"de{number}": digits}) == (Reason.NOT_DECIMAL, number)


@pytest.mark.parametrize("mti", ["a200", "0b00", "020f"])
def test_hexadecimal_digit_in_the_message_type_leaves_nothing_to_answer(mti):
    with pytest.raises(FormatError) as caught:
        decode(raw_message(bytes.fromhex(mti), SALE))
    assert (caught.value.reason, caught.value.field, caught.value.partial) == (Reason.NOT_DECIMAL, None, None)


@pytest.mark.parametrize("pad", "123456789")
def test_pad_of_an_odd_fixed_field_must_be_zero(pad):
    assert refusal_of(de22=pad + "071") == (Reason.PAD_NOT_ZERO, 22)


@pytest.mark.parametrize("pad", ["a", "f"])
def test_pad_of_an_odd_fixed_field_must_be_decimal(pad):
    assert refusal_of(de22=pad + "071") == (Reason.NOT_DECIMAL, 22)


@pytest.mark.parametrize("pad", "123456789abcdef")
def test_pad_of_an_odd_counted_field_must_be_zero(pad):
    assert refusal_of(de2="199364000000000000019" + pad) == (Reason.PAD_NOT_ZERO, 2)
    assert refusal_of(de32="0593640" + pad) == (Reason.PAD_NOT_ZERO, 32)
    assert refusal_of(de35="0593D40" + pad) == (Reason.PAD_NOT_ZERO, 35)


def test_odd_counted_field_is_padded_on_the_right():
    raw = SALE | {32: bytes.fromhex("05936400")}
    assert decode(raw_message(b"\x02\x00", raw)).fields[32] == "93640"


@pytest.mark.parametrize("letter", "abcef")
def test_track_two_takes_only_digits_and_its_separator(letter):
    assert refusal_of(de35=f"0693640{letter}") == (Reason.NOT_DECIMAL, 35)
    accepted = decode(raw_message(b"\x02\x00", SALE | {35: bytes.fromhex("06936D40")}))
    assert accepted.fields[35] == "936D40"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("0a00", Reason.NOT_DECIMAL),
        ("00f1", Reason.NOT_DECIMAL),
        ("1000", Reason.WRONG_LENGTH),
        ("9999", Reason.WRONG_LENGTH),
        ("0999", Reason.TRUNCATED),
    ],
)
def test_two_byte_length_is_decimal_and_within_the_maximum(raw, reason):
    assert refusal_of(de48=raw) == (reason, 48)


def test_length_cut_in_two_is_truncated():
    whole = raw_message(b"\x02\x00", SALE)
    at = 10 + sum(len(part) for number, part in SALE.items() if number < 48)
    assert refusal(whole[: at + 1]) == (Reason.TRUNCATED, 48)


@pytest.mark.parametrize(("raw", "reason"), [("20", Reason.WRONG_LENGTH), ("1c", Reason.NOT_DECIMAL)])
def test_one_byte_length_is_decimal_and_within_the_maximum(raw, reason):
    assert refusal_of(de2=raw + "93640000000000000190") == (reason, 2)


@pytest.mark.parametrize("number", [number for number, form in FIELDS.items() if form.prefix])
def test_counted_field_holds_its_maximum_and_not_one_more(number):
    form = FIELDS[number]
    fill = b"1" if form.kind == "b" else "1"
    longest = Message("0200", {number: fill * form.maximum})
    assert decode(encode(longest)) == longest
    with pytest.raises(FormatError) as caught:
        encode(Message("0200", {number: fill * (form.maximum + 1)}))
    assert (caught.value.reason, caught.value.field) == (Reason.WRONG_LENGTH, number)


@pytest.mark.parametrize("number", sorted(UNUSED))
def test_undefined_field_is_named_and_all_the_others_are_still_read(number):
    fields = decode(REVERSAL.body).fields
    raw = raw_fields(fields) | {number: zero_of(UNUSED[number])}
    with pytest.raises(FormatError) as caught:
        decode(raw_message(b"\x04\x00", raw))
    assert (caught.value.reason, caught.value.field) == (Reason.UNDEFINED_FIELD, number)
    partial = caught.value.partial
    assert {other: value for other, value in partial.fields.items() if other != number} == fields
    assert partial.received[partial.mac_at :] == fields[128]


def test_first_of_several_faults_is_named():
    raw = SALE | {5: bytes(6), 17: bytes(2), 11: b"\xff\xff\xff"}
    assert refusal(raw_message(b"\x02\x00", raw)) == (Reason.UNDEFINED_FIELD, 5)
    assert refusal(raw_message(b"\x02\x00", SALE | {17: bytes(2), 11: b"\xff\xff\xff"})) == (
        Reason.NOT_DECIMAL,
        11,
    )


def test_every_number_is_in_the_table_once():
    assert not FIELDS.keys() & UNUSED.keys()
    assert FIELDS.keys() | UNUSED.keys() == set(range(2, 129)) - {65}


def test_third_bitmap_is_refused_and_what_stands_before_it_is_read():
    fields = decode(REVERSAL.body).fields
    raw = raw_fields(fields) | {65: bytes(8)}
    with pytest.raises(FormatError) as caught:
        decode(raw_message(b"\x04\x00", raw))
    assert (caught.value.reason, caught.value.field) == (Reason.UNDEFINED_FIELD, 65)
    assert caught.value.partial.fields == {number: value for number, value in fields.items() if number < 65}


def test_announced_second_bitmap_must_be_there():
    body = b"\x08\x00" + b"\x80" + bytes(7)
    for size in range(10, 18):
        assert refusal((body + bytes(8))[:size]) == (Reason.TRUNCATED, 1)
    assert decode(body + bytes(8)).fields == {}


def test_second_bitmap_without_its_bit_is_taken_for_data_and_refused():
    body = bytearray(REVERSAL.body)
    body[2] &= 0x7F
    reason, field = refusal(bytes(body))
    assert reason is Reason.CONTROL_CHARACTER
    assert field == 41


def test_empty_second_bitmap_is_accepted_but_never_sent():
    message = decode(raw_message(b"\x02\x00", SALE, is_long=True))
    assert message.fields == decode(KEYED_PURCHASE.body).fields
    assert message.mac_at == len(KEYED_PURCHASE.body)
    assert encode(message) == KEYED_PURCHASE.body


def test_mac_stands_in_the_second_half_exactly_when_something_else_does():
    raw = raw_fields(decode(REVERSAL.body).fields)
    assert refusal(raw_message(b"\x04\x00", raw | {64: bytes(8)})) == (Reason.MAC_MISPLACED, 64)
    del raw[128]
    assert refusal(raw_message(b"\x04\x00", raw | {64: bytes(8)})) == (Reason.MAC_MISPLACED, 64)
    assert decode(raw_message(b"\x04\x00", raw)).mac_at == 0


@pytest.mark.parametrize("number", [number for number, form in FIELDS.items() if form.kind in ("an", "ans")])
@pytest.mark.parametrize("byte", [0x00, 0x0A, 0x1B, 0x7F, 0x85])
def test_control_character_in_text_is_refused(number, byte):
    form = FIELDS[number]
    length = bytes.fromhex("0001")[2 - form.prefix :]
    text = length + bytes([byte]) if form.prefix else bytes([byte]).ljust(form.maximum)
    body = raw_message(b"\x02\x00", {number: text})
    assert refusal(body) == (Reason.CONTROL_CHARACTER, number)


def test_packed_currency_is_refused_and_another_currency_is_for_the_flow_to_judge():
    assert refusal_of(de49="0364")[0] in (Reason.CONTROL_CHARACTER, Reason.NOT_DECIMAL)
    assert decode(raw_message(b"\x02\x00", SALE | {49: b"840"})).fields[49] == "840"


@pytest.mark.parametrize("sign", [b"c", b"+", b"0", b"\0"])
def test_net_settlement_is_a_credit_or_a_debit(sign):
    assert decode(raw_message(b"\x05\x00", {97: b"D" + bytes(8)})).fields[97] == "D" + 16 * "0"
    assert refusal(raw_message(b"\x05\x00", {97: sign + bytes(8)})) == (Reason.WRONG_SIGN, 97)
    with pytest.raises(FormatError) as caught:
        encode(Message("0500", {97: sign.decode() + 16 * "0"}))
    assert caught.value.reason is Reason.WRONG_SIGN


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({3: "00000"}, Reason.WRONG_LENGTH),
        ({3: "0000000"}, Reason.WRONG_LENGTH),
        ({3: "00000x"}, Reason.NOT_DECIMAL),
        ({4: "۱۲۳۴۵۶۷۸۹۰۱۲"}, Reason.NOT_DECIMAL),
        ({2: "²" * 4}, Reason.NOT_DECIMAL),
        ({3: b"000000"}, Reason.WRONG_VALUE_TYPE),
        ({64: "00000000"}, Reason.WRONG_VALUE_TYPE),
        ({41: "TERM1"}, Reason.WRONG_LENGTH),
        ({43: "کتاب".ljust(40)}, Reason.WRONG_VALUE_TYPE),
        ({44: "line\n"}, Reason.CONTROL_CHARACTER),
        ({52: bytes(7)}, Reason.WRONG_LENGTH),
        ({5: "000000000000"}, Reason.UNDEFINED_FIELD),
        ({65: bytes(8)}, Reason.UNDEFINED_FIELD),
        ({129: "1"}, Reason.UNDEFINED_FIELD),
    ],
)
def test_value_that_does_not_fit_is_never_sent(fields, reason):
    with pytest.raises(FormatError) as caught:
        encode(Message("0210", fields))
    assert (caught.value.reason, caught.value.field) == (reason, next(iter(fields)))


@pytest.mark.parametrize("mti", ["", "020", "02000", "02x0", "۰۲۰۰"])
def test_message_type_to_send_is_four_digits(mti):
    with pytest.raises(FormatError) as caught:
        encode(Message(mti, {}))
    assert caught.value.reason is Reason.NOT_DECIMAL


@pytest.mark.parametrize("notation", ["n", "q6", "n.5", "ans....9", "6n"])
def test_notation_of_a_format_is_checked(notation):
    with pytest.raises(ValueError, match="not a field format"):
        parse_format(notation)


@unhurried
@given(MESSAGE_TYPES, FIELD_SETS)
def test_what_is_written_is_read_back(mti, fields):
    message = Message(mti, fields)
    assert decode(encode(message)) == message


@unhurried
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body):
    check_one_meaning(body)


@unhurried
@given(st.binary(min_size=8, max_size=8), st.binary(max_size=200))
def test_any_bitmap_is_read_or_refused(bitmap, rest):
    check_one_meaning(b"\x02\x00" + bitmap + rest)


def test_damaged_messages_are_read_or_refused():
    """Seeded, so that a failure comes back."""
    chance = random.Random(8583)
    bodies = [published.body for published in PUBLISHED]
    accepted = sum(check_one_meaning(damaged(chance, chance.choice(bodies))) for _ in range(20_000))
    assert 500 < accepted < 19_500


def damaged(chance: random.Random, body: bytes) -> bytes:
    """The body with one to four bits flipped, and at times a byte lost, doubled or inserted, or the tail cut off."""
    data = bytearray(body)
    for _ in range(chance.randint(1, 4)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    at = chance.randrange(len(data))
    match chance.randrange(8):
        case 0:
            del data[at]
        case 1:
            data.insert(at, data[at])
        case 2:
            data.insert(at, chance.randrange(256))
        case 3:
            del data[at:]
    return bytes(data)


def read(body: bytes) -> Message | FormatError:
    try:
        return decode(body)
    except FormatError as error:
        return error


def check_one_meaning(body: bytes) -> bool:
    """Bytes are refused with a FormatError, or writing what was read gives the very same bytes."""
    message = read(body)
    if isinstance(message, FormatError):
        assert 3001 <= message.reason <= 3099
        assert message.field is None or 1 <= message.field <= 128
        return False
    is_canonical = not body[2] & 0x80 or any(number > 64 for number in message.fields)
    canonical = body if is_canonical else body[:2] + bytes([body[2] & 0x7F]) + body[3:10] + body[18:]
    assert encode(message) == canonical
    return True


def test_no_value_in_an_error_or_a_representation():
    fields = decode(KEYED_PURCHASE.body).fields | {35: "9364000000000000019D2912"}
    assert "9364" not in repr(Message("0200", fields))
    with pytest.raises(FormatError) as written:
        encode(Message("0200", {2: "936400000000000001x"}))
    with pytest.raises(FormatError) as read:
        decode(KEYED_PURCHASE.body + b"\0")
    for caught in (written, read):
        assert "9364" not in f"{caught.value} {caught.value!r} {caught.value.partial!r}"


def test_tapped_purchase_keeps_the_bytes_it_came_from():
    message = decode(PURCHASE.body)
    assert message.received == PURCHASE.body
    assert message.received[message.mac_at :] == message.fields[64]
