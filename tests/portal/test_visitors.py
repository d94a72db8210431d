from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from insights.visitors.models import VisitorCount
from insights.visitors.rules import Aside, Counted, Standing, Told, kept_of
from insights.visitors.services import keep_day
from kernel import clock
from kernel.calendar import local_day
from places.services import found_city, open_city_office
from tests import factories
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]


def groups(people: int) -> list[Counted]:
    """A day on which everybody bought once outside of the zones and once at another hour; nine of them are from Lebanon."""
    iraqis = people - 9
    of_all = [(Told.DAY, "", ""), (Told.ZONE, "", "0"), (Told.KIND, "", "saffron")]
    return [
        *(Counted(*name, people, 2 * people, 6_000_000 * people) for name in of_all),
        *(Counted(Told.HOUR, "0", hour, people, people, 3_000_000 * people) for hour in ("10", "21")),
        Counted(Aside.REPEATED, "", "", people, people, 3_000_000 * people),
        Counted(Told.STANDING, Standing.ARRIVED, "IRQ", iraqis, 2 * iraqis, 6_000_000 * iraqis),
        Counted(Told.STANDING, Standing.ARRIVED, "LBN", 9, 18, 54_000_000),
        Counted(Told.STANDING, Standing.ARRIVED, "IRN", 14, 28, 84_000_000),
        Counted(Told.STAY, "", "2", people, 2 * people, 6_000_000 * people),
    ]


@pytest.fixture
def yesterday(session: Session) -> date:
    """A day of 44 people in Mashhad, counted."""
    day, city = local_day(clock.now()) - timedelta(days=1), factories.city(session)
    count = VisitorCount(day=day, is_invented=True)
    session.add(count)
    keep_day(session, count, 21, {city.id: kept_of(groups(44))})
    session.commit()
    return day


@pytest.fixture
def manager(sign_in: SignIn, session: Session) -> FlaskClient:
    """Of the office of Mashhad."""
    office = factories.organisation(session, "city_office")
    open_city_office(session, factories.ACTOR, office.id, factories.city(session).id)
    return sign_in(Role.CITY_MANAGER, office.id)[0]


def test_the_manager_sees_the_month_in_rounded_figures(manager: FlaskClient, yesterday: date) -> None:
    with statements_sent() as sent:
        page = manager.get("/city/visitors")
    assert page.status_code == 200
    for figure in ("264,000,000", "6,000,000", "Iraq", "Nights: 2", "invented"):
        assert figure in page.text
    assert "Lebanon" not in page.text
    assert len(sent) <= 8
    empty = manager.get(f"/city/visitors?span=week&day={yesterday - timedelta(days=60)}")
    assert "No day of this period is counted yet" in empty.text


def test_one_filter_narrows_what_can_be_told(manager: FlaskClient, yesterday: date) -> None:
    of_zone = manager.get(f"/city/visitors?span=day&day={yesterday}&show=zone:0").text
    assert "264,000,000" in of_zone
    assert "Origin of who came" not in of_zone
    of_origin = manager.get(f"/city/visitors?span=day&day={yesterday}&show=origin:LBN").text
    assert "Arrivals by day" in of_origin
    assert "54,000,000" not in of_origin
    for wrong in ("show=zone", "show=shop:1", "span=year"):
        assert manager.get(f"/city/visitors?{wrong}").status_code == 422
    mistyped = manager.get("/city/visitors?day=1405/13/40")
    assert mistyped.status_code == 422
    assert 'value="1405/13/40"' in mistyped.text


def test_the_sheet_has_every_table_and_no_people_of_places(manager: FlaskClient, yesterday: date) -> None:
    sheet = manager.get(f"/city/visitors/sheet.csv?span=day&day={yesterday}")
    rows = sheet.data.decode("utf-8-sig").splitlines()
    assert "By zone,,Elsewhere,,90,264000000" in rows
    assert '"Who paid, by origin",Came that day,Too few to tell apart,25,45,138000000' in rows
    assert manager.get("/city/visitors/sheet.xlsx").data[:2] == b"PK"
    assert manager.get("/city/visitors/sheet.pdf").status_code == 404


def test_each_office_sees_its_own_city(manager: FlaskClient, sign_in: SignIn, session: Session, yesterday: date) -> None:
    found_city(session, factories.ACTOR, "qom", {"fa": "قم", "en": "Qom"}, 50.88, 34.64, "Asia/Tehran")
    operator = sign_in(Role.OPERATOR)[0]
    assert manager.get("/city/visitors?city=qom").status_code == 404
    assert "Qom" in operator.get("/city/visitors?city=qom").text
    assert "264,000,000" not in operator.get("/city/visitors?city=qom").text
    assert sign_in(Role.CITY_MANAGER)[0].get("/city/visitors").status_code == 404
    assert sign_in(Role.MERCHANT)[0].get("/city/visitors").status_code == 403
