"""Why a claim is not taken or not confirmed. Facts only."""

from kernel.errors import BadInput, DomainError, NotFound


class ClaimNotFound(NotFound):
    """No such claim, or it is decided already."""

    code = "claim_not_found"


class UnknownClaimKind(BadInput):
    code = "unknown_claim_kind"


class ClaimOnRecord(DomainError):
    """What is claimed stands on the person's own record already."""

    code = "claim_on_record"


class WrongName(BadInput):
    """Facts: `field`, the name's language in it."""

    code = "wrong_name"


class WrongLastDay(BadInput):
    """A passport ends on a day from today on."""

    code = "wrong_last_day"


class PaperNotSeen(BadInput):
    """Nothing is confirmed before the clerk has seen the paper."""

    code = "paper_not_seen"
