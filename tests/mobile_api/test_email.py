from collections.abc import Callable

from sqlalchemy.orm import Session

from kernel.messages.queries import facts_sent_to
from tests.mobile_api.conftest import Caller

ADDRESS = "zahra@example.org"


def test_a_person_gives_an_address_confirms_it_and_chooses(caller: Callable[..., Caller], bank_session: Session) -> None:
    holder, other = caller(language="en"), caller()
    assert holder.get("/me/email").json == {
        "email": None,
        "waits_for": None,
        "letters_by": "sms",
        "refuses_offers": False,
        "is_open": True,
    }
    refused = holder.write("PUT", "/me/email", {"email": "zahra"})
    assert (refused.status_code, refused.json["facts"]["field"]) == (422, "email")
    asked = holder.write("PUT", "/me/email", {"email": ADDRESS})
    assert (asked.json["email"], asked.json["waits_for"]) == (None, "z•••@example.org")
    code = facts_sent_to(bank_session, ADDRESS, "email_code")[0]["code"]
    for one, given in ((holder, "x"), (other, code)):
        assert one.write("POST", "/me/email/confirmation", {"code": given}).json["code"] == "email_code_refused"
    assert holder.write("PUT", "/me/letters-by", {"letters_by": "email"}).json["code"] == "email_not_confirmed"
    assert holder.write("POST", "/me/email/confirmation", {"code": code}).json["letters_by"] == "email"
    assert holder.write("PUT", "/me/letters-by", {"letters_by": "sms"}).json["letters_by"] == "sms"
    assert holder.write("PUT", "/me/email/offers", {"wanted": False}).json["refuses_offers"]
    exported = holder.get("/me/export").json["person"]
    assert (exported["email"], exported["letters_by"]) == (ADDRESS, "sms")
    assert other.get("/me/email").json["email"] is None
    assert holder.write("DELETE", "/me/email").json["email"] is None
    other.write("PUT", "/me/email", {"email": ADDRESS})
    assert other.write("POST", "/me/erasure", {"confirm": "erase me"}).status_code == 204
