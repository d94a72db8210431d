"""Customers and their cards at the desk."""

import re
import secrets
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.services import stock_card
from cardbank.families.services import open_family
from cardbank.pins.models import CardPin
from cardbank.statements import balances
from identity.models import Person
from identity.permissions import Identity, Role
from identity.services import enrol_person
from kernel import clock
from kernel.audit import AuditEntry
from kernel.messages.ports import IncomingText
from kernel.settings import load_settings
from loyalty.groups import services as grouping
from loyalty.inbox.services import take_text
from loyalty.letters.services import send_next
from merchants.complaints.services.complaining import Said, complain
from tests import factories
from tests.loyalty.groups.people import customer, shop_owner
from tests.merchants.complaints.case import case
from tests.portal.conftest import statements_sent
from tests.purchases import purchase

SignIn = Callable[..., tuple[FlaskClient, Identity]]
LOST = {"why": "lost", "chip": "yes"}


@pytest.fixture
def desk(sign_in: SignIn) -> FlaskClient:
    return sign_in(Role.OPERATOR)[0]


@pytest.fixture
def card(session: Session) -> Card:
    pilgrim = enrol_person(
        session, factories.ACTOR, {"en": "Hassan Ali"}, "en", passport=("IRQ", "A1234567"), mobile="+9647701234567"
    )
    made = factories.card(session, person_id=pilgrim.id, money_rial=500_000, uid=chip())
    session.commit()
    return made


def chip() -> bytes:
    return b"\x04" + secrets.token_bytes(6)


def number_of(card: Card) -> str:
    return factories.keystore().open_card_number(card.number_sealed, card.token)


def blank(session: Session) -> Card:
    made = stock_card(session, factories.keystore(), factories.ACTOR, chip())
    session.commit()
    return made


def test_a_person_is_found_by_document_mobile_and_the_end_of_a_card(desk: FlaskClient, card: Card) -> None:
    for typed in ("a 1234567", "0096477 0123 4567", card.masked[-4:]):
        found = desk.post("/customers", data={"find": typed})
        assert (found.status_code, found.location) == (303, f"/customers/{_person(desk, card)}"), typed
    assert desk.post("/customers", data={"find": number_of(card)}).location == f"/customers/cards/{card.id}"
    assert desk.post("/customers", data={"find": (card.uid or b"").hex()}).location == f"/customers/cards/{card.id}"


def test_a_card_on_the_reader_is_looked_for_at_once(desk: FlaskClient) -> None:
    page = desk.get("/customers")
    assert 'data-fills="find" data-goes' in page.text
    assert "connect-src 'self' http://127.0.0.1:" in page.headers["Content-Security-Policy"]


def _person(desk: FlaskClient, card: Card) -> str:
    page = desk.get(f"/customers/cards/{card.id}").text
    return re.findall(r'href="/customers/(\d+)"', page)[0]


def test_what_finds_nobody_is_told_with_what_to_type_and_stays(desk: FlaskClient, card: Card) -> None:
    page = desk.post("/customers", data={"find": "Z999999"})
    assert page.status_code == 404
    assert "or scan a card" in page.text
    assert 'value="Z999999"' in page.text


def test_the_page_of_a_person_says_what_is_known_and_masks_it_and_is_written_down(
    desk: FlaskClient, session: Session, card: Card
) -> None:
    till = factories.terminal(session)
    session.commit()
    purchase(session, till.code, card, 100_000)
    person = _person(desk, card)
    with statements_sent() as sent:
        page = desk.get(f"/customers/{person}")
    assert len(sent) <= 23
    assert "A1234567" not in page.text
    assert "…4567" in page.text
    assert "400,000" in page.text
    assert "1 purchases" in page.text
    views = session.scalars(select(AuditEntry).where(AuditEntry.act == "view", AuditEntry.subject == "person")).all()
    assert [view.subject_id for view in views] == [person]


def test_a_second_wallet_has_its_own_balance(desk: FlaskClient, session: Session, card: Card) -> None:
    person = _person(desk, card)
    factories.card(session, person_id=int(person), money_rial=77_000)
    session.commit()
    page = desk.get(f"/customers/{person}").text
    assert "500,000" in page
    assert "77,000" in page


