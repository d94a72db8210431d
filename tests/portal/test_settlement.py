import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from identity.models import Membership, Organisation
from identity.permissions import Identity, Role
from kernel import clock
from kernel.calendar import jalali_digits, local_day
from kernel.settings import load_settings
from merchants.models import Merchant
from merchants.settlement.models import BankAccount, Statement
from merchants.settlement.rules.sheba import make_sheba
from merchants.settlement.services.closing import close_now
from merchants.settlement.services.terms import begin_term
from tests.factories import ACTOR
from tests.merchants.settlement import trade
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def shop(session: Session) -> Merchant:
    return trade.shop(session)


def legal_name(session: Session, shop: Merchant) -> str:
    return session.get_one(Organisation, shop.organisation_id).names["en"]


def sell(session: Session, shop: Merchant, *amounts: int) -> None:
    wallet = trade.holder(session)
    trade.post(session, *(trade.sale(wallet, shop, amount) for amount in amounts))


def settled(session: Session, shop: Merchant, *amounts: int) -> Statement:
    sell(session, shop, *amounts)
    batch = close_now(session, ACTOR)
    session.commit()
    return session.scalars(select(Statement).filter_by(batch_id=batch.id, merchant_id=shop.id)).one()


def test_a_merchant_without_statements_reads_what_comes_next(sign_in: SignIn, shop: Merchant) -> None:
    client, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    with statements_sent() as sent:
        page = client.get("/settlement")
    assert page.status_code == 200
    assert "The first one is made after the first day with sales is over." in page.text
    assert len(sent) <= 9


def test_a_statement_adds_up_and_each_line_opens_its_receipt(sign_in: SignIn, session: Session, shop: Merchant) -> None:
    begin_term(session, ACTOR, basis_points=100, starts_at=clock.now(), merchant_id=shop.id)
    told = settled(session, shop, 150_000, 50_000)
    client, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    listed = client.get("/settlement")
    assert f"/settlement/statements/{told.id}" in listed.text
    with statements_sent() as sent:
        page = client.get(f"/settlement/statements/{told.id}")
    assert len(sent) <= 5
    assert "198,000" in page.text
    assert told.payout_reference in page.text
    assert told.sheba not in page.text
    links = re.findall(r'href="(/sales/[^"]+)"', page.text)
    assert len(links) == 2
    assert {client.get(link).status_code for link in links} == {200}


def test_lines_are_paged(sign_in: SignIn, session: Session, shop: Merchant) -> None:
    told = settled(session, shop, *range(1_000, 53_000, 1_000))
    client, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    first = client.get(f"/settlement/statements/{told.id}")
    [older] = re.findall(r'href="(/settlement/statements/\d+\?after=[^"]+)"', first.text)
    assert len(re.findall(r'href="/sales/', first.text)) == 50
    assert len(re.findall(r'href="/sales/', client.get(older).text)) == 2
    assert client.get(f"/settlement/statements/{told.id}?after=nonsense").status_code == 422


def test_the_sheets_hold_the_same_lines_and_sums(sign_in: SignIn, session: Session, shop: Merchant) -> None:
    told = settled(session, shop, 150_000, 50_000)
    client, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    text = client.get(f"/settlement/statements/{told.id}/sheet.csv")
    assert "attachment" in text.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(text.get_data(as_text=True).removeprefix("\ufeff"))))
    assert len(rows) == 1 + 2 + 9
    assert [row[-1] for row in rows[1:3]] == ["150000", "50000"]
    assert rows[-2][-1] == "200000"
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d/\d+", row[0]) for row in rows[1:3])
    book = load_workbook(io.BytesIO(client.get(f"/settlement/statements/{told.id}/sheet.xlsx").data))
    cells = [[str(cell if cell is not None else "") for cell in row] for row in book.active.iter_rows(values_only=True)]
    assert cells == rows
    assert client.get(f"/settlement/statements/{told.id}/sheet.exe").status_code == 404


def test_another_shops_money_is_not_found(sign_in: SignIn, session: Session, shop: Merchant) -> None:
    other = trade.shop(session)
    told = settled(session, other, 70_000)
    account = session.scalars(select(BankAccount).filter_by(merchant_id=other.id)).one()
    client, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    for address in (
        f"/settlement/statements/{told.id}", f"/settlement/statements/{told.id}/sheet.csv",
        f"/settlement?merchant={other.id}", f"/settlement/account?merchant={other.id}",
    ):  # fmt: skip
        assert client.get(address).status_code == 404, address
    assert client.post(f"/settlement/account/{account.id}/withdraw").status_code == 404
    assert "70,000" not in client.get("/settlement").text


