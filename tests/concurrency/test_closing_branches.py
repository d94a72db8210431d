"""A branch is closed while somebody opens a shift in it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel.db import unit_of_work
from kernel.errors import DomainError
from merchants.branches import queries
from merchants.branches.queries import Left
from merchants.branches.services.keeping import close_branch
from merchants.models import Branch, Terminal
from merchants.services import open_terminal
from merchants.till.models import TillShift
from merchants.till.services import shifts
from tests import factories
from tests.factories import ACTOR
from tests.merchants.catalogue import goods


@pytest.fixture
def racing(session: Session, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """The cashier has found the till at work when the shop finds nobody at work in the branch; then both go on."""
    shop = goods.shop(session)
    cashier, _ = factories.account(session, Role.CASHIER, organisation_id=shop.merchant.organisation_id)
    code, branch_id = open_terminal(session, ACTOR, shop.branch_id, kind="web").code, shop.branch_id
    session.commit()
    met, left_in, lock = threading.Barrier(2), queries.left_in, shifts._lock

    def looking(own: Session, branch: int) -> Left:
        found = left_in(own, branch)
        met.wait(10)
        return found

    def closing(owner: Identity) -> str:
        with unit_of_work() as own:
            return close_branch(own, owner, own.get_one(Branch, branch_id), None).status

    def opening(person: Identity) -> str:
        try:
            with unit_of_work() as own:
                shifts.open_shift(own, person, code, 0)
                return "opened"
        except DomainError as refusal:
            return refusal.code

    def both(*, with_lock: bool) -> list[str]:
        def locking(own: Session, terminal: Terminal, person_id: int) -> None:
            met.wait(10)
            if with_lock:
                lock(own, terminal, person_id)

        monkeypatch.setattr(queries, "left_in", looking)
        monkeypatch.setattr(shifts, "_lock", locking)
        with ThreadPoolExecutor(2) as pool:
            return [call.result() for call in (pool.submit(closing, shop.owner), pool.submit(opening, cashier))]

    return both


def test_without_the_lock_a_shift_is_open_in_a_closed_branch(session: Session, racing: Callable[..., list[str]]) -> None:
    assert racing(with_lock=False) == ["closed", "opened"]
    assert session.scalars(select(TillShift)).all()


def test_with_the_lock_the_cashier_hears_that_the_till_does_not_work(session: Session, racing: Callable[..., list[str]]) -> None:
    assert racing(with_lock=True) == ["closed", "till_not_working"]
    assert not session.scalars(select(TillShift)).all()
