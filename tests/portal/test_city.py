from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from kernel.calendar import local_day
from merchants.onboarding.models import Overseer
from places.services import found_city, open_city_office
from tests import factories
from tests.portal.conftest import statements_sent
from tests.purchases import purchase

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def manager(sign_in: SignIn, session: Session) -> FlaskClient:
    office = factories.organisation(session, "city_office")
    open_city_office(session, factories.ACTOR, office.id, factories.city(session).id)
    return sign_in(Role.CITY_MANAGER, office.id)[0]


def test_a_few_people_show_nothing_of_what_they_bought(manager: FlaskClient, session: Session) -> None:
    till, card = factories.terminal(session), factories.card(session, money_rial=9_000_000)
    session.commit()
    purchase(session, till.code, card, 7_000_000)
    with statements_sent() as sent:
        page = manager.get("/city")
    assert page.status_code == 200
    assert "hidden: too few people" in page.text
    assert "7,000,000" not in page.text
    assert len(sent) <= 5


def test_ten_people_are_a_figure(manager: FlaskClient, session: Session) -> None:
    code = factories.terminal(session).code
    for _ in range(10):
        card = factories.card(session, money_rial=3_000_000)
        session.commit()
        purchase(session, code, card, 2_000_000)
    page = manager.get("/city")
    assert "20,000,000" in page.text


def test_reported_counts_stand_apart_with_their_sources(manager: FlaskClient) -> None:
    page = manager.get("/city")
    assert "6,535,800" in page.text
    assert "not counted here" in page.text
    assert 'rel="noreferrer noopener"' in page.text
    assert page.text.count("Source of the count for") == 8
    assert manager.get("/city?from=16").text.count("Source of the count for") == 1


def test_days_may_be_turned_back_and_no_further_than_allowed(manager: FlaskClient) -> None:
    today = local_day(clock.now())
    yesterday = manager.get(f"/city?day={today - timedelta(days=1)}")
    assert yesterday.status_code == 200
    assert "Day after" in yesterday.text
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
