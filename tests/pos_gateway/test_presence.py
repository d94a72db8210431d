"""What each message type must, may and must not carry, and what its answer takes over."""

import pytest

from pos_gateway.wire.codec import Message, decode
from pos_gateway.wire.errors import FormatError, Reason
from pos_gateway.wire.presence import check_presence, echo, is_request, response_mti
from pos_gateway.wire.tlv import Tag, encode
from tests.pos_gateway.frames import APPROVAL, CHALLENGE, ECHO, KEYED_PURCHASE, PURCHASE, REVERSAL

KSN = {Tag.KSN: bytes(12)}
TAP = KSN | {Tag.CARD_AUTHENTICATION: bytes(9)}
SALE = decode(KEYED_PURCHASE.body).fields
TOTALS = dict.fromkeys((74, 75, 76, 77), "0" * 10) | dict.fromkeys((86, 87, 88, 89), "0" * 16)


def without(fields, *numbers):
    return {number: value for number, value in fields.items() if number not in numbers}


def fault(mti, fields):
    with pytest.raises(FormatError) as caught:
        check_presence(Message(mti, fields))
    return caught.value.reason, caught.value.field


def missing(number):
    return Reason.FIELD_MISSING, number


def forbidden(number):
    return Reason.FIELD_FORBIDDEN, number


CLOSE = without(SALE, 2, 4, 22, 25, 62, 64) | {3: "920000", 60: "000001", 97: "C" + "0" * 16, 128: bytes(8)} | TOTALS
ADVICE = SALE | {38: "123456"}
UPLOAD = SALE | {37: "6326000000B1", 39: "00", 60: "02000000026326000000B1000001"}
ORIGINAL = {90: "0200000002" + "1122012233" + 22 * "0", 128: bytes(8)}
UNDONE = without(SALE, 64) | ORIGINAL
SIGN_ON = decode(ECHO.body).fields

WELL_FORMED = {
    "0100": SALE, "0200": SALE, "0201": SALE, "0220": ADVICE, "0221": ADVICE, "0320": UPLOAD, "0321": UPLOAD,
    "0400": UNDONE, "0401": UNDONE, "0420": UNDONE, "0421": UNDONE, "0500": CLOSE, "0501": CLOSE, "0800": SIGN_ON,
}  # fmt: skip

MANDATORY = {
    "0200": (2, 3, 4, 7, 11, 12, 13, 22, 24, 25, 41, 42, 48, 49, 62, 64),
    "0220": (2, 3, 4, 7, 11, 12, 13, 22, 24, 25, 38, 41, 42, 48, 49, 62, 64),
    "0320": (2, 3, 4, 7, 11, 12, 13, 22, 24, 25, 37, 39, 41, 42, 48, 49, 60, 62, 64),
    "0400": (2, 3, 4, 7, 11, 12, 13, 24, 41, 42, 48, 49, 62, 90, 128),
    "0500": (3, 7, 11, 12, 13, 24, 41, 42, 48, 49, 60, 74, 75, 76, 77, 86, 87, 88, 89, 97, 128),
    "0800": (7, 11, 24, 41, 42, 48, 70, 128),
}


@pytest.mark.parametrize("mti", sorted(WELL_FORMED))
def test_complete_request_passes(mti):
    check_presence(Message(mti, WELL_FORMED[mti]))


@pytest.mark.parametrize(("mti", "number"), [(mti, number) for mti, row in MANDATORY.items() for number in row])
def test_missing_mandatory_field_is_named(mti, number):
    assert fault(mti, without(WELL_FORMED[mti], number)) == missing(number)


