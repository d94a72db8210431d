"""What can be wrong with stock, deliveries and counts."""

from kernel.errors import BadInput, DomainError, NotFound, NotPermitted


class DeliveryNotFound(NotFound):
    code = "delivery_not_found"


class CountNotFound(NotFound):
    code = "count_not_found"


class StockTooLow(DomainError):
    """Facts: `name` of the product, `left` and `asked`, as text in its unit."""

    code = "stock_too_low"


class MoreThanSold(DomainError):
    """More goods would come back than the sale took; facts: `name`, `left`."""

    code = "more_than_sold"


class NothingMoved(BadInput):
    """A list without a line, or a product in it twice."""

    code = "nothing_moved"


class SupplierMissing(BadInput):
    """Facts: `most` letters."""

    code = "supplier_missing"


class DeliveryIsReceived(DomainError):
    code = "delivery_is_received"


class CountIsOpen(DomainError):
    """The branch is being counted already, or the count waits for its decision."""

    code = "count_is_open"


class CountIsClosed(DomainError):
    """The count is not at this step any more."""

    code = "count_is_closed"


class OwnCount(NotPermitted):
    """Nobody posts the differences of a count they made themselves."""

    code = "own_count"


class NotYourCount(NotPermitted):
    """Somebody else counts this branch."""

    code = "not_your_count"


class NothingCounted(BadInput):
    code = "nothing_counted"


class StockReasonMissing(BadInput):
    """Facts: `most` letters."""

    code = "stock_reason_missing"
