"""Terms of a whole trade in the portal: the network begins them, and each of its shops sees what holds for it."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from merchants.settlement.models import CommissionTerm
from merchants.settlement.services.terms import begin_term
from tests import factories
from tests.factories import ACTOR
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]
PAGE = "/trade-terms?trade=saffron"
WANTED = {
    "goods": "mark:iranian",
    "sold": "at_once",
    "share": "۱٫۵",
    "most": "۲۰۰٬۰۰۰",
    "borne_by": "network",
    "starts_on": "",
    "ends_on": "1410/01/01",
}


def test_a_term_of_a_trade_is_seen_by_both_sides_and_never_edited(sign_in: SignIn, session: Session) -> None:
    shop, agreed = factories.merchant(session, "saffron"), factories.merchant(session, "saffron")
    begin_term(session, ACTOR, merchant_id=agreed.id, starts_at=clock.now(), basis_points=100)
    operator, _ = sign_in(Role.OPERATOR)
    owner, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    assert "For 2 shops; 1 of them have agreed on something of their own." in operator.get(PAGE).text
    assert operator.post(PAGE, data=WANTED).status_code == 303
    term = session.scalars(select(CommissionTerm).where(CommissionTerm.shop_kind == "saffron")).one()
    assert (term.goods, term.basis_points, term.most_rial, term.borne_by) == ("mark:iranian", 150, 200_000, "network")
    assert "Iranian goods" in owner.get("/commission").text
    later = operator.post(PAGE, data=WANTED | {"share": "2", "starts_on": "1409/01/01", "ends_on": ""})
    assert later.status_code == 303
    with statements_sent() as sent:
        shown = operator.get(PAGE).text
    assert len(sent) <= 5
    assert ("1.5%" in shown, "To come" in shown, "In force" in shown) == (True, True, True)
    between = operator.post(PAGE, data=WANTED | {"starts_on": "1408/01/01"})
    assert (between.status_code, "Terms that begin later are agreed" in between.text) == (422, True)
    assert owner.get(PAGE).status_code == 403
    assert operator.get("/trade-terms?trade=gold").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"goods": "group:1"}, "Choose a group of the shop"),
        ({"sold": "instalments"}, "What is sold in instalments has one term"),
        ({"share": "101"}, "The share must be"),
        ({"share": ""}, "The share must be"),
        ({"most": "0"}, "The most of one sale"),
        ({"most": "many"}, "The most of one sale"),
        ({"starts_on": "1400/01/01"}, "The first day must be today or later"),
        ({"ends_on": "1400/01/01"}, "The last day cannot be before"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(sign_in: SignIn, wrong: dict[str, str], sentence: str) -> None:
    operator, _ = sign_in(Role.OPERATOR)
    refused = operator.post(PAGE, data=WANTED | {"share": "2.25"} | wrong)
    assert (refused.status_code, sentence in refused.text) == (422, True)
    if "share" not in wrong:
        assert 'value="2.25"' in refused.text
