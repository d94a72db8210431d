import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from kernel.calendar import jalali_digits, local_day
from merchants.catalogue.models import Ceiling, Price, Product
from merchants.catalogue.services import pricing
from portal.price_chart import price_chart
from tests.factories import ACTOR
from tests.merchants.catalogue import goods
from tests.papers import texts_of
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


def test_a_product_is_entered_with_its_price_and_found_by_any_spelling(merchant: FlaskClient) -> None:
    form = goods.typed(name_fa="چاي كوهي", list_rial="۱٬۲۵۰٬۰۰۰", card_rial="1,200,000", mark_iranian="1")
    answer = merchant.post("/products/new", data=form)
    assert answer.status_code == 303
    page = merchant.get(answer.location).text
    assert "1,250,000" in page
    assert "4% less" in page
    assert "Iranian" in page
    assert merchant.get("/products?q=چای کوهی").text.count('<th scope="row">') == 1
    assert "No product fits" in merchant.get("/products?q=قهوه").text


def test_each_wrong_field_is_told_beside_it_and_nothing_typed_is_lost(merchant: FlaskClient, session: Session) -> None:
    typed = {
        "name_fa": "ز",
        "code": "6291041500214",
        "unit": "piece",
        "points": "many",
        "list_rial": "۱۰",
        "card_rial": "۲۰",
        "attributes": "size S",
    }
    answer = merchant.post("/products/new", data=typed)
    assert answer.status_code == 422
    assert "with these digits it would be 3" in answer.text
    assert "Points are a whole number" in answer.text
    for text_ in ("6291041500214", "many", "۱۰", "۲۰"):
        assert f'value="{text_}"' in answer.text
    assert ">size S</textarea>" in answer.text
    dear = merchant.post("/products/new", data=goods.typed(list_rial="10", card_rial="20"))
    assert "The card price is above the list price (10 Rial)." in dear.text
    assert session.scalar(select(func.count()).select_from(Product)) == 0


def test_a_price_above_the_ceiling_names_it_and_the_way_out(merchant: FlaskClient, session: Session, shop: goods.Shop) -> None:
    assert shop.merchant.union_id
    group = goods.trade_group(session, shop.merchant.union_id, 200_000)
    product = goods.product(session, shop, list_rial=150_000, trade_group_id=str(group.id))
    session.commit()
    answer = merchant.post(f"/products/{product.id}/prices", data={"list_rial": "250000"})
    assert answer.status_code == 422
    assert "The union&#39;s ceiling is 200,000 Rial. Set a list price up to that." in answer.text
    assert 'value="250000"' in answer.text
    assert merchant.post(f"/products/{product.id}/prices", data={"list_rial": "200000"}).status_code == 303


def test_a_price_ahead_is_shown_and_taken_back(merchant: FlaskClient, session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, shop, list_rial=150_000)
    session.commit()
    day = jalali_digits(local_day(clock.now()) + timedelta(days=3))
    assert merchant.post(f"/products/{product.id}/prices", data={"list_rial": "160000", "starts_on": day}).status_code == 303
    page = merchant.get(f"/products/{product.id}").text
    [address] = re.findall(rf'action="(/products/{product.id}/prices/\d+/end)"', page)
    assert merchant.post(address, data={"act": "take_back"}).status_code == 303
    assert "160,000" not in merchant.get(f"/products/{product.id}").text
    early = merchant.post(f"/products/{product.id}/prices", data={"list_rial": "1", "starts_on": "1400/01/01"})
    assert "A price begins today or later." in early.text
    assert (
        "Write the day as year/month/day"
        in merchant.post(f"/products/{product.id}/prices", data={"list_rial": "1", "starts_on": "soon"}).text
    )


def test_a_branch_price_ends_and_anothers_branch_is_refused(merchant: FlaskClient, session: Session, shop: goods.Shop) -> None:
    product, other = goods.product(session, shop, list_rial=150_000), goods.shop(session)
    session.commit()
    data = {"list_rial": "140000", "branch_id": str(shop.branch_id)}
    assert merchant.post(f"/products/{product.id}/prices", data=data).status_code == 303
    price = session.scalars(select(Price).where(Price.branch_id == shop.branch_id)).one()
    assert merchant.post(f"/products/{product.id}/prices/{price.id}/end", data={"act": "end"}).status_code == 303
    again = merchant.post(f"/products/{product.id}/prices/{price.id}/end", data={"act": "end"})
    assert (again.status_code, "This price holds already." in again.text) == (409, True)
    assert merchant.post(f"/products/{product.id}/prices", data=data | {"branch_id": str(other.branch_id)}).status_code == 404


