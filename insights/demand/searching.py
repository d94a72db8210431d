"""Finding lodging and programmes as pilgrims do, counted without a person: the use case behind portal, API and app."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from insights.demand import counters
from insights.demand.counters import MEASURES, Batch, Counts, Way
from insights.demand.models import SearchBatch, SearchCount
from insights.demand.rules.searches import party_kind
from kernel import clock
from kernel.background import Errand
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


def batch_written(session: Session) -> list[str | None]:
    """The number of the batch that was written down last."""
    return [session.scalars(select(SearchBatch.number)).one()]


def take_batch(written: str | None) -> Batch | None:
    """What was counted since. Outside of any transaction: Redis is asked."""
    try:
        return counters.take(written)
    except RedisError as error:
        log.warning("searches are not kept: %s", type(error).__name__)
        return None


def write_batch(session: Session, written: str | None, batch: Batch | None) -> None:
    """Write down what was taken over, unless another turn has written a batch since: it may have been this one."""
    if batch is None:
        return
    kept = _lock_batch(session)
    if kept.number == written:
        kept.number = batch.number
        _write(session, batch)


def _lock_batch(session: Session) -> SearchBatch:
    return session.scalars(select(SearchBatch).with_for_update().execution_options(populate_existing=True)).one()


def _write(session: Session, batch: Batch) -> None:
    cities = {None, *session.scalars(select(City.id))}
    rows = [way._asdict() | counts for way, counts in batch.counts.items() if way.city_id in cities and counts["searches"]]
    if rows:
        fresh = insert(SearchCount)
        more = {name: getattr(SearchCount, name) + getattr(fresh.excluded, name) for name in MEASURES}
        session.execute(fresh.on_conflict_do_update(constraint="uq_search_count_alike", set_=more), rows)


KEEP_SEARCHES = Errand(batch_written, take_batch, write_batch)


def forget_searches(session: Session) -> None:
    over = local_day(clock.now()) - KEPT
    wanted = SearchCount.wanted_on
    session.execute(delete(SearchCount).where((wanted < over) | (wanted.is_(None) & (SearchCount.searched_on < over))))
