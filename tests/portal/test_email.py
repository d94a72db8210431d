"""The own e-mail page, letters written for it, and the link that ends them without a sign-in."""

from collections.abc import Callable
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.consents import agree, agreements_of
from identity.models import Person
from identity.permissions import Identity, Role
from kernel.messages.queries import facts_sent_to
from kernel.messages.services import refuses_offers
from loyalty.groups import services as groups
from loyalty.letters import services
from loyalty.letters.links import ending_address
from tests import factories
from tests.loyalty.groups.people import customer

SignIn = Callable[..., tuple[FlaskClient, Identity]]
ADDRESS = "z.ahmadi@example.org"


def test_a_holder_gives_confirms_and_removes_an_address(session: Session, sign_in: SignIn) -> None:
    client, holder = sign_in(Role.PILGRIM)
    refused = client.post("/me/email", data={"act": "ask", "email": "zahra"})
    assert refused.status_code == 422
    assert 'value="zahra"' in refused.text, "nothing typed is lost"
    client.post("/me/email", data={"act": "ask", "email": ADDRESS})
    page = client.get("/me/email").text
    assert "z•••@example.org" in page
    assert ADDRESS not in page
    wrong = client.post("/me/email", data={"act": "confirm", "code": "12345"})
    assert "The code is wrong or too old" in wrong.text
    code = facts_sent_to(session, ADDRESS, "email_code")[0]["code"]
    assert client.post("/me/email", data={"act": "confirm", "code": code}).location.endswith("done=confirm")
    session.expire_all()
    assert session.get_one(Person, holder.person_id).email == ADDRESS
    client.post("/me/email", data={"act": "offers", "offers": "none"})
    assert "No offers come to your address." in client.get("/me/email").text
    client.post("/me/email", data={"act": "choose", "letters_by": "sms"})
    client.post("/me/email", data={"act": "remove"})
    assert client.post("/me/email", data={"act": "choose", "letters_by": "email"}).status_code == 409
    assert client.post("/me/email", data={"act": "sing"}).status_code == 422


def test_wrong_codes_are_counted_though_the_page_is_shown_again(session: Session, sign_in: SignIn) -> None:
    client, _ = sign_in(Role.PILGRIM)
    client.post("/me/email", data={"act": "ask", "email": ADDRESS})
    code = facts_sent_to(session, ADDRESS, "email_code")[0]["code"]
    for _ in range(5):
        client.post("/me/email", data={"act": "confirm", "code": "x"})
    assert client.post("/me/email", data={"act": "confirm", "code": code}).status_code == 422


def test_a_shop_writes_as_each_reader_chose_and_sees_it_first(session: Session, sign_in: SignIn) -> None:
    shop = factories.organisation(session).id
    client, owner = sign_in(Role.MERCHANT, shop)
    group = groups.found_group(session, owner, shop, "Regulars")
    for number in range(10):
        reader, mobile = customer(session, shop, language="en")
        person = session.get_one(Person, reader.person_id)
        person.email, person.letters_by = (f"r{number}@example.org", "email") if number % 2 else (None, "sms")
        groups.add_one(session, owner, shop, group.id, mobile, "")
    session.commit()
    form = {"group": group.id, "key": str(uuid4()), "text_fa": "زعفران تازه", "organisation": shop, "channel": "chosen"}
    refused = client.post("/letters/new", data=form)
    assert "Write a subject in Persian" in refused.text
    assert "Choose how it is sent." in client.post("/letters/new", data=form | {"channel": "pigeon"}).text
    shown = client.post("/letters/new", data=form | {"subject_fa": "زعفران", "act": "look"}).text
    assert "<dt>E-mail</dt><dd>People: 5</dd>" in shown
    assert "/unsubscribe/…" in shown
    written = client.post("/letters/new", data=form | {"subject_fa": "زعفران", "act": "write"}).location
    services.send_next(session)
    session.commit()
    page = client.get(written).text
    assert "As each reader has chosen" in page
    assert "<dt>E-mail</dt><dd>People: 5</dd>" in page
    assert "@example.org" not in page


def test_the_operator_writes_to_a_confirmed_address_and_sees_it_handed_over(session: Session, sign_in: SignIn) -> None:
    operator, _ = sign_in(Role.OPERATOR)
    reader, _ = customer(session, language="en")
    person = session.get_one(Person, reader.person_id)
    person.email, person.letters_by = ADDRESS, "email"
    session.commit()
    form = {
        "contact": ADDRESS,
        "key": str(uuid4()),
        "text_fa": "سلام",
        "subject_fa": "خبر",
        "purpose": "service",
        "channel": "email",
        "act": "write",
    }
    assert "has confirmed this address" in operator.post("/letters/new", data=form | {"contact": "nobody@example.org"}).text
    written = operator.post("/letters/new", data=form).location
    services.send_next(session)
    session.commit()
    page = operator.get(written).text
    assert "z•••@example.org" in page
    assert ADDRESS not in page


def test_a_link_ends_letters_by_one_press_or_after_reading(session: Session, visitor: FlaskClient) -> None:
    shop = factories.organisation(session)
    reader, _ = customer(session)
    session.get_one(Person, reader.person_id).email = ADDRESS
    agree(session, reader, shop.id)
    session.commit()
    link = ending_address(reader.person_id, shop.id).rpartition("/unsubscribe/")[2]
    opened = visitor.get(f"/unsubscribe/{link}")
    assert opened.status_code == 302
    assert shop.names["en"] in visitor.get(opened.location).text
    session.expire_all()
    assert len(agreements_of(session, reader.person_id)) == 1, "looking ends nothing"
    assert visitor.post(f"/unsubscribe/{link}", data={"x": "y"}).status_code == 404
    assert visitor.post(f"/unsubscribe/{link}", data={"List-Unsubscribe": "One-Click"}).status_code == 200
    session.expire_all()
    assert agreements_of(session, reader.person_id) == []
    assert "from anybody" in visitor.post(opened.location, data={"act": "everybody"}).text
    assert refuses_offers(session, ADDRESS)
    assert visitor.get("/letters/ended/made-up").status_code == 404
    assert visitor.post("/unsubscribe/made-up", data={"List-Unsubscribe": "One-Click"}).status_code == 404
