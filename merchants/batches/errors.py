"""What can be wrong with a batch or with what is decided about it."""

from kernel.errors import BadInput, DomainError, NotFound, NotPermitted


class BatchNotFound(NotFound):
    code = "terminal_batch_not_found"


class ExceptionNotFound(NotFound):
    code = "batch_exception_not_found"


class ExceptionDecided(DomainError):
    """Somebody has decided it already; facts: `word`."""

    code = "batch_exception_decided"


class NotTheHolders(DomainError):
    """Nothing of this exception waits for a cardholder."""

    code = "not_the_holders"


class HolderReturnWaits(DomainError):
    """It is proposed or paid already."""

    code = "holder_return_waits"


class HolderReturnNotFound(NotFound):
    code = "holder_return_not_found"


class HolderReturnDecided(DomainError):
    """Somebody has decided it already."""

    code = "holder_return_decided"


class OwnHolderReturn(NotPermitted):
    """Who proposed it does not let it be paid."""

    code = "own_holder_return"


class PurchaseNotOfShop(BadInput):
    """The reference names no purchase of this shop that came to so much; facts: `field`."""

    code = "purchase_not_of_shop"
