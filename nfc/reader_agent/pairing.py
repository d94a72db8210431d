"""The code that a page must know before the reader serves it: made once, shown once, typed once in the till."""

import os
import secrets
from hmac import compare_digest
from pathlib import Path

DIGITS = 12


class PairingError(Exception):
    """The file of the pairing code cannot be used."""


def pairing_code(path: Path) -> tuple[str, bool]:
    """The code kept in this file, and whether it was made just now. Raises PairingError."""
    try:
        with path.open(encoding="ascii") as file:
            code = file.read().strip()
    except FileNotFoundError:
        return _make(path), True
    except (OSError, UnicodeDecodeError):
        raise PairingError("the file of the pairing code cannot be read") from None
    if len(code) != DIGITS or not code.isdigit():
        raise PairingError("the file of the pairing code is damaged: remove it and pair the till again")
    return code, False


def is_paired(code: str, header: str | None) -> bool:
    """Whether an Authorization header carries the code."""
    return compare_digest((header or "").encode(), f"Bearer {code}".encode())


def _make(path: Path) -> str:
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise PairingError(f"the pairing code cannot be kept: {error.strerror}") from None
    with os.fdopen(file, "w", encoding="ascii") as kept:
        kept.write(code)
    return code
