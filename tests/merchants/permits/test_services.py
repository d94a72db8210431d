"""A permit is asked for once, decided once by the city's own municipality, and told of."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from identity.models import Person
from identity.permissions import Identity, Role
from kernel import clock
from kernel.audit import AuditEntry
from kernel.calendar import local_day
from kernel.messages.models import Message
from merchants.models import Branch
from merchants.onboarding.adapters.folder import FolderStore
from merchants.permits import queries, services
from merchants.permits.errors import (
    PermitDecided,
    PermitIncomplete,
    PermitIsPast,
    PermitNotFound,
    PermitPapersFull,
)
from merchants.permits.models import Permit
from merchants.permits.rules import Act
from merchants.permits.services import Where
from places.services import found_city
from tests import factories
from tests.concurrency.test_settlement import twice
from tests.loyalty.groups.people import mobile
from tests.meeting import meet
from tests.merchants.onboarding import files
from tests.merchants.permits.permits import asked, granted, wanted

JPEG = b"\xff\xd8\xff"


@pytest.fixture
def town(session: Session) -> files.Town:
    return files.town(session)


@pytest.fixture
def shop(session: Session, town: files.Town, tmp_path: Path) -> tuple[Identity, Branch]:
    """An owner with a mobile number, and the branch."""
    file, owner = files.active(session, town, tmp_path)
    session.get_one(Person, owner.person_id).mobile = mobile()
    return owner, session.scalars(select(Branch).where(Branch.merchant_id == file.merchant_id)).one()


def told(session: Session) -> list[str]:
    return [one for one in session.scalars(select(Message.notice).order_by(Message.id)) if one.startswith("permit")]


def test_a_shop_asks_and_carries_what_is_granted(session: Session, town: files.Town, shop: tuple[Identity, Branch]) -> None:
    owner, branch = shop
    key, today = str(uuid4()), local_day(clock.now())
    permit = asked(session, owner, branch.id, key)
    assert asked(session, owner, branch.id, key).id == permit.id
    assert (permit.municipality_id, permit.city_id, queries.waiting_count(session, [town.municipality.id])) == (
        town.municipality.id,
        town.city.id,
        1,
    )
    assert queries.valid_at_place(session, branch.place_id, today) == []
    granted(session, town, permit)
    [row] = queries.valid_at_place(session, branch.place_id, today)
    assert (row.permit.id, row.permit.conditions, row.branch) == (permit.id, "تا ساعت ۲۲", branch.names)
    services.decide(session, town.town_officer, [town.municipality.id], permit.id, Act.WITHDRAW, "راه آتش‌نشانی را می‌بندد")
    assert queries.valid_at_place(session, branch.place_id, today) == []
    assert told(session) == ["permit_granted", "permit_withdrawn"]
    acts = select(AuditEntry.act).where(AuditEntry.subject == "permit").order_by(AuditEntry.id)
    assert list(session.scalars(acts)) == ["ask", "grant", "withdraw"]


def test_only_the_citys_own_municipality_decides(session: Session, town: files.Town, shop: tuple[Identity, Branch]) -> None:
    qom = files.town(session, found_city(session, factories.ACTOR, "qom", {"fa": "قم"}, 50.87, 34.64, "Asia/Tehran"))
    permit = asked(session, shop[0], shop[1].id)
    with pytest.raises(PermitNotFound):
        services.decide(session, qom.town_officer, [qom.municipality.id], permit.id, Act.GRANT, "")
    with pytest.raises(PermitNotFound):
        queries.permit_reviewed(session, [qom.municipality.id], permit.id)
    assert queries.permits_page(session, [qom.municipality.id]) == []
    assert len(queries.permits_page(session, None)) == 1
    stranger, _ = factories.account(session, Role.MERCHANT)
    [own] = stranger.organisations("merchants:permit:ask") or ()
    with pytest.raises(PermitNotFound):
        services.give_up(session, stranger, [own], permit.id)
    for where in (Where(own, branch_id=shop[1].id), Where(own, city_id=10**9), Where(own)):
        with pytest.raises(PermitIncomplete):
            services.ask(session, stranger, str(uuid4()), where, wanted())
    of_city = services.ask(session, stranger, str(uuid4()), Where(own, city_id=qom.city.id), wanted(kind="station"))
    assert of_city.municipality_id == qom.municipality.id


def test_what_is_given_up_or_past_is_not_granted(session: Session, town: files.Town, shop: tuple[Identity, Branch]) -> None:
    owner, branch = shop
    permit = asked(session, owner, branch.id)
    services.give_up(session, owner, [permit.organisation_id], permit.id)
    with pytest.raises(PermitDecided):
        granted(session, town, permit)
    late = asked(session, owner, branch.id)
    with clock.frozen(clock.now() + timedelta(days=41)), pytest.raises(PermitIsPast):
        granted(session, town, late)


def test_papers_come_with_a_request_that_waits(
    session: Session, town: files.Town, shop: tuple[Identity, Branch], tmp_path: Path
) -> None:
    store, permit = FolderStore(tmp_path), asked(session, shop[0], shop[1].id)
    papers = {services.add_paper(session, store, permit, JPEG + bytes([one])).id for one in (1, 1, 2, 3, 4, 5)}
    assert len(papers) == 5
    with pytest.raises(PermitPapersFull):
        services.add_paper(session, store, permit, JPEG + b"6")
    granted(session, town, permit)
    with pytest.raises(PermitDecided):
        services.add_paper(session, store, permit, JPEG + b"1")


def test_each_reminder_comes_once(session: Session, town: files.Town, shop: tuple[Identity, Branch]) -> None:
    granted(session, town, asked(session, shop[0], shop[1].id))
    asked(session, shop[0], shop[1].id)
    now, counts = clock.now(), []
    for days in (20, 27, 27, 38, 39, 42):
        with clock.frozen(now + timedelta(days=days)):
            counts.append(services.remind(session))
    assert counts == [0, 1, 0, 1, 0, 0]
    assert told(session) == ["permit_granted"] + ["permit_ends_soon"] * 2


@pytest.mark.parametrize(("is_locked", "outcomes"), [(False, ["done", "done"]), (True, ["done", "permit_decided"])])
def test_two_clerks_who_decide_at_once(
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    town: files.Town,
    shop: tuple[Identity, Branch],
    is_locked: bool,
    outcomes: list[str],
) -> None:
    permit = asked(session, shop[0], shop[1].id)
    session.commit()

    def unlocked(one: Session, which: ColumnElement[bool]) -> Permit:
        return one.scalars(select(Permit).where(which)).one()

    if not is_locked:
        monkeypatch.setattr(queries, "lock_permit", unlocked)
    meet(monkeypatch, services, "next_state")
    assert (
        twice(lambda one: services.decide(one, town.town_officer, [town.municipality.id], permit.id, Act.GRANT, str(uuid4())))
        == outcomes
    )
    decided = select(func.count()).select_from(AuditEntry).where(AuditEntry.subject == "permit", AuditEntry.act == Act.GRANT)
    assert session.scalar(decided) == outcomes.count("done"), "each under conditions of its own"
