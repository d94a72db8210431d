from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from insights.visitors import day as day_module
from insights.visitors.day import city_day, purchases_so_far
from insights.visitors.models import VisitorCount
from insights.visitors.queries import Filter, visitors
from insights.visitors.rules import Span, Told, kept_of, period_of
from insights.visitors.services import keep_day
from kernel import clock
from kernel.calendar import local_day
from merchants.onboarding.models import Overseer
from places.services import found_city, open_city_office
from tests import factories
from tests.portal.conftest import statements_sent
from tests.portal.test_visitors import groups
from tests.purchases import purchase

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def manager(sign_in: SignIn, session: Session) -> FlaskClient:
    office = factories.organisation(session, "city_office")
    open_city_office(session, factories.ACTOR, office.id, factories.city(session).id)
    return sign_in(Role.CITY_MANAGER, office.id)[0]


def test_a_counted_day_is_told_and_today_only_roughly(manager: FlaskClient, session: Session) -> None:
    till, card, city_id = factories.terminal(session), factories.card(session, money_rial=9_000_000), factories.city(session).id
    day = local_day(clock.now()) - timedelta(days=1)
    count = VisitorCount(day=day)
    session.add(count)
    keep_day(session, count, 0, {city_id: kept_of(groups(44))})
    session.commit()
    purchase(session, till.code, card, 7_000_000)
    with statements_sent() as sent:
        page = manager.get("/city")
    assert "264,000,000" in page.text
    assert "10 to 11" in page.text
    assert "Purchases today so far: fewer than 50." in page.text
    assert "7,000,000" not in page.text
    assert len(sent) <= 8
    for name in ("people", "purchases", "amount_rial"):
        assert getattr(city_day(session, city_id, day), name) == getattr(
            visitors(session, city_id, period_of(Span.DAY, day), Filter()).tables[Told.DAY][0], name
        )
    assert "This day is not counted yet" in manager.get(f"/city?day={day - timedelta(days=1)}").text


def test_a_day_of_nine_people_is_not_told(manager: FlaskClient, session: Session) -> None:
    day = local_day(clock.now()) - timedelta(days=1)
    count = VisitorCount(day=day)
    session.add(count)
    keep_day(session, count, 0, {factories.city(session).id: kept_of(groups(9))})
    session.commit()
    assert "Too few people paid on this day" in manager.get("/city").text


def test_the_open_day_is_told_to_the_nearest_hundred(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    till, card = factories.terminal(session), factories.card(session, money_rial=9_000_000)
    elsewhere = found_city(session, factories.ACTOR, "qom", {"fa": "قم"}, 50.88, 34.64, "Asia/Tehran")
    session.commit()
    for _ in range(3):
        purchase(session, till.code, card, 100_000)
    cities, today = (factories.city(session).id, elsewhere.id), local_day(clock.now())
    monkeypatch.setattr(day_module, "OPEN_DAY_TO", 2)
    assert [purchases_so_far(session, city_id, today) for city_id in cities] == [4, 0]


def test_reported_counts_stand_apart_with_their_sources(manager: FlaskClient) -> None:
    page = manager.get("/city")
    assert "6,535,800" in page.text
    assert "not counted here" in page.text
    assert 'rel="noreferrer noopener"' in page.text
    assert page.text.count("Source of the count for") == 8
    assert manager.get("/city?from=16").text.count("Source of the count for") == 1


def test_days_may_be_turned_back_and_no_further_than_allowed(manager: FlaskClient) -> None:
    today = local_day(clock.now())
    before = manager.get(f"/city?day={today - timedelta(days=2)}")
    assert before.status_code == 200
    assert "Day after" in before.text
    assert "Day after" not in manager.get("/city").text
    for day in ("x", "2026-13-01", today + timedelta(days=1), today - timedelta(days=366)):
        assert manager.get(f"/city?day={day}").status_code == 422


def test_who_may_see_it(sign_in: SignIn, session: Session) -> None:
    municipality = factories.organisation(session, "municipality")
    session.add(Overseer(city_id=factories.city(session).id, organisation_id=municipality.id))
    found_city(session, factories.ACTOR, "qom", {"fa": "قم", "en": "Qom"}, 50.88, 34.64, "Asia/Tehran")
    session.commit()
    assert sign_in(Role.MUNICIPALITY, municipality.id)[0].get("/city").status_code == 200
    assert sign_in(Role.MUNICIPALITY, municipality.id)[0].get("/city?city=qom").status_code == 404
    for role, status in ((Role.OPERATOR, 200), (Role.MUNICIPALITY, 404), (Role.MERCHANT, 403), (Role.PILGRIM, 403)):
        assert sign_in(role)[0].get("/city").status_code == status
    assert "How pilgrims came" not in sign_in(Role.OPERATOR)[0].get("/city?city=qom").text
