"""The second proof and the invitation in a real browser: the pages that only an act leads to."""

import pytest
from playwright.sync_api import Browser, expect

from kernel import clock
from tests.authenticators import code_at
from tests.portal.site import Site
from tests.portal.test_browser import PICTURES, TAKES_PICTURES, Visitor, browser, database, site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

__all__ = ["browser", "database", "site"]

WORDS = {
    "fa": {"add": "افزودن رمزساز", "code": "کد داخل برنامه", "confirm": "تأیید", "sign-in": "ورود", "name": "نام کاربری", "password": "گذرواژه"},
    "en": {"add": "Add an authenticator", "code": "Code in the app", "confirm": "Confirm", "sign-in": "Sign in", "name": "User name", "password": "Password"},
}  # fmt: skip


def fits(visitor: Visitor, picture: str, language: str, width: int) -> None:
    if TAKES_PICTURES:
        visitor.page.screenshot(path=PICTURES / f"{picture}-{language}-{width}.png", full_page=True)
    assert visitor.violations() == []
    assert visitor.overflow() <= 0


@pytest.mark.parametrize(("account", "language", "width"), [("pilgrim", "fa", 390), ("pilgrim-en", "en", 1440)])
def test_an_authenticator_is_added_and_asked_for(browser: Browser, site: Site, account: str, language: str, width: int) -> None:
    words = WORDS[language]
    visitor = Visitor(browser, site, account, language, width)
    page = visitor.open("/account/authenticator")
    page.get_by_role("button", name=words["add"]).click()
    secret = page.locator("p.pan bdi").inner_text().replace(" ", "")
    fits(visitor, "authenticator-begun", language, width)
    page.get_by_label(words["code"]).fill(code_at(secret, clock.now()))
    page.get_by_role("button", name=words["confirm"]).click()
    codes = page.locator("li .pan").all_inner_texts()
    assert len(codes) == 10
    fits(visitor, "recovery-codes", language, width)
    visitor.open("/account/authenticator")
    fits(visitor, "authenticator-in-use", language, width)
    assert visitor.faults == []
    visitor.context.close()

    entering = Visitor(browser, site, None, language, width)
    page = entering.open("/sign-in?next=/me/statement")
    page.get_by_label(words["name"], exact=True).fill(account)
    page.get_by_label(words["password"]).fill(site.password(account))
    page.get_by_role("button", name=words["sign-in"]).click()
    expect(page).to_have_url(f"{site.address}/sign-in/code?next=/me/statement")
    fits(entering, "sign-in-code", language, width)
    page.locator("#code").fill("123")
    page.get_by_role("button", name=words["sign-in"]).click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.locator("#code").fill(codes[0])
    page.get_by_role("button", name=words["sign-in"]).click()
    expect(page).to_have_url(f"{site.address}/me/statement")
    assert entering.faults == []
    entering.context.close()


def test_an_invitations_link_fills_in_its_code_and_leaves_the_address(browser: Browser, site: Site) -> None:
    owner = Visitor(browser, site, "merchant", "en", 1440)
    page = owner.open("/people")
    page.get_by_label("Name and family name").fill("Zahra Sample")
    page.get_by_label("Mobile number or e-mail").fill("zahra@example.ir")
    page.get_by_label("Role").select_option("cashier")
    page.get_by_role("button", name="Invite").click()
    code = page.locator(".receipt-amount .pan").inner_text()
    link = page.locator(".receipt a[href*='#']").get_attribute("href")
    fits(owner, "invited", "en", 1440)
    owner.context.close()

    guest = Visitor(browser, site, None, "fa", 390)
    page = guest.page
    page.goto(str(link))
    expect(page.locator("#code")).to_have_value(code)
    expect(page).to_have_url(f"{site.address}/invitation")
    fits(guest, "invitation-filled", "fa", 390)
    page.locator("#name").fill("zahra-sample")
    page.locator("#password").fill("a long password")
    page.get_by_role("button", name="ساخت حساب من").click()
    expect(page).to_have_url(f"{site.address}/sales")
    assert guest.faults == []
    guest.context.close()
