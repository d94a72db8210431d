"""Every route with every role, and every role with the objects of other organisations: no way in."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from cardbank.gifts.services import make_batch
from cardbank.services import new_request_key
from identity.helping import allow_help, begin_help
from identity.models import Membership, Organisation
from identity.permissions import ROLE_PERMISSIONS, Identity, Role
from insights.reports import services as reports
from insights.reports.rules import Asked, By, Report, scopes_of
from insights.reports.sheets import RECEIPT_COLUMNS
from kernel import clock
from kernel.calendar import local_day
from kernel.db import engine, unit_of_work
from kernel.settings import load_settings
from kernel.web.application import SESSION_COOKIE
from loyalty.benefits.services import budgets, members
from merchants.batches.queries import exceptions_of_batch
from merchants.batches.rules import Totals
from merchants.batches.services import note_closed, settle_uploaded
from merchants.catalogue.queries import branches_of, prices_of
from merchants.catalogue.services.importing import begin_list
from merchants.debts.services import enter_debt
from merchants.models import Branch, Merchant
from merchants.onboarding import queries
from merchants.onboarding.services.importing import begin_import
from merchants.onboarding.services.issuing import reissue_code
from merchants.onboarding.services.setting_up import WAITS, ask_set_up
from merchants.services import open_terminal
from merchants.settlement.models import BankAccount, Statement
from merchants.settlement.rules.prices import Part
from merchants.settlement.services.closing import close_now
from merchants.stock.rules import Line as StockLine
from merchants.stock.services import counting, receiving
from merchants.tags.services import reading, sweeping
from merchants.till.rules import Line
from merchants.till.services.selling import begin_sale
from merchants.till.services.shifts import open_shift
from merchants.webhooks import services as webhooks
from mobile_api.bearer import access_tokens
from mobile_api.contract import OPERATIONS
from places.services import found_city, open_city_office
from reader_agent.set_up import signing_request
from tests import factories
from tests.factories import ACTOR
from tests.loyalty.benefits.sponsors import House
from tests.merchants.catalogue import goods
from tests.merchants.instalments import deal
from tests.merchants.onboarding import files
from tests.purchases import purchase
from tests.reservations import stays

ANONYMOUS = "anonymous"
# The operator runs the platform for all; the city's manager reads lists and aggregates of a city only, none of which takes an id.
REACHES_ALL = frozenset({Role.OPERATOR})
STAFF = frozenset({Role.CITY_MANAGER, Role.MERCHANT, Role.MUNICIPALITY, Role.SPONSOR, Role.UNION})
METHODS = ("GET", "POST", "PUT", "DELETE")
NAMES_NOTHING = {"form", "report", "stay_id", "seat_session_id"}  # arguments that say how or what kind, or name what everybody may book
# A form that is right for every route that takes one, so that an answer is never about the form.
BODY = {
    "version": "4", "key": str(uuid4()), "act": "close", "why": "x", "licence_expires_on": "1410/01/01", "piece": "licence_paper",
    "by": "receipt", "form": "csv", "name": "x", "word": "found", "note": "x",
}  # fmt: skip
NEEDS_A_QUERY = frozenset({"portal.live_feed", "portal.till_goods"})


@dataclass
class Side:
    """One city with its municipality, union, shop, cashier and cardholder: `values` name its objects in addresses."""

    values: dict[str, Any]
    clients: dict[str, FlaskClient]
    bearers: dict[str, str]
    shop_name: str
    branch_id: int
    merchant_id: int
    card_id: int
    organisations: dict[str, int | None]


@dataclass
class World:
    app: Flask
    own: Side
    other: Side


def side(app: Flask, session: Session, folder: Path, at: files.Town, shop_name: str) -> Side:
    file, _ = files.active(session, at, folder)
    merchant = session.get_one(Merchant, file.merchant_id)
    file.names = session.get_one(Organisation, merchant.organisation_id).names = {"fa": shop_name}
    branch = session.scalars(select(Branch).where(Branch.merchant_id == merchant.id)).one()
    branch.names = {"fa": shop_name}
    terminal = open_terminal(session, ACTOR, branch.id)
    reviewer = queries.reviewer_of(at.union_officer)
    assert reviewer is not None
    members = begin_import(session, at.union_officer, reviewer, "شبا,صنف\nx,y".encode())
    office = factories.organisation(session, "city_office")
    open_city_office(session, ACTOR, office.id, at.city.id)
    house = House(session, budget_rial=0)
    organisations = {
        Role.APPLICANT: file.organisation_id, Role.CASHIER: file.organisation_id, Role.MERCHANT: file.organisation_id,
        Role.UNION: at.union.id, Role.MUNICIPALITY: at.municipality.id, Role.CITY_MANAGER: office.id,
        Role.SPONSOR: house.organisation_id, Role.OPERATOR: None, Role.PILGRIM: None,
    }  # fmt: skip
    people = {role: factories.account(session, role, organisation_id=place) for role, place in organisations.items()}
    card = factories.card(session, person_id=people[Role.PILGRIM][0].person_id, money_rial=1_000_000)
    session.commit()
    _, answer = purchase(session, terminal.code, card, 150_000)
    close_now(session, ACTOR)
    session.commit()
    till = open_terminal(session, ACTOR, branch.id, kind="web")
    cashier = people[Role.CASHIER][0]
    shift = open_shift(session, cashier, till.code, 0)
    sale = begin_sale(session, cashier, shift.id, new_request_key(), [Line("", 1, 1_000)])
    today = local_day(clock.now())
    debt = enter_debt(session, cashier, branch.id, new_request_key(), customer="نمونه", amount_rial=1_000, due_on=today)
    session.commit()
    statement = session.scalars(select(Statement).filter_by(merchant_id=merchant.id)).one()
    account = session.scalars(select(BankAccount).filter_by(merchant_id=merchant.id)).one()
    paper = queries.newest_papers(session, file.id)
    values = {
        "application_id": file.id, "paper_id": next(iter(paper.values())).id, "import_id": members.id, "code": terminal.code,
        "card_id": card.id, "day": answer.business_date.isoformat(), "entry_id": answer.entry_id, "statement_id": statement.id,
        "batch_id": statement.batch_id, **batch_of(session, terminal.id), "account_id": account.id, "form": "csv", **goods_of(session, merchant, at),
        "shift_id": shift.id, "key": sale.key, "debt_id": debt.id, "move_id": 1,
        "place_id": branch.place_id, "suggestion_id": 1, "city": at.city.code, "zone": "none",
        "sign_in_id": people[Role.MERCHANT][0].sign_in_id, "person_id": people[Role.PILGRIM][0].person_id,
    }  # fmt: skip
    values |= {"gift_batch_id": gifts_of(session), "merchant_id": merchant.id}
    values["set_up_id"] = device_of(session, people[Role.MERCHANT][0], terminal.code)
    values |= stays.full_house(session, merchant, at.city, people[Role.PILGRIM][0])
    date_of = stays.planned(session, office.id, at.city.id)
    values |= {"programme_id": date_of.programme_id, "seat_session_id": date_of.id}
    values |= deal.one_of_each(session, merchant, terminal.code, card.id)
    values["helping_id"] = help_for(session, people[Role.PILGRIM][0])
    values |= benefits_of(session, house) | reports_of(session, people[Role.MERCHANT][0]) | webhook_of(session, merchant.id)
    clients = {role: browser(app, token) for role, (_, token) in people.items()}
    bearers = {role: access_tokens().mint(identity.sign_in_id, clock.now()) for role, (identity, _) in people.items()}
    return Side(values, clients, bearers, shop_name, branch.id, merchant.id, card.id, organisations)


def device_of(session: Session, merchant: Identity, terminal: str) -> int:
    """A device that waits to be let in."""
    found, code = reissue_code(session, merchant, terminal, str(uuid4()))
    ask_set_up(session, code, "PAX-1", signing_request(ec.generate_private_key(ec.SECP256R1())))
    session.commit()
    waiting, _ = queries.devices_of(session, found.id, clock.now() - WAITS)
    assert waiting is not None
    return waiting.id


def gifts_of(session: Session) -> int:
    batch = make_batch(session, factories.keystore(), ACTOR, str(uuid4()), 1, "x")
    session.commit()
    return batch.id


def help_for(session: Session, pilgrim: Identity) -> int:
    """Somebody helps the pilgrim."""
    helper, _ = factories.account(session)
    made = begin_help(session, helper, allow_help(session, pilgrim, ["see"]))
    session.commit()
    return made.id


def batch_of(session: Session, terminal_id: int) -> dict[str, int]:
    """A closed batch of the terminal, and a difference in it."""
    session.execute(text("SELECT ledger.close_batches(ARRAY[:terminal], ARRAY[1], now())"), {"terminal": terminal_id})
    batch = note_closed(session, terminal_id, 1, Totals())
    settle_uploaded(session, terminal_id, 1)
    session.commit()
    [one] = exceptions_of_batch(session, batch.id)
    return {"terminal_batch_id": batch.id, "exception_id": one.id}


def goods_of(session: Session, merchant: Merchant, at: files.Town) -> dict[str, Any]:
    """A product with a price and a trade group of the union over it."""
    group = goods.trade_group(session, at.union.id, 900_000)
    shop = goods.Shop(merchant, (), at.union_officer)
    product = goods.product(session, shop, list_rial=500_000, trade_group_id=str(group.id))
    [price] = prices_of(session, product.id)
    [branch] = branches_of(session, merchant.id)
    delivery = receiving.enter_delivery(session, ACTOR, branch.id, "نمونه", "1", [StockLine(product.id, 1000)], str(uuid4()))
    owner, _ = factories.account(session, Role.MERCHANT, organisation_id=merchant.organisation_id)
    count = counting.begin_count(session, owner, branch)
    reader, _ = reading.register_reader(session, ACTOR, branch, "handheld", "نمونه")
    sweep = sweeping.begin_sweep(session, owner, reader, count)
    brought = begin_list(session, owner.actor, merchant, "کد,نام کالا\nx,y".encode())
    session.commit()
    return {
        "trade_group_id": group.id, "product_id": product.id, "price_id": price.id, "branch_id": branch.id,
        "delivery_id": delivery.id, "count_id": count.id, "reader_id": reader.id, "sweep_id": sweep.id,
        "list_id": brought.id,
    }  # fmt: skip


def reports_of(session: Session, merchant: Identity) -> dict[str, Any]:
    """What the merchant saved, and had made into a file."""
    scope = scopes_of(merchant)[0]
    asked = Asked(Report.SALES, local_day(clock.now()), local_day(clock.now()), By.RECEIPT)
    words = {name: name for name in (*RECEIPT_COLUMNS, *Part, "title", "total")}
    view = reports.save_view(session, merchant.person_id, "view", "sales", {})
    file = reports.order_file(session, ACTOR, merchant.person_id, scope, asked, "csv", "fa", words)
    reports.make_next_piece(session)
    session.commit()
    return {"report": "sales", "view_id": view.id, "file_id": file.id}


def webhook_of(session: Session, merchant_id: int) -> dict[str, Any]:
    """An endpoint of the shop and a test on its way to it."""
    endpoint, _ = webhooks.add_endpoint(session, ACTOR, merchant_id, "http://127.0.0.1:9/", ["settlement.closed"])
    webhooks.ping(session, ACTOR, [merchant_id], endpoint.id)
    [delivery] = webhooks.deliveries_of(session, merchant_id)
    session.commit()
    return {"endpoint_id": endpoint.id, "delivery_id": delivery.id}


def benefits_of(session: Session, house: House) -> dict[str, Any]:
    """A plan of an organisation, a member, a stated deposit and a list under repair."""
    stated = budgets.state_deposit(session, house.clerk, house.sponsor, 1_000, f"REF{house.organisation_id}", local_day(clock.now()))
    brought = members.begin_list(session, house.clerk, house.sponsor, "نام,کد ملی\nx,y".encode())
    session.commit()
    return {"plan_id": house.plan().id, "member_id": house.member().id, "deposit_id": stated.id, "member_list_id": brought.id}


def browser(app: Flask, token: str) -> FlaskClient:
    client = app.test_client()
    client.set_cookie(SESSION_COOKIE, token)
    client.set_cookie("language", "fa")
    return client


@pytest.fixture(scope="module")
def world(own_database: str) -> Iterator[World]:
    """Made once: what is asked here is refused, so that it stays as it was."""
    import wsgi

    app = wsgi.create_app()
    app.config["WTF_CSRF_ENABLED"] = False
    with Session(engine(), expire_on_commit=False) as session:
        yield made(app, session)


def made(app: Flask, session: Session) -> World:
    far = found_city(session, ACTOR, "qom", {"fa": "قم"}, 59.62, 36.29, "Asia/Tehran")
    folder = load_settings().documents_folder
    own = side(app, session, folder, files.town(session), "فروشگاه خودی")
    other = side(app, session, folder, files.town(session, far), "فروشگاه بیگانه")
    return World(app, own, other)


def routes(app: Flask) -> list[tuple[str, str, set[str], str | None]]:
    """(endpoint, method, arguments, permission) of every route but the files anybody may fetch."""
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.endpoint.endswith("static"):
            continue
        permission = getattr(view, "permission", None)
        found += [(rule.endpoint, method, set(rule.arguments), permission) for method in METHODS if method in rule.methods]
    return found


def ask(world: World, role: str, endpoint: str, method: str, values: dict[str, Any], data: dict[str, Any] | None = None) -> Any:
    arguments = {name: values[name] for name in rule_arguments(world.app, endpoint)}
    with world.app.test_request_context():
        address = world.app.url_for(endpoint, **arguments)
    client = world.app.test_client() if role == ANONYMOUS else world.own.clients[role]
    if endpoint.startswith("mobile_api."):
        headers = {"Authorization": f"Bearer {world.own.bearers[role]}"} if role != ANONYMOUS else {}
        example = next((made.asks for made in OPERATIONS if f"mobile_api.{made.name}" == endpoint), None)
        asked = msgspec.json.encode(example) if example is not None else None
        return client.open(address, method=method, data=asked, headers=headers | {"Idempotency-Key": str(uuid4())})
    return client.open(address, method=method, data=data or (BODY if method == "POST" else {}))


def rule_arguments(app: Flask, endpoint: str) -> set[str]:
    return set().union(*(rule.arguments for rule in app.url_map.iter_rules(endpoint)))


def is_sent_away(answer: Any) -> bool:
    """Refused, or led to the page where one signs in."""
    return answer.status_code in (401, 403) or (answer.status_code == 302 and "/sign-in" in answer.location)


def test_every_route_refuses_every_role_without_its_permission(world: World) -> None:
    asked = 0
    for endpoint, method, arguments, permission in routes(world.app):
        assert arguments <= set(world.own.values), f"{endpoint}: say in this test what its arguments name"
        if permission is None:
            continue
        answer = ask(world, ANONYMOUS, endpoint, method, world.own.values)
        assert is_sent_away(answer), f"anonymous {method} {endpoint} answers {answer.status_code}"
        for role in Role:
            if permission in ROLE_PERMISSIONS[role]:
                continue
            answer = ask(world, role, endpoint, method, world.own.values)
            assert answer.status_code == 403, f"{role} {method} {endpoint} answers {answer.status_code}"
            asked += 1
    assert asked > 200


def test_every_role_opens_its_own_pages(world: World) -> None:
    for endpoint, method, _, permission in routes(world.app):
        if method != "GET" or permission is None:
            continue
        for role in Role:
            if permission not in ROLE_PERMISSIONS[role]:
                continue
            answer = ask(world, role, endpoint, method, world.own.values)
            # Some objects are of no use to a role that may open others of their kind: they are not found, never broken.
            if endpoint in NEEDS_A_QUERY:
                assert answer.status_code == 422
                continue
            assert answer.status_code in (200, 302, 404), f"{role} {method} {endpoint} answers {answer.status_code}"
            assert answer.status_code != 404 or (endpoint, role) in NOT_THEIRS, f"{role} does not find its own {endpoint}"


# A desk receipt is of a top-up, not of a purchase; the operator sells nothing and has no card.
NOT_THEIRS = {("portal.desk_receipt", Role.OPERATOR), ("portal.sales", Role.OPERATOR), ("portal.sale_receipt", Role.OPERATOR)}
# The entry is a purchase, and no gift that was loaded.
NOT_THEIRS |= {("portal.till_gift", role) for role in (Role.CASHIER, Role.MERCHANT)}
# A house of a union's member answers to the union alone; the city's office has a desk for its own programmes.
NOT_THEIRS |= {("portal.overseen_house", Role.MUNICIPALITY), ("portal.desk_booking", Role.CITY_MANAGER), ("portal.book_at_desk", Role.CITY_MANAGER)}
# A file is its owner's, who is the merchant here.
NOT_THEIRS |= {(f"portal.report_file{part}", role) for part in ("", "_content") for role in Role if role is not Role.MERCHANT}


def test_no_role_reaches_the_objects_of_another_organisation(world: World) -> None:
    asked = 0
    for endpoint, method, arguments, permission in routes(world.app):
        if not arguments - NAMES_NOTHING:
            continue
        for role in set(Role) - REACHES_ALL:
            if permission not in ROLE_PERMISSIONS[role]:
                continue
            for name in sorted(arguments - NAMES_NOTHING):
                mixed = world.own.values | {name: world.other.values[name]}
                for values in (world.other.values, mixed) if name != "day" else (world.other.values,):
                    answer = ask(world, role, endpoint, method, values)
                    assert answer.status_code in (403, 404), f"{role} {method} {endpoint} {name} answers {answer.status_code}"
                    assert world.other.shop_name not in answer.text
                    asked += 1
    assert asked > 50


def test_ids_inside_forms_and_queries_reach_no_further(world: World) -> None:
    other = world.other
    decision = {"version": "4", "key": str(uuid4()), "act": "suspend", "why": "x"}
    tries = [
        (Role.MERCHANT, "portal.open_terminal", {"branch": other.branch_id, "key": str(uuid4())}, {}),
        (Role.UNION, "portal.decide", decision, {"application_id": other.values["application_id"]}),
        (Role.MUNICIPALITY, "portal.decide", decision, {"application_id": other.values["application_id"]}),
        *((role, endpoint, {"organisation": other.organisations[role], "member": "1", "invitation": "1"}, {})
          for role in sorted(STAFF)
          for endpoint in ("portal.invite_person", "portal.withdraw_invitation", "portal.remove_member")),
        (Role.UNION, "portal.renew_licence", decision | {"licence_expires_on": "1410/01/01"}, {"application_id": other.values["application_id"]}),
    ]  # fmt: skip
    for role, endpoint, data, values in tries:
        answer = ask(world, role, endpoint, "POST", world.own.values | values, data)
        assert answer.status_code in (403, 404), f"{role} {endpoint} answers {answer.status_code}"
    for role, address in (
        (Role.MERCHANT, f"/sales?merchant={other.merchant_id}"),
        (Role.PILGRIM, f"/me?card={other.card_id}"),
        (Role.PILGRIM, f"/me/statement?card={other.card_id}"),
        (Role.PILGRIM, f"/me/credit?card={other.card_id}"),
        *((role, f"/people?organisation={place}") for role, place in other.organisations.items() if place and role in STAFF),
        (Role.MERCHANT, f"/settlement?merchant={other.merchant_id}"),
        (Role.MERCHANT, f"/settlement/account?merchant={other.merchant_id}"),
        (Role.MERCHANT, f"/webhooks?merchant={other.merchant_id}"),
        *((Role.SPONSOR, f"/benefits{page}?organisation={other.organisations[Role.SPONSOR]}") for page in ("", "/plans/new", "/members", "/budget", "/use")),
    ):
        answer = world.own.clients[role].get(address)
        assert answer.status_code in (403, 404), f"{role} {address} answers {answer.status_code}"


def test_no_list_shows_another_organisations_shop(world: World) -> None:
    """The shops and their map are for everybody; every other page shows one's own alone, or those of one's own city."""
    for_all = {"portal.shops", "portal.shops_of_box", "portal.directory"}
    sees_its_own = {("portal.merchants", role) for role in (Role.UNION, Role.MUNICIPALITY, Role.CITY_MANAGER)}
    for endpoint, method, arguments, _ in routes(world.app):
        if method != "GET" or arguments or endpoint in for_all:
            continue
        for role in set(Role) - REACHES_ALL:
            answer = ask(world, role, endpoint, method, {})
            assert world.other.shop_name not in answer.text, f"{role} {endpoint}"
            assert (endpoint, role) not in sees_its_own or world.own.shop_name in answer.text, f"{role} {endpoint}"


def test_a_role_that_is_taken_away_is_gone_at_the_next_request(world: World) -> None:
    """The identity is read anew with each request, so nothing of a role outlives it."""
    client = world.own.clients[Role.UNION]
    assert client.get("/reviews").status_code == 200
    with unit_of_work() as session:
        session.execute(delete(Membership).where(Membership.role == "union"))
    assert client.get("/reviews").status_code == 403
