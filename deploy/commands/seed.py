"""Fills an empty database with the demonstration: a city, shops, a club, people with cards and money. Again: changes nothing."""

from typing import Any

from sqlalchemy.orm import Session

from cardbank.cards import queries as cards
from cardbank.cards.rules import BlockReason, CardStatus
from cardbank.cards.services import activate_card, block_card, issue_card
from cardbank.gifts.services import make_batch
from cardbank.keystore.ports import KeyStore
from cardbank.keystore.services import open_keystore
from cardbank.ledger.upkeep import seal_open_day
from cardbank.services import new_request_key, top_up_at_desk
from deploy.commands import _demo
from deploy.commands._demo_asking import seed_asking
from deploy.commands._demo_benefits import seed_benefits
from deploy.commands._demo_cards import seed_cards
from deploy.commands._demo_demand import seed_demand
from deploy.commands._demo_files import seed_branch, seed_files, seed_look, seed_trades
from deploy.commands._demo_goods import seed_goods, seed_stock
from deploy.commands._demo_instalments import seed_instalments
from deploy.commands._demo_lodging import HOTEL, seed_lodging, seed_programmes
from deploy.commands._demo_municipality import seed_campaign, seed_permits, seed_works
from deploy.commands._demo_pilgrims import (
    mobile_of,
    seed_family,
    seed_full_house,
    seed_group,
    seed_letter,
    seed_receiver,
)
from deploy.commands._demo_places import seed_hours, seed_map, seed_shrine
from deploy.commands._demo_quotas import seed_quota
from deploy.commands._demo_visitors import seed_visitors
from identity import services as identity
from identity.permissions import Role
from insights.quality.services import look_at_next_shops
from insights.reports.card_days import count_cards
from kernel import clock
from kernel.audit import Actor
from kernel.db import unit_of_work
from kernel.settings import Settings, load_settings
from loyalty.services import begin_earn_rule, found_programme
from merchants import services as merchants
from merchants.directory.services import make_packs, publish_shops
from merchants.queries import merchants_of_organisations, merchants_page, terminals_page
from merchants.rules import ShopKind
from merchants.settlement.rules.prices import Bearer
from merchants.settlement.rules.sheba import SAMPLE_BANK, make_sheba
from merchants.settlement.services.accounts import open_first_account
from merchants.settlement.services.terms import begin_term
from places import services as places
from places.errors import CityNotFound
from places.queries import city_by_code, place_by_code

SEED = Actor.system("demonstration seed")
PURCHASE_LIMIT_RIAL = 200_000_000
CASH_LIMIT_RIAL = 200_000_000  # of one shop in a business day
EARN_BASIS_POINTS = 500
EARN_MOST_RIAL = 2_000_000
EARN_VALID_DAYS = 90
GIFT_BATCH_KEY, GIFT_CARDS, GIFT_NOTE = "00000000-0000-4000-8000-000000000001", 6, "هدیهٔ عید غدیر (نمونه)"
COMMISSION_BASIS_POINTS = 80
COMMISSION_MOST_RIAL = 400_000
COMMISSION_SPARED = frozenset({ShopKind.HANDICRAFT})  # the network bears it for craftspeople
STATIONS = ("shahriaarrr/mashhad-metro-data, © OpenStreetMap contributors", "ODbL-1.0")
BY_HAND = ("typed by hand, to be verified on site", "facts")
INVENTED = ("invented for the demonstration", "EUPL-1.2")
PROGRAMME_NAMES = {"fa": "باشگاه زائر", "en": "Pilgrim club", "ar": "نادي الزائر", "ur": "زائر کلب"}
ORGANISATION_NAMES = {
    "union": {"fa": "اتحادیهٔ سوغات و صنایع دستی (نمونه)", "en": "Union of souvenirs and handicraft (sample)"},
    "municipality": {"fa": "شهرداری (نمونه)", "en": "Municipality (sample)"},
    "city_office": {"fa": "دفتر زیارت شهر (نمونه)", "en": "City pilgrimage office (sample)"},
    "operator": {"fa": "راهبر سامانه (نمونه)", "en": "Platform operator (sample)"},
    "sponsor": {"fa": "بنیاد زیارت (نمونه)", "en": "Pilgrimage foundation (sample)"},
}
STAFF_NAMES = {
    Role.CASHIER: {"fa": "صندوقدار نمونه", "en": "Sample cashier"},
    Role.MERCHANT: {"fa": "فروشندهٔ نمونه", "en": "Sample merchant"},
    Role.UNION: {"fa": "کارشناس اتحادیهٔ نمونه", "en": "Sample union officer"},
    Role.MUNICIPALITY: {"fa": "کارشناس شهرداری نمونه", "en": "Sample municipality officer"},
    Role.CITY_MANAGER: {"fa": "مدیر شهر نمونه", "en": "Sample city manager"},
    Role.OPERATOR: {"fa": "راهبر نمونه", "en": "Sample operator"},
    Role.SPONSOR: {"fa": "کارشناس سازمان نمونه", "en": "Sample organisation officer"},
}


