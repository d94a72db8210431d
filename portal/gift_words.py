"""Words and sentences of gift cards, for the codes of `cardbank.gifts`."""

from flask_babel import lazy_gettext as lazy

from cardbank.cards.rules import CardStatus
from cardbank.reasons import Reason
from portal.till_words import ASK_FOR_ANOTHER_CARD, TOP_UP_REMEDIES

STATES = {
    CardStatus.ISSUED: (lazy("Not sold"), "calm", "clock"),
    CardStatus.ACTIVE: (lazy("Sold"), "good", "circle-check"),
    CardStatus.BLOCKED: (lazy("Blocked"), "bad", "lock"),
    CardStatus.EXPIRED: (lazy("Expired"), "warn", "hourglass"),
}

REMEDIES = {
    **TOP_UP_REMEDIES,
    Reason.GIFT_ACTIVE_ALREADY: lazy("It holds money already. Choose “load again” to add to it."),
    Reason.CARD_NOT_ACTIVATED: lazy("It is not sold yet. Choose “sell” for its first money."),
    Reason.NOT_PERMITTED_TO_CARD: lazy("This is no gift card. Cash for a pilgrim's own card has a page of its own."),
    Reason.AMOUNT_LIMIT: lazy("The gift card would hold more than it may. Please take less, or sell a second card."),
    Reason.CARD_BLOCKED: lazy("This gift card is blocked. Please take another one."),
    Reason.INSUFFICIENT_FUNDS: lazy("Something of the gift is spent already, so it cannot be given back."),
    Reason.NOT_OF_THIS_SHOP: lazy("Another shop took the cash for it; it gives it back."),
    Reason.MORE_THAN_IS_LEFT: lazy("This gift has been given back already."),
    Reason.ORIGINAL_NOT_FOUND: lazy("Receipt number and gift card do not belong together. Please read both again."),
    Reason.ORIGINAL_AMOUNT_INCORRECT: lazy("Receipt number and gift card do not belong together. Please read both again."),
}

SENTENCES = {
    "gift_batch_exported": lazy(
        "The numbers of this batch have left for the printer already. If the file is lost, withdraw the batch and make a new one."
    ),
    "gift_batch_not_found": lazy("There is no such batch of gift cards."),
    "gift_batch_withdrawn": lazy("This batch is withdrawn. Please make a new one."),
    "gift_note_missing": lazy("Write in %(most)s letters at most whom the cards are for, such as a shop or a holiday."),
    "wrong_gift_count": lazy("A batch has 1 to %(most)s cards."),
}


def remedy(reason: Reason) -> str:
    """What helps where a gift card was not loaded or not given back."""
    return str(REMEDIES.get(reason, ASK_FOR_ANOTHER_CARD))
