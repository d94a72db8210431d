"""What can be wrong with terms, a credit line or a plan."""

from kernel.errors import BadInput, DomainError, NotFound


class TermsNotFound(NotFound):
    code = "sale_terms_not_found"


class TermsDecided(DomainError):
    """Signed, refused or withdrawn already; facts: `state`."""

    code = "sale_terms_decided"


class TermsWaiting(DomainError):
    """An offer waits for its answer, so there is no second one."""

    code = "sale_terms_waiting"


class OwnTerms(DomainError):
    """Who offered terms, or belongs to the side that did, cannot sign them for the other side."""

    code = "own_sale_terms"


class WrongTerms(BadInput):
    """Facts: `field`, and `fault` where one sentence is not enough for the field."""

    code = "wrong_sale_terms"


class LineNotFound(NotFound):
    code = "credit_line_not_found"


class LineIsClosed(DomainError):
    code = "credit_line_is_closed"


class LineWishWaiting(DomainError):
    """A higher limit is asked for already and waits for the second person."""

    code = "credit_line_wish_waiting"


class LineWishDecided(DomainError):
    code = "credit_line_wish_decided"


class OwnLineWish(DomainError):
    """Another person must grant it."""

    code = "own_credit_line_wish"


class WrongLimit(BadInput):
    """Facts: `field`, `fault` (not_lower, too_high)."""

    code = "wrong_credit_limit"


class PlanNotFound(NotFound):
    code = "instalment_plan_not_found"


class WrongPayment(BadInput):
    """More than is open of the plan, or nothing; facts: `field`, `open_rial`."""

    code = "wrong_instalment_payment"
