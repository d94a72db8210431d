"""Why a card is not handed out. Facts only."""

from kernel.errors import BadInput, DomainError, NotFound


class IssuingLimitReached(DomainError):
    """Facts: `fault`, the subject and the period of the limit, and `most`."""

    code = "issuing_limit_reached"


class KindHeldAlready(DomainError):
    """The person holds as many cards of the kind as it allows; facts: `most`."""

    code = "kind_held_already"


class BlankHasNoChip(BadInput):
    """A card of this kind has a chip, and the blank has none."""

    code = "blank_has_no_chip"


class IssuingLimitWrong(BadInput):
    """Subject, period, kind or number of a limit cannot be; `field` names it."""

    code = "issuing_limit_wrong"


class IssuingLimitTwice(DomainError):
    """Such a limit is in force already."""

    code = "issuing_limit_twice"


class IssuingLimitNotFound(NotFound):
    code = "issuing_limit_not_found"


class IssuingExceptionNotFound(NotFound):
    """No such exception, or it is answered already."""

    code = "issuing_exception_not_found"


class IssuingExceptionAsked(DomainError):
    """The same is being asked for already."""

    code = "issuing_exception_asked"


class OwnIssuingException(DomainError):
    """Who asks does not allow."""

    code = "own_issuing_exception"
