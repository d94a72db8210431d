"""Whose things a request is about."""

from typing import Annotated, cast

from msgspec import Meta, Struct

from cardbank.cards.queries import cards_of_person
from cardbank.cards.rules import CardProfile
from identity.helping import Act, check_helper
from identity.permissions import Identity
from kernel.web.visit import Visit
from mobile_api.shapes import Id


class Whose(Struct):
    person: Annotated[Id | None, Meta(description="Somebody who is helped; oneself if left out.")] = None


def holder_of(visit: Visit) -> Identity:
    """The person of a request that needed a permission of persons."""
    return cast("Identity", visit.identity)


def person_of(visit: Visit, whose: Whose) -> int:
    """The person asked about, if they let the visitor see it. Raises NotTheirHelper."""
    holder = holder_of(visit)
    if whose.person is None:
        return holder.person_id
    check_helper(visit.session, holder, whose.person, Act.SEE)
    return whose.person


def wallets_of(visit: Visit, person_id: int) -> dict[int, list[CardProfile]]:
    """Wallet → the person's cards on it, newest first."""
    held: dict[int, list[CardProfile]] = {}
    for card in cards_of_person(visit.session, person_id):
        if card.wallet_id is not None:
            held.setdefault(card.wallet_id, []).append(card)
    return held