def test_who_manages_one_branch_neither_reads_nor_moves_the_whole_shops_money(
    sign_in: SignIn, session: Session, shop: Merchant
) -> None:
    told = settled(session, shop, 70_000)
    client, manager = sign_in(Role.MERCHANT, shop.organisation_id)
    assert client.get(f"/settlement/statements/{told.id}").status_code == 200
    session.execute(update(Membership).where(Membership.person_id == manager.person_id).values(branch_id=1))
    session.commit()
    assert client.get(f"/settlement/statements/{told.id}").status_code == 404
    for address in ("/settlement", "/settlement/account", "/webhooks", "/contract"):
        assert client.get(address).status_code == 403, address


@pytest.mark.parametrize("role", [Role.CASHIER, Role.UNION, Role.MUNICIPALITY, Role.CITY_MANAGER, Role.PILGRIM])
def test_other_roles_reach_nothing_of_it(sign_in: SignIn, session: Session, shop: Merchant, role: Role) -> None:
    client, _ = sign_in(role, None if role is Role.PILGRIM else shop.organisation_id)
    for address in ("/settlement", "/settlement/account", "/settlements", "/settlements/accounts", "/settlement/statements/1"):
        assert client.get(address).status_code == 403, address
    for address in ("/settlements/close", "/settlements/1/answer", "/settlements/accounts/1", "/settlements/days"):
        assert client.post(address).status_code == 403, address


def test_a_merchant_runs_no_settlement(sign_in: SignIn, shop: Merchant) -> None:
    client, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    assert client.get("/settlements").status_code == 403
    assert client.post("/settlements/close").status_code == 403
    assert client.post("/settlements/accounts/1", data={"act": "approve"}).status_code == 403


def test_an_operator_closes_downloads_and_notes_the_banks_answer(sign_in: SignIn, session: Session, shop: Merchant) -> None:
    other = trade.shop(session)
    sell(session, shop, 60_000)
    sell(session, other, 40_000)
    client, _ = sign_in(Role.OPERATOR)
    assert "Sales are priced every minute." in client.get("/settlements").text
    answer = client.post("/settlements/close")
    assert answer.status_code == 303
    batch = answer.location
    page = client.get(batch)
    assert "100,000" in page.text
    file = client.get(f"{batch}/payouts.csv")
    [first, second] = [row.split(",") for row in file.get_data(as_text=True).splitlines()[1:]]
    assert {first[-1], second[-1]} == {"60000", "40000"}
    assert client.get(f"{batch}/payouts.xml").mimetype == "application/xml"
    assert client.get(f"{batch}/payouts.exe").status_code == 404
    unnamed = client.post(f"{batch}/answer", data={"act": "return", "reference": first[0], "why": ""})
    assert unnamed.status_code == 422
    assert f'value="{first[0]}"' in unnamed.text
    assert client.post(f"{batch}/answer", data={"act": "return", "reference": "PP9", "why": "x"}).status_code == 404
    assert client.post(f"{batch}/answer", data={"act": "return", "reference": first[0], "why": "closed"}).status_code == 303
    assert client.post(f"{batch}/answer", data={"act": "accept"}).status_code == 303
    assert client.post(f"{batch}/answer", data={"act": "accept"}).status_code == 409
    states = dict(session.execute(select(Statement.payout_reference, Statement.payout_state)).all())
    assert states == {first[0]: "returned", second[0]: "accepted"}


