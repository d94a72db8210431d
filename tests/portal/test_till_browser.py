"""A day at the web till in a real browser, in Persian and by keyboard alone: open, sell, be declined, return, cash up."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import text

from kernel.db import unit_of_work
from tests.conftest import forget_settings
from tests.functional.bank import Process, can_connect, free_port
from tests.functional.till import wait_until
from tests.portal import till_things as things
from tests.portal.site import Site
from tests.portal.test_browser import PICTURES, TAKES_PICTURES, WIDTHS, Visitor, browser, database, site
from tests.portal.till_things import PERSIAN, fits, number_of, return_a_piece, ring_up, ware_of_open_till
from tests.reader_agent.conftest import Process as Program
from tests.reader_agent.conftest import field_of, start

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TAG = "04a1b2c3d4e5f6"
__all__ = ["browser", "database", "field_of", "site", "start"]


@pytest.fixture(scope="module")
def teller(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The real teller over the demonstration's data."""
    folder = tmp_path_factory.mktemp("teller")
    socket = folder / "teller.sock"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PILGRIM_TELLER_SOCKET", str(socket))
        forget_settings()
        process = Process("cardbank.ledger.teller", dict(os.environ), folder / "teller.log")
        wait_until(lambda: can_connect(str(socket)) or not process.is_alive)
        yield socket
        process.stop()
    forget_settings()


def close_shift(visitor: Visitor) -> None:
    page = visitor.open("/till")
    page.keyboard.press("F10")
    page.locator("#counted").fill("0")
    page.keyboard.press("F4")
    page.locator(".facts").wait_for()


def test_a_shift_by_keyboard_alone(browser: Browser, site: Site, teller: Path) -> None:
    visitor = Visitor(browser, site, "cashier", "fa", 1440)
    page = visitor.open("/till")
    fits(visitor)
    expect(page.get_by_label("نقد داخل صندوق")).to_be_focused()
    page.keyboard.type("۱٬۰۰۰٬۰۰۰")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("فروش تازه")
    ring_up(page)
    expect(page.locator("[data-total]")).to_have_text("۱٬۵۵۰٬۰۰۰ ریال")
    expect(page.locator("[data-total]")).to_have_attribute("aria-live", "polite")
    fits(visitor)
    page.keyboard.press("F4")

    expect(page.get_by_label("شمارهٔ کارت")).to_be_focused()
    expect(page.get_by_text("اعتبار می‌دهد")).to_be_visible()
    fits(visitor)
    lost = number_of(site, 2).translate(PERSIAN)
    page.keyboard.type(lost[:10])
    page.keyboard.press("F4")
    expect(page.get_by_role("alert")).to_contain_text("شمارهٔ کارت ۱۹ رقم دارد")
    expect(page.get_by_label("شمارهٔ کارت")).to_have_value(lost[:10])
    assert page.evaluate("getSelection().toString()") == lost[:10]  # the next scan takes its place
    page.get_by_label("شمارهٔ کارت").fill(number_of(site, things.len_of_holders() - 1))
    page.keyboard.press("F4")
    expect(page.get_by_role("alert")).to_contain_text("کارت پذیرفته نشد")
    expect(page.get_by_role("alert")).to_contain_text("کارت دیگری بخواهید")
    expect(page.get_by_role("cell", name="زعفران")).to_be_visible()
    fits(visitor)

    expect(page.get_by_label("شمارهٔ کارت")).to_be_focused()
    page.keyboard.type(number_of(site, 0).translate(PERSIAN))
    page.keyboard.press("F4")
    expect(page.get_by_role("status")).to_contain_text("پرداخت شد")
    expect(page.locator(".receipt-amount")).to_contain_text("۱٬۵۵۰٬۰۰۰")
    fits(visitor)
    return_a_piece(visitor, page)

    expect(page.locator("#line-text-1")).to_be_focused()
    page.keyboard.press("F10")
    expect(page.get_by_role("heading", level=1)).to_contain_text("نوبت")
    expect(page.get_by_label("نقدی که شمردید")).to_be_focused()
    page.keyboard.type("۹۰۰۰۰۰")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("۱٬۲۰۰٬۰۰۰ ریال در صندوق باشد")
    expect(page.get_by_label("نقدی که شمردید")).to_have_value("۹۰۰۰۰۰")
    expect(page.get_by_label("دلیل اختلاف")).to_be_focused()
    page.keyboard.type("خرد نداشتیم")
    page.keyboard.press("F4")
    expect(page.locator(".facts")).to_contain_text("خرد نداشتیم")
    fits(visitor)
    assert visitor.faults == []
    visitor.context.close()


