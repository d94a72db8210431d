"""What can be wrong with a permit."""

from kernel.errors import BadInput, DomainError, NotFound


class PermitNotFound(NotFound):
    code = "permit_not_found"


class PermitIncomplete(BadInput):
    """Facts: `field` (kind, words, spot, where, starts_on, ends_on, conditions, why), `most` where something has a measure."""

    code = "permit_incomplete"


class PermitDecided(DomainError):
    """It stands otherwise by now: somebody decided, or who asked gave it up."""

    code = "permit_decided"


class PermitIsPast(DomainError):
    """Its last day is over, so that there is nothing left to grant."""

    code = "permit_is_past"


class PermitPapersFull(BadInput):
    """It has `most` papers already."""

    code = "permit_papers_full"
