"""Orders of cards on both sides: who asks, and the bank that prints, delivers and is paid."""

import csv
import io
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.rules import is_card_number
from cardbank.kinds.rules import KindTerms, Technology
from cardbank.kinds.services import define_kind
from cardbank.orders.models import CardOrder
from identity.permissions import Identity, Role
from kernel import clock
from kernel.calendar import jalali_digits, local_day
from tests import factories
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def bank(sign_in: SignIn, session: Session) -> FlaskClient:
    """The operator, with a kind without a chip and its prices."""
    client = sign_in(Role.OPERATOR)[0]
    factories.keystore()
    define_kind(
        session, factories.ACTOR, "silver", KindTerms({"fa": "نقره‌ای", "en": "Silver"}, local_day(clock.now()), 12, Technology.QR)
    )
    session.commit()
    assert client.post("/card-prices", data=prices()).status_code == 303
    return client


@pytest.fixture
def union(bank: FlaskClient, sign_in: SignIn) -> FlaskClient:
    return sign_in(Role.UNION)[0]


def prices(**changes: object) -> dict[str, object]:
    today = jalali_digits(local_day(clock.now()))
    return {
        "kind": "silver",
        "starts_on": today,
        "setup": "۵۰۰٬۰۰۰".replace("٬", ","),
        "least": ["2", "100"],
        "unit": ["95000", "80000"],
    } | changes


def wish(picture: bytes = b"", **changes: str) -> dict[str, object]:
    form: dict[str, object] = {"key": str(uuid4()), "kind": "silver", "count": "۲", "design": "باشگاه کفاشان", "note": ""} | changes
    return form | {"art": (io.BytesIO(picture), "front.png")} if picture else form


def drawn(wide: int, high: int, kind: str = "PNG") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (wide, high), "navy").save(made, kind)
    return made.getvalue()


def ordered(union: FlaskClient, session: Session, **changes: str) -> CardOrder:
    assert union.post("/card-orders", data=wish(**changes)).status_code == 303
    return session.scalars(select(CardOrder).order_by(CardOrder.id.desc())).first()


def test_an_order_goes_from_the_asking_to_the_banks_receipt(bank: FlaskClient, union: FlaskClient, session: Session) -> None:
    assert all(said in union.get("/card-orders").text for said in ("95,000", "80,000", "500,000"))
    form = wish(drawn(1_016, 640))
    answers = [union.post("/card-orders", data=form | {"art": (io.BytesIO(drawn(1_016, 640)), "front.png")}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    here, order = answers[0].location, session.scalars(select(CardOrder)).one()
    assert "690,000" in union.get(here).text, "two cards, and the picture once"
    picture = union.get(f"{here}/art")
    assert (picture.mimetype, picture.data[:4]) == ("image/png", b"\x89PNG")
    there = f"/card-orders/all/{order.id}"
    for step in ({"act": "confirm", "due_on": jalali_digits(local_day(clock.now()))}, {"act": "produce"}):
        assert bank.post(there, data=step).status_code == 303
    taken = bank.post(f"{there}/numbers")
    numbers = [row["card_number"] for row in csv.DictReader(io.StringIO(taken.data.decode("utf-8-sig")))]
    assert [is_card_number(number) for number in numbers] == [True, True]
    assert "have left for the printer already" in bank.post(f"{there}/numbers").text
    for step in ({"act": "deliver"}, {"act": "pay", "receipt": "۱۴۰۵-۰۹-۷۷"}):
        assert bank.post(there, data=step).status_code == 303
    page = union.get(here).text
    assert all(said in page for said in ("Delivered and paid.", "1405-09-77"))
    assert not any(number in page or number in bank.get(there).text for number in numbers)
    for client, address in ((union, here), (bank, there)):
        sheet = client.get(f"{address}/sheet.pdf")
        assert (sheet.status_code, sheet.data[:5]) == (200, b"%PDF-")


@pytest.mark.parametrize(
    ("changes", "picture", "said"),
    [
        ({"count": "1"}, b"", "Please order 2 to 1,000 cards."), ({"count": "many"}, b"", "Please order 2 to 1,000 cards."), ({"design": " "}, b"", "Please name the design"),
        ({"kind": "standard"}, b"", "No price holds"), ({}, b"no picture", "This file is no picture"), ({}, drawn(800, 500), "The picture has 800 by 500 dots"),
        ({}, drawn(1_200, 700), "not the shape of a card"),
    ],
)  # fmt: skip
def test_a_wrong_order_is_told_beside_its_field_and_nothing_typed_is_lost(
    union: FlaskClient, session: Session, changes: dict[str, str], picture: bytes, said: str
) -> None:
    page = union.post("/card-orders", data=wish(picture, note="برای نوروز", **changes))
    assert (page.status_code, said in page.text, "برای نوروز" in page.text) == (422, True, True)
    assert session.scalars(select(CardOrder)).all() == []


def test_a_wrong_price_list_is_told_and_kept(bank: FlaskClient) -> None:
    page = bank.post("/card-prices", data=prices(least=["2", "2"]))
    assert (page.status_code, "begins today or later" in page.text) == (422, True)
    day = jalali_digits(local_day(clock.now()).replace(year=2030))
    page = bank.post("/card-prices", data=prices(starts_on=day, unit=["80000", "95000"]))
    assert (page.status_code, "no higher price each" in page.text, 'value="95000"' in page.text) == (422, True, True)


def test_a_step_out_of_turn_says_where_the_order_stands(bank: FlaskClient, union: FlaskClient, session: Session) -> None:
    order = ordered(union, session)
    refused = bank.post(f"/card-orders/all/{order.id}", data={"act": "deliver"})
    assert (refused.status_code, "not confirmed yet" in refused.text) == (409, True)
    assert bank.post(f"/card-orders/all/{order.id}", data={"act": "burn"}).status_code == 404
    assert union.post(f"/card-orders/{order.id}/call-off", data={"why": ""}).status_code == 422
    assert union.post(f"/card-orders/{order.id}/call-off", data={"why": "اشتباه بود"}).status_code == 303
    assert "Nothing is printed and nothing is owed." in union.get(f"/card-orders/{order.id}").text
    assert session.scalars(select(Card)).all() == []


def test_an_order_is_another_organisations_secret(union: FlaskClient, session: Session, sign_in: SignIn) -> None:
    order, stranger = ordered(union, session), sign_in(Role.MERCHANT)[0]
    for address in ("", "/sheet.pdf", "/art"):
        assert stranger.get(f"/card-orders/{order.id}{address}").status_code == 404
    assert stranger.post(f"/card-orders/{order.id}/call-off", data={"why": "x"}).status_code == 404
    assert "باشگاه کفاشان" not in stranger.get("/card-orders").text


def test_the_lists_ask_as_often_for_many_orders_as_for_one(bank: FlaskClient, union: FlaskClient, session: Session) -> None:
    def asked(client: FlaskClient, address: str) -> int:
        with statements_sent() as sent:
            assert client.get(address).status_code == 200
        return len(sent)

    ordered(union, session)
    before = [asked(union, "/card-orders"), asked(bank, "/card-orders/all?state=asked")]
    for _ in range(21):
        ordered(union, session)
    assert [asked(union, "/card-orders"), asked(bank, "/card-orders/all?state=asked")] == before
    assert "before=" in bank.get("/card-orders/all").text