def test_the_list_is_read_at_once_however_many_stand_in_it(desk: FlaskClient, session: Session) -> None:
    for _ in range(3):
        factories.account(session)
    session.commit()
    with statements_sent() as sent:
        assert desk.get("/customers").text.count("feed-mark-calm") >= 3
    assert len(sent) <= 5


def test_a_lost_card_is_replaced_by_a_blank_and_keeps_its_balance(desk: FlaskClient, session: Session, card: Card) -> None:
    new = blank(session)
    done = desk.post(f"/customers/cards/{card.id}/replacement", data=LOST | {"blank": (new.uid or b"").hex()})
    assert (done.status_code, done.location) == (303, f"/customers/cards/{new.id}?new=1")
    assert "hand it over" in desk.get(done.location).text
    session.expire_all()
    assert (card.status, new.status, new.wallet_id, new.member_id) == ("replaced", "active", card.wallet_id, card.member_id)
    assert balances(session, new.wallet_id or 0, clock.now()).money_rial == 500_000
    again = desk.post(f"/customers/cards/{card.id}/replacement", data=LOST | {"blank": number_of(blank(session))})
    assert again.status_code == 409
    assert f"the new one is {new.masked}" in again.text


@pytest.mark.parametrize(
    ("typed", "sentence"), [("", "There is no card"), ("04ffffffffffff", "There is no card"), ("own", "belongs to somebody")]
)
def test_a_card_that_is_no_blank_is_told_beside_its_field(
    desk: FlaskClient, session: Session, card: Card, typed: str, sentence: str
) -> None:
    page = desk.post(f"/customers/cards/{card.id}/replacement", data=LOST | {"blank": number_of(card) if typed == "own" else typed})
    assert page.status_code == 422
    assert sentence in page.text
    session.expire_all()
    assert card.status == "active"


def test_a_card_without_a_chip_shows_its_number_once_asked_and_writes_it_down(
    desk: FlaskClient, session: Session, card: Card
) -> None:
    done = desk.post(f"/customers/cards/{card.id}/replacement", data={"why": "damaged", "chip": "no"})
    new = session.scalars(select(Card).order_by(Card.id.desc()).limit(1)).one()
    shown = desk.post(f"/customers/cards/{new.id}/number")
    assert number_of(new)[:4] in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert number_of(new) not in desk.get(done.location).text
    assert session.scalar(select(AuditEntry.id).where(AuditEntry.act == "show number")) is not None
    assert desk.post(f"/customers/cards/{card.id}/number").status_code == 404


def test_each_step_of_a_cards_life_is_taken_from_its_page(desk: FlaskClient, session: Session, card: Card) -> None:
    here = f"/customers/cards/{card.id}"
    assert desk.post(here, data={"act": "block", "kind": "lost", "note": ""}).status_code == 422
    for form, state in (
        ({"act": "block", "kind": "bank", "note": "police"}, "blocked"),
        ({"act": "unblock", "note": "cleared"}, "active"),
        ({"act": "expire", "note": "asked"}, "expired"),
    ):
        assert desk.post(here, data=form).status_code == 303, form
        session.expire_all()
        assert card.status == state
    page = desk.get(here).text
    assert "police" in page
    refused = desk.post(here, data={"act": "close", "note": "leaves"})
    assert refused.status_code == 409
    assert desk.post(here, data={"act": "fly", "note": "x"}).status_code == 404


def test_a_card_that_the_network_blocked_is_not_replaced(desk: FlaskClient, session: Session, card: Card) -> None:
    desk.post(f"/customers/cards/{card.id}", data={"act": "block", "kind": "bank", "note": "police"})
    page = desk.post(f"/customers/cards/{card.id}/replacement", data=LOST | {"blank": number_of(blank(session))})
    assert page.status_code == 409
    assert "no way around it" in page.text


