"""Kinds of card, limits of issuing, and a card into a person's hand, as the operator sees them."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.kinds.models import CardKind
from identity.permissions import Identity, Role
from kernel import clock
from kernel.calendar import jalali_digits, local_day
from tests import factories
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]


def kind(**changes: str) -> dict[str, str]:
    usual = {
        "code": "silver", "name_fa": "نقره‌ای", "name_en": "Silver", "starts_on": jalali_digits(local_day(clock.now())),
        "technology": "qr", "valid_months": "۱۲", "most_per_person": "1",
    }  # fmt: skip
    return usual | changes


@pytest.fixture
def desk(sign_in: SignIn) -> FlaskClient:
    factories.keystore()
    return sign_in(Role.OPERATOR)[0]


@pytest.fixture
def person_id(session: Session) -> int:
    made = factories.person(session).id
    session.commit()
    return made


def test_a_kind_is_defined_and_told_in_versions(desk: FlaskClient, session: Session) -> None:
    assert desk.post("/card-kinds", data=kind()).status_code == 303
    filled = desk.get("/card-kinds?of=silver").text
    assert 'value="نقره‌ای"' in filled
    assert desk.post("/card-kinds", data=kind(version="yes", valid_months="24")).status_code == 303
    assert [
        one.valid_months for one in session.scalars(select(CardKind).where(CardKind.code == "silver").order_by(CardKind.id))
    ] == [12, 24]
    with statements_sent() as sent:
        page = desk.get("/card-kinds").text
    assert len(sent) <= 3
    assert "version 2" in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"code": "Silver!"}, "small Latin letters"), ({"name_en": ""}, "Please write the English name"), ({"valid_months": "x"}, "from 1 to 120"),
        ({"starts_on": "1404/01/01"}, "at the earliest"), ({"code": "standard"}, "exists already"), ({"valid_months": ""}, "from 1 to 120"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_told_and_nothing_typed_is_lost(desk: FlaskClient, changes: dict[str, str], sentence: str) -> None:
    page = desk.post("/card-kinds", data=kind(**changes))
    assert page.status_code == 422
    assert sentence in page.text
    assert 'value="نقره‌ای"' in page.text


def test_a_card_is_given_within_the_limit_and_beyond_it_by_two_operators(
    desk: FlaskClient, sign_in: SignIn, session: Session, person_id: int
) -> None:
    desk.post("/card-kinds", data=kind())
    assert desk.post("/card-limits", data={"subject": "person", "period": "month", "most": "۱"}).status_code == 303
    here = f"/customers/{person_id}/card"
    given = desk.post(here, data={"kind": "silver", "blank": "", "language": "ar"})
    assert given.status_code == 303
    assert "hand it over" in desk.get(given.location).text
    refused = desk.post(here, data={"kind": "silver", "blank": ""})
    assert refused.status_code == 409
    assert "holds 1 cards of this kind already" in refused.text
    assert desk.post(here, data={"kind": "silver", "act": "ask", "reason": ""}).status_code == 422
    assert desk.post(here, data={"kind": "silver", "act": "ask", "reason": "a wedding"}).status_code == 303
    page = desk.get("/card-limits").text
    assert "Another operator answers" in page
    [number] = re.findall(r'name="exception" value="(\d+)"', sign_in(Role.OPERATOR)[0].get("/card-limits").text)
    own = desk.post("/card-limits/exceptions", data={"exception": number, "act": "allow"})
    assert (own.status_code, "Who asked does not answer" in own.text) == (409, True)
    second, _ = sign_in(Role.OPERATOR)
    assert second.post("/card-limits/exceptions", data={"exception": number, "act": "allow"}).status_code == 303
    assert desk.post(here, data={"kind": "silver", "blank": ""}).status_code == 303
    assert session.query(Card).filter_by(status="active").count() == 2


def test_a_limit_that_cannot_be_is_told_beside_its_field_and_one_is_ended(desk: FlaskClient) -> None:
    for form, sentence in (
        ({"subject": "branch", "period": "ever", "most": "5"}, "Only of a person"),
        ({"subject": "person", "period": "day", "most": "0"}, "whole number above zero"),
    ):
        page = desk.post("/card-limits", data=form)
        assert (page.status_code, sentence in page.text) == (422, True)
    desk.post("/card-limits", data={"subject": "branch", "period": "day", "most": "30"})
    twice = desk.post("/card-limits", data={"subject": "branch", "period": "day", "most": "40"})
    assert (twice.status_code, "End it first" in twice.text) == (409, True)
    [number] = re.findall(r'name="limit" value="(\d+)"', desk.get("/card-limits").text)
    assert desk.post("/card-limits/end", data={"limit": number}).status_code == 303
    assert "Ended" in desk.get("/card-limits").text
    assert desk.post("/card-limits/end", data={"limit": number}).status_code == 404


def test_a_card_with_a_chip_needs_one_from_the_stock(desk: FlaskClient, person_id: int) -> None:
    page = desk.post(f"/customers/{person_id}/card", data={"kind": "standard", "blank": ""})
    assert (page.status_code, "There is no card" in page.text) == (422, True)
    assert desk.get("/customers/999999/card").status_code == 404
