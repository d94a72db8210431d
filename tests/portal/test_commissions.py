"""Commission by category of goods in the portal: one side proposes, the other signs, and the page says what holds."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from merchants.catalogue.services.products import add_group
from merchants.settlement.models import CommissionOffer, CommissionTerm
from merchants.settlement.services.terms import begin_term
from tests import factories
from tests.factories import ACTOR
from tests.merchants.catalogue import goods
from tests.merchants.instalments.deal import terms
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]
WANTED = {"goods": "mark:handicraft", "share": "۱٫۵", "borne_by": "network", "starts_on": "", "ends_on": "1410/01/01"}


def test_a_shop_proposes_and_the_network_signs(sign_in: SignIn, session: Session) -> None:
    shop = factories.merchant(session)
    begin_term(session, ACTOR, shop_kind=shop.kind, starts_at=clock.now(), basis_points=300, most_rial=20_000)
    carpets = add_group(session, ACTOR, shop.id, {"name_fa": "فرش", "name_en": "Carpets"})
    add_group(session, ACTOR, shop.id, {"name_fa": "گلیم", "name_en": "Kilims"}, carpets.id)
    operator, _ = sign_in(Role.OPERATOR)
    owner, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    page = owner.get("/commission").text
    assert "usual for its trade" in page
    assert "Carpets › Kilims" in page
    assert owner.post("/commission", data=WANTED).status_code == 303
    offer = session.scalars(select(CommissionOffer)).one()
    assert (offer.goods, offer.basis_points, offer.borne_by, offer.is_offered_by_shop) == ("mark:handicraft", 150, "network", True)
    again = owner.post("/commission", data=WANTED)
    assert (again.status_code, "waits for an answer already" in again.text) == (409, True)
    own = owner.post(f"/commission/{offer.id}", data={"act": "sign"})
    assert (own.status_code, "The other side signs this proposal" in own.text) == (409, True)
    assert operator.post(f"/merchants/{shop.id}/commission/{offer.id}", data={"act": "sign"}).status_code == 303
    session.refresh(offer)
    term = session.get_one(CommissionTerm, offer.term_id)
    assert (term.merchant_id, term.goods, term.basis_points, term.borne_by) == (shop.id, "mark:handicraft", 150, "network")
    assert term.ends_at is not None
    with statements_sent() as sent:
        shown = owner.get("/commission").text
    assert len(sent) <= 10
    assert "Handicraft goods" in shown
    assert "the network bears it" in shown
    over = operator.post(f"/merchants/{shop.id}/commission/{offer.id}", data={"act": "decline"})
    assert (over.status_code, "signed, refused or taken back already" in over.text) == (409, True)


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("goods", "group:999999999", "Choose a group of the shop"),
        ("goods", "mark:red", "Choose a group of the shop"),
        ("share", "101", "The share must be"),
        ("share", "", "The share must be"),
        ("share", "much", "The share must be"),
        ("starts_on", "1400/01/01", "The first day must be today or later"),
        ("ends_on", "1400/01/01", "The last day cannot be before"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    sign_in: SignIn, session: Session, field: str, typed: str, sentence: str
) -> None:
    shop = factories.merchant(session)
    owner, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    refused = owner.post("/commission", data=WANTED | {"share": "2.25", field: typed})
    assert (refused.status_code, sentence in refused.text) == (422, True)
    if field != "share":
        assert 'value="2.25"' in refused.text


def test_a_shops_own_page_says_how_one_pays_there(visitor: FlaskClient, session: Session) -> None:
    shop = goods.shop(session)
    factories.contract(session, shop.merchant.id)
    branch = shop.branches[0]
    terms(session, shop.merchant.id, cash_discount_basis_points=1_200)
    goods.product(session, shop, list_rial=120_000, card_rial=100_000, name_fa="نبات", name_en="Rock candy")
    goods.product(session, shop, list_rial=70_000, name_fa="نان", name_en="Bread")
    session.commit()
    page = visitor.get(f"/places/{branch.place_id}?lang=en").text
    for said in ("In 2 or 4 monthly instalments.", "12% off for who pays at once.", "Rock candy", "120,000", "100,000"):
        assert said in page
    assert "Bread" not in page
    gate = factories.place(session, kind="gate")
    session.commit()
    assert "Paying here with the card" not in visitor.get(f"/places/{gate.id}?lang=en").text


def test_another_shops_offers_and_groups_are_none(sign_in: SignIn, session: Session) -> None:
    shop, other = factories.merchant(session), factories.merchant(session)
    theirs = add_group(session, ACTOR, other.id, {"name_fa": "فرش"})
    owner, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    assert owner.post("/commission", data=WANTED | {"goods": f"group:{theirs.id}"}).status_code == 422
    stranger, _ = sign_in(Role.MERCHANT, other.organisation_id)
    assert stranger.post("/commission", data=WANTED).status_code == 303
    offer = session.scalars(select(CommissionOffer)).one()
    assert owner.post(f"/commission/{offer.id}", data={"act": "decline"}).status_code == 404