def test_the_holder_sets_a_pin_and_a_clerk_opens_it_again(desk: FlaskClient, session: Session, card: Card) -> None:
    here = f"/customers/cards/{card.id}"
    for pin, again, sentence in (("12", "12", "4 to 6 digits"), ("1234", "1234", "too easy"), ("7294", "7295", "not the same")):
        page = desk.post(f"{here}/pin", data={"pin": pin, "again": again})
        assert (page.status_code, sentence in page.text) == (422, True)
        assert f'value="{pin}"' not in page.text
    assert desk.post(f"{here}/pin", data={"act": "open"}).status_code == 409
    assert desk.post(f"{here}/pin", data={"pin": "7294", "again": "۷۲۹۴"}).status_code == 303
    held = session.get_one(CardPin, card.id)
    held.tries, held.wrong_at = 5, clock.now()
    session.commit()
    assert "Let the old PIN be tried again" in desk.get(here).text
    assert desk.post(f"{here}/pin", data={"act": "open"}).status_code == 303
    assert "Let the old PIN be tried again" not in desk.get(here).text


def test_the_fee_of_the_settings_is_named_and_taken(
    desk: FlaskClient, session: Session, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PILGRIM_CARD_REPLACEMENT_FEE_RIAL", "600000")
    load_settings.cache_clear()
    page = desk.get(f"/customers/cards/{card.id}").text
    assert "Fee of 600,000" in page
    form = {"why": "lost", "chip": "no", "key": re.findall(r'name="key" value="([^"]+)"', page)[0]}
    short = desk.post(f"/customers/cards/{card.id}/replacement", data=form | {"paid_by": "card"})
    assert (short.status_code, "does not cover the fee of 600,000" in short.text) == (409, True)
    done = desk.post(f"/customers/cards/{card.id}/replacement", data=form | {"paid_by": "cash"})
    assert done.status_code == 303
    session.expire_all()
    assert (card.status, balances(session, card.wallet_id or 0, clock.now()).money_rial) == ("replaced", 500_000)


def test_the_page_gathers_groups_family_complaints_and_both_sides_of_the_messages(sign_in: SignIn, session: Session) -> None:
    desk, _ = sign_in(Role.OPERATOR)
    owner, shop = shop_owner(session)
    pilgrim, number = customer(session, shop, language="en")
    group = grouping.found_group(session, owner, shop, "Regulars")
    grouping.add_one(session, owner, shop, group.id, number, "")
    person = session.get_one(Person, pilgrim.person_id)
    person.email, person.letters_by = "zahra@example.org", "email"
    made = case(session, pilgrim.person_id)
    complain(session, made.subject(session), Said(str(uuid4()), "overcharge"), identity=pilgrim)
    open_family(session, factories.keystore(), factories.ACTOR, pilgrim.person_id, "en")
    for words in ("When do you open?", "balance"):
        take_text(session, IncomingText(f"test {words}", number, words))
    session.commit()
    page = desk.get(f"/customers/{pilgrim.person_id}").text
    for told in (
        "Regulars",
        '<span class="small">It was too expensive ·',
        "When do you open?",
        "They asked for the balance",
        "z•••@example.org",
        "Head",
    ):
        assert told in page, told
    assert number not in page
    assert "zahra@example.org" not in page
    assert "When do you open?" in desk.get("/messages").text
    answer = desk.get(f"/letters/new?person={pilgrim.person_id}").text
    assert f'name="person" value="{pilgrim.person_id}"' in answer
    form = {
        "person": pilgrim.person_id,
        "key": str(uuid4()),
        "purpose": "service",
        "channel": "chosen",
        "text_fa": "ساعت ۹",
        "subject_fa": "پاسخ",
    }
    assert desk.post("/letters/new", data=form | {"act": "write"}).status_code == 303
    send_next(session)
    session.commit()
    assert "Letter of the operator, by e-mail" in desk.get(f"/customers/{pilgrim.person_id}").text


@pytest.mark.parametrize("role", [Role.MERCHANT, Role.UNION, Role.MUNICIPALITY])
def test_shops_unions_and_municipalities_open_no_customer(sign_in: SignIn, session: Session, role: Role) -> None:
    office, _ = sign_in(role)
    person_id = factories.person(session).id
    session.commit()
    for address in ("/customers", f"/customers/{person_id}", "/desk/transfer"):
        assert office.get(address).status_code == 403
    assert f'name="person" value="{person_id}"' not in office.get(f"/letters/new?person={person_id}").text
