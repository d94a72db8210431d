"""Noting that what a page says has changed, and saying that a page is being updated."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import end_of_day, local_day
from places.errors import PlaceNotFound
from places.models import Place
from places.pages.errors import UpdatedByOthers
from places.pages.models import PlacePage
from places.pages.queries import updating_of
from places.pages.rules import Side, Wanted, check_last_day, may_change

# A list of a thousand prices is one change of the page.
ONE_CHANGE = timedelta(minutes=1)


def note_told(session: Session, place_ids: Collection[int]) -> None:
    """What the pages of these places say has changed now."""
    _note(session, "told_at", sorted(place_ids), clock.now())


def note_priced(session: Session, place_ids: Collection[int]) -> None:
    """Prices on the pages of these places have changed now, where that was not noted within the minute."""
    now = clock.now()
    noted = select(PlacePage.place_id).where(PlacePage.place_id.in_(place_ids), PlacePage.priced_at > now - ONE_CHANGE)
    _note(session, "priced_at", sorted(set(place_ids) - set(session.scalars(noted))), now)


def begin_update(session: Session, actor: Actor, side: Side, place_id: int, wanted: Wanted) -> None:
    """Say that a page is being updated until the end of a day, or say another day or sentence.

    Raises PlaceNotFound, WrongUpdate, UpdatedByOthers.
    """
    now = clock.now()
    check_last_day(wanted.last_on, local_day(now))
    page = _lock(session, side, place_id, now)
    before = _facts(page, now)
    page.updating_since = page.updating_since if before else now
    page.updating_until, page.updating_by, page.updating_note = end_of_day(wanted.last_on), side, wanted.note
    audit.record(
        session, actor, "begin update", "place page", place_id, before=before, after=_facts(page, now), why=wanted.note.get("fa")
    )


def end_update(session: Session, actor: Actor, side: Side, place_id: int) -> None:
    """Say that it is finished; again it changes nothing. Raises PlaceNotFound, UpdatedByOthers."""
    now = clock.now()
    page = _lock(session, side, place_id, now)
    before = _facts(page, now)
    page.updating_since = page.updating_until = page.updating_by = None
    page.updating_note = {}
    if before:
        audit.record(session, actor, "end update", "place page", place_id, before=before)


def _lock(session: Session, side: Side, place_id: int, now: datetime) -> PlacePage:
    if session.scalar(select(Place.id).where(Place.id == place_id, Place.closed_at.is_(None))) is None:
        raise PlaceNotFound
    session.execute(insert(PlacePage).values(place_id=place_id).on_conflict_do_nothing())
    page = session.get_one(PlacePage, place_id, with_for_update=True, populate_existing=True)
    standing = updating_of(page, now)
    if standing is not None and not may_change(side, standing.by):
        raise UpdatedByOthers(by=standing.by.value)
    return page


def _facts(page: PlacePage, now: datetime) -> dict[str, object] | None:
    standing = updating_of(page, now)
    return {"by": standing.by.value, "until": standing.until.isoformat(), "note": standing.note} if standing else None


def _note(session: Session, column: str, place_ids: list[int], now: datetime) -> None:
    if not place_ids:
        return
    noted = insert(PlacePage).values([{"place_id": place_id, column: now} for place_id in place_ids])
    session.execute(noted.on_conflict_do_update(index_elements=["place_id"], set_={column: now}))
