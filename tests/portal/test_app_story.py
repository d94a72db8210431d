"""A stay on a phone, from the search to the money that comes back; and a family that waits for all its rooms: in three languages."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from cardbank.cards.export import card_export
from cardbank.keystore.services import open_keystore
from identity.permissions import Role
from kernel.db import unit_of_work
from kernel.settings import load_settings
from kernel.web.application import SESSION_COOKIE
from merchants.services import open_branch, open_terminal
from mobile_api import releases
from mobile_api.releases import Release, Why
from portal.built import BUILT, built_name
from portal.routes import pilgrims_app
from reservations.bookings.rules.states import Wanted
from reservations.bookings.services.cancelling import cancel
from reservations.bookings.services.holding import Ask, hold
from reservations.bookings.services.waiting import offer_freed
from reservations.lodging.rules import Party
from tests import factories
from tests.functional.bank import free_port
from tests.portal.site import Site
from tests.portal.test_app_browser import ACTIVE, looked_at
from tests.portal.test_browser import Visitor, browser, database, site
from tests.reader_agent.conftest import Process as Program
from tests.reader_agent.conftest import field_of, start
from tests.reservations import stays

pytestmark = [pytest.mark.browser, pytest.mark.slow]
__all__ = ["browser", "database", "field_of", "site", "start"]

NIGHTS = 3
KEEP_SIGN_IN = """(told) => new Promise((done) => {
  const asked = indexedDB.open("pilgrim");
  asked.onsuccess = () => {
    const kept = {refresh: told.refresh_token, renewal: crypto.randomUUID(), access: told.access_token, usableUntil: Date.now() + 800000, name: told.person.name};
    const writing = asked.result.transaction("signIn", "readwrite");
    writing.objectStore("signIn").put(kept, "signIn");
    writing.oncomplete = () => { asked.result.close(); done(true); };
  };
})"""


class Phone:
    """The app in one language, signed in; `say` is what it calls a thing."""

    def __init__(self, browser: Browser, site: Site, language: str) -> None:
        self.visitor, self.language = Visitor(browser, site, None, language, 390), language
        self.words: dict[str, str] = json.loads((BUILT / built_name(f"m.{language}.json")).read_text(encoding="utf-8"))
        page = self.page = self.visitor.page
        page.goto("/m")
        page.get_by_role("heading", level=1).wait_for()
        told = page.request.post("/api/v1/session", data={"name": "pilgrim", "password": site.password("pilgrim")}).json()
        page.evaluate(KEEP_SIGN_IN, told)
        page.reload()
        page.get_by_role("navigation").wait_for()

    def say(self, english: str) -> str:
        return self.words[english]

    def press(self, english: str, kind: str = "button") -> None:
        """The thing whose name begins as the sentence does up to what is filled in."""
        self.page.get_by_role(kind, name=re.compile(re.escape(self.say(english).split("%")[0].strip()))).first.click()  # type: ignore[arg-type]

    def sees(self, english: str) -> Locator:
        return self.page.get_by_text(self.say(english)).first

    def looked_at(self, name: str) -> None:
        looked_at(self.visitor, f"story-{name}-{self.language}")


@pytest.fixture(params=["fa", "ar"])
def phone(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Phone]:
    made = Phone(browser, site, request.param)
    yield made
    assert made.visitor.faults == []
    made.visitor.context.close()


class House:
    """A house of some rooms with a clerk, whose door has a till."""

    def __init__(self, rooms: int) -> None:
        with unit_of_work() as session:
            stay = stays.lodging(session)
            of = stays.rooms(session, stay, rooms)
            stays.price(session, stay, of)
            branch = open_branch(
                session, factories.ACTOR, stay.merchant.id, factories.place(session).id, {"fa": "پذیرش", "en": "Desk"}
            )
            open_terminal(session, factories.ACTOR, branch.id, kind="web")
            self.clerk = factories.account(session, Role.MERCHANT, organisation_id=stay.merchant.organisation_id)[1]
            self.id, self.class_id, self.name = stay.lodging.id, of.id, stay.lodging.names["fa"]

    def taken_by_another(self) -> Callable[[], None]:
        """One room for the usual nights; what is returned gives it back."""
        with unit_of_work() as session:
            other, _ = factories.account(session)
            booked = hold(
                session, other, Ask(str(uuid4()), stays.nights(length=NIGHTS), (Wanted(self.class_id, 1, Party(1, 1)),))
            ).id

        def leave() -> None:
            with unit_of_work() as session:
                cancel(session, other, booked)
            with unit_of_work() as session:
                assert offer_freed(session) == 1

        return leave

    def desk(self, browser: Browser, site: Site) -> Visitor:
        clerk = Visitor(browser, site, None, "en", 1440)
        clerk.context.add_cookies([{"name": SESSION_COOKIE, "value": self.clerk, "url": site.address}])
        return clerk


@pytest.fixture
def tap(
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    field_of: Callable[..., tuple[Program, int]],
    start: Callable[..., Program],
) -> Iterator[Callable[[Page], None]]:
    """The pilgrim's card, in software, held to the production reader beside a clerk's page."""
    port, pairing = free_port(), tmp_path / "pairing-code"
    monkeypatch.setenv("PILGRIM_TILL_READER_PORT", str(port))
    load_settings.cache_clear()  # the engine stays: the phone's page asks while this is set up
    with unit_of_work() as session:
        card: dict[str, Any] = card_export(session, open_keystore(load_settings()), site.card(0).id)
    field, radio = field_of(card)
    options = ("--origin", site.address, "--port", str(port), "--pairing", str(pairing), "--device", f"udp:127.0.0.1:{radio}")
    reader = start("reader_agent.counter", *options)
    assert reader.child.stdout
    reader.child.stdout.readline()
    assert reader.read() == {"port": port}

    def tapped(page: Page) -> None:
        field.send({"place": card["uid"]})
        page.get_by_role("button", name="Hold a card to the reader").click()
        page.get_by_label("Pairing code of the reader").fill(pairing.read_text())
        page.keyboard.press("Enter")

    yield tapped
    monkeypatch.undo()
    load_settings.cache_clear()


def look_for(phone: Phone, house: House, men: int, women: int) -> None:
    nights = stays.nights(0, NIGHTS)
    asked = f"city=mashhad&from={nights.first}&until={nights.until}&men={men}&women={women}&children=0"
    phone.page.goto(f"/m#/find?{asked}")
    phone.looked_at("found")
    phone.page.get_by_role("link", name=house.name).first.click()


def test_a_stay_from_the_search_to_the_money_that_comes_back(
    phone: Phone, browser: Browser, site: Site, tap: Callable[[Page], None]
) -> None:
    house, page = House(rooms=1), phone.page
    look_for(phone, house, 1, 1)
    phone.press("Keep it for 15 minutes")
    expect(phone.sees("Kept, to be paid")).to_be_visible()
    phone.looked_at("kept")
    phone.press("Pay by card %(end)s")
    door = page.get_by_role("region", name=phone.say("Pass"))
    expect(door).to_contain_text(phone.say("Show this at the door. The code changes by itself; a picture of it opens no door."))
    phone.looked_at("pass")
    booking, number = page.url, door.locator(".figure").inner_text()

    page.evaluate(ACTIVE)
    phone.visitor.context.set_offline(True)
    page.reload()
    expect(door).to_contain_text(
        phone.say("Without a network this code works too. The door may ask for a document with your name.")
    )
    expect(door.locator(".figure")).to_have_text(number)
    phone.looked_at("pass-offline")
    phone.visitor.context.set_offline(False)

    clerk = house.desk(browser, site)
    at_door = clerk.open("/front-desk/door")
    tap(at_door)
    expect(at_door.get_by_role("status").first).to_contain_text("2 may come in")
    at_desk = clerk.open(f"/front-desk/{booking.rsplit('/', 1)[1]}")
    expect(at_desk.get_by_text("Early: ")).to_be_visible()
    page.reload()
    expect(phone.sees("Arrived")).to_be_visible()
    at_desk.get_by_role("button", name="They leave").click()
    at_desk.get_by_text("Left", exact=True).first.wait_for()
    clerk.context.close()

    page.reload()
    expect(phone.sees("Left")).to_be_visible()
    expect(phone.sees("Back on the card")).to_be_visible()
    expect(door).to_have_count(0)
    phone.looked_at("left")
    page.goto("/m#/statement")
    expect(page.locator(".list .amount.good").first).to_be_visible()


@pytest.mark.parametrize("phone", ["fa", "ar", "ur"], indirect=True)
def test_a_family_waits_for_all_its_rooms_or_none(phone: Phone) -> None:
    house, page = House(rooms=2), phone.page
    leave = house.taken_by_another()
    nights = stays.nights(length=NIGHTS)
    page.goto(f"/m#/find?city=mashhad&from={nights.first}&until={nights.until}&men=2&women=2&children=0")
    page.get_by_role("heading", name=phone.say("Full on these nights")).wait_for()
    phone.looked_at("full")
    page.get_by_role("link", name=house.name).click()
    phone.press("Full: put me on the waiting list")
    line = page.get_by_role("region", name=phone.say("Waiting lists"))
    expect(line).to_contain_text(house.name)
    phone.looked_at("waiting")
    leave()
    page.reload()
    phone.press("There is room for you now", "link")
    expect(phone.sees("Kept, to be paid")).to_be_visible()
    expect(page.locator("dt", has_text="× ")).to_contain_text(re.compile("[2۲٢]"))
    phone.press("Cancel the booking")
    phone.press("Yes, cancel it")
    expect(phone.sees("Cancelled")).to_be_visible()


def test_a_newer_version_is_offered_and_one_too_old_is_told_why(
    browser: Browser, site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    phone = Phone(browser, site, "fa")
    page, banner = phone.page, phone.page.get_by_role("region", name=phone.say("Version of the app"))
    page.evaluate(ACTIVE)
    page.reload()
    (tmp_path / built_name("sw.js")).write_bytes((BUILT / built_name("sw.js")).read_bytes() + b"// newer")
    monkeypatch.setattr(pilgrims_app, "BUILT", tmp_path)
    page.evaluate("navigator.serviceWorker.getRegistration('/m').then((kept) => kept.update()).then(() => true)")
    expect(banner).to_contain_text(phone.say("A newer version of the app is ready."))
    phone.looked_at("newer")
    phone.press("Use the newer version")
    expect(banner).to_have_count(0)
    monkeypatch.setattr(releases, "RELEASES", (Release(2), Release(3, Why.SAFETY)))
    page.reload()
    expect(banner).to_contain_text("ایرادی دارد که شاید به شما زیان بزند")
    phone.looked_at("too-old")
    phone.visitor.context.close()
