"""The demonstration's trades and a few shops' files, one in each state that somebody works on."""

from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from deploy.commands import _demo
from identity.models import Membership, SignIn
from identity.permissions import Identity, Role
from identity.queries import identity_of_sign_in
from identity.rules import national_id_check_digit
from kernel.audit import Actor
from kernel.settings import Settings
from merchants.branches.services.asking import ask_branch
from merchants.look.rules import Accent
from merchants.look.services import set_look
from merchants.models import Merchant
from merchants.onboarding.adapters.folder import FolderStore
from merchants.onboarding.models import Overseer, Trade
from merchants.onboarding.rules import Act, Piece
from merchants.onboarding.services.deciding import Wanted, decide, hand_in
from merchants.onboarding.services.filing import add_paper, apply, fill
from merchants.rules import ShopKind
from merchants.settlement.rules.sheba import SAMPLE_BANK, make_sheba

TRADES = {
    ShopKind.SAFFRON: {"fa": "زعفران‌فروشان", "en": "Saffron sellers"},
    ShopKind.SWEETS: {"fa": "قنادان و نبات‌فروشان", "en": "Confectioners"},
    ShopKind.PRAYER_GOODS: {"fa": "مهر و تسبیح", "en": "Prayer goods"},
    ShopKind.HANDICRAFT: {"fa": "صنایع دستی", "en": "Handicrafts"},
    ShopKind.JEWELLERY: {"fa": "انگشتر و سنگ", "en": "Rings and stones"},
    ShopKind.CLOTHING: {"fa": "پوشاک و چادر", "en": "Clothing"},
    ShopKind.BOOKS: {"fa": "کتاب و نوشت‌افزار", "en": "Books and stationery"},
    ShopKind.RESTAURANT: {"fa": "غذاخوری", "en": "Restaurants"},
}
# The sign-in of the first one is listed with the other accounts of the demonstration.
SHOPS = (
    ("applicant", ShopKind.SAFFRON, "زعفران رضوی (نمونه)", "Razavi saffron (sample)", "متقاضی نمونهٔ یک"),
    ("applicant-2", ShopKind.SWEETS, "نبات حرم (نمونه)", "Haram sweets (sample)", "متقاضی نمونهٔ دو"),
    ("applicant-3", ShopKind.BOOKS, "کتاب‌سرای توس (نمونه)", "Toos books (sample)", "متقاضی نمونهٔ سه"),
    ("applicant-4", ShopKind.JEWELLERY, "فیروزهٔ نیشابور (نمونه)", "Neyshabur turquoise (sample)", "متقاضی نمونهٔ چهار"),
)
BRANCH_KEY = "00000000-0000-4000-8000-000000000053"
BRANCH = {
    "name_fa": "شعبهٔ چهارراه شهدا (نمونه)", "name_en": "Shohada branch (sample)", "city": "mashhad", "address": "چهارراه شهدا، پاساژ نمونه، پلاک ۸",
    "lat": "36.2965", "lon": "59.6003", "licence_number": "9000000053", "licence_expires_on": "1410/06/31",
}  # fmt: skip
SAMPLE_PAPER = b"%PDF-1.4\n% A sample of the demonstration: no document of anybody.\n%%EOF\n"


def seed_trades(session: Session, city_id: int, union_id: int, municipality_id: int) -> None:
    """All trades belong to the demonstration's one union, and the city to its one municipality."""
    session.add(Overseer(city_id=city_id, organisation_id=municipality_id))
    for kind, names in TRADES.items():
        session.add(Trade(city_id=city_id, union_id=union_id, code=kind.value, names=names, kind=kind.value))
    session.flush()


