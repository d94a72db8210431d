import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from merchants.models import Branch
from merchants.stock.rules import Line
from merchants.stock.services import receiving
from merchants.tags.queries import reader_of_key
from merchants.tags.services import reading, sweeping
from tests.factories import ACTOR
from tests.merchants.catalogue import goods
from tests.merchants.stock.test_moving import brought, level
from tests.merchants.tags.test_services import tags_of
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def shop(session: Session) -> goods.Shop:
    made = goods.shop(session)
    session.commit()
    return made


@pytest.fixture
def merchant(sign_in: SignIn, shop: goods.Shop) -> FlaskClient:
    return sign_in(Role.MERCHANT, shop.merchant.organisation_id)[0]


@pytest.fixture
def cashier(sign_in: SignIn, shop: goods.Shop) -> FlaskClient:
    return sign_in(Role.CASHIER, shop.merchant.organisation_id)[0]


def registered(merchant: FlaskClient, shop: goods.Shop) -> str:
    """The key that the page shows once."""
    answer = merchant.post("/tags/readers", data={"branch_id": str(shop.branch_id), "kind": "handheld", "place": "انبار"})
    assert "<svg" in answer.text
    [key] = re.findall(r'<code><bdi dir="ltr">([^<]+)</bdi></code>', answer.text)
    assert key not in merchant.get("/tags/readers").text
    return key


def tell(session: Session, key: str, sweep: str, *numbers: str) -> None:
    known = reader_of_key(session, key)
    assert known is not None
    reading.take_event(session, known, reading.Event(str(uuid4()), clock.now(), numbers, int(sweep)))
    session.commit()


def test_a_delivery_is_read_by_a_reader(merchant: FlaskClient, cashier: FlaskClient, session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, shop, attributes="size: S")
    note = receiving.enter_delivery(session, ACTOR, shop.branch_id, "x", "1", [Line(product.id, 4000)], str(uuid4()))
    session.commit()
    key = registered(merchant, shop)
    [reader] = re.findall(r'<option value="(\d+)">انبار', cashier.get(f"/deliveries/{note.id}").text)
    address = cashier.post(f"/deliveries/{note.id}/sweep", data={"reader_id": reader}).location
    tell(session, key, address.rpartition("/")[2], *tags_of(product, 1, 3))
    page = cashier.get(address).text
    assert "75%" in page
    assert "3 of 4" in page
    assert cashier.post(address, data={}).status_code == 303
    assert level(session, shop, product) == 3000
    assert cashier.post(address, data={}).status_code == 409
    with statements_sent() as sent:
        found = merchant.get("/tags?q=size s")
    assert len(sent) <= 5, sent
    assert found.text.count('<th scope="row">') == 3


def test_a_stocktake_by_reader_stays_blind_until_it_is_handed_in(
    merchant: FlaskClient, cashier: FlaskClient, session: Session, shop: goods.Shop
) -> None:
    product = brought(session, shop, 3)
    session.commit()
    bound = merchant.post(
        "/tags", data={"code": product.code, "branch_id": str(shop.branch_id), "numbers": "\n".join(tags_of(product, 1, 3))}
    )
    assert bound.status_code == 303
    key = registered(merchant, shop)
    count = cashier.post("/counts", data={"branch_id": str(shop.branch_id)}).location
    [reader] = re.findall(r'<option value="(\d+)">انبار', cashier.get(count).text)
    address = cashier.post(f"{count}/sweep", data={"reader_id": reader}).location
    tell(session, key, address.rpartition("/")[2], *tags_of(product, 1, 2))
    for client in (merchant, cashier):
        assert "Missing" not in client.get(address).text
    cashier.post(address, data={})
    cashier.post(count, data={"act": "hand_in"})
    assert "Missing" not in cashier.get(address).text
    page = merchant.get(address).text
    assert tags_of(product, 3, 3)[0] in page
    assert merchant.post(f"{address}/missing", data={}).status_code == 303
    assert tags_of(product, 3, 3)[0] not in merchant.get("/tags").text


def test_wrong_numbers_and_places_are_told_beside_their_field(merchant: FlaskClient, session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, shop)
    session.commit()
    data = {"code": product.code, "branch_id": str(shop.branch_id), "numbers": "nonsense"}
    wrong = merchant.post("/tags", data=data)
    assert (wrong.status_code, "nonsense is no tag number" in wrong.text, f'value="{product.code}"' in wrong.text) == (
        422,
        True,
        True,
    )
    missing = merchant.post("/tags", data=data | {"code": "NOPE"})
    assert (missing.status_code, "There is no such product in this shop." in missing.text) == (404, True)
    nowhere = merchant.post("/tags/readers", data={"branch_id": str(shop.branch_id), "kind": "door", "place": ""})
    assert (nowhere.status_code, "Say where the reader stands" in nowhere.text) == (422, True)
    registered(merchant, shop)
    [stop] = re.findall(r'action="(/tags/readers/\d+/stop)"', merchant.get("/tags/readers").text)
    assert merchant.post(stop, data={}).status_code == 303
    assert "Stopped" in merchant.get("/tags/readers").text


def test_a_tag_that_is_read_for_a_list_says_its_goods(
    cashier: FlaskClient, sign_in: SignIn, session: Session, shop: goods.Shop
) -> None:
    """For deliveries and stocktakes: bound, or what it says; some telephones tell no number."""
    product, other = goods.product(session, shop, name_fa="تسبیح"), goods.product(session, shop)
    sweeping.bind_tags(session, ACTOR, session.get_one(Branch, shop.branch_id), product, ["04:A1:B2:C3:D4:E5:F6"])
    session.commit()

    def read(*says: str, tag: str = "04a1b2c3d4e5f6", client: FlaskClient = cashier) -> tuple[int, dict[str, str]]:
        answer = client.get("/tags/goods", query_string={"branch": shop.branch_id, "tag": tag, "says": says})
        return answer.status_code, answer.json or {}

    assert read() == (200, {"code": product.code, "said": f"{product.names['fa']} is in the list."})
    assert read(other.code)[1]["code"] == product.code  # what the shop says goes before what the tag says
    assert read("hello there", f"urn:nothing:{other.code}", other.code, tag="")[1]["code"] == other.code
    status, said = read(tag="04ffffffffffff")
    assert (status, "This tag names no product of the shop" in said["fault"]) == (404, True)
    assert read(tag="")[0] == read(other.code, tag="zz")[0] == 422
    stranger, _ = sign_in(Role.MERCHANT, goods.shop(session).merchant.organisation_id)
    assert read(client=stranger)[0] == 404
