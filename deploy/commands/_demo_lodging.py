"""Lodging of the demonstration, all of it invented and labelled so: a hotel, a guest house, a hostel and a flat, under ceilings."""

from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from deploy.commands import _demo
from identity import services as identity
from identity.permissions import Role
from kernel import clock
from kernel.audit import Actor
from kernel.calendar import TEHRAN, local_day
from kernel.settings import Settings
from merchants import services as merchants
from merchants.models import Merchant
from merchants.rules import ShopKind
from merchants.settlement.rules.sheba import SAMPLE_BANK, make_sheba
from merchants.settlement.services.accounts import open_first_account
from places import services as places
from places.models import City
from reservations.lodging.rules import Nights, Step, Terms
from reservations.lodging.services.licensing import grant_licence
from reservations.lodging.services.pricing import decide_sheet, hand_in_sheet, set_ceiling
from reservations.lodging.services.registering import add_class, add_unit, register_lodging, set_terms
from reservations.programmes.rules import Prices, Way
from reservations.programmes.services.planning import add_programme, add_session, set_prices, set_way

SEED = Actor.system("demonstration seed")
HOTEL = "hotel"  # the account that runs the first house
CLERK = {"fa": "هتل‌دار نمونه", "en": "Sample hotelier"}
NIGHTS = 365
# (names, kind, stars, position); each class: names, what is let, for whom, people, rooms and their beds, rate, ceiling
HOUSES = (
    ({"fa": "هتل طوبی (نمونه)", "en": "Hotel Tuba (sample)"}, "hotel", 3, (59.6132, 36.2921), (
        ({"fa": "اتاق دوتخته", "en": "Room for two"}, "room", "anyone", 2, ("101", "102", "103", "104"), 1, 18_000_000, 20_000_000),
        ({"fa": "اتاق خانوادگی چهارتخته", "en": "Family room for four"}, "room", "family", 4, ("201", "202"), 1, 27_000_000, 30_000_000),
    )),
    ({"fa": "مهمان‌پذیر نرگس (نمونه)", "en": "Narges guest house (sample)"}, "guesthouse", 1, (59.6189, 36.2856), (
        ({"fa": "اتاق سه‌تخته", "en": "Room for three"}, "room", "anyone", 3, ("1", "2", "3"), 1, 9_000_000, 11_000_000),
    )),
    ({"fa": "زائرسرای یاس (نمونه)", "en": "Yas pilgrims' hostel (sample)"}, "hostel", 0, (59.6101, 36.2868), (
        ({"fa": "تخت آقایان", "en": "Men's bed"}, "bed", "men", 1, ("م۱", "م۲"), 6, 2_000_000, 2_500_000),
        ({"fa": "تخت بانوان", "en": "Women's bed"}, "bed", "women", 1, ("ز۱", "ز۲"), 6, 2_000_000, 2_500_000),
    )),
    ({"fa": "خانهٔ بهار (نمونه)", "en": "Bahar house (sample)"}, "apartment", 0, (59.6166, 36.2831), (
        ({"fa": "خانهٔ سه‌نفره", "en": "Flat for three"}, "room", "anyone", 3, ("1",), 1, 7_000_000, 8_000_000),
    )),
)  # fmt: skip
DEPOSITS = (3_000, 10_000, 10_000, 1_000)  # basis points of the price
PROGRAMMES = (
    ({"fa": "مهمانسرا، ناهار (نمونه)", "en": "Guest hall, lunch (sample)", "ar": "دار الضيافة، الغداء (نموذج)", "ur": "مہمان سرا، دوپہر کا کھانا (نمونہ)"}, "meal", 30, {"men": 60, "women": 60, "family": 80, "accessible": 8}),
    ({"fa": "گردش در صحن‌ها (نمونه)", "en": "Walk through the courtyards (sample)", "ar": "جولة في الصحون (نموذج)", "ur": "صحنوں کی سیر (نمونہ)"}, "tour", None, {"family": 25, "accessible": 4}),
)  # fmt: skip
SHOWN_DAYS = 3
TOUR = {"fa": "توس و آرامگاه فردوسی (نمونه)", "en": "Tus and the tomb of Ferdowsi (sample)", "ar": "طوس وضريح الفردوسي (نموذج)"}
TOUR_STOPS = (
    {"fa": "آرامگاه فردوسی", "en": "Tomb of Ferdowsi", "ar": "ضريح الفردوسي"}, {"fa": "بقعهٔ هارونیه", "en": "Haruniyeh", "ar": "الهارونية"},
    {"fa": "بازار توس", "en": "Bazaar of Tus", "ar": "سوق طوس"},
)  # fmt: skip
MEETING = {"fa": "جلوی در هتل، ساعت ۷:۴۵", "en": "Before the hotel's door, at 7:45", "ar": "أمام باب الفندق"}


