"""The demonstration behind a running portal, with one of each thing that has a page of its own."""

import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select, text

from cardbank.cards.models import Card
from cardbank.cards.queries import find_by_uid
from cardbank.gifts.services import make_batch
from cardbank.keystore.services import open_keystore
from cardbank.reasons import Reason
from cardbank.references import retrieval_reference
from cardbank.services import new_request_key, top_up_at_desk
from identity.coming import announce
from identity.notices import INVITATION, SIGN_IN_CODE
from identity.permissions import Permission
from identity.queries import members_page
from identity.services import sign_in
from insights.reports.rules import Asked, By, Report, scopes_of
from insights.reports.services import make_next_piece, order_file
from insights.reports.sheets import RECEIPT_COLUMNS
from kernel import clock
from kernel.background import run_errand
from kernel.calendar import local_day
from kernel.db import unit_of_work
from kernel.messages import tasks as messages
from kernel.messages.services import send
from kernel.settings import load_settings
from merchants.batches.rules import Totals
from merchants.batches.services import note_closed, settle_uploaded
from merchants.catalogue.services.importing import begin_list
from merchants.complaints.links import follow_link, purchase_link
from merchants.complaints.rules import Act
from merchants.complaints.services.complaining import Said, complain
from merchants.complaints.services.handling import Wanted as Handled
from merchants.complaints.services.handling import handle
from merchants.complaints.services.indexing import count_index
from merchants.complaints.services.ordering import Asked as Ordered
from merchants.complaints.services.ordering import order_refund
from merchants.complaints.subjects import subject_of_purchase
from merchants.debts.services import enter_debt
from merchants.dues.queries import due_of_inspection
from merchants.models import Branch
from merchants.onboarding.queries import reviewer_of
from merchants.onboarding.services.importing import begin_import
from merchants.permits.queries import permits_of
from merchants.queries import merchants_of_organisations
from merchants.quotas.rules import Way
from merchants.quotas.services.lists import begin_list as begin_quota_list
from merchants.quotas.services.sharing import Wanted as RoundWanted
from merchants.settlement.models import Statement
from merchants.settlement.queries import usable_account
from merchants.settlement.rules.prices import Part
from merchants.settlement.rules.sheba import make_sheba
from merchants.settlement.services.accounts import propose_account
from merchants.settlement.services.closing import close_now
from merchants.stock.models import Delivery
from merchants.tags.rules import ReaderKind
from merchants.tags.services.reading import register_reader
from merchants.tags.services.sweeping import begin_sweep
from merchants.till.queries import branches_of
from merchants.till.services.collecting import collect_cash
from merchants.till.services.shifts import open_shift, open_web_till
from places.models import Place
from portal.message_words import TEXTS
from reservations.bookings.finding import offers_of
from reservations.bookings.rules.states import Wanted
from reservations.bookings.services.holding import Ask, hold
from reservations.bookings.services.paying import pay
from reservations.lodging.rules import Nights, Party
from tests.identity.test_coming import form as coming_form
from tests.loyalty.benefits.sponsors import begin_work
from tests.loyalty.letters.site import letters_of
from tests.merchants.inspections.visits import visits_of
from tests.merchants.instalments.deal import late_plan
from tests.purchases import load_gift, purchase

# A member's row with a tax code that is one digit short.
LISTED = "نام فروشگاه,نام صاحب پروانه,کد رهگیری مالیاتی\nسوغات نمونه,علی نمونه,123456789\n"
# A product without its price.
GOODS = "نام کالا,بارکد,واحد,قیمت عادی\nنبات نمونه,,بسته,\n"


def week() -> RoundWanted:
    today = local_day(clock.now())
    return RoundWanted("", 0, 1_000, today, today + timedelta(days=7))


