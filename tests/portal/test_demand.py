"""Demand and capacity through the pages: a manager sees the own city alone, the operator all of them, and nobody few people."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from insights.demand import counters
from insights.demand.models import ArrivalDay, SupplySum
from insights.demand.rules.forecast import LEADS
from insights.demand.supply import MEASURES
from places import services as places
from reservations.lodging.rules import Party
from tests import factories
from tests.factories import ACTOR
from tests.insights.demand import town
from tests.portal.conftest import statements_sent
from tests.reservations import stays

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def manager(sign_in: SignIn, session: Session) -> FlaskClient:
    """Of Mashhad; there is Qom, too."""
    office = factories.organisation(session, "city_office")
    places.open_city_office(session, ACTOR, office.id, factories.city(session).id)
    places.found_city(session, ACTOR, "qom", {"fa": "قم", "en": "Qom"}, 50.88, 34.64, "Asia/Tehran")
    return sign_in(Role.CITY_MANAGER, office.id)[0]


def full_of(session: Session) -> None:
    """A night, a week from now, for which twelve people wait; the next one, for which two do."""
    _, kind = town.house(session, 12, people=1)
    for men, nights in ((12, stays.nights(7, 1)), (12, stays.nights(8, 1))):
        town.booked(session, kind, men, Party(men=men), nights)
    town.waited(session, kind, 12, Party(men=12), stays.nights(7, 1))
    town.waited(session, kind, 2, Party(men=2), stays.nights(8, 1))
    town.look(session)
    session.commit()


def test_what_matters_stands_on_top_and_few_people_nowhere(manager: FlaskClient, session: Session) -> None:
    full_of(session)
    with statements_sent() as sent:
        page = manager.get("/city/demand")
    assert page.status_code == 200
    assert len(sent) <= 11
    assert "10 places are waited for and none is free." in page.text
    assert page.text.count("are waited for and none is free") == 1, "two who wait are not told of"
    assert "fewer than 10" in page.text
    assert "Too few days are over to expect anything: 0 of 28." in page.text
    day = manager.get(f"/city/demand/{stays.nights(8).first}")
    assert "fewer than 10" in day.text
    assert day.text.count("Full") == 1
    assert manager.get("/city/demand/2020-01-01").status_code == 422
    assert manager.get("/city/demand?city=qom").status_code == 404


def test_the_operator_sees_cities_side_by_side_and_where_there_is_room(
    manager: FlaskClient, sign_in: SignIn, session: Session
) -> None:
    full_of(session)
    qom, night = (
        places.found_city(session, ACTOR, "yazd", {"fa": "یزد", "en": "Yazd"}, 54.36, 31.9, "Asia/Tehran"),
        stays.nights(7).first,
    )
    session.add(
        SupplySum(
            city_id=qom.id, kind="lodging", day=night, **(dict.fromkeys(MEASURES, 0) | {"places": 320, "beds": 640, "free": 320})
        )
    )
    session.commit()
    operator, _ = sign_in(Role.OPERATOR)
    page = operator.get("/cities/demand")
    assert "in Mashhad: 10 places are waited for and none is free. Yazd has 320 free." in page.text
    assert "Yazd has 320 free" in operator.get("/city/demand?city=mashhad").text
    assert "Yazd" not in manager.get("/city/demand").text
    assert "Yazd" not in manager.get("/cities/demand").text
    assert operator.get("/cities/demand?day=x").status_code == 422


def test_the_sheet_hides_what_the_page_hides(manager: FlaskClient, session: Session) -> None:
    full_of(session)
    for number in range(2, 40):
        day, on_hand = stays.today() - timedelta(days=number), [60] * LEADS
        session.add(
            ArrivalDay(
                city_id=factories.city(session).id,
                day=day,
                arrivals=60,
                guests=60,
                arrivals_by_lead=on_hand,
                guests_by_lead=on_hand,
            )
        )
    session.commit()
    rows = list(csv.DictReader(io.StringIO(manager.get("/city/demand/sheet.csv").text.removeprefix("\ufeff"))))
    assert [rows[number]["Waited for"] for number in (6, 7, 8)] == ["0", "10", "fewer than 10"]
    assert (rows[7]["Booked"], rows[7]["Free places"], rows[7]["Places that may be sold"]) == ("10", "0", "12")
    assert manager.get("/city/demand/sheet.xlsx").status_code == 200
    assert manager.get("/city/demand/sheet.pdf").status_code == 404


def test_a_search_of_the_page_is_counted_once_and_an_open_page_not_at_all(sign_in: SignIn, session: Session) -> None:
    redis = counters._redis()
    redis.delete(counters._name("live"), counters._name("batch"))
    town.house(session, 1)
    pilgrim, _ = sign_in(Role.PILGRIM)
    nights = stays.nights(3, 1)
    asked = f"/stays?first={nights.first}&until={nights.until}&women=1"
    assert pilgrim.get("/stays").status_code == 200
    assert pilgrim.get(asked, headers={"Cache-Control": "max-age=0"}).status_code == 200
    assert pilgrim.get(asked + "&after=0.1.1").status_code == 200
    assert counters.take(None) is None
    for _ in range(2):
        assert pilgrim.get(asked).status_code == 200
    assert pilgrim.get(f"/api/v1/lodgings?from={nights.first}&until={nights.until}&women=1").status_code == 200
    batch = counters.take(None)
    assert batch is not None
    [(way, counts)] = batch.counts.items()
    assert (way.kind, way.wanted_on, way.party, counts["searches"], counts["nothing"]) == ("lodging", nights.first, "women", 3, 0)
    redis.delete(counters._name("batch"))
