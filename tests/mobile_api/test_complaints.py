"""A holder's complaint by the API: of an own purchase, once, followed to its answer."""

from base64 import b64encode
from collections.abc import Callable
from uuid import uuid4

from sqlalchemy.orm import Session

from cardbank.services import new_request_key
from merchants.complaints.rules import Act
from merchants.complaints.services import ordering
from merchants.complaints.services.handling import Wanted, handle
from tests.merchants.complaints.case import case
from tests.mobile_api.conftest import Caller
from tests.pictures import photo, tells_of_its_taking


def test_a_holder_complains_of_an_own_purchase_and_follows_it(caller: Callable[..., Caller], bank_session: Session) -> None:
    holder, other = caller(language="en"), caller()
    at = case(bank_session, holder.identity.person_id)
    entry, key = f"{at.sold.business_date}-{at.sold.entry_id}", str(uuid4())
    asked = {"entry": entry, "cause": "overcharge", "words": "twice the price"}
    first = holder.write("POST", "/complaints", asked, key)
    assert (first.status_code, first.json["state"], first.json["amount_rial"], first.json["entry"]) == (
        201,
        "acknowledged",
        400_000,
        entry,
    )
    assert holder.write("POST", "/complaints", asked, key).json == first.json
    assert holder.write("POST", "/complaints", asked).json["code"] == "complaint_stands"
    assert other.write("POST", "/complaints", asked).status_code == 404
    number = first.json["complaint"]
    handle(bank_session, at.inspector, number, Wanted(Act.ASK, str(uuid4()), "Have you the label?"))
    bank_session.commit()
    waiting = holder.get(f"/complaints/{number}").json
    assert (waiting["complaint"]["state"], waiting["complaint"]["answer_by"]) == ("waiting", None)
    assert [(one["by"], one["words"]) for one in waiting["notes"]] == [
        ("complainant", "twice the price"),
        ("union", "Have you the label?"),
    ]
    answered = holder.write("POST", f"/complaints/{number}/replies", {"words": "Yes"})
    assert (answered.status_code, answered.json["complaint"]["state"]) == (201, "in_progress")
    assert other.get(f"/complaints/{number}").json["code"] == "complaint_not_found"
    assert other.get("/complaints").json == {"complaints": [], "next": None}

    order = ordering.order_refund(bank_session, at.inspector, number, ordering.Asked(new_request_key(), 100_000, "x"))
    colleague = at.colleague(bank_session)
    bank_session.commit()
    ordering.confirm_order(bank_session, colleague, order.id)
    bank_session.commit()
    assert holder.get(f"/complaints/{number}").json["refunded_rial"] == 100_000
    newest = holder.get("/statement").json["entries"][0]
    assert (newest["kind"], newest["is_ordered"]) == ("refund", True)
    handle(bank_session, at.inspector, number, Wanted(Act.RESOLVE, str(uuid4()), "Refunded"))
    bank_session.commit()
    assert holder.get("/complaints").json["complaints"][0]["answer"] == "Refunded"
    late = holder.write("POST", f"/complaints/{number}/replies", {"words": "but"})
    assert (late.status_code, late.json["code"]) == (409, "complaint_moved_on")


def test_pictures_come_with_a_complaint_or_later_and_only_its_owner_opens_them(
    caller: Callable[..., Caller], bank_session: Session
) -> None:
    holder, other = caller(language="en"), caller()
    at = case(bank_session, holder.identity.person_id)
    key, taken = str(uuid4()), b64encode(photo()).decode()
    asked = {"entry": f"{at.sold.business_date}-{at.sold.entry_id}", "cause": "bad_goods", "pictures": [taken]}
    wrong = holder.write("POST", "/complaints", asked | {"pictures": [taken, b64encode(b"<svg>").decode()]}, key)
    assert (wrong.status_code, wrong.json["facts"], holder.get("/complaints").json["complaints"]) == (
        422,
        {"field": "pictures"},
        [],
    )
    assert holder.write("POST", "/complaints", asked | {"pictures": ["no Base64!"]}).json["facts"] == {"field": "pictures"}
    first = holder.write("POST", "/complaints", asked, key)
    assert (first.status_code, holder.write("POST", "/complaints", asked, key).json) == (201, first.json)
    address = f"/complaints/{first.json['complaint']}"
    later, paper = b64encode(photo(1)).decode(), b64encode(b"%PDF-1.7 receipt").decode()
    for content in (later, later, paper):
        told = holder.write("POST", f"{address}/pictures", {"picture": content})
    assert (told.status_code, [one["media_type"] for one in told.json["pictures"]]) == (
        201,
        ["image/jpeg", "image/jpeg", "application/pdf"],
    )
    shown = told.json["pictures"][0]["href"].removeprefix("/api/v1")
    kept = holder.get(shown)
    assert (kept.status_code, kept.mimetype, len(kept.data)) == (200, "image/jpeg", told.json["pictures"][0]["size_bytes"])
    assert not tells_of_its_taking(kept.data)
    assert (kept.headers["Cache-Control"], holder.get(shown, If_None_Match=kept.headers["ETag"]).status_code) == (
        "private, no-cache",
        304,
    )
    assert other.get(shown).json["code"] == "complaint_not_found"
    assert holder.get(f"{address}/pictures/{2**62}").json["code"] == "complaint_not_found"
    assert other.write("POST", f"{address}/pictures", {"picture": later}).status_code == 404
    handle(bank_session, at.inspector, first.json["complaint"], Wanted(Act.RESOLVE, str(uuid4()), "Refunded"))
    bank_session.commit()
    late = holder.write("POST", f"{address}/pictures", {"picture": b64encode(photo(2)).decode()})
    assert (late.status_code, late.json["code"]) == (409, "complaint_moved_on")


def test_what_names_no_purchase_is_not_found(caller: Callable[..., Caller], clean_redis: object) -> None:
    holder = caller()
    for entry in ("", "2026-11-22", "2026-11-22-0", "2026-11-22-x", "2026-11-22_5", "9999-99-99-5"):
        assert holder.write("POST", "/complaints", {"entry": entry, "cause": "rude"}).status_code == 404
    assert holder.write("POST", "/complaints", {"entry": "2026-11-22-5", "cause": "boredom"}).status_code == 422
    assert holder.get("/complaints?cursor=x").json["facts"] == {"field": "cursor"}
