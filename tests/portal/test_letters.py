"""Groups and letters as an organisation works with them, and the holder's own list of who may write."""

from collections.abc import Callable
from io import BytesIO
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from identity.consents import agree
from identity.permissions import Identity, Role
from kernel.messages.models import Message
from kernel.settings import load_settings
from loyalty.groups import services as groups
from loyalty.groups.models import CustomerGroup
from loyalty.letters import services
from loyalty.letters.models import Letter
from tests import factories
from tests.loyalty.groups.people import customer, mobile
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]


def shop_with(
    session: Session, sign_in: SignIn, people: int, group_name: str = "Regulars"
) -> tuple[FlaskClient, Identity, int, CustomerGroup]:
    organisation_id = factories.organisation(session).id
    client, owner = sign_in(Role.MERCHANT, organisation_id)
    group = groups.found_group(session, owner, organisation_id, group_name)
    for _ in range(people):
        _, number = customer(session, organisation_id, language="en")
        groups.add_one(session, owner, organisation_id, group.id, number, "")
    session.commit()
    return client, owner, organisation_id, group


def test_a_shop_makes_a_group_puts_numbers_in_and_learns_of_no_handful(session: Session, sign_in: SignIn) -> None:
    client, _, _, _ = shop_with(session, sign_in, 0)
    refused = client.post("/groups", data={"kind": "asked", "name": "Often", "visits": "0", "days": "90"})
    assert refused.status_code == 422
    assert "The number of times is a whole number from 1 to 1,000." in refused.text
    assert 'value="Often"' in refused.text, "nothing typed is lost"
    made = client.post("/groups", data={"kind": "listed", "name": "Friends"})
    assert client.post("/groups", data={"kind": "listed", "name": "Friends"}).status_code == 422
    address = made.location
    _, number = customer(session)
    session.commit()
    assert "A mobile number looks like" in client.post(address, data={"mobile": "12", "called": "Reza"}).text
    client.post(address, data={"mobile": number, "called": "Reza"})
    assert "is in the group already" in client.post(address, data={"mobile": number}).text
    page = client.get(address).text
    assert number not in page
    assert "Reza" in page
    listed = client.post(
        address.replace("?", "/lists?"), data={"list": (BytesIO(f"نام,موبایل\nالف,{mobile()}\nب,12\n".encode()), "list.csv")}
    )
    wrong = client.get(listed.location).text
    assert "1 of them with something to correct" in wrong
    assert client.post(listed.location, data={"cell-1-mobile": mobile(), "act": "finish"}).status_code == 303
    assert "2 numbers have been put in." in client.get(listed.location).text


def test_a_letter_is_shown_first_then_written_once(session: Session, sign_in: SignIn) -> None:
    client, _, organisation_id, group = shop_with(session, sign_in, 5)
    form = {
        "group": group.id,
        "key": str(uuid4()),
        "text_fa": "زعفران تازه",
        "text_en": "Fresh saffron",
        "organisation": organisation_id,
    }
    assert "Write the text in Persian" in client.post("/letters/new", data=form | {"text_fa": ""}).text
    assert "Write the day as year/month/day" in client.post("/letters/new", data=form | {"day": "soon"}).text
    shown = client.post("/letters/new", data=form | {"act": "look"}).text
    assert "Fresh saffron" in shown
    assert "<dt>SMS in all</dt><dd>5</dd>" in shown
    assert session.scalar(select(func.count()).select_from(Letter)) == 0
    first, again = (client.post("/letters/new", data=form | {"act": "write"}) for _ in range(2))
    assert first.location == again.location
    services.send_next(session)
    session.commit()
    page = client.get(first.location).text
    assert "Has left" in page
    assert "<dt>Waiting</dt><dd>5</dd>" in page
    assert "+989" not in page, "a shop sees how many, never whose numbers"
    client.post(first.location, data={"act": "stop"})
    assert "Stopped" in client.get(first.location).text
    assert "has left already, or was stopped" in client.post(first.location, data={"act": "stop"}).text


def test_a_handful_is_not_told_apart(session: Session, sign_in: SignIn) -> None:
    client, _, organisation_id, group = shop_with(session, sign_in, 2)
    assert "fewer than 5" in client.get(f"/groups/{group.id}").text
    form = {"group": group.id, "key": str(uuid4()), "text_fa": "زعفران", "organisation": organisation_id}
    assert "fewer than 5" in client.post("/letters/new", data=form).text
    made = client.post("/letters/new", data=form | {"act": "write"})
    services.send_next(session)
    session.execute(update(Message).values(state="failed"))
    session.commit()
    assert "Not delivered" not in client.get(made.location).text
    assert "fewer than 5" in client.get("/letters").text


def test_the_operator_decides_on_the_long_letter_of_a_shop_and_writes_to_one_person(
    session: Session, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = load_settings().model_copy(update={"letter_people_alone": 1})
    monkeypatch.setattr(services, "load_settings", lambda: few)
    client, _, organisation_id, group = shop_with(session, sign_in, 5)
    form = {"group": group.id, "key": str(uuid4()), "text_fa": "زعفران تازه", "organisation": organisation_id, "act": "write"}
    address = client.post("/letters/new", data=form).location.partition("?")[0]
    own = client.post(address, data={"act": "approve"})
    assert own.status_code == 403
    assert "A second person must look at it" in own.text
    operator, _ = sign_in(Role.OPERATOR)
    assert "زعفران تازه" in operator.get("/letters").text
    assert operator.post(address, data={"act": "approve"}).status_code == 303
    _, number = customer(session, language="en")
    session.commit()
    alone = {"contact": number, "key": str(uuid4()), "text_fa": "سلام", "purpose": "service", "act": "write"}
    assert "Nobody with a card has this number" in operator.post("/letters/new", data=alone | {"contact": mobile()}).text
    assert "Choose what kind of letter" in operator.post("/letters/new", data=alone | {"purpose": "", "act": "look"}).text
    written = operator.post("/letters/new", data=alone).location
    for _ in range(4):
        services.send_next(session)
    session.commit()
    page = operator.get(written).text
    assert f"{number[:6]}•••••{number[-2:]}" in page
    assert number not in page


def test_lists_are_few_statements_however_long(session: Session, sign_in: SignIn) -> None:
    client, owner, organisation_id, group = shop_with(session, sign_in, 3)
    for number in range(5):
        made = groups.found_group(session, owner, organisation_id, f"Group {number}")
        groups.add_one(session, owner, organisation_id, made.id, mobile(), "")
    session.commit()
    for address, most in (("/groups", 6), (f"/groups/{group.id}", 11), ("/letters", 6)):
        client.get(address)
        with statements_sent() as sent:
            assert client.get(address).status_code == 200
        assert len(sent) <= most, f"{address}: {len(sent)}"


def test_a_holder_lets_a_shop_write_and_ends_it(session: Session, sign_in: SignIn) -> None:
    client, pilgrim = sign_in(Role.PILGRIM)
    assert "Nobody yet" in client.get("/me/senders").text
    shop = factories.organisation(session)
    agree(session, pilgrim, shop.id)
    session.commit()
    page = client.get("/me/senders").text
    assert shop.names["en"] in page
    assert "no mobile number and no e-mail address of yours" in page
    client.post(f"/me/senders/{shop.id}", data={"write": "no"})
    assert "Nobody yet" in client.get("/me/senders").text
    client.post(f"/me/senders/{shop.id}", data={"write": "yes"})
    assert shop.names["en"] in client.get("/me/senders").text
