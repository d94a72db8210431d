"""Two officers of a union approve the same branch at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel.db import unit_of_work
from kernel.errors import DomainError
from merchants.branches import queries
from merchants.branches.models import BranchWish
from merchants.branches.services.deciding import approve
from merchants.models import Branch, Merchant
from tests import factories
from tests.merchants.branches.wishes import branch_wish
from tests.merchants.onboarding import files


@pytest.fixture
def deciding(session: Session, tmp_path: Path) -> Callable[[], list[str]]:
    at = files.town(session)
    file, _ = files.active(session, at, tmp_path)
    owner, _ = factories.account(session, Role.MERCHANT, organisation_id=file.organisation_id)
    wish_id = branch_wish(session, owner, session.get_one(Merchant, file.merchant_id)).id

    def one(officer: Identity) -> str:
        try:
            with unit_of_work() as own:
                return approve(own, officer, [at.union.id], wish_id).state
        except DomainError as refusal:
            return refusal.code
        except IntegrityError:
            return "the database refused"

    def both() -> list[str]:
        with ThreadPoolExecutor(2) as pool:
            return sorted(call.result() for call in [pool.submit(one, at.union_officer) for _ in range(2)])

    return both


def branches(session: Session) -> int:
    return len([one for one in session.scalars(select(Branch)) if one.names.get("en") == "Bazaar branch"])


def test_without_the_lock_both_approve_and_only_the_licence_keeps_two_branches_apart(
    session: Session, deciding: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    met = threading.Barrier(2)

    def looking(own: Session, which: ColumnElement[bool]) -> BranchWish:
        found = own.scalars(select(BranchWish).where(which)).one()
        met.wait(10)
        return found

    monkeypatch.setattr(queries, "lock_wish", looking)
    monkeypatch.setattr("merchants.branches.services.deciding.register_place", lambda own, *_, **__: factories.place(own))
    assert deciding() == ["approved", "the database refused"]
    assert branches(session) == 1


def test_with_the_lock_the_second_officer_hears_that_it_is_decided(session: Session, deciding: Callable[[], list[str]]) -> None:
    assert deciding() == ["approved", "branch_wish_decided"]
    assert branches(session) == 1
