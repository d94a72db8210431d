from collections.abc import Callable
from string import ascii_uppercase, digits

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from identity import errors, rules
from identity.errors import PasswordTooShort, WrongMobileNumber, WrongNationalId, WrongPassportNumber
from identity.rules import (
    check_password,
    mobile_number,
    mrz_check_digit,
    national_id,
    national_id_check_digit,
    passport,
    passport_number,
    typed_password,
)
from kernel.errors import BadInput
from kernel.text import ARABIC_DIGITS, PERSIAN_DIGITS

# ICAO Doc 9303 part 4, appendix B: the specimen passport of Utopia.
SPECIMEN = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"

nine_digits = st.text(digits, min_size=9, max_size=9)


@given(nine_digits)
def test_a_national_id_with_its_check_digit_is_accepted_in_any_script(first_nine: str) -> None:
    number = first_nine + str(national_id_check_digit(first_nine))
    assume(len(set(number)) > 1)
    assert national_id(number) == number
    assert national_id(number.translate(PERSIAN_DIGITS)) == number
    assert national_id(number.translate(ARABIC_DIGITS)) == number


@given(nine_digits, st.integers(0, 9))
def test_only_one_last_digit_completes_a_national_id(first_nine: str, last: int) -> None:
    assume(last != national_id_check_digit(first_nine))
    with pytest.raises(WrongNationalId):
        national_id(first_nine + str(last))


@given(st.text(digits, min_size=7, max_size=7), st.integers(1, 2))
def test_leading_zeros_may_be_left_out(rest: str, zeros: int) -> None:
    assume(rest[0] != "0")
    first_nine = "0" * zeros + rest + "5" * (2 - zeros)
    number = first_nine + str(national_id_check_digit(first_nine))
    assert national_id(number.lstrip("0")) == number


@pytest.mark.parametrize("digit", digits)
def test_ten_equal_digits_are_no_national_id(digit: str) -> None:
    with pytest.raises(WrongNationalId) as refusal:
        national_id(digit * 10)
    assert refusal.value.facts["fault"] == "equal_digits"


@pytest.mark.parametrize("typed", ["", "1234567", "12345678901", "12345abc90", "۱۲۳"])
def test_other_lengths_and_letters_are_no_national_id(typed: str) -> None:
    with pytest.raises(WrongNationalId):
        national_id(typed)


def test_the_specimen_passport_of_icao_is_read() -> None:
    read = passport(SPECIMEN)
    assert (read.number, read.nationality, read.birth, read.expires) == (
        "L898902C3",
        "UTO",
        "740812",
        "120415",
    )


def test_check_digits_of_the_specimen() -> None:
    assert [mrz_check_digit(field) for field in ("L898902C3", "740812", "120415", "ZE184226B<<<<<")] == [
        6,
        2,
        9,
        1,
    ]


@given(
    st.integers(0, 42).filter(lambda place: not 10 <= place <= 12 and place != 20),
    st.sampled_from(digits + ascii_uppercase),
)
def test_one_wrong_character_is_found_where_the_weights_can_tell(place: int, character: str) -> None:
    wrong = SPECIMEN[:place] + character + SPECIMEN[place + 1 :]
    values = {letter: value for value, letter in enumerate(digits + ascii_uppercase)} | {"<": 0}
    assume((values[character] - values[SPECIMEN[place]]) % 10 != 0)  # 7, 3 and 1 tell any difference modulo 10
    with pytest.raises(WrongPassportNumber):
        passport(wrong)


def test_a_passport_without_personal_number_may_have_a_filler_as_its_check_digit() -> None:
    upper = "L898902C3" + "6" + "UTO" + "740812" + "2" + "F" + "120415" + "9" + "<" * 14 + "<"
    composite = mrz_check_digit(upper[0:10] + upper[13:20] + upper[21:43])
    assert passport(upper + str(composite)).number == "L898902C3"


@pytest.mark.parametrize("line", ["", SPECIMEN[:-1], SPECIMEN + "<", SPECIMEN.replace("L", "é")])
def test_a_line_of_another_length_or_alphabet_is_refused(line: str) -> None:
    with pytest.raises(WrongPassportNumber):
        passport(line)


