"""Saying that a shop's page is being updated, by whichever side a person is on."""

from sqlalchemy.orm import Session

from identity.permissions import Identity
from merchants.pages.queries import side_of
from places.errors import PlaceNotFound
from places.pages import services as pages
from places.pages.rules import Side, Wanted


def begin_page_update(session: Session, identity: Identity, place_id: int, wanted: Wanted) -> None:
    """Raises PlaceNotFound, also for a shop that is not the person's to speak of; WrongUpdate, UpdatedByOthers."""
    pages.begin_update(session, identity.actor, _side(session, identity, place_id), place_id, wanted)


def end_page_update(session: Session, identity: Identity, place_id: int) -> None:
    """Raises PlaceNotFound, UpdatedByOthers."""
    pages.end_update(session, identity.actor, _side(session, identity, place_id), place_id)


def _side(session: Session, identity: Identity, place_id: int) -> Side:
    side = side_of(session, identity, place_id)
    if side is None:
        raise PlaceNotFound
    return side
