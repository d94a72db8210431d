"""The pages on which a cash limit is offered and signed."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from kernel.calendar import local_day
from merchants.cash.queries import open_offer, version_at
from merchants.models import Merchant
from tests import factories

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def shop(session: Session) -> Merchant:
    merchant = factories.merchant(session)
    factories.contract(session, merchant.id, cash_limit_rial=1_000_000)
    session.commit()
    return merchant


@pytest.fixture
def operator(sign_in: SignIn) -> FlaskClient:
    return sign_in(Role.OPERATOR)[0]


@pytest.fixture
def owner(sign_in: SignIn, shop: Merchant) -> FlaskClient:
    return sign_in(Role.MERCHANT, shop.organisation_id)[0]


def form(**changes: str) -> dict[str, str]:
    day = local_day(clock.now())
    return {"takes": "some", "limit": "۲٬۰۰۰٬۰۰۰", "starts_on": f"{day:%Y/%m/%d}", "why": "Arbaeen"} | changes


def test_operator_offers_and_the_shop_signs(operator: FlaskClient, owner: FlaskClient, session: Session, shop: Merchant) -> None:
    assert f"/merchants/{shop.id}/cash" in operator.get("/merchants").text
    assert operator.post(f"/merchants/{shop.id}/cash", data=form()).status_code == 303
    page = owner.get("/cash-limit").text
    assert "2,000,000" in page
    assert "Arbaeen" in page
    offer = re.findall(r'name="offer" value="(\d+)"', page)[0]
    assert owner.post("/cash-limit", data={"offer": offer, "act": "sign"}).status_code == 303
    now_in_force = version_at(session, shop.id, clock.now())
    assert now_in_force is not None
    assert now_in_force.cash_limit_rial == 2_000_000
    late = owner.post("/cash-limit", data={"offer": offer, "act": "sign"})
    assert (late.status_code, "answered already" in late.text) == (409, True)


def test_the_shop_refuses_and_the_offer_is_taken_back(
    operator: FlaskClient, owner: FlaskClient, session: Session, shop: Merchant
) -> None:
    for client, address, further in (
        (owner, "/cash-limit", {"act": "refuse"}),
        (operator, f"/merchants/{shop.id}/cash/withdraw", {}),
    ):
        assert operator.post(f"/merchants/{shop.id}/cash", data=form(takes="none", limit="")).status_code == 303
        made = open_offer(session, shop.id)
        assert made is not None
        assert made.limit_rial is None
        assert client.post(address, data={"offer": str(made.id)} | further).status_code == 303
        session.expire_all()
        assert open_offer(session, shop.id) is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"limit": "much"}, "The limit must be a whole number of Rial"),
        ({"limit": "1000000"}, "The contract says so already."),
        ({"starts_on": "1390/01/01"}, "The first day must be today or later."),
        ({"why": ""}, "Say in one sentence why"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
    operator: FlaskClient, shop: Merchant, typed: dict[str, str], said: str
) -> None:
    page = operator.post(f"/merchants/{shop.id}/cash", data=form(**typed))
    assert page.status_code == 422
    assert said in page.text
    assert all(f'value="{value}"' in page.text for name, value in form(**typed).items() if name != "takes")


def test_nobody_reaches_another_citys_shop(sign_in: SignIn, shop: Merchant) -> None:
    stranger = sign_in(Role.MUNICIPALITY)[0]
    assert stranger.get(f"/merchants/{shop.id}/cash").status_code == 404
    assert stranger.post(f"/merchants/{shop.id}/cash", data=form()).status_code == 404
    assert sign_in(Role.CASHIER, shop.organisation_id)[0].get("/cash-limit").status_code == 403