def seed_lodging(session: Session, settings: Settings, city_id: int, union_id: int) -> None:
    """Each house with a shop of its own, licensed, priced and under the union's ceilings for a year."""
    today = local_day(clock.now())
    nights, city = Nights(today, today + timedelta(days=NIGHTS)), session.get_one(City, city_id)
    for number, (names, kind, stars, (lon, lat), classes) in enumerate(HOUSES):
        owner = identity.found_organisation(session, SEED, "merchant", names, is_fictional=True)
        merchant = merchants.join_merchant(session, SEED, owner.id, ShopKind.LODGING, union_id)
        merchants.sign_contract(session, SEED, merchant.id, starts_at=clock.now())
        open_first_account(
            session, SEED, merchant.id, make_sheba(SAMPLE_BANK, str(merchant.id)), names["fa"], proposed_by=None, approved_by=None
        )
        place = places.register_place(
            session, SEED, city_id, code=f"lodging-{number + 1}", kind="lodging", names=names, lon=lon, lat=lat,
            source="invented for the demonstration", licence="EUPL-1.2",
        )  # fmt: skip
        house = register_lodging(session, SEED, merchant, city, names, kind=kind, grade=stars, place_id=place.id)
        set_terms(session, SEED, house, Terms((Step(72, 0), Step(24, 3_000))), DEPOSITS[number])
        grant_licence(session, SEED, house, f"نمونه-{number + 1}", nights.first, nights.until)
        rates = {}
        for words, lets, for_whom, people, rooms, beds, rate, ceiling in classes:
            of = add_class(session, SEED, house, words, lets=lets, for_whom=for_whom, people=people, is_accessible=not number)
            for code in rooms:
                add_unit(session, SEED, of, code, beds)
            set_ceiling(
                session, SEED, union_id, kind=kind, grade=stars, lets=lets, people=people, nights=nights, amount_rial=ceiling
            )
            rates[of.id] = rate
        sheet = hand_in_sheet(session, SEED, house, nights, rates)
        decide_sheet(session, SEED, house, sheet.id, is_approved=True)
        if not number:
            _seed_clerk(session, settings, owner.id)
            _seed_tour(session, merchant, city_id)
        elif number == 1:
            # One that the union still has to decide on.
            hand_in_sheet(session, SEED, house, Nights(nights.until - timedelta(days=20), nights.until), {next(iter(rates)): rate})


def _seed_clerk(session: Session, settings: Settings, organisation_id: int) -> None:
    person = identity.enrol_person(session, SEED, CLERK, "fa", is_fictional=True)
    identity.add_member(session, SEED, person.id, Role.MERCHANT, organisation_id)
    identity.open_sign_in(session, SEED, person.id, HOTEL, _demo.password_of(settings, HOTEL), "fa")


def _seed_tour(session: Session, merchant: Merchant, city_id: int) -> None:
    """A morning outside the city, run and paid for by the first house; it goes with six people."""
    made = add_programme(session, SEED, merchant.organisation_id, city_id, TOUR, kind="tour")
    set_prices(session, SEED, made, merchant, Prices(3_500_000, 1_750_000), Terms((Step(48, 0), Step(12, 5_000))))
    set_way(session, SEED, made, Way(TOUR_STOPS, MEETING, "رضا رهنما (نمونه)", ("fa", "ar")), 6, 12)
    morning = datetime.combine(local_day(clock.now()) + timedelta(days=2), time(8), TEHRAN)
    for day in range(SHOWN_DAYS):
        starts_at = morning + timedelta(days=day)
        add_session(session, SEED, made, starts_at, starts_at + timedelta(hours=6), {"men": 10, "women": 10, "family": 20})


def seed_programmes(session: Session, office_id: int, city_id: int) -> None:
    """A meal of which everybody has one in a month, and a tour for groups, on the next days."""
    noon = datetime.combine(local_day(clock.now()) + timedelta(days=1), time(12, 30), TEHRAN)
    for names, kind, days_between, seats in PROGRAMMES:
        made = add_programme(session, SEED, office_id, city_id, names, kind=kind, days_between=days_between)
        for day in range(SHOWN_DAYS):
            starts_at = noon + timedelta(days=day)
            add_session(session, SEED, made, starts_at, starts_at + timedelta(hours=2), seats)
