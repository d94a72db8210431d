"""Programmes in the pilgrim's app on a phone: found, kept, paid, shown without a network, given back; and waited for."""

import re

import pytest
from playwright.sync_api import expect

from tests.portal.site import Site
from tests.portal.test_app_browser import ACTIVE, enter, looked_at, phone  # noqa: F401 - a fixture
from tests.portal.test_browser import Visitor, browser, database, site  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_family_goes_on_a_tour(phone: Visitor, site: Site) -> None:  # noqa: F811
    page = enter(phone, site)
    page.get_by_role("navigation", name="صفحه‌های اصلی").get_by_role("link", name="رزروها").click()
    page.get_by_role("link", name="برنامه‌ها و تورها").click()
    page.get_by_label("نوع").select_option("tour")
    page.get_by_role("button", name="جست‌وجو").click()
    expect(page).to_have_url(re.compile("kind=tour"))
    expect(page.get_by_role("link", name="توس").first).to_be_visible()
    looked_at(phone, "programmes")
    page.get_by_role("link", name="توس").first.click()
    expect(page.get_by_role("heading", level=1, name="برنامه و جا")).to_be_focused()
    page.get_by_label("کودک").select_option("1")
    page.get_by_role("button", name="دیدن جاها").click()
    expect(page.get_by_role("list", name="ایستگاه‌ها").locator("li")).to_have_count(3)
    expect(page.get_by_text("دست‌کم ۶ نفر")).to_be_visible()
    expect(page.locator(".figure")).to_contain_text("۸٬۷۵۰٬۰۰۰")
    looked_at(phone, "programme")
    page.get_by_role("button", name=re.compile("نگه")).click()
    page.get_by_role("button", name=re.compile("پرداخت با کارت")).first.click()
    door = page.get_by_role("region", name="برگهٔ ورود")
    number = door.locator(".figure").inner_text()
    page.evaluate(ACTIVE)
    phone.context.set_offline(True)
    page.reload()
    expect(door.locator(".figure")).to_have_text(number)
    phone.context.set_offline(False)
    page.reload()
    page.get_by_role("button", name="لغو رزرو").click()
    looked_at(phone, "programme-cancel")
    page.get_by_role("button", name="بله، لغو کنید").click()
    expect(page.get_by_text("لغوشده")).to_be_visible()
    assert phone.faults == []
