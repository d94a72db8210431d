"""What shops owe their union through the pages: entered, paid there or from the settlement, and the fine of an inspection among it."""

import re
from collections.abc import Callable
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.models import Organisation
from identity.permissions import Identity, Role
from merchants.inspections.services import write_down
from merchants.settlement.rules.sheba import make_sheba
from tests.merchants.dues.owing import place
from tests.merchants.inspections.visits import fined, planned
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]


def test_a_due_from_its_entry_to_the_last_part(sign_in: SignIn, session: Session) -> None:
    at = place(session)
    union, _ = sign_in(Role.UNION, at.union_id)
    shop, _ = sign_in(Role.MERCHANT, at.shop.organisation_id)
    form = {"key": str(uuid4()), "shop": str(at.shop.id), "what": "Fee of the year", "amount": "۵۰۰٬۰۰۰", "due_on": "yesterday"}
    refused = union.post("/dues", data=form)
    assert (refused.status_code, 'value="Fee of the year"' in refused.text, "Write it as 1406/06/31" in refused.text) == (
        422,
        True,
        True,
    )
    made = union.post("/dues", data=form | {"due_on": "1406/12/01"}).location
    assert "Fee of the year" in union.get("/dues").text
    [own] = re.findall(r"/own-dues/\d+", shop.get("/own-dues").text)
    key = {"key": str(uuid4())}
    refused = shop.post(own, data=key | {"amount": "100000"})
    assert (refused.status_code, "no approved bank account" in refused.text) == (409, True)
    account = {"sheba": make_sheba("012", f"{at.union_id:018d}"), "holder_name": "somebody else"}
    assert union.post("/dues/account", data=account).status_code == 422
    name = session.get_one(Organisation, at.union_id).names["fa"]
    assert union.post("/dues/account", data=account | {"holder_name": name}).status_code == 303
    assert name in union.get("/dues/account").text
    operator, _ = sign_in(Role.OPERATOR)
    [decide] = set(re.findall(r"/settlements/accounts/\d+", operator.get("/settlements/accounts").text))
    assert operator.post(decide, data={"act": "approve"}).status_code == 303
    too_much = shop.post(own, data=key | {"amount": "500001"})
    assert (too_much.status_code, "What is left of it is 500,000 Rial" in too_much.text) == (422, True)
    assert shop.post(own, data=key | {"amount": "200000"}).status_code == 303
    assert shop.post(own, data=key | {"amount": "200000"}).status_code == 303
    assert "300,000" in shop.get(own).text
    paid = {"key": str(uuid4()), "amount": "300000", "receipt": ""}
    assert union.post(made, data=paid).status_code == 422
    assert union.post(made, data=paid | {"receipt": "R-12"}).status_code == 303
    assert "Receipt no. R-12" in shop.get(own).text
    over = union.post(made, data={"act": "strike_out", "why": "x"})
    assert (over.status_code, "paid or struck out already" in over.text) == (409, True)
    assert "Fee of the year" not in union.get("/dues").text
    assert "Fee of the year" in union.get("/dues?closed=1").text


def test_a_fine_is_found_from_its_inspection_and_the_lists_ask_as_much_for_many_as_for_few(
    sign_in: SignIn, session: Session
) -> None:
    at = place(session, sold_rial=0)
    union, _ = sign_in(Role.UNION, at.union_id)
    shop, _ = sign_in(Role.MERCHANT, at.shop.organisation_id)
    visit = planned(session, at.clerk, at.shop.id)
    write_down(session, at.clerk, at.union_id, visit.id, fined())
    session.commit()
    [due] = re.findall(r"/dues/\d+", union.get(f"/inspections/{visit.id}").text)
    assert "Fine of an inspection" in union.get(due).text
    [own] = re.findall(r"/own-dues/\d+", shop.get(f"/shop-inspections/{visit.id}").text)
    assert "5,000,000" in shop.get(own).text
    counts: list[list[int]] = []
    for more in (1, 6):
        for _ in range(more):
            at.due(session)
        session.commit()
        counts.append([])
        for client, address in ((union, "/dues"), (shop, "/own-dues")):
            client.get(address)
            with statements_sent() as sent:
                assert client.get(address).status_code == 200
            counts[-1].append(len(sent))
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 6
    assert union.get("/dues?due=never&id=1").status_code == 422
    assert "Nothing here" in union.get("/dues?q=nobody").text