@dataclass
class Site:
    """A running portal and the secrets of its demonstration's accounts."""

    address: str
    things: dict[str, str] = field(default_factory=dict)

    def fill(self) -> None:
        """One of each thing that has a page of its own; `things` names them in the addresses of PAGES."""
        self.things["purchase"] = self.buy(0, "T0000001", 330_000)
        day, _, entry = self.things["purchase"].partition("/")
        self.things["bought_on"] = day
        self.things["reference"] = retrieval_reference(date.fromisoformat(day), int(entry))
        with unit_of_work() as session:
            owner, operator, officer = (
                sign_in(session, name, self.password(name))[0] for name in ("merchant", "operator", "union")
            )
            [shop] = merchants_of_organisations(session, sorted(owner.organisations(Permission.MERCHANTS_SALES_VIEW) or ()))
            self.things["permit_secret"] = permits_of(session, [shop.organisation_id])[-1].permit.secret
            account = usable_account(session, shop.id, clock.now())
            self.things["member"] = str(members_page(session, shop.organisation_id, None)[0].membership_id)
            propose_account(session, owner.actor, owner.person_id, shop.id, make_sheba("012", "77"), account.holder_name)
            listed = begin_import(session, officer, reviewer_of(officer), LISTED.encode())
            asked = Asked(Report.SALES, local_day(clock.now()), local_day(clock.now()), By.RECEIPT)
            ordered = order_file(
                session,
                owner.actor,
                owner.person_id,
                scopes_of(owner)[0],
                asked,
                "csv",
                "fa",
                dict.fromkeys((*RECEIPT_COLUMNS, *Part, "title", "total"), ""),
            )
            goods = begin_list(session, owner.actor, shop, GOODS.encode())
            shares = begin_quota_list(
                session, officer, shop.union_id, 1, Way.AMOUNT, week(), f"شماره فروشگاه,مقدار\n{shop.id},ده\n".encode()
            )
            self.things |= {
                "today": local_day(clock.now()).isoformat(),
                "quota_list": str(shares.id),
                "member_list": str(listed.id),
                "report_file": str(ordered.id),
                "goods_list": str(goods.id),
            }
            batch = make_batch(session, open_keystore(load_settings()), operator.actor, new_request_key(), 3, "هدیهٔ نوروز")
            self.things["gift_batch"] = str(batch.id)
            loaded = load_gift(
                session, "T0000001", session.scalars(select(Card).where(Card.gift_batch_id == batch.id)).first(), 500_000
            )
            self.things["gift"] = f"{loaded.business_date}/{loaded.entry_id}"
        with unit_of_work() as session:
            coming = session.scalars(select(Delivery).where(Delivery.received_at.is_(None))).first()
            reader, _ = register_reader(
                session, owner.actor, session.get_one(Branch, coming.branch_id), ReaderKind.HANDHELD, "انبار"
            )
            self.things["sweep"] = str(begin_sweep(session, owner, reader, coming).id)
            clerk = sign_in(session, "organisation", self.password("organisation"))[0]
            self.things["benefit_list"] = str(begin_work(session, clerk))
        with unit_of_work() as session:
            send(session, SIGN_IN_CODE, "+989151234567", "fa", {"code": "123456"})
        run_errand(messages.steps(TEXTS)["send_messages"][0])
        with unit_of_work() as session:
            send(
                session,
                INVITATION,
                "zahra@example.ir",
                "en",
                {"organisation": "Sample", "code": "AAAA-BBBB-CCCC", "link": "https://card.example.ir/invitation#AAAA-BBBB-CCCC"},
            )
            make_next_piece(session)  # a file that is still being made reloads its page
        self.things |= letters_of(owner, operator, self.card(0).member_id)
        self.things["plan"] = late_plan("T0000001", self.card(0).id)
        with unit_of_work() as session:
            top_up = top_up_at_desk(session, operator.actor, self.card(1).id, 500_000, new_request_key())
            self.things["top_up"] = f"{top_up.business_date}/{top_up.entry_id}"
        self.things["booking"] = self.book()
        self.complain()
        with unit_of_work() as session:
            self.things["coming"] = str(announce(session, coming_form(), "ar").id)
        with unit_of_work() as session:
            batch = close_now(session, operator.actor).id
            told = session.scalars(select(Statement.id).filter_by(batch_id=batch, merchant_id=shop.id)).one()
            self.things |= {"batch": str(batch), "statement": str(told)}

    def book(self) -> str:
        """A room that the first cardholder has paid for."""
        with unit_of_work() as session:
            pilgrim = sign_in(session, "pilgrim", self.password("pilgrim"))[0]
            first = local_day(clock.now()) + timedelta(days=4)
            nights = Nights(first, first + timedelta(days=2))
            offer = next(one for one in offers_of(session, 1, nights, clock.now()).offers if one.lets == "room")
            booking = hold(session, pilgrim, Ask(str(uuid.uuid4()), nights, (Wanted(offer.class_id, 1, Party(1, 1)),)))
        with unit_of_work() as session:
            pay(session, pilgrim, booking.id, self.card(0).id, str(uuid.uuid4()))
        return str(booking.id)

    def complain(self) -> None:
        """The first cardholder was charged too much, asked back, and a refund is ordered; the shop's data are wrong as well."""
        day, _, entry_id = self.things["purchase"].partition("/")
        with unit_of_work() as session:
            pilgrim, officer = (sign_in(session, name, self.password(name))[0] for name in ("pilgrim", "union"))
            sold = (date.fromisoformat(day), int(entry_id))
            subject = subject_of_purchase(session, *sold)
            said = Said(str(uuid.uuid4()), "overcharge", "دو برابر قیمت روی برچسب گرفت.", "09151234567")
            made = complain(session, subject, said, identity=pilgrim)
            handle(session, officer, made.id, Handled(Act.ASK, str(uuid.uuid4()), "برچسب قیمت را دارید؟"))
            order_refund(session, officer, made.id, Ordered(new_request_key(), 30_000, "قیمت از سقف بالاتر بود."))
            place = session.get_one(Branch, subject.branch_id).place_id
            self.things["courtyard"] = str(session.scalar(select(Place.id).where(Place.code == "sahn-goharshad")))
            count_index(session)
            self.things |= visits_of(session, officer, subject.merchant_id)
            self.things["due"] = str(due_of_inspection(session, int(self.things["visited"])).id)
            self.things |= {
                "complaint": str(made.id), "complaint_link": purchase_link(*sold), "follow_link": follow_link(made.id), "shop_place": str(place),
            }  # fmt: skip

    def open_shift(self) -> None:
        """Goods come back at a till with an open shift."""
        if "till" in self.things:
            return
        with unit_of_work() as session:
            owner = sign_in(session, "merchant", self.password("merchant"))[0]
            branch = branches_of(session, owner.organisations(Permission.MERCHANTS_TERMINAL_OPEN))[0][0]
            self.things["till"] = open_web_till(session, owner, branch).code
            shift = open_shift(session, owner, self.things["till"], 0)
            due = local_day(clock.now()) - timedelta(days=40)
            debt = enter_debt(
                session,
                owner,
                branch,
                new_request_key(),
                customer="آقای رضایی",
                amount_rial=4_500_000,
                due_on=due,
                note="دو بسته زعفران",
            )
            collect_cash(session, owner, shift.id, debt.id, new_request_key(), 1_200_000)
            self.things["debt"] = str(debt.id)

    def password(self, role: str) -> str:
        from deploy.commands import _demo

        return _demo.password_of(load_settings(), role)

    def card(self, holder: int) -> Card:
        from deploy.commands import _demo

        with unit_of_work() as session:
            profile = find_by_uid(session, _demo.chip_of(holder))
            assert profile is not None
            return session.get_one(Card, profile.card_id)

    def close_a_batch(self, terminal_id: int) -> None:
        """The terminal knows of one sale less than the bank: a difference to look into."""
        with unit_of_work() as session:
            session.execute(text("SELECT ledger.close_batches(ARRAY[:terminal], ARRAY[1], now())"), {"terminal": terminal_id})
            note_closed(session, terminal_id, 1, Totals(debits=2, debits_rial=2_570_000))
            settle_uploaded(session, terminal_id, 1)

    def buy(self, holder: int, code: str, amount_rial: int, *, refusal: Reason | None = None) -> str:
        """A purchase by a cardholder of the demonstration; returns the receipt's path."""
        card = self.card(holder)
        with unit_of_work() as session:
            _, answer = purchase(session, code, card, amount_rial, refusal=refusal)
        return f"{answer.business_date}/{answer.entry_id}"
