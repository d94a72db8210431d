"""Why no new card is given. Facts only."""

from kernel.errors import BadInput, DomainError


class CardIsReplaced(DomainError):
    """Somebody has replaced this card already; facts: `masked` of the new one."""

    code = "card_is_replaced"


class CardNotReplaceable(DomainError):
    """The card's state forbids it; facts: `status`, and `fault` bank where the bank itself has blocked it."""

    code = "card_not_replaceable"


class BlankNotFound(BadInput):
    """No card has this number or chip."""

    code = "blank_not_found"


class BlankNotInStock(BadInput):
    """The card is somebody's, or was."""

    code = "blank_not_in_stock"


class BlankOfAnotherKind(BadInput):
    """The blank is of another kind than the card that it is to replace."""

    code = "blank_of_another_kind"


class FeeNotCovered(DomainError):
    """The card's money is less than the fee; facts: `amount_rial`. Cash pays it too."""

    code = "replacement_fee_not_covered"


class ReplacementNotFound(DomainError):
    """Nothing is asked for this card, or nothing any more."""

    code = "replacement_not_found"
    status = 404
