"""Visits planned by hand and by repeated complaints, written down once, and read by the shop afterwards."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel import clock
from kernel.calendar import local_day
from kernel.outbox import OutboxEvent
from merchants.complaints.errors import NotOfThisUnion
from merchants.complaints.events import ComplaintOpened
from merchants.inspections import queries, services
from merchants.inspections.errors import (
    InspectionDayWrong,
    InspectionIsOver,
    InspectionNotFound,
    ResultIncomplete,
    ShopNotOfUnion,
)
from merchants.inspections.handlers import on_complaint_opened
from merchants.inspections.models import Inspection
from merchants.inspections.rules import Item, Mark, Outcome, Result, check_result, typed_marks
from merchants.inspections.services import Wanted
from tests.merchants.complaints.case import Case, case
from tests.merchants.inspections.visits import fined, planned, union_of


@pytest.fixture
def at(session: Session) -> Case:
    return case(session)


def test_a_visit_is_planned_once_for_an_own_shop_and_inspector(session: Session, at: Case) -> None:
    union, day = at.town.union.id, local_day(clock.now())
    wanted = Wanted(str(uuid4()), at.merchant.id, day, at.inspector.person_id, "برچسب")
    made = services.plan(session, at.inspector, union, wanted)
    assert services.plan(session, at.inspector, union, wanted).id == made.id
    for wrong, error in (
        ({"inspector_id": at.owner.person_id}, NotOfThisUnion), ({"planned_on": day - timedelta(days=1)}, InspectionDayWrong),
        ({"planned_on": day + timedelta(days=366)}, InspectionDayWrong), ({"merchant_id": case(session).merchant.id}, ShopNotOfUnion),
    ):  # fmt: skip
        with pytest.raises(error):
            services.plan(session, at.inspector, union, replace(wanted, key=str(uuid4()), **wrong))


def test_what_was_found_is_written_once_and_plans_the_further_visit(session: Session, at: Case) -> None:
    union, made = at.town.union.id, planned(session, at.inspector, at.merchant.id)
    with pytest.raises(InspectionNotFound):
        queries.inspection_of_shop(session, at.owner, made.id)
    services.write_down(session, at.inspector, union, made.id, fined())
    with pytest.raises(InspectionIsOver):
        services.call_off(session, at.inspector, union, made.id, "x")
    seen = queries.inspection_of_shop(session, at.owner, made.id)
    assert (seen.outcome, seen.fine_rial, seen.marks["prices_shown"]) == ("fine", 5_000_000, "wrong")
    [coming] = queries.inspections_page(session, union, state="planned")
    assert (coming.inspection.reason, coming.inspection.planned_on) == ("follow_up", fined().follow_up_on)
    other = case(session)
    for try_it in (
        lambda: queries.inspection_of(session, other.town.union.id, made.id),
        lambda: queries.inspection_of_shop(session, other.owner, made.id),
        lambda: services.write_down(session, other.inspector, union_of(other.inspector), coming.inspection.id, fined()),
    ):
        with pytest.raises(InspectionNotFound):
            try_it()


def test_the_third_complaint_of_a_month_plans_one_visit(session: Session, at: Case) -> None:
    events = []
    for cause in ("rude", "other", "terminal", "bad_goods"):
        at.complaint(session, cause)
        session.flush()
        told = session.scalars(
            select(OutboxEvent).where(OutboxEvent.name == "ComplaintOpened").order_by(OutboxEvent.id.desc())
        ).first()
        assert told is not None
        events.append(msgspec.convert(told.payload, ComplaintOpened))
        on_complaint_opened(session, events[-1])
        on_complaint_opened(session, events[-1])
    assert {one.merchant_id for one in events} == {at.merchant.id}
    made = session.scalars(select(Inspection)).one()
    assert (made.reason, made.planned_on) == ("complaints", local_day(clock.now()) + timedelta(days=7))
    services.write_down(session, at.inspector, at.town.union.id, made.id, replace_follow_up(fined()))
    assert services.visit_if_repeated(session, at.merchant.id) is not None


def test_old_complaints_ask_for_nothing(session: Session, at: Case) -> None:
    with clock.frozen(clock.now() - timedelta(days=31)):
        for cause in ("rude", "other", "terminal"):
            at.complaint(session, cause)
    assert services.visit_if_repeated(session, at.merchant.id) is None
    assert session.scalar(select(func.count()).select_from(Inspection)) == 0


def replace_follow_up(result: Result) -> Result:
    return msgspec.structs.replace(result, follow_up_on=None)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"findings": ""}, "findings"), ({"findings": "x" * 1001}, "findings"), ({"fine_rial": None}, "fine"), ({"fine_rial": 0}, "fine"),
        ({"outcome": Outcome.WARNING}, "fine"),
    ],
)  # fmt: skip
def test_a_result_is_whole(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(ResultIncomplete) as refusal:
        check_result(msgspec.structs.replace(fined(), **wrong), local_day(clock.now()))
    assert refusal.value.facts["field"] == field


def test_the_checklist_is_marked_to_its_end() -> None:
    typed = dict.fromkeys((item.value for item in Item), "fine")
    assert typed_marks(typed) == dict.fromkeys(Item, Mark.FINE)
    with pytest.raises(ResultIncomplete):
        typed_marks(typed | {"clean": ""})
    with pytest.raises(InspectionDayWrong):
        check_result(msgspec.structs.replace(fined(), follow_up_on=local_day(clock.now())), local_day(clock.now()))


def test_the_panel_says_of_each_shop_what_waits(session: Session, at: Case) -> None:
    union, ends_by = at.town.union.id, local_day(clock.now()) + timedelta(days=30)
    at.complaint(session)
    planned(session, at.inspector, at.merchant.id)
    [row] = queries.members_page(session, union, ends_by)
    assert (row.merchant_id, row.open_complaints, row.last_outcome) == (at.merchant.id, 1, None)
    assert row.next_on == local_day(clock.now()) + timedelta(days=2)
    assert [len(queries.members_page(session, union, ends_by, show=show)) for show in ("complaints", "visits", "licence")] == [
        1,
        1,
        0,
    ]
    counted = queries.counts(session, union, ends_by)
    assert (counted.members, counted.licences, counted.complaints, counted.visits) == (1, 0, 1, 1)