def test_words_are_changed_and_a_product_is_taken_off_sale(merchant: FlaskClient, session: Session, shop: goods.Shop) -> None:
    product, other = goods.product(session, shop, attributes="size: S"), goods.product(session, shop)
    session.commit()
    changed = goods.typed(name_fa="نام تازه", code=other.code)
    taken = merchant.post(f"/products/{product.id}", data=changed)
    assert (taken.status_code, "has this code" in taken.text, 'value="نام تازه"' in taken.text) == (409, True, True)
    assert merchant.post(f"/products/{product.id}", data=changed | {"code": ""}).status_code == 303
    assert "نام تازه" in merchant.get("/products").text
    assert merchant.post(f"/products/{product.id}/retire", data={}).status_code == 303
    assert "نام تازه" not in merchant.get("/products").text
    assert "not sold any more" in merchant.get(f"/products/{product.id}").text


def test_groups_are_added_renamed_and_lead_to_their_goods(merchant: FlaskClient, session: Session, shop: goods.Shop) -> None:
    assert merchant.post("/products/groups", data={"name_fa": "سوغات"}).status_code == 303
    [root] = re.findall(r"group=(\d+)", merchant.get("/products/groups").text)
    assert merchant.post("/products/groups", data={"name_fa": "زعفران", "parent_id": root}).status_code == 303
    assert merchant.post("/products/groups", data={"name_fa": "یادگاری", "group_id": root}).status_code == 303
    page = merchant.get("/products/groups").text
    assert "یادگاری" in page
    assert "سوغات" not in page
    wrong = merchant.post("/products/groups", data={"name_fa": "", "parent_id": root})
    assert (wrong.status_code, "Write the name in letters" in wrong.text) == (422, True)
    assert merchant.post("/products/groups", data={"name_fa": "باز", "parent_id": "999999"}).status_code == 404


def test_a_cashier_reads_and_changes_nothing(sign_in: SignIn, session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, shop, list_rial=1)
    session.commit()
    cashier, _ = sign_in(Role.CASHIER, shop.merchant.organisation_id)
    assert "New product" not in cashier.get("/products").text
    assert "Set a price" not in cashier.get(f"/products/{product.id}").text
    assert cashier.post(f"/products/{product.id}/prices", data={"list_rial": "1"}).status_code == 403


def test_a_list_of_ten_thousand_products_is_read_in_few_queries(merchant: FlaskClient, session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, shop, list_rial=150_000)
    session.commit()
    session.execute(
        text("""
            INSERT INTO product (merchant_id, names, code, code_kind, code_key, unit, search_text)
            SELECT :merchant, jsonb_build_object('fa', 'کالا ' || n), 'X' || n, 'own', 'X' || n, 'piece', 'کالا ' || n FROM generate_series(1, 10000) n;
        """),
        {"merchant": shop.merchant.id},
    )
    session.execute(
        text(
            "INSERT INTO price (product_id, list_rial, card_rial, starts_at) SELECT id, 1000, 900, now() FROM product WHERE id <> :known"
        ),
        {"known": product.id},
    )
    session.commit()
    with statements_sent() as sent:
        first = merchant.get("/products")
    assert len(sent) <= 6, sent
    assert first.text.count('<th scope="row">') == 30
    [older] = re.findall(r'href="(/products\?[^"]*after=\d+)"', first.text)
    with statements_sent() as sent:
        assert merchant.get(older.replace("&amp;", "&")).text.count('<th scope="row">') == 30
    assert len(sent) <= 6
    with statements_sent() as sent:
        found = merchant.get("/products?q=کالا ۹۹۹۹")
    assert len(sent) <= 6
    assert found.text.count('<th scope="row">') == 1
    with statements_sent() as sent:
        merchant.get(f"/products/{product.id}")
    assert len(sent) <= 11, sent


def test_a_union_sets_a_ceiling_and_sees_who_is_above_it(sign_in: SignIn, session: Session, shop: goods.Shop) -> None:
    union, _ = sign_in(Role.UNION, shop.merchant.union_id)
    assert union.post("/ceilings", data={"name_fa": "زعفران یک مثقالی", "unit": "mesghal"}).status_code == 303
    [address] = re.findall(r'href="(/ceilings/\d+)"', union.get("/ceilings").text)
    group_id = address.rpartition("/")[2]
    product = goods.product(session, shop, list_rial=300_000, unit="mesghal", trade_group_id=group_id)
    session.commit()
    wrong = union.post(address, data={"amount_rial": "0", "ends_on": "1400/01/01"})
    assert (wrong.status_code, "Write the price in whole Rial" in wrong.text) == (422, True)
    assert union.post(address, data={"amount_rial": "۲۵۰٬۰۰۰"}).status_code == 303
    with statements_sent() as sent:
        page = union.get(address).text
    assert len(sent) <= 6, sent
    assert product.code in page
    assert "50,000" in page
    assert union.get("/ceilings").text.count('<th scope="row">') == 1
    stranger, _ = sign_in(Role.UNION)
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, data={"amount_rial": "1"}).status_code == 404


