"""Two of everything that an organisation has, and browsers of each role on either side."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cardbank.families.services import add_child, open_family
from cardbank.first_cards.services import ask_first_card
from cardbank.gifts.services import make_batch
from cardbank.orders.queries import prices_on
from cardbank.orders.rules import Prices, Tier, Wish
from cardbank.orders.services import ask_cards, set_prices
from cardbank.services import new_request_key
from identity.claims.services import claim_paper
from identity.coming import announce
from identity.helping import Act, allow_help, begin_help
from identity.models import Membership, Organisation
from identity.permissions import Identity, Role
from insights.reports import services as reports
from insights.reports.rules import Asked, By, Report, scopes_of
from insights.reports.sheets import RECEIPT_COLUMNS
from kernel import clock
from kernel.calendar import local_day
from kernel.printing.picture import Picture
from kernel.settings import load_settings
from kernel.web.application import SESSION_COOKIE
from loyalty.benefits.services import budgets, members
from merchants.batches.giving_back import propose_return
from merchants.batches.queries import exceptions_of_batch
from merchants.batches.rules import Totals
from merchants.batches.services import decide_exception, note_closed, settle_uploaded
from merchants.catalogue.queries import branches_of, prices_of
from merchants.catalogue.services.importing import begin_list
from merchants.complaints.links import purchase_link
from merchants.complaints.services.complaining import Said, add_picture, complain
from merchants.complaints.services.ordering import Asked as Refunded
from merchants.complaints.services.ordering import order_refund
from merchants.complaints.subjects import subject_of_purchase
from merchants.debts.services import enter_debt
from merchants.dues.services import Entered as Owed
from merchants.dues.services import enter_due
from merchants.fields.rules import typed_definition
from merchants.fields.services import add_field
from merchants.inspections.services import add_picture as inspected
from merchants.models import Branch, Merchant
from merchants.onboarding import queries
from merchants.onboarding.adapters.folder import FolderStore
from merchants.onboarding.services.importing import begin_import
from merchants.onboarding.services.issuing import reissue_code
from merchants.onboarding.services.setting_up import WAITS, ask_set_up
from merchants.permits.services import add_paper
from merchants.quotas.queries import shares_page
from merchants.quotas.rules import Way
from merchants.quotas.services.handing import Handed, hand_out
from merchants.quotas.services.lists import begin_list as begin_quota_list
from merchants.quotas.services.sharing import Wanted as RoundWanted
from merchants.quotas.services.sharing import share_equally
from merchants.services import open_terminal
from merchants.settlement.models import BankAccount, Statement
from merchants.settlement.rules.prices import Bearer, Part
from merchants.settlement.services.closing import close_now
from merchants.settlement.services.offers import Proposal, propose_commission
from merchants.stock.rules import Line as StockLine
from merchants.stock.services import counting, receiving
from merchants.tags.services import reading, sweeping
from merchants.till.rules import Line
from merchants.till.services.selling import begin_sale
from merchants.till.services.shifts import open_shift
from merchants.webhooks import services as webhooks
from mobile_api.bearer import access_tokens
from places.queries import middle_of
from places.services import draw_zone, open_city_office
from reader_agent.set_up import signing_request
from reservations.help.rules import Shows
from reservations.help.rules import Wish as HelpWish
from reservations.help.services import Asking, keep_help_card, show_help
from tests import factories
from tests.factories import ACTOR
from tests.identity.test_coming import form as coming_form
from tests.loyalty.benefits.sponsors import House
from tests.loyalty.letters.site import letters_from
from tests.merchants.branches.wishes import branch_wish
from tests.merchants.campaigns import campaigns
from tests.merchants.catalogue import goods
from tests.merchants.inspections.visits import visits_of
from tests.merchants.instalments import deal
from tests.merchants.onboarding import files
from tests.merchants.permits import permits
from tests.merchants.quotas.union import flour
from tests.merchants.works import works
from tests.pictures import photo
from tests.purchases import purchase
from tests.reservations import stays


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
        "place_id": branch.place_id, "suggestion_id": 1, "city": at.city.code, "zone": "none", "photo_id": 1, "logo": "0" * 32, "way_id": 1, "size": "small", "history_id": 1, "field_id": field_of(session, merchant.id),
        "sign_in_id": people[Role.MERCHANT][0].sign_in_id, "person_id": people[Role.PILGRIM][0].person_id,
    }  # fmt: skip
    values |= complaint_of(session, at, (answer.business_date, answer.entry_id), people[Role.PILGRIM][0])
    values["card_order_id"] = card_order_of(session, file.organisation_id)
    values |= {"gift_batch_id": gifts_of(session), "merchant_id": merchant.id}
    values["set_up_id"] = device_of(session, people[Role.MERCHANT][0], terminal.code)
    values |= stays.full_house(session, merchant, at.city, people[Role.PILGRIM][0])
    date_of = stays.planned(session, office.id, at.city.id)
    values |= {"programme_id": date_of.programme_id, "seat_session_id": date_of.id, "desk_session_id": date_of.id}
    values |= deal.one_of_each(session, merchant, terminal.code, card.id)
    values |= letters_from(session, people[Role.MERCHANT][0]) | {"sender_id": file.organisation_id, "secret": "x", "outage_id": 1}
    values["claim_id"] = claim_paper(session, ACTOR, people[Role.PILGRIM][0].person_id, "birth_date", {"born": "1968-04-02"}).id
    values["wish_id"] = ask_first_card(session, ACTOR, factories.person(session).id, "standard", "fa", at.city.id).id
    values |= (
        municipality_of(session, at)
        | permit_of(session, at, people[Role.MERCHANT][0], branch.id)
        | membership_of(session, people[Role.MERCHANT][0])
        | {"branch_wish_id": branch_wish(session, people[Role.MERCHANT][0], merchant).id}
    )
    values["coming_id"] = announce(session, coming_form(), "fa").id
    values["offer_id"] = commission_offer_of(session, merchant.id)
    values |= quota_of(session, at, merchant.id)
    values |= help_of(session, till.id, cashier, people[Role.PILGRIM][0]) | {"first": values["day"], "last": values["day"]}
    values["family_member_id"] = family_of(session, people[Role.PILGRIM][0])
    values |= benefits_of(session, house) | reports_of(session, people[Role.MERCHANT][0]) | webhook_of(session, merchant.id)
    clients = {role: browser(app, token) for role, (_, token) in people.items()}
    bearers = {role: access_tokens().mint(identity.sign_in_id, clock.now()) for role, (identity, _) in people.items()}
    return Side(values, clients, bearers, shop_name, branch.id, merchant.id, card.id, organisations)


def field_of(session: Session, merchant_id: int) -> int:
    """A field of the shop's own."""
    return add_field(session, ACTOR, merchant_id, typed_definition({"subject": "page", "kind": "text", "name_fa": "نمونه"})).id


