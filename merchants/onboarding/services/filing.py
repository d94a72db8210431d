"""The applicant's side: begin a file, give its pieces one by one, hand it in or withdraw it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, TypeVar

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from identity import rules as people
from identity.errors import DocumentTaken, MobileTaken, SignInNameTaken, WrongNationalId
from identity.permissions import Identity, Role
from identity.queries import is_document_taken, is_mobile_taken, is_sign_in_name_taken
from identity.services import add_member, enrol_person, found_organisation, open_sign_in
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError
from kernel.settings import load_settings
from merchants.models import Branch
from merchants.onboarding import rules
from merchants.onboarding.errors import LicenceHasExpired, NumberTaken, PieceNotOpen, UnknownTrade
from merchants.onboarding.models import Application, Overseer, Paper, Trade
from merchants.onboarding.ports import PaperStore
from merchants.onboarding.queries import application_of_key, city_position, own_application
from merchants.onboarding.rules import Piece, State
from merchants.settlement.errors import WrongSheba
from merchants.settlement.rules.sheba import is_sample, sheba_of

APPLY_DOOR = Actor.system("application page")
IDENTITY_KINDS = ("national_id", "foreign_code", "passport")
NUMBER_FIELDS = {"tax_code": Application.tax_code, "licence_number": Application.licence_number}

T = TypeVar("T")
Typed = Mapping[str, str]


@dataclass
class Faults:
    """What is wrong with a form, by field; each check adds its refusal and lets the next field be looked at."""

    by_field: dict[str, DomainError] = field(default_factory=dict)

    def check(self, name: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except DomainError as refusal:
            self.by_field[name] = refusal
            return None


def apply(session: Session, typed: Typed, language: str, key: str) -> tuple[Application | None, dict[str, DomainError]]:
    """Put an applicant on record with a sign-in and a file: (the file, {}) or (None, what is wrong by field).

    `typed`: legal_name, identity_kind (national_id, foreign_code, passport), identity_number, passport_country (ISO 3166-1
    alpha-3), mobile, name and password of the sign-in, city_id. The same `key` again gives the same file.
    """
    claim(session, "key", key)
    if (begun := application_of_key(session, key)) is not None:
        return begun, {}
    faults = Faults()
    legal_name = faults.check("legal_name", lambda: rules.typed_name(typed.get("legal_name", ""), "legal_name"))
    document = faults.check("identity_number", lambda: _identity_document(session, typed))
    mobile = faults.check("mobile", lambda: _free_mobile(session, typed.get("mobile", "")))
    faults.check("name", lambda: _check_sign_in_name(session, typed.get("name", "")))
    faults.check("password", lambda: people.check_password(typed.get("password", "")))
    if faults.by_field or legal_name is None or document is None:
        return None, faults.by_field
    person = enrol_person(
        session, APPLY_DOOR, {language: legal_name}, language, mobile=mobile, is_fictional=load_settings().is_laboratory, **document
    )
    open_sign_in(session, APPLY_DOOR, person.id, typed["name"], typed["password"], language)
    return begin_file(session, APPLY_DOOR, person.id, legal_name, int(typed["city_id"]), key), {}


def begin_file(
    session: Session, actor: Actor, person_id: int, legal_name: str, city_id: int, key: str, *, source: str = "applicant"
) -> Application:
    """A new, empty file of a person, with the organisation that the shop will be. The same `key` again gives the same file."""
    claim(session, "key", key)
    if (begun := application_of_key(session, key)) is not None:
        return begun
    organisation = found_organisation(
        session, actor, "merchant", {"fa": legal_name}, legal_name=legal_name, is_fictional=load_settings().is_laboratory
    )
    add_member(session, actor, person_id, Role.APPLICANT, organisation.id)
    now = clock.now()
    application = Application(
        key=key, organisation_id=organisation.id, person_id=person_id, city_id=city_id, source=source,
        state=State.APPLIED, begun_on=local_day(now), changed_at=now, legal_name=legal_name, asked=[], answered=[],
        search_text=rules.search_text(legal_name), version=1,
    )  # fmt: skip
    session.add(application)
    session.flush()
    audit.record(session, actor, "begin", "application", application.id, after={"source": source})
    return application


def claim(session: Session, kind: str, value: str) -> None:
    """Whoever brings the same value at the same time waits, and then sees what was done with it."""
    number = int.from_bytes(sha256(f"{kind}:{value}".encode()).digest()[:8], signed=True)
    session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def _identity_document(session: Session, typed: Typed) -> dict[str, Any]:
    """The document as `enrol_person` takes it. Raises DocumentTaken and what the number's check raises."""
    kind, number = typed.get("identity_kind", ""), typed.get("identity_number", "")
    country = "IRN"
    if kind == "passport":
        country, number = typed.get("passport_country", "").strip().upper(), people.passport_number(number)
        if len(country) != 3 or not country.isascii() or not country.isalpha():
            raise BadInput(field="passport_country")
    elif kind == "foreign_code":
        number = people.foreign_code(number)
    elif kind == "national_id":
        number = people.national_id(number)
    else:
        raise WrongNationalId(field="identity_kind", fault="kind")
    claim(session, kind, country + number)
    if is_document_taken(session, kind, country, number):
        raise DocumentTaken(kind=kind)
    return {kind: (country, number) if kind == "passport" else number}


