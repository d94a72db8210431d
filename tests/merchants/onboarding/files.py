"""A city with a municipality, unions and trades, and shops' files in each state, made through their use cases."""

from dataclasses import dataclass
from itertools import count
from pathlib import Path
from uuid import uuid4

from sqlalchemy.orm import Session

from identity.models import Organisation
from identity.permissions import Identity, Role
from identity.queries import identity_of_sign_in
from identity.rules import national_id_check_digit
from identity.services import sign_in
from merchants.onboarding.adapters.folder import FolderStore
from merchants.onboarding.models import Application, Overseer, Trade
from merchants.onboarding.rules import Act, Piece
from merchants.onboarding.services.deciding import Wanted, decide, hand_in
from merchants.onboarding.services.filing import add_paper, apply, fill
from merchants.settlement.rules.sheba import SAMPLE_BANK, make_sheba
from places.models import City
from tests.factories import PASSWORD, account, city, organisation

PDF = b"%PDF-1.4\nsample\n"
_numbers = count(1)


@dataclass(frozen=True)
class Town:
    city: City
    union: Organisation
    trade: Trade
    municipality: Organisation
    union_officer: Identity
    town_officer: Identity


def town(session: Session, place: City | None = None) -> Town:
    """A union with one trade and, once in a city, its municipality, each with an officer. Mashhad unless a city is given."""
    place = place or city(session)
    overseer = session.get(Overseer, place.id)
    if overseer is None:
        overseer = Overseer(city_id=place.id, organisation_id=organisation(session, "municipality").id)
        session.add(overseer)
    union = organisation(session, "union")
    number = next(_numbers)
    trade = Trade(city_id=place.id, union_id=union.id, code=f"trade-{number}", names={"fa": f"صنف {number}"}, kind="saffron")
    session.add(trade)
    session.flush()
    officer, _ = account(session, Role.UNION, organisation_id=union.id)
    overseer_officer, _ = account(session, Role.MUNICIPALITY, organisation_id=overseer.organisation_id)
    municipality = session.get_one(Organisation, overseer.organisation_id)
    return Town(place, union, trade, municipality, officer, overseer_officer)


def national_id() -> str:
    nine = f"{100_000_000 + next(_numbers) * 7919}"
    return nine + str(national_id_check_digit(nine))


def mobile() -> str:
    return f"0915{next(_numbers):07d}"


def ten_digits() -> str:
    return f"{1_000_000_000 + next(_numbers) * 104_729}"


def sheba() -> str:
    """Of the bank that no shop but a fictional one may name."""
    return make_sheba(SAMPLE_BANK, str(next(_numbers)))


def who(at: Town) -> dict[str, str]:
    """What the first page asks for."""
    return {
        "legal_name": "رضا نمونه", "identity_kind": "national_id", "identity_number": national_id(), "mobile": mobile(),
        "name": f"applicant-{next(_numbers)}", "password": PASSWORD, "city_id": str(at.city.id),
    }  # fmt: skip


def answers(at: Town) -> dict[str, str]:
    """Every answer of a file, right."""
    return {
        "name_fa": "زعفران نمونه", "name_en": "Sample saffron", "trade": str(at.trade.id), "tax_code": ten_digits(),
        "licence_number": ten_digits(), "licence_expires_on": "۱۴۰۸/۰۶/۳۱", "sheba": sheba(), "sheba_owner": "رضا نمونه",
        "address": "مشهد، خیابان امام رضا، شماره ۱۲", "lat": "36.2900", "lon": "59.6100", "contract": "accepted",
    }  # fmt: skip


def begun(session: Session, at: Town) -> tuple[Application, Identity]:
    """A file of a new applicant, with nothing in it."""
    typed = who(at)
    file, faults = apply(session, typed, "fa", str(uuid4()))
    assert faults == {}
    assert file is not None
    identity, _ = sign_in(session, typed["name"], typed["password"])
    return file, identity


def complete(session: Session, at: Town, folder: Path) -> tuple[Application, Identity]:
    """A file with every piece, not handed in."""
    file, applicant = begun(session, at)
    assert fill(session, applicant, file.id, answers(at)) == {}
    for piece in (Piece.IDENTITY_PAPER, Piece.LICENCE_PAPER):
        add_paper(session, FolderStore(folder), applicant, file.id, piece, PDF + piece.encode())
    return file, applicant


def handed_in(session: Session, at: Town, folder: Path) -> tuple[Application, Identity]:
    file, applicant = complete(session, at, folder)
    hand_in(session, applicant, file.id, file.version, str(uuid4()))
    return file, applicant


def wanted(file: Application, act: Act, why: str = "", asked: tuple[Piece, ...] = ()) -> Wanted:
    return Wanted(act, file.version, str(uuid4()), why, asked)


def active(session: Session, at: Town, folder: Path) -> tuple[Application, Identity]:
    """A shop that both have approved; the applicant's identity as it is afterwards."""
    file, applicant = handed_in(session, at, folder)
    decide(session, at.union_officer, file.id, wanted(file, Act.APPROVE))
    decide(session, at.town_officer, file.id, wanted(file, Act.APPROVE))
    grown = identity_of_sign_in(session, applicant.sign_in_id)
    assert grown is not None
    return file, grown
