"""Whose things a request is about."""

from typing import cast

from cardbank.cards.queries import cards_of_person
from cardbank.cards.rules import CardProfile
from identity.permissions import Identity
from kernel.web.visit import Visit


def holder_of(visit: Visit) -> Identity:
    """The person of a request that needed a permission of persons."""
    return cast("Identity", visit.identity)


def wallets_of(visit: Visit) -> dict[int, list[CardProfile]]:
    """Wallet → the person's cards on it, newest first."""
    held: dict[int, list[CardProfile]] = {}
    for card in cards_of_person(visit.session, holder_of(visit).person_id):
        if card.wallet_id is not None:
            held.setdefault(card.wallet_id, []).append(card)
    return held
