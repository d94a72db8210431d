"""Numbers that people are known by: pure checks, digits of any script accepted.

Sources: Iranian national id, modulus 11 over nine digits with weights 10…2; Iranian legal id, modulus 11 over ten digits, each
raised by the tenth digit plus two, weights 29 27 23 19 17; ICAO Doc 9303 part 3, 4.9 (check digits, weights
7 3 1) and part 4, 4.2 (second line of a passport's machine-readable zone); ITU-T E.164 (at most 15 digits).
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv6Address, ip_address
from itertools import cycle

from identity.errors import (
    PasswordTooShort,
    WrongContact,
    WrongEmail,
    WrongForeignCode,
    WrongLegalId,
    WrongLicenceNumber,
    WrongMobileNumber,
    WrongNationalId,
    WrongPassportCountry,
    WrongPassportNumber,
    WrongTaxCode,
)
from kernel.errors import BadInput
from kernel.messages.rules import is_email
from kernel.text import latin_digits

LEAST_PASSWORD_CHARACTERS = 10

_MRZ_VALUES = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")} | {"<": 0}
_MRZ_LENGTH = 44


@dataclass(frozen=True, slots=True)
class Passport:
    """What the second line of a passport states; dates are YYMMDD as printed, `<` where unknown."""

    number: str
    nationality: str
    birth: str
    expires: str


@dataclass(frozen=True, slots=True)
class TravelDocument:
    """A passport as it is put on record; `birth_date` and `expires_on` where its zone was read and states them."""

    number: str
    country: str
    birth_date: date | None
    expires_on: date | None = None


def national_id(typed: str) -> str:
    """Ten ASCII digits of an Iranian national id whose leading zeros may have been left out (eight digits at least).

    Raises WrongNationalId for other lengths, ten equal digits or a wrong check digit. It proves no identity.
    """
    digits = latin_digits(typed).replace("-", "").strip()
    if not re.fullmatch(r"[0-9]{8,10}", digits):
        raise WrongNationalId(field="national_id", fault="length")
    padded = digits.zfill(10)
    if len(set(padded)) == 1:
        raise WrongNationalId(field="national_id", fault="equal_digits")
    if int(padded[9]) != national_id_check_digit(padded[:9]):
        raise WrongNationalId(field="national_id", fault="check_digit")
    return padded


def national_id_check_digit(first_nine: str) -> int:
    rest = sum(int(digit) * weight for digit, weight in zip(first_nine, range(10, 1, -1), strict=True)) % 11
    return rest if rest < 2 else 11 - rest


def _digits(typed: str, least: int, most: int, refusal: type[BadInput], field: str) -> str:
    """ASCII digits of what was typed, `least` to `most` of them and not all equal."""
    digits = re.sub(r"[\s\u200c-]", "", latin_digits(typed))
    if not re.fullmatch(rf"[0-9]{{{least},{most}}}", digits):
        raise refusal(field=field, fault="length")
    if len(set(digits)) == 1:
        raise refusal(field=field, fault="equal_digits")
    return digits


def foreign_code(typed: str) -> str:
    """A foreigner's universal code (شناسه فراگیر), 10 to 16 digits; its check is not public. Raises WrongForeignCode."""
    return _digits(typed, 10, 16, WrongForeignCode, "foreign_code")


def tax_code(typed: str) -> str:
    """The ten digits of a tax tracking code (کد رهگیری مالیاتی). Raises WrongTaxCode."""
    return _digits(typed, 10, 10, WrongTaxCode, "tax_code")


def licence_number(typed: str) -> str:
    """The ten digits of a guild licence id (شناسه صنفی). Raises WrongLicenceNumber."""
    return _digits(typed, 10, 10, WrongLicenceNumber, "licence_number")


def legal_id(typed: str) -> str:
    """The eleven digits of a company's legal id (شناسه ملی). Raises WrongLegalId."""
    digits = _digits(typed, 11, 11, WrongLegalId, "legal_id")
    if int(digits[10]) != legal_id_check_digit(digits[:10]):
        raise WrongLegalId(field="legal_id", fault="check_digit")
    return digits


def legal_id_check_digit(first_ten: str) -> int:
    raised = int(first_ten[9]) + 2
    weights = cycle((29, 27, 23, 19, 17))
    return sum((int(digit) + raised) * weight for digit, weight in zip(first_ten, weights, strict=False)) % 11 % 10


def mrz_check_digit(field: str) -> int:
    """The ICAO 9303 check digit of a field of A–Z, 0–9 and `<`. Raises WrongPassportNumber for other characters."""
    try:
        return sum(_MRZ_VALUES[character] * weight for character, weight in zip(field, cycle((7, 3, 1)), strict=False)) % 10
    except KeyError:
        raise WrongPassportNumber(field="passport", fault="character") from None


def passport_number(typed: str) -> str:
    """A passport number as typed by hand: capitals and digits, 5 to 9 of them, without spaces."""
    number = re.sub(r"[\s-]", "", latin_digits(typed)).upper()
    if not re.fullmatch(r"[A-Z0-9]{5,9}", number):
        raise WrongPassportNumber(field="passport", fault="length")
    return number


