"""A first card: asked for here by who has none, handed over at a desk of the city that the person names."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from cardbank.first_cards.errors import CardHeldAlready, FirstCardIsReady, FirstCardNotFound
from cardbank.first_cards.queries import Wish, wishes_of
from cardbank.first_cards.services import ask_first_card, withdraw_first_card
from cardbank.issuing.errors import IssuingLimitReached, KindHeldAlready
from cardbank.kinds.errors import CardKindClosed, CardKindNotFound
from cardbank.kinds.queries import offered_kinds
from identity.permissions import Permission
from kernel import clock
from kernel.calendar import local_day
from kernel.languages import in_language
from kernel.web.visit import Visit
from mobile_api.contract import operation
from mobile_api.holders import holder_of
from mobile_api.shapes import Instant
from places.errors import CityNotFound
from places.queries import all_cities, city_by_code

TAG = "Cards"
HOLD = Permission.CARDBANK_OWN_CARD_HOLD


class CardKind(Struct):
    kind: str
    name: str
    technology: Annotated[str, Meta(description="chip, barcode, qr or magnetic")]
    valid_months: int


class CardKinds(Struct):
    kinds: list[CardKind]


class FirstCard(Struct):
    """`desk` is where it lies ready, `why` the reason of a refusal, `masked` the card that came of it."""

    kind: str
    language: str
    city: str
    state: Annotated[str, Meta(description="asked, ready, done, refused or withdrawn")]
    asked_at: Instant
    desk: str | None
    why: str | None
    masked: str | None


class FirstCards(Struct):
    first_cards: list[FirstCard]


class Wanted(Struct, forbid_unknown_fields=True):
    """`kind` is one of `/card-kinds`, `city` the code of one of `/cities`; `language` is that of the receipts."""

    kind: Annotated[str, Meta(max_length=20)]
    language: Literal["fa", "en", "ar", "ur"]
    city: Annotated[str, Meta(max_length=16)]


_AT = datetime(2026, 11, 22, 11, 3, 52, tzinfo=UTC)
_ASKED = FirstCard("standard", "ar", "mashhad", "asked", _AT, None, None, None)
_READY = FirstCard("standard", "ar", "mashhad", "ready", _AT, "Desk 3, Bab al-Reza", None, None)


@operation("GET", "/card-kinds", tag=TAG, permission=HOLD, gives=CardKinds([CardKind("standard", "کارت زائر", "chip", 60)]))
def card_kinds(visit: Visit) -> CardKinds:
    """What kinds of card one may ask for."""
    offered = offered_kinds(visit.session, local_day(clock.now()))
    return CardKinds(
        [CardKind(one.code, in_language(one.names, visit.language), one.technology, one.valid_months) for one in offered]
    )


@operation("GET", "/first-cards", tag=TAG, permission=HOLD, gives=FirstCards([_READY]))
def first_cards(visit: Visit) -> FirstCards:
    """What became of one's wish for a first card, the newest first."""
    return _told(visit)


@operation(
    "POST", "/first-cards", tag=TAG, permission=HOLD, status=201,
    errors=(CardHeldAlready, FirstCardIsReady, CardKindNotFound, CardKindClosed, KindHeldAlready, IssuingLimitReached, CityNotFound),
    asks=Wanted("standard", "ar", "mashhad"), gives=FirstCards([_ASKED]),
)  # fmt: skip
def ask_for_first_card(visit: Visit, body: Wanted) -> FirstCards:
    """Ask for a card. One wish at a time: asked again, it says what was said last."""
    city = city_by_code(visit.session, body.city)
    holder = holder_of(visit)
    ask_first_card(visit.session, holder.actor, holder.person_id, body.kind, body.language, city.id)
    return _told(visit)


@operation("POST", "/first-cards/withdraw", tag=TAG, permission=HOLD, errors=(FirstCardNotFound,), gives=FirstCards([]))
def withdraw_first_card_wish(visit: Visit) -> FirstCards:
    """Want no card any more."""
    holder = holder_of(visit)
    withdraw_first_card(visit.session, holder.actor, holder.person_id)
    return _told(visit)


def _told(visit: Visit) -> FirstCards:
    return FirstCards(told_of(visit, holder_of(visit).person_id))


def told_of(visit: Visit, person_id: int) -> list[FirstCard]:
    """What a person asked for, the newest first."""
    cities = {city.id: city.code for city in all_cities(visit.session)}
    return [_first_card(one, cities[one.wish.city_id]) for one in wishes_of(visit.session, person_id)]


def _first_card(asked: Wish, city: str) -> FirstCard:
    wish = asked.wish
    return FirstCard(wish.kind, wish.language, city, wish.state, wish.asked_at, wish.desk, wish.why, asked.masked)
