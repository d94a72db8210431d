"""From the code on a receipt to the refund on the card, through the pages of everybody who has a part in it."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from merchants.complaints.links import purchase_link
from merchants.models import Branch
from tests.merchants.complaints.case import Case, case
from tests.pictures import photo
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def at(session: Session) -> Case:
    return case(session)


@pytest.fixture
def receipt(at: Case) -> str:
    """What the code on the receipt opens."""
    return f"/r/{purchase_link(at.sold.business_date, at.sold.entry_id)}"


def told(visitor: FlaskClient, receipt: str, **typed: object) -> str:
    """Complain with the form of the page; the address where it is followed."""
    [key] = re.findall(r'name="key" value="([^"]+)"', visitor.get(receipt).text)
    answer = visitor.post(receipt, data={"key": key, "cause": "overcharge"} | typed)
    assert answer.status_code == 303
    assert visitor.post(receipt, data={"key": key, "cause": "overcharge"}).location == answer.location
    return answer.location.partition("?")[0]


def test_two_taps_and_no_sign_in_bring_a_complaint_to_the_union(
    visitor: FlaskClient, sign_in: SignIn, at: Case, receipt: str
) -> None:
    page = visitor.get(receipt).text
    assert "400,000" in page
    assert "It was too expensive" in page
    followed = told(visitor, receipt)
    assert "On record" in visitor.get(followed).text
    union, _ = sign_in(Role.UNION, at.town.union.id)
    assert "It was too expensive" in union.get("/complaints").text
    refused = visitor.post(receipt, data={"key": str(uuid4()), "cause": "overcharge", "words": "once more"})
    assert refused.status_code == 409
    assert "has an open complaint about the same already" in refused.text
    assert "once more</textarea>" in refused.text


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(visitor: FlaskClient, receipt: str) -> None:
    typed = {"key": str(uuid4()), "cause": "rude", "words": "kept words", "mobile": "12"}
    for wrong, sentence in (
        ({}, "mobile number"), ({"mobile": "", "paper": (io.BytesIO(b"<html>"), "x.jpg")}, "PDF, JPEG"), ({"mobile": "", "cause": "all"}, "choose what was wrong"),
    ):  # fmt: skip
        refused = visitor.post(receipt, data=typed | wrong)
        assert refused.status_code == 422
        assert sentence in refused.text
        assert "kept words</textarea>" in refused.text
    assert visitor.get(receipt[:-3] + "abc").status_code == 404
    with clock.frozen(clock.now() + timedelta(days=70)):
        assert "does not open a complaint any more" in visitor.get(receipt).text


def test_the_thread_reaches_each_side_and_the_photo_the_office_alone(
    visitor: FlaskClient, sign_in: SignIn, at: Case, receipt: str
) -> None:
    followed = told(visitor, receipt, words="twice the price", paper=(io.BytesIO(photo()), "x.jpg"), mobile="09151234567")
    union, _ = sign_in(Role.UNION, at.town.union.id)
    shop, _ = sign_in(Role.MERCHANT, at.merchant.organisation_id)
    [number] = re.findall(r"/complaints/(\d+)\"", union.get("/complaints").text)
    page = union.get(f"/complaints/{number}").text
    [kept] = re.findall(rf"/complaints/{number}/pictures/\d+", page)
    assert union.get(kept).data.startswith(b"\xff\xd8\xff")
    assert shop.get(kept).status_code == 403
    assert "09151234567" not in page
    assert (
        union.post(
            f"/complaints/{number}/acts", data={"key": str(uuid4()), "act": "ask", "words": "Have you the label?"}
        ).status_code
        == 303
    )
    assert "Have you the label?" in visitor.get(followed).text
    assert "Have you the label?" not in shop.get(f"/shop-complaints/{number}").text
    assert shop.post(f"/shop-complaints/{number}", data={"key": str(uuid4()), "words": "It was the right price"}).status_code == 303
    assert visitor.post(followed, data={"key": str(uuid4()), "words": "Yes, I have"}).status_code == 303
    assert "It was the right price" in visitor.get(followed).text
    assert "Being looked into" in visitor.get(followed).text
    assert union.post(f"/complaints/{number}/acts", data={"key": str(uuid4()), "act": "refuse", "words": ""}).status_code == 422
    assert (
        union.post(
            f"/complaints/{number}/acts", data={"key": str(uuid4()), "act": "refuse", "words": "Below the ceiling"}
        ).status_code
        == 303
    )
    assert "Below the ceiling" in visitor.get(followed).text
    assert "Below the ceiling" in union.get(f"/complaints/{number}/letter").text
    late = visitor.post(followed, data={"key": str(uuid4()), "words": "but"})
    assert late.status_code == 409
    assert "This complaint is closed" in late.text


def test_an_ordered_refund_stands_in_the_statement_as_such(session: Session, visitor: FlaskClient, sign_in: SignIn) -> None:
    pilgrim, holder = sign_in(Role.PILGRIM)
    at = case(session, holder.person_id)
    [receipt] = re.findall(r'href="[^"]*(/r/[^"]+)"', pilgrim.get(f"/me/receipts/{at.sold.business_date}/{at.sold.entry_id}").text)
    followed = told(visitor, receipt)
    officer, _ = sign_in(Role.UNION, at.town.union.id)
    second, _ = sign_in(Role.UNION, at.town.union.id)
    shop, _ = sign_in(Role.MERCHANT, at.merchant.organisation_id)
    [number] = re.findall(r"/complaints/(\d+)\"", officer.get("/complaints").text)
    [key] = re.findall(r'name="order_key" value="([^"]+)"', officer.get(f"/complaints/{number}").text)
    wrong = officer.post(f"/complaints/{number}/orders", data={"order_key": key, "amount": "900,000", "why": "kept reason"})
    assert wrong.status_code == 422
    assert "up to 400,000 Rial" in wrong.text
    assert "kept reason</textarea>" in wrong.text
    assert (
        officer.post(
            f"/complaints/{number}/orders", data={"order_key": key, "amount": "۱۰۰٬۰۰۰", "why": "above the ceiling"}
        ).status_code
        == 303
    )
    [order] = re.findall(r"/complaints/orders/\d+", second.get(f"/complaints/{number}").text)
    assert "above the ceiling" in shop.get(f"/shop-complaints/{number}").text
    assert "second person" in officer.post(order, data={"act": "confirm"}).text
    assert second.post(order, data={"act": "confirm"}).status_code == 303
    assert "100,000" in visitor.get(followed).text
    assert "By order of the union" in pilgrim.get("/me/statement").text
    assert "By order of the union" in shop.get("/sales").text
    assert (
        shop.post(f"/shop-complaints{order.removeprefix('/complaints')}", data={"act": "appeal", "order_words": "no"}).status_code
        == 303
    )
    town, _ = sign_in(Role.MUNICIPALITY, at.town.municipality.id)
    assert "Appeal of the shop" in town.get(f"/complaints/{number}").text
    assert town.post(order, data={"act": "uphold", "order_words": "rightly so"}).status_code == 303
    assert "rightly so" in shop.get(f"/shop-complaints/{number}").text


def test_a_shops_wrong_data_are_told_from_its_place_and_kept_with_who_was_signed_in(
    session: Session, sign_in: SignIn, at: Case
) -> None:
    place = session.query(Branch.place_id).filter_by(merchant_id=at.merchant.id).scalar()
    pilgrim, _ = sign_in(Role.PILGRIM)
    assert f"/places/{place}/complaint" in pilgrim.get(f"/places/{place}").text
    told(pilgrim, f"/places/{place}/complaint", cause="wrong_data", words="closed on Mondays")
    assert "What is said of the shop is wrong" in pilgrim.get("/me/complaints").text
    stranger, _ = sign_in(Role.PILGRIM)
    assert "No complaint yet" in stranger.get("/me/complaints").text


def test_the_list_asks_as_much_for_many_as_for_few(session: Session, sign_in: SignIn, at: Case) -> None:
    union, _ = sign_in(Role.UNION, at.town.union.id)
    union.get("/complaints")  # notes the session as used
    counts = []
    for cause in ("rude", "other", "terminal", "bad_goods"):
        at.complaint(session, cause)
        session.commit()
        with statements_sent() as sent:
            assert union.get(f"/complaints?trade={at.town.trade.id}&shop={at.merchant.id}").status_code == 200
        counts.append(len(sent))
    assert len(set(counts)) == 1
    assert counts[0] <= 6
    assert "No complaint fits" in union.get("/complaints?state=overdue").text
    assert union.get("/complaints?state=unheard").status_code == 422
