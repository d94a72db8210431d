"""What is refused about gift cards, as facts."""

from kernel.errors import BadInput, DomainError, NotFound


class GiftBatchNotFound(NotFound):
    code = "gift_batch_not_found"


class WrongGiftCount(BadInput):
    """Facts: `field`, `most`."""

    code = "wrong_gift_count"


class GiftNoteMissing(BadInput):
    """Facts: `field`, `most` letters."""

    code = "gift_note_missing"


class GiftBatchExported(DomainError):
    """The numbers have left the bank; facts: `at`."""

    code = "gift_batch_exported"


class GiftBatchWithdrawn(DomainError):
    code = "gift_batch_withdrawn"
