"""Which data elements each message type carries, and which ones its answer echoes.

M mandatory, C conditional, O optional, E echoed from the request, - forbidden. The conditions that depend
on the message alone stand below the table; those that depend on the world (PIN rule, approval) belong to
the flows.
"""

from collections.abc import Iterator

from pos_gateway.wire.codec import Message
from pos_gateway.wire.errors import FormatError, Reason
from pos_gateway.wire.tlv import Tag

_COLUMNS = ("0100", "0110", "0220", "0230", "0320", "0330", "0400", "0410", "0500", "0510", "0800", "0810")

_ROWS: dict[tuple[int, ...], str] = {
    (2,): "              C    -    C    -    C    -    C    -    -    -    -    -",
    (3,): "              M    E    M    E    M    E    M    E    M    E    O    E",
    (4,): "              C    E    M    E    M    E    M    E    -    -    -    -",
    (7, 11): "          M    E    M    E    M    E    M    E    M    E    M    E",
    (12, 13): "         M    E    M    E    M    E    M    E    M    E    O    M",
    (14, 18, 23): "     O    -    O    -    O    -    O    -    O    -    O    -",
    (15,): "             -    M    -    M    -    M    -    M    -    M    -    O",
    (22, 25): "         M    -    M    -    M    -    O    -    -    -    -    -",
    (24, 41, 42): "     M    E    M    E    M    E    M    E    M    E    M    E",
    (32, 43): "         O    -    O    -    O    -    O    -    O    -    O    -",
    (35,): "             C    -    C    -    -    -    -    -    -    -    -    -",
    (37,): "             C    M    O    M    M    E    C    M    -    M    -    -",
    (38,): "             -    C    M    E    C    -    C    -    -    -    -    -",
    (39,): "             -    M    C    M    M    M    C    M    -    M    -    M",
    (44,): "             -    O    -    O    -    O    -    O    -    O    -    O",
    (48,): "             M    O    M    O    M    O    M    O    M    O    M    O",
    (49,): "             M    E    M    E    M    E    M    E    M    E    -    -",
    (52,): "             C    -    -    -    -    -    -    -    -    -    -    -",
    (53, 55): "         O    -    O    -    O    -    O    -    O    -    O    -",
    (54,): "             -    C    -    -    -    -    -    -    -    -    -    -",
    (60,): "             O    -    O    -    M    -    O    -    M    E    -    -",
    (62,): "             M    E    M    E    M    E    M    E    -    -    -    -",
    (63,): "             -    O    -    -    -    -    -    O    -    O    -    O",
    (66,): "             -    -    -    -    -    -    -    -    -    M    -    -",
    (70,): "             -    -    -    -    -    -    -    -    -    -    C    E",
    (74, 75, 76, 77): " -    -    -    -    -    -    -    -    M    M    -    -",
    (86, 87, 88, 89): " -    -    -    -    -    -    -    -    M    M    -    -",
    (90,): "             -    -    -    -    -    -    M    E    -    -    -    -",
    (95,): "             -    -    -    -    -    -    C    E    -    -    -    -",
    (97,): "             -    -    -    -    -    -    -    -    M    M    -    -",
    (102, 103): "       O    -    O    -    O    -    O    -    O    -    O    -",
    (64, 128): "        C    C    C    C    C    C    C    C    C    C    C    C",
}

_SAME_AS = {
    "0200": "0100", "0201": "0100", "0210": "0110", "0221": "0220", "0321": "0320", "0401": "0400", "0420": "0400",
    "0421": "0400", "0430": "0410", "0501": "0500",
}  # fmt: skip

_COLUMN_OF = {column: column for column in _COLUMNS} | _SAME_AS


def _numbers(column: str, cells: str) -> frozenset[int]:
    place = _COLUMNS.index(column)
    return frozenset(number for row, marks in _ROWS.items() if marks.split()[place] in cells for number in row)


_MANDATORY = {column: _numbers(column, "M") for column in _COLUMNS}
_ALLOWED = {column: _numbers(column, "MCOE") for column in _COLUMNS}
_ECHOED = {column: tuple(sorted(_numbers(column, "E"))) for column in _COLUMNS}

