"""Pages of terminals' batches: totals equal to the ledger, the entries behind, and what was found out about a difference."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.ledger.verify import verify
from cardbank.references import retrieval_reference
from cardbank.statements import balances
from identity.permissions import Identity, Role
from kernel import clock
from kernel.audit import AuditEntry
from merchants.batches.models import BatchException, HolderReturn, TerminalBatch
from merchants.batches.queries import entries_of
from merchants.batches.rules import Totals, Upload
from merchants.batches.services import _take_upload, decide_exception, note_closed, settle_uploaded
from merchants.batches.verify import TERMINAL_BATCHES
from merchants.models import Merchant, Terminal
from merchants.settlement.verify import SETTLEMENT
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
    card: Card


def sold_and_closed(session: Session, claimed: Totals | None = None, *, settle: bool = True) -> Closed:
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
    if settle:
        settle_uploaded(session, till.id, 1)
    session.commit()
    found = session.scalars(select(BatchException).filter_by(batch_id=batch.id).order_by(BatchException.id))
    return Closed(shop, till, batch, list(found), card)


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


@pytest.fixture
def not_happened(session: Session, closed: Closed) -> BatchException:
    """The sale of 150,000 of which the till knows nothing did not happen: the money is the cardholder's."""
    for one, word in zip(closed.exceptions, ("found", "not_found"), strict=True):
        decide_exception(session, factories.ACTOR, one.id, word, "asked the shop")
        session.commit()
    return closed.exceptions[1]


def test_what_is_the_cardholders_goes_back_when_a_second_person_says_so(
    sign_in: SignIn, session: Session, closed: Closed, not_happened: BatchException
) -> None:
    clerk, _ = sign_in(Role.OPERATOR)
    with statements_sent() as sent:
        page = clerk.get("/holder-returns").text
    assert len(sent) <= 4
    assert page.count("Propose to give it back") == 1, "the other one is the shop's"
    before = money_of(session, closed.card)
    proposed = clerk.post(f"/batch-cases/{not_happened.id}/return", data={"note": "the till printed no slip"})
    assert proposed.status_code == 303
    again = clerk.post(f"/batch-cases/{not_happened.id}/return", data={"note": "once more"})
    assert (again.status_code, "It is proposed or given back already." in again.text) == (409, True)
    held = session.scalars(select(HolderReturn)).one()
    own = clerk.post(f"/holder-returns/{held.id}", data={"word": "paid"})
    assert (own.status_code, "a second person must let it be paid" in own.text) == (403, True)
    second, _ = sign_in(Role.OPERATOR)
    assert second.post(f"/holder-returns/{held.id}", data={"word": "paid"}).status_code == 303
    late = second.post(f"/holder-returns/{held.id}", data={"word": "paid"})
    assert (late.status_code, "decided on this one already" in late.text) == (409, True)
    session.expire_all()
    assert money_of(session, closed.card) - before == 150_000
    assert "Given back" in second.get("/batch-cases?show=decided").text
    assert "Nothing waits for a cardholder" in second.get("/holder-returns").text
    with session.connection().connection.cursor() as cursor:
        cursor.execute("SELECT ledger.roll_up(10000)")
    session.commit()
    checks = verify(session.connection().connection.driver_connection, (TERMINAL_BATCHES, SETTLEMENT))
    assert [check for check in checks if not check.ok] == []


def test_a_refused_proposal_can_be_made_anew(
    sign_in: SignIn, session: Session, closed: Closed, not_happened: BatchException
) -> None:
    clerk, _ = sign_in(Role.OPERATOR)
    clerk.post(f"/batch-cases/{not_happened.id}/return", data={"note": "first"})
    held = session.scalars(select(HolderReturn)).one()
    assert clerk.post(f"/holder-returns/{held.id}", data={"word": "refused"}).status_code == 303
    assert clerk.post(f"/batch-cases/{not_happened.id}/return", data={"note": "second"}).status_code == 303
    assert clerk.post("/holder-returns/999", data={"word": "paid"}).status_code == 404
    assert clerk.post(f"/batch-cases/{closed.exceptions[0].id}/return", data={"note": "no"}).status_code == 409


def test_a_refund_that_only_the_till_has_goes_to_the_purchase_that_the_receipt_names(sign_in: SignIn, session: Session) -> None:
    closed = sold_and_closed(session, Totals(debits=2, debits_rial=250_000, credits=1, credits_rial=40_000), settle=False)
    for one in entries_of(session, closed.batch):
        take(session, closed, Upload(one.stan, "0200", "000000", one.amount_rial, retrieval_reference(*one.ref)))
    take(session, closed, Upload("000777", "0200", "200000", 40_000, "000000000ABC"))
    settle_uploaded(session, closed.till.id, 1)
    session.commit()
    lacking = session.scalars(select(BatchException)).one()
    decide_exception(session, factories.ACTOR, lacking.id, "found", "the slip is signed")
    session.commit()
    clerk, _ = sign_in(Role.OPERATOR)
    wrong = clerk.post(f"/batch-cases/{lacking.id}/return", data={"reference": "632400000ABC", "note": "kept as typed"})
    assert (wrong.status_code, "No purchase of this shop with this reference" in wrong.text) == (422, True)
    assert 'value="kept as typed"' in wrong.text
    sold = entries_of(session, closed.batch)[0]
    before = money_of(session, closed.card)
    right = clerk.post(
        f"/batch-cases/{lacking.id}/return", data={"reference": retrieval_reference(*sold.ref), "note": "the customer's slip"}
    )
    assert right.status_code == 303
    held = session.scalars(select(HolderReturn)).one()
    second, _ = sign_in(Role.OPERATOR)
    second.post(f"/holder-returns/{held.id}", data={"word": "paid"})
    session.expire_all()
    assert money_of(session, closed.card) - before == 40_000


def take(session: Session, closed: Closed, upload: Upload) -> None:
    _take_upload(session, closed.till.id, 1, upload)


def money_of(session: Session, card: Card) -> int:
    assert card.wallet_id
    return balances(session, card.wallet_id, clock.now()).money_rial