def test_the_chart_is_level_where_a_price_held_and_open_where_none_did(session: Session, shop: goods.Shop) -> None:
    now = clock.now()
    day = timedelta(days=1)
    assert price_chart([], [], now) is None
    prices = [
        Price(product_id=1, list_rial=100, card_rial=50, starts_at=now - 10 * day, ends_at=now - 6 * day),
        Price(product_id=1, list_rial=200, card_rial=100, starts_at=now - 4 * day, ends_at=None),
        Price(product_id=1, branch_id=9, list_rial=900, card_rial=900, starts_at=now - 9 * day, ends_at=None),
    ]
    chart = price_chart(prices, [Ceiling(trade_group_id=1, amount_rial=200, starts_at=now - 4 * day, ends_at=None)], now)
    assert chart is not None
    assert (chart.most_rial, chart.now_at) == (200, 100)
    assert dict(chart.lines) == {
        "ceiling": "M60.00 10.71H100.00",
        "list": "M0.00 55.36H40.00M60.00 10.71H100.00",
        "card": "M0.00 77.68H40.00M60.00 55.36H100.00",
    }


def test_a_fall_of_the_price_is_drawn_upright(session: Session, shop: goods.Shop) -> None:
    now = clock.now()
    with clock.frozen(now - timedelta(days=20)):
        product = goods.product(session, shop, list_rial=200)
    with clock.frozen(now - timedelta(days=10)):
        pricing.set_price(session, ACTOR, product, 100, 100)
    chart = price_chart(session.scalars(select(Price)).all(), [], now)
    assert chart is not None
    assert dict(chart.lines)["list"] == "M0.00 10.71H50.00V55.36H100.00"


def test_labels_are_made_for_scanned_codes_and_the_size_is_kept(merchant: FlaskClient, session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, shop, list_rial=150_000, card_rial=140_000)
    goods.product(session, shop, code="A" * 32)
    session.commit()
    form = {"lines": f"{product.code} ۲\n{product.code}", "size": "58x40", "keep": "1"}
    made = merchant.post("/products/labels", data=form)
    assert (made.mimetype, made.data[:5]) == ("application/pdf", b"%PDF-")
    assert len(texts_of(made.data)) == 3
    told = " ".join(texts_of(made.data)[0])
    assert "150,000" in told
    assert "With the card: 140,000" in told
    assert '<option value="58x40" selected>' in merchant.get("/products/labels").text
    for wrong, sentence in (
        ({"lines": ""}, "Give each product once"), ({"lines": "NOPE"}, "There is no such product"), ({"size": "1x1"}, "Choose a label of the list."),
        ({"lines": f"{product.code} 1001"}, "At most 1,000 labels"), ({"lines": "A" * 32, "size": "40x30"}, "is too long for bars on this label"),
    ):  # fmt: skip
        refused = merchant.post("/products/labels", data=form | wrong)
        assert refused.status_code in (404, 422), wrong
        assert sentence in refused.text, wrong
    assert merchant.post("/products/labels", data={"lines": "A" * 32, "size": "40x30", "has_qr": "1"}).mimetype == "application/pdf"


def test_the_shops_list_goes_out_and_comes_back_repaired(merchant: FlaskClient, session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, shop, list_rial=150_000, card_rial=140_000, mark_iranian="1", unit="kilogram")
    session.commit()
    sheet = merchant.get("/products/lists/goods.csv").data.decode("utf-8-sig")
    assert sheet.splitlines()[1].endswith(f"{product.code},,kilogram,150000,140000,3,iranian")
    assert merchant.get("/products/lists/goods.xlsx").data.startswith(b"PK")
    assert merchant.get("/products/lists/goods.exe").status_code == 404
    assert "neither CSV nor XLSX" in merchant.post("/products/lists", data={"list": (io.BytesIO(b"\x00"), "x.csv")}).text
    dearer = sheet.replace("150000", "15x000")
    sent = merchant.post("/products/lists", data={"list": (io.BytesIO(dearer.encode()), "goods.csv")})
    page = merchant.get(sent.location).text
    assert 'value="15x000"' in page
    assert "Write the price in whole Rial" in page
    refused = merchant.post(sent.location, data={"act": "finish"})
    assert (refused.status_code, "1 cells are still wrong" in refused.text) == (409, True)
    merchant.post(sent.location, data={"cell-0-list_rial": "۱۶۰٬۰۰۰", "act": "repair"})
    assert "You can take the list over now." in merchant.get(sent.location).text
    assert merchant.post(sent.location, data={"act": "finish"}).status_code == 303
    assert "1 lines stand among your goods now." in merchant.get(sent.location).text
    assert "160,000" in merchant.get(f"/products/{product.id}").text