def test_the_xml_is_refused_with_a_sentence_while_its_payer_is_not_set(
    sign_in: SignIn, session: Session, shop: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PILGRIM_PAYOUT_DEBTOR_SHEBA", "")
    monkeypatch.setenv("PILGRIM_PAYOUT_DEBTOR_BIC", "")
    load_settings.cache_clear()
    batch_id = settled(session, shop, 60_000).batch_id
    client, _ = sign_in(Role.OPERATOR)
    answer = client.get(f"/settlements/{batch_id}/payouts.xml")
    assert answer.status_code == 409
    assert "Set PILGRIM_PAYOUT_DEBTOR_SHEBA and PILGRIM_PAYOUT_DEBTOR_BIC, or take the CSV." in answer.text
    assert client.get(f"/settlements/{batch_id}/payouts.csv").status_code == 200


def test_closing_twice_makes_one_settlement(sign_in: SignIn, session: Session, shop: Merchant) -> None:
    sell(session, shop, 60_000)
    client, _ = sign_in(Role.OPERATOR)
    assert client.post("/settlements/close").status_code == 303
    again = client.post("/settlements/close")
    assert again.status_code == 409
    assert "There is nothing to settle at this moment." in again.text


def test_a_change_of_account_passes_through_two_people_and_keeps_what_was_typed(
    sign_in: SignIn, session: Session, shop: Merchant
) -> None:
    merchant, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    wrong = merchant.post("/settlement/account", data={"sheba": "IR1", "holder_name": "Somebody"})
    assert wrong.status_code == 422
    assert 'value="Somebody"' in wrong.text
    assert "Count them again." in wrong.text
    sheba = make_sheba("012", "77")
    other = merchant.post("/settlement/account", data={"sheba": sheba, "holder_name": "Somebody Else"})
    assert "must be in the legal name" in other.text
    assert merchant.post("/settlement/account", data={"sheba": sheba, "holder_name": legal_name(session, shop)}).status_code == 303
    pending = merchant.post("/settlement/account", data={"sheba": make_sheba("013", "1"), "holder_name": legal_name(session, shop)})
    assert pending.status_code == 409
    operator, _ = sign_in(Role.OPERATOR)
    proposed = session.scalars(select(BankAccount).filter_by(sheba=sheba)).one()
    assert sheba in operator.get("/settlements/accounts").text
    refused = operator.post(f"/settlements/accounts/{proposed.id}", data={"act": "reject", "why": ""})
    assert refused.status_code == 422
    assert "A refusal needs a reason." in refused.text
    assert operator.post(f"/settlements/accounts/{proposed.id}", data={"act": "approve"}).status_code == 303
    assert operator.post(f"/settlements/accounts/{proposed.id}", data={"act": "approve"}).status_code == 409
    page = merchant.get("/settlement/account")
    assert "Take back" in page.text
    assert sheba not in page.text
    session.expire_all()
    assert proposed.usable_from > clock.now() + timedelta(hours=47)
    assert merchant.post(f"/settlement/account/{proposed.id}/withdraw").status_code == 303


def test_the_operator_corrects_a_bank_day(sign_in: SignIn, session: Session) -> None:
    client, _ = sign_in(Role.OPERATOR)
    wrong = client.post("/settlements/days", data={"act": "closed", "day": "1405/13/40", "why": "Smog"})
    assert wrong.status_code == 422
    assert 'value="Smog"' in wrong.text
    tomorrow = local_day(clock.now()) + timedelta(days=1)
    typed = {"act": "closed", "day": jalali_digits(tomorrow), "why": "Smog"}
    assert client.post("/settlements/days", data=typed).status_code == 303
    assert "Smog" in client.get("/settlements").text


def test_an_account_of_a_bank_that_is_gone_is_still_shown_and_decided(sign_in: SignIn, session: Session, shop: Merchant) -> None:
    account = BankAccount(
        merchant_id=shop.id, sheba=make_sheba("777", "1"), holder_name="Somebody", proposed_at=clock.now(), usable_from=clock.now()
    )
    session.add(account)
    session.commit()
    merchant, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    operator, _ = sign_in(Role.OPERATOR)
    for client, address in ((merchant, "/settlement/account"), (operator, "/settlements/accounts")):
        page = client.get(address)
        assert page.status_code == 200
        assert "Unknown bank (code 777)" in page.text
    refused = {"act": "reject", "why": "No such bank"}
    assert operator.post(f"/settlements/accounts/{account.id}", data=refused).status_code == 303


def test_the_pages_stand_in_persian(app: Flask, sign_in: SignIn, session: Session, shop: Merchant) -> None:
    told = settled(session, shop, 150_000)
    merchant, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    operator, _ = sign_in(Role.OPERATOR)
    for client, address in (
        (merchant, "/settlement"), (merchant, "/settlement/account"), (merchant, f"/settlement/statements/{told.id}"),
        (operator, "/settlements"), (operator, f"/settlements/{told.batch_id}"), (operator, "/settlements/accounts"),
    ):  # fmt: skip
        page = client.get(f"{address}?lang=fa")
        assert page.status_code == 200
        assert 'dir="rtl"' in page.text
        assert "تسویه" in page.text
