"""What the browser tests of the web till have at hand: cards of the demonstration, a false camera, a false telephone,
and parts of a day at it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import jdatetime
import segno
from playwright.sync_api import Page, expect
from sqlalchemy import select

from cardbank.cards.export import card_export
from cardbank.cards.models import Card
from cardbank.keystore.services import open_keystore
from kernel.db import unit_of_work
from kernel.settings import load_settings
from merchants.models import Branch, Merchant, Terminal
from merchants.till.models import TillShift
from tests.merchants.catalogue import goods
from tests.portal.site import Site
from tests.portal.visitor import Visitor

PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
# Chromium on a desk has no Web NFC: this stands in for the browser's part of it. `hold` is a tag at the telephone, its records
# after its number; `cover` something that holds no records, such as a card.
TELEPHONE = """
window.NDEFReader = class extends EventTarget {
  async scan({ signal }) {
    if (window.refuses) throw new DOMException("", window.refuses);
    window.telephone = this;
    signal.addEventListener("abort", () => { window.telephone = null; });
  }
};
window.hold = (serialNumber, ...records) => window.telephone.dispatchEvent(Object.assign(new Event("reading"), {
  serialNumber,
  message: { records: records.map(([recordType, text]) => ({ recordType, data: new DataView(new TextEncoder().encode(text).buffer) })) },
}));
window.cover = () => window.telephone.dispatchEvent(new Event("readingerror"));
"""


def number_of(site: Site, holder: int) -> str:
    keystore = open_keystore(load_settings())
    card: Card = site.card(holder)
    with unit_of_work() as session:
        row = session.get_one(Card, card.id)
        return keystore.open_card_number(row.number_sealed, row.token)


def type_line(page: Page, text: str, count: str, amount: str) -> None:
    """From the focused first field of a line to the next line."""
    for typed in (text, count, amount):
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(typed)
        page.keyboard.press("Enter")


def exported(site: Site, holder: int) -> dict[str, Any]:
    """A card of the demonstration as a chip in software."""
    card = site.card(holder)
    with unit_of_work() as session:
        return card_export(session, open_keystore(load_settings()), card.id)


def film(path: Path, text: str) -> Path:
    """A film of one still picture, with a QR code of the text in its middle, as Chromium's false camera plays it (YUV4MPEG2)."""
    code = [
        [0 if dark else 255 for dark in row for _ in range(8)]
        for row in segno.make_qr(text, error="m").matrix_iter(border=4)
        for _ in range(8)
    ]
    width, height = 640, 480
    left, top = (width - len(code)) // 2, (height - len(code)) // 2
    lines = [bytes([235] * width) for _ in range(height)]
    for number, line in enumerate(code):
        lines[top + number] = bytes([235] * left + line + [235] * (width - left - len(line)))
    grey = bytes([128]) * (width * height // 2)
    path.write_bytes(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode() + (b"FRAME\n" + b"".join(lines) + grey) * 2)
    return path


def len_of_holders() -> int:
    from deploy.commands import _demo

    return len(_demo.read("cardholders.json"))


def ware_of_open_till(name: str, code: str) -> str:
    """A product of the shop where a shift is open."""
    with unit_of_work() as session:
        at_work = (
            select(Branch.merchant_id)
            .join(Terminal, Terminal.branch_id == Branch.id)
            .join(TillShift, TillShift.terminal_id == Terminal.id)
        )
        merchant = session.get_one(Merchant, session.scalars(at_work.where(TillShift.closed_at.is_(None))).first())
        made = goods.product(session, goods.Shop(merchant, (), None), list_rial=90_000, name_fa=name, is_unstocked="1", code=code)  # type: ignore[arg-type]
        return made.code


def fits(visitor: Visitor) -> None:
    assert visitor.violations() == []
    assert visitor.overflow() <= 0


def ring_up(page: Page) -> None:
    """Two of one, and a bare price that gets a name; half a number is told, and the cursor stands in it."""
    expect(page.locator("#line-text-1")).to_be_focused()
    type_line(page, "زعفران", "۲", "۷۵۰٬۰۰۰")
    page.keyboard.type("۵۰/۰۰۰")
    page.keyboard.press("Enter")
    expect(page.locator("#line-amount-2")).to_have_value("۵۰٬۰۰۰")
    page.locator("#line-text-3").fill("تربت")
    offered = page.locator("#goods-named option")
    expect(offered).to_have_count(1)
    code = offered.get_attribute("value")
    page.locator("#line-text-3").evaluate(
        "(field, code) => { field.value = code; field.dispatchEvent(new Event('input', { bubbles: true })); }", code
    )
    expect(page.locator("#line-text-3")).to_have_value("مهر و تسبیح تربت")
    page.locator("#line-count-3").fill("0")  # not wanted after all
    page.locator("#line-text-2").fill("نبات")
    page.locator("#line-amount-2").fill("۵۰٬۰")
    page.keyboard.press("F4")
    expect(page.get_by_role("alert")).to_contain_text("ردیف ۲: قیمت هر یک را با رقم")
    expect(page.locator("#line-amount-2")).to_be_focused()
    page.keyboard.type("۵۰.۰۰۰")


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
    owe_and_pay_cash(page)


def owe_and_pay_cash(page: Page) -> None:
    """The form of a debt has two buttons with an address each: cash asks no card."""
    expect(page.locator("#line-text-1")).to_be_focused()
    page.keyboard.press("F3")
    expect(page.get_by_label("مشتری").last).to_be_focused()
    page.keyboard.type("حاج رضا")
    page.locator("#amount").fill("۲۰۰/۰۰۰")
    page.locator("#due_on").fill((jdatetime.date.today() + timedelta(9)).strftime("%Y/%m/%d"))
    page.keyboard.press("F4")
    expect(page.get_by_role("heading", level=1)).to_have_text("حاج رضا")
    expect(page.locator("#amount")).to_be_focused()
    page.keyboard.type("۱۵۰۰۰۰")
    page.keyboard.press("F8")
    expect(page.get_by_role("cell", name="نقد")).to_be_visible()
    page.keyboard.type("۵۰۰۰۰")
    page.keyboard.press("F8")
    expect(page.get_by_text("چیزی برای پرداخت نمانده")).to_be_visible()
    page.goto(page.url.split("/debts")[0])
