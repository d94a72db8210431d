"""The pages in a real browser, over the seeded demonstration: they work, they fit, everybody can read them."""

import os
import shutil
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect, sync_playwright

from cardbank.reasons import Reason
from kernel.db import unit_of_work
from merchants.shops_on_map import shops_page
from tests.conftest import ROOT
from tests.demonstration import Sown
from tests.portal.serving import served
from tests.portal.site import Site
from tests.portal.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = ROOT / "var" / "screenshots"
TAKES_PICTURES = bool(os.environ.get("PILGRIM_PICTURES"))  # of every page, which takes as long as looking at them
PAGES = {
    None: {
        "sign-in": "/sign-in", "apply": "/apply", "invitation": "/invitation", "directory": "/places", "before-you-come": "/coming", "complain": "/r/{complaint_link}", "complain-of-shop": "/places/{shop_place}/complaint",
        "followed-complaint": "/c/{follow_link}", "complaint-index": "/complaint-index",
        "status": "/status", "ended-letters": "/letters/ended/{letter_link}", "works": "/works", "campaigns": "/campaigns", "campaign": "/campaigns/1", "permit-check": "/v/{permit_secret}",
    },
    "applicant": {"files": "/applications", "file": "/applications/1"},
    "applicant-3": {"returned-file": "/applications/3"},
    "operator": {
        "live": "/operator", "help-requests": "/help-requests", "city": "/city", "visitors": "/city/visitors", "demand": "/city/demand", "demand-of-cities": "/cities/demand", "desk": "/desk", "family-desk": "/desk/family", "leaving-desk": "/desk/leaving", "transfer-desk": "/desk/transfer", "receivers": "/receivers", "terminals": "/terminals", "terminal": "/terminals/T0000001",
        "batch": "/terminals/T0000001/batches/1", "open-batch": "/terminals/T0000001/open-batch", "batch-cases": "/batch-cases", "holder-returns": "/holder-returns",
        "shops": "/shops", "account": "/account", "sign-ins": "/accounts", "sign-in-of-somebody": "/accounts/1",
        "enrolment": "/desk/people", "customers": "/customers", "customer": "/customers/1", "customer-card": "/customers/cards/1", "replacements": "/replacements", "first-cards": "/desk/first-cards", "first-card": "/desk/first-cards/1", "claims": "/desk/claims", "claim": "/desk/claims/1", "give-card": "/customers/1/card", "card-kinds": "/card-kinds", "new-version-of-kind": "/card-kinds?of=standard", "card-prices": "/card-prices", "all-card-orders": "/card-orders/all", "handled-card-order": "/card-orders/all/1", "card-limits": "/card-limits", "messages": "/messages", "enrolled": "/desk/people/1", "coming": "/desk/coming", "coming-one": "/desk/coming/{coming}", "not-found": "/nowhere",
        "desk-receipt": "/desk/receipts/{top_up}", "gift-batches": "/gifts", "cash-limit": "/merchants/1/cash", "gift-batch": "/gifts/{gift_batch}",
        "credit-lines": "/credit-lines", "contract-of-shop": "/merchants/1/contract", "commission-of-shop": "/merchants/1/commission", "trade-terms": "/trade-terms?trade=saffron", "settlements": "/settlements", "settlement-batch": "/settlements/{batch}", "proposed-accounts": "/settlements/accounts",
        "deposits": "/deposits", "moon": "/moon", "timetable": "/prayer-times", "suggestions": "/suggestions", "place-file": "/places/import", "keep-place": "/places/1/keep", "place-history": "/places/{courtyard}/history", "register": "/register", "new-part": "/places/1/parts",
        "letters": "/letters", "new-letter": "/letters/new?group={operators_group}", "letter": "/letters/{letter}",
        "quality": "/quality", "report-cards": "/reports/cards?by=branch", "outages": "/outages", "payment-of-shop": "/payments?code={reference}",
    },
    "union": {
        "merchants": "/merchants", "reviews": "/reviews", "review": "/reviews/2", "members": "/members", "member-list": "/members/{member_list}",
        "ceilings": "/ceilings", "ceiling": "/ceilings/1", "overseen-houses": "/overseen-houses", "overseen-house": "/overseen-houses/2",
        "room-ceilings": "/room-ceilings", "complaints": "/complaints", "complaint": "/complaints/{complaint}", "complaint-letter": "/complaints/{complaint}/letter", "shop-page": "/shop-pages/{shop_place}",
        "branch-wishes": "/branch-wishes", "branch-wish": "/branch-wishes/1", "dues": "/dues", "due": "/dues/{due}", "due-account": "/dues/account", "quotas": "/quotas", "quota": "/quotas/1", "quota-round": "/quotas/1/round?total=400&step=1&opens_on={today}&until={today}", "quota-upload": "/quotas/1/list", "quota-list": "/quotas/lists/{quota_list}", "quota-share": "/quotas/shares/1",
        "quota-paper": "/quotas/1/paper", "card-orders": "/card-orders", "card-order": "/card-orders/1", "union-panel": "/union-panel", "inspections": "/inspections", "inspection": "/inspections/{inspection}", "inspection-done": "/inspections/{visited}",
    },
    "hotel": {
        "front-desk": "/front-desk", "door": "/front-desk/door", "desk-booking": "/front-desk/{booking}", "book-at-desk": "/front-desk/book/1?men=1&women=1",
        "houses": "/houses", "house": "/houses/1", "own-tours": "/own-programmes", "own-tour": "/own-programmes/1", "desk-dates": "/front-desk/seats", "desk-seats": "/front-desk/seats/1?men=1&women=1",
    },
    "municipality": {"permits": "/permits", "permit": "/permits/1", "permit-asked": "/permits/2", "zones": "/zones", "new-zone": "/zones/new", "zone": "/zones/1", "own-works": "/own-works", "own-campaigns": "/own-campaigns", "own-campaign": "/own-campaigns/1", "quotas-of-the-city": "/quotas", "reviews-of-the-city": "/reviews", "review-of-the-city": "/reviews/4"},
    "city-manager": {"city-of-its-manager": "/city", "demand-of-a-night": "/city/demand/{today}", "visitors-of-a-zone": "/city/visitors?show=zone:1&span=week", "door-of-the-office": "/front-desk/door", "own-programmes": "/own-programmes", "own-programme": "/own-programmes/2"},
    "organisation": {
        "benefits": "/benefits", "benefit-plan": "/benefits/plans/1", "new-benefit-plan": "/benefits/plans/new", "benefit-members": "/benefits/members",
        "benefit-list": "/benefits/lists/{benefit_list}", "benefit-budget": "/benefits/budget", "benefit-use": "/benefits/use",
    },
    "merchant": {
        "contract": "/contract", "commission": "/commission", "look": "/look", "plans": "/instalments", "plan": "/instalments/{plan}", "branches": "/branches", "new-branch": "/branches/new", "keep-branch": "/branches/1", "hours": "/branches/1/hours", "branch-page": "/branches/1/page", "own-fields": "/fields", "hours-as-a-rule": "/branches/1/hours?rule=1",
        "reports": "/reports", "report": "/reports/sales?by=day", "report-goods-sold": "/reports/sales?by=good", "report-cashiers": "/reports/sales?by=cashier", "report-receipts": "/reports/sales?by=receipt",
        "report-file": "/reports/files/{report_file}",
        "sales": "/sales", "sale": "/sales/{purchase}", "till": "/terminals/new", "statements": "/settlement", "bank-account": "/settlement/account",
        "statement-of-settlement": "/settlement/statements/{statement}", "people": "/people", "work-of-member": "/people/{member}/work",
        "products": "/products", "product": "/products/1", "new-product": "/products/new", "groups": "/products/groups",
        "shop-complaints": "/shop-complaints", "shop-complaint": "/shop-complaints/{complaint}", "shop-inspections": "/shop-inspections", "shop-inspection": "/shop-inspections/{visited}", "own-quotas": "/own-quotas", "own-dues": "/own-dues", "own-due": "/own-dues/{due}",
        "own-cash-limit": "/cash-limit", "till-gifts": "/till/gifts", "till-gift": "/till/gifts/{gift}",
        "webhooks": "/webhooks", "report-goods": "/reports/goods", "report-groups": "/reports/groups", "till-returns": "/till/returns", "till-return": "/till/returns/{purchase}",
        "printer": "/till/printer", "till-help": "/till/help", "give-away": "/till/give-away", "debts": "/till/debts", "debt": "/till/debts/{debt}", "debt-sheet": "/till/debts/{debt}/sheet",
        "stock": "/stock", "journal": "/stock/1/1", "deliveries": "/deliveries", "delivery": "/deliveries/1", "counts": "/counts", "count": "/counts/1",
        "tags": "/tags", "readers": "/tags/readers", "labels": "/products/labels", "lists": "/products/lists",
        "own-permits": "/own-permits", "shop-campaigns": "/shop-campaigns", "own-permit": "/own-permits/1",
        "own-quality": "/quality/own", "practice": "/till/practice", "customer-groups": "/groups", "customer-group": "/groups/{group}", "group-list": "/groups/lists/{group_list}",
        "goods-list": "/products/lists/{goods_list}", "sweep": "/tags/sweeps/{sweep}",
    },
    "pilgrim": {
        "my-family": "/me/family", "transfer": "/me/transfer", "give": "/me/give", "my-leaving": "/me/leaving", "my-instalments": "/me/instalments", "my-plan": "/me/instalments/{plan}", "prayer-times": "/prayer-times", "missing-place": "/places/new", "place": "/places/1",
        "my-complaints": "/me/complaints", "my-first-card": "/me/first-card", "my-profile": "/me/profile",
        "authenticator": "/account/authenticator", "sessions": "/account/sessions", "password": "/account/password", "card": "/me",
        "stays": "/stays", "stay": "/stays/1?men=2&women=1", "bookings": "/bookings", "programmes": "/programmes", "programme": "/programmes/4?men=2&women=1", "tour": "/programmes/1?men=2&women=1", "booking": "/bookings/{booking}",
        "statement": "/me/statement", "credit": "/me/credit", "receipt": "/me/receipts/{purchase}", "pay-by-code": "/me/code", "help-card": "/me/help", "savings": "/me/savings", "saved-purchases": "/me/savings/{bought_on}/{bought_on}", "senders": "/me/senders", "my-email": "/me/email", "payment": "/payments?code={reference}", "not-permitted": "/operator",
    },
}  # fmt: skip


