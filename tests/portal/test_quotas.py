"""Quotas through the pages: a union shares out, its desk hands out, the shop confirms, the municipality reads."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from tests import factories
from tests.merchants.quotas.union import Place, place
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def at(session: Session) -> Place:
    return place(session)


@pytest.fixture
def union(sign_in: SignIn, at: Place) -> FlaskClient:
    return sign_in(Role.UNION, at.town.union.id)[0]


def days(at: Place, last: int = 10) -> dict[str, str]:
    return {"opens_on": at.today.isoformat(), "until": (at.today + timedelta(days=last)).isoformat()}


def test_a_quota_from_its_entry_to_the_word_of_the_shop(sign_in: SignIn, union: FlaskClient, at: Place) -> None:
    shop, _ = sign_in(Role.MERCHANT, at.shops[0].organisation_id)
    city, _ = sign_in(Role.MUNICIPALITY, at.town.municipality.id)
    form = {
        "key": str(uuid4()), "name_fa": "شکر", "name_en": "Sugar", "whole": "۱٬۰۰۰", "unit": "sack", "price": "", "starts_on": at.today.isoformat(),
        "ends_on": "yesterday",
    }  # fmt: skip
    refused = union.post("/quotas", data=form)
    assert (refused.status_code, 'value="Sugar"' in refused.text, "Write it as 1406/06/31" in refused.text) == (422, True, True)
    made = union.post("/quotas", data=form | {"ends_on": (at.today + timedelta(days=20)).isoformat()}).location
    looked = union.get(f"{made}/round", query_string={"total": "900", "step": "1"} | days(at)).text
    assert "300 sack" in looked
    shared = {"key": str(uuid4()), "total": "900", "step": "1"} | days(at)
    assert union.post(f"{made}/round", data=shared | {"total": "1001"}).status_code == 422
    assert union.post(f"{made}/round", data=shared).status_code == 303
    page = union.get(made).text
    [desk, *_] = re.findall(r"/quotas/shares/\d+", page)
    assert "To be taken" in page
    assert "300" in shop.get("/own-quotas").text
    given = {"key": str(uuid4()), "amount": "2.5", "document": ""}
    refused = union.post(desk, data=given)
    assert (refused.status_code, 'value="2.5"' in refused.text, "counted whole" in refused.text) == (422, True, True)
    assert union.post(desk, data=given | {"amount": "120"}).status_code == 303
    [confirm] = re.findall(r"/own-quotas/\d+", shop.get("/own-quotas").text)
    assert shop.post(confirm).status_code == 303
    assert "Yes, I have it" not in shop.get("/own-quotas").text
    again = shop.post(confirm)
    assert (again.status_code, "confirmed or taken back before" in again.text) == (409, True)
    assert union.post(desk, data=given | {"key": str(uuid4()), "amount": "5"}).status_code == 303
    [waiting] = re.findall(r"/quotas/hand-outs/\d+", union.get(desk).text)
    refused = union.post(waiting, data={"act": "take_back", "why": ""})
    assert (refused.status_code, "Please write why" in refused.text) == (422, True)
    assert union.post(waiting, data={"act": "confirm", "document": "HA-7"}).status_code == 303
    read = city.get(made).text
    assert ("175" in read, "Share equally" in read) == (True, False)
    assert city.post(f"{made}/round", data=shared).status_code == 403
    assert "HA-7" in city.get(desk).text
    assert "Signature" in city.get(f"{made}/paper").text
    sheet = union.get(f"{made}/shares.csv").data.decode()
    assert "300,125,175,0" in sheet
    assert union.get(f"{made}/shares.xlsx").data.startswith(b"PK")
    assert union.get(f"{made}/shares.pdf").status_code == 404
    assert union.post(f"{made}/longer", data={"longer": at.today.isoformat()}).status_code == 422
    assert union.post(f"{made}/longer", data={"longer": (at.today + timedelta(days=50)).isoformat()}).status_code == 303


def test_a_list_is_repaired_on_its_page_before_it_is_shared_out(session: Session, union: FlaskClient, at: Place) -> None:
    at.shops[2].status = "suspended"
    session.commit()
    address = f"/quotas/{at.quota.id}"
    sample = union.get(f"{address}/members.csv").data.decode("utf-8-sig")
    assert [row.split(",")[0] for row in sample.splitlines()[1:]] == [str(shop.id) for shop in at.shops[:2]]
    form = {"way": "amount", "total": "", "step": ""} | days(at)
    refused = union.post(f"{address}/list", data=form | {"list": (io.BytesIO(b"no"), "x.csv")})
    assert refused.status_code == 422
    rows = f"shop number,amount\n{at.shops[0].id},ten\n{at.shops[2].id},4\n"
    made = union.post(f"{address}/list", data=form | {"list": (io.BytesIO(rows.encode()), "x.csv")}).location
    page = union.get(made).text
    assert "suspended and gets none" in page
    assert 'value="0"' in page
    assert union.post(made, data={"act": "finish"}).status_code == 409
    assert union.post(made, data={"act": "repair", "cell-0-amount": "10", "cell-1-amount": "0"}).status_code == 303
    assert "This list gives 10 kilogram in all." in union.get(made).text
    assert union.post(made, data={"act": "finish"}).status_code == 303
    assert "Shared out" in union.get(made).text
    assert "None: suspended" in union.get(f"{address}?show=none").text


def test_the_lists_ask_as_much_for_many_as_for_few(session: Session, union: FlaskClient, sign_in: SignIn, at: Place) -> None:
    shop, _ = sign_in(Role.MERCHANT, at.shops[0].organisation_id)
    addresses = (
        (union, "/quotas"),
        (union, f"/quotas/{at.quota.id}"),
        (union, f"/quotas/{at.quota.id}/round?total=30&step=1&opens_on={days(at)['opens_on']}&until={days(at)['until']}"),
        (shop, "/own-quotas"),
    )
    for client, address in addresses:
        client.get(address)
    counts: list[list[int]] = []
    for more in (1, 5):
        for _ in range(more):
            factories.merchant(session, "sweets", at.town.union.id)
            at.share(session, 100_000)
        session.commit()
        counts.append([])
        for client, address in addresses:
            with statements_sent() as sent:
                assert client.get(address).status_code == 200
            counts[-1].append(len(sent))
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 8
    assert "No share fits" in union.get(f"/quotas/{at.quota.id}?show=unconfirmed").text
    assert union.get(f"/quotas/{at.quota.id}?show=all").status_code == 422
