"""What a web till refuses, as facts."""

from kernel.errors import BadInput, DomainError, NotFound


class TillNotFound(NotFound):
    code = "till_not_found"


class ShiftNotFound(NotFound):
    code = "shift_not_found"


class SaleNotFound(NotFound):
    code = "till_sale_not_found"


class TillTaken(DomainError):
    """Somebody else's shift is open at this till."""

    code = "till_taken"


class ShiftOpenAlready(DomainError):
    """This person has a shift open at another till; facts: `till`."""

    code = "shift_open_already"


class TillNotWorking(DomainError):
    """The till is suspended or closed, or its shop may not sell now."""

    code = "till_not_working"


class ShiftIsClosed(DomainError):
    code = "shift_is_closed"


class SalesUndecided(DomainError):
    """Nothing is cashed up while a basket is neither paid nor withdrawn; facts: `count`."""

    code = "sales_undecided"


class DifferenceUnexplained(BadInput):
    """Facts: `field`, `expected_rial`, `counted_rial`."""

    code = "difference_unexplained"


class EmptyBasket(BadInput):
    code = "empty_basket"


class WrongLine(BadInput):
    """Facts: `field`, `line` (from 1) and `fault`: text, count, amount."""

    code = "wrong_line"


class BasketTooLarge(BadInput):
    code = "basket_too_large"


class OtherBasket(DomainError):
    """The same key with another basket: the page was sent twice with different lines."""

    code = "other_basket"


class SaleDecided(DomainError):
    """The sale has its answer already: the page shows it."""

    code = "sale_decided"


class WrongCardNumber(BadInput):
    code = "wrong_card_number"


class WrongReturn(BadInput):
    """More pieces of a line come back than were sold; facts: `field`, `line` (from 1)."""

    code = "wrong_return"


class PurchaseNotFound(NotFound):
    """No purchase of this shop has this receipt number."""

    code = "purchase_not_found"


class WrongPrinter(BadInput):
    """Facts: `field` and `fault`: host (none of a private network), width."""

    code = "wrong_printer"


class PrinterNotSet(DomainError):
    """Nobody has told where the till's printer stands."""

    code = "printer_not_set"


class PrinterNotThere(DomainError):
    """The till's printer does not take the paper."""

    code = "printer_not_there"


class GoodsUnknown(NotFound):
    """What was typed in place of a name is no goods' code, and no price either."""

    code = "till_goods_unknown"


class TagUnknown(NotFound):
    """The tag at the reader names no goods of this shop."""

    code = "till_tag_unknown"


class WrongReceiptText(BadInput):
    """Facts: `field`, and `fault`: long, signs."""

    code = "wrong_receipt_text"


class NotInStock(BadInput):
    """The shop keeps no stock of this product, so that none can leave it."""

    code = "not_in_stock"