def membership_of(session: Session, owner: Identity) -> dict[str, Any]:
    held = select(Membership.id).filter_by(person_id=owner.person_id, role=Role.MERCHANT.value)
    return {"membership_id": session.scalars(held).one()}


def help_of(session: Session, terminal_id: int, clerk: Identity, called: Identity) -> dict[str, Any]:
    """Somebody who helps, and somebody who is lost, to whom their guardian is called by what a clerk was shown."""
    lost, _ = factories.account(session)
    begin_help(session, called, allow_help(session, lost, [Act.GUARD]))
    keep_help_card(session, lost, lost.person_id, HelpWish(True, True, frozenset({Shows.NAME}), "x", "", "", ""))
    asked = Asking(str(uuid4()), 1, terminal_id, "fa", lost.person_id, clerk.person_id)
    return {"alarm_id": show_help(session, asked).view_id, "helping_id": help_for(session, called)}


def municipality_of(session: Session, at: files.Town) -> dict[str, Any]:
    """A zone of the city, a notice about it and a campaign in it."""
    lon, lat = middle_of(session, at.city.id)
    around = [(lon - 0.1, lat - 0.1), (lon + 0.1, lat - 0.1), (lon + 0.1, lat + 0.1), (lon - 0.1, lat + 0.1)]
    zone = draw_zone(session, ACTOR, at.city.id, "all", {"fa": "همه"}, around)
    notice = works.publish(session, at, zone_id=zone.id)
    campaign = campaigns.publish(session, at, zone_id=zone.id)
    session.commit()
    return {"zone_id": zone.id, "works_id": notice.id, "campaign_id": campaign.id}


def permit_of(session: Session, at: files.Town, merchant: Identity, branch_id: int) -> dict[str, Any]:
    """A permit that the shop asked for, with a paper, and the municipality granted."""
    asked = permits.asked(session, merchant, branch_id)
    paper = add_paper(session, FolderStore(load_settings().documents_folder), asked, b"\xff\xd8\xff")
    permits.granted(session, at, asked)
    session.commit()
    return {"permit_id": asked.id, "permit_paper_id": paper.id, "permit_secret": asked.secret}


def family_of(session: Session, head: Identity) -> int:
    """A child of the pilgrim's family."""
    family = open_family(session, factories.keystore(), ACTOR, head.person_id, "fa")
    return add_child(session, ACTOR, family.wallet_id, factories.person(session).id).member_id


