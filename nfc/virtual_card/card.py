"""The application layer of the card: APDUs in, APDUs out.

The subset: ISO SELECT by DF name, AuthenticateEV2First with its second half, GetVersion. Every other
command gets the error status that the data sheet (MF2DL rev 3.3 section 11) or ISO 7816-4 gives it.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from hmac import compare_digest
from pathlib import Path

from virtual_card.crypto import AesKey, SessionKeys, rotate_left, session_keys

OK = b"\x91\x00"
MORE = b"\x91\xaf"
ILLEGAL_COMMAND = b"\x91\x1c"
INTEGRITY_ERROR = b"\x91\x1e"
NO_SUCH_KEY = b"\x91\x40"
LENGTH_ERROR = b"\x91\x7e"
PARAMETER_ERROR = b"\x91\x9e"
AUTHENTICATION_ERROR = b"\x91\xae"
COMMAND_ABORTED = b"\x91\xca"

ISO_OK = b"\x90\x00"
ISO_WRONG_LENGTH = b"\x67\x00"
ISO_NOT_FOUND = b"\x6a\x82"
ISO_WRONG_P1P2 = b"\x6a\x86"
ISO_UNKNOWN_INS = b"\x6d\x00"
ISO_UNKNOWN_CLA = b"\x6e\x00"

SELECT, AUTHENTICATE_EV2_FIRST, GET_VERSION, ADDITIONAL_FRAME = 0xA4, 0x71, 0x60, 0xAF


class KeyFileError(Exception):
    """The key file cannot be used; the text names the field and no value."""


@dataclass(frozen=True)
class CardProfile:
    """What personalisation left on the card: 7-byte UID, DF name, AES-128 keys by number."""

    uid: bytes
    df_name: bytes
    keys: dict[int, AesKey] = field(repr=False)

    @classmethod
    def from_export(cls, exported: dict[str, object]) -> "CardProfile":
        """From the object that `pilgrim card new --export-keys --json` prints. Raises KeyFileError."""
        try:
            uid = bytes.fromhex(str(exported["uid"]))
            df_name = bytes.fromhex(str(exported["df_name"]))
            listed = exported["card_keys"]
            if not isinstance(listed, dict):
                raise KeyFileError("card_keys is not an object of key number to key")
            keys = {int(number): AesKey(bytes.fromhex(key)) for number, key in listed.items()}
        except KeyError as missing:
            raise KeyFileError(f"the field {missing} is missing") from None
        except (TypeError, ValueError):
            raise KeyFileError("uid, df_name and card_keys must be hexadecimal; keys have 16 bytes") from None
        if len(uid) != 7 or not 1 <= len(df_name) <= 16:
            raise KeyFileError("a uid has 7 bytes and a DF name 1 to 16")
        return cls(uid, df_name, keys)

    @classmethod
    def from_file(cls, path: Path) -> "CardProfile":
        """Read an exported key file. Raises KeyFileError."""
        try:
            exported = json.loads(path.read_text())
        except OSError as error:
            raise KeyFileError(f"the key file cannot be read: {error.strerror}") from None
        except ValueError:
            raise KeyFileError("the key file is not JSON") from None
        if not isinstance(exported, dict):
            raise KeyFileError("the key file is not a JSON object")
        return cls.from_export(exported)


@dataclass(frozen=True)
class _Challenge:
    key: AesKey
    rnd_b: bytes


@dataclass(frozen=True)
class _VersionParts:
    remaining: tuple[bytes, ...]


@dataclass(frozen=True)
class Session:
    """An authenticated state: transaction identifier (4 bytes) and session keys."""

    ti: bytes
    keys: SessionKeys


class Card:
    """A card with its volatile state; `random(n)` gives n unpredictable bytes."""

    def __init__(self, profile: CardProfile, random: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self.profile = profile
        self._random = random
        self.power_off()

    def power_off(self) -> None:
        """Leaving the field forgets everything volatile."""
        self._selected = False
        self._unfinished: _Challenge | _VersionParts | None = None
        self.session: Session | None = None

    def process(self, apdu: bytes) -> bytes:
        """Answer one command APDU of any content; never raises."""
        if len(apdu) < 4:
            return ISO_WRONG_LENGTH
        if apdu[0] == 0x00:
            return self._process_iso(apdu)
        if apdu[0] == 0x90:
            return self._process_native(apdu)
        return ISO_UNKNOWN_CLA

    def _process_iso(self, apdu: bytes) -> bytes:
        self._unfinished = None
        if apdu[1] != SELECT:
            return ISO_UNKNOWN_INS
        if apdu[2] != 0x04 or apdu[3] not in (0x00, 0x0C):
            return ISO_WRONG_P1P2
        name_end = 5 + apdu[4] if len(apdu) > 4 else 0
        if name_end <= 5 or apdu[name_end:] not in (b"", b"\x00") or len(apdu) < name_end:
            return ISO_WRONG_LENGTH
        if apdu[5:name_end] != self.profile.df_name:
            return ISO_NOT_FOUND
        self._selected, self.session = True, None
        return ISO_OK

    def _process_native(self, apdu: bytes) -> bytes:
        unfinished, self._unfinished = self._unfinished, None
        if apdu[2:4] != b"\x00\x00":
            return PARAMETER_ERROR
        data = _command_data(apdu)
        if data is None:
            return LENGTH_ERROR
        if apdu[1] == ADDITIONAL_FRAME:
            return self._continue(unfinished, data)
        if unfinished is not None:
            return COMMAND_ABORTED
        return self._begin(apdu[1], data)

    def _begin(self, instruction: int, data: bytes) -> bytes:
        if instruction == AUTHENTICATE_EV2_FIRST:
            return self._authenticate(data)
        if instruction == GET_VERSION:
            return self._get_version(data)
        return ILLEGAL_COMMAND

    def _continue(self, unfinished: _Challenge | _VersionParts | None, data: bytes) -> bytes:
        if isinstance(unfinished, _Challenge):
            return self._finish_authentication(unfinished, data)
        if isinstance(unfinished, _VersionParts):
            return self._next_version_part(unfinished.remaining, data)
        return ILLEGAL_COMMAND

    def _authenticate(self, data: bytes) -> bytes:
        """Data: key number ‖ length of PCD capabilities ‖ at most six bytes of them."""
        self.session = None
        if len(data) < 2 or data[1] > 6 or len(data) != 2 + data[1]:
            return LENGTH_ERROR
        key = self.profile.keys.get(data[0]) if self._selected else None
        if key is None:
            return NO_SUCH_KEY
        rnd_b = self._random(16)
        self._unfinished = _Challenge(key, rnd_b)
        return key.encrypt(rnd_b) + MORE

    def _finish_authentication(self, challenge: _Challenge, data: bytes) -> bytes:
        """Data: E(RndA ‖ RndB'). The answer is E(TI ‖ RndA' ‖ PDcap2 ‖ PCDcap2), capabilities all zero."""
        if len(data) != 32:
            return LENGTH_ERROR
        plain = challenge.key.decrypt(data)
        rnd_a, returned = plain[:16], plain[16:]
        if not compare_digest(returned, rotate_left(challenge.rnd_b)):
            return AUTHENTICATION_ERROR
        ti = self._random(4)
        self.session = Session(ti, session_keys(challenge.key, rnd_a, challenge.rnd_b))
        return challenge.key.encrypt(ti + rotate_left(rnd_a) + bytes(12)) + OK

    def _get_version(self, data: bytes) -> bytes:
        if self.session is not None:
            # An authenticated card wants this command under a MAC; a plain one ends the session.
            self.session = None
            return INTEGRITY_ERROR
        hardware = bytes.fromhex("04010133001605")
        software = bytes.fromhex("04010103001605")
        production = self.profile.uid + bytes.fromhex("00000000002026")
        return self._next_version_part((hardware, software, production), data)

    def _next_version_part(self, parts: tuple[bytes, ...], data: bytes) -> bytes:
        if data:
            return LENGTH_ERROR
        part, remaining = parts[0], parts[1:]
        if remaining:
            self._unfinished = _VersionParts(remaining)
        return part + (MORE if remaining else OK)


def _command_data(apdu: bytes) -> bytes | None:
    """The data field of a wrapped native command (90 INS 00 00 [Lc data] 00), or None if malformed."""
    if apdu[4:] == b"\x00":
        return b""
    if len(apdu) < 7 or len(apdu) != apdu[4] + 6 or apdu[-1] != 0x00:
        return None
    return apdu[5:-1]
