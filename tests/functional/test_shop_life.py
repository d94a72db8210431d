"""A shop's life through the portal, in Persian: from its application to the money that the bank has paid.

Each step does what its person would do in a browser and then looks at the facts: states, ledger, statement, payout file.
The pictures of the guides in `docs/fa` are taken on the way when PILGRIM_SCREENSHOTS names a folder.
"""

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, text

from cardbank.ledger.types import AccountKind
from cardbank.ledger.verify import verify
from identity.permissions import Role
from identity.services import sign_in
from kernel.db import unit_of_work
from merchants.batches.verify import TERMINAL_BATCHES
from merchants.models import Contract, Merchant, Terminal
from merchants.onboarding.models import Application, Decision
from merchants.onboarding.rules import Act, State
from merchants.settlement.models import BankAccount, PricedLine, SettlementBatch, Statement
from merchants.settlement.rules.sheba import make_sheba
from merchants.settlement.verify import SETTLEMENT
from merchants.till.models import TillShift
from tests.demonstration import Sown
from tests.factories import PASSWORD
from tests.merchants.onboarding import files
from tests.portal.serving import served
from tests.portal.site import Site
from tests.portal.test_browser import Visitor, browser
from tests.portal.test_till_browser import teller
from tests.portal.till_things import PERSIAN, number_of, type_line

pytestmark = [pytest.mark.browser, pytest.mark.slow]

__all__ = ["browser", "teller"]

WIDTH = 1280
PICTURES = os.environ.get("PILGRIM_SCREENSHOTS", "")
MOST_PICTURE_BYTES = 120_000
NAME, HOLDER, SHEBA = "زعفران آفتاب", "رضا نمونه", make_sheba("012", "4711")
PNG = b"\x89PNG\r\n\x1a\n"

SAFFRON, SWEETS, CASH = 750_000, 250_000, 500_000
SOLD, RETURNED = 2 * SAFFRON + SWEETS, SAFFRON
COMMISSION = (SOLD - RETURNED) * 80 // 10_000  # the demonstration's term for saffron shops
PAYOUT = SOLD - RETURNED - COMMISSION
ELSEWHERE = 1_250_000  # sold by another shop on the same day, so that the payout file holds two


@pytest.fixture(scope="module")
def database(demonstration: Sown) -> Iterator[str]:
    with demonstration.shown() as address:
        yield address


@pytest.fixture(scope="module")
def site(database: str) -> Iterator[Site]:
    """The demonstration's portal on a day on which one of its own shops has sold something."""
    import wsgi

    with served(wsgi.create_app()) as address:
        running = Site(address)
        running.buy(1, "T0000001", ELSEWHERE)
        yield running


