"""What pilgrims of the demonstration have among themselves: a house that is full with somebody in line, a family with one purse, a receiver of
gifts, a shop's groups of customers and its letter to one of them. All of it invented, and labelled so where it has a name.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.cards.queries import cards_of_person, find_by_uid
from cardbank.families.queries import family_of_person
from cardbank.families.services import join_family, new_family_code, open_family
from cardbank.keystore.ports import KeyStore
from cardbank.ledger.types import Source
from cardbank.services import new_request_key, request_key
from cardbank.transfers import transfer_own
from deploy.commands import _demo
from deploy.commands._demo_lodging import HOUSES
from identity.consents import agree_of
from identity.permissions import Identity
from kernel import clock
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.db import unit_of_work
from loyalty.groups.rules import Asked
from loyalty.groups.services import add_one, found_group
from loyalty.letters.rules import Draft
from loyalty.letters.services import write_letter
from merchants.giving.rules import Cause
from merchants.giving.services import register_receiver
from merchants.settlement.models import BankAccount
from merchants.settlement.rules.sheba import SAMPLE_BANK, make_sheba
from merchants.settlement.services.accounts import approve_account
from reservations.bookings.models import Booking
from reservations.bookings.rules.states import Wanted
from reservations.bookings.services.holding import Ask, hold
from reservations.bookings.services.paying import pay
from reservations.bookings.services.waiting import join
from reservations.lodging.models import Lodging, LodgingClass
from reservations.lodging.rules import Nights, Party

SEED = Actor.system("demonstration seed")
RECEIVER = {
    "fa": "صندوق نذر و خیرات (نمونه)", "en": "Fund of vows and charity (sample)", "ar": "صندوق النذور والصدقات (نموذج)",
    "ur": "نذر و خیرات فنڈ (نمونہ)",
}  # fmt: skip
ABOUT = {
    "fa": "برای غذای زائران و خانواده‌های نیازمند", "en": "Meals for pilgrims and for families in need", "ar": "لإطعام الزائرين والأسر المحتاجة",
    "ur": "زائرین اور ضرورت مند خاندانوں کے کھانے کے لیے",
}  # fmt: skip
GROUP, GROUP_VISITS, GROUP_DAYS = "مشتری‌های همیشگی (نمونه)", 3, 90
LETTER_GROUP, LETTER_KEY = "مهمان‌های زعفران تازه (نمونه)", "00000000-0000-4000-8000-000000000053"
LETTER = {
    "fa": "زعفران تازهٔ امسال رسید؛ دم‌نوشش را در فروشگاه مهمان ما باشید. (نمونه)",
    "en": "This year's saffron is here: have a cup of it on us in the shop. (sample)",
}
WITH_MOBILE = range(20, 28)  # cardholders without a sign-in
GUEST, IN_LINE = "pilgrim-en", "pilgrim"  # accounts
FULL_NIGHTS = 14
FLAT = HOUSES[-1][0]
BOOKING_KEY, WAITING_KEY = (f"00000000-0000-4000-8000-0000000000{number}" for number in (51, 52))
HEAD, MEMBER = 5, 6  # cardholders; the head signs in as `family`
PURSE_RIAL = 20_000_000


def seed_receiver(session: Session) -> None:
    made = register_receiver(session, SEED, None, RECEIVER, ABOUT, tuple(Cause), make_sheba(SAMPLE_BANK, "51"), RECEIVER["fa"])
    account_id = session.scalars(select(BankAccount.id).where(BankAccount.merchant_id == made.merchant_id)).one()
    approve_account(session, SEED, None, account_id)


def seed_group(session: Session, owner: Identity, organisation_id: int) -> None:
    found_group(session, owner, organisation_id, GROUP, Asked(GROUP_VISITS, GROUP_DAYS, city=_demo.CITY))


def mobile_of(number: int) -> str | None:
    """A number for some of the cardholders, so that messages have somewhere to go; the laboratory's provider takes it and calls nobody."""
    return f"09990001{number:03d}" if number in WITH_MOBILE else None


def seed_letter(session: Session, owner: Identity, organisation_id: int, people: list[int]) -> None:
    """A shop's group of numbers whose owners let it write to them, and what it has written to them."""
    group = found_group(session, owner, organisation_id, LETTER_GROUP)
    for number in WITH_MOBILE:
        agree_of(session, SEED, people[number], organisation_id)
        add_one(session, owner, organisation_id, group.id, str(mobile_of(number)), "")
    write_letter(session, owner, (organisation_id, False), LETTER_KEY, Draft("offer", LETTER, clock.now()), group)


def seed_full_house() -> None:
    """The flat is booked for two weeks, its deposit is paid, and somebody waits for two nights of it.

    Again, or in a demonstration of before there was a flat, it changes nothing.
    """
    with unit_of_work() as session:
        if session.scalar(select(Booking.id).where(Booking.key == BOOKING_KEY)) is not None:
            return
        flat = session.scalar(
            select(LodgingClass).join(Lodging, Lodging.id == LodgingClass.lodging_id).where(Lodging.names == FLAT)
        )
        if flat is None:
            return
        guest, tomorrow = _demo.identity_named(session, GUEST), local_day(clock.now()) + timedelta(days=1)
        wanted = (Wanted(flat.id, 1, Party(men=1, women=1)),)
        [card, *_] = cards_of_person(session, guest.person_id)
        booking = hold(session, guest, Ask(BOOKING_KEY, Nights(tomorrow, tomorrow + timedelta(days=FULL_NIGHTS)), wanted))
        pay(session, guest, booking.id, card.card_id, BOOKING_KEY)
    with unit_of_work() as session:
        join(
            session,
            _demo.identity_named(session, IN_LINE),
            Ask(WAITING_KEY, Nights(tomorrow, tomorrow + timedelta(days=2)), wanted),
        )


def seed_family(keystore: KeyStore) -> None:
    """Two cardholders with a purse that the head has put money into. Again: changes nothing."""
    with unit_of_work() as session:
        head, member = (find_by_uid(session, _demo.chip_of(number)) for number in (HEAD, MEMBER))
        if (
            head is None
            or member is None
            or head.person_id is None
            or member.person_id is None
            or family_of_person(session, head.person_id)
        ):
            return
        family = open_family(session, keystore, SEED, head.person_id, "fa")
        join_family(session, keystore, SEED, member.person_id, new_family_code(session, SEED, family.wallet_id), "fa")
        purse = next(card for card in cards_of_person(session, head.person_id) if card.wallet_id == family.wallet_id)
        transfer_own(
            session,
            SEED,
            head.person_id,
            head.card_id,
            purse.card_id,
            PURSE_RIAL,
            request_key(Source.DESK, head.card_id, new_request_key()),
        )
