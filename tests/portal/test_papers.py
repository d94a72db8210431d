from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from cardbank.ledger.types import AccountKind
from identity.permissions import Identity, Role
from kernel import clock
from kernel.text import latin_digits
from merchants.models import Merchant
from merchants.settlement import queries
from merchants.settlement.models import Statement
from merchants.settlement.services.closing import close_now
from merchants.settlement.services.terms import begin_term
from portal import formats
from portal.routes import settlement
from tests.factories import ACTOR
from tests.merchants.settlement import trade
from tests.papers import links_of, texts_of

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def told(session: Session) -> Statement:
    """Sales, one of them partly with credit, a return and a reversal, under a commission."""
    shop = trade.shop(session)
    begin_term(session, ACTOR, basis_points=125, starts_at=clock.now(), merchant_id=shop.id)
    session.commit()
    wallet = trade.holder(session, credit_rial=50_000)
    sold = [trade.sale(wallet, shop, 1_234_567, with_credit=True), *(trade.sale(wallet, shop, 100_000 + n) for n in range(60))]
    answers = trade.post(session, *sold)
    trade.post(session, trade.returned(sold[1], answers[1], 40_000), trade.reversed_(sold[2]))
    batch = close_now(session, ACTOR)
    session.commit()
    [row] = queries.statements_of_batch(session, batch.id)
    return row.statement


def amounts(texts: list[str]) -> list[int]:
    """Each piece of text that is an amount and nothing else."""
    plain = [latin_digits(one).replace(",", "").replace("−", "-") for one in texts]
    return [int(one) for one in plain if one.removeprefix("-").isdigit()]


@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_paper_says_what_ledger_and_payout_file_say(sign_in: SignIn, session: Session, told: Statement, language: str) -> None:
    shop = session.get_one(Merchant, told.merchant_id)
    client, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    answer = client.get(f"/settlement/statements/{told.id}/sheet.pdf?lang={language}")
    assert answer.mimetype == "application/pdf"
    pages = texts_of(answer.data)
    drawn = [piece for page in pages for piece in page]
    [payout_row] = queries.payout_file(session, told.batch_id, "csv").decode().splitlines()[1:]
    paid = int(payout_row.split(",")[-1])
    booked = session.execute(text("SELECT amount FROM ledger.entry WHERE id = :id"), {"id": told.payout_entry}).scalar_one()
    assert paid == booked == told.payout_rial == trade.balance(session, shop.wallet_id, AccountKind.PAYOUT_SENT)
    head = drawn.index(told.payout_reference)
    assert amounts(drawn[:head])[-2:] == [told.credit_rial, paid]
    lines = amounts(drawn[head:])
    by_line = [lines[at : at + 4] for at in range(0, len(lines), 4)]
    assert len(by_line) == told.lines == 63
    gross, credit, commission, net = (sum(column) for column in zip(*by_line, strict=True))
    assert (gross, credit, commission) == (
        told.sales_rial + told.returns_rial + told.reversals_rial, told.credit_rial, -told.commission_rial,
    )  # fmt: skip
    assert net == paid
    links = links_of(answer.data)
    assert len(set(links)) == 63
    assert {client.get(link).status_code for link in links[:3]} == {200}


def test_the_hour_of_the_bank_and_the_pages_stand_on_it(sign_in: SignIn, session: Session, told: Statement) -> None:
    row = queries.statement_by_id(session, told.id)
    client, _ = sign_in(Role.MERCHANT, row.organisation_id)
    address = f"/settlement/statements/{told.id}/sheet.pdf"
    pages = texts_of(client.get(address).data)
    assert formats.moment(row.batch.expected_at, "en") in pages[0]
    assert [page[-1] for page in pages] == [f"Page {n} of 3 · {row.batch.reference}" for n in (1, 2, 3)]
    persian = texts_of(client.get(f"{address}?lang=fa").data)[0]
    assert any(piece.startswith(formats.clock_time(row.batch.expected_at, "fa")) for piece in persian)  # last read, first drawn
    assert told.sheba not in " ".join(persian)


def test_who_may_not_open_a_receipt_gets_no_link(sign_in: SignIn, told: Statement) -> None:
    operator, _ = sign_in(Role.OPERATOR)
    answer = operator.get(f"/settlement/statements/{told.id}/sheet.pdf")
    assert answer.status_code == 200
    assert links_of(answer.data) == []
    other, _ = sign_in(Role.MERCHANT)
    assert other.get(f"/settlement/statements/{told.id}/sheet.pdf").status_code == 404


def test_too_many_lines_for_paper_are_said_so(sign_in: SignIn, told: Statement, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settlement, "MOST_ON_PAPER", 62)
    operator, _ = sign_in(Role.OPERATOR)
    answer = operator.get(f"/settlement/statements/{told.id}/sheet.pdf")
    assert answer.status_code == 409
    assert "63 lines, too many for paper. Please take it as XLSX or CSV." in answer.text
