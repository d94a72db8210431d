"""A day at the web till in a real browser, in Persian and by keyboard alone: open, sell, be declined, return, cash up."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import segno
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from cardbank.cards.export import card_export
from cardbank.cards.models import Card
from cardbank.keystore.services import open_keystore
from kernel.db import unit_of_work
from kernel.settings import load_settings
from merchants.models import Branch, Merchant, Terminal
from merchants.till.models import TillShift
from tests.conftest import forget_settings
from tests.functional.bank import Process, can_connect, free_port
from tests.functional.till import wait_until
from tests.merchants.catalogue import goods
from tests.portal.site import Site
from tests.portal.test_browser import Visitor, browser, database, site
from tests.reader_agent.conftest import Process as Program
from tests.reader_agent.conftest import field_of, start

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TAG = "04a1b2c3d4e5f6"
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
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


def number_of(site: Site, holder: int) -> str:
    keystore = open_keystore(load_settings())
    card: Card = site.card(holder)
    with unit_of_work() as session:
        row = session.get_one(Card, card.id)
        return keystore.open_card_number(row.number_sealed, row.token)


def fits(visitor: Visitor) -> None:
    assert visitor.violations() == []
    assert visitor.overflow() <= 0


def type_line(page: Page, text: str, count: str, amount: str) -> None:
    """From the focused first field of a line to the next line."""
    for typed in (text, count, amount):
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(typed)
        page.keyboard.press("Enter")


def test_a_shift_by_keyboard_alone(browser: Browser, site: Site, teller: Path) -> None:
    visitor = Visitor(browser, site, "cashier", "fa", 1440)
    page = visitor.open("/till")
    fits(visitor)
    page.get_by_label("نقد داخل صندوق").focus()
    page.keyboard.type("۱٬۰۰۰٬۰۰۰")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("فروش تازه")
    expect(page.locator("#line-text-1")).to_be_focused()
    type_line(page, "زعفران", "۲", "۷۵۰٬۰۰۰")
    type_line(page, "نبات", "۱", "۵۰۰۰۰")
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
    page.get_by_label("شمارهٔ کارت").fill(number_of(site, len_of_holders() - 1))
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
    page.get_by_label("نقدی که شمردید").focus()
    page.keyboard.type("۹۰۰۰۰۰")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("۱٬۰۰۰٬۰۰۰ ریال در صندوق باشد")
    expect(page.get_by_label("نقدی که شمردید")).to_have_value("۹۰۰۰۰۰")
    page.get_by_label("دلیل اختلاف").focus()
    page.keyboard.type("خرد نداشتیم")
    page.keyboard.press("F4")
    expect(page.locator(".facts")).to_contain_text("خرد نداشتیم")
    fits(visitor)
    assert visitor.faults == []
    visitor.context.close()


def return_a_piece(visitor: Visitor, page: Page) -> None:
    """From a paid sale to its return, and back to the till."""
    page.keyboard.press("F7")
    page.get_by_label("زعفران: چند تا از ۲ تا برمی‌گردد").fill("۱")
    page.keyboard.press("F4")
    expect(page.get_by_role("status")).to_contain_text("۷۵۰٬۰۰۰")
    expect(page.get_by_role("status")).to_contain_text("به کارت برگشت")
    fits(visitor)
    page.keyboard.press("F7")
    expect(page.get_by_label("شمارهٔ رسید")).to_be_visible()
    fits(visitor)
    page.keyboard.press("F9")


@pytest.fixture
def reader_port(monkeypatch: pytest.MonkeyPatch, teller: Path) -> Iterator[int]:
    """Where this portal's pages look for a reader; nobody is there yet."""
    port = free_port()
    monkeypatch.setenv("PILGRIM_TILL_READER_PORT", str(port))
    forget_settings()
    yield port
    monkeypatch.undo()
    forget_settings()


def exported(site: Site, holder: int) -> dict[str, Any]:
    """A card of the demonstration as a chip in software."""
    card = site.card(holder)
    with unit_of_work() as session:
        return card_export(session, open_keystore(load_settings()), card.id)


def test_a_card_is_tapped_at_the_reader_beside_the_till(
    browser: Browser, site: Site, reader_port: int, field_of: Callable[..., tuple[Program, int]], start: Callable[..., Program],
    tmp_path: Path,
) -> None:  # fmt: skip
    """Two programs of their own: the production reader, and the card in nfcpy's UDP field."""
    cards = [exported(site, holder) for holder in (3, 4)]
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
    page.screenshot(path="var/screenshots/till-reader-fa-390.png", full_page=True)

    field.send({"place": cards[0]["uid"]})
    page.keyboard.press("F3")
    expect(page.get_by_role("status")).to_contain_text("پرداخت شد")
    fits(visitor)
    lay_goods(visitor, field, cards[0]["uid"])
    own = {f"request leaves the site: http://127.0.0.1:{reader_port}{path}" for path in ("/tap", "/tap/answer", "/goods")}
    assert set(visitor.faults) == own
    visitor.open("/till")
    page.locator("[data-shortcut=F10]").click()
    page.locator("#counted").fill("0")
    page.keyboard.press("F4")
    page.locator(".facts").wait_for()
    visitor.context.close()


