"""How an entry is named to people and terminals: a retrieval reference of twelve characters (DE37)."""

from datetime import date, timedelta

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ENTRY_ID_MODULUS = 1 << 40
DAY_DIGITS = 4


def base32(number: int, width: int) -> str:
    """Crockford's digits (no I, L, O, U), the most significant first, zero-padded."""
    digits = ""
    for _ in range(width):
        number, low = divmod(number, 32)
        digits = CROCKFORD[low] + digits
    return digits


def retrieval_reference(day: date, entry_id: int) -> str:
    """Last digit of the year, day of the year, and the entry's id mod 2^40; an id of 0 = no entry of the ledger."""
    return f"{day.year % 10}{day.timetuple().tm_yday:03d}{base32(entry_id % ENTRY_ID_MODULUS, 8)}"


def entry_of_reference(reference: str, today: date) -> tuple[date, int] | None:
    """The entry (business day, id) that a reference of the last ten years names; None for what is no reference."""
    day, digits = reference[:DAY_DIGITS], reference[DAY_DIGITS:]
    if len(digits) != 8 or not (day.isascii() and day.isdigit()) or not set(digits) <= set(CROCKFORD):
        return None
    number = 0
    for digit in digits:
        number = number * 32 + CROCKFORD.index(digit)
    year = today.year + 1 - (today.year + 1 - int(day[0])) % 10  # tomorrow may be in the next year
    found = date(year, 1, 1) + timedelta(days=int(day[1:]) - 1)
    return (found, number) if number and found.year == year else None