# Processing codes by their first two digits: void of a purchase 02, refund 20, void of a refund 22, gift
# card 28, balance 31, card check 33, enrolment 94, door and help card 97, hot-listing 98.
_WITHOUT_AMOUNT = frozenset(("31", "33", "94", "97", "98"))
_VOIDS = frozenset(("02", "22"))
_CARD_NAMED_OTHERWISE = frozenset(("02", "20", "22", "28", "94"))
_NETWORK_ALIASES = frozenset(("900000", "990000"))
# Trace numbers begin at 1: zeros in DE90 mean that the original is not known.
NO_TRACE_NUMBER = "000000"


def is_request(mti: str) -> bool:
    """Whether this message type asks something of us: version 1987 and an even function digit."""
    return mti[0] == "0" and mti[2] in "02468"


def response_mti(mti: str) -> str:
    """The type of a request's answer: function digit one higher, a repeat answered like its original."""
    if not is_request(mti):
        raise ValueError("only a request has an answer")
    return f"{mti[:2]}{int(mti[2]) + 1}{int(mti[3]) & ~1}"


def echo(request: Message) -> dict[int, str | bytes]:
    """The elements an answer takes over; for an unknown message type those that let the peer match it."""
    column = _COLUMN_OF.get(response_mti(request.mti))
    numbers = _ECHOED[column] if column else (7, 11, 24, 41, 42)
    return {number: request.fields[number] for number in numbers if number in request.fields}


def check_presence(message: Message) -> None:
    """Raise FormatError for the first data element that is missing, forbidden or contradicts another one.

    An element of length zero counts as missing. Works on requests and on answers.
    """
    column = _COLUMN_OF.get(message.mti)
    if column is None:
        raise FormatError(Reason.UNKNOWN_MESSAGE_TYPE, None, message)
    present = {number for number, value in message.fields.items() if value}
    faults = [(number, Reason.FIELD_MISSING) for number in _MANDATORY[column] - present]
    faults += [(number, Reason.FIELD_FORBIDDEN) for number in message.fields.keys() - _ALLOWED[column]]
    faults += _broken_conditions(message, column, present)
    if faults:
        field, reason = min(faults)
        raise FormatError(reason, field, message)


def _broken_conditions(message: Message, column: str, present: set[int]) -> Iterator[tuple[int, Reason]]:
    code = message.fields.get(3)
    function = code[:2] if isinstance(code, str) else ""
    if not present & {64, 128}:
        yield (128 if max(present, default=0) > 64 else 64), Reason.FIELD_MISSING
    if column == "0800" and 70 not in present and code not in _NETWORK_ALIASES:
        yield 70, Reason.FIELD_MISSING
    if column == "0100" and 4 not in present and function not in _WITHOUT_AMOUNT:
        yield 4, Reason.FIELD_MISSING
    if column == "0100" and function in _VOIDS and 37 not in present:
        yield 37, Reason.FIELD_MISSING
    if is_request(message.mti):
        if message.fields.get(11) == NO_TRACE_NUMBER:
            yield 11, Reason.OUT_OF_RANGE
        yield from _card_faults(message, column, function, present)


def _card_faults(message: Message, column: str, function: str, present: set[int]) -> Iterator[tuple[int, Reason]]:
    """A card is named exactly once: by its number, by track 2 or by the proof of a tapped chip."""
    tags = message.private
    if Tag.PIN_BLOCK in tags and column != "0100":
        yield 48, Reason.FIELD_FORBIDDEN
    named_by: list[int] = [number for number in (2, 35) if number in present]
    if Tag.CARD_AUTHENTICATION in tags:
        named_by.append(48)
    if column in ("0500", "0800"):
        if 48 in named_by:
            yield 48, Reason.FIELD_FORBIDDEN
    elif len(named_by) > 1:
        yield named_by[1], Reason.FIELD_FORBIDDEN
    elif not named_by and function not in _CARD_NAMED_OTHERWISE:
        yield 2, Reason.FIELD_MISSING
    elif not named_by and function == "20" and 37 not in present and column != "0400":
        yield 37, Reason.FIELD_MISSING