def seed_files(session: Session, settings: Settings, city_id: int, union_id: int) -> None:
    """One file being filled in, one with the union, one returned for a paper, one with the municipality."""
    of_union = select(Membership.person_id).where(Membership.organisation_id == union_id, Membership.role == Role.UNION)
    union_officer = _identity(session, session.scalars(of_union.limit(1)).one())
    trades = {trade.kind: trade for trade in session.scalars(select(Trade).where(Trade.city_id == city_id))}
    for number, (name, kind, persian, english, holder) in enumerate(SHOPS):
        file_id, applicant = _applicant(session, settings, city_id, number, name, holder)
        answers = _answers(number, persian, english, holder, trades[kind].id)
        if number == 0:
            answers = {field: answers[field] for field in ("name_fa", "name_en", "trade", "address", "lat", "lon")}
        fill(session, applicant, file_id, answers)
        if number:
            _hand_in(session, settings, file_id, applicant)
        if number == 2:
            why = "تصویر پروانه خوانا نیست."
            returned = Wanted(Act.RETURN, 2, _key(name, "return"), why, (Piece.LICENCE_PAPER,))
            decide(session, union_officer, file_id, returned)
        if number == 3:
            decide(session, union_officer, file_id, Wanted(Act.APPROVE, 2, _key(name, "approve")))


def _applicant(session: Session, settings: Settings, city_id: int, number: int, name: str, holder: str) -> tuple[int, Identity]:
    nine = f"{990_000_001 + number}"
    password = _demo.password_of(settings, name)
    typed = {
        "legal_name": holder, "identity_kind": "national_id", "identity_number": nine + str(national_id_check_digit(nine)),
        "mobile": f"0999000000{number}", "name": name, "password": password, "city_id": str(city_id),
    }  # fmt: skip
    file, faults = apply(session, typed, "fa", _key(name, "begin"))
    if file is None:
        raise RuntimeError(f"the demonstration's own answers are refused: {sorted(faults)}")
    return file.id, _identity(session, file.person_id)


def _identity(session: Session, person_id: int) -> Identity:
    sign_in_id = session.scalars(select(SignIn.id).where(SignIn.person_id == person_id)).one()
    found = identity_of_sign_in(session, sign_in_id)
    if found is None:
        raise RuntimeError("the demonstration's own account is closed")
    return found


def _answers(number: int, persian: str, english: str, holder: str, trade_id: int) -> dict[str, str]:
    return {
        "name_fa": persian, "name_en": english, "trade": str(trade_id), "tax_code": f"900000000{number + 1}",
        "licence_number": f"800000000{number + 1}", "licence_expires_on": "1407/06/31",
        "sheba": make_sheba(SAMPLE_BANK, f"7700{number}"), "sheba_owner": holder,
        "address": f"مشهد، خیابان نمونه، شمارهٔ {number + 10}", "lat": f"{36.287 + number / 1000:.4f}",
        "lon": f"{59.612 + number / 1000:.4f}", "contract": "accepted",
    }  # fmt: skip


def seed_look(session: Session, settings: Settings, actor: Actor, merchant: Merchant) -> None:
    """The shop of the demonstration's merchant sells saffron and looks like it."""
    set_look(session, FolderStore(settings.documents_folder), actor, merchant.id, Accent.SAFFRON, b"")


def _hand_in(session: Session, settings: Settings, file_id: int, applicant: Identity) -> None:
    store = FolderStore(settings.documents_folder)
    for piece in (Piece.IDENTITY_PAPER, Piece.LICENCE_PAPER):
        add_paper(session, store, applicant, file_id, piece, SAMPLE_PAPER + piece.encode())
    hand_in(session, applicant, file_id, 1, _key(str(file_id), "hand in"))


def _key(name: str, step: str) -> str:
    return str(uuid5(NAMESPACE_OID, f"demonstration {name} {step}"))


def seed_branch(session: Session, settings: Settings, owner: Identity, merchant: Merchant) -> None:
    """Another branch of the shop, which waits for its union."""
    ask_branch(session, owner, FolderStore(settings.documents_folder), merchant, BRANCH_KEY, BRANCH, SAMPLE_PAPER)
