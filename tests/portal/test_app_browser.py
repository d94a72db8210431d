"""The pilgrim's app on a phone: signing in, reading with and without a network, stopping a card from a tunnel."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from kernel import clock
from kernel.calendar import GREGORIAN_MONTHS, local_day
from kernel.db import unit_of_work
from kernel.moon import COMPUTED, LUNAR_MONTHS
from places.directory.packs import make_packs
from tests.pictures import photo
from tests.portal.site import Site
from tests.portal.test_browser import PICTURES, TAKES_PICTURES, Visitor, browser, database, site  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LARGE = re.compile("large")
# Playwright polls conditions by eval, which the policy of the page forbids: these are asked for once and answer when it is so.
ACTIVE = "navigator.serviceWorker.ready.then(({active}) => active.state === 'activated' || new Promise((done) => (active.onstatechange = () => done(true))))"


@pytest.fixture
def phone(browser: Browser, site: Site) -> Iterator[Visitor]:  # noqa: F811 - the fixtures
    PICTURES.mkdir(parents=True, exist_ok=True)
    visitor = Visitor(browser, site, None, "fa", 390)
    yield visitor
    visitor.context.close()


def looked_at(phone: Visitor, name: str) -> None:
    phone.page.evaluate("document.fonts.ready.then(() => true)")
    if TAKES_PICTURES:
        phone.page.screenshot(path=PICTURES / f"app-{name}.png", full_page=True)
    assert phone.violations() == []
    assert phone.overflow() == 0


def enter(phone: Visitor, site: Site, name: str = "pilgrim") -> Page:  # noqa: F811
    page = phone.page
    page.goto("/m")
    page.get_by_role("button", name="با نام کاربری").click()
    page.get_by_label("نام کاربری").fill(name)
    page.get_by_label("گذرواژه").fill("wrong password")
    page.get_by_role("button", name="ورود").click()
    expect(page.get_by_role("alert")).to_contain_text("نام کاربری و گذرواژه")
    looked_at(phone, "sign-in")
    page.get_by_label("گذرواژه").fill(site.password(name))
    page.get_by_role("button", name="ورود").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("سلام")
    return page


def complain(phone: Visitor) -> None:
    """Two taps from the receipt with a photo between them, then followed."""
    page = phone.page
    page.get_by_role("link", name="مشکلی بود").click()
    page.get_by_label("عکس بگیرید").set_input_files(
        {"name": "label.jpg", "mimeType": "image/jpeg", "buffer": photo(width=1800, height=900)}
    )
    expect(page.get_by_role("img", name="عکس ۱")).to_be_visible()
    looked_at(phone, "complain")
    page.get_by_role("button", name="رفتار بدی با من شد").click()
    expect(page.get_by_role("heading", level=1, name="شکایت‌های من")).to_be_focused()
    page.get_by_role("link", name=re.compile("رفتار بدی با من شد")).first.click()
    page.get_by_label("افزودن توضیح").fill("دو بار پرسیدم")
    page.get_by_role("button", name="فرستادن").click()
    expect(page.get_by_text("دو بار پرسیدم")).to_be_visible()
    expect(page.get_by_role("img", name="عکس ۱")).to_be_visible()
    looked_at(phone, "complaint")
    page.go_back()
    page.go_back()
    page.go_back()


def keep_the_help_card(phone: Visitor) -> None:
    """Refused without a yes, with everything that was typed still there; then on, and off again."""
    page = phone.page
    page.goto("/m#/help")
    page.get_by_label("چه کسی را خبر کنند", exact=False).last.fill("علی")
    page.get_by_label("شمارهٔ موبایل او").fill("۰۹۱۵۱۲۳۴۵۶۷")
    page.get_by_role("button", name="روشن شود").click()
    expect(page.get_by_role("alert")).to_contain_text("تیک رضایت")
    expect(page.get_by_label("شمارهٔ موبایل او")).to_have_value("۰۹۱۵۱۲۳۴۵۶۷")
    page.get_by_label("راضی‌ام").check()
    page.get_by_role("button", name="روشن شود").click()
    expect(page.get_by_text("روشن است")).to_be_visible()
    looked_at(phone, "help")
    page.get_by_role("button", name="خاموش شود").click()
    expect(page.get_by_text("خاموش است")).to_be_visible()


def test_a_pilgrim_reads_on_and_stops_the_card_without_a_network(phone: Visitor, site: Site) -> None:  # noqa: F811
    page = enter(phone, site)
    expect(page.get_by_role("region", name="موجودی کارت")).to_contain_text("ریال")
    expect(page.locator(".list li").first).to_be_visible()
    looked_at(phone, "home")
    tabs = page.get_by_role("navigation", name="صفحه‌های اصلی")
    page.get_by_role("link", name="همهٔ گردش").click()
    page.locator(".list a").first.click()
    expect(page.get_by_role("heading", level=1, name="رسید")).to_be_focused()
    looked_at(phone, "receipt")
    complain(phone)
    tabs.get_by_role("link", name="کارت").click()
    expect(page.get_by_text("فعال")).to_be_visible()
    looked_at(phone, "card")
    page.get_by_role("button", name="پرداخت با کد").click()
    expect(page.get_by_role("img", name="کد پرداخت")).to_be_visible()
    looked_at(phone, "code")
    page.get_by_role("button", name="پنهان کردن کد").click()
    page.evaluate(ACTIVE)

    phone.context.set_offline(True)
    page.reload()
    expect(page.get_by_text("فعال")).to_be_visible()
    expect(page.get_by_text("اینترنت وصل نیست").first).to_be_visible()
    tabs.get_by_role("link", name="خانه").click()
    expect(page.get_by_role("region", name="موجودی کارت")).to_contain_text("ریال")
    tabs.get_by_role("link", name="کارت").click()
    page.get_by_role("button", name="مسدود کردن کارت").click()
    page.get_by_role("button", name="برای مدتی").click()
    expect(page.get_by_text("خودش فرستاده می‌شود")).to_be_visible()
    expect(tabs.get_by_role("img", name="در انتظار فرستادن")).to_be_visible()
    tabs.get_by_role("link", name="بیشتر").click()
    expect(page.get_by_role("region", name="در انتظار فرستادن")).to_be_visible()
    looked_at(phone, "outbox")

    phone.context.set_offline(False)
    expect(page.get_by_role("region", name="در انتظار فرستادن")).to_have_count(0)
    expect(tabs.get_by_role("img")).to_have_count(0)
    tabs.get_by_role("link", name="کارت").click()
    expect(page.get_by_text("مسدود", exact=True)).to_be_visible()
    page.get_by_role("button", name="کارت را باز کنید").click()
    expect(page.get_by_text("فعال")).to_be_visible()
    keep_the_help_card(phone)
    assert phone.faults == []


def test_a_pilgrim_reads_in_the_own_language_and_in_large_letters(phone: Visitor, site: Site) -> None:  # noqa: F811
    page = enter(phone, site)
    page.goto("/m#/more")
    page.get_by_role("button", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    page.get_by_role("button", name="خط كبير").click()
    expect(page.locator("html")).to_have_class(LARGE)
    page.get_by_label("التقويم").select_option("gregorian")
    looked_at(phone, "more-ar")
    page.goto("/m#/")
    expect(page.get_by_role("region", name="في البطاقة")).to_be_visible()
    this_month = GREGORIAN_MONTHS["ar"][local_day(clock.now()).month - 1]
    expect(page.get_by_role("region", name="الأحدث").locator("small").first).to_contain_text(this_month)
    page.goto("/m#/more")
    page.get_by_label("التقويم").select_option("lunar")
    page.goto("/m#/")
    lunar = COMPUTED.lunar(local_day(clock.now()))
    expect(page.get_by_role("region", name="الأحدث").locator("small").first).to_contain_text(
        f"{LUNAR_MONTHS['ar'][lunar.month - 1]} "
    )
    with unit_of_work() as session:
        assert session.execute(
            text("SELECT language, calendar FROM person WHERE id = (SELECT person_id FROM sign_in WHERE name = 'pilgrim')")
        ).one() == ("ar", "lunar")
    expect(page.get_by_role("region", name="أوقات الصلاة").locator("li")).to_have_count(5)
    looked_at(phone, "home-ar")
    page.goto("/m#/profile")
    expect(page.get_by_role("region", name="المسجّل عنك")).to_be_visible()
    looked_at(phone, "profile-ar")
    page.goto("/m#/more")
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Large text").click()
    expect(page.locator("html")).to_have_attribute("dir", "ltr")
    looked_at(phone, "more-en")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    looked_at(phone, "more-dark")
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
    page.get_by_label("Mobile number").fill("0915")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("alert")).to_contain_text("mobile number")
    page.get_by_label("Mobile number").fill("۰۹۱۵ ۱۲۳ ۴۵۶۷")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("The code of the message").fill("123456")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("ask for a new one")
    looked_at(phone, "code-en")
    assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 1
    assert phone.faults == []


def keep_the_city(phone: Visitor) -> None:
    """The pack is fetched; then everything is searched and told without a network, and a newer pack is offered."""
    with unit_of_work() as session:
        make_packs(session)
    page = phone.page
    page.get_by_role("link", name="جاها بدون اینترنت").click()
    city = page.get_by_role("region", name="مشهد")
    city.get_by_role("button", name="ذخیره روی گوشی").click()
    expect(city.get_by_text("بدون اینترنت هم آماده است")).to_be_visible()
    looked_at(phone, "packs")
    phone.context.set_offline(True)
    page.goto("/m#/near?kind=metro_station")  # nobody asked for it before
    found = page.get_by_role("region", name="جاها").locator(".list a")
    expect(page.get_by_text("این‌ها جاهایی است که روی گوشی نگه داشته‌اید")).to_be_visible()
    expect(found.first).to_contain_text("ایستگاه قطار شهری")
    page.get_by_role("button", name="روی نقشه").click()
    expect(page.get_by_role("img", name="نقشهٔ جای مکان‌ها")).to_be_visible()
    expect(page.locator(".map .layer.metro")).to_have_count(1)  # of the pack: this map was never fetched
    size = page.locator(".map .measure").get_attribute("d")
    page.get_by_role("application").press("+")
    expect(page.locator(".map .measure")).not_to_have_attribute("d", size)
    looked_at(phone, "near-kept")
    found.first.click()
    expect(page.get_by_role("link", name="باز کردن در نقشهٔ گوشی")).to_be_visible()
    looked_at(phone, "place-kept")
    page.goto("/m#/")
    gates = page.get_by_role("region", name="ورودی‌های حرم")
    expect(gates.locator(".list a")).to_have_count(4)
    gates.get_by_role("link", name="مسیر پیاده در حرم").click()
    page.get_by_role("combobox").first.select_option(label="بست شیخ طوسی (بست بالا)")
    page.get_by_role("combobox").nth(1).select_option(label="صحن آزادی (صحن نو)")
    expect(page.locator("ol.stops li")).to_have_count(3)  # through the old courtyard
    looked_at(phone, "walk-kept")
    phone.context.set_offline(False)
    with unit_of_work() as session:
        session.execute(text("UPDATE place_pack SET version = 'newer'"))
    page.goto("/m#/packs")
    expect(city.get_by_role("button", name="دریافت نسخهٔ تازه")).to_be_visible()
    city.get_by_role("button", name="پاک کردن از گوشی").click()
    expect(city.get_by_role("button", name="ذخیره روی گوشی")).to_be_visible()


def test_a_pilgrim_finds_what_is_near_and_finds_it_again_without_a_network(phone: Visitor, site: Site) -> None:  # noqa: F811
    page = enter(phone, site)
    tabs = page.get_by_role("navigation", name="صفحه‌های اصلی")
    tabs.get_by_role("link", name="نزدیک من").click()
    found = page.get_by_role("region", name="جاها").locator(".list a")
    expect(found.nth(1)).to_contain_text("پیاده حدود")
    page.get_by_role("button", name="از جایی که هستم").click()  # nobody lets it
    expect(page.get_by_text("گوشی نمی‌گوید کجا هستید")).to_be_visible()
    looked_at(phone, "near")
    phone.context.grant_permissions(["geolocation"])
    phone.context.set_geolocation({"longitude": 59.61512, "latitude": 36.28749})
    page.get_by_role("button", name="از جایی که هستم").click()
    expect(page).to_have_url(re.compile("lon=59.615&lat=36.287$"))
    expect(page.get_by_role("button", name="از مرکز شهر")).to_be_visible()
    page.get_by_label("نوع مکان").select_option("shop")
    expect(page.get_by_label("دقیق‌تر")).to_be_visible()
    page.get_by_text("شرط‌های بیشتر").click()
    page.get_by_role("button", name="اعتبار می‌دهد").click()
    expect(page.get_by_role("button", name="اعتبار می‌دهد")).to_have_attribute("aria-pressed", "true")
    found.first.click()
    expect(page.get_by_role("link", name="باز کردن در نقشهٔ گوشی")).to_have_attribute("href", re.compile(r"^geo:36\.\d+,59\.\d+$"))
    looked_at(phone, "place")
    page.go_back()
    expect(page.get_by_role("button", name="اعتبار می‌دهد")).to_have_attribute("aria-pressed", "true")
    page.evaluate(ACTIVE)

    phone.context.set_offline(True)
    page.reload()
    expect(page.get_by_text("اینترنت وصل نیست").first).to_be_visible()
    expect(found.first).to_be_visible()
    page.get_by_role("button", name="اعتبار می‌دهد").click()
    page.get_by_label("نوع مکان").select_option("service")  # was not asked in this way before
    expect(found.filter(has_text="امانت‌داری")).to_have_count(1)
    expect(found.filter(has_text="زعفران")).to_have_count(0)
    looked_at(phone, "near-offline")
    phone.context.set_offline(False)
    expect(page.get_by_text("اینترنت وصل نیست")).to_have_count(0)
    keep_the_city(phone)
    page.goto("/m?lang=ar#/more")
    page.get_by_role("button", name="العربية").click()
    page.get_by_role("button", name="خط كبير").click()
    page.get_by_role("link", name="قريب مني").click()
    page.get_by_label("اسم المكان").fill("حرم")
    page.get_by_role("button", name="بحث").click()
    named = page.get_by_role("region", name="الأماكن").locator(".list a")
    expect(named.filter(has_text="زعفران")).to_have_count(0)
    expect(named.filter(has_text="العتبة الرضوية")).to_have_count(1)  # the name in the language of the app, not of the account
    looked_at(phone, "near-ar")
    assert phone.faults == []


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


def test_a_pilgrim_leaves_with_everything_and_is_told_so(phone: Visitor, site: Site) -> None:  # noqa: F811
    """What became of the money is told though no card is left."""
    page = enter(phone, site, "pilgrim-en")
    with unit_of_work() as session:
        session.execute(text("UPDATE booking SET state = 'left', held_until = NULL"))
    page.goto("/m#/money")
    page.on("dialog", lambda asked: asked.accept())
    leaving = page.locator("form").filter(has_text="تسویه و بستن کارت")
    leaving.get_by_label("چطور پرداخت شود").select_option("gift")
    leaving.get_by_role("checkbox").check()
    leaving.get_by_role("button").click()
    expect(page.get_by_text("همهٔ پول پرداخت و کارت بسته شد")).to_be_visible()
    looked_at(phone, "left")
    assert phone.faults == []


def test_a_head_limits_a_child_and_gives_from_the_card(phone: Visitor, site: Site) -> None:  # noqa: F811
    page = enter(phone, site)
    page.goto("/m#/purse")
    page.get_by_role("button", name="ساختن خانواده").click()
    page.get_by_label("نام فرزند").fill("علی")
    page.get_by_role("button", name="افزودن فرزند").click()
    page.get_by_label("در روز (ریال)").fill("۲۰۰٬۰۰۰")
    page.get_by_role("button", name="ثبت سقف‌ها").click()
    expect(page.get_by_text(re.compile("۲۰۰٬۰۰۰.*ریال"))).to_be_visible()
    looked_at(phone, "purse")
    page.goto("/m#/money")
    giving = page.locator("form").filter(has_text="به چه کسی").first
    expect(giving).to_contain_text("برای غذای زائران")
    looked_at(phone, "money")
    giving.locator("select[name=card]").select_option(index=1)
    giving.get_by_label("مبلغ").fill("۵۰٬۰۰۰")
    giving.get_by_role("button", name="پرداخت").click()
    expect(page.get_by_text("قبول باشد")).to_be_visible()
    assert phone.faults == []
