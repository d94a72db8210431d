import re
from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.models import Organisation
from identity.permissions import Identity, Role
from merchants import services as merchants
from merchants.models import Merchant
from merchants.onboarding.models import Overseer
from places import services as places
from portal.routes import shops_map
from tests import factories
from tests.factories import ACTOR
from tests.portal.conftest import statements_sent
from tests.purchases import purchase

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def shop(session: Session) -> Merchant:
    made = factories.merchant(session)
    factories.contract(session, made.id)
    session.commit()
    return made


def test_a_merchant_sees_the_sales_of_today_and_their_receipts(sign_in: SignIn, session: Session, shop: Merchant) -> None:
    code = factories.terminal(session, shop=shop).code
    card = factories.card(session, money_rial=1_000_000)
    session.commit()
    _, answer = purchase(session, code, card, 150_000)
    client, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    with statements_sent() as sent:
        page = client.get("/sales")
    assert "150,000" in page.text
    assert len(sent) <= 8
    receipt = client.get(f"/sales/{answer.business_date}/{answer.entry_id}")
    assert receipt.status_code == 200
    assert "150,000" in receipt.text
    assert "850,000" not in receipt.text  # what the customer has left is not the shop's business


def test_an_owner_chooses_a_branch_or_sees_all_and_who_is_bound_sees_the_own(
    sign_in: SignIn, session: Session, shop: Merchant
) -> None:
    bazaar, square = (factories.terminal(session, shop=shop) for _ in range(2))
    stranger = factories.terminal(session)
    card = factories.card(session, money_rial=1_000_000)
    session.commit()
    purchase(session, bazaar.code, card, 150_000)
    purchase(session, square.code, card, 240_000)
    owner, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    whole = owner.get("/sales").text
    assert "390,000" in whole
    assert f"branch={square.branch_id}" in whole
    one = owner.get(f"/sales?branch={square.branch_id}").text
    assert "240,000" in one
    assert "390,000" not in one
    assert "150,000" not in one
    assert owner.get(f"/sales?branch={stranger.branch_id}").status_code == 404


def test_sales_are_paged(sign_in: SignIn, session: Session, shop: Merchant) -> None:
    code = factories.terminal(session, shop=shop).code
    card = factories.card(session, money_rial=1_000_000)
    session.commit()
    for amount in range(1_000, 24_000, 1_000):
        purchase(session, code, card, amount)
    client, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    first = client.get("/sales")
    assert first.text.count("/sales/20") == 20
    [older] = re.findall(r'href="(/sales\?[^"]*before=[^"]+)"', first.text)
    assert client.get(unescape(older)).text.count("/sales/20") == 3
    assert client.get("/sales?before=nonsense").status_code == 422


def test_another_shops_sales_are_not_found(sign_in: SignIn, session: Session, shop: Merchant) -> None:
    code = factories.terminal(session).code
    card = factories.card(session, money_rial=1_000_000)
    session.commit()
    _, answer = purchase(session, code, card, 150_000)
    client, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    assert "150,000" not in client.get("/sales").text
    assert client.get(f"/sales/{answer.business_date}/{answer.entry_id}").status_code == 404
    assert client.get(f"/sales?merchant={shop.id + 1}").status_code == 404


def test_merchants_are_listed_with_branches_and_terminals_in_one_read(sign_in: SignIn, session: Session) -> None:
    union = factories.organisation(session, "union")
    for _ in range(22):
        factories.terminal(session, shop=factories.merchant(session, union_id=union.id))
    factories.merchant(session)
    session.commit()
    member, _ = sign_in(Role.UNION, union.id)
    with statements_sent() as sent:
        first = member.get("/merchants")
    assert len(sent) <= 3
    assert first.text.count('<th scope="row">') == 20
    [older] = re.findall(r'href="(/merchants\?after=\d+)"', first.text)
    assert member.get(older).text.count('<th scope="row">') == 2
    platform, _ = sign_in(Role.OPERATOR)
    [older] = re.findall(r'href="(/merchants\?after=\d+)"', platform.get("/merchants").text)
    assert platform.get(older).text.count('<th scope="row">') == 3


@pytest.mark.parametrize("role", [Role.MUNICIPALITY, Role.CITY_MANAGER])
def test_a_citys_offices_see_the_merchants_with_a_branch_there(sign_in: SignIn, session: Session, role: Role) -> None:
    far = places.found_city(session, ACTOR, "qom", {"fa": "قم"}, 50.88, 34.64, "Asia/Tehran")
    here, there, both = (factories.merchant(session) for _ in range(3))
    for shop in (here, both):
        factories.terminal(session, shop=shop)
    spot = places.register_place(
        session, ACTOR, far.id, code="far", kind="shop", names={"fa": "دور"}, lon=50.88, lat=34.64, source="test", licence="none",
    )  # fmt: skip
    for shop in (there, both):
        merchants.open_branch(session, ACTOR, shop.id, spot.id, {"fa": "شعبه"})
    office = factories.organisation(session, "municipality" if role is Role.MUNICIPALITY else "city_office")
    if role is Role.MUNICIPALITY:
        session.add(Overseer(city_id=far.id, organisation_id=office.id))
    else:
        places.open_city_office(session, ACTOR, office.id, far.id)
    session.commit()
    client, _ = sign_in(role, office.id)
    page = client.get("/merchants").text
    names = {shop.id: session.get_one(Organisation, shop.organisation_id).names["en"] for shop in (here, there, both)}
    assert {shop for shop, name in names.items() if f"<bdi>{name}</bdi>" in page} == {there.id, both.id}
    elsewhere, _ = sign_in(role)
    assert "No merchant yet" in elsewhere.get("/merchants").text


