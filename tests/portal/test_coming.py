"""The form of who comes, and the desk that hands them a card at one press."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.services import stock_card
from identity.models import Coming, DeskCode, Person
from identity.permissions import Identity, Role
from tests import factories
from tests.identity.test_coming import form

SignIn = Callable[..., tuple[FlaskClient, Identity]]
CHIP = bytes.fromhex("04a1b2c3d4e5f6")


def again_of(session: Session) -> int:
    return session.scalars(select(Person.id).where(Person.birth_date.is_not(None))).one()


@pytest.fixture
def desk(sign_in: SignIn) -> FlaskClient:
    return sign_in(Role.OPERATOR)[0]


def announced(visitor: FlaskClient) -> str:
    told = visitor.post("/coming", data=form())
    assert (told.status_code, told.headers["Cache-Control"]) == (201, "no-store")
    found = re.search(r"<bdi dir=\"ltr\">(\d{4}) (\d{4})</bdi>", told.text)
    assert found is not None
    return found[1] + found[2]


@pytest.mark.parametrize("language", ["en", "ar", "ur", "fa"])
def test_what_is_wrong_is_told_in_the_pilgrims_language_and_stays(visitor: FlaskClient, language: str) -> None:
    visitor.set_cookie("language", language)
    answer = visitor.post("/coming", data=form(country="Iraq", arrives_on="2020-01-01"))
    assert answer.status_code == 422
    assert answer.text.count("hint-bad") == 2
    assert 'value="A1234567"' in answer.text
    assert ("Enter the day of arrival" in answer.text) == (language == "en")


def test_who_said_so_has_a_card_in_the_hand_at_one_press(visitor: FlaskClient, desk: FlaskClient, session: Session) -> None:
    code = announced(visitor)
    stock = stock_card(session, factories.keystore(), factories.ACTOR, CHIP)
    session.commit()
    assert desk.post("/desk/coming", data={"find": "B7654321"}).status_code == 404
    page = desk.post("/desk/coming", data={"find": code})
    assert (page.status_code, code in page.location) == (303, False)
    shown = desk.get(page.location).text
    assert all(word in shown for word in ("Zahra Hussein", "IRQ A1234567", "1968-04-02"))
    refused = desk.post(f"{page.location}/card", data={"blank": "04ffffffffffff"})
    assert (refused.status_code, "Please read it again" in refused.text) == (422, True)
    assert session.scalars(select(Person).where(Person.language == "en", Person.birth_date.is_not(None))).all() == []
    handed = desk.post(f"{page.location}/card", data={"blank": CHIP.hex()})
    assert (handed.status_code, handed.location) == (303, f"/customers/cards/{stock.id}?new=1")
    session.expire_all()
    assert session.get_one(Card, stock.id).status == "active"
    assert desk.get(page.location).status_code == 404
    announced(visitor)
    again = session.scalars(select(Coming).order_by(Coming.id.desc())).first()
    second = desk.post(f"/desk/coming/{again.id}/card", data={"blank": CHIP.hex()})
    assert (second.status_code, "has a card already" in second.text) == (409, True)
    assert f'href="/customers/{again_of(session)}"' in second.text
    assert desk.get(f"/desk/coming/{again.id}").status_code == 200, "nothing of it stands"


def test_the_desk_gives_a_code_once_and_asks_for_the_day_of_birth(
    visitor: FlaskClient, desk: FlaskClient, session: Session
) -> None:
    announced(visitor)
    one = session.scalars(select(Coming)).one()
    person = desk.post(f"/desk/coming/{one.id}").location.split("?")[0]
    given = desk.post(f"{person}/code")
    assert (given.status_code, given.headers["Cache-Control"]) == (200, "no-store")
    assert re.search(r"role=\"status\"><bdi dir=\"ltr\">\d{4} \d{4}</bdi>", given.text)
    assert session.scalars(select(DeskCode)).one().person_id == int(person.rsplit("/", 1)[1])
    assert 'role="status"' not in desk.get(person).text
    session.scalars(select(Person).where(Person.birth_date.is_not(None))).one().birth_date = None
    session.commit()
    asked = desk.post(f"{person}/code")
    assert (asked.status_code, 'name="born"' in asked.text) == (422, True)
    assert desk.post(f"{person}/code", data={"born": "1968-04-02"}).status_code == 200
