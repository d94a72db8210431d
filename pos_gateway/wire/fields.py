"""The table of data elements: ISO 8583:1987 with packed numerics, as jPOS's ISO87BPackager lays it out
(dialect A).

Formats are in the standard's notation: `n6` six packed digits, `n..19` and `z..37` packed with a one-byte
length in front, `ans...999` with a two-byte length, `x+n16` a sign letter and sixteen packed digits, `b64`
sixty-four bits, `b...999` bytes. Lengths are packed too and count digits for n and z, bytes for everything
else.
"""

import re
from typing import NamedTuple


class Format(NamedTuple):
    """`maximum` counts digits for n, z and x, bytes otherwise; `prefix` is the width of the length in
    bytes, 0 = fixed.
    """

    kind: str
    maximum: int
    prefix: int


_NOTATION = re.compile(r"(x\+n|ans|an|n|z|b)(|\.\.|\.\.\.)(\d+)")


def parse_format(notation: str) -> Format:
    """Read the standard's notation; raise ValueError when it is none."""
    match = _NOTATION.fullmatch(notation)
    if match is None:
        raise ValueError(f"not a field format: {notation}")
    kind, dots, number = match[1], match[2], int(match[3])
    if kind == "b" and not dots:
        number //= 8
    return Format(kind, number, max(len(dots) - 1, 0))


NAMES: dict[int, tuple[str, str]] = {
    2: ("n..19", "card number"),
    3: ("n6", "processing code"),
    4: ("n12", "amount"),
    7: ("n10", "transmission date and time"),
    11: ("n6", "system trace audit number"),
    12: ("n6", "local time"),
    13: ("n4", "local date"),
    14: ("n4", "expiry"),
    15: ("n4", "settlement date"),
    18: ("n4", "merchant category"),
    22: ("n3", "entry mode"),
    23: ("n3", "card sequence"),
    24: ("n3", "network international identifier"),
    25: ("n2", "condition"),
    32: ("n..11", "acquirer"),
    35: ("z..37", "track 2 equivalent"),
    37: ("an12", "retrieval reference number"),
    38: ("an6", "approval code"),
    39: ("an2", "response code"),
    41: ("an8", "terminal"),
    42: ("an15", "acceptor"),
    43: ("ans40", "acceptor name and location"),
    44: ("ans..25", "additional response"),
    48: ("b...999", "private data"),
    49: ("an3", "currency"),
    52: ("b64", "PIN block"),
    53: ("n16", "security control"),
    54: ("ans...120", "additional amounts"),
    55: ("b...255", "chip data"),
    60: ("ans...999", "batch or original"),
    62: ("ans...999", "invoice number"),
    63: ("b...999", "receipt"),
    64: ("b64", "message authentication code"),
    66: ("n1", "settlement code"),
    70: ("n3", "network management code"),
    74: ("n10", "credits, number"),
    75: ("n10", "credits reversed, number"),
    76: ("n10", "debits, number"),
    77: ("n10", "debits reversed, number"),
    86: ("n16", "credits, amount"),
    87: ("n16", "credits reversed, amount"),
    88: ("n16", "debits, amount"),
    89: ("n16", "debits reversed, amount"),
    90: ("n42", "original data"),
    95: ("an42", "replacement amounts"),
    97: ("x+n16", "net settlement"),
    102: ("ans..28", "account 1"),
    103: ("ans..28", "account 2"),
    128: ("b64", "message authentication code"),
}

FIELDS: dict[int, Format] = {number: parse_format(notation) for number, (notation, _) in NAMES.items()}

# The standard's other elements. They are refused, but their layout must be known to read on to DE11, DE41
# and the KSN: without these the refusal itself could be neither echoed nor signed, and the terminal would
# take it for no answer. DE65 has no entry, since a third bitmap would change the meaning of all that
# follows.
UNUSED: dict[int, Format] = {
    number: parse_format(notation)
    for notation, numbers in {
        "n12": (5, 6, 82, 83, 84, 85),
        "n10": (78, 79, 80, 81),
        "n8": (8, 9, 10),
        "n6": (73,),
        "n4": (16, 17, 71, 72),
        "n3": (19, 20, 21, 68, 69),
        "n2": (26, 67),
        "n1": (27,),
        "x+n8": (28, 29, 30, 31),
        "n..11": (33, 99, 100),
        "ans..17": (101,),
        "ans..28": (34,),
        "ans..76": (45,),
        "ans...100": (104,),
        "ans...104": (36,),
        "ans...999": (46, 47, 56, 57, 58, 59, 61, *range(105, 128)),
        "an1": (91,),
        "an2": (92,),
        "an3": (40, 50, 51),
        "an5": (93,),
        "an7": (94,),
        "ans25": (98,),
        "b64": (96,),
    }.items()
    for number in numbers
}