def test_the_map_of_shops_is_for_everybody_who_has_signed_in(sign_in: SignIn, session: Session, visitor: FlaskClient) -> None:
    for _ in range(21):
        factories.terminal(session)
    session.commit()
    assert visitor.get("/shops").status_code == 302
    client, _ = sign_in(Role.PILGRIM)
    with statements_sent() as sent:
        page = client.get("/shops")
    assert page.text.count("Takes the card") == 20
    assert "21 in all" in page.text
    assert '"latitude"' not in page.text
    assert len(sent) <= 6
    [older] = re.findall(r'href="(\?after=\d+)"', page.text)
    assert client.get(f"/shops{older}").text.count("Takes the card") == 1


def test_the_map_asks_for_its_shops_and_hears_when_nothing_has_changed(
    sign_in: SignIn, session: Session, visitor: FlaskClient
) -> None:
    assert visitor.get("/shops/map.json").status_code == 302
    client, _ = sign_in(Role.PILGRIM)
    assert client.get("/shops/map.json").json == {"type": "FeatureCollection", "whole": True, "features": []}
    for lon in (59.61, 59.62, 59.70):
        shop_at(session, lon, 36.29)
    session.commit()
    with statements_sent() as sent:
        answer = client.get("/shops/map.json")
    assert len(sent) <= 5
    assert answer.mimetype == "application/geo+json"
    assert answer.json["whole"] is True
    assert answer.json["bbox"] == [59.61, 36.29, 59.70, 36.29]
    assert [one["geometry"]["coordinates"] for one in answer.json["features"]] == [[59.61, 36.29], [59.62, 36.29], [59.70, 36.29]]
    assert answer.json["features"][0]["properties"] == {"name": "Branch", "open": False}
    assert client.get("/shops/map.json", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    part = client.get("/shops/map.json?box=59.60,36.2,59.65,36.3").json
    assert (len(part["features"]), part["whole"]) == (2, False)
    shop_at(session, 59.63, 36.29)
    session.commit()
    assert client.get("/shops/map.json", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 200


def test_a_crowded_map_is_gathered_and_counts_every_open_shop(
    sign_in: SignIn, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shops_map, "MOST_DOTS", 4)
    monkeypatch.setattr(shops_map, "overviews", shops_map.Overviews())
    for number in range(6):
        shop_at(session, 59.6 + number / 10_000, 36.29)
    alone, closed = shop_at(session, 59.8, 36.35), shop_at(session, 59.6, 36.29)
    merchants.set_merchant_status(session, ACTOR, closed.id, "suspended", "test")
    session.commit()
    client, _ = sign_in(Role.PILGRIM)
    with statements_sent() as sent:
        answer = client.get("/shops/map.json").json
    assert len(sent) <= 6
    assert answer["whole"] is False
    dot, cluster = answer["features"]
    assert dot["geometry"]["coordinates"] == [59.8, 36.35]
    assert dot["properties"]["name"] == "Branch"
    assert cluster["properties"] == {"count": 6}
    assert cluster["geometry"]["coordinates"] == pytest.approx([59.60025, 36.29])
    again = shop_at(session, 59.8, 36.35)
    session.commit()
    with statements_sent() as sent:
        assert len(client.get("/shops/map.json").json["features"]) == 2
    assert not any("shop_cell" in statement for statement in sent)  # a crowded city is read once for many lookers
    with statements_sent() as sent:
        assert client.get("/shops/map.json?box=59.5,36.2,59.9,36.4").json["features"] == answer["features"]
    assert not any("shop_cell" in statement for statement in sent)  # nor for a box that holds all of it
    part = client.get("/shops/map.json?box=59.60005,36.2,59.9,36.4").json["features"]
    assert sorted(one["properties"]["count"] for one in part) == [2, 6]  # the cell at the edge counts whole
    near = client.get("/shops/map.json?box=59.79,36.34,59.81,36.36").json["features"]
    assert len(near) == 2
    assert {alone.status, again.status} == {"active"}


@pytest.mark.parametrize("box", ["1,2,3", "a,b,c,d", "59,36,58,37", "59,36,nan,37", "59,36,60,95", "1,2,3,4,5"])
def test_a_malformed_box_is_refused(sign_in: SignIn, box: str) -> None:
    client, _ = sign_in(Role.PILGRIM)
    assert client.get("/shops/map.json", query_string={"box": box}).status_code == 422


def shop_at(session: Session, lon: float, lat: float) -> Merchant:
    made = factories.merchant(session)
    merchants.open_branch(session, ACTOR, made.id, factories.place(session, lon=lon, lat=lat).id, {"fa": "شعبه", "en": "Branch"})
    return made
