"""A shop asks for a further branch, its union decides, and the branch is there to sell in."""

from collections.abc import Callable
from io import BytesIO
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel.messages.models import Message
from merchants.branches.models import BranchWish
from merchants.branches.rules import State
from merchants.branches.services.deciding import approve
from merchants.models import Branch, Merchant
from tests.merchants.branches.wishes import PICTURE, branch_wish, typed
from tests.merchants.onboarding import files
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]


def test_a_branch_is_asked_for_approved_and_sold_in(session: Session, sign_in: SignIn, town: files.Town, shop: Merchant) -> None:
    owner, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    officer, _ = sign_in(Role.UNION, town.union.id)
    stranger, _ = sign_in(Role.UNION)
    form = typed() | {"key": str(uuid4())}
    refused = owner.post(
        "/branches/new",
        data=form
        | {"name_fa": "۱", "lat": "12", "licence_number": "۱۲۳", "licence_expires_on": "فردا", "paper": (BytesIO(b"MZ"), "a.exe")},
    )
    assert refused.status_code == 422
    for sentence in (
        "Write the name in letters",
        "more than 60 km from the city",
        "guild licence id has 10 digits",
        "Write the day as year/month/day",
        "neither PDF, JPEG nor PNG",
    ):
        assert sentence in refused.text
    assert "بازار رضا" in refused.text, "nothing typed is lost"
    for _ in range(2):
        assert owner.post("/branches/new", data=form | {"paper": (BytesIO(PICTURE), "a.jpg")}).status_code == 303
    [wish] = session.scalars(select(BranchWish)).all()
    taken = owner.post("/branches/new", data=form | {"key": str(uuid4()), "paper": (BytesIO(PICTURE), "a.jpg")})
    assert "Another file has this number" in taken.text
    here = f"/branch-wishes/{wish.id}"
    with statements_sent() as sent:
        assert "With your union" in officer.get("/branch-wishes").text
    assert len(sent) <= 5
    assert officer.get(f"{here}/licence").data == PICTURE
    assert stranger.get(here).status_code == stranger.post(here, data={"act": "approve"}).status_code == 404
    without = officer.post(here, data={"act": "refuse", "why": " "})
    assert (without.status_code, "the shop reads it" in without.text) == (422, True)
    assert officer.post(here, data={"act": "approve"}).status_code == 303
    assert officer.post(here, data={"act": "approve"}).status_code == 409
    branch = session.scalars(
        select(Branch).where(Branch.merchant_id == shop.id, Branch.names["en"].astext == "Bazaar branch")
    ).one()
    assert "Bazaar branch" in owner.get("/branches").text
    assert f'value="{branch.id}"' in owner.get("/terminals/new").text
    assert "Bazaar branch" in owner.get("/people").text
    assert session.scalars(select(Message.notice).where(Message.notice == "branch_approved")).all()
    cashier, _ = sign_in(Role.CASHIER, shop.organisation_id)
    assert cashier.get("/branches/new").status_code == 403


def test_what_is_refused_says_why_and_may_be_asked_again_and_nobody_decides_for_themselves(
    session: Session, sign_in: SignIn, town: files.Town, shop: Merchant
) -> None:
    owner, person = sign_in(Role.MERCHANT, shop.organisation_id)
    officer, _ = sign_in(Role.UNION, town.union.id)
    first = branch_wish(session, person, shop)
    assert (
        officer.post(f"/branch-wishes/{first.id}", data={"act": "refuse", "why": "نشانی پروانه جای دیگری است"}).status_code == 303
    )
    assert "نشانی پروانه جای دیگری است" in owner.get("/branches").text
    again = branch_wish(session, person, shop, licence_number=first.licence_number)
    assert owner.post(f"/branches/wishes/{again.id}/giving-up").status_code == 303
    assert owner.post(f"/branches/wishes/{again.id}/giving-up").status_code == 409
    last = branch_wish(session, person, shop, licence_number=first.licence_number)
    with pytest.raises(Exception, match="own_branch_wish"):
        approve(session, person, [town.union.id], last.id)
    session.rollback()
    shop.status = "suspended"
    session.commit()
    stopped = officer.post(f"/branch-wishes/{last.id}", data={"act": "approve"})
    assert (stopped.status_code, "Only a shop that works" in stopped.text) == (422, True)
    assert session.get_one(BranchWish, last.id, populate_existing=True).state == State.ASKED
