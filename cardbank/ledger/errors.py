"""What can go wrong when money moves within another transaction."""

from typing import ClassVar

from kernel.errors import DomainError


class LedgerBusy(DomainError):
    """Another transaction holds or has just changed the same wallet, key or day: nothing was written; try once more."""

    code: ClassVar[str] = "ledger_busy"
    status: ClassVar[int] = 503
