"""Papers claimed and a number changed by the API; that a desk confirms is tests/portal/test_claims.py."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from identity.claims.services import confirm_claim
from identity.models import Person
from identity.permissions import Role
from kernel.messages.queries import facts_sent_to
from tests.factories import account
from tests.mobile_api.conftest import Caller

PASSPORT = {"kind": "passport", "number": "A7654321", "country": "IRQ", "expires_on": "2031-05-01"}


def test_a_passport_is_claimed_confirmed_and_shown_by_its_end(caller: Callable[..., Caller], bank_session: Session) -> None:
    holder, clerk = caller(language="en"), account(bank_session, Role.OPERATOR)[0]
    asked = holder.write("POST", "/me/claims", PASSPORT)
    [claim] = asked.json["claims"]
    assert (asked.status_code, claim["state"], claim["country"], claim["ends_with"]) == (201, "asked", "IRQ", "4321")
    assert "A7654321" not in asked.text
    confirm_claim(bank_session, clerk, claim["claim"], is_paper_seen=True)
    bank_session.commit()
    [document] = holder.get("/me").json["documents"]
    assert (document["ends_with"], document["expires_on"]) == ("4321", "2031-05-01")
    again = holder.write("POST", "/me/claims", PASSPORT)
    assert (again.status_code, again.json["code"], again.json["detail"]) == (
        409,
        "claim_on_record",
        "This stands on your record already. Nothing has to be changed.",
    )
    wrong = holder.write("POST", "/me/claims", PASSPORT | {"expires_on": "2001-01-01"})
    assert (wrong.status_code, wrong.json["facts"]) == (422, {"field": "expires_on"})
    names = holder.write("POST", "/me/claims", {"kind": "names", "names": {"ar": "زهراء"}}).json["claims"][0]
    assert caller().write("POST", f"/me/claims/{names['claim']}/withdraw").json["code"] == "claim_not_found"
    assert holder.write("POST", f"/me/claims/{names['claim']}/withdraw").json["claims"][0]["state"] == "withdrawn"


def test_a_document_of_somebody_else_is_answered_as_any_other(caller: Callable[..., Caller], bank_session: Session) -> None:
    holder, other, clerk = caller(), caller(), account(bank_session, Role.OPERATOR)[0]
    number = PASSPORT | {"number": "B7654321"}
    claim = other.write("POST", "/me/claims", number).json["claims"][0]["claim"]
    confirm_claim(bank_session, clerk, claim, is_paper_seen=True)
    bank_session.commit()
    told = [holder.write("POST", "/me/claims", asked) for asked in (number, PASSPORT | {"number": "C7654321"})]
    assert [(one.status_code, one.json["claims"][0]["state"]) for one in told] == [(201, "asked")] * 2


def test_a_number_is_changed_by_the_code_that_was_sent_to_it(
    caller: Callable[..., Caller], bank_session: Session, clean_redis: object
) -> None:
    holder = caller()
    asked = holder.write("POST", "/me/mobile", {"mobile": "0915 765 4321"})
    assert (asked.status_code, asked.json["digits"]) == (202, 6)
    code = facts_sent_to(bank_session, "+989157654321", "number_code")[-1]["code"]
    proof = {"mobile": "09157654321", "token": asked.json["token"]}
    wrong = holder.write("PUT", "/me/mobile", proof | {"code": "000000" if code != "000000" else "000001"})
    assert (wrong.status_code, wrong.json["facts"]) == (422, {"field": "code"})
    assert holder.write("PUT", "/me/mobile", proof | {"code": code}).json["mobile_ends_with"] == "4321"
    assert bank_session.get_one(Person, holder.identity.person_id, populate_existing=True).mobile == "+989157654321"