def _free_mobile(session: Session, typed: str) -> str:
    number = people.mobile_number(typed)
    claim(session, "mobile", number)
    if is_mobile_taken(session, number):
        raise MobileTaken(field="mobile")
    return number


def _check_sign_in_name(session: Session, typed: str) -> None:
    if not 3 <= len(typed.strip()) <= 80:
        raise BadInput(field="name")
    if is_sign_in_name_taken(session, typed):
        raise SignInNameTaken(field="name")


def fill(session: Session, identity: Identity, application_id: int, typed: Typed) -> dict[str, DomainError]:
    """Take what is typed of the open pieces; each piece that is right is kept even where another is wrong.

    Returns what is wrong by field. A field that is not in `typed`, or a new piece left empty, changes nothing. Raises
    ApplicationNotFound, PieceNotOpen.
    """
    application = own_application(session, identity, application_id, lock=True)
    open_ones = rules.open_pieces(State(application.state), application.asked)
    if not open_ones:
        raise PieceNotOpen(state=application.state)
    faults = write_pieces(session, application, typed, open_ones)
    audit.record(session, identity.actor, "fill", "application", application.id, after={"faults": sorted(faults)})
    return faults


def write_pieces(session: Session, application: Application, typed: Typed, open_ones: frozenset[Piece]) -> dict[str, DomainError]:
    """Check and write the pieces of a file; what is wrong by field."""
    faults = Faults()
    for piece, (fields, write) in _PIECES.items():
        if piece not in open_ones or not any(typed.get(name, "").strip() for name in fields):
            continue
        before = len(faults.by_field)
        write(session, application, typed, faults)
        if len(faults.by_field) == before:
            _note_answer(application, piece)
    named = " ".join((application.names or {}).values())
    application.search_text = rules.search_text(named, application.legal_name, application.licence_number, application.tax_code)
    session.flush()
    return faults.by_field


def _note_answer(application: Application, piece: Piece) -> None:
    if piece in application.asked and piece not in application.answered:
        application.answered = [*application.answered, piece.value]


def _write_name(session: Session, application: Application, typed: Typed, faults: Faults) -> None:
    persian = faults.check("name_fa", lambda: rules.typed_name(typed.get("name_fa", ""), "name_fa", 80))
    english = typed.get("name_en", "").strip()
    if english:
        english = faults.check("name_en", lambda: rules.typed_name(english, "name_en", 80)) or ""
    if persian and not faults.by_field.keys() & {"name_en"}:
        application.names = {"fa": persian} | ({"en": english} if english else {})


def _write_trade(session: Session, application: Application, typed: Typed, faults: Faults) -> None:
    def read() -> Trade:
        number = typed["trade"]
        trade = session.get(Trade, int(number)) if number.isdecimal() and len(number) < 18 else None
        if trade is None or trade.city_id != application.city_id:
            raise UnknownTrade(field="trade")
        return trade

    if (trade := faults.check("trade", read)) is not None:
        application.trade_id, application.union_id = trade.id, trade.union_id
        overseer = select(Overseer.organisation_id).where(Overseer.city_id == application.city_id)
        application.municipality_id = session.scalar(overseer)


def _write_tax_code(session: Session, application: Application, typed: Typed, faults: Faults) -> None:
    code = faults.check("tax_code", lambda: _free(session, application, "tax_code", people.tax_code(typed.get("tax_code", ""))))
    company = typed.get("legal_id", "").strip()
    legal_id = faults.check("legal_id", lambda: people.legal_id(company)) if company else None
    if code and "legal_id" not in faults.by_field:
        application.tax_code, application.legal_id = code, legal_id


def _write_licence(session: Session, application: Application, typed: Typed, faults: Faults) -> None:
    number = faults.check(
        "licence_number",
        lambda: _free(session, application, "licence_number", people.licence_number(typed.get("licence_number", ""))),
    )
    expires_on = faults.check("licence_expires_on", lambda: licence_day(typed.get("licence_expires_on", "")))
    if number and expires_on:
        application.licence_number, application.licence_expires_on = number, expires_on
        application.noticed_days = None


