"""Why an order of cards, or its price, is not taken. Facts only."""

from kernel.errors import BadInput, DomainError, NotFound


class CardOrderNotFound(NotFound):
    """No such order, or it is another organisation's."""

    code = "card_order_not_found"


class WrongCardOrder(BadInput):
    """A field of the order cannot be; facts: `field`, and `least` or `most` where it is a number."""

    code = "wrong_card_order"


class WrongCardArt(BadInput):
    """The picture cannot be printed; facts: `fault` unreadable, small or shape, and `wide` and `high` where it was read."""

    code = "wrong_card_art"


class WrongCardPrices(BadInput):
    """A price list cannot be so; facts: `field`, and `first` for its day."""

    code = "wrong_card_prices"


class CardOrderStepRefused(DomainError):
    """The order does not stand where this step begins; facts: `fault`, its state."""

    code = "card_order_step_refused"


class WrongChips(BadInput):
    """The chips of a delivery; facts: `fault` count, form or twice, and `most`, how many there must be, or `line`."""

    code = "wrong_chips"


class OrderNumbersTaken(DomainError):
    """The numbers have left for the printer, or there are none; facts: `fault` taken or none."""

    code = "order_numbers_taken"


class CardOrderPaid(DomainError):
    """It is paid already, by another receipt."""

    code = "card_order_paid"
