"""One-time codes of an authenticator app: RFC 6238 with SHA-1, six digits and steps of 30 seconds, as every app has them."""

import hmac
from datetime import datetime

import pyotp

from kernel.text import latin_digits

STEP_SECONDS = 30
DIGITS = 6
ISSUER = "Pilgrim Card"


def new_secret() -> str:
    """160 random bits in base 32."""
    return pyotp.random_base32(32)


def enrolment_address(secret: str, name: str) -> str:
    """The `otpauth:` address that apps read from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def typed_code(typed: str) -> str:
    """The six ASCII digits that were typed, in any script and with spaces; empty for anything else."""
    code = "".join(latin_digits(typed).split())
    return code if len(code) == DIGITS and code.isascii() and code.isdigit() else ""


def step_of_code(secret: str, code: str, at: datetime, after_step: int) -> int | None:
    """The time step that a code belongs to: that of `at`, the one before or the one after, and newer than `after_step`."""
    now, app = int(at.timestamp()) // STEP_SECONDS, pyotp.TOTP(secret)
    fitting = [step for step in (now - 1, now, now + 1) if hmac.compare_digest(app.generate_otp(step), code) and step > after_step]
    return max(fitting, default=None)
