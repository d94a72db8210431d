from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from kernel.calendar import local_day
from tests import factories
from tests.portal.conftest import statements_sent
from tests.purchases import purchase

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def manager(sign_in: SignIn, session: Session) -> FlaskClient:
    factories.city(session)
    return sign_in(Role.CITY_MANAGER)[0]


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
    factories.city(session)
    session.commit()
    for role, status in ((Role.OPERATOR, 200), (Role.MUNICIPALITY, 200), (Role.MERCHANT, 403), (Role.PILGRIM, 403)):
        assert sign_in(role)[0].get("/city").status_code == status
