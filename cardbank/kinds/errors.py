"""What is wrong with a kind of card. Facts only."""

from kernel.errors import BadInput, DomainError, NotFound


class CardKindNotFound(NotFound):
    """No version of the kind is in force on this day."""

    code = "card_kind_not_found"


class CardKindClosed(DomainError):
    """No new holder gets a card of this kind."""

    code = "card_kind_closed"


class CardKindNeedsHolder(DomainError):
    """A card of this kind is somebody's: it is not issued without a person."""

    code = "card_kind_needs_holder"


class CardKindTaken(BadInput):
    """Another kind has this code; its terms are changed by a new version."""

    code = "card_kind_taken"


class CardKindWrong(BadInput):
    """A term of the kind cannot be; `field` names it. Facts: `least` and `most` where it is a number."""

    code = "card_kind_wrong"


class CardKindTooEarly(BadInput):
    """A version begins today or later, and not before the newest of its kind; facts: `first`."""

    code = "card_kind_too_early"
