"""What the directory is told of shops."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from kernel import clock
from merchants.directory.services import publish_shops
from merchants.models import Branch
from merchants.services import open_branch, set_merchant_status
from places.models import Place
from tests import factories
from tests.factories import ACTOR
from tests.merchants.instalments import deal

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_trade_terms_and_closing_reach_the_place_once(session: Session) -> None:
    club = factories.programme(session, starts_at=NOW)
    shop = factories.merchant(session, kind="handicraft")
    factories.contract(session, shop.id, programme_id=club.id, starts_at=NOW + timedelta(days=1))
    spot = factories.place(session)
    branch: Branch = open_branch(session, ACTOR, shop.id, spot.id, {"fa": "شعبه"})
    with clock.frozen(NOW):
        assert publish_shops(session) == 1
        assert publish_shops(session) == 0
    assert facts(session, spot) == ("handicraft", True, False, False, None)
    with clock.frozen(NOW + timedelta(days=2)):
        assert publish_shops(session) == 1
        assert facts(session, spot) == ("handicraft", True, True, True, None)
        set_merchant_status(session, ACTOR, branch.merchant_id, "closed", "left")
        session.flush()
        assert publish_shops(session) == 1
        assert facts(session, spot)[-1] == NOW + timedelta(days=2)
        set_merchant_status(session, ACTOR, branch.merchant_id, "active", "back")
        session.flush()
        publish_shops(session)
    assert facts(session, spot)[-1] is None


def test_what_a_contract_says_of_paying_reaches_the_place(session: Session) -> None:
    shop = factories.merchant(session)
    spot = factories.place(session)
    open_branch(session, ACTOR, shop.id, spot.id, {"fa": "شعبه"})
    factories.contract(session, shop.id)
    deal.terms(session, shop.id, cash_discount_basis_points=1_000)
    session.flush()
    publish_shops(session)
    session.refresh(spot)
    assert (spot.discounts, spot.instalments) == (True, True)


def facts(session: Session, spot: Place) -> tuple[object, ...]:
    session.refresh(spot)
    return spot.category, spot.is_handicraft, spot.earns, spot.spends, spot.closed_at
