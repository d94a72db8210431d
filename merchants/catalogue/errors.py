"""What can be wrong with goods and their prices. Every BadInput carries `field`."""

from kernel.errors import BadInput, DomainError, NotFound


class ProductNotFound(NotFound):
    code = "product_not_found"


class GroupNotFound(NotFound):
    code = "group_not_found"


class TradeGroupNotFound(NotFound):
    code = "trade_group_not_found"


class PriceNotFound(NotFound):
    code = "price_not_found"


class ProductListNotFound(NotFound):
    code = "product_list_not_found"


class WrongBarcode(BadInput):
    """Facts: `fault` (check_digit, looks_like_barcode, letters) and for a check digit the one that fits, `right`."""

    code = "wrong_barcode"


class CodeTaken(DomainError):
    """Another product of the shop has this code; facts: `field`, `name`, its name."""

    code = "code_taken"


class UnknownUnit(BadInput):
    code = "unknown_unit"


class UnknownMark(BadInput):
    code = "unknown_mark"


class UnknownGroup(BadInput):
    """The named group is none of the shop's, or the trade group none of its union's."""

    code = "unknown_group"


class GroupTooDeep(BadInput):
    """Facts: `most`, how deep a tree of goods may be."""

    code = "group_too_deep"


class WrongPoints(BadInput):
    """Facts: `most`."""

    code = "wrong_points"


class WrongPrice(BadInput):
    """No whole number of Rial above zero; facts: `most`."""

    code = "wrong_price"


class WrongQuantity(BadInput):
    """Facts: `fault` (pieces: a fraction of what is sold whole)."""

    code = "wrong_quantity"


class WrongAttributes(BadInput):
    """Facts: `most`, how many a product may have."""

    code = "wrong_attributes"


class CardPriceAboveList(BadInput):
    """Facts: `list_rial`."""

    code = "card_price_above_list"


class PriceAboveCeiling(BadInput):
    """Facts: `ceiling_rial`."""

    code = "price_above_ceiling"


class PriceBeginsTooEarly(BadInput):
    """Prices begin now or later, and after the last one that is laid down."""

    code = "price_begins_too_early"


class PriceHasBegun(DomainError):
    """What holds already is not taken back: a new price ends it."""

    code = "price_has_begun"


class NoPrice(DomainError):
    """The product has no price at that instant."""

    code = "no_price"


class UnknownLabelSize(BadInput):
    code = "unknown_label_size"


class TooManyLabels(BadInput):
    """Facts: `most` labels at a time."""

    code = "too_many_labels"


class CodeTooLong(BadInput):
    """The label has no room for the bars of this code; facts: `text`, the code."""

    code = "code_too_long"
