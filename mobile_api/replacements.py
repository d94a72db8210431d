"""A new card in the place of a lost one: asked for here, handed over at a desk of the city that the holder names."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from cardbank.errors import CardNotFound
from cardbank.replacing.errors import CardIsReplaced, CardNotReplaceable, ReplacementNotFound
from cardbank.replacing.queries import Wish, wishes_of_person
from cardbank.replacing.services import ask_replacement, withdraw_replacement
from identity.errors import NotTheirHelper
from identity.permissions import Permission
from kernel.web.visit import Visit
from mobile_api.contract import operation
from mobile_api.holders import Whose, holder_of, person_of
from mobile_api.shapes import Id, Instant
from places.errors import CityNotFound
from places.queries import all_cities, city_by_code

TAG = "Cards"
HOLD = Permission.CARDBANK_OWN_CARD_HOLD
EITHER = (CardNotFound, CardIsReplaced, CardNotReplaceable, CityNotFound)


class Replacement(Struct):
    """`card` is the old one; `city` is where its desks have the new one ready."""

    card: int
    masked: str
    why: Annotated[str, Meta(description="lost, stolen, damaged or expired")]
    city: str
    state: Annotated[str, Meta(description="waiting, done or withdrawn")]
    asked_at: Instant
    new_masked: str | None


class Replacements(Struct):
    replacements: list[Replacement]


class Asked(Struct, forbid_unknown_fields=True):
    """`city` is the code of one of `/cities`."""

    why: Literal["lost", "stolen", "damaged", "expired"]
    city: Annotated[str, Meta(max_length=16)]


_WAITING = Replacement(
    12, "936400*********3347", "lost", "mashhad", "waiting", datetime(2026, 11, 22, 11, 3, 52, tzinfo=UTC), None
)  # fmt: skip


@operation("GET", "/replacements", tag=TAG, permission=HOLD, errors=(NotTheirHelper,), gives=Replacements([_WAITING]))
def replacements(visit: Visit, query: Whose) -> Replacements:
    """What new cards the person asked for, the newest first."""
    return _told(visit, person_of(visit, query))


@operation(
    "POST", "/cards/{card_id}/replacement", tag=TAG, permission=HOLD, errors=EITHER, asks=Asked("lost", "mashhad"),
    gives=Replacements([_WAITING]),
)  # fmt: skip
def ask_for_replacement(visit: Visit, card_id: Id, body: Asked) -> Replacements:
    """Ask for a new card. A lost or stolen one stops at once; asked again, the wish moves to the city named last."""
    holder = holder_of(visit)
    ask_replacement(visit.session, holder, card_id, body.why, city_by_code(visit.session, body.city).id)
    return _told(visit, holder.person_id)


@operation(
    "POST", "/cards/{card_id}/replacement/withdraw", tag=TAG, permission=HOLD, errors=(CardNotFound, ReplacementNotFound),
    gives=Replacements([]),
)  # fmt: skip
def withdraw_wish(visit: Visit, card_id: Id) -> Replacements:
    """Want no new card any more. A lost card stays stopped: a desk opens it again."""
    holder = holder_of(visit)
    withdraw_replacement(visit.session, holder, card_id)
    return _told(visit, holder.person_id)


def _told(visit: Visit, person_id: int) -> Replacements:
    cities = {city.id: city.code for city in all_cities(visit.session)}
    return Replacements([_replacement(one, cities[one.city_id]) for one in wishes_of_person(visit.session, person_id)])


def _replacement(wish: Wish, city: str) -> Replacement:
    return Replacement(wish.card_id, wish.masked, wish.why.value, city, wish.state.value, wish.asked_at, wish.new_masked)