def film(path: Path, text: str) -> Path:
    """A film of one still picture, with a QR code of the text in its middle, as Chromium's false camera plays it (YUV4MPEG2)."""
    code = [[0 if dark else 255 for dark in row for _ in range(8)] for row in segno.make_qr(text, error="m").matrix_iter(border=4) for _ in range(8)]
    width, height = 640, 480
    left, top = (width - len(code)) // 2, (height - len(code)) // 2
    lines = [bytes([235] * width) for _ in range(height)]
    for number, line in enumerate(code):
        lines[top + number] = bytes([235] * left + line + [235] * (width - left - len(line)))
    grey = bytes([128]) * (width * height // 2)
    path.write_bytes(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode() + (b"FRAME\n" + b"".join(lines) + grey) * 2)
    return path


def test_a_tablet_reads_goods_and_card_with_its_camera(browser: Browser, site: Site, teller: Path, tmp_path: Path) -> None:
    camera = film(tmp_path / "camera.y4m", number_of(site, 1))
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
        expect(page.locator("#line-text-1")).to_have_value(number_of(site, 1))
        expect(page.get_by_role("alert")).to_be_visible()  # a card is no goods
        page.locator("#line-text-1").fill("زرشک")
        page.locator("#line-amount-1").fill("240000")
        page.keyboard.press("F4")
        page.get_by_role("button", name="اسکن با دوربین").click()
        expect(page.get_by_label("شمارهٔ کارت")).to_have_value(number_of(site, 1))
        fits(visitor)
        page.keyboard.press("F4")
        expect(page.get_by_role("status")).to_contain_text("پرداخت شد")
        assert visitor.faults == []
        visitor.open("/till")
        page.locator("[data-shortcut=F10]").click()
        page.locator("#counted").fill("0")
        page.keyboard.press("F4")
        page.locator(".facts").wait_for()


def lay_goods(visitor: Visitor, field: Program, card: str) -> None:
    """A tag on goods is taken like a scan, twice counts two, and a card is sent away."""
    with unit_of_work() as session:
        at_work = select(Branch.merchant_id).join(Terminal, Terminal.branch_id == Branch.id).join(TillShift, TillShift.terminal_id == Terminal.id)
        merchant = session.get_one(Merchant, session.scalars(at_work.where(TillShift.closed_at.is_(None))).first())
        ware = goods.product(session, goods.Shop(merchant, (), None), list_rial=90_000, name_fa="تسبیح تربت", is_unstocked="1", code="6269999999991")  # type: ignore[arg-type]
        code = ware.code
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
    page.screenshot(path="var/screenshots/till-goods-tag-fa-390.png", full_page=True)
    field.send({"remove": TAG})
    field.send({"place": card})
    expect(page.locator("[data-tap]")).to_be_enabled()
    page.keyboard.press("Insert")
    expect(page.get_by_role("alert")).to_contain_text("این کارت است، نه کالا.")


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


def len_of_holders() -> int:
    from deploy.commands import _demo

    return len(_demo.read("cardholders.json"))


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_page_of_the_till_fits_and_is_readable(
    browser: Browser, site: Site, teller: Path, language: str, width: int
) -> None:
    visitor = Visitor(browser, site, "merchant", language, width)
    page = visitor.open("/till")
    pages = {"choice": "/till", "shifts": "/till/shifts"}
    for name, path in pages.items():
        visitor.open(path).screenshot(path=f"var/screenshots/till-{name}-{language}-{width}.png", full_page=True)
        fits(visitor)
    visitor.open("/till")
    page.locator("#opening").focus()
    page.keyboard.press("Enter")
    page.locator("#line-text-1").wait_for()
    page.screenshot(path=f"var/screenshots/till-basket-{language}-{width}.png", full_page=True)
    fits(visitor)
    page.locator("#line-text-1").fill("زعفران سرگل قائنات")
    page.locator("#line-amount-1").fill("1250000")
    page.locator("[data-shortcut=F4]").click()
    page.locator("#number").wait_for()
    page.screenshot(path=f"var/screenshots/till-sale-{language}-{width}.png", full_page=True)
    fits(visitor)
    page.locator("#number").fill(number_of(site, 1))
    page.locator("[data-shortcut=F4]").click()
    page.locator(".receipt-amount").wait_for()
    page.screenshot(path=f"var/screenshots/till-paid-{language}-{width}.png", full_page=True)
    fits(visitor)
    sale = page.url
    for name, path in {"receipt": f"{sale}/receipt", "returns": "/till/returns", "top-up": "/till/top-up"}.items():
        visitor.open(path).screenshot(path=f"var/screenshots/till-{name}-{language}-{width}.png", full_page=True)
        fits(visitor)
    visitor.open(sale)
    page.locator("[data-shortcut=F7]").click()
    page.locator("#amount").wait_for()
    page.screenshot(path=f"var/screenshots/till-return-{language}-{width}.png", full_page=True)
    fits(visitor)
    visitor.open("/till")
    page.locator("[data-shortcut=F10]").click()
    page.locator("#counted").wait_for()
    page.screenshot(path=f"var/screenshots/till-shift-{language}-{width}.png", full_page=True)
    fits(visitor)
    page.locator("#counted").fill("0")
    page.locator("[data-shortcut=F4]").click()
    page.locator(".facts").wait_for()
    page.screenshot(path=f"var/screenshots/till-closed-{language}-{width}.png", full_page=True)
    fits(visitor)
    assert visitor.faults == []
    visitor.context.close()
