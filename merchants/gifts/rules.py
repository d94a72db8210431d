"""What a load is, and why it may be refused before the ledger is asked. Pure."""

from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from cardbank.cards.rules import CardProfile
from cardbank.gifts.rules import MOST_HELD_RIAL, refusal_of_gift
from cardbank.ledger.types import AccountKind, PostingRequest
from cardbank.reasons import Reason
from merchants.sales.rules import TopUp, top_up_request


class Load(Struct, frozen=True):
    """Cash for a gift card, which `cash.card` claims by its number. `activates`: the card's first money."""

    cash: TopUp
    activates: bool


def refusal_of_load(load: Load, card: CardProfile, today: date) -> Reason | None:
    """Why shop or card forbid this load; None = the ledger may decide."""
    if not load.cash.terminal.shop_is_open:
        return Reason.INVALID_SHOP
    if load.cash.terminal.cash_limit_rial is None:
        return Reason.NOT_PERMITTED_TO_TERMINAL
    return refusal_of_gift(card, today, activates=load.activates)


def load_request(load: Load, card: CardProfile | None, refusal: Reason | None) -> PostingRequest:
    """One posting request; where no card is known it can only be refused."""
    request = top_up_request(load.cash, card, refusal)
    return replace(request, into=AccountKind.GIFT, most_held=MOST_HELD_RIAL, must_be_empty=load.activates)
