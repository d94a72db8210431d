"""What is refused about cash limits, as facts."""

from kernel.errors import BadInput, DomainError, NotFound


class CashOfferNotFound(NotFound):
    code = "cash_offer_not_found"


class CashOfferWaiting(DomainError):
    """The shop has not answered the one before."""

    code = "cash_offer_waiting"


class CashOfferDecided(DomainError):
    code = "cash_offer_decided"


class OwnCashOffer(DomainError):
    """Whoever offers does not sign."""

    code = "own_cash_offer"


class WrongCashLimit(BadInput):
    """Facts: `field`, `most`."""

    code = "wrong_cash_limit"


class SameCashLimit(BadInput):
    """The contract says so already."""

    code = "same_cash_limit"


class CashDayTooEarly(BadInput):
    code = "cash_day_too_early"