@pytest.fixture
def reader_port(monkeypatch: pytest.MonkeyPatch, teller: Path) -> Iterator[int]:
    """Where this portal's pages look for a reader; nobody is there yet."""
    port = free_port()
    monkeypatch.setenv("PILGRIM_TILL_READER_PORT", str(port))
    forget_settings()
    yield port
    monkeypatch.undo()
    forget_settings()


def test_a_card_is_tapped_at_the_reader_beside_the_till(
    browser: Browser, site: Site, reader_port: int, field_of: Callable[..., tuple[Program, int]], start: Callable[..., Program],
    tmp_path: Path,
) -> None:  # fmt: skip
    """Two programs of their own: the production reader, and the card in nfcpy's UDP field."""
    cards = [things.exported(site, holder) for holder in (3, 4)]
    visitor = Visitor(browser, site, "cashier", "fa", 390)
    page = visitor.open("/till")
    if page.locator("#opening").count():
        page.locator("#opening").press("Enter")
    page.locator("#line-text-1").fill("زرشک")
    page.locator("#line-amount-1").fill("240000")
    page.keyboard.press("F4")
    page.get_by_label("شمارهٔ کارت").fill("۱۲۳")
    alert, code = page.get_by_role("alert"), page.get_by_label("کد جفت‌شدن")

    page.keyboard.press("F3")
    expect(code).to_be_focused()
    page.keyboard.type("۱" * 12)
    page.keyboard.press("Enter")
    expect(alert).to_contain_text("کارت‌خوانی روی این رایانه پاسخ نمی‌دهد")

    field, radio = field_of(*cards)
    pairing = tmp_path / "pairing-code"
    options = ("--origin", site.address, "--port", str(reader_port), "--pairing", str(pairing), "--card-seconds", "0.3")
    reader = start("reader_agent.counter", *options, "--device", f"udp:127.0.0.1:{radio}")
    assert reader.child.stdout
    assert reader.child.stdout.readline().decode().strip().endswith(pairing.read_text())
    assert reader.read() == {"port": reader_port}
    page.keyboard.press("F3")
    expect(alert).to_contain_text("این صندوق را نمی‌شناسد")
    fits(visitor)
    code.fill(pairing.read_text())
    page.keyboard.press("Enter")
    expect(alert).to_contain_text("کارت‌خوان کارتی ندید")
    expect(page.get_by_label("شمارهٔ کارت")).to_have_value("۱۲۳")
    fits(visitor)

    field.send({"place": cards[0]["uid"]})
    page.keyboard.press("F3")
    expect(page.get_by_role("status")).to_contain_text("پرداخت شد")
    fits(visitor)
    lay_goods(visitor, field, cards[0]["uid"])
    own = {f"request leaves the site: http://127.0.0.1:{reader_port}{path}" for path in ("/tap", "/tap/answer", "/goods")}
    assert set(visitor.faults) == own
    close_shift(visitor)
    visitor.context.close()


def test_a_tablet_reads_goods_and_card_with_its_camera(browser: Browser, site: Site, teller: Path, tmp_path: Path) -> None:
    camera = things.film(tmp_path / "camera.y4m", number_of(site, 1))
    flags = ["--no-sandbox", "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={camera}"]
    with browser.browser_type.launch(executable_path=shutil.which("chromium"), args=flags) as tablet:
        visitor = Visitor(tablet, site, "cashier", "fa", 390)
        page = visitor.open("/till")
        page.locator("#opening").press("Enter")
        page.get_by_role("button", name="اسکن با دوربین").click()
        expect(page.get_by_role("alert")).to_contain_text("دوربین نمی‌دهد")
        fits(visitor)
        visitor.context.grant_permissions(["camera"])
        page.get_by_role("button", name="اسکن با دوربین").click()
        expect(page.get_by_role("alert")).to_contain_text("این کارت است، نه کالا")
        expect(page.locator("#line-text-1")).to_have_value("")
        page.locator("#line-text-1").fill("زرشک")
        page.locator("#line-amount-1").fill("240000")
        page.keyboard.press("F4")
        page.locator("#number").wait_for()
        page.get_by_role("button", name="اسکن با دوربین").click()
        expect(page.get_by_role("status")).to_contain_text("پرداخت شد")
        assert visitor.faults == []
        close_shift(visitor)