WIDTHS = (390, 1440)
# Pages that stand in the guide of organisations, and under which name.
GUIDE = {
    "benefit-budget": "organisation-budget", "benefit-members": "organisation-members", "benefit-list": "organisation-list",
    "new-benefit-plan": "organisation-plan",
}  # fmt: skip
STATUS = {"not-found": 404, "not-permitted": 403}
# Why an address that answers GET is not opened here; every other one stands above.
NO_PAGES = {
    **dict.fromkeys(
        ("portal.till", "portal.till_sale", "portal.till_shift", "portal.till_shifts", "portal.till_receipt", "portal.till_top_up"),
        "test_till_browser.py opens it",
    ),
    "portal.sign_in_code": "stands between a password and its code; the form is that of signing in",
    "portal.home": "leads to the visitor's first page",
    **dict.fromkeys(("portal.app", "portal.app_manifest", "portal.app_worker"), "test_app_browser.py opens it"),
    "portal.live_feed": "data for the live page's script",
    "portal.shops_of_box": "data for the map's script",
    "portal.my_code_now": "a part of the page that shows the code",
    "portal.till_goods": "data for the till's script",
    "portal.tagged_goods": "data for the script of deliveries and counts",
    "portal.static": "files",
    "portal.till_help_told": "of who tapped a help card a moment before; test_gateway_help.py opens it",
    "portal.door_list": "a download",
    "portal.own_paper": "a download",
    **dict.fromkeys(("portal.city_pack", "portal.zone_pack", "portal.city_map"), "a download"),
    "portal.reviewed_paper": "a download",
    **dict.fromkeys(("portal.complaint_picture", "portal.own_complaint_picture"), "a download"),
    "portal.inspection_picture": "a download",
    "portal.licence_of_branch": "a download",
    "portal.sample_list": "a download",
    **dict.fromkeys(("portal.quota_members", "portal.quota_sheet"), "a download"),
    **dict.fromkeys(("portal.report_sheet", "portal.visitors_sheet", "portal.demand_sheet"), "a download"),
    "portal.report_file_content": "a download",
    "portal.goods_sheet": "a download",
    "portal.register_sheet": "a download",
    "portal.till_debts_sheet": "a download",
    "portal.till_slip": "a download",
    "portal.benefit_list_sample": "a download",
    "portal.group_list_sample": "a download",
    **dict.fromkeys(("portal.permit_document", "portal.own_permit_document", "portal.permit_sheet"), "a download"),
    **dict.fromkeys(("portal.place_photo", "portal.shop_logo"), "a picture"),
    **dict.fromkeys(("portal.card_order_art", "portal.handled_card_order_art"), "a picture"),
    **dict.fromkeys(("portal.card_order_sheet", "portal.handled_card_order_sheet"), "a download"),
    **dict.fromkeys(("portal.leaving_receipt", "portal.transfer_receipt"), "the receipt of an entry, as the holder opens it"),
    "portal.benefit_use_sheet": "a download",
    "portal.settlement_sheet": "a download",
    "portal.payout_file": "a download",
}


