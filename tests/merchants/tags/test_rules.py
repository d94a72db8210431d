import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchants.tags.errors import WrongTagNumber
from merchants.tags.rules import Found, Scheme, Sgtin, decode, encode, found, read_of_expected, tag_number


@pytest.mark.parametrize(
    ("number", "sgtin", "gtin"),
    [
        # GS1 EPC Tag Data Standard, annex E.3.
        ("3074257BF7194E4000001A85", Sgtin("0614141", "812345", 6789, 3), "80614141123458"),
        # Two tags as other implementations of the standard read them.
        ("3034007D00011C400000000B", Sgtin("0008000", "001137", 11, 1), "00008000011378"),
        ("301800004000004000000001", Sgtin("000001", "0000001", 1, 0), "00000010000014"),
    ],
)
def test_known_tags_are_read_and_written(number: str, sgtin: Sgtin, gtin: str) -> None:
    assert decode(number) == sgtin
    assert encode(sgtin) == number
    assert sgtin.gtin == gtin
    assert tag_number(number.lower()).gtin == gtin


def test_the_standards_example_has_the_standards_uri() -> None:
    assert decode("3074257BF7194E4000001A85").uri == "urn:epc:id:sgtin:0614141.812345.6789"


@given(st.integers(6, 12), st.data(), st.integers(0, 2**38 - 1), st.integers(0, 7))
def test_every_part_comes_back_from_its_tag(digits: int, data: st.DataObject, serial: int, filter_: int) -> None:
    company = data.draw(st.from_regex(rf"[0-9]{{{digits}}}", fullmatch=True))
    item = data.draw(st.from_regex(rf"[0-9]{{{13 - digits}}}", fullmatch=True))
    sgtin = Sgtin(company, item, serial, filter_)
    number = encode(sgtin)
    assert len(number) == 24
    assert decode(number) == sgtin


@pytest.mark.parametrize(
    "number",
    ["3174257BF7194E4000001A85", "307C257BF7194E4000001A85", "3014FFFFFFFFFFFFFFFFFFFF", "3074257BF7194E4000001A8", "x" * 24],
)
def test_what_is_no_sgtin_96_is_refused(number: str) -> None:
    with pytest.raises(WrongTagNumber):
        decode(number)


@pytest.mark.parametrize(
    "sgtin",
    [
        Sgtin("0614141", "12345", 1),
        Sgtin("06141", "81234567", 1),
        Sgtin("0614141", "812345", 2**38),
        Sgtin("0614141", "812345", 1, 8),
    ],
)
def test_parts_without_room_are_refused(sgtin: Sgtin) -> None:
    with pytest.raises(WrongTagNumber):
        encode(sgtin)


@pytest.mark.parametrize(
    ("typed", "number"), [("04:A2:b3:c4:d5:e6:80", "04A2B3C4D5E680"), ("0x04a2b3c4", "04A2B3C4"), ("۰۴A2B3C4", "04A2B3C4")]
)
def test_the_uid_of_an_nfc_tag_is_a_number_without_goods(typed: str, number: str) -> None:
    read = tag_number(typed)
    assert (read.text, read.scheme, read.gtin) == (number, Scheme.NFC, None)


@pytest.mark.parametrize("typed", ["", "04A2B", "04A2B3C4D5", "زعفران"])
def test_other_lengths_are_no_uid(typed: str) -> None:
    with pytest.raises(WrongTagNumber):
        tag_number(typed)


def test_too_many_of_one_product_do_not_make_up_for_a_missing_one() -> None:
    rows = found({1: 4, 2: 2}, [1, 1, 2, 2, 2, 3])
    assert rows == (Found(1, 4, 2), Found(2, 2, 3), Found(3, 0, 1))
    assert [row.missing for row in rows] == [2, 0, 0]
    assert read_of_expected(rows) == (4, 6)
    assert read_of_expected(()) == (0, 0)
