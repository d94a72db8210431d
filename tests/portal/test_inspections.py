"""The union's desk and its visits through the pages; the shop reads what was found."""

import io
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.models import Organisation
from identity.permissions import Identity, Role
from merchants.inspections.rules import Item
from merchants.models import Merchant
from tests.merchants.complaints.case import Case, case
from tests.pictures import photo
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def at(session: Session) -> Case:
    return case(session)


def test_a_visit_from_its_plan_to_what_the_shop_reads(sign_in: SignIn, at: Case) -> None:
    union, officer = sign_in(Role.UNION, at.town.union.id)
    shop, _ = sign_in(Role.MERCHANT, at.merchant.organisation_id)
    form = {
        "key": str(uuid4()),
        "shop": str(at.merchant.id),
        "inspector": str(officer.person_id),
        "planned_on": "yesterday",
        "task": "kept task",
    }
    refused = union.post("/inspections", data=form)
    assert refused.status_code == 422
    assert "kept task</textarea>" in refused.text
    made = union.post("/inspections", data=form | {"planned_on": "1405/12/01"}).location
    assert "No visit yet" in shop.get("/shop-inspections").text
    assert union.post(f"{made}/pictures", data={"paper": (io.BytesIO(photo()), "x.jpg")}).status_code == 303
    [kept] = re.findall(rf"{made}/pictures/\d+", union.get(made).text)
    assert union.get(kept).data.startswith(b"\xff\xd8\xff")
    marks = {f"mark-{item}": "fine" for item in Item}
    found = {"findings": "half of the goods had no price", "outcome": "fine", "fine": "", "follow_up_on": ""}
    refused = union.post(f"{made}/result", data=marks | found)
    assert refused.status_code == 422
    assert "A fine has an amount in Rial" in refused.text
    assert "half of the goods had no price</textarea>" in refused.text
    assert union.post(f"{made}/result", data=marks | found | {"fine": "۵٬۰۰۰٬۰۰۰", "follow_up_on": "1405/12/20"}).status_code == 303
    assert union.post(f"{made}/result", data=marks | found | {"fine": "1"}).status_code == 409
    read = shop.get(f"/shop-{made.removeprefix('/')}").text
    assert "half of the goods had no price" in read
    assert "5,000,000" in read
    assert "A further visit" in union.get("/inspections?state=planned").text
    [coming] = set(re.findall(r"/inspections/\d+", union.get("/inspections?state=planned").text))
    assert union.post(f"{coming}/calling-off", data={"why": ""}).status_code == 422
    assert union.post(f"{coming}/calling-off", data={"why": "closed for good"}).status_code == 303
    assert union.get("/inspections?state=never").status_code == 422


def test_a_visit_is_planned_at_the_shop_that_was_meant(session: Session, sign_in: SignIn, at: Case) -> None:
    from tests import factories

    union, _ = sign_in(Role.UNION, at.town.union.id)
    twins = [factories.merchant(session, "saffron", at.town.union.id).id for _ in range(2)]
    for merchant_id in twins:
        session.get_one(Organisation, session.get_one(Merchant, merchant_id).organisation_id).names = {
            "fa": "زعفران سحر",
            "en": "Dawn saffron",
        }
    session.commit()
    form = {"key": str(uuid4()), "shop": "saffron of nowhere", "planned_on": "1405/12/01", "task": "kept task"}
    for typed, sentence in (("saffron of nowhere", "No shop of your union is called so"), ("dawn", "Several shops fit")):
        refused = union.post("/inspections", data=form | {"shop": typed})
        assert refused.status_code == 422
        assert sentence in refused.text
        assert f'value="{typed}"' in refused.text
        assert "kept task</textarea>" in refused.text
    assert [f'name="shop_id" value="{one}"' in refused.text for one in (*twins, at.merchant.id)] == [True, True, False]
    assert (
        "Dawn saffron"
        in union.get(union.post("/inspections", data=form | {"shop": "dawn", "shop_id": str(twins[1])}).location).text
    )
    linked = union.get(f"/inspections?shop={twins[0]}").text
    assert f'name="shop_id" value="{twins[0]}" checked' in linked
    assert 'value="Dawn saffron"' in linked


def test_the_desk_asks_as_much_for_many_shops_as_for_few(session: Session, sign_in: SignIn, at: Case) -> None:
    from tests import factories

    union, _ = sign_in(Role.UNION, at.town.union.id)
    at.complaint(session)
    session.commit()
    union.get("/union-panel")  # notes the session as used
    counts = []
    for more in (0, 10):
        for _ in range(more):
            factories.merchant(session, "saffron", at.town.union.id)
        session.commit()
        with statements_sent() as sent:
            page = union.get("/union-panel").text
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 4
    assert f"shop={at.merchant.id}" in page
    assert "No shop fits" in union.get("/union-panel?show=visits").text
    assert union.get("/union-panel?show=all").status_code == 422
