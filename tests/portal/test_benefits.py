"""Pages of an organisation that pays for its members, of the operator who confirms, and of the holder who spends."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from insights import rules
from kernel.calendar import jalali_digits, jalali_month, local_day
from loyalty.benefits import queries
from loyalty.benefits.services import members
from portal.routes.benefits import budget
from tests import factories
from tests.loyalty.benefits.sponsors import AMOUNT_RIAL, House, national_id, today
from tests.portal.conftest import statements_sent
from tests.purchases import purchase

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def house(session: Session) -> House:
    return House(session)


@pytest.fixture
def clerk(house: House, sign_in: SignIn) -> FlaskClient:
    return sign_in(Role.SPONSOR, house.organisation_id)[0]


def test_an_organisation_opens_its_budget_states_a_deposit_and_a_second_person_confirms_it(
    session: Session, sign_in: SignIn
) -> None:
    client, identity = sign_in(Role.SPONSOR, factories.organisation(session, "sponsor").id)
    assert "No budget yet" in client.get("/benefits").text
    assert client.get("/benefits/budget").status_code == 409
    assert client.post("/benefits/open").status_code == 303
    form = {"amount": "۵٬۰۰۰٬۰۰۰", "reference": "AB-123456", "paid_on": jalali_digits(today())}
    refused = client.post("/benefits/budget", data=form | {"reference": "x"})
    assert refused.status_code == 422
    assert "The bank reference has 4 to 40" in refused.text
    assert 'value="۵٬۰۰۰٬۰۰۰"' in refused.text, "nothing typed is lost"
    assert client.post("/benefits/budget", data=form).status_code == 303
    operator, _ = sign_in(Role.OPERATOR)
    assert "AB123456" in operator.get("/deposits").text
    session.commit()
    [row] = queries.deposits_to_confirm(session)
    assert operator.post(f"/deposits/{row.deposit.id}", data={"act": "refuse"}).status_code == 422
    assert operator.post(f"/deposits/{row.deposit.id}", data={"act": "confirm"}).status_code == 303
    assert operator.post(f"/deposits/{row.deposit.id}", data={"act": "confirm"}).status_code == 409
    page = client.get("/benefits/budget").text
    assert "Deposit AB123456" in page
    assert "In the budget" in page
    assert identity.can("loyalty:benefit:manage")


def test_the_operator_puts_an_organisation_on_record_and_invites_for_it(sign_in: SignIn) -> None:
    operator, _ = sign_in(Role.OPERATOR)
    assert operator.post("/deposits/organisations", data={"called": "x"}).status_code == 422
    answer = operator.post("/deposits/organisations", data={"called": "بنیاد نمونه"})
    assert answer.status_code == 303
    assert "Organisation" in operator.get(answer.location).text


PLAN = {"name": "ناهار", "amount": "500000", "recurs": "monthly", "kinds": "restaurant", "group": ""}


def test_a_plan_is_begun_with_every_fault_beside_its_field(house: House, clerk: FlaskClient) -> None:
    dates = {"starts_on": jalali_digits(today()), "ends_on": "1500/01/01", "cities": str(house.city_id)}
    for change, sentence in (
        ({"name": "x"}, "A plan has a name of 2 to 60 letters."),
        ({"amount": "زیاد"}, "The amount for a member is between"),
        ({"ends_on": "فردا"}, "Write the day as year/month/day"),
        ({"ends_on": "1500/01/01"}, "A plan lasts three years at most."),
        ({"cities": ""}, "Tick at least one city."),
        ({"shops": "M99999999999999"}, "There is no shop with the number M99999999999999."),
    ):
        form = PLAN | dates | {"ends_on": jalali_digits(today())} | change
        refused = clerk.post("/benefits/plans", data=form)
        assert refused.status_code == 422, change
        assert sentence in refused.text, change
        assert 'aria-invalid="true"' in refused.text or "cities" in change
    begun = clerk.post("/benefits/plans", data=PLAN | dates | {"ends_on": jalali_digits(today())})
    assert begun.status_code == 303
    again = clerk.post("/benefits/plans", data=PLAN | dates | {"ends_on": jalali_digits(today())})
    assert again.status_code == 422, "a form sent twice would give everybody twice"
    assert "A plan of this name is not over yet." in again.text
    page = clerk.get(begun.location).text
    assert "Restaurant in Mashhad" in page
    assert clerk.post("/benefits/plans/1", data={"act": "fund"}).status_code == 409


def test_a_plan_for_single_shops_names_them(house: House, clerk: FlaskClient) -> None:
    shop = factories.merchant(house.session, "restaurant")
    house.session.commit()
    plan = house.plan(shops=f"m{shop.id:014d}")
    assert plan.shops == [shop.id]
    assert "Sample" in clerk.get(f"/benefits/plans/{plan.id}").text


def test_funding_gives_to_everybody_who_has_nothing_yet(house: House, clerk: FlaskClient) -> None:
    house.member()
    plan = house.plan()
    assert "1 to fund" in clerk.get("/benefits").text
    assert clerk.post(f"/benefits/plans/{plan.id}", data={"act": "fund"}).status_code == 303
    again = clerk.post(f"/benefits/plans/{plan.id}", data={"act": "fund"})
    assert again.status_code == 409
    assert "Every member has this benefit already" in again.text
    assert clerk.post(f"/benefits/plans/{plan.id}", data={"act": "end"}).status_code == 303
    assert "Over" in clerk.get("/benefits").text


def test_members_are_added_repaired_and_taken_out(house: House, clerk: FlaskClient) -> None:
    wrong = clerk.post("/benefits/members", data={"name": "علی", "national_id": "123"})
    assert wrong.status_code == 422
    assert 'value="علی"' in wrong.text
    assert clerk.post("/benefits/members", data={"name": "علی", "national_id": national_id()}).status_code == 303
    content = f"نام,کد ملی\nحسن,{national_id()}\nرضا,12\n"
    listed = clerk.post("/benefits/lists", data={"list": (io.BytesIO(content.encode()), "members.csv")})
    assert listed.status_code == 303
    assert "1 of them with something to correct" in clerk.get(listed.location).text
    assert clerk.post(listed.location, data={"act": "finish"}).status_code == 409
    assert clerk.post(listed.location, data={"cell-1-national_id": national_id(), "act": "finish"}).status_code == 303
    assert "2 members have been added." in clerk.get(listed.location).text
    house.session.commit()
    rows = queries.members_page(house.session, house.organisation_id)
    assert [row.called for row in rows] == ["رضا", "حسن", "علی"]
    assert clerk.post(f"/benefits/members/{rows[0].id}/remove").status_code == 303
    assert "رضا" not in clerk.get("/benefits/members").text


def test_lists_cost_the_same_however_long_they_are(house: House, clerk: FlaskClient) -> None:
    def sent(address: str) -> int:
        with statements_sent() as statements:
            assert clerk.get(address).status_code == 200
        return len(statements)

    pages = ("/benefits", "/benefits/members", "/benefits/budget", "/benefits/use")
    house.member()
    house.fund(house.plan())
    before = {address: sent(address) for address in pages}
    for number in range(3):
        house.member()
        house.deposit(1_000_000)
        house.fund(house.plan(names={"fa": f"ناهار {number}"}))
    assert {address: sent(address) for address in pages} == before
    assert max(before.values()) <= 9


def test_a_holder_reads_from_whom_where_and_until_when(house: House, sign_in: SignIn) -> None:
    client, holder = sign_in(Role.PILGRIM)
    card = factories.card(house.session, person_id=holder.person_id, money_rial=1_000_000)
    house.session.commit()
    number = house.keystore.open_card_number(card.number_sealed, card.token)
    members.add_one(house.session, house.clerk, house.keystore, house.sponsor, {"name": "زائر", "card": number})
    house.session.commit()
    house.fund(house.plan())
    house.give()
    assert "500,000" in client.get("/me").text
    credit = client.get("/me/credit").text
    assert "has given you this for" in credit
    assert "Restaurant in Mashhad" in credit
    shop = factories.merchant(house.session, "restaurant")
    factories.contract(house.session, shop.id)
    till = factories.terminal(house.session, shop=shop).code
    house.session.commit()
    _, sold = purchase(house.session, till, card, AMOUNT_RIAL + 100_000, own_order=True)
    receipt = client.get(f"/me/receipts/{sold.business_date}/{sold.entry_id}").text
    assert "From a benefit" in receipt
    assert "has given you this for" in receipt
    assert "Benefit given" in client.get("/me/statement").text


def test_the_use_is_shown_by_trade_without_small_groups(house: House, clerk: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = house.plan(kinds=())
    held = [house.member_with_card()[1] for _ in range(11)]
    house.deposit(10_000_000)
    house.fund(plan)
    house.give()
    tills = {}
    for kind in ("restaurant", "books"):
        shop = factories.merchant(house.session, kind)
        factories.contract(house.session, shop.id)
        tills[kind] = factories.terminal(house.session, shop=shop).code
    house.session.commit()
    for card in held:
        purchase(house.session, tills["restaurant"], card, 400_000, own_order=True)
    assert "Restaurant" not in clerk.get("/benefits/use").text, "the month is not over"
    monkeypatch.setattr(budget, "local_day", lambda now: jalali_month(local_day(now))[1] + timedelta(days=1))
    page = clerk.get("/benefits/use").text
    assert "Restaurant" in page
    assert "too few" not in page
    purchase(house.session, tills["books"], held[0], 50_000, own_order=True)
    page = clerk.get("/benefits/use").text
    assert page.count("too few") == 2, "the one small cell, and the next so that it cannot be subtracted"
    rows = list(csv.reader(io.StringIO(clerk.get("/benefits/use/sheet.csv").text.lstrip("\ufeff"))))
    assert [row[1] for row in rows] == ["Members", "-", "-", "10"]
    assert clerk.get("/benefits/use/sheet.xlsx").status_code == 200
    assert clerk.get("/benefits/use/sheet.pdf").status_code == 404
    assert clerk.get("/benefits/use?ago=12").status_code == 422
    monkeypatch.setattr(rules, "PROTECTED_PERCENT", 2_000)
    assert clerk.get("/benefits/use").text.count("too few") == 3, "as if one had spent most of it"