def licence_day(typed: str) -> date:
    """The last day of a licence that is valid today. Raises WrongDay, LicenceHasExpired."""
    day = rules.typed_day(typed, "licence_expires_on")
    if day < local_day(clock.now()):
        raise LicenceHasExpired(field="licence_expires_on")
    return day


def _free(session: Session, application: Application, name: str, number: str) -> str:
    """The number, if no other open file has it, and as a licence no branch. Raises NumberTaken."""
    claim(session, name, number)
    taken = select(Application.id).where(
        NUMBER_FIELDS[name] == number, Application.state != State.CLOSED, Application.id != application.id
    )
    of_branch = select(Branch.id).where(Branch.licence_number == number, Branch.status != "closed")
    if session.scalar(taken.limit(1)) is not None or (name == "licence_number" and session.scalar(of_branch.limit(1)) is not None):
        raise NumberTaken(field=name)
    return number


def _write_sheba(session: Session, application: Application, typed: Typed, faults: Faults) -> None:
    def owner() -> str:
        name = rules.typed_name(typed.get("sheba_owner", ""), "sheba_owner")
        rules.check_same_name(name, application.legal_name)
        return name

    def number() -> str:
        read = sheba_of(typed.get("sheba", ""))
        if is_sample(read) and not load_settings().is_laboratory:
            raise WrongSheba(field="sheba", fault="bank")
        return read

    account = faults.check("sheba", number)
    holder = faults.check("sheba_owner", owner)
    if account and holder:
        application.sheba, application.sheba_owner = account, holder


def _write_address(session: Session, application: Application, typed: Typed, faults: Faults) -> None:
    address = faults.check("address", lambda: rules.typed_address(typed["address"]))
    application.address = address or application.address


def _write_position(session: Session, application: Application, typed: Typed, faults: Faults) -> None:
    city = city_position(session, application.city_id)
    position = faults.check("lat", lambda: rules.typed_position(typed.get("lon", ""), typed.get("lat", ""), city))
    if position:
        application.lon, application.lat = position


def _write_contract(session: Session, application: Application, typed: Typed, faults: Faults) -> None:
    if typed["contract"] == "accepted":
        application.contract_accepted_at = application.contract_accepted_at or clock.now()


_Writer = Callable[[Session, Application, Typed, Faults], None]
_PIECES: dict[Piece, tuple[tuple[str, ...], _Writer]] = {
    Piece.SHOP_NAME: (("name_fa", "name_en"), _write_name),
    Piece.TRADE: (("trade",), _write_trade),
    Piece.TAX_CODE: (("tax_code", "legal_id"), _write_tax_code),
    Piece.LICENCE: (("licence_number", "licence_expires_on"), _write_licence),
    Piece.SHEBA: (("sheba", "sheba_owner"), _write_sheba),
    Piece.ADDRESS: (("address",), _write_address),
    Piece.POSITION: (("lon", "lat"), _write_position),
    Piece.CONTRACT: (("contract",), _write_contract),
}
FIELDS = tuple(name for fields, _ in _PIECES.values() for name in fields)


def add_paper(session: Session, store: PaperStore, identity: Identity, application_id: int, piece: str, content: bytes) -> Paper:
    """Keep an uploaded paper of an open piece. The same content again is the same paper.

    Raises ApplicationNotFound, PieceNotOpen, PaperIsEmpty, PaperTooLarge, PaperOfUnknownType.
    """
    application = own_application(session, identity, application_id, lock=True)
    open_ones = rules.open_pieces(State(application.state), application.asked) & rules.PAPERS
    if piece not in open_ones:
        raise PieceNotOpen(piece=piece, state=application.state)
    media_type, digest = rules.media_type_of(content), sha256(content).digest()
    _note_answer(application, Piece(piece))
    newest = select(Paper).where(Paper.application_id == application.id, Paper.piece == piece)
    paper = session.scalar(newest.order_by(Paper.id.desc()).limit(1))
    if paper is not None and paper.sha256 == digest:
        return paper
    paper = Paper(
        application_id=application.id, piece=piece, name=store.put(content), media_type=media_type,
        size_bytes=len(content), sha256=digest, sign_in_id=identity.sign_in_id, at=clock.now(),
    )  # fmt: skip
    session.add(paper)
    session.flush()
    facts = {"piece": piece, "paper_id": paper.id, "media_type": media_type, "size_bytes": len(content)}
    audit.record(session, identity.actor, "add_paper", "application", application.id, after=facts)
    return paper
