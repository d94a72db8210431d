"""The discount for paying at once: the share that the bank has told, and what of a price the card pays then."""

from reader_agent.answer import Answer

WHOLE = 10_000  # basis points
SHARE, PRICE = 0xDF5D, 0xDF14
CHANGED = "1313"  # DF4D: another share holds now, and the answer says which


class CashDiscount:
    """What the shop's contract grants, as the last answer that spoke of it said; nothing until then."""

    def __init__(self) -> None:
        self._basis_points = 0
        self.is_told = False

    def hear(self, answer: Answer) -> None:
        """Every answer to a network message speaks of it, by leaving it out where there is none."""
        told = answer.private.get(SHARE, b"0")
        if answer.reason == CHANGED or (answer.message.mti == "0810" and answer.is_approved):
            self.is_told = True
            self._basis_points = int(told) if told.isdigit() and int(told) < WHOLE else 0

    def of(self, price_rial: int) -> int:
        """What is taken off a price, rounded down to the Rial."""
        return price_rial * self._basis_points // WHOLE
