import base64
from datetime import UTC, datetime

import pytest

from identity import totp

# RFC 6238, appendix B: SHA-1, the eight digits of the table cut to the last six, which is what six digits mean (RFC 4226, 5.3).
SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [
    (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"), (2000000000, "69279037"),
    (20000000000, "65353130"),
]  # fmt: skip


@pytest.mark.parametrize(("seconds", "published"), VECTORS)
def test_the_published_codes_are_taken_at_their_time_and_a_step_around(seconds: int, published: str) -> None:
    at, code = datetime.fromtimestamp(seconds, UTC), published[-6:]
    step = seconds // totp.STEP_SECONDS
    assert totp.step_of_code(SECRET, code, at, 0) == step
    for drift, is_taken in ((-60, False), (-30, True), (30, True), (60, False)):
        moved = datetime.fromtimestamp(seconds + drift, UTC)
        assert (totp.step_of_code(SECRET, code, moved, 0) == step) is is_taken


def test_a_code_of_a_step_that_was_taken_counts_no_more() -> None:
    at = datetime.fromtimestamp(59, UTC)
    assert totp.step_of_code(SECRET, "287082", at, 0) == 1  # 94287082, the first line of the table
    assert totp.step_of_code(SECRET, "287082", at, 1) is None


@pytest.mark.parametrize(
    ("typed", "code"),
    [("287082", "287082"), ("۲۸۷ ۰۸۲", "287082"), ("٢٨٧٠٨٢", "287082"), ("28708", ""), ("2870821", ""), ("28708x", ""), ("", "")],
)
def test_a_code_is_typed_in_digits_of_any_script(typed: str, code: str) -> None:
    assert totp.typed_code(typed) == code


def test_an_app_reads_issuer_name_and_secret_from_the_address() -> None:
    secret = totp.new_secret()
    assert len(base64.b32decode(secret)) == 20
    address = totp.enrolment_address(secret, "shop keeper")
    assert address == f"otpauth://totp/Pilgrim%20Card:shop%20keeper?secret={secret}&issuer=Pilgrim%20Card"