def run(argv: list[str]) -> int:
    settings = load_settings()
    _demo.check_laboratory(settings, "the demonstration's data")
    keystore = open_keystore(settings)
    with unit_of_work() as session:
        if not _is_seeded(session):
            city_id = _seed_city(session)
            _seed_shops(session, city_id)
            seed_hours(session, SEED, city_id)
            seed_map(session, SEED)
            people = _seed_people(session, keystore)
            organisations = _seed_sign_ins(session, settings, people, city_id)
            seed_trades(session, city_id, organisations[Role.UNION], organisations[Role.MUNICIPALITY])
            seed_files(session, settings, city_id, organisations[Role.UNION])
            goods = seed_goods(session, *merchants_of_organisations(session, [organisations[Role.MERCHANT]]))
            seed_look(session, settings, SEED, *merchants_of_organisations(session, [organisations[Role.MERCHANT]]))
            seed_cards(session, organisations[Role.UNION])
            make_batch(session, keystore, SEED, GIFT_BATCH_KEY, GIFT_CARDS, GIFT_NOTE)
            seed_lodging(session, settings, city_id, organisations[Role.UNION])
            seed_programmes(session, organisations[Role.CITY_MANAGER], city_id)
            seed_demand(session, settings, city_id)
            clerk = identity.prove(session, "municipality", _demo.password_of(settings, "municipality"))
            seed_works(session, clerk, organisations[Role.MUNICIPALITY], city_id)
            owner = identity.prove(session, "merchant", _demo.password_of(settings, "merchant"))
            seed_permits(session, owner, clerk, organisations[Role.MUNICIPALITY])
            seed_branch(session, settings, owner, *merchants_of_organisations(session, [organisations[Role.MERCHANT]]))
            seed_campaign(session, owner, clerk, organisations[Role.MUNICIPALITY], city_id)
            seed_asking(session, SEED, city_id)
            seed_visitors(session, city_id)
            seed_receiver(session)
            seed_group(session, owner, organisations[Role.MERCHANT])
            seed_letter(session, owner, organisations[Role.MERCHANT], people)
            publish_shops(session)
            make_packs(session)
            look_at_next_shops(session)
            cashier, officer, owner = (
                identity.prove(session, name, _demo.password_of(settings, name)) for name in ("cashier", "union", "merchant")
            )
            seed_stock(session, cashier, goods)
            seed_quota(session, officer, owner, *merchants_of_organisations(session, [organisations[Role.MERCHANT]]))
    _hand_out_cards()
    seed_benefits(keystore)
    seed_full_house()
    seed_family(keystore)
    with unit_of_work() as session:
        seed_instalments(session)
    with unit_of_work() as session:
        count_cards(session)
        seal_open_day(session)
    return 0


def _is_seeded(session: Session) -> bool:
    try:
        city_by_code(session, _demo.CITY)
    except CityNotFound:
        return False
    return True


def _seed_city(session: Session) -> int:
    plan = _demo.read("mashhad.json")
    city = plan["city"]
    city_id = places.found_city(session, SEED, city["code"], city["names"], city["lon"], city["lat"], city["time_zone"]).id
    for zone in plan["zones"]:
        places.draw_zone(session, SEED, city_id, zone["code"], zone["names"], [tuple(corner) for corner in zone["ring"]])
    shrine_id = _register(session, city_id, "shrine", plan["shrine"], BY_HAND)
    seed_shrine(session, SEED, city_id, shrine_id)
    for station in _demo.read("metro_stations.json"):
        _register(session, city_id, "metro_station", station, STATIONS)
    for shop in plan["shops"]:
        _register(session, city_id, "shop", shop, INVENTED)
    return city_id


def _register(session: Session, city_id: int, kind: str, spot: dict[str, Any], origin: tuple[str, str]) -> int:
    return places.register_place(
        session, SEED, city_id, code=spot["code"], kind=kind, names=spot["names"],
        lon=spot["lon"], lat=spot["lat"], source=origin[0], licence=origin[1],
    ).id  # fmt: skip


