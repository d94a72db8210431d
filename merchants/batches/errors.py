"""What can be wrong with a batch or with what is decided about it."""

from kernel.errors import DomainError, NotFound


class BatchNotFound(NotFound):
    code = "terminal_batch_not_found"


class ExceptionNotFound(NotFound):
    code = "batch_exception_not_found"


class ExceptionDecided(DomainError):
    """Somebody has decided it already; facts: `word`."""

    code = "batch_exception_decided"
