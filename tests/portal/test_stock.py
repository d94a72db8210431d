import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from tests.merchants.catalogue import goods
from tests.merchants.stock.test_moving import brought, level
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


def test_a_delivery_is_scanned_and_taken_in(
    cashier: FlaskClient, merchant: FlaskClient, session: Session, shop: goods.Shop
) -> None:
    product = goods.product(session, shop)
    session.commit()
    form = {
        "key": str(uuid4()),
        "branch_id": str(shop.branch_id),
        "supplier": "تعاونی",
        "number": "۷",
        "lines": f"{product.code} 5\n{product.code}\nnonsense",
    }
    wrong = cashier.post("/deliveries", data=form)
    assert wrong.status_code == 404
    assert "Row 3" in wrong.text
    assert f"{product.code} 5" in wrong.text
    form["lines"] = f"{product.code} 5\n{product.code}"
    address = cashier.post("/deliveries", data=form).location
    assert cashier.post("/deliveries", data=form).location == address
    assert 'value="6"' in cashier.get(address).text
    half = cashier.post(address, data={f"came-{product.id}": "1.5"})
    assert (half.status_code, "This product is sold whole." in half.text, 'value="1.5"' in half.text) == (422, True, True)
    assert cashier.post(address, data={f"came-{product.id}": "۴"}).status_code == 303
    assert cashier.post(address, data={}).status_code == 409
    assert level(session, shop, product) == 4000
    page = merchant.get(f"/stock/{shop.branch_id}/{product.id}").text
    assert "Delivery" in page


def test_whoever_counts_never_sees_the_books(
    cashier: FlaskClient, merchant: FlaskClient, session: Session, shop: goods.Shop
) -> None:
    product = brought(session, shop, 4321)
    session.commit()
    address = cashier.post("/counts", data={"branch_id": str(shop.branch_id)}).location
    assert cashier.post(address, data={"act": "add", "lines": f"{product.code} 12"}).status_code == 303
    for client in (cashier, merchant):
        page = client.get(address).text
        assert "4,321" not in page
        assert "Books" not in page
    wrong = cashier.post(address, data={"act": "correct", f"quantity-{product.id}": "many"})
    assert (wrong.status_code, 'value="many"' in wrong.text, "4,321" in wrong.text) == (422, True, False)
    assert cashier.post(address, data={"act": "correct", f"quantity-{product.id}": "13"}).status_code == 303
    assert cashier.post(address, data={"act": "hand_in"}).status_code == 303
    assert "4,321" not in cashier.get(address).text
    assert cashier.post(f"{address}/decision", data={"act": "post"}).status_code == 403
    page = merchant.get(address).text
    assert "4,321" in page
    assert "\N{MINUS SIGN}4,308" in page
    assert merchant.post(f"{address}/decision", data={"act": "post"}).status_code == 303
    assert level(session, shop, product) == 13_000


def test_nobody_posts_a_count_of_their_own(merchant: FlaskClient, session: Session, shop: goods.Shop) -> None:
    product = brought(session, shop)
    session.commit()
    address = merchant.post("/counts", data={"branch_id": str(shop.branch_id)}).location
    again = merchant.post("/counts", data={"branch_id": str(shop.branch_id)})
    assert (again.status_code, "is being counted already" in again.text) == (409, True)
    merchant.post(address, data={"act": "add", "lines": product.code})
    merchant.post(address, data={"act": "hand_in"})
    own = merchant.post(f"{address}/decision", data={"act": "post"})
    assert (own.status_code, "Ask a colleague to look at them." in own.text) == (403, True)
    assert merchant.post(address, data={"act": "discard", "why": "only trying"}).status_code == 303
    assert "only trying" in merchant.get(address).text


def test_losses_and_warnings(merchant: FlaskClient, session: Session, shop: goods.Shop) -> None:
    product = brought(session, shop)
    session.commit()
    address = f"/stock/{shop.branch_id}/{product.id}"
    assert merchant.post(address, data={"act": "warn", "reorder": "۹"}).status_code == 303
    without = merchant.post(address, data={"act": "lose", "quantity": "2", "key": str(uuid4())})
    assert (without.status_code, "Say in a few words why" in without.text, 'value="2"' in without.text) == (422, True, True)
    key = str(uuid4())
    for _ in range(2):
        assert merchant.post(address, data={"act": "lose", "quantity": "2", "why": "شکست", "key": key}).status_code == 303
    assert level(session, shop, product) == 8000
    too_many = merchant.post(address, data={"act": "lose", "quantity": "9", "why": "x", "key": str(uuid4())})
    assert (too_many.status_code, "only 8 are in stock" in too_many.text) == (409, True)
    assert "Products low in this branch: 1" in merchant.get("/stock").text
    assert merchant.get("/stock?low=1").text.count('<th scope="row">') == 1


def test_the_shop_says_whether_it_sells_below_zero(merchant: FlaskClient, shop: goods.Shop) -> None:
    assert merchant.post("/stock/settings", data={"allows_negative": "1"}).status_code == 303
    assert re.search(r'name="allows_negative" value="1" checked', merchant.get("/stock").text)


def test_ten_thousand_levels_are_read_in_few_queries(merchant: FlaskClient, session: Session, shop: goods.Shop) -> None:
    session.execute(
        text("""
            INSERT INTO product (merchant_id, names, code, code_kind, code_key, unit, search_text)
            SELECT :merchant, jsonb_build_object('fa', 'کالا ' || n), 'X' || n, 'own', 'X' || n, 'piece', 'کالا ' || n FROM generate_series(1, 10000) n
        """),
        {"merchant": shop.merchant.id},
    )
    session.execute(
        text("INSERT INTO stock_level (branch_id, product_id, milli) SELECT :branch, id, 1000 FROM product"),
        {"branch": shop.branch_id},
    )
    session.commit()
    with statements_sent() as sent:
        assert merchant.get("/stock").text.count('<th scope="row">') == 30
    assert len(sent) <= 7, sent
    with statements_sent() as sent:
        assert merchant.get("/counts").status_code == 200
        assert merchant.get("/deliveries").status_code == 200
    assert len(sent) <= 16, sent
