from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from cardbank.reasons import Reason
from insights.queries import city_day
from kernel import clock
from kernel.calendar import TEHRAN, local_day
from places import services as places
from tests import factories
from tests.purchases import purchase, reverse


@pytest.fixture
def noon() -> datetime:
    """A moment of today that is far from midnight, so that no purchase of a test falls on another day."""
    return clock.now().astimezone(TEHRAN).replace(hour=12, minute=15)


def test_a_day_without_purchases_is_empty_and_hidden(session: Session) -> None:
    city = factories.city(session)
    empty = city_day(session, city.id, local_day(clock.now()))
    assert empty.total.is_hidden
    assert empty.peak is None
    assert (empty.zones, empty.shop_kinds) == ((), ())
    assert len(empty.hours) == 24
    assert not any(cell.is_hidden for cell in empty.hours)


def test_nine_people_stay_hidden_and_the_tenth_makes_them_a_figure(session: Session, noon: datetime) -> None:
    city, till = factories.city(session), factories.terminal(session)
    code = till.code
    session.commit()
    day = local_day(clock.now())
    for number in range(1, 11):
        card = factories.card(session, money_rial=3_000_000)
        session.commit()
        with clock.frozen(noon):
            purchase(session, code, card, 1_000_000)
            purchase(session, code, card, 1_000_000)
        statistics = city_day(session, city.id, day)
        assert statistics.total.is_hidden == (number < 10)
        assert statistics.hours[12].is_hidden == (number < 10)
    assert (statistics.total.people, statistics.total.purchases, statistics.total.amount_rial) == (10, 20, 20_000_000)
    assert statistics.peak is not None
    assert statistics.peak.key == 12
    assert [(cell.key, cell.purchases) for cell in statistics.shop_kinds] == [("books", 20)]


def test_zones_and_kinds_are_told_apart_and_returns_left_out(session: Session, noon: datetime) -> None:
    city = factories.city(session)
    square = [(59.0, 36.0), (60.0, 36.0), (60.0, 37.0), (59.0, 37.0), (59.0, 36.0)]
    zone = places.draw_zone(session, factories.ACTOR, city.id, "centre", {"fa": "مرکز"}, square)
    inside = factories.terminal(session).code
    cards = [factories.card(session) for _ in range(20)]
    session.commit()
    for number, card in enumerate(cards):
        _top_up(session, card.id)
        with clock.frozen(noon + timedelta(hours=number % 2)):
            purchase(session, inside, card, 2_000_000)
            key, _ = purchase(session, inside, card, 500_000)
            reverse(session, inside, card, key, 500_000)
            purchase(session, inside, card, 99_000, refusal=Reason.CARD_LOST)
    statistics = city_day(session, city.id, local_day(noon))
    assert (statistics.total.people, statistics.total.purchases, statistics.total.amount_rial) == (20, 20, 40_000_000)
    assert [(cell.key, cell.purchases) for cell in statistics.zones] == [(zone.id, 20)]
    assert [statistics.hours[hour].purchases for hour in (11, 12, 13, 14)] == [0, 10, 10, 0]


def test_another_day_and_another_city_are_not_counted(session: Session, noon: datetime) -> None:
    here, till = factories.city(session), factories.terminal(session)
    elsewhere = places.found_city(session, factories.ACTOR, "qom", {"fa": "قم"}, 50.88, 34.64, "Asia/Tehran")
    code, ids = till.code, (here.id, elsewhere.id)
    session.commit()
    for _ in range(10):
        card = factories.card(session, money_rial=3_000_000)
        session.commit()
        purchase(session, code, card, 1_000_000)
    today = local_day(clock.now())
    assert city_day(session, ids[0], today).total.purchases == 10
    assert city_day(session, ids[0], today - timedelta(days=1)).total.is_hidden
    assert city_day(session, ids[1], today).total.is_hidden


def _top_up(session: Session, card_id: int) -> None:
    from cardbank.services import new_request_key, top_up_at_desk

    top_up_at_desk(session, factories.ACTOR, card_id, 5_000_000, new_request_key())
    session.commit()
