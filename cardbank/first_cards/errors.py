"""Why no first card is asked for or handed over. Facts only."""

from kernel.errors import BadInput, DomainError, NotFound


class CardHeldAlready(DomainError):
    """The person has a card: what is wrong with it is mended by a replacement."""

    code = "card_held_already"


class FirstCardIsReady(DomainError):
    """A card lies ready as it was asked for; facts: `desk`."""

    code = "first_card_is_ready"


class FirstCardNotFound(NotFound):
    """Nothing is asked for, or nothing any more."""

    code = "first_card_not_found"


class DocumentNotSeen(BadInput):
    """Nobody gets a card whose document the clerk has not compared."""

    code = "document_not_seen"
