"""What the book of debts refuses, as facts."""

from kernel.errors import BadInput, DomainError, NotFound


class DebtNotFound(NotFound):
    code = "debt_not_found"


class WrongDebt(BadInput):
    """Facts: `field`, and `fault`: customer, amount, day, note, why."""

    code = "wrong_debt"


class MoreThanOwed(BadInput):
    """Facts: `field`, `left_rial`: what may still be paid, less what is being paid at this moment."""

    code = "more_than_owed"


class DebtIsClosed(DomainError):
    """It is paid, or was struck out."""

    code = "debt_is_closed"


class DebtBeingPaid(DomainError):
    """A card is being asked for a part of it."""

    code = "debt_being_paid"
