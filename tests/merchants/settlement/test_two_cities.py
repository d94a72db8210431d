"""One card in two cities: partners of both, and one with a branch in each, are cleared and paid through one chain."""

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.ledger.types import AccountKind
from cardbank.ledger.verify import verify
from identity.models import Organisation
from insights.visitors.counting import count_day
from insights.visitors.rules import Told
from kernel import clock
from kernel.calendar import local_day
from merchants import services as merchants
from merchants.models import Merchant, Terminal
from merchants.settlement.models import SettlementBatch, Statement
from merchants.settlement.services import files
from merchants.settlement.services.closing import close_now
from merchants.settlement.services.payouts import accept_batch
from merchants.settlement.verify import SETTLEMENT
from places import services as places
from places.models import City
from tests import factories
from tests.factories import ACTOR
from tests.merchants.settlement import trade
from tests.purchases import purchase

PRICES_RIAL = {"mashhad": 110_000, "qom": 70_000}
SHOPS_OF_A_CITY = 4


def till_in(session: Session, city: City, shop: Merchant) -> Terminal:
    spot = places.register_place(
        session, ACTOR, city.id, code=f"spot-{city.code}-{shop.id}", kind="shop", names={"fa": "جا"}, lon=50.88, lat=34.64,
        source="test", licence="none",
    )  # fmt: skip
    branch = merchants.open_branch(session, ACTOR, shop.id, spot.id, {"fa": "شعبه"})
    return merchants.open_terminal(session, ACTOR, branch.id)


def shop(session: Session) -> Merchant:
    made = trade.shop(session)
    factories.contract(session, made.id)
    return made


@pytest.fixture
def sold(session: Session) -> dict[str, Organisation]:
    """The same card pays once at every till of both cities; gives each city's office. The last shop has a branch in either."""
    offices, tills = {}, []
    partner = shop(session)
    for city in (
        factories.city(session), places.found_city(session, ACTOR, "qom", {"fa": "قم"}, 50.88, 34.64, "Asia/Tehran"),
    ):  # fmt: skip
        offices[city.code] = factories.organisation(session, "city_office")
        places.open_city_office(session, ACTOR, offices[city.code].id, city.id)
        own = [shop(session) for _ in range(SHOPS_OF_A_CITY - 1)]
        tills += [(till_in(session, city, one), PRICES_RIAL[city.code]) for one in [*own, partner]]
    card = factories.card(session, money_rial=10_000_000)
    session.commit()
    for till, price in tills:
        purchase(session, till.code, card, price)
    return offices


def test_partners_of_two_cities_are_paid_by_one_batch(session: Session, database_url: str, sold: dict[str, Organisation]) -> None:
    batch = close_now(session, ACTOR)
    session.commit()
    statements = session.scalars(select(Statement).filter_by(batch_id=batch.id)).all()
    here, there = PRICES_RIAL.values()
    assert sorted(one.payout_rial for one in statements) == sorted([here] * 3 + [there] * 3 + [here + there])
    assert session.scalars(select(SettlementBatch)).all() == [batch]
    paid = files.payout_file(session, batch.id, "csv").decode().splitlines()[1:]
    assert sum(int(line.rsplit(",", 1)[1]) for line in paid) == SHOPS_OF_A_CITY * (here + there) == batch.payout_rial
    accept_batch(session, ACTOR, batch.reference)
    session.commit()
    assert trade.network(session, AccountKind.SUSPENSE) == 0
    with psycopg.connect(database_url, autocommit=True) as connection:
        checks = verify(connection, (SETTLEMENT,))
    assert [check for check in checks if not check.ok] == []


def test_each_city_is_counted_by_what_was_sold_there(session: Session, sold: dict[str, Organisation]) -> None:
    by_city = count_day(session, local_day(clock.now()), knows_stays=False)
    for code in sold:
        city_id = session.scalars(select(City.id).where(City.code == code)).one()
        [whole] = [group for group in by_city[city_id] if group.told_by is Told.DAY]
        assert (whole.people, whole.amount_rial) == (1, SHOPS_OF_A_CITY * PRICES_RIAL[code])
