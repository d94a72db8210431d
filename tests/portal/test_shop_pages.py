"""A shop's page: written by the shop, dated, said to be updated, with fields of its own; what an office keeps of places' pasts."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from merchants.catalogue.events import PriceSet
from merchants.catalogue.services.pricing import set_price
from merchants.pages.handlers import on_price_changed
from places.models import Place
from places.services import open_city_office
from tests import factories
from tests.factories import ACTOR
from tests.merchants.catalogue import goods
from tests.merchants.onboarding import files
from tests.pictures import photo
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]
STATEMENT = {"history_kind": "founded", "history_text_fa": "ساخته شد", "history_text_en": "It was built", "history_year": "821", "history_calendar": "lunar",
             "history_source": "inscription", "history_licence": "facts"}  # fmt: skip


@pytest.fixture
def shop(session: Session, town: files.Town) -> goods.Shop:
    made = goods.shop(session, town.union.id)
    factories.contract(session, made.merchant.id)
    session.commit()
    return made


def test_a_shop_writes_its_page_and_pilgrims_read_when(
    sign_in: SignIn, visitor: FlaskClient, session: Session, shop: goods.Shop
) -> None:
    owner, _ = sign_in(Role.MERCHANT, shop.merchant.organisation_id)
    stranger, _ = sign_in(Role.MERCHANT)
    branch = shop.branches[0]
    page, public = f"/branches/{branch.id}/page", f"/places/{branch.place_id}"
    assert stranger.get(page).status_code == stranger.post(page, data={}).status_code == 404
    assert (
        owner.post(
            "/fields", data={"subject": "page", "kind": "date", "name_fa": "آغاز کار", "name_en": "Open since", "is_public": "1"}
        ).status_code
        == 303
    )
    [own] = re.findall(r'name="(own_\d+)"', owner.get(page).text)
    refused = owner.post(page, data={"keep": "1", "about_en": "kept words", own: "long ago"})
    assert refused.status_code == 422
    assert "“آغاز کار”: please write a day" in refused.text
    assert "kept words</textarea>" in refused.text
    assert (
        owner.post(
            page, data={"keep": "1", "about_en": "Saffron since long", "wheelchair": "yes", "speaks_ar": "1", own: "1371/01/01"}
        ).status_code
        == 303
    )
    photographed = owner.post(
        f"{page}/photos", data={"photo": (io.BytesIO(photo()), "x.jpg"), "photo_source": "the shop", "photo_licence": "CC-BY-4.0"}
    )
    assert photographed.status_code == 303
    product = goods.product(session, shop)
    with clock.frozen(clock.now() - timedelta(days=40)):
        price = set_price(session, ACTOR, product, 100, 90, branch_id=branch.id)
        on_price_changed(session, PriceSet(product.id, branch.id, 100, 90, price.starts_at))
        priced = clock.now()
    session.commit()
    seen = visitor.get(public).text
    for told in (
        "Saffron since long",
        "By wheelchair",
        "Open since",
        "21 March 1992",
        "Information changed",
        "Prices changed",
        "Terms of the contract since",
        "the shop</bdi>",
    ):
        assert told in seen, told
    asked = visitor.get(f"/api/v1/places/{branch.place_id}?lang=en").json
    assert (asked["prices_changed_at"][:10], asked["own"]) == (
        priced.date().isoformat(),
        [{"name": "Open since", "kind": "date", "value": "1992-03-21"}],
    )
    assert asked["changed_at"] > asked["prices_changed_at"]
    assert "Prices changed" not in visitor.get(f"/places/{shop.branches[1].place_id}").text


def test_a_page_says_that_it_is_being_updated_until_whoever_may_ends_it(
    sign_in: SignIn, visitor: FlaskClient, session: Session, town: files.Town, shop: goods.Shop
) -> None:
    owner, _ = sign_in(Role.MERCHANT, shop.merchant.organisation_id)
    union, _ = sign_in(Role.UNION, town.union.id)
    town_hall, _ = sign_in(Role.MUNICIPALITY, town.municipality.id)
    stranger, _ = sign_in(Role.UNION)
    branch = shop.branches[0]
    place = session.get_one(Place, branch.place_id)
    place.category = "saffron"
    session.commit()
    last, public = (clock.now() + timedelta(days=3)).date().isoformat(), f"/places/{place.id}"
    refused = owner.post(
        f"/branches/{branch.id}/page/update", data={"act": "begin", "last_on": "2030-01-01", "note_fa": "kept note"}
    )
    assert refused.status_code == 422
    assert "at most 14 days" in refused.text
    assert 'value="kept note"' in refused.text
    assert (
        owner.post(
            f"/branches/{branch.id}/page/update", data={"act": "begin", "last_on": last, "note_en": "New prices on Saturday"}
        ).status_code
        == 303
    )
    seen = visitor.get(public).text
    assert "This page is being updated until" in seen
    assert "New prices on Saturday" in seen
    assert "Being updated" in visitor.get("/places?kind=shop").text
    asked = visitor.get(f"/api/v1/places/{place.id}?lang=en").json
    assert (asked["updating_note"], asked["place"]["updating_until"] is not None) == ("New prices on Saturday", True)
    office = f"/shop-pages/{place.id}"
    assert stranger.get(office).status_code == stranger.post(office, data={"act": "end"}).status_code == 404
    assert union.post(office, data={"act": "begin", "last_on": last}).status_code == 303
    held = owner.post(f"/branches/{branch.id}/page/update", data={"act": "end"})
    assert held.status_code == 409
    assert "looking into this page" in held.text
    assert town_hall.post(office, data={"act": "end"}).status_code == 303
    assert "This page is being updated" not in visitor.get(public).text


def test_fields_of_goods_go_out_with_the_list_and_come_back(sign_in: SignIn, session: Session, shop: goods.Shop) -> None:
    owner, _ = sign_in(Role.MERCHANT, shop.merchant.organisation_id)
    field = {
        "subject": "product",
        "kind": "choice",
        "name_fa": "جنس",
        "name_en": "Fabric",
        "choices": "پنبه\nکتان",
        "is_on_label": "1",
    }
    assert owner.post("/fields", data=field).status_code == 303
    again = owner.post("/fields", data=field | {"name_fa": "نام کالا"})
    assert again.status_code == 422
    assert "Another field or column is called so" in again.text
    product = goods.product(session, shop, list_rial=1_000)
    session.commit()
    sheet = owner.get("/products/lists/goods.csv").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(sheet)))
    assert (rows[0][-1], rows[1][-1]) == ("Fabric", "")
    rows[1][-1] = "wool"
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    listed = owner.post("/products/lists", data={"list": (io.BytesIO(written.getvalue().encode()), "goods.csv")}).location
    page = owner.get(listed).text
    assert "“جنس”: please choose one of these" in page
    [cell] = re.findall(r'name="(cell-0-own_\d+)"', page)
    assert owner.post(listed, data={cell: "كتان", "act": "finish"}).status_code == 303
    session.expire_all()
    assert list(product.fields.values()) == ["کتان"]
    assert owner.get("/products?q=كتان").text.count('<th scope="row">') == 1
    assert list(csv.reader(io.StringIO(owner.get("/products/lists/goods.csv").data.decode("utf-8-sig"))))[1][-1] == "کتان"
    assert owner.post("/products/labels", data={"lines": f"{product.code} 1", "size": "58x40"}).mimetype == "application/pdf"
    [number] = re.findall(r'action="/fields/(\d+)', owner.get("/fields").text)[:1]
    assert owner.post(f"/fields/{number}", data={"act": "end"}).status_code == 303
    assert "Fabric" not in owner.get(f"/products/{product.id}").text


def test_history_is_written_told_by_people_and_read_with_its_sources(
    sign_in: SignIn, visitor: FlaskClient, session: Session, shop: goods.Shop
) -> None:
    place = session.get_one(Place, shop.branches[0].place_id)
    kept = factories.organisation(session, "city_office")
    open_city_office(session, ACTOR, kept.id, place.city_id)
    session.commit()
    office, _ = sign_in(Role.CITY_MANAGER, kept.id)
    stranger, _ = sign_in(Role.CITY_MANAGER)
    pilgrim, _ = sign_in(Role.PILGRIM)
    page, key = f"/places/{place.id}/history", str(uuid4())
    assert stranger.get(page).status_code == 404
    refused = office.post(page, data=STATEMENT | {"key": key, "history_source": ""})
    assert refused.status_code == 422
    assert "Write who says so" in refused.text
    assert "It was built</textarea>" in refused.text
    for _ in range(2):
        assert office.post(page, data=STATEMENT | {"key": key}).status_code == 303
    told = {
        "key": str(uuid4()),
        "history_kind": "makers",
        "history_text": "Three generations",
        "history_year": "",
        "history_calendar": "solar",
    }
    assert (
        pilgrim.post(
            f"/places/{place.id}/suggestions", data=told | {"history_source": "the maker", "history_licence": ""}
        ).status_code
        == 422
    )
    assert (
        pilgrim.post(
            f"/places/{place.id}/suggestions", data=told | {"history_source": "the maker", "history_licence": "facts"}
        ).status_code
        == 303
    )
    waiting = office.get("/suggestions").text
    assert "Makers · Three generations · the maker · facts" in waiting
    [address] = re.findall(r'action="(/suggestions/\d+)"', waiting)
    assert office.post(address, data={"act": "accept"}).status_code == 303
    asked = visitor.get(f"/api/v1/places/{place.id}?lang=en").json["history"]
    assert [(one["kind"], one["text"], one["year"], one["source"]) for one in asked] == [
        ("founded", "It was built", 821, "inscription"), ("makers", "Three generations", None, "the maker"),
    ]  # fmt: skip
    assert "821 (Lunar Hijri)" in visitor.get(f"/places/{place.id}").text
    [first, second] = re.findall(rf'action="({page}/\d+)"', office.get(page).text)
    assert office.post(first, data=STATEMENT | {"history_year": "822", "history_about": "1"}).status_code == 303
    assert office.post(second, data={"act": "remove"}).status_code == 303
    changes = office.get(page).text
    for said in ("Founded · about 822 (Lunar Hijri)", "history written", "history changed", "history removed"):
        assert said in changes
    assert "Three generations" not in visitor.get(f"/places/{place.id}").text


def test_a_file_tells_of_the_past_and_what_people_corrected_stays(sign_in: SignIn, visitor: FlaskClient, session: Session) -> None:
    factories.city(session)
    session.commit()
    operator, _ = sign_in(Role.OPERATOR)
    house = {
        "type": "Feature",
        "id": "node/7",
        "properties": {"historic": "house", "name": "خانه", "start_date": "1895", "old_name": "باغ"},
        "geometry": {"type": "Point", "coordinates": [59.61, 36.29]},
    }

    def bring(**more: str) -> None:
        content = json.dumps({"features": [house | {"properties": house["properties"] | more}]}).encode()
        told = {
            "city": "mashhad",
            "source": "© OpenStreetMap contributors",
            "licence": "ODbL-1.0",
            "file": (io.BytesIO(content), "a.geojson"),
        }
        assert operator.post("/places/import", data=told).status_code == 303

    bring()
    place = session.query(Place).filter_by(kind="sight").one()
    [first, _] = re.findall(rf'action="(/places/{place.id}/history/\d+)"', operator.get(f"/places/{place.id}/history").text)
    assert operator.post(first, data=STATEMENT | {"history_year": "1313"}).status_code == 303
    bring(old_name="باغ ملی")
    told = visitor.get(f"/api/v1/places/{place.id}").json["history"]
    assert [(one["kind"], one["text"], one["year"], one["licence"]) for one in told] == [
        ("founded", "It was built", 1313, "facts"),
        ("former_name", "باغ ملی", None, "ODbL-1.0"),
    ]


def test_the_register_shows_what_is_documented_and_what_is_not(
    sign_in: SignIn, session: Session, town: files.Town, shop: goods.Shop
) -> None:
    hall, _ = sign_in(Role.MUNICIPALITY, town.municipality.id)
    maker = session.get_one(Place, shop.branches[0].place_id)
    maker.is_handicraft, maker.category, maker.names = True, "handicraft", {"fa": "=سازنده", "en": "The maker"}
    session.commit()
    owner, _ = sign_in(Role.MERCHANT, shop.merchant.organisation_id)
    told = {"photo": (io.BytesIO(photo()), "x.jpg"), "photo_source": "the shop", "photo_licence": "CC-BY-4.0"}
    assert owner.post(f"/branches/{shop.branch_id}/page/photos", data=told).status_code == 303
    other = session.get_one(Place, shop.branches[1].place_id).id
    shown = {
        asked: set(re.findall(r'href="/places/(\d+)"', hall.get(f"/register?{asked}").text))
        for asked in ("", "photo=1", "photo=0", "handicraft=1", "history=1", "licence=0&kind=shop", "category=saffron")
    }
    both = {str(maker.id), str(other)}
    assert shown == {
        "": both,
        "photo=1": {str(maker.id)},
        "photo=0": {str(other)},
        "handicraft=1": {str(maker.id)},
        "history=1": set(),
        "licence=0&kind=shop": both,
        "category=saffron": set(),
    }
    sheet = list(csv.reader(io.StringIO(hall.get("/register/sheet.csv?photo=1").data.decode("utf-8-sig"))))
    assert (len(sheet), sheet[1][3], sheet[1][14:16]) == (2, "The maker", ["test", "none"])
    assert hall.get("/register/sheet.xlsx").status_code == 200
    assert hall.get("/register?kind=castle").status_code == 422
    hall.get("/register")
    counts = []
    for more in (0, 10):
        for _ in range(more):
            factories.place(session)
        session.commit()
        with statements_sent() as sent:
            hall.get("/register")
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 6