def complaint_of(session: Session, at: files.Town, sold: tuple[date, int], pilgrim: Identity) -> dict[str, Any]:
    """A complaint that is late, so that the municipality sees it too, with a photo and an order of refund."""
    made = complain(session, subject_of_purchase(session, *sold), Said(str(uuid4()), "overcharge"), identity=pilgrim)
    picture = add_picture(session, FolderStore(load_settings().documents_folder), made, photo())
    order = order_refund(session, at.union_officer, made.id, Refunded(new_request_key(), 1_000, "x"))
    made.escalated_at = clock.now()
    session.commit()
    visits = visits_of(session, at.union_officer, made.merchant_id)
    taken = inspected(session, FolderStore(load_settings().documents_folder), at.union.id, int(visits["visited"]), photo())
    session.commit()
    return {"inspection_id": int(visits["visited"]), "inspection_picture_id": taken.id} | {
        "complaint_id": made.id,
        "picture_id": picture.id,
        "order_id": order.id,
        "link": purchase_link(*sold),
    }


def commission_offer_of(session: Session, merchant_id: int) -> int:
    """A commission that the network proposes."""
    wanted = Proposal("mark:handicraft", 100, Bearer.SHOP, local_day(clock.now()))
    offer_id = propose_commission(session, ACTOR, None, merchant_id, wanted, by_shop=False).id
    session.commit()
    return offer_id


def quota_of(session: Session, at: files.Town, merchant_id: int) -> dict[str, Any]:
    """A quota of the union, the merchant's share of it with something handed out, a list under repair, and what the merchant owes."""
    today = local_day(clock.now())
    wanted = RoundWanted(str(uuid4()), 1_000_000, 1_000, today, today)
    quota = flour(session, at)
    share_equally(session, at.union_officer, at.union.id, quota.id, wanted)
    [share] = [row.share for row in shares_page(session, quota.id, limit=None) if row.share.merchant_id == merchant_id]
    handed = hand_out(session, at.union_officer, at.union.id, share.id, Handed(str(uuid4()), 1_000))
    brought = begin_quota_list(
        session, at.union_officer, at.union.id, quota.id, Way.AMOUNT, wanted, "شماره فروشگاه,مقدار\nx,y".encode()
    )
    session.commit()
    owed = enter_due(session, at.union_officer, at.union.id, Owed(str(uuid4()), merchant_id, "x", 1_000, today))
    session.commit()
    return {
        "due_id": owed.id,
        "quota_id": quota.id,
        "quota_share_id": share.id,
        "hand_out_id": handed.id,
        "quota_list_id": brought.id,
    }


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


def card_order_of(session: Session, organisation_id: int) -> int:
    """Cards that the shop has ordered, with a picture; the price list is one for all."""
    today = local_day(clock.now())
    if not prices_on(session, today, ["standard"]):
        set_prices(session, ACTOR, "standard", Prices(today, 0, (Tier(1, 95_000),)))
    order = ask_cards(
        session, ACTOR, organisation_id, str(uuid4()), Wish("standard", 1, "x"), Picture("image/png", 1_011, 638, b"x")
    )
    session.commit()
    return order.id


def help_for(session: Session, pilgrim: Identity) -> int:
    """Somebody helps the pilgrim."""
    helper, _ = factories.account(session)
    made = begin_help(session, helper, allow_help(session, pilgrim, ["see"]))
    session.commit()
    return made.id


def batch_of(session: Session, terminal_id: int) -> dict[str, int]:
    """A closed batch of the terminal, and a difference in it that is a cardholder's."""
    session.execute(text("SELECT ledger.close_batches(ARRAY[:terminal], ARRAY[1], now())"), {"terminal": terminal_id})
    batch = note_closed(session, terminal_id, 1, Totals())
    settle_uploaded(session, terminal_id, 1)
    session.commit()
    [one] = exceptions_of_batch(session, batch.id)
    decide_exception(session, ACTOR, one.id, "not_found", "نمونه")
    session.commit()
    held = propose_return(session, ACTOR, one.id, "", "نمونه")
    session.commit()
    return {"terminal_batch_id": batch.id, "exception_id": one.id, "return_id": held.id}


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
    stated = budgets.state_deposit(
        session, house.clerk, house.sponsor, 1_000, f"REF{house.organisation_id}", local_day(clock.now())
    )
    brought = members.begin_list(session, house.clerk, house.sponsor, "نام,کد ملی\nx,y".encode())
    session.commit()
    return {"plan_id": house.plan().id, "member_id": house.member().id, "deposit_id": stated.id, "member_list_id": brought.id}


def browser(app: Flask, token: str) -> FlaskClient:
    client = app.test_client()
    client.set_cookie(SESSION_COOKIE, token)
    client.set_cookie("language", "fa")
    return client
