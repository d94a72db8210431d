"""Pages of terminals' batches: totals equal to the ledger, the entries behind, and what was found out about a difference."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel.audit import AuditEntry
from merchants.batches.models import BatchException, TerminalBatch
from merchants.batches.rules import Totals
from merchants.batches.services import note_closed, settle_uploaded
from merchants.models import Merchant, Terminal
from tests import factories
from tests.portal.conftest import statements_sent
from tests.purchases import purchase

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@dataclass
class Closed:
    """A shop whose till sold twice, closed, and knew of one sale less; and sold once more."""

    shop: Merchant
    till: Terminal
    batch: TerminalBatch
    exceptions: list[BatchException]


def sold_and_closed(session: Session, claimed: Totals | None = None) -> Closed:
    shop = factories.merchant(session)
    till = factories.terminal(session, shop=shop)
    card = factories.card(session, money_rial=2_000_000)
    session.commit()
    for amount in (100_000, 150_000):
        purchase(session, till.code, card, amount)
    session.execute(text("SELECT ledger.close_batches(ARRAY[:till], ARRAY[1], now())"), {"till": till.id})
    batch = note_closed(session, till.id, 1, claimed)
    session.commit()
    purchase(session, till.code, card, 70_000, batch=2)
    settle_uploaded(session, till.id, 1)
    session.commit()
    found = session.scalars(select(BatchException).filter_by(batch_id=batch.id).order_by(BatchException.id))
    return Closed(shop, till, batch, list(found))


@pytest.fixture
def closed(session: Session) -> Closed:
    return sold_and_closed(session, Totals())


def test_the_terminal_shows_its_open_and_its_closed_batch(sign_in: SignIn, closed: Closed) -> None:
    merchant, _ = sign_in(Role.MERCHANT, closed.shop.organisation_id)
    with statements_sent() as sent:
        page = merchant.get(f"/terminals/{closed.till.code}")
    for figure in ("+70,000", "+250,000", "Being looked into"):
        assert figure in page.text
    assert len(sent) <= 8
    opened = merchant.get(f"/terminals/{closed.till.code}/open-batch").text
    assert len(re.findall(r'href="/sales/[^"]+"', opened)) == 1


def test_a_batch_has_the_ledgers_totals_and_the_entries_behind_them(sign_in: SignIn, closed: Closed) -> None:
    merchant, _ = sign_in(Role.MERCHANT, closed.shop.organisation_id)
    with statements_sent() as sent:
        page = merchant.get(f"/terminals/{closed.till.code}/batches/{closed.batch.id}").text
    assert len(sent) <= 7
    links = re.findall(r'href="(/sales/[^"]+)"', page)
    assert len(links) == 2
    assert {merchant.get(link).status_code for link in links} == {200}
    assert closed.batch.case_number in page
    assert page.count("Only the bank has it") == 2


def test_a_batch_that_balances_is_in_balance(sign_in: SignIn, session: Session) -> None:
    closed = sold_and_closed(session, Totals(debits=2, debits_rial=250_000))
    operator, _ = sign_in(Role.OPERATOR)
    page = operator.get(f"/terminals/{closed.till.code}/batches/{closed.batch.id}").text
    assert "In balance" in page
    assert "What does not agree" not in page
    assert 'href="/sales/' not in page, "the operator opens no receipt of a shop"


def test_long_batches_are_paged(sign_in: SignIn, session: Session) -> None:
    till = factories.terminal(session)
    card = factories.card(session, money_rial=2_000_000)
    session.commit()
    for amount in range(1_001, 1_052):
        purchase(session, till.code, card, amount)
    operator, _ = sign_in(Role.OPERATOR)
    first = operator.get(f"/terminals/{till.code}/open-batch").text
    assert "1,001" in first
    assert "1,051" not in first
    assert "1,051" in operator.get(f"/terminals/{till.code}/open-batch?after=50").text


def test_the_operator_finds_out_once_with_a_note(sign_in: SignIn, session: Session, closed: Closed) -> None:
    operator, identity = sign_in(Role.OPERATOR)
    with statements_sent() as sent:
        listed = operator.get("/batch-cases").text
    assert len(sent) <= 4
    first, second = closed.exceptions
    assert listed.count('name="word" value="found"') == 2
    answer = operator.post(f"/batch-cases/{first.id}", data={"word": "found", "note": "the slip is in the drawer"})
    assert answer.status_code == 303
    again = operator.post(f"/batch-cases/{first.id}", data={"word": "not_found", "note": "changed my mind"})
    assert again.status_code == 409
    assert "Somebody has decided on this one already." in again.text
    operator.post(f"/batch-cases/{second.id}", data={"word": "not_found", "note": "nobody knows of it"})
    assert "Nothing to find out" in operator.get("/batch-cases").text
    decided = operator.get("/batch-cases?show=decided").text
    assert "the slip is in the drawer" in decided
    session.expire_all()
    assert closed.batch.state == "decided"
    entries = session.scalars(select(AuditEntry).filter_by(subject="batch exception").order_by(AuditEntry.id)).all()
    assert [(entry.why, entry.account_id) for entry in entries] == [
        ("the slip is in the drawer", identity.sign_in_id), ("nobody knows of it", identity.sign_in_id),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"word": "found", "note": " "}, "Write down what you found out"), ({"word": "found", "note": "x" * 201}, "Write down what you found out"),
        ({"word": "perhaps", "note": "kept as typed"}, "Choose whether you found it or not."), ({"note": "kept as typed"}, "Choose whether you found it or not."),
    ],
)  # fmt: skip
def test_a_wrong_word_is_said_at_its_field_and_nothing_typed_is_lost(
    sign_in: SignIn, session: Session, closed: Closed, form: dict[str, str], sentence: str
) -> None:
    operator, _ = sign_in(Role.OPERATOR)
    answer = operator.post(f"/batch-cases/{closed.exceptions[0].id}", data=form)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{form["note"].strip()}"' in answer.text
    session.expire_all()
    assert closed.exceptions[0].word is None


def test_a_shop_sees_its_own_differences_and_decides_none(sign_in: SignIn, session: Session, closed: Closed) -> None:
    stranger = factories.merchant(session)
    session.commit()
    merchant, _ = sign_in(Role.MERCHANT, closed.shop.organisation_id)
    other, _ = sign_in(Role.MERCHANT, stranger.organisation_id)
    assert closed.batch.case_number in merchant.get("/batch-cases").text
    assert 'name="word"' not in merchant.get("/batch-cases").text
    assert closed.batch.case_number not in other.get("/batch-cases").text
    assert merchant.post(f"/batch-cases/{closed.exceptions[0].id}", data={"word": "found", "note": "x"}).status_code == 403
    assert other.get(f"/terminals/{closed.till.code}/batches/{closed.batch.id}").status_code == 404
    own = factories.terminal(session, shop=stranger)
    session.commit()
    assert other.get(f"/terminals/{own.code}/batches/{closed.batch.id}").status_code == 404
    assert other.get(f"/terminals/{own.code}/batches/999").status_code == 404