@pytest.mark.parametrize(
    ("mti", "number", "value"),
    [
        ("0200", 15, "1122"), ("0200", 38, "123456"), ("0200", 39, "00"), ("0200", 44, "x"), ("0200", 54, "x"),
        ("0200", 63, b"x"), ("0220", 52, bytes(8)), ("0320", 35, "1D1"), ("0400", 35, "1D1"), ("0400", 52, bytes(8)),
        ("0400", 66, "1"), ("0400", 70, "301"), ("0500", 2, "1"), ("0500", 4, "0" * 12), ("0500", 22, "071"),
        ("0500", 62, "1"), ("0500", 66, "1"), ("0800", 2, "1"), ("0800", 4, "0" * 12), ("0800", 22, "071"),
        ("0800", 37, "x"), ("0800", 49, "364"), ("0800", 60, "1"), ("0800", 62, "1"), ("0800", 90, "0" * 42),
    ],
)  # fmt: skip
def test_forbidden_field_is_named(mti, number, value):
    assert fault(mti, WELL_FORMED[mti] | {number: value}) == forbidden(number)


@pytest.mark.parametrize("mti", sorted(WELL_FORMED))
def test_optional_fields_are_never_refused(mti):
    optional = {
        14: "2912",
        18: "5411",
        23: "001",
        32: "936400",
        43: " " * 40,
        53: "0" * 16,
        55: b"\x9f",
    }
    is_long = 128 in WELL_FORMED[mti]
    if is_long:
        optional |= {102: "1", 103: "2"}
    check_presence(Message(mti, WELL_FORMED[mti] | optional))


@pytest.mark.parametrize("mti", WELL_FORMED)
def test_trace_numbers_begin_at_one(mti):
    assert fault(mti, WELL_FORMED[mti] | {11: "000000"}) == (Reason.OUT_OF_RANGE, 11)


def test_first_fault_is_named():
    assert fault("0200", without(SALE, 49, 11) | {38: "123456"}) == missing(11)
    assert fault("0200", without(SALE, 49) | {38: "123456"}) == forbidden(38)


def test_empty_field_counts_as_missing():
    assert fault("0200", SALE | {62: ""}) == missing(62)
    assert fault("0200", SALE | {2: ""}) == missing(2)


def test_mac_is_missed_in_the_half_where_it_belongs():
    assert fault("0800", without(SIGN_ON, 128)) == missing(128)
    assert fault("0800", without(SIGN_ON, 70, 128) | {3: "990000"}) == missing(64)


@pytest.mark.parametrize("published", [PURCHASE, CHALLENGE, REVERSAL])
def test_tapped_chip_stands_for_the_card(published):
    message = decode(published.body)
    assert not message.fields.keys() & {2, 35}
    check_presence(message)


@pytest.mark.parametrize("mti", ["0100", "0200", "0220", "0320", "0400"])
def test_card_is_named_exactly_once(mti):
    fields = WELL_FORMED[mti]
    assert fault(mti, fields | {48: encode(TAP)}) == forbidden(48)
    check_presence(Message(mti, without(fields, 2) | {48: encode(TAP)}))
    if mti in ("0100", "0200", "0220"):
        assert fault(mti, fields | {35: "9364D29"}) == forbidden(35)
        check_presence(Message(mti, without(fields, 2) | {35: "9364D29"}))


@pytest.mark.parametrize("mti", ["0500", "0800"])
def test_no_card_in_settlement_and_network_messages(mti):
    assert fault(mti, WELL_FORMED[mti] | {48: encode(TAP)}) == forbidden(48)


def test_pin_block_only_where_a_card_is_authorised():
    pin = {48: encode(KSN | {Tag.PIN_BLOCK: bytes(16)})}
    check_presence(Message("0200", SALE | pin))
    check_presence(Message("0100", SALE | {52: bytes(8)}))
    for mti in ("0220", "0320", "0400", "0500", "0800"):
        assert fault(mti, WELL_FORMED[mti] | pin) == forbidden(48)


def test_refund_is_named_by_its_original_or_by_its_card():
    named_by_original = without(SALE, 2) | {3: "200000", 37: "6326000000B1"}
    check_presence(Message("0200", named_by_original))
    check_presence(Message("0200", SALE | {3: "200000"}))
    assert fault("0200", without(named_by_original, 37)) == missing(37)


