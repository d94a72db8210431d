"""Which card may be replaced, for which reason, and by which blank. Pure."""

from enum import StrEnum

from cardbank.cards.rules import BlockReason, CardStatus
from cardbank.replacing.errors import BlankNotInStock, BlankOfAnotherKind, CardIsReplaced, CardNotReplaceable
from kernel.errors import BadInput


class Why(StrEnum):
    LOST = "lost"
    STOLEN = "stolen"
    DAMAGED = "damaged"
    EXPIRED = "expired"


class WishState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    WITHDRAWN = "withdrawn"


# A damaged card works on until the new one is handed over: its holder stands at a till with it, perhaps.
STOPS = {Why.LOST: BlockReason.LOST, Why.STOLEN: BlockReason.STOLEN}
REPLACEABLE = frozenset({CardStatus.ACTIVE, CardStatus.BLOCKED, CardStatus.EXPIRED})


def typed_why(typed: str) -> Why:
    """Raises BadInput."""
    try:
        return Why(typed)
    except ValueError:
        raise BadInput(field="why") from None


def check_replaceable(status: str, block_reason: str | None, successor: str = "") -> None:
    """What the bank itself has blocked stays blocked: a new card is no way around it.

    Raises CardIsReplaced (facts `masked`, the `successor`), CardNotReplaceable.
    """
    if status == CardStatus.REPLACED:
        raise CardIsReplaced(masked=successor)
    if status not in REPLACEABLE:
        raise CardNotReplaceable(status=str(status))
    if block_reason == BlockReason.BANK:
        raise CardNotReplaceable(status=str(status), fault="bank")


def check_blank(status: str, product: str, wanted: str) -> None:
    """Raises BlankNotInStock, BlankOfAnotherKind."""
    if status != CardStatus.STOCK:
        raise BlankNotInStock(field="blank")
    if product != wanted:
        raise BlankOfAnotherKind(field="blank")
