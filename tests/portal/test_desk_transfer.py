"""Two cards on a counter: found by number or chip, shown with their owner, money moved once, with a receipt to sign."""

import secrets
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.services import new_request_key
from cardbank.statements import balances
from identity.permissions import Identity, Role
from kernel import clock
from kernel.audit import AuditEntry
from tests import factories

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def cards(session: Session) -> tuple[Card, Card]:
    person = factories.person(session)
    first = factories.card(session, person_id=person.id, money_rial=900_000)
    second = factories.card(session, person_id=person.id, uid=b"\x04" + secrets.token_bytes(6))
    session.commit()
    return first, second


def number_of(card: Card) -> str:
    return factories.keystore().open_card_number(card.number_sealed, card.token)


def money(session: Session, *cards: Card) -> list[int]:
    session.rollback()
    return [balances(session, card.wallet_id or 0, clock.now()).money_rial for card in cards]


def test_a_clerk_moves_money_between_two_cards_once_and_prints_what_is_signed(
    session: Session, sign_in: SignIn, cards: tuple[Card, Card]
) -> None:
    desk, _ = sign_in(Role.OPERATOR)
    first, second = cards
    shown = desk.post("/desk/transfer", data={"source": number_of(first), "target": (second.uid or b"").hex()})
    assert shown.status_code == 200
    assert "900,000" in shown.text
    assert number_of(first) not in shown.text
    form = {"source": first.id, "target": second.id, "key": new_request_key(), "amount": "۲۵۰٬۰۰۰"}
    moved = [desk.post("/desk/transfer/move", data=form) for _ in range(2)]
    assert moved[0].location == moved[1].location
    assert money(session, first, second) == [650_000, 250_000]
    receipt = desk.get(moved[0].location).text
    assert "250,000" in receipt
    assert "Signature of the cardholder" in receipt
    written = session.scalars(select(AuditEntry).where(AuditEntry.act == "transfer")).all()
    assert {one.subject_id for one in written} == {str(first.id)}


def test_what_is_wrong_is_said_beside_its_field_and_moves_nothing(
    session: Session, sign_in: SignIn, cards: tuple[Card, Card]
) -> None:
    desk, _ = sign_in(Role.OPERATOR)
    first, second = cards
    stranger = factories.card(session, person_id=factories.person(session).id)
    session.commit()
    unknown = desk.post("/desk/transfer", data={"source": "12", "target": number_of(second)})
    assert unknown.status_code == 404
    assert 'value="12"' in unknown.text, "nothing typed is lost"
    of_two = desk.post("/desk/transfer", data={"source": number_of(first), "target": number_of(stranger)}).text
    assert "belong to two people" in of_two
    assert 'name="amount"' not in of_two
    form = {"source": first.id, "target": second.id, "key": new_request_key()}
    for changes, status in (
        ({"amount": "x"}, 422),
        ({"amount": "900001"}, 409),
        ({"amount": "1", "target": stranger.id}, 404),
        ({"amount": "1", "target": first.id}, 422),
    ):
        refused = desk.post("/desk/transfer/move", data=form | changes)
        assert refused.status_code == status, changes
        assert 'class="note fault"' in refused.text or "hint-bad" in refused.text, changes
    assert money(session, first, second) == [900_000, 0]
    pilgrim, _ = sign_in(Role.PILGRIM)
    assert pilgrim.get("/desk/transfer").status_code == 403
    assert desk.get(f"/desk/transfer/receipts/2026-01-01/{2**40}").status_code == 404