@dataclass
class Life:
    """The people of the story, each at a browser, and what they have made so far."""

    browser: Browser
    site: Site
    database: str
    visitors: dict[str, Visitor] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    application_id: int = 0
    merchant_id: int = 0
    wallet_id: int = 0
    batch_id: int = 0
    file: bytes = b""

    def at(self, person: str) -> Page:
        """The page before this person: a role of the demonstration has signed in, the shop and its cashier come without."""
        if person not in self.visitors:
            role = None if person in ("shop", "cashier") else person
            self.visitors[person] = Visitor(self.browser, self.site, role, "fa", WIDTH)
        return self.visitors[person].page

    # The shop comes in

    def the_shop_applies(self) -> None:
        page, self.names["shop"] = self.at("shop"), "aftab"
        page.goto("/apply")
        page.get_by_label("شهر فروشگاه").select_option(label="مشهد")
        page.get_by_label("نام شما، همان که در پروانه است").fill(HOLDER)
        page.get_by_label("شمارهٔ مدرک").fill(files.national_id().translate(PERSIAN))
        page.get_by_label("شمارهٔ موبایل").fill(files.mobile())
        page.get_by_label("نام کاربری").fill(self.names["shop"])
        page.get_by_label("گذرواژه").fill(PASSWORD)
        page.get_by_role("button", name="آغاز پرونده").click()
        page.wait_for_url("**/applications/*")
        self.application_id = int(page.url.rpartition("/")[2])
        expect(page.get_by_role("button", name="تحویل پرونده")).to_be_disabled()
        self.fill_in_the_file(page)
        for piece in ("identity_paper", "licence_paper"):
            upload(page, piece)
        self.picture("shop", "file")
        assert self.file_is(State.APPLIED)
        page.get_by_role("button", name="تحویل پرونده").click()
        expect(page.get_by_text("نزد اتحادیه").first).to_be_visible()
        assert self.file_is(State.UNION_REVIEW)

    def fill_in_the_file(self, page: Page) -> None:
        page.get_by_label("نام فروشگاه به فارسی").fill(NAME)
        page.get_by_label("صنف", exact=True).select_option(label="زعفران‌فروشان")
        page.get_by_label("کد رهگیری مالیاتی").fill(files.ten_digits())
        page.get_by_label("شناسهٔ صنفی").fill(files.ten_digits())
        page.get_by_label("آخرین روز اعتبار پروانه").fill("۱۴۰۸/۰۶/۳۱")
        page.get_by_label("شبا", exact=True).fill(SHEBA)
        page.get_by_label("نام صاحب حساب").fill(HOLDER)
        page.get_by_label("نشانی", exact=True).fill("مشهد، خیابان امام رضا، شمارهٔ ۱۲")
        page.get_by_label("عرض جغرافیایی").fill("36.2900")
        page.get_by_label("طول جغرافیایی").fill("59.6100")
        page.get_by_label("قرارداد", exact=True).select_option(label="خواندم و می‌پذیرم")
        page.get_by_role("button", name="ذخیرهٔ نوشته‌ها").click()
        expect(page.get_by_text("ثبت شد.")).to_be_visible()

    def the_union_returns_one_paper(self) -> None:
        page = self.at("union")
        page.goto("/reviews?state=union_review")
        self.picture("union", "queue")
        page.get_by_role("link", name=NAME).click()
        page.get_by_label("تصویر پروانهٔ کسب").check()
        page.get_by_label("دلیل", exact=True).fill("تصویر پروانه تار است و شماره‌اش خوانده نمی‌شود.")
        self.picture("union", "decide", at="بازگرداندن برای تکمیل")
        page.get_by_role("button", name="بازگرداندن برای تکمیل").click()
        expect(page.get_by_text("بازگشته برای تکمیل").first).to_be_visible()
        assert self.file_is(State.RETURNED)

    def the_shop_mends_it(self) -> None:
        page = self.at("shop")
        page.reload()
        expect(page.get_by_text("تصویر پروانه تار است").first).to_be_visible()
        expect(page.locator("#licence_paper")).to_be_visible()
        expect(page.locator("#identity_paper"), "only what was asked for may be given again").to_have_count(0)
        expect(page.get_by_role("button", name="ذخیرهٔ نوشته‌ها"), "no answer is open, so there is nothing to keep").to_have_count(0)
        expect(page.get_by_role("button", name="تحویل پرونده")).to_be_disabled()
        self.picture("shop", "returned")
        upload(page, "licence_paper")
        page.get_by_role("button", name="تحویل پرونده").click()
        expect(page.get_by_text("نزد اتحادیه").first).to_be_visible()
        assert self.file_is(State.UNION_REVIEW)

    def both_approve(self) -> None:
        for officer, after in (("union", State.MUNICIPALITY_REVIEW), ("municipality", State.ACTIVE)):
            page = self.at(officer)
            page.goto(f"/reviews/{self.application_id}")
            page.get_by_role("button", name="تأیید", exact=True).click()
            expect(page.get_by_role("button", name="تأیید", exact=True)).to_have_count(0)
            assert self.file_is(after)
        self.at("union").goto(f"/reviews/{self.application_id}")
        self.picture("union", "history", at="بر پرونده چه گذشت")
        self.it_has_all_that_a_shop_needs()

    def it_has_all_that_a_shop_needs(self) -> None:
        """Merchant and wallet, a contract in force, an account in its own name; its owner runs it; every act is on record."""
        with unit_of_work() as session:
            file = session.get_one(Application, self.application_id)
            shop = session.get_one(Merchant, file.merchant_id)
            self.merchant_id, self.wallet_id = shop.id, shop.wallet_id
            assert session.scalars(select(Contract).filter_by(merchant_id=shop.id)).one().starts_at <= file.changed_at
            account = session.scalars(select(BankAccount).filter_by(merchant_id=shop.id)).one()
            assert (account.sheba, account.holder_name, account.status) == (SHEBA, HOLDER, "approved")
            owner, _ = sign_in(session, self.names["shop"], PASSWORD)
            assert (Role.MERCHANT, shop.organisation_id) in {(grant.role, grant.organisation_id) for grant in owner.grants}
            acts = session.scalars(select(Decision.act).filter_by(application_id=file.id).order_by(Decision.version))
            assert list(acts) == [Act.HAND_IN, Act.RETURN, Act.HAND_IN, Act.APPROVE, Act.APPROVE]

    # It sells

    def the_shop_opens_a_till_and_invites_a_cashier(self) -> None:
        page = self.at("shop")
        page.goto("/till")
        page.get_by_role("button", name="باز کردن صندوق").click()
        expect(page.get_by_role("button", name="شروع فروش")).to_be_visible()
        page.goto("/people")
        page.get_by_label("نام و نام خانوادگی").fill("مریم نمونه")
        page.get_by_label("شمارهٔ موبایل یا ایمیل").fill(files.mobile())
        page.get_by_label("نقش").select_option(label="صندوقدار")
        page.get_by_label("شعبه").select_option(label=NAME)
        page.get_by_role("button", name="فرستادن دعوت").click()
        code, self.names["cashier"] = page.locator(".pan").inner_text(), "maryam"
        page = self.at("cashier")
        page.goto("/invitation")
        page.get_by_label("کد", exact=True).fill(code)
        page.get_by_label("نام کاربری").fill(self.names["cashier"])
        page.get_by_label("گذرواژه").fill(PASSWORD)
        page.get_by_role("button", name="ساخت حساب من").click()
        page.wait_for_url(lambda address: "invitation" not in address)
        with unit_of_work() as session:
            till = session.scalars(select(Terminal).where(Terminal.kind == "web").order_by(Terminal.id.desc()).limit(1)).one()
            cashier, _ = sign_in(session, self.names["cashier"], PASSWORD)
            [grant] = cashier.grants
            assert (grant.role, grant.branch_id) == (Role.CASHIER, till.branch_id)

    def the_cashier_sells(self) -> None:
        page, before = self.at("cashier"), self.card_money()
        page.goto("/till")
        page.get_by_label("نقد داخل صندوق").fill(f"{CASH:,}".translate(PERSIAN))
        page.get_by_role("button", name="شروع فروش").click()
        expect(page.locator("#line-text-1")).to_be_focused()
        type_line(page, "زعفران سرگل", "۲", f"{SAFFRON}".translate(PERSIAN))
        type_line(page, "نبات", "۱", f"{SWEETS}".translate(PERSIAN))
        expect(page.locator("[data-total]")).to_have_text("۱٬۷۵۰٬۰۰۰ ریال")
        self.picture("cashier", "basket")
        page.keyboard.press("F4")
        page.get_by_label("شمارهٔ کارت").fill(number_of(self.site, 0).translate(PERSIAN))
        page.keyboard.press("F4")
        expect(page.get_by_role("status")).to_contain_text("پرداخت شد")
        self.picture("cashier", "paid")
        assert self.card_money() == before - SOLD
        assert self.of_the_shop(AccountKind.PAYABLE) == SOLD

    def the_cashier_takes_a_piece_back(self) -> None:
        page, before = self.at("cashier"), self.card_money()
        page.keyboard.press("F7")
        page.get_by_label("زعفران سرگل: چند تا از ۲ تا برمی‌گردد").fill("۱")
        self.picture("cashier", "return")
        page.keyboard.press("F4")
        expect(page.get_by_role("status")).to_contain_text("به کارت برگشت")
        assert self.card_money() == before + RETURNED
        assert self.of_the_shop(AccountKind.PAYABLE) == SOLD - RETURNED

    def the_cashier_closes_the_shift(self) -> None:
        """No cash came in, so the drawer must hold what it held."""
        page = self.at("cashier")
        page.goto("/till")
        page.keyboard.press("F10")
        page.get_by_label("نقدی که شمردید").fill(f"{CASH}".translate(PERSIAN))
        self.picture("cashier", "cash-up")
        page.keyboard.press("F4")
        expect(page.locator("#counted")).to_have_count(0)
        with unit_of_work() as session:
            shift = session.scalars(select(TillShift).order_by(TillShift.id.desc()).limit(1)).one()
            assert (shift.counted_rial, shift.expected_rial, shift.closed_at is None) == (CASH, CASH, False)

    # It is paid

    def the_operator_closes_the_settlement(self) -> None:
        page = self.at("operator")
        page.goto("/settlements")
        page.once("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="تسویهٔ همین حالا").click()
        page.wait_for_url("**/settlements/*")
        self.batch_id = int(page.url.rpartition("/")[2])
        with page.expect_download() as download:
            page.get_by_role("link", name="دریافت به‌صورت CSV").click()
        self.file = Path(download.value.path()).read_bytes()
        assert self.of_the_shop(AccountKind.PAYABLE) == 0
        assert self.of_the_shop(AccountKind.PAYOUT_SENT) == PAYOUT

    def the_statement_is_the_ledger_is_the_payout_file(self) -> None:
        page = self.at("shop")
        page.goto("/settlement")
        self.picture("shop", "statements")
        page.locator("tbody th a").click()
        for amount in (SOLD, RETURNED, COMMISSION, PAYOUT):
            expect(page.locator(".facts").first).to_contain_text(f"{amount:,}".replace(",", "٬").translate(PERSIAN))
        self.picture("shop", "statement")
        with unit_of_work() as session:
            batch = session.get_one(SettlementBatch, self.batch_id)
            told = session.scalars(select(Statement).filter_by(batch_id=batch.id, merchant_id=self.merchant_id)).one()
            assert (told.sales_rial, told.returns_rial, told.commission_rial) == (SOLD, -RETURNED, COMMISSION)
            assert (told.payout_rial, told.carried_rial, told.payout_state) == (PAYOUT, 0, "sent")
            lines = session.scalars(select(PricedLine).filter_by(statement_id=told.id)).all()
            assert sorted(line.gross_rial for line in lines) == [-RETURNED, SOLD]
            assert sum(line.gross_rial - line.commission_rial for line in lines) == PAYOUT
            rows = {row["reference"]: row for row in csv.DictReader(io.StringIO(self.file.decode()))}
            ours = rows[told.payout_reference]
            assert (ours["sheba"], ours["holder_name"], ours["amount_rial"]) == (SHEBA, HOLDER, str(PAYOUT))
            paid = session.scalars(select(Statement.payout_reference).filter_by(batch_id=batch.id).where(Statement.payout_rial > 0))
            assert sorted(rows) == sorted(paid)
            assert sum(int(row["amount_rial"]) for row in rows.values()) == batch.payout_rial

    def the_bank_pays(self) -> None:
        page = self.at("operator")
        page.once("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="بانک بقیه را پرداخت کرد").click()
        expect(page.get_by_role("button", name="بانک بقیه را پرداخت کرد")).to_have_count(0)
        with unit_of_work() as session:
            states = session.scalars(select(Statement.payout_state).filter_by(batch_id=self.batch_id))
            assert set(states) == {"accepted"}
        assert self.of_the_shop(AccountKind.PAYOUT_SENT) == 0
        shop = self.at("shop")
        shop.reload()
        expect(shop.get_by_text("پاسخ بانک")).to_be_visible()

    # Truth

    def file_is(self, state: State) -> bool:
        with unit_of_work() as session:
            return session.get_one(Application, self.application_id).state == state

    def of_the_shop(self, kind: AccountKind) -> int:
        """What the postings of one kind of account of the shop's wallet come to."""
        return self.sum_of("a.wallet_id = :wallet AND a.kind = :kind", {"wallet": self.wallet_id, "kind": kind})

    def card_money(self) -> int:
        card = self.site.card(0)
        return self.sum_of("a.wallet_id = :wallet AND a.kind = :kind", {"wallet": card.wallet_id, "kind": AccountKind.MONEY})

    def sum_of(self, where: str, facts: dict[str, int]) -> int:
        asked = text(
            f"SELECT coalesce(sum(p.amount), 0) FROM ledger.posting p JOIN ledger.account a ON a.id = p.account_id WHERE {where}"
        )
        with unit_of_work() as session:
            return int(session.execute(asked, facts).scalar_one())

    def the_ledger_holds(self) -> None:
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute("SELECT ledger.roll_up(10000)")
            checks = verify(connection, (SETTLEMENT, TERMINAL_BATCHES))
        assert {check.number for check in checks} >= {1, 2, 7, 14, 17, 18}
        assert [check for check in checks if not check.ok] == []

    def picture(self, person: str, name: str, *, at: str = "") -> None:
        """What this person sees now, for a guide; `at` is a text that must stand in the picture."""
        if not PICTURES:
            return
        page = self.at(person)
        page.wait_for_function("document.fonts.status === 'loaded'")
        page.evaluate("window.scrollTo(0, 0)")
        if at:
            page.get_by_text(at).first.scroll_into_view_if_needed()
        path = Path(PICTURES) / f"{person}-{name}.webp"
        with Image.open(io.BytesIO(page.screenshot())) as shot:
            shot.save(path, quality=80, method=6)
        assert path.stat().st_size < MOST_PICTURE_BYTES


def upload(page: Page, piece: str) -> None:
    form = page.locator("form", has=page.locator(f"#{piece}"))
    form.locator("input[type=file]").set_input_files({"name": "paper.png", "mimeType": "image/png", "buffer": PNG + piece.encode()})
    form.get_by_role("button", name="بارگذاری").click()
    expect(page.get_by_text("ثبت شد.")).to_be_visible()


def test_a_shop_comes_in_sells_and_is_paid(browser: Browser, site: Site, teller: Path, database: str) -> None:
    life = Life(browser, site, database)

    life.the_shop_applies()
    life.the_union_returns_one_paper()
    life.the_shop_mends_it()
    life.both_approve()

    life.the_shop_opens_a_till_and_invites_a_cashier()
    life.the_cashier_sells()
    life.the_cashier_takes_a_piece_back()
    life.the_cashier_closes_the_shift()
    life.the_ledger_holds()

    life.the_operator_closes_the_settlement()
    life.the_statement_is_the_ledger_is_the_payout_file()
    life.the_bank_pays()
    life.the_ledger_holds()
    assert {person: visitor.faults for person, visitor in life.visitors.items() if visitor.faults} == {}
