"""Searches counted without a person, once, and never in the way of a search."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from insights.demand import counters, searching
from insights.demand.models import SearchCount
from insights.demand.searching import KEEP_SEARCHES, find_dates, find_houses, forget_searches
from kernel import clock
from kernel.background import run_errand
from kernel.calendar import local_day
from kernel.settings import load_settings
from reservations.bookings import finding
from reservations.lodging.rules import Party
from reservations.programmes import queries as programmes
from tests import factories
from tests.concurrency.test_settlement import twice
from tests.insights.demand import town
from tests.meeting import meet
from tests.reservations import stays


@pytest.fixture(autouse=True)
def nothing_counted(session: Session) -> Iterator[None]:
    """Counters are named after the database, which is another one for each test."""
    redis = counters._redis()
    redis.delete(counters._name("live"), counters._name("batch"))
    yield
    redis.delete(counters._name("live"), counters._name("batch"))


def sought(session: Session, party: Party, length: int = 1) -> finding.Sought:
    return finding.Sought(factories.city(session).id, stays.nights(10, length), party)


def keep_searches(session: Session) -> None:
    """A turn within one transaction."""
    [written] = searching.batch_written(session)
    searching.write_batch(session, written, searching.take_batch(written))


def kept(session: Session) -> list[tuple[object, ...]]:
    keep_searches(session)
    rows = select(SearchCount.wanted_on, SearchCount.party, SearchCount.searches, SearchCount.people, SearchCount.nothing)
    return [tuple(row) for row in session.execute(rows.order_by(SearchCount.wanted_on, SearchCount.party))]


def test_each_night_is_counted_with_who_looked_and_whether_anything_was_free(session: Session) -> None:
    _, kind = town.house(session, 1)
    town.booked(session, kind, 1, Party(men=1), stays.nights(11, 1))
    first, second = stays.nights(10, 2)
    find_houses(session, sought(session, Party(women=2)), clock.now())
    find_houses(session, sought(session, Party(women=1), 2), clock.now())
    find_houses(session, sought(session, Party(men=1, children=1), 2), clock.now())
    assert kept(session) == [
        (first, "family", 1, 2, 1),
        (first, "women", 2, 3, 1),
        (second, "family", 1, 2, 1),
        (second, "women", 1, 1, 1),
    ]
    find_houses(session, sought(session, Party(women=2)), clock.now())
    assert kept(session)[1] == (first, "women", 3, 5, 1), "the next turn adds to the row"
    assert kept(session)[1] == (first, "women", 3, 5, 1), "and a turn without a search adds nothing"


def test_a_further_page_and_a_page_loaded_again_are_no_search(session: Session) -> None:
    town.house(session, 1)
    find_houses(session, sought(session, Party(men=1)), clock.now(), after="0.1.1")
    find_houses(session, sought(session, Party(men=1)), clock.now(), is_new=False)
    find_dates(session, clock.now(), programmes.Sought(), after=1)
    assert kept(session) == []
    find_dates(session, clock.now(), programmes.Sought(kind="meal", day=stays.today()))
    find_dates(session, clock.now(), programmes.Sought())
    assert kept(session) == [(stays.today(), "", 1, 0, 1), (None, "", 1, 0, 1)]


def test_a_search_is_answered_without_redis(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    town.house(session, 1)
    away = load_settings().model_copy(update={"redis_url": "unix:///nowhere/redis.sock?db=0"})
    monkeypatch.setattr(counters, "load_settings", lambda: away)
    assert len(find_houses(session, sought(session, Party(men=1)), clock.now())) == 1
    assert searching.take_batch(None) is None
    with pytest.raises(RedisError):
        counters.take(None)


def test_a_turn_that_dies_before_or_after_its_commit_counts_once(session: Session) -> None:
    town.house(session, 1)
    session.commit()
    find_houses(session, sought(session, Party(men=1)), clock.now())
    keep_searches(session)
    session.rollback()
    find_houses(session, sought(session, Party(men=1)), clock.now())
    for _ in range(3):
        run_errand(KEEP_SEARCHES)
    assert session.scalar(select(func.sum(SearchCount.searches))) == 2


@pytest.mark.parametrize(("is_locked", "counted"), [(False, 2), (True, 1)])
def test_two_turns_at_once_write_a_batch_down_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, counted: int
) -> None:
    town.house(session, 1)
    session.commit()
    find_houses(session, sought(session, Party(men=1)), clock.now())
    if not is_locked:
        monkeypatch.setattr(searching, "_lock_batch", lambda session: session.get(searching.SearchBatch, 1))
    meet(monkeypatch, searching, "_write")
    assert twice(keep_searches) == ["done", "done"]
    assert session.scalar(select(func.sum(SearchCount.searches))) == counted


def test_searches_are_forgotten_a_year_after_the_night(session: Session) -> None:
    town.house(session, 1)
    find_houses(session, sought(session, Party(men=1)), clock.now())
    find_dates(session, clock.now(), programmes.Sought())
    assert len(kept(session)) == 2
    with clock.frozen(clock.now() + searching.KEPT + timedelta(days=5)):
        forget_searches(session)
    assert [row[0] for row in kept(session)] == [stays.nights().first]
    assert local_day(clock.now()) == stays.today()