def passport(mrz_second_line: str) -> Passport:
    """The second line of a TD3 machine-readable zone, all five check digits verified.

    Raises WrongPassportNumber; its facts name the part whose check digit is wrong.
    """
    line = mrz_second_line.strip().upper()
    if len(line) != _MRZ_LENGTH:
        raise WrongPassportNumber(field="passport", fault="length")
    _check("number", line[0:9], line[9])
    _check("birth", line[13:19], line[19])
    _check("expires", line[21:27], line[27])
    if not (line[42] == "<" and set(line[28:42]) == {"<"}):
        _check("personal_number", line[28:42], line[42])
    _check("composite", line[0:10] + line[13:20] + line[21:43], line[43])
    return Passport(line[0:9].rstrip("<"), line[10:13].rstrip("<"), line[13:19], line[21:27])


def travel_document(typed: str, country: str, today: date) -> TravelDocument:
    """A passport as a clerk enters it: its number and country by hand, or the two printed lines (or the second alone) as a
    reader sends them, with their check digits and their last day.

    Raises WrongPassportNumber (fault: the part that is wrong, or `expired`), WrongPassportCountry.
    """
    lines = [line for line in re.split(r"\s+", latin_digits(typed).strip().upper()) if line]
    zone = "".join(lines)
    if "<" not in zone:
        return TravelDocument(passport_number(typed), passport_country(country), None)
    if len(zone) == 2 * _MRZ_LENGTH and zone.startswith("P"):
        issued_by, zone = zone[2:5], zone[_MRZ_LENGTH:]
    else:
        issued_by = ""
    read = passport(zone)
    expires_on = _day(read.expires, 2000)
    if expires_on < today:
        raise WrongPassportNumber(field="passport", fault="expired")
    state = country or issued_by.rstrip("<") or read.nationality
    return TravelDocument(read.number, passport_country(state), _birth(read.birth, today), expires_on)


def passport_country(typed: str) -> str:
    """The state that issued a passport, as the three letters of ISO 3166-1 that passports print; Germany prints D alone.

    Raises WrongPassportCountry.
    """
    code = {"D": "DEU"}.get(typed.strip().upper(), typed.strip().upper())
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise WrongPassportCountry(field="country")
    return code


def typed_day(typed: str) -> date | None:
    """A Gregorian day as browsers and passports write it; None for anything else."""
    try:
        return date.fromisoformat(latin_digits(typed).strip().replace("/", "-"))
    except ValueError:
        return None


def _birth(printed: str, today: date) -> date | None:
    """The day of birth, None where a part of it is unknown; two digits of a year mean the latest past one."""
    if not printed.isdecimal():
        return None
    born = _day(printed, 2000)
    return born if born <= today else _day(printed, 1900)


def _day(printed: str, century: int) -> date:
    try:
        return date(century + int(printed[:2]), int(printed[2:4]), int(printed[4:]))
    except ValueError:
        raise WrongPassportNumber(field="passport", fault="date") from None


def _check(part: str, field: str, digit: str) -> None:
    if digit not in "0123456789" or mrz_check_digit(field) != int(digit):
        raise WrongPassportNumber(field="passport", fault=part)


def mobile_number(typed: str) -> str:
    """A mobile number of any country as E.164; `09…` and `9…` of ten digits are Iranian. Raises WrongMobileNumber."""
    number = re.sub(r"[\s()./-]", "", latin_digits(typed))
    if number.startswith("00"):
        number = "+" + number[2:]
    elif re.fullmatch(r"0?9[0-9]{9}", number):
        number = "+98" + number[-10:]
    if not re.fullmatch(r"\+[1-9][0-9]{7,14}", number):
        raise WrongMobileNumber(field="mobile", fault="length")
    if number.startswith("+98") and not re.fullmatch(r"\+989[0-9]{9}", number):
        raise WrongMobileNumber(field="mobile", fault="not_mobile")
    return number


def email_address(typed: str) -> str:
    """An e-mail address as far as its form goes, in small letters: one mailbox is one address. Raises WrongEmail."""
    address = typed.strip().lower()
    if not is_email(address):
        raise WrongEmail(field="email")
    return address


def contact(typed: str) -> str:
    """A mobile number as E.164, or an e-mail address as far as its form goes: what a message can be sent to.

    Raises WrongContact.
    """
    text = typed.strip()
    if "@" in text:
        if not is_email(text):
            raise WrongContact(field="contact")
        return text
    try:
        return mobile_number(text)
    except WrongMobileNumber:
        raise WrongContact(field="contact") from None


def typed_password(password: str) -> str:
    """One form for what people type on keyboards of several scripts: NFKC, ASCII digits."""
    return latin_digits(unicodedata.normalize("NFKC", password))


def check_password(password: str, field: str = "password") -> None:
    if len(typed_password(password)) < LEAST_PASSWORD_CHARACTERS:
        raise PasswordTooShort(field=field, least=LEAST_PASSWORD_CHARACTERS)


def client_of(address: str) -> str:
    """Who counts as one client: an address, or the network of an IPv6 address, which its holder may change within it at will."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return (parsed.packed[:8] + bytes(8)).hex()
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
