"""Money is an integer of current Rial."""


def grouped(number: int) -> str:
    """`1234567` → `1,234,567`, a minus sign in front where it is negative."""
    return f"{number:,}"
