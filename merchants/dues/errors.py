"""What can be wrong with a due. Facts only; sentences are made at the edge."""

from kernel.errors import BadInput, DomainError, NotFound


class DueNotFound(NotFound):
    code = "due_not_found"


class WrongDue(BadInput):
    """Facts: `field` and `fault`."""

    code = "wrong_due"


class DueIsClosed(DomainError):
    """Paid, or struck out."""

    code = "due_is_closed"


class MoreThanDue(BadInput):
    """Facts: `field`, `left_rial`."""

    code = "more_than_due"


class MoreThanWaits(BadInput):
    """Facts: `field`, `waits_rial`: what the shop's next settlement comes to by now."""

    code = "more_than_waits"


class CreditorNotPayable(DomainError):
    """The creditor has no bank account that settlements may pay to."""

    code = "creditor_not_payable"