@pytest.mark.parametrize("code", ["020000", "220000"])
def test_void_names_its_original(code):
    check_presence(Message("0200", without(SALE, 2) | {3: code, 37: "6326000000B1"}))
    assert fault("0200", SALE | {3: code}) == missing(37)


@pytest.mark.parametrize("code", ["280060", "940000"])
def test_gift_card_and_enrolment_need_no_card(code):
    check_presence(Message("0200", without(SALE, 2) | {3: code}))


@pytest.mark.parametrize("code", ["310000", "319000", "330000", "940000", "980000"])
def test_inquiry_needs_no_amount(code):
    check_presence(Message("0100", without(SALE, 4) | {3: code}))


@pytest.mark.parametrize("code", ["000000", "003000", "210000"])
def test_what_moves_or_quotes_money_needs_an_amount(code):
    assert fault("0100", without(SALE, 4) | {3: code}) == missing(4)


@pytest.mark.parametrize("code", ["900000", "990000"])
def test_network_code_may_be_a_processing_code(code):
    fields = without(SIGN_ON, 70, 128) | {64: bytes(8)}
    check_presence(Message("0800", fields | {3: code}))
    assert fault("0800", fields | {3: "910000"}) == missing(70)


@pytest.mark.parametrize("mti", ["0000", "0101", "0202", "0300", "0600", "0801", "0820", "1200"])
def test_unknown_message_type_is_refused(mti):
    assert fault(mti, SALE) == (Reason.UNKNOWN_MESSAGE_TYPE, None)


def test_malformed_private_data_is_refused():
    assert fault("0200", SALE | {48: b"\xdf"}) == (Reason.TLV_TRUNCATED, 48)


def test_answers_are_checked_by_the_same_table():
    fields = decode(APPROVAL.body).fields
    check_presence(Message("0210", fields))
    assert fault("0210", without(fields, 39)) == missing(39)
    assert fault("0210", fields | {2: "9364000000000000019"}) == forbidden(2)


@pytest.mark.parametrize(
    ("request_type", "answer_type"),
    [
        ("0100", "0110"), ("0200", "0210"), ("0201", "0210"), ("0220", "0230"), ("0221", "0230"), ("0320", "0330"),
        ("0321", "0330"), ("0400", "0410"), ("0401", "0410"), ("0420", "0430"), ("0421", "0430"), ("0500", "0510"),
        ("0501", "0510"), ("0800", "0810"), ("0600", "0610"), ("0202", "0212"), ("0205", "0214"),
    ],
)  # fmt: skip
def test_type_of_the_answer(request_type, answer_type):
    assert is_request(request_type)
    assert response_mti(request_type) == answer_type
    assert not is_request(answer_type)


@pytest.mark.parametrize("mti", ["0210", "0110", "0430", "0810", "1200", "1804", "2200"])
def test_answers_and_other_versions_are_no_requests(mti):
    assert not is_request(mti)
    with pytest.raises(ValueError, match="only a request"):
        response_mti(mti)


def test_answer_takes_over_what_the_table_says():
    request = decode(PURCHASE.body)
    taken = echo(request)
    assert taken.keys() == {3, 4, 7, 11, 12, 13, 24, 41, 42, 49, 62}
    assert all(request.fields[number] == value for number, value in taken.items())
    assert echo(decode(REVERSAL.body)).keys() == taken.keys() | {90}
    assert echo(decode(ECHO.body)).keys() == {7, 11, 24, 41, 42, 70}
    assert echo(Message("0500", CLOSE)).keys() == {3, 7, 11, 12, 13, 24, 41, 42, 49, 60}
    assert echo(Message("0320", UPLOAD)).keys() == taken.keys() | {37}
    assert echo(Message("0600", SALE)).keys() == {7, 11, 24, 41, 42}
