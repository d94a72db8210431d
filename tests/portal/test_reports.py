import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from insights.reports import services, sums
from insights.reports.card_days import count_cards
from insights.reports.models import ReportFile
from insights.rules import rounded_rial
from insights.visitors.models import VisitorCount
from insights.visitors.rules import Kept, Told
from insights.visitors.services import keep_day
from kernel.calendar import jalali_digits, local_day
from kernel.db import unit_of_work
from loyalty.groups import services as groups
from merchants.stock.rules import Kind
from merchants.stock.services import moving
from tests import factories
from tests.factories import ACTOR
from tests.insights.reports.market import Street, ledger_of, street, today, trade_a_day
from tests.loyalty.groups.people import mobile
from tests.merchants.catalogue import goods
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def at(session: Session) -> Street:
    made = street(session)
    trade_a_day(session, made)
    return made


def sheet_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_page_sheets_and_ledger_say_the_same(sign_in: SignIn, session: Session, at: Street) -> None:
    shop = at.shops[1]
    client, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    truth = ledger_of(session, [shop])
    with statements_sent() as sent:
        page = client.get("/reports/sales?by=day")
    assert len(sent) <= 6
    assert f"{truth['sales_rial']:,}" in page.text
    rows = sheet_of(client.get("/reports/sales/sheet.csv?by=day").get_data(as_text=True))
    assert rows[-1][1:4] == [str(truth[name]) for name in ("sale_entries", "sales_rial", "returns_rial")]
    book = load_workbook(io.BytesIO(client.get("/reports/sales/sheet.xlsx?by=day").data))
    assert [[str(cell) for cell in row] for row in book.active.iter_rows(values_only=True)] == rows
    receipts = sheet_of(client.get("/reports/sales/sheet.csv?by=receipt").get_data(as_text=True))
    assert len(receipts) == 1 + 4 + 1
    assert receipts[-1][7] == str(truth["sales_rial"] + truth["returns_rial"])


