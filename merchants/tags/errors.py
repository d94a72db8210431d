"""What can be wrong with tags, their readers and what they report."""

from kernel.errors import BadInput, DomainError, NotFound


class WrongTagNumber(BadInput):
    """Neither an SGTIN-96 nor the UID of an NFC tag; facts: `number`."""

    code = "wrong_tag_number"


class TagIsBound(DomainError):
    """The number belongs to another product of the shop; facts: `number`, `name`."""

    code = "tag_is_bound"


class TagOfOtherGoods(BadInput):
    """The GTIN in the tag is not the product's code; facts: `number`."""

    code = "tag_of_other_goods"


class UnknownReaderKind(BadInput):
    code = "unknown_reader_kind"


class ReaderPlaceMissing(BadInput):
    """Facts: `most` letters."""

    code = "reader_place_missing"


class ReaderNotFound(NotFound):
    code = "reader_not_found"


class ReaderRefused(DomainError):
    """The key is unknown or the reader was stopped."""

    code = "reader_refused"
    status = 401


class SweepNotFound(NotFound):
    code = "sweep_not_found"


class SweepIsClosed(DomainError):
    code = "sweep_is_closed"
