"""How many, how much, and what a gift card's state says about loading it. Pure."""

from datetime import date

from cardbank.cards.rules import GIFT_PRODUCT, CardProfile, CardStatus, refusal_of_card
from cardbank.gifts.errors import GiftNoteMissing, WrongGiftCount
from cardbank.reasons import Reason

MOST_CARDS = 200  # of one batch: they are made while the page waits
MOST_HELD_RIAL = 100_000_000
LONGEST_NOTE = 120


def check_order(count: int, note: str) -> str:
    """The note as it is kept. Raises WrongGiftCount, GiftNoteMissing."""
    if not 0 < count <= MOST_CARDS:
        raise WrongGiftCount(field="count", most=MOST_CARDS)
    note = " ".join(note.split())
    if not 0 < len(note) <= LONGEST_NOTE:
        raise GiftNoteMissing(field="note", most=LONGEST_NOTE)
    return note


def refusal_of_gift(card: CardProfile, today: date, *, activates: bool) -> Reason | None:
    """Why this card may not be loaded on this Tehran day; None = it may. Whether it holds something only the ledger knows."""
    if card.product != GIFT_PRODUCT:
        return Reason.NOT_PERMITTED_TO_CARD
    refusal = refusal_of_card(card, today)
    if activates and card.status is CardStatus.ISSUED:
        return Reason.CARD_EXPIRED if card.expires_on < today else None
    return refusal
