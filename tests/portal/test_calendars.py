"""The pages of prayer times and of the lunar months."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from kernel.moon import COMPUTED
from places.moon.queries import moon
from places.queries import city_by_code
from tests import factories
from tests.places.moon.test_moon import DAY, RAMADAN, movable
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def city(session: Session) -> None:
    factories.city(session)
    session.commit()


def test_anybody_reads_the_times_of_prayer(visitor: FlaskClient) -> None:
    with clock.frozen(NOW):
        page = visitor.get("/prayer-times")
    assert page.status_code == 200
    for known in ("04:47", "11:18", "16:39", "22:34", "22 November 2026", "Jumada al-Thaniya 1448", "Institute of Geophysics"):
        assert known in page.text
    assert "own timetable" not in page.text
    assert visitor.get("/prayer-times?city=atlantis").status_code == 404


def test_a_page_is_headed_by_the_day_of_tehran(sign_in: SignIn) -> None:
    client, _ = sign_in(Role.OPERATOR)
    for minute, told in ((29, "26 November 2026 (5 Azar 1405)"), (31, "27 November 2026 (6 Azar 1405)")):
        with clock.frozen(datetime(2026, 11, 26, 20, minute, tzinfo=UTC)):
            assert told in client.get("/prayer-times").text


def test_the_operator_follows_the_citys_own_timetable(session: Session, sign_in: SignIn, visitor: FlaskClient) -> None:
    client, _ = sign_in(Role.OPERATOR)
    given = {"city": "mashhad", "method": "geophysics", "maghrib": "۲", "fajr": "-1", "why": "printed timetable"}
    with clock.frozen(NOW):
        assert client.post("/prayer-times", data=given).status_code == 303
        page = visitor.get("/prayer-times").text
    assert "16:41" in page
    assert "04:46" in page
    refused = client.post("/prayer-times", data=given | {"maghrib": "۴۵", "isha": "soon"})
    assert refused.status_code == 422
    assert "30 minutes at most" in refused.text
    assert 'value="۴۵"' in refused.text
    session.expire_all()
    assert city_by_code(session, "mashhad").prayer_minutes == {"fajr": -1, "maghrib": 2}


def test_a_month_is_moved_and_moved_back_on_the_page(session: Session, sign_in: SignIn) -> None:
    client, _ = sign_in(Role.OPERATOR)
    with clock.frozen(NOW):
        month, later = movable(RAMADAN)
        typed = {"year": month.year, "month": month.number, "starts_on": later.isoformat(), "why": "sighted in Mashhad"}
        assert client.post("/moon", data=typed).status_code == 303
        assert moon(session).start(month) == later
        page = client.get(f"/moon?year={month.year}").text
        assert "sighted in Mashhad" in page
        [undo] = [part.split('"')[0] for part in page.split('action="')[1:] if "/undo" in part.split('"')[0]]
        assert client.post(undo).status_code == 303
        assert client.post(undo).status_code == 303  # a second tap moves nothing
    assert moon(session).start(month) == COMPUTED.start(month)


def test_a_wrong_first_day_is_told_beside_it_and_nothing_typed_is_lost(sign_in: SignIn) -> None:
    client, _ = sign_in(Role.OPERATOR)
    start = COMPUTED.start(RAMADAN)
    for given, sentence in (
        ({"starts_on": "1405/13/01"}, "is-it-a-day"),
        ({"starts_on": (start + 4 * DAY).isoformat()}, "a month has 29 or 30"),
        ({"starts_on": start.isoformat(), "why": ""}, "Please write why"),
        ({"starts_on": start.isoformat(), "year": "1460"}, "Only months from last lunar year"),
    ):
        typed = {"year": "1448", "month": "9", "why": "sighted"} | given
        with clock.frozen(NOW):
            answer = client.post("/moon", data=typed)
        assert answer.status_code == 422
        assert sentence in answer.text or (sentence == "is-it-a-day" and 'id="starts_on-hint"' in answer.text)
        assert f'value="{typed["starts_on"]}"' in answer.text


def test_the_pages_ask_little(sign_in: SignIn) -> None:
    client, _ = sign_in(Role.OPERATOR)
    for path, most in (("/moon", 8), ("/prayer-times", 8)):
        with statements_sent() as sent:
            assert client.get(path).status_code == 200
        assert len(sent) <= most


def test_tomorrow_in_tehran_begins_at_half_past_eight_in_greenwich(visitor: FlaskClient) -> None:
    with clock.frozen(datetime(2026, 11, 22, 20, 45, tzinfo=UTC)):
        assert str((date(2026, 11, 22) + timedelta(days=1)).day) in visitor.get("/prayer-times").text