def _seed_shops(session: Session, city_id: int) -> None:
    """A union, one club that every shop belongs to, and the shops with a branch and a till each; the first has two, and a web till."""
    union_id = _organisation(session, "union")
    now = clock.now()
    programme = found_programme(session, SEED, _demo.PROGRAMME, PROGRAMME_NAMES, "retain")
    begin_earn_rule(
        session, SEED, programme.id, starts_at=now, basis_points=EARN_BASIS_POINTS, most_rial=EARN_MOST_RIAL,
        valid_days=EARN_VALID_DAYS,
    )  # fmt: skip
    for kind in ShopKind:
        bearer = Bearer.NETWORK if kind in COMMISSION_SPARED else Bearer.SHOP
        begin_term(
            session, SEED, shop_kind=kind, starts_at=now, basis_points=COMMISSION_BASIS_POINTS,
            most_rial=COMMISSION_MOST_RIAL, borne_by=bearer,
        )  # fmt: skip
    for number, shop in enumerate(_demo.read("mashhad.json")["shops"]):
        owner = identity.found_organisation(session, SEED, "merchant", shop["names"], is_fictional=True)
        merchant = merchants.join_merchant(session, SEED, owner.id, shop["kind"], union_id)
        merchants.sign_contract(
            session, SEED, merchant.id, starts_at=now, programme_id=programme.id, earns=True, spends=True,
            purchase_limit_rial=PURCHASE_LIMIT_RIAL, cash_limit_rial=CASH_LIMIT_RIAL,
        )  # fmt: skip
        open_first_account(
            session, SEED, merchant.id, make_sheba(SAMPLE_BANK, str(merchant.id)), shop["names"]["fa"],
            proposed_by=None, approved_by=None,
        )  # fmt: skip
        place = place_by_code(session, city_id, shop["code"])
        branch = merchants.open_branch(session, SEED, merchant.id, place.id, shop["names"])
        merchants.open_terminal(session, SEED, branch.id)
        if number == 0:
            merchants.open_terminal(session, SEED, branch.id, kind="portable")
            first_branch_id = branch.id
    merchants.open_terminal(session, SEED, first_branch_id, kind="web")


def _organisation(session: Session, kind: str) -> int:
    return identity.found_organisation(session, SEED, kind, ORGANISATION_NAMES[kind], is_fictional=True).id


def _seed_people(session: Session, keystore: KeyStore) -> list[int]:
    """Cardholders, each with a card that is issued and not yet active. Returns their person ids."""
    people = []
    for number, holder in enumerate(_demo.read("cardholders.json")):
        person = identity.enrol_person(
            session, SEED, holder["names"], holder["language"], mobile=mobile_of(number), is_fictional=True
        )
        identity.add_member(session, SEED, person.id, Role.PILGRIM)
        issue_card(
            session,
            keystore,
            SEED,
            person_id=person.id,
            language=holder["language"],
            uid=_demo.chip_of(number),
        )
        people.append(person.id)
    return people


def _seed_sign_ins(session: Session, settings: Settings, people: list[int], city_id: int) -> dict[Role, int]:
    """An account for every role; the organisation of each. The merchant's and the cashier's shop is the first one, and so is
    the cashier's branch. The applicant's account comes with the file.
    """
    [shop] = merchants_page(session, limit=1)
    [till, *_] = terminals_page(session, [shop.organisation_id], limit=1)
    organisations = {
        Role.CASHIER: shop.organisation_id,
        Role.MERCHANT: shop.organisation_id,
        Role.UNION: shop.union_id,
        Role.MUNICIPALITY: _organisation(session, "municipality"),
        Role.CITY_MANAGER: _organisation(session, "city_office"),
        Role.OPERATOR: _organisation(session, "operator"),
        Role.SPONSOR: _organisation(session, "sponsor"),
    }
    places.open_city_office(session, SEED, organisations[Role.CITY_MANAGER], city_id)
    for account in _demo.SIGN_INS:
        role = Role(account.role)
        if role is Role.APPLICANT or account.name == HOTEL:
            continue
        if account.cardholder is None:
            person_id = identity.enrol_person(session, SEED, STAFF_NAMES[role], account.language, is_fictional=True).id
            branch_id = till.branch_id if role is Role.CASHIER else None
            identity.add_member(session, SEED, person_id, role, organisations[role], branch_id)
        else:
            person_id = people[account.cardholder]
        password = _demo.password_of(settings, account.name)
        identity.open_sign_in(session, SEED, person_id, account.name, password, account.language)
    return organisations


def _hand_out_cards() -> None:
    """Activate each issued card and take its first money at a desk, one unit of work each; the last card is lost."""
    holders = _demo.read("cardholders.json")
    for number, holder in enumerate(holders):
        with unit_of_work() as session:
            card = cards.find_by_uid(session, _demo.chip_of(number))
            if card is None or card.status is not CardStatus.ISSUED:
                continue
            activate_card(session, SEED, card.card_id)
            if number == len(holders) - 1:
                block_card(
                    session,
                    SEED,
                    card.card_id,
                    BlockReason.LOST,
                    "reported lost, so that a tap of it is refused",
                )
            else:
                top_up_at_desk(session, SEED, card.card_id, holder["top_up_rial"], new_request_key())
