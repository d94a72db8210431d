"""What can be wrong with received bytes. No exception here ever carries a value taken from a message."""

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pos_gateway.wire.codec import Message


class Reason(IntEnum):
    """Internal four-digit reasons of the format class (3xxx), sent to the terminal in DE48 tag DF4D."""

    TRUNCATED = 3001
    TRAILING_BYTES = 3002
    UNDEFINED_FIELD = 3003
    NOT_DECIMAL = 3004
    PAD_NOT_ZERO = 3005
    WRONG_LENGTH = 3006
    CONTROL_CHARACTER = 3007
    WRONG_SIGN = 3008
    MAC_MISPLACED = 3009
    UNKNOWN_MESSAGE_TYPE = 3010
    FIELD_MISSING = 3011
    FIELD_FORBIDDEN = 3012
    OUT_OF_RANGE = 3013
    TLV_TRUNCATED = 3020
    TLV_TAG_MALFORMED = 3021
    TLV_LENGTH_MALFORMED = 3022
    TLV_TAG_REPEATED = 3023
    TLV_CRITICAL_TAG_UNKNOWN = 3024
    TLV_VALUE_MALFORMED = 3025
    WRONG_VALUE_TYPE = 3030


class FormatError(Exception):
    """A message that cannot be read, or must not be written, as it stands; answered with DE39 30.

    `reason` goes to DF4D, `field` (the first bad data element, None when it is the message type or the
    first bitmap) to DE44. `partial` holds what was read before the fault, for the echo of DE11 and DE41, or
    is None when not even a message type was found.
    """

    def __init__(self, reason: Reason, field: int | None = None, partial: "Message | None" = None) -> None:
        super().__init__(f"{reason.name} in DE {field}" if field else reason.name)
        self.reason = reason
        self.field = field
        self.partial = partial


class KeySerialError(Exception):
    """A key serial number that no terminal can rightly send; answered with DE39 63."""
