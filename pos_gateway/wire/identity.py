"""The form of an enrolment as it stands inside DF17, once that is decrypted: tags like those of DE48, each at most once.

Nothing of it is ever logged; what is wrong in it is named by the field, not by its content.
"""

from pos_gateway.wire.errors import FormatError, Reason

KINDS = {"N": "national_id", "F": "foreign_code", "P": "passport"}
FIELDS = {0xDF71: "kind", 0xDF72: "number", 0xDF73: "country", 0xDF74: "called", 0xDF75: "mobile"}
LONGEST = 100


def decode_identity(clear: bytes) -> dict[str, str]:
    """The fields that the form has, as text. Raises FormatError (DE48)."""
    found: dict[str, str] = {}
    at = 0
    while at < len(clear):
        if at + 3 > len(clear):
            raise FormatError(Reason.TLV_TRUNCATED, 48)
        name, length = FIELDS.get(clear[at] << 8 | clear[at + 1]), clear[at + 2]
        value = clear[at + 3 : at + 3 + length]
        if name is None or name in found:
            raise FormatError(Reason.TLV_TAG_MALFORMED, 48)
        if length > LONGEST or len(value) != length:
            raise FormatError(Reason.TLV_LENGTH_MALFORMED, 48)
        try:
            found[name] = value.decode()
        except UnicodeDecodeError:
            raise FormatError(Reason.TLV_VALUE_MALFORMED, 48) from None
        at += 3 + length
    return found | {"kind": KINDS.get(found.get("kind", ""), "")}