def lay_goods(visitor: Visitor, field: Program, card: str) -> None:
    """A tag on goods is taken like a scan, twice counts two, and a card is sent away."""
    code = ware_of_open_till("تسبیح تربت", "6269999999991")
    page = visitor.open("/till")
    field.send({"remove": card})
    field.send({"tag": TAG, "address": f"https://id.example.ir/01/0{code}"})
    page.keyboard.press("Insert")
    expect(page.locator("#line-text-1")).to_have_value("تسبیح تربت")
    expect(page.locator("[data-tap]")).to_be_enabled()
    page.keyboard.press("Insert")
    expect(page.locator("#line-count-1")).to_have_value("۲")
    expect(page.locator("[data-total]")).to_have_text("۱۸۰٬۰۰۰ ریال")
    fits(visitor)
    field.send({"remove": TAG})
    field.send({"place": card})
    expect(page.locator("[data-tap]")).to_be_enabled()
    page.keyboard.press("Insert")
    expect(page.get_by_role("alert")).to_contain_text("این کارت است، نه کالا.")


def test_a_telephone_reads_the_tags_of_goods(browser: Browser, site: Site, teller: Path) -> None:
    """Web NFC: bound by its number, taken once into a delivery, sold; a card held to it pays nothing."""
    visitor = Visitor(browser, site, "merchant", "fa", 390)
    visitor.context.add_init_script(things.TELEPHONE)
    page = visitor.open("/till")
    page.locator("#opening").press("Enter")
    page.locator("#line-text-1").wait_for()
    code = ware_of_open_till("مهر تربت", "6269999999984")
    note = page.locator("[data-reader-note]")
    visitor.open("/tags")
    page.get_by_role("button", name="خواندن شمارهٔ برچسب").click()
    expect(note).to_contain_text("یکی‌یکی پشت گوشی بگیرید")
    page.evaluate("hold('04:A1:B2:C3:D4:E5:F7')")
    expect(page.locator("#numbers")).to_have_value("04A1B2C3D4E5F7\n")
    fits(visitor)
    page.locator("#code").fill(code)
    page.get_by_role("button", name="پیوند دادن").click()
    expect(page.get_by_role("cell", name="مهر تربت").first).to_be_visible()
    visitor.open("/deliveries")
    page.get_by_role("button", name="خواندن برچسب کالا").click()
    page.evaluate("hold('04:A1:B2:C3:D4:E5:F7')")
    expect(note).to_have_text("مهر تربت در فهرست آمد.")
    page.evaluate("hold('04:A1:B2:C3:D4:E5:F7')")
    expect(note).to_contain_text("یک بار حساب می‌شود")
    page.evaluate(f"hold('', ['url', 'https://id.example.ir/01/0{code}'])")
    expect(page.locator("#lines")).to_have_value(f"{code}\n{code}\n")
    visitor.open("/till")
    page.evaluate("window.refuses = 'NotAllowedError'")
    page.keyboard.press("Insert")
    expect(note).to_contain_text("NFC را مجاز کنید")
    page.evaluate("window.refuses = ''")
    page.keyboard.press("Insert")
    page.evaluate("cover()")
    expect(note).to_contain_text("اگر کارت زائر است")
    page.evaluate("hold('04:A1:B2:C3:D4:E5:F7')")
    expect(page.locator("#line-text-1")).to_have_value("مهر تربت")
    fits(visitor)
    for scanned in (1, 2):  # by a scanner, as fast as it likes: each waits for the next, the same goods count up
        page.locator(f"#line-text-{1 + scanned}").focus()
        page.keyboard.type(code)
        page.keyboard.press("Enter")
    expect(page.locator("#line-text-2")).to_have_value("")
    expect(page.locator("#line-count-1")).to_have_value("۳")
    assert page.evaluate("document.activeElement.name") == "line-text"
    page.keyboard.press("F4")
    expect(page.locator("[data-reader-note]").first).to_contain_text("گوشی با نزدیک کردن کارت پول نمی‌گیرد")
    expect(page.locator("[data-tap]").first).to_be_hidden()
    page.keyboard.press("F6")
    expect(page.locator("#line-text-1")).to_have_value("مهر تربت")
    close_shift(visitor)
    assert visitor.faults == []
    visitor.context.close()


