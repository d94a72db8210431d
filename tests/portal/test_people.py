"""The page of an organisation's people."""

import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.models import Membership
from identity.permissions import Identity, Role
from identity.services import add_member
from merchants.services import open_branch
from tests import factories
from tests.factories import ACTOR, PASSWORD
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]


def form(place: int, **given: object) -> dict[str, object]:
    return {"organisation": place, "called": "Zahra", "contact": "09151112233", "role": "cashier", "branch": ""} | given


def test_inviting_by_the_page_and_entering_by_the_code(app: Flask, session: Session, sign_in: SignIn, visitor: FlaskClient) -> None:
    shop = factories.merchant(session)
    branch = open_branch(session, ACTOR, shop.id, factories.place(session).id, {"fa": "شعبه", "en": "Bazaar branch"})
    session.commit()
    client, identity = sign_in(Role.MERCHANT, shop.organisation_id)
    page = client.get("/people").text
    assert "Bazaar branch" in page
    assert identity.name in page
    made = client.post("/people/invitations", data=form(shop.organisation_id, branch=branch.id))
    [code] = re.findall(r'class="pan">([0-9A-Z-]{14})<', made.text)
    assert f"/invitation#{code}" in made.text
    assert code not in client.get("/people").text
    refused = visitor.post("/invitation", data={"code": code, "name": "zahra", "password": "short"})
    assert (refused.status_code, 'value="zahra"' in refused.text) == (422, True)
    assert len(re.findall(r'name="member"', client.get("/people").text)) == 1
    entered = visitor.post("/invitation", data={"code": code, "name": "zahra", "password": PASSWORD})
    assert (entered.status_code, entered.location) == (303, "/")
    assert visitor.get("/").location == "/sales"
    assert "Zahra" in client.get("/people").text


def test_who_is_signed_in_enters_with_that(session: Session, sign_in: SignIn) -> None:
    shop = factories.merchant(session)
    session.commit()
    client, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    pilgrim, _ = sign_in(Role.PILGRIM)
    made = client.post("/people/invitations", data=form(shop.organisation_id))
    [code] = re.findall(r'class="pan">([0-9A-Z-]{14})<', made.text)
    assert "own sign-in" in pilgrim.get("/invitation").text
    assert pilgrim.get("/sales").status_code == 403
    assert pilgrim.post("/invitation", data={"code": code}).status_code == 303
    assert pilgrim.get("/sales").status_code == 200
    refused = pilgrim.post("/invitation", data={"code": code})
    assert "unknown, used or too old" in refused.text


def test_a_wrong_field_is_told_beside_it_and_nothing_typed_is_lost(session: Session, sign_in: SignIn) -> None:
    client, identity = sign_in(Role.MERCHANT)
    [place] = {grant.organisation_id for grant in identity.grants}
    for given, sentence in (
        ({"contact": "0915"}, "Write a mobile number such as 09151234567"),
        ({"called": "z"}, "2 to 80"),
        ({"role": "operator"}, "Choose a role of the list."),
        ({"branch": "7"}, "Choose a branch of the list."),
    ):
        answer = client.post("/people/invitations", data=form(place, **given))
        assert answer.status_code == 422
        assert sentence in answer.text
        assert f'value="{given.get("contact", "09151112233")}"' in answer.text


def test_taking_away_and_taking_back(session: Session, sign_in: SignIn) -> None:
    owner, identity = sign_in(Role.MERCHANT)
    [place] = {grant.organisation_id for grant in identity.grants}
    cashier, _ = sign_in(Role.CASHIER, place)
    page = owner.get("/people").text
    own, theirs = re.findall(r'name="member" value="(\d+)"', page)
    last = owner.post("/people/members/end", data={"organisation": place, "member": own})
    assert last.status_code == 409
    assert "Invite another person with the same role" in last.text
    assert owner.post("/people/members/end", data={"organisation": place, "member": theirs}).status_code == 303
    assert cashier.get("/sales").status_code == 403
    assert owner.post("/people/members/end", data={"organisation": place, "member": theirs}).status_code == 404
    owner.post("/people/invitations", data=form(place))
    [invitation] = re.findall(r'name="invitation" value="(\d+)"', owner.get("/people").text)
    assert owner.post("/people/invitations/end", data={"organisation": place, "invitation": invitation}).status_code == 303
    assert "Open invitations" not in owner.get("/people").text


def test_another_organisations_people_are_not_found(session: Session, sign_in: SignIn) -> None:
    stranger, _ = sign_in(Role.UNION)
    owner, identity = sign_in(Role.MERCHANT)
    [place] = {grant.organisation_id for grant in identity.grants}
    [member] = re.findall(r'name="member" value="(\d+)"', owner.get("/people").text)
    assert stranger.get(f"/people?organisation={place}").status_code == 404
    for path, data in (
        ("/people/invitations", form(place)),
        ("/people/members/end", {"organisation": place, "member": member}),
        ("/people/invitations/end", {"organisation": place, "invitation": 1}),
    ):
        assert stranger.post(path, data=data).status_code == 404
    operator, _ = sign_in(Role.OPERATOR)
    assert operator.get(f"/people?organisation={place}").status_code == 200
    assert operator.get("/people?organisation=999999").status_code == 404


def test_the_page_asks_as_much_for_many_people_as_for_few(session: Session, sign_in: SignIn) -> None:
    client, identity = sign_in(Role.MERCHANT)
    [place] = {grant.organisation_id for grant in identity.grants}
    counts = []
    for more in (0, 60):
        for _ in range(more):
            add_member(session, ACTOR, factories.person(session).id, Role.CASHIER, place)
        session.commit()
        with statements_sent() as sent:
            assert client.get("/people").status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 7
    page = client.get("/people").text
    assert page.count('name="member"') == 50
    [older] = re.findall(r'href="(/people\?[^"]*after=\d+)"', page)
    assert client.get(older.replace("&amp;", "&")).text.count('name="member"') == 11


def test_who_answers_for_an_organisation_reads_what_a_colleague_did_there(session: Session, sign_in: SignIn) -> None:
    client, identity = sign_in(Role.MERCHANT)
    [shop] = {grant.organisation_id for grant in identity.grants}
    colleague, cashier = sign_in(Role.MERCHANT, shop)
    [member] = session.scalars(select(Membership.id).where(Membership.person_id == cashier.person_id))
    page = f"/people/{member}/work?organisation={shop}"
    assert "Nothing yet" in client.get(page).text
    assert colleague.post("/people/invitations", data=form(shop)).status_code == 200
    assert colleague.post("/account/password", data={"password": PASSWORD, "new_password": PASSWORD + "2"}).status_code == 303
    with statements_sent() as sent:
        told = client.get(page).text
    assert len(sent) <= 9
    assert "invited" in told
    assert "sign_in" not in told, "what somebody does with the own account is nobody's"
    stranger, _ = sign_in(Role.MERCHANT)
    assert stranger.get(page).status_code == 404
    add_member(session, ACTOR, cashier.person_id, Role.CASHIER, factories.merchant(session).organisation_id)
    session.commit()
    hidden = client.get(page).text
    assert "Cannot be told apart" in hidden
    assert "invited" not in hidden
