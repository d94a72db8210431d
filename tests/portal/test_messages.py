"""What the operator sees of messages, what an invited person is sent, and the holder's word on offers."""

from collections.abc import Callable
from importlib import import_module
from pkgutil import walk_packages

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

import cardbank
import identity
import loyalty
import merchants
import places
import reservations
from identity import memberships, notices
from identity.models import Person
from identity.permissions import Identity, Role
from kernel.messages.models import Message
from kernel.messages.queries import facts_sent_to
from kernel.messages.rules import Notice
from kernel.messages.services import refuses_offers, send
from kernel.settings import load_settings
from portal.message_words import NOTICES, SENTENCES, TEXTS
from tests.portal.conftest import statements_sent

ZAHRA = "+989151234567"
SignIn = Callable[..., tuple[FlaskClient, Identity]]


def declared() -> dict[str, Notice]:
    """Every notice of the domains: those of modules called `notices`, and of the one that declares its own."""
    packages = (cardbank, identity, loyalty, merchants, places, reservations)
    names = [one.name for package in packages for one in walk_packages(package.__path__, f"{package.__name__}.")]
    modules = [import_module(name) for name in names if name.endswith((".notices", "directory.handlers"))]
    return {one.code: one for module in modules for one in vars(module).values() if isinstance(one, Notice)}


def test_every_notice_has_its_sentence_and_its_name() -> None:
    assert set(SENTENCES) == set(NOTICES) == set(declared())


@pytest.mark.parametrize("language", ["fa", "en", "ar", "ur"])
def test_a_code_reads_as_it_is_typed_in_every_language(language: str) -> None:
    subject, text = TEXTS.words("sign_in_code", language, {"code": "123456"})
    assert "123456" in text
    assert subject


def test_the_operator_sees_messages_without_addresses_and_finds_those_of_one(sign_in: SignIn, session: Session) -> None:
    operator, _ = sign_in(Role.OPERATOR)
    send(session, notices.SIGN_IN_CODE, ZAHRA, "en", {"code": "123456"})
    for number in range(20):
        send(session, notices.SIGN_IN_CODE, f"+98912000{number:04d}", "en", {"code": "999999"})
    session.commit()
    with statements_sent() as sent:
        page = operator.get("/messages").text
    assert len(sent) <= 4
    assert "98912000" not in page
    assert page.count("999999") == 20
    assert "123456" not in page  # on the next page
    found = operator.post("/messages", data={"contact": "0915 123 4567"}).text
    assert "+98915•••••67" in found
    assert "123456" in found
    assert "999999" not in found
    refused = operator.post("/messages", data={"contact": "somebody"})
    assert refused.status_code == 422
    assert "09151234567" in refused.text
    assert 'value="somebody"' in refused.text


def test_in_production_the_words_stay_sealed(sign_in: SignIn, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    operator, _ = sign_in(Role.OPERATOR)
    send(session, notices.SIGN_IN_CODE, ZAHRA, "en", {"code": "123456"})
    session.commit()
    production = load_settings().model_copy(update={"environment": "production"})
    monkeypatch.setattr("portal.routes.messages.load_settings", lambda: production)
    page = operator.get("/messages").text
    assert "Sign-in code" in page
    assert "123456" not in page


def test_an_invitation_is_sent_and_its_way_is_shown(sign_in: SignIn, session: Session) -> None:
    owner, identity = sign_in(Role.MERCHANT)
    typed = {
        "organisation": identity.grants[0].organisation_id,
        "role": "cashier",
        "called": "Zahra",
        "contact": "0915 123 4567",
        "branch": "",
    }
    answer = owner.post("/people/invitations", data=typed)
    [facts] = facts_sent_to(session, ZAHRA, "invitation")
    assert str(facts["code"]) in answer.text
    assert "on its way to this address" in answer.text
    assert facts["link"] == f"{load_settings().portal}/invitation#{facts['code']}"
    page = owner.get("/people").text
    assert "Waiting" in page
    session.query(Message).update({"state": "failed"})
    session.commit()
    assert "Not delivered" in owner.get("/people").text


def test_an_invitation_that_is_refused_is_not_sent(sign_in: SignIn, session: Session) -> None:
    _, identity = sign_in(Role.MERCHANT)
    organisation_id = identity.grants[0].organisation_id
    with pytest.raises(Exception, match="bad_input"):
        memberships.invite_member(
            session, identity, organisation_id, "cashier", name="Zahra", contact=ZAHRA, branch_id=7, branches=()
        )
    assert facts_sent_to(session, ZAHRA, "invitation") == []


def test_the_holder_of_a_number_ends_offers_and_lets_them_come_again(sign_in: SignIn, session: Session) -> None:
    pilgrim, identity = sign_in(Role.PILGRIM)
    assert "Offers by SMS" not in pilgrim.get("/account").text
    assert pilgrim.post("/account/offers", data={"offers": "none"}).status_code == 404
    session.get_one(Person, identity.person_id).mobile = ZAHRA
    session.commit()
    assert "+98915•••••67" in pilgrim.get("/account").text
    pilgrim.post("/account/offers", data={"offers": "none"})
    assert refuses_offers(session, ZAHRA)
    assert "No offers come to you any more" in pilgrim.get("/account").text
    pilgrim.post("/account/offers", data={"offers": "some"})
    session.rollback()
    assert not refuses_offers(session, ZAHRA)
