"""Makes the things that tests are about, through the use cases that make them. Unknown fields are refused by the signatures."""

from datetime import datetime, timedelta
from itertools import count

from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.services import activate_card, issue_card
from cardbank.keystore.ports import KeyStore
from cardbank.keystore.services import create_laboratory_file, open_keystore
from cardbank.services import new_request_key, top_up_at_desk
from identity import services as identity
from identity.models import Organisation, Person
from identity.permissions import Identity, Role
from kernel import clock
from kernel.audit import Actor
from kernel.settings import load_settings
from loyalty.models import Programme
from loyalty.services import begin_earn_rule, found_programme
from merchants import services as merchants
from merchants.models import Contract, Merchant, Terminal
from places import services as places
from places.errors import CityNotFound
from places.models import City, Place
from places.queries import city_by_code

ACTOR = Actor.system("test")
PASSWORD = "a long password"
SHRINE = (59.6157, 36.288)

_numbers = count(1)


def keystore() -> KeyStore:
    settings = load_settings()
    create_laboratory_file(settings)
    return open_keystore(settings)


def person(session: Session, language: str = "fa") -> Person:
    return identity.enrol_person(session, ACTOR, {"fa": f"زائر {next(_numbers)}", "en": "Pilgrim"}, language)


def organisation(session: Session, kind: str = "merchant") -> Organisation:
    number = next(_numbers)
    return identity.found_organisation(session, ACTOR, kind, {"fa": f"نمونهٔ {number}", "en": f"Sample {number}"})


def account(
    session: Session,
    role: Role = Role.PILGRIM,
    *,
    organisation_id: int | None = None,
    name: str | None = None,
    language: str = "fa",
) -> tuple[Identity, str]:
    """A signed-in account of a role, in a new organisation unless one is given: (identity, web session token)."""
    holder = person(session, language)
    if role is not Role.PILGRIM and organisation_id is None:
        organisation_id = organisation(session, "operator" if role is Role.OPERATOR else "merchant").id
    identity.add_member(session, ACTOR, holder.id, role, organisation_id)
    name = name or f"account-{next(_numbers)}"
    identity.open_sign_in(session, ACTOR, holder.id, name, PASSWORD, language)
    return identity.sign_in(session, name, PASSWORD)


def city(session: Session) -> City:
    """Mashhad, made once in a database."""
    try:
        return city_by_code(session, "mashhad")
    except CityNotFound:
        return places.found_city(session, ACTOR, "mashhad", {"fa": "مشهد", "en": "Mashhad"}, *SHRINE, "Asia/Tehran")


def place(session: Session, *, lon: float = SHRINE[0], lat: float = SHRINE[1], kind: str = "shop") -> Place:
    return places.register_place(
        session, ACTOR, city(session).id, code=f"place-{next(_numbers)}", kind=kind, names={"fa": "جا"}, lon=lon, lat=lat,
        source="test", licence="none",
    )  # fmt: skip


def programme(
    session: Session,
    *,
    basis_points: int = 500,
    most_rial: int = 2_000_000,
    valid_days: int = 90,
    starts_at: datetime | None = None,
) -> Programme:
    """A club with one rule, in force since yesterday unless told."""
    club = found_programme(session, ACTOR, f"club-{next(_numbers)}", {"fa": "باشگاه", "en": "Club"}, "retain")
    begin_earn_rule(
        session, ACTOR, club.id, starts_at=starts_at or clock.now() - timedelta(days=1), basis_points=basis_points,
        most_rial=most_rial, valid_days=valid_days,
    )  # fmt: skip
    return club


def merchant(session: Session, kind: str = "books", union_id: int | None = None) -> Merchant:
    return merchants.join_merchant(session, ACTOR, organisation(session).id, kind, union_id)


def contract(
    session: Session,
    merchant_id: int,
    *,
    programme_id: int | None = None,
    starts_at: datetime | None = None,
    purchase_limit_rial: int | None = None,
    cash_limit_rial: int | None = None,
) -> Contract:
    """In force since yesterday unless told; earns and spends where a programme is given."""
    return merchants.sign_contract(
        session, ACTOR, merchant_id, starts_at=starts_at or clock.now() - timedelta(days=1), programme_id=programme_id,
        earns=programme_id is not None, spends=programme_id is not None, purchase_limit_rial=purchase_limit_rial,
        cash_limit_rial=cash_limit_rial,
    )  # fmt: skip


def terminal(session: Session, *, shop: Merchant | None = None, programme_id: int | None = None, language: str = "fa") -> Terminal:
    """A till of a new branch: of a new shop with a contract in force, or of the given shop as it is."""
    if shop is None:
        shop = merchant(session)
        contract(session, shop.id, programme_id=programme_id)
    branch = merchants.open_branch(session, ACTOR, shop.id, place(session).id, {"fa": "شعبه", "en": "Branch"})
    return merchants.open_terminal(session, ACTOR, branch.id, language=language)


def card(
    session: Session,
    *,
    person_id: int | None = None,
    money_rial: int = 0,
    language: str = "fa",
    uid: bytes | None = None,
) -> Card:
    """An active card, with money taken at a desk. The money is posted last: nothing else may follow in the transaction."""
    issued = issue_card(session, keystore(), ACTOR, person_id=person_id, language=language, uid=uid)
    activate_card(session, ACTOR, issued.id)
    if money_rial:
        top_up_at_desk(session, ACTOR, issued.id, money_rial, new_request_key())
    return issued