def test_a_cut_loses_no_basket_and_takes_no_money_twice(browser: Browser, site: Site, teller: Path) -> None:
    visitor = Visitor(browser, site, "merchant", "fa", 390)
    page = visitor.open("/till")
    page.locator("#opening").press("Enter")
    alert = page.locator("[data-line-note]")
    page.locator("#line-text-1").fill("زرشک")
    page.locator("#line-amount-1").fill("۲۴۰۰۰۰")
    page.locator("[data-add-line]").click()
    page.locator("#line-text-4").fill("نبات")
    page.locator("#line-amount-4").fill("۶۰۰۰۰")
    page.reload()
    expect(page.locator("[data-total]")).to_have_text("۳۰۰٬۰۰۰ ریال")
    visitor.context.set_offline(True)
    page.keyboard.press("F4")
    expect(alert).to_contain_text("اینترنت این دستگاه قطع است")
    fits(visitor)
    visitor.context.set_offline(False)
    page.keyboard.press("F4")

    page.locator("#number").fill(number_of(site, 1))
    page.route("**/pay", lambda route: route.abort(), times=1)  # never arrived
    page.keyboard.press("F4")
    expect(alert).to_contain_text("هنوز معلوم نیست از کارت کم شده یا نه")
    expect(alert).to_contain_text("پولی برای این فروش نرسیده است")
    fits(visitor)
    page.locator("#number").fill(number_of(site, 1))
    page.route("**/pay", lambda route: (route.fetch(), route.abort()), times=1)  # paid, and the answer lost
    page.keyboard.press("F4")
    expect(page.get_by_role("status")).to_contain_text("پرداخت شد")
    expect(page.locator(".receipt-amount")).to_contain_text("۳۰۰٬۰۰۰")
    visitor.open("/till")
    expect(page.locator("#line-text-1")).to_have_value("")
    with unit_of_work() as session:
        paid = session.scalars(text("SELECT count(*) FROM ledger.entry WHERE amount = 300000 AND kind = 1 AND source = 3"))
        assert paid.one() == 1
    close_shift(visitor)
    assert visitor.faults == []
    visitor.context.close()


def test_the_holders_code_renews_itself(browser: Browser, site: Site) -> None:
    visitor = Visitor(browser, site, "pilgrim", "fa", 390)
    visitor.page.clock.install()
    page = visitor.open("/me/code")
    digits = page.locator(".pay-code-digits")
    before, made_in = digits.inner_text(), int(time.time())
    wait_until(lambda: int(time.time()) > made_in)  # a code is made of its second
    with page.expect_response("**/me/code/now?*"):
        page.clock.fast_forward(31_000)
    expect(digits).not_to_have_text(before)
    visitor.context.set_offline(True)
    page.clock.fast_forward(31_000)
    expect(page.get_by_role("alert")).to_contain_text("کد تازه نشد")
    expect(digits).to_be_hidden()
    assert visitor.faults == []
    visitor.context.close()


@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_page_of_the_till_fits_and_is_readable(browser: Browser, site: Site, teller: Path, language: str) -> None:
    visitor = Visitor(browser, site, "merchant", language, WIDTHS[0])
    page = visitor.page

    def looked_at(name: str) -> None:
        """On a phone and on a desk, without loading it again."""
        for width in WIDTHS:
            visitor.resize(width)
            if TAKES_PICTURES:
                page.screenshot(path=PICTURES / f"till-{name}-{language}-{width}.png", full_page=True)
            fits(visitor)
        visitor.resize(WIDTHS[0])

    for name, path in {"shifts": "/till/shifts", "choice": "/till"}.items():
        visitor.open(path)
        looked_at(name)
    page.locator("#opening").press("Enter")
    page.locator("#line-text-1").wait_for()
    looked_at("basket")
    page.locator("#line-text-1").fill("زعفران سرگل قائنات")
    page.locator("#line-amount-1").fill("1250000")
    page.keyboard.press("F4")
    page.locator("#number").wait_for()
    looked_at("sale")
    page.locator("#number").fill(number_of(site, 1))
    page.keyboard.press("F4")
    page.locator(".receipt-amount").wait_for()
    looked_at("paid")
    sale = page.url
    for name, path in {"receipt": f"{sale}/receipt", "returns": "/till/returns", "top-up": "/till/top-up"}.items():
        visitor.open(path)
        looked_at(name)
    visitor.open(sale)
    page.keyboard.press("F7")
    page.locator("#amount").wait_for()
    looked_at("return")
    visitor.open("/till")
    page.keyboard.press("F10")
    page.locator("#counted").wait_for()
    looked_at("shift")
    page.locator("#counted").fill("0")
    page.keyboard.press("F4")
    page.locator(".facts").wait_for()
    looked_at("closed")
    assert visitor.faults == []
    visitor.context.close()
