"""Finding lodging and programmes as pilgrims do, counted without a person: the use case behind portal, API and app."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from insights.demand import counters
from insights.demand.counters import MEASURES, Counts, Way
from insights.demand.models import SearchBatch, SearchCount
from insights.demand.rules.searches import party_kind
from kernel import clock
from kernel.calendar import local_day
from places.models import City
from reservations.bookings import finding
from reservations.bookings.finding import Found
from reservations.programmes import queries as programmes
from reservations.programmes.queries import SessionRow

log = logging.getLogger(__name__)

KEPT = timedelta(days=400)  # after the day that was wanted, or on which was searched where none was named


def find_houses(
    session: Session, sought: finding.Sought, now: datetime, *, after: str | None = None, limit: int = 20, is_new: bool = True
) -> list[Found]:
    """Houses for a whole party, as `finding.search` orders them. A further page, or what is not `is_new`, is no further search."""
    found = finding.search(session, sought, now, after=after, limit=limit)
    if is_new and after is None:
        counters.count(_ways_of_lodging(sought, now, has_found=any(one.is_free for one in found)))
    return found


def find_dates(
    session: Session, now: datetime, sought: programmes.Sought, *, after: int | None = None, limit: int = 30, is_new: bool = True
) -> list[SessionRow]:
    """Dates of programmes, as `programmes.sessions_page` orders them; counted in the same way, once."""
    rows = programmes.sessions_page(session, now, sought, after=after, limit=limit)
    if is_new and after is None:
        way = Way(local_day(now), sought.kind or "programme", sought.city_id, sought.day, "", is_accessible=False)
        counters.count([(way, _once(people=0, has_found=any(one.free for one in rows)))])
    return rows


def _ways_of_lodging(sought: finding.Sought, now: datetime, *, has_found: bool) -> Iterator[tuple[Way, Counts]]:
    """Each night that is wanted."""
    party = party_kind(sought.party)
    for night in sought.nights:
        way = Way(local_day(now), "lodging", sought.city_id, night, party, sought.is_accessible)
        yield way, _once(people=sought.party.people, has_found=has_found)


def _once(*, people: int, has_found: bool) -> Counts:
    return {"searches": 1, "people": people, "nothing": int(not has_found)}


def keep_searches(session: Session) -> int:
    """Write down what was counted since the last turn; returns how many different ways to search that were.

    A turn that another one is at does nothing.
    """
    kept = _lock_batch(session)
    if kept is None:
        return 0
    try:
        batch = counters.take(kept.number)
    except RedisError as error:
        log.warning("searches are not kept: %s", type(error).__name__)
        return 0
    if batch is None:
        return 0
    cities = {None, *session.scalars(select(City.id))}
    rows = [way._asdict() | counts for way, counts in batch.counts.items() if way.city_id in cities and counts["searches"]]
    if rows:
        fresh = insert(SearchCount)
        more = {name: getattr(SearchCount, name) + getattr(fresh.excluded, name) for name in MEASURES}
        session.execute(fresh.on_conflict_do_update(constraint="uq_search_count_alike", set_=more), rows)
    kept.number = batch.number
    return len(rows)


def _lock_batch(session: Session) -> SearchBatch | None:
    """What was taken over last; none where another turn is at it."""
    return session.scalar(select(SearchBatch).with_for_update(skip_locked=True))


def forget_searches(session: Session) -> None:
    over = local_day(clock.now()) - KEPT
    wanted = SearchCount.wanted_on
    session.execute(delete(SearchCount).where((wanted < over) | (wanted.is_(None) & (SearchCount.searched_on < over))))