def test_a_passport_number_typed_by_hand_is_normalised() -> None:
    assert passport_number(" a ۱۲۳-45 ") == "A12345"
    with pytest.raises(WrongPassportNumber):
        passport_number("A1")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("۰۹۱۵۱۲۳۴۵۶۷", "+989151234567"),
        ("0915 123 4567", "+989151234567"),
        ("9151234567", "+989151234567"),
        ("+98 915 123 4567", "+989151234567"),
        ("00989151234567", "+989151234567"),
        ("+9647701234567", "+9647701234567"),
        ("0092 300 1234567", "+923001234567"),
    ],
)
def test_mobile_numbers_become_e164(typed: str, number: str) -> None:
    assert mobile_number(typed) == number


@pytest.mark.parametrize("typed", ["", "0511234567", "+985138000000", "123", "+0123456789", "+12345678901234567", "call me"])
def test_other_numbers_are_no_mobile(typed: str) -> None:
    with pytest.raises(WrongMobileNumber):
        mobile_number(typed)


@given(st.text(max_size=200))
def test_whatever_is_typed_is_a_number_or_refused(typed: str) -> None:
    for rule, refusal in (
        (national_id, WrongNationalId),
        (mobile_number, WrongMobileNumber),
        (passport, WrongPassportNumber),
    ):
        try:
            rule(typed)
        except refusal:
            continue


def test_a_password_is_the_same_on_a_persian_and_a_latin_keyboard() -> None:
    assert typed_password("گذر۱۲۳۴۵۶۷") == typed_password("گذر1234567")
    check_password("گذر۱۲۳۴۵۶۷")


def test_a_short_password_is_refused_with_what_is_asked_for() -> None:
    with pytest.raises(PasswordTooShort) as refusal:
        check_password("123456789")
    assert refusal.value.facts == {"field": "password", "least": 10}


@pytest.mark.parametrize("typed", ["14007650912", "۱۰۳۸۰۲۸۴۷۹۰", "140-0765-0912"])
def test_a_companys_legal_id_has_a_check_digit(typed: str) -> None:
    assert len(rules.legal_id(typed)) == 11


@pytest.mark.parametrize(
    ("typed", "fault"), [("14007650913", "check_digit"), ("1400765091", "length"), ("11111111111", "equal_digits"), ("", "length")]
)
def test_a_wrong_legal_id_says_what_is_wrong(typed: str, fault: str) -> None:
    with pytest.raises(errors.WrongLegalId) as refusal:
        rules.legal_id(typed)
    assert refusal.value.facts == {"field": "legal_id", "fault": fault}


@given(nine_digits, st.integers(0, 8), st.integers(1, 9), st.sampled_from(digits))
def test_a_digit_read_wrong_changes_the_check_digit_of_a_legal_id(nine: str, at: int, step: int, tenth: str) -> None:
    changed = nine[:at] + str((int(nine[at]) + step) % 10) + nine[at + 1 :]
    checks = {rules.legal_id_check_digit(number + tenth) for number in (nine, changed)}
    assert len(checks) == 2 or checks == {0}  # a rest of ten is written as zero, the one pair the scheme cannot tell apart


@pytest.mark.parametrize("read", [rules.tax_code, rules.licence_number])
def test_tax_codes_and_guild_licences_have_ten_digits(read: Callable[[str], str]) -> None:
    assert read(" ۱۲۳۴۵ ٦٧٨٩٠ ") == "1234567890"
    for typed in ("123456789", "12345678901", "1111111111", "12345678x0", ""):
        with pytest.raises(BadInput):
            read(typed)


def test_a_foreigners_code_has_ten_to_sixteen_digits() -> None:
    assert rules.foreign_code("۱۲۳۴۵۶۷۸۹۰۱۲") == "123456789012"
    for typed in ("123456789", "1" * 12, "12345678901234567"):
        with pytest.raises(errors.WrongForeignCode):
            rules.foreign_code(typed)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.7", "192.0.2.8", False), ("192.0.2.7", "::ffff:192.0.2.7", True), ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False), ("", "nonsense", True),
    ],
)  # fmt: skip
def test_a_client_is_an_address_or_a_home_network(one: str, other: str, is_same: bool) -> None:
    assert (rules.client_of(one) == rules.client_of(other)) is is_same
