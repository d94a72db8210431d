"""What can go wrong when money moves."""

from typing import ClassVar

from kernel.errors import DomainError


class LedgerBusy(DomainError):
    """Another transaction holds or has just changed the same wallet, key or day: nothing was written; try once more."""

    code: ClassVar[str] = "ledger_busy"
    status: ClassVar[int] = 503


class OutcomeUnknown(DomainError):
    """A teller took the request and has not answered: it may be posted or not, and only its key, asked again, tells."""

    code: ClassVar[str] = "outcome_unknown"
    status: ClassVar[int] = 503