@pytest.fixture(scope="module")
def database(exhibition: Sown) -> Iterator[str]:
    """The demonstration's data after a day of trade, in a database of its own."""
    with exhibition.shown() as address:
        yield address


@pytest.fixture(scope="module")
def site(database: str, exhibition: Sown, made_application: Flask) -> Iterator[Site]:
    with served(made_application) as address:
        yield Site(address, dict(exhibition.things))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "The browser tests need Chromium: ./pilgrim test installs it."
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield opened
        opened.close()


@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_page_fits_is_readable_by_everybody_and_stays_at_home(browser: Browser, site: Site, language: str) -> None:
    """On a desk and on a phone: each page is loaded once, on the phone, and then shown on the desk."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    site.open_shift()
    faults: list[str] = []
    for role, pages in PAGES.items():
        visitor = Visitor(browser, site, role, language, WIDTHS[0])
        for name, path in pages.items():
            visitor.resize(WIDTHS[0])
            page = visitor.open(path.format(**site.things), STATUS.get(name, 200))
            for width in WIDTHS:
                visitor.resize(width)
                if TAKES_PICTURES:
                    page.screenshot(path=PICTURES / f"{name}-{language}-{width}.png", full_page=True)
                faults += [f"{name} at {width}: {fault}" for fault in visitor.violations()]
                faults += [f"{name} at {width}: {visitor.overflow()} px too wide"] if visitor.overflow() > 0 else []
            if language == "fa" and name in GUIDE:
                visitor.picture(GUIDE[name])
        faults += visitor.faults
        visitor.context.close()
    assert faults == []


@pytest.mark.parametrize(("role", "path"), [("operator", "/operator"), ("operator", "/city"), ("pilgrim", "/me")])
def test_the_dark_theme_is_readable_too(browser: Browser, site: Site, role: str, path: str) -> None:
    visitor = Visitor(browser, site, role, "fa", 1440, theme="dark")
    visitor.open(path)
    assert visitor.violations() == []
    visitor.context.close()


def test_signing_in_by_the_form(browser: Browser, site: Site) -> None:
    visitor = Visitor(browser, site, None, "fa", 390)
    page = visitor.open("/city")
    page.get_by_label("نام کاربری").fill("operator")
    page.get_by_label("گذرواژه").fill("guess")
    page.get_by_role("button", name="ورود").click()
    expect(page.get_by_role("alert")).to_contain_text("نام کاربری و گذرواژه با هم نمی‌خوانند")
    expect(page.get_by_label("نام کاربری")).to_have_value("operator")
    page.get_by_label("گذرواژه").fill(site.password("operator"))
    page.get_by_role("button", name="ورود").click()
    expect(page).to_have_url(f"{site.address}/city")
    visitor.context.close()


def test_a_tap_appears_on_the_live_page_by_itself(browser: Browser, site: Site) -> None:
    visitor = Visitor(browser, site, "operator", "en", 1440)
    page = visitor.open("/operator")
    with unit_of_work() as session:
        shop = next(shop for shop in shops_page(session) if "T0000003" in shop.terminal_codes)
    before = page.locator("[data-figure=amount]").inner_text()
    site.buy(5, "T0000003", 7_654_000)
    newest = page.locator(".feed li").first
    expect(newest).to_contain_text("7,654,000", timeout=8_000)
    expect(newest).to_contain_text(shop.names["en"])
    expect(page.locator("[data-figure=amount]")).not_to_have_text(before, timeout=8_000)
    site.buy(5, "T0000003", 1_000, refusal=Reason.CARD_BLOCKED)
    expect(page.locator(".feed li").first).to_contain_text("Card blocked", timeout=8_000)
    assert page.locator(".shop-dot").count() >= 40
    assert visitor.faults == []
    visitor.context.close()


def test_a_zone_is_drawn_on_the_map(browser: Browser, site: Site) -> None:
    visitor = Visitor(browser, site, "municipality", "en", 1440)
    page = visitor.open("/zones/new")
    box = page.locator("[data-tiles]").bounding_box()
    assert box is not None
    for number, (x, y) in enumerate(((0.2, 0.3), (0.8, 0.3), (0.8, 0.8)), 1):
        page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        expect(page.locator(".zone-corner")).to_have_count(number)
    page.get_by_role("button", name="Last corner away").click()
    expect(page.locator(".zone-corner")).to_have_count(2)
    assert len(page.get_by_role("textbox", name="Corners").input_value().split("\n")) == 2
    assert visitor.faults == []
    visitor.context.close()


def test_a_lost_connection_is_told_and_mended(browser: Browser, site: Site) -> None:
    visitor = Visitor(browser, site, "operator", "en", 1440)
    page = visitor.open("/operator")
    visitor.context.set_offline(True)
    expect(page.get_by_text("Connection lost, trying again")).to_be_visible(timeout=12_000)
    visitor.context.set_offline(False)
    expect(page.get_by_text("Connection lost, trying again")).to_be_hidden(timeout=12_000)
    visitor.context.close()


def test_a_cardholder_opens_the_receipt_of_an_entry_and_reads_why(browser: Browser, site: Site) -> None:
    site.buy(0, "T0000002", 2_220_000)
    visitor = Visitor(browser, site, "pilgrim", "fa", 390)
    page = visitor.open("/me")
    page.locator(".row-link a").first.click()
    expect(page.locator(".receipt")).to_contain_text("۲٬۲۲۰٬۰۰۰")
    expect(page.locator(".receipt")).to_contain_text("+۱۱۱٬۰۰۰")
    expect(page.locator(".receipt-rule")).to_contain_text("۵ درصد")
    visitor.context.close()


def test_stopping_a_terminal_asks_first(browser: Browser, site: Site) -> None:
    visitor = Visitor(browser, site, "operator", "en", 1440)
    page = visitor.open("/terminals/T0000007")
    page.get_by_label("Reason").fill("a test of the button")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Stop this terminal").click()
    expect(page.locator(".facts")).to_contain_text("Working")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Stop this terminal").click()
    expect(page.locator(".facts")).to_contain_text("Suspended")
    visitor.context.close()


def test_the_theme_stays_as_it_was_chosen(browser: Browser, site: Site) -> None:
    visitor = Visitor(browser, site, "pilgrim", "en", 1440)
    page = visitor.open("/me")
    page.get_by_role("button", name="Switch between light and dark").click()
    visitor.open("/me/statement")
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    visitor.context.close()


def test_a_table_stands_beside_the_chart(browser: Browser, site: Site) -> None:
    visitor = Visitor(browser, site, "city-manager", "en", 1440)
    page = visitor.open("/city")
    tables = page.locator("details.table-shown")
    expect(tables.first.get_by_role("table")).to_be_hidden()
    tables.first.get_by_text("Show table").click()
    expect(tables.first.get_by_role("row")).to_have_count(25)
    assert visitor.violations() == []
    visitor.context.close()
