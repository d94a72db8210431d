"""The own record and the desk that confirms what papers say."""

import re
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.claims.queries import documents_of, open_claims
from identity.models import Person
from identity.permissions import Identity, Role
from identity.services import enrol_person
from kernel.messages.queries import facts_sent_to
from tests.factories import ACTOR
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]
PASSPORT = {"kind": "passport", "number": "A7654321", "country": "IRQ", "expires_on": "2031-05-01"}


def test_a_paper_is_claimed_on_the_own_page_and_confirmed_at_the_desk(sign_in: SignIn, session: Session) -> None:
    (pilgrim, identity), desk = sign_in(Role.PILGRIM), sign_in(Role.OPERATOR)[0]
    wrong = pilgrim.post("/me/profile", data=PASSPORT | {"expires_on": "2001-01-01"})
    assert (wrong.status_code, 'value="A7654321"' in wrong.text, "Enter the last day of the passport" in wrong.text) == (
        422,
        True,
        True,
    )
    assert pilgrim.post("/me/profile", data=PASSPORT).status_code == 303
    page = pilgrim.get("/me/profile").text
    assert ("Show it at a desk" in page, "A7654321" in page) == (True, False)
    with statements_sent() as sent:
        queue = desk.get("/desk/claims")
    address = f"/desk/claims/{open_claims(session)[0].id}"
    assert (address in queue.text, len(sent)) == (True, 3)
    assert "A7654321" in desk.get(address).text
    unseen = desk.post(address, data={"act": "confirm"})
    assert (unseen.status_code, "Look at the paper first" in unseen.text) == (422, True)
    assert desk.post(address, data={"act": "confirm", "seen": "yes"}).status_code == 303
    session.rollback()
    assert [one.ends_with for one in documents_of(session, identity.person_id)] == ["4321"]
    assert (desk.get(address).status_code, desk.post(address, data={"act": "sing"}).status_code) == (404, 404)


def test_the_desk_is_shown_who_has_the_document_and_the_person_is_not(sign_in: SignIn, session: Session) -> None:
    pilgrim, desk = sign_in(Role.PILGRIM)[0], sign_in(Role.OPERATOR)[0]
    enrol_person(session, ACTOR, {"en": "Somebody else"}, "en", passport=("IRQ", "A7654321"))
    session.commit()
    assert pilgrim.post("/me/profile", data=PASSPORT).status_code == 303
    [claim] = open_claims(session)
    taken = desk.post(f"/desk/claims/{claim.id}", data={"act": "confirm", "seen": "yes"})
    assert (taken.status_code, "Somebody else" in taken.text) == (409, True)
    unsaid = desk.post(f"/desk/claims/{claim.id}", data={"act": "refuse", "refusal": " "})
    assert unsaid.status_code == 422
    desk.post(f"/desk/claims/{claim.id}", data={"act": "refuse", "refusal": "Please bring the passport"})
    page = pilgrim.get("/me/profile").text
    assert ("Please bring the passport" in page, "Somebody else" in page) == (True, False)


def test_a_claim_is_taken_back_and_a_number_is_changed_by_its_code(sign_in: SignIn, session: Session, clean_redis: object) -> None:
    pilgrim, identity = sign_in(Role.PILGRIM)
    pilgrim.post("/me/profile", data={"kind": "names", "name_ar": "زهراء"})
    [claim] = open_claims(session)
    assert pilgrim.post("/me/profile", data={"act": "withdraw", "claim": str(claim.id)}).status_code == 303
    assert pilgrim.post("/me/profile", data={"act": "withdraw", "claim": "x"}).status_code == 404
    unsaid = pilgrim.post("/me/mobile", data={"mobile": "0915"})
    assert (unsaid.status_code, 'value="0915"' in unsaid.text) == (422, True)
    asked = pilgrim.post("/me/mobile", data={"mobile": "09157654321"})
    [token] = re.findall(r'name="token" value="([^"]+)"', asked.text)
    session.rollback()
    code = facts_sent_to(session, "+989157654321", "number_code")[-1]["code"]
    proof = {"mobile": "09157654321", "token": token}
    wrong = pilgrim.post("/me/mobile", data=proof | {"code": "000000" if code != "000000" else "000001"})
    assert (wrong.status_code, token in wrong.text, "or is older than five minutes" in wrong.text) == (422, True, True)
    assert pilgrim.post("/me/mobile", data=proof | {"code": str(code)}).status_code == 303
    assert session.get_one(Person, identity.person_id, populate_existing=True).mobile == "+989157654321"
