"""Two clerks at one quota at once: each race is shown without the lock, then not with it."""

from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from merchants.quotas import queries
from merchants.quotas.models import Quota
from merchants.quotas.services import handing, sharing
from merchants.quotas.services.handing import Handed
from tests.concurrency.test_till_shifts import at_the_same_time
from tests.meeting import meet
from tests.merchants.quotas.union import Place, place

KILO = 1_000


@pytest.fixture
def at(session: Session) -> Place:
    return place(session, shops=1, whole=KILO)


def unlocked(session: Session, union_id: int, quota_id: int) -> Quota:
    return session.get_one(Quota, quota_id)


@pytest.mark.parametrize("is_locked", [False, True])
def test_the_last_kilo_is_shared_out_once(session: Session, monkeypatch: pytest.MonkeyPatch, at: Place, is_locked: bool) -> None:
    session.connection().commit()
    if not is_locked:
        monkeypatch.setattr(queries, "lock_quota", unlocked)
    meet(monkeypatch, sharing, "check_free")
    outcomes = at_the_same_time(*[lambda session: at.share(session, KILO)] * 2)
    given = sum(row.share.amount for row in at.shares(session))
    assert (outcomes, given) == ((["done", "more_than_free"], KILO) if is_locked else (["done", "done"], 2 * KILO))


@pytest.mark.parametrize("is_locked", [False, True])
def test_what_is_left_of_a_share_is_handed_out_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, at: Place, is_locked: bool
) -> None:
    at.share(session, KILO)
    [row] = at.shares(session)
    session.connection().commit()
    if not is_locked:
        monkeypatch.setattr(queries, "lock_quota", unlocked)
    meet(monkeypatch, handing, "check_may_take")

    def give(session: Session) -> object:
        return handing.hand_out(session, at.clerk, at.town.union.id, row.share.id, Handed(str(uuid4()), KILO))

    outcomes = at_the_same_time(give, give)
    given = sum(one.amount for one in queries.hand_outs_of(session, row.share.id))
    assert (outcomes, given) == ((["done", "more_than_share"], KILO) if is_locked else (["done", "done"], 2 * KILO))