def test_single_receipts_open_and_are_paged(sign_in: SignIn, at: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.routes import reports

    monkeypatch.setattr(reports, "RECEIPTS_A_PAGE", 2)
    client, _ = sign_in(Role.MERCHANT, at.shops[1].organisation_id)
    first = client.get("/reports/sales?by=receipt")
    links = re.findall(r'href="(/sales/20[^"]+)"', first.text)
    assert [client.get(link).status_code for link in links] == [200, 200]
    [older] = re.findall(r'href="(/reports/sales\?by=receipt&amp;after=[^"]+)"', first.text)
    assert len(re.findall(r'href="/sales/20', client.get(older.replace("&amp;", "&")).text)) == 2


def test_days_are_typed_in_the_jalali_calendar_and_faults_keep_what_was_typed(sign_in: SignIn, at: Street) -> None:
    client, _ = sign_in(Role.OPERATOR)
    day = jalali_digits(today())
    persian = day.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    page = client.get(f"/reports/sales?first={persian}&last={day}&by=shop")
    assert page.status_code == 200
    assert "5,000,000" in page.text
    for query, sentence in (
        ("first=1405/13/01&last=1405/01/01", "Write the day as year/month/day"),
        ("first=1405/02/01&last=1405/01/01", "The last day is before the first one."),
        ("first=1403/01/01&last=1405/01/01", "A report covers at most 366 days."),
        ("first=1405/01/01&last=1405/01/02&by=nonsense", "Choose a grouping of the list."),
    ):
        wrong = client.get(f"/reports/sales?{query}")
        assert wrong.status_code == 422, query
        assert sentence in wrong.text
        assert f'value="{query.split("&")[0].removeprefix("first=")}"' in wrong.text


@pytest.mark.parametrize("role", [Role.UNION, Role.MUNICIPALITY, Role.CITY_MANAGER])
def test_who_looks_after_shops_reads_sums_and_no_shop(
    sign_in: SignIn, at: Street, session: Session, monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    """A union the sum of its members, a city's offices what the page of visitors says of the city."""
    whose = {Role.UNION: at.union, Role.MUNICIPALITY: at.municipality, Role.CITY_MANAGER: at.office}[role]
    client, _ = sign_in(role, whose.id)
    monkeypatch.setattr(sums, "local_day", lambda now: local_day(now) + timedelta(days=1))
    count = VisitorCount(day=today() - timedelta(days=1))
    session.add(count)
    keep_day(session, count, 0, {factories.city(session).id: [Kept(Told.DAY, "", "", 30, 40, 77_400_000)]})
    invented = VisitorCount(day=today() - timedelta(days=2), is_invented=True)
    session.add(invented)
    keep_day(session, invented, 0, {factories.city(session).id: [Kept(Told.DAY, "", "", 30, 40, 99_000_000)]})
    session.commit()
    sum_rial = rounded_rial(ledger_of(session, at.shops)["sales_rial"]) if role is Role.UNION else 77_000_000
    assert f"{sum_rial:,}" in client.get("/reports/sales?by=month").text
    for by in ("shop", "branch", "terminal", "receipt", "kind"):
        assert client.get(f"/reports/sales?by={by}").status_code == 422, by
        assert client.get(f"/reports/sales/sheet.csv?by={by}").status_code == 422, by
        assert client.post("/reports/sales/files", data={"by": by, "form": "csv"}).status_code == 422, by
    assert client.get("/reports/cards").status_code == 404
    narrowed = client.get(f"/reports/sales?by=day&terminal={at.tills[0].code}&kind=books")
    assert f"{sum_rial:,}" in narrowed.text  # a sum over shops cannot be cut down to one


def test_another_organisation_is_not_there_to_ask_for(sign_in: SignIn, at: Street) -> None:
    client, _ = sign_in(Role.MERCHANT, at.shops[0].organisation_id)
    assert client.get(f"/reports/sales?for={at.shops[1].organisation_id}").status_code == 404
    assert client.get("/reports/nonsense").status_code == 404
    cashier, _ = sign_in(Role.CASHIER, at.shops[0].organisation_id)
    assert cashier.get("/reports").status_code == 403


def test_a_view_is_saved_opened_replaced_and_removed(sign_in: SignIn, at: Street) -> None:
    client, _ = sign_in(Role.MERCHANT, at.shops[0].organisation_id)
    typed = {"first": "1405/01/01", "last": "1405/06/31", "by": "month", "name": "نیمهٔ نخست"}
    assert client.post("/reports/sales/views", data=typed).status_code == 303
    assert client.post("/reports/sales/views", data=typed | {"by": "day"}).status_code == 303
    page = client.get("/reports").text
    [link] = re.findall(r'href="(/reports/sales\?[^"]+)"', page)
    opened = client.get(link.replace("&amp;", "&")).text
    assert 'value="1405/06/31"' in opened
    assert '<option value="day" selected>' in opened
    unnamed = client.post("/reports/sales/views", data=typed | {"name": " "})
    assert unnamed.status_code == 422
    assert 'value="1405/01/01"' in unnamed.text
    [forget] = re.findall(r'action="(/reports/views/\d+/forget)"', page)
    other, _ = sign_in(Role.MERCHANT, at.shops[0].organisation_id)
    assert "نیمهٔ نخست" not in other.get("/reports").text
    assert other.post(forget).status_code == 404
    assert client.post(forget).status_code == 303
    assert "نیمهٔ نخست" not in client.get("/reports").text


def test_a_long_file_is_ordered_watched_and_fetched_by_its_owner_alone(
    sign_in: SignIn, session: Session, at: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "SHORT_ROWS", 3)
    monkeypatch.setattr(services, "ROWS_A_PIECE", 2)
    shop = at.shops[1]
    client, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    assert "You may close this page." in client.get("/reports/sales?by=receipt").text
    assert client.get("/reports/sales/sheet.csv?by=receipt").status_code == 302  # back to where it can be ordered
    order = {"by": "receipt", "form": "csv"}
    first, second = (client.post("/reports/sales/files", data=order) for _ in range(2))
    assert first.location == second.location
    page = client.get(first.location)
    assert page.headers["Refresh"] == "3"
    assert "0 of 4 rows are written." in page.text
    assert client.get(f"{first.location}/content").status_code == 404
    with unit_of_work() as turn:
        services.make_next_piece(turn)
    assert "2 of 4 rows are written." in client.get(first.location).text
    for _ in range(3):
        with unit_of_work() as turn:
            services.make_next_piece(turn)
    done = client.get(first.location)
    assert "Refresh" not in done.headers
    rows = sheet_of(client.get(f"{first.location}/content").get_data(as_text=True))
    truth = ledger_of(session, [shop])
    assert len(rows) == 1 + 4 + 1
    assert rows[-1][7] == str(truth["sales_rial"] + truth["returns_rial"])
    colleague, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    for path in (first.location, f"{first.location}/content"):
        assert colleague.get(path).status_code == 404
    assert session.scalars(select(ReportFile.state)).all() == ["done"]


def test_cards_are_narrowed_and_moves_of_groups_are_a_shops_own(sign_in: SignIn, session: Session) -> None:
    client, owner = sign_in(Role.MERCHANT, factories.merchant(session).organisation_id)
    [organisation] = owner.organisations("loyalty:group:manage") or ()
    made = groups.found_group(session, owner, organisation, "هم‌سفران")
    for _ in range(3):
        groups.add_one(session, owner, organisation, made.id, mobile(), "")
    factories.card(session)
    count_cards(session)
    session.commit()
    assert "هم‌سفران" in client.get("/reports/groups?by=group").text
    rows = sheet_of(client.get("/reports/groups/sheet.csv?by=group").get_data(as_text=True))
    assert rows[-1][1:] == ["3", "0", "3"]
    operator, _ = sign_in(Role.OPERATOR)
    for state, cards in (("active", "1"), ("blocked", "0")):
        page = operator.get(f"/reports/cards?by=branch&state={state}")
        assert f'<option value="{state}" selected>' in page.text
        assert sheet_of(operator.get(f"/reports/cards/sheet.csv?by=branch&state={state}").get_data(as_text=True))[-1][1] == cards
    stranger, _ = sign_in(Role.MERCHANT)
    assert "هم‌سفران" not in stranger.get("/reports/groups").text


def test_the_pages_stand_in_persian(sign_in: SignIn, at: Street) -> None:
    client, _ = sign_in(Role.OPERATOR)
    for path in (
        "/reports",
        "/reports/sales?by=terminal",
        "/reports/payouts?by=state",
        "/reports/cards",
        "/reports/sales?by=receipt",
    ):
        page = client.get(f"{path}{'&' if '?' in path else '?'}lang=fa")
        assert page.status_code == 200
        assert "گزارش" in page.text


def test_a_shop_reads_its_goods_and_nobody_elses(sign_in: SignIn, session: Session) -> None:
    shop = goods.shop(session)
    product = goods.product(session, shop, list_rial=700_000, name_en="Saffron, sample")
    moving.move(session, ACTOR, moving.Move(shop.branch_id, Kind.INTAKE, str(uuid4())), {product.id: 3_000})
    session.commit()
    client, _ = sign_in(Role.MERCHANT, shop.merchant.organisation_id)
    assert "Goods and stock" in client.get("/reports").text
    for by in ("good", "goods_group", "branch"):
        page = client.get(f"/reports/goods?by={by}")
        assert page.status_code == 200
        assert "2,100,000" in page.text
    assert "Saffron, sample" in client.get("/reports/goods?by=good").text
    rows = sheet_of(client.get("/reports/goods/sheet.csv?by=good").get_data(as_text=True))
    assert rows[-1][7] == "2100000"
    of_branch = [client.get(f"/reports/goods?branch={branch.id}").text for branch in shop.branches]
    assert ["2,100,000" in page for page in of_branch] == [True, False]
    other, _ = sign_in(Role.MERCHANT, goods.shop(session).merchant.organisation_id)
    assert "2,100,000" not in other.get("/reports/goods").text
    for role in (Role.OPERATOR, Role.UNION):
        stranger, _ = sign_in(role, None if role is Role.OPERATOR else factories.organisation(session, "union").id)
        assert stranger.get("/reports/goods").status_code == 404
