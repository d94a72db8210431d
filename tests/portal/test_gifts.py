"""The operator's pages of gift cards: batches, the printer's file, withdrawal."""

import csv
import io
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.rules import CardStatus, is_card_number
from cardbank.gifts.models import GiftBatch
from cardbank.gifts.rules import MOST_CARDS
from cardbank.gifts.services import make_batch
from identity.permissions import Identity, Role
from tests import factories
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def operator(sign_in: SignIn) -> FlaskClient:
    return sign_in(Role.OPERATOR)[0]


@pytest.fixture
def batch(session: Session) -> GiftBatch:
    made = make_batch(session, factories.keystore(), factories.ACTOR, str(uuid4()), 3, "Nowruz")
    session.commit()
    return made


def test_a_batch_is_made_once_though_its_form_is_sent_twice(operator: FlaskClient, session: Session) -> None:
    form = {"key": str(uuid4()), "count": "۴", "note": "  Bazaar   Reza "}
    first, again = (operator.post("/gifts", data=form) for _ in range(2))
    assert first.status_code == 303
    assert first.location == again.location
    cards = session.scalars(select(Card)).all()
    assert [(card.product, card.status, card.uid) for card in cards] == [("gift", CardStatus.ISSUED, None)] * 4
    page = operator.get(first.location)
    assert "Bazaar Reza" in page.text
    assert all(card.masked[-4:] in page.text for card in cards)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"count": "0"}, f"A batch has 1 to {MOST_CARDS} cards."),
        ({"count": "many"}, f"A batch has 1 to {MOST_CARDS} cards."),
        ({"count": "9" * 30}, f"A batch has 1 to {MOST_CARDS} cards."),
        ({"note": " "}, "Write in 120 letters at most whom the cards are for"),
        ({"note": "x" * 121}, "Write in 120 letters at most whom the cards are for"),
    ],
)
def test_a_wrong_order_is_told_beside_its_field_and_nothing_typed_is_lost(
    operator: FlaskClient, session: Session, typed: dict[str, str], said: str
) -> None:
    form = {"key": str(uuid4()), "count": "2", "note": "Nowruz"} | typed
    page = operator.post("/gifts", data=form)
    assert page.status_code == 422
    assert said in page.text
    assert f'value="{form["count"]}"' in page.text
    assert f'value="{form["note"]}"' in page.text
    assert f'value="{form["key"]}"' in page.text
    assert session.scalars(select(Card)).all() == []


def test_the_printers_file_is_taken_once_and_no_page_shows_a_number(
    operator: FlaskClient, session: Session, batch: GiftBatch
) -> None:
    taken = operator.post(f"/gifts/{batch.id}/numbers")
    assert taken.headers["Cache-Control"] == "no-store"
    rows = list(csv.DictReader(io.StringIO(taken.data.decode("utf-8-sig"))))
    assert len(rows) == 3
    assert all(is_card_number(row["card_number"]) for row in rows)
    again = operator.post(f"/gifts/{batch.id}/numbers")
    assert again.status_code == 409
    assert "The numbers of this batch have left for the printer already." in again.text
    pages = again.text + operator.get("/gifts").text
    assert not any(row["card_number"] in pages for row in rows)


def test_what_is_withdrawn_is_blocked_and_says_why(operator: FlaskClient, session: Session, batch: GiftBatch) -> None:
    unsaid = operator.post(f"/gifts/{batch.id}/withdraw", data={"why": " "})
    assert (unsaid.status_code, "Say in one sentence why" in unsaid.text) == (422, True)
    assert operator.post(f"/gifts/{batch.id}/withdraw", data={"why": "the box was stolen"}).status_code == 303
    states = select(Card.status).where(Card.gift_batch_id == batch.id)
    assert session.scalars(states).all() == [CardStatus.BLOCKED] * 3
    assert operator.post(f"/gifts/{batch.id}/numbers").status_code == 409


def test_the_lists_ask_the_same_however_long_they_are(operator: FlaskClient, session: Session) -> None:
    def asked(address: str) -> int:
        with statements_sent() as sent:
            assert operator.get(address).status_code == 200
        return len(sent)

    first = make_batch(session, factories.keystore(), factories.ACTOR, str(uuid4()), 1, "one")
    session.commit()
    few = asked("/gifts"), asked(f"/gifts/{first.id}")
    more = [make_batch(session, factories.keystore(), factories.ACTOR, str(uuid4()), 5, "five") for _ in range(3)]
    session.commit()
    assert (asked("/gifts"), asked(f"/gifts/{more[0].id}")) == few
