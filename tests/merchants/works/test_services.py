"""A works notice is published once, for its own city, shown where it touches, and told to the shops there."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from identity.models import Person
from identity.permissions import Role
from kernel import clock
from kernel.messages.models import Message
from merchants.models import Branch, Merchant
from merchants.works import queries, services
from merchants.works.errors import WorksNotFound, WrongWorks
from merchants.works.models import WorksNotice
from merchants.works.rules import check_wanted
from places.services import draw_zone, found_city
from tests import factories
from tests.concurrency.test_settlement import twice
from tests.loyalty.groups.people import mobile
from tests.meeting import meet
from tests.merchants.onboarding import files
from tests.merchants.works.works import publish, said

LON, LAT = factories.SHRINE
STEP = 0.02  # degrees: some two kilometres
AROUND = [(LON - 0.01, LAT - 0.01), (LON + 0.01, LAT - 0.01), (LON + 0.01, LAT + 0.01), (LON - 0.01, LAT + 0.01)]


def shop(session: Session, lon: float) -> int:
    """A shop whose owner has a mobile number, at the shrine's latitude; returns the place."""
    till = factories.terminal(session)
    branch = session.get_one(Branch, till.branch_id)
    branch.place_id = factories.place(session, lon=lon).id
    owner, _ = factories.account(
        session, Role.MERCHANT, organisation_id=session.get_one(Merchant, branch.merchant_id).organisation_id
    )
    session.get_one(Person, owner.person_id).mobile = mobile()
    session.flush()
    return branch.place_id


def told(session: Session) -> list[str]:
    while services.tell_next(session):
        pass
    return list(session.scalars(select(Message.notice).order_by(Message.id)))


def test_a_notice_touches_what_is_in_its_zone_or_near_its_place(session: Session) -> None:
    town = files.town(session)
    zone = draw_zone(session, factories.ACTOR, town.city.id, "inner", {"fa": "درون"}, AROUND)
    inside, outside = shop(session, LON), shop(session, LON + STEP)
    gate = factories.place(session, lon=LON + STEP + 0.002, kind="gate")
    of_zone = publish(session, town, zone_id=zone.id, tells_by_sms=True)
    assert told(session) == ["works_begun"]
    of_place = publish(session, town, place_id=gate.id, severity="closed", tells_by_sms=True)
    assert told(session) == ["works_begun"] * 2
    of_city = publish(session, town, severity="little")
    publish(session, town, starts_at=clock.now() + timedelta(days=3), ends_at=clock.now() + timedelta(days=4))

    def near(place_id: int) -> list[int]:
        return [one.notice.id for one in queries.works_near(session, town.city.id, place_id, clock.now())]

    assert (near(inside), near(outside), near(gate.id)) == (
        [of_zone.id, of_city.id],
        [of_place.id, of_city.id],
        [of_place.id, of_city.id],
    )
    now = clock.now()
    live, coming = queries.live_works(session, town.city.id, now), queries.coming_works(session, town.city.id, now)
    assert ([one.notice.id for one in live], len(coming)) == ([of_place.id, of_zone.id, of_city.id], 1)
    assert live[1].where == {"fa": "درون"}
    services.call_off_works(session, town.town_officer, town.municipality.id, of_zone.id)
    assert told(session) == ["works_begun"] * 2 + ["works_called_off"], "the other shop was not told of it"
    assert near(inside) == [of_city.id]
    assert [one.notice.id for one in queries.past_works(session, town.city.id, now)] == [of_zone.id]


def test_a_municipality_speaks_for_its_own_city(session: Session) -> None:
    town = files.town(session)
    qom = files.town(session, found_city(session, factories.ACTOR, "qom", {"fa": "قم"}, 50.87, 34.64, "Asia/Tehran"))
    foreign = draw_zone(session, factories.ACTOR, qom.city.id, "inner", {"fa": "درون"}, [(50.8, 34.6), (50.9, 34.6), (50.9, 34.7)])
    for changes in ({"zone_id": foreign.id}, {"place_id": 10**9}):
        with pytest.raises(WrongWorks) as refused:
            publish(session, town, **changes)
        assert refused.value.facts["fault"] == "elsewhere"
    notice = publish(session, town)
    with pytest.raises(WorksNotFound):
        services.call_off_works(session, qom.town_officer, qom.municipality.id, notice.id)
    assert queries.live_works(session, qom.city.id, clock.now()) == []
    services.call_off_works(session, town.town_officer, town.municipality.id, notice.id)
    with pytest.raises(WorksNotFound):
        services.call_off_works(session, town.town_officer, town.municipality.id, notice.id)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "party"}, "kind"), ({"severity": "x"}, "severity"), ({"zone_id": 1, "place_id": 1}, "where"),
        ({"starts_at": clock.now() + timedelta(days=121)}, "begins"), ({"ends_at": clock.now() - timedelta(minutes=1)}, "ends"),
        ({"ends_at": clock.now() + timedelta(days=400)}, "ends"),
    ],
)  # fmt: skip
def test_a_wrong_notice_names_its_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(WrongWorks) as refused:
        check_wanted(said(**change), clock.now())
    assert refused.value.facts["field"] == field


@pytest.mark.parametrize(("is_locked", "notices"), [(False, 2), (True, 1)])
def test_a_form_that_is_sent_twice_at_once_publishes_one_notice(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, notices: int
) -> None:
    town = files.town(session)
    if not is_locked:
        session.execute(text("ALTER TABLE works_notice DROP CONSTRAINT uq_works_notice_key"))
    session.commit()
    meet(monkeypatch, services, "check_wanted")
    key, what = str(uuid4()), said()
    publish_one = lambda one: services.publish_works(one, town.town_officer, town.municipality.id, town.city.id, key, what)  # noqa: E731
    assert twice(publish_one) == ["done", "done"]
    assert session.scalar(select(func.count()).select_from(WorksNotice)) == notices
