"""Check 19 finds what should never be: a benefit spent elsewhere, a funder's books that do not agree."""

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from cardbank.ledger.verify import verify
from merchants.benefits.verify import BENEFITS
from tests import factories
from tests.loyalty.benefits.sponsors import House
from tests.purchases import purchase


@pytest.fixture
def house(session: Session) -> House:
    """One lunch was eaten, one member waits for a card."""
    house = House(session)
    _, card = house.member_with_card()
    house.member()
    house.fund(house.plan())
    house.give()
    shop = factories.merchant(session, "restaurant")
    factories.contract(session, shop.id)
    code = factories.terminal(session, shop=shop).code
    session.commit()
    purchase(session, code, card, 200_000, own_order=True)
    return house


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("SELECT", ""),
        ("UPDATE ledger.scope SET categories = ARRAY[999999]", "in another trade or city"),
        ("UPDATE merchant SET kind = 'books' WHERE kind = 'restaurant'", "in another trade or city"),
        ("UPDATE benefit_deposit SET amount_rial = amount_rial + 1", "its deposits, runs and returns say"),
        ("UPDATE benefit_grant SET status = 'returned' WHERE status = 'waiting'", "its waiting members are to get"),
        ("UPDATE benefit_run SET members = members + 1", "is not the sum of its members"),
        ("UPDATE benefit_grant SET amount_rial = amount_rial - 1 WHERE status = 'given'", "it should be"),
        ("DELETE FROM benefit_grant WHERE status = 'given'", "has a funder and no grant"),
        ("INSERT INTO benefit_return (organisation_id, source, amount_rial, returned_at) SELECT organisation_id, 'lapsed', 5, now() FROM sponsor", "back of lapsed benefits"),
    ],
)  # fmt: skip
def test_what_does_not_agree_is_named(house: House, database_url: str, change: str, fault: str) -> None:
    house.session.execute(text(change))
    house.session.commit()
    with psycopg.connect(database_url, autocommit=True) as connection:
        [_, _, find] = BENEFITS
        faults = list(find(connection))
        assert any(fault in one for one in faults) if fault else faults == []
        assert not fault or {check.number for check in verify(connection, (BENEFITS,)) if not check.ok} >= {19}
