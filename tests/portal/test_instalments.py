"""Contracts, credit lines and plans in the portal: who sees what, and what a form says that is wrong."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from merchants.instalments.models import CreditLine, LineWish, SaleTerms
from tests import factories
from tests.merchants.instalments.deal import bought, deal, make_due, opens
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]
OFFER = {
    "counts": "۲، ۴ و ۶", "every": "۱", "unit": "months", "least": "۱٬۰۰۰٬۰۰۰", "most": "50,000,000", "fee": "", "commission": "۲٫۵",
    "cash_discount": "12", "starts_on": "", "ends_on": "1410/01/01", "giver": "",
}  # fmt: skip


def test_terms_are_offered_by_the_network_and_signed_by_the_shop(sign_in: SignIn, session: Session) -> None:
    shop = factories.merchant(session)
    factories.contract(session, shop.id)
    factories.terminal(session, shop=shop)
    operator, _ = sign_in(Role.OPERATOR)
    owner, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    assert operator.post(f"/merchants/{shop.id}/contract", data=OFFER).status_code == 303
    terms = session.scalars(select(SaleTerms)).one()
    assert (terms.counts, terms.least_rial, terms.shop_basis_points, terms.cash_discount_basis_points) == (
        [2, 4, 6],
        1_000_000,
        250,
        1_200,
    )
    own = operator.get(f"/merchants/{shop.id}/contract").text
    assert 'value="decline"' in own
    assert 'value="sign"' not in own
    refused = operator.post(f"/merchants/{shop.id}/contract/{terms.id}", data={"act": "sign"})
    assert (refused.status_code, "The other side signs these terms" in refused.text) == (409, True)
    assert owner.post(f"/contract/{terms.id}", data={"act": "sign"}).status_code == 303
    page = owner.get("/contract").text
    for sentence in (
        "In 2, 4 or 6 monthly instalments.",
        "Nothing is added to the price.",
        "12% off for who pays at once.",
        "Signed by both",
    ):
        assert sentence in page
    assert "&lt;" not in page
    with statements_sent() as sent:
        listed = owner.get("/shops").text
    assert "In 2, 4 or 6 monthly instalments." in listed
    assert len(sent) <= 8


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("counts", "1", "Type the numbers of instalments"),
        ("counts", "2 100", "Type the numbers of instalments"),
        ("least", "much", "The smallest purchase must be"),
        ("most", "10", "The largest purchase must not be below"),
        ("every", "9", "An instalment may be due every"),
        ("fee", "2,000,000", "The fee must be"),
        ("commission", "101", "The commission must be"),
        ("commission", "", "The commission must be"),
        ("cash_discount", "many", "The discount must be"),
        ("starts_on", "1400/01/01", "The first day must be today or later"),
        ("ends_on", "soon", "The last day cannot be before"),
        ("giver", "x", "Choose an organisation of the list"),
    ],
)
def test_a_wrong_field_is_named_beside_it_and_nothing_typed_is_lost(
    sign_in: SignIn, session: Session, field: str, typed: str, sentence: str
) -> None:
    shop = factories.merchant(session)
    owner, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    page = owner.post("/contract", data=OFFER | {field: typed})
    assert page.status_code == 422
    assert re.search(rf'id="{field}-hint">{sentence}', page.text)
    assert "50,000,000" in page.text or field == "most"
    assert session.scalars(select(SaleTerms)).all() == []


def test_one_person_asks_for_a_line_and_another_grants_it(sign_in: SignIn, session: Session) -> None:
    card = factories.card(session)
    first, who = sign_in(Role.OPERATOR)
    second, _ = sign_in(Role.OPERATOR, next(grant.organisation_id for grant in who.grants))
    wrong = first.post("/credit-lines/card", data={"number": "123"})
    assert (wrong.status_code, "There is no card with this number" in wrong.text) == (404, True)
    bad = first.post("/credit-lines", data={"card": card.id, "limit": "x", "why": "contract 7"})
    assert (bad.status_code, "The limit must be a whole number" in bad.text, "contract 7" in bad.text) == (422, True, True)
    assert first.post("/credit-lines", data={"card": card.id, "limit": "۲۰٬۰۰۰٬۰۰۰", "why": "contract 7"}).status_code == 303
    line = session.scalars(select(CreditLine)).one()
    address = f"/credit-lines/{line.id}"
    assert 'value="grant"' not in first.get("/credit-lines").text
    assert first.post(address, data={"act": "grant"}).status_code == 409
    assert 'value="grant"' in second.get("/credit-lines").text
    assert second.post(address, data={"act": "grant"}).status_code == 303
    with statements_sent() as sent:
        assert "20,000,000" in first.get("/credit-lines").text
    assert len(sent) <= 6
    for data, status in (
        ({"act": "lower", "limit": "30000000", "why": "x"}, 422), ({"act": "lower", "limit": "1000000", "why": ""}, 422),
        ({"act": "lower", "limit": "1000000", "why": "x"}, 303), ({"act": "close", "why": "x"}, 303), ({"act": "close", "why": "x"}, 409),
        ({"act": "refuse", "why": "x"}, 404), ({"act": "dance"}, 422),
    ):  # fmt: skip
        assert first.post(address, data=data).status_code == status, data
    assert session.scalars(select(LineWish.state)).all() == ["granted"]


def test_the_holder_sees_the_schedule_and_pays_and_nobody_else_does(sign_in: SignIn, session: Session) -> None:
    at = deal(session, money_rial=600_000)
    _, plan_id = bought(session, at, 1_000_000)
    make_due(session, plan_id, days_ago=2)
    holder, who = sign_in(Role.PILGRIM)
    other, _ = sign_in(Role.PILGRIM)
    own = factories.card(session, person_id=who.person_id)
    session.commit()
    assert "Nothing bought in instalments" in holder.get("/me/instalments").text
    assert own.wallet_id is not None
    line = session.get_one(CreditLine, at.line.id)
    line.wallet_id = own.wallet_id
    session.commit()
    with statements_sent() as sent:
        listed = holder.get("/me/instalments").text
    assert "Late" in listed
    assert len(sent) <= 9
    page = holder.get(f"/me/instalments/{plan_id}").text
    assert "Nothing is added for being late." in page
    assert 'value="250,000"' in page
    refused = holder.post(f"/me/instalments/{plan_id}", data={"amount": "2,000,000", "key": factories.new_request_key()})
    assert (refused.status_code, "at most what is open: 1,000,000" in refused.text) == (422, True)
    assert other.get(f"/me/instalments/{plan_id}").status_code == 404
    assert other.post(f"/me/instalments/{plan_id}", data={"amount": "1"}).status_code == 404


def test_a_payment_from_the_page_goes_to_the_oldest_instalment(session: Session, sign_in: SignIn) -> None:
    holder, who = sign_in(Role.PILGRIM)
    at = deal(session, money_rial=600_000, person_id=who.person_id)
    _, plan_id = bought(session, at, 1_000_000)
    data = {"amount": "۳۰۰٬۰۰۰", "key": factories.new_request_key()}
    assert holder.post(f"/me/instalments/{plan_id}", data=data).status_code == 303
    assert holder.post(f"/me/instalments/{plan_id}", data=data).status_code == 303
    session.expire_all()
    assert opens(session, plan_id) == [0, 200_000, 250_000, 250_000]
    assert "Paid by the holder" in holder.get(f"/me/instalments/{plan_id}").text


def test_the_shop_sees_its_own_plans(session: Session, sign_in: SignIn) -> None:
    at = deal(session)
    _, plan_id = bought(session, at, 1_000_000)
    owner, _ = sign_in(Role.MERCHANT, at.merchant.organisation_id)
    foreign, _ = sign_in(Role.MERCHANT, factories.merchant(session).organisation_id)
    listed = owner.get("/instalments").text
    assert f"/instalments/{plan_id}" in listed
    assert ("Sales in instalments" in listed, "Purchases in instalments" in listed) == (True, False)
    page = owner.get(f"/instalments/{plan_id}").text
    assert "1,000,000" in page
    assert "Pay from the card" not in page
    assert foreign.get(f"/instalments/{plan_id}").status_code == 404
