"""Two who open or close at once: the race is shown without the lock, then not with it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from cardbank.services import new_request_key
from identity.permissions import Identity
from kernel.db import unit_of_work
from kernel.errors import DomainError
from merchants.till import queries
from merchants.till.models import TillSale, TillShift
from merchants.till.rules import Line
from merchants.till.services import selling, shifts
from tests.meeting import meet
from tests.merchants.till.shop import cashier, shop, web_till


def at_the_same_time(*works: Callable[[Session], object]) -> list[str]:
    def one(work: Callable[[Session], object]) -> str:
        try:
            with unit_of_work() as session:
                work(session)
        except DomainError as refusal:
            return refusal.code
        except Exception as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(len(works)) as pool:
        return sorted(job.result() for job in [pool.submit(one, work) for work in works])


def opening(person: Identity, code: str) -> Callable[[Session], object]:
    return lambda session: shifts.open_shift(session, person, code, 0)


@pytest.mark.parametrize("is_locked", [False, True])
def test_two_people_who_open_one_till_at_once_get_it_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool
) -> None:
    at = shop(session)
    people = [cashier(session, at) for _ in range(2)]
    session.connection().commit()
    if not is_locked:
        monkeypatch.setattr(shifts, "_lock", lambda *_: None)
    meet(monkeypatch, queries, "is_taken")
    outcomes = at_the_same_time(*(opening(person, at.till.code) for person in people))
    # Without the lock both see a free till, and only a constraint stops the second.
    assert outcomes == (["done", "till_taken"] if is_locked else ["IntegrityError", "done"])
    assert session.scalar(select(func.count()).select_from(TillShift)) == 1


@pytest.mark.parametrize("is_locked", [False, True])
def test_one_person_who_opens_two_tills_at_once_gets_one(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool
) -> None:
    at = shop(session)
    person, second = cashier(session, at), web_till(session, at.branch.id)
    session.connection().commit()
    if not is_locked:
        monkeypatch.setattr(shifts, "ONE_SHIFT", text("SELECT CAST(:person_id AS bigint)"))
    meet(monkeypatch, queries, "is_taken")
    outcomes = at_the_same_time(opening(person, at.till.code), opening(person, second.code))
    assert outcomes == (["done", "shift_open_already"] if is_locked else ["IntegrityError", "done"])


@pytest.mark.parametrize("is_locked", [False, True])
def test_no_sale_begins_behind_the_back_of_a_cash_up(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool) -> None:
    at = shop(session)
    person = cashier(session, at)
    shift = shifts.open_shift(session, person, at.till.code, 0)
    session.connection().commit()
    if not is_locked:
        monkeypatch.setattr(
            queries, "lock_shift", lambda session, shift_id, **_: session.get_one(TillShift, shift_id, populate_existing=True)
        )
    meet(monkeypatch, queries, "lock_shift")
    at_the_same_time(
        lambda session: shifts.cash_up(session, person, shift.id, 0, ""),
        lambda session: selling.begin_sale(session, person, shift.id, new_request_key(), [Line("", 1, 1_000)]),
    )
    session.expire_all()
    is_closed = session.get_one(TillShift, shift.id).closed_at is not None
    sales = session.scalar(select(func.count()).select_from(TillSale))
    assert (is_closed and sales == 1) is not is_locked
