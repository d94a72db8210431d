from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.models import Document, Organisation, Person, SignIn
from identity.permissions import Role
from kernel.audit import AuditEntry
from merchants.onboarding import errors, queries
from merchants.onboarding.adapters.folder import FolderStore
from merchants.onboarding.models import Application, Paper
from merchants.onboarding.rules import Act, Piece, State
from merchants.onboarding.services import deciding, filing
from tests.merchants.onboarding import files


@pytest.fixture
def town(session: Session) -> files.Town:
    return files.town(session)


def test_applying_makes_a_person_a_sign_in_and_a_file(session: Session, town: files.Town) -> None:
    file, applicant = files.begun(session, town)
    assert (file.state, file.version, file.legal_name) == (State.APPLIED, 1, "رضا نمونه")
    assert applicant.roles == {Role.APPLICANT}
    assert queries.own_application(session, applicant, file.id) is file
    assert session.get_one(Organisation, file.organisation_id).legal_name == "رضا نمونه"


@pytest.mark.parametrize(
    ("kind", "number", "country", "kept"),
    [
        ("passport", "l898902c", "utO", ("passport", "UTO", "L898902C")),
        ("foreign_code", "۱۲۳۴۵۶۷۸۹۰۱۲", "", ("foreign_code", "IRN", "123456789012")),
    ],
)
def test_foreigners_apply_with_a_passport_or_their_code(
    session: Session, town: files.Town, kind: str, number: str, country: str, kept: tuple[str, str, str]
) -> None:
    typed = files.who(town) | {"identity_kind": kind, "identity_number": number, "passport_country": country}
    file, faults = filing.apply(session, typed, "en", str(uuid4()))
    assert faults == {}
    assert file is not None
    document = session.scalars(select(Document).where(Document.person_id == file.person_id)).one()
    assert (document.kind, document.country, document.number) == kept


def test_every_wrong_field_is_named_and_nothing_is_written(session: Session, town: files.Town) -> None:
    people = session.scalar(select(func.count()).select_from(Person))
    typed = {
        "legal_name": "1",
        "identity_kind": "national_id",
        "identity_number": "0012345678",
        "mobile": "12",
        "name": "x",
        "password": "short",
    }
    file, faults = filing.apply(session, typed | {"city_id": str(town.city.id)}, "fa", str(uuid4()))
    assert file is None
    assert {field: fault.code for field, fault in faults.items()} == {
        "legal_name": "name_missing", "identity_number": "wrong_national_id", "mobile": "wrong_mobile_number",
        "name": "bad_input", "password": "password_too_short",
    }  # fmt: skip
    assert session.scalar(select(func.count()).select_from(Person)) == people


def test_the_same_document_or_mobile_is_taken_once(session: Session, town: files.Town) -> None:
    typed = files.who(town)
    assert filing.apply(session, typed, "fa", str(uuid4()))[1] == {}
    _, faults = filing.apply(session, typed, "fa", str(uuid4()))
    assert {field: fault.code for field, fault in faults.items()} == {
        "identity_number": "document_taken", "mobile": "mobile_taken", "name": "sign_in_name_taken",
    }  # fmt: skip


def test_a_form_sent_twice_begins_one_file(session: Session, town: files.Town) -> None:
    typed, key = files.who(town), str(uuid4())
    first, _ = filing.apply(session, typed, "fa", key)
    again, faults = filing.apply(session, typed, "fa", key)
    assert (first, faults) == (again, {})
    assert session.scalar(select(func.count()).select_from(SignIn).where(SignIn.name == typed["name"])) == 1


def test_pieces_that_are_right_are_kept_beside_those_that_are_wrong(session: Session, town: files.Town) -> None:
    file, applicant = files.begun(session, town)
    wrong = {
        "tax_code": "123", "licence_expires_on": "1400/01/01", "sheba": "IR12", "sheba_owner": "دیگری", "address": "کوتاه",
        "lat": "0", "lon": "0", "trade": "999999",
    }  # fmt: skip
    faults = filing.fill(session, applicant, file.id, files.answers(town) | wrong)
    assert {field: fault.code for field, fault in faults.items()} == {
        "tax_code": "wrong_tax_code", "licence_expires_on": "licence_has_expired", "sheba": "wrong_sheba",
        "sheba_owner": "sheba_in_another_name", "address": "address_too_short", "lat": "far_from_city", "trade": "unknown_trade",
    }  # fmt: skip
    assert file.names == {"fa": "زعفران نمونه", "en": "Sample saffron"}
    assert file.contract_accepted_at is not None
    assert (file.tax_code, file.licence_number, file.sheba, file.address, file.lon, file.trade_id) == (None,) * 6
    assert filing.fill(session, applicant, file.id, {"tax_code": "۱۲۳۴۵۶۷۸۹۰"}) == {}
    assert file.tax_code == "1234567890"


def test_a_trade_leads_to_its_union_and_the_city_to_its_municipality(session: Session, town: files.Town) -> None:
    file, applicant = files.begun(session, town)
    filing.fill(session, applicant, file.id, {"trade": str(town.trade.id)})
    assert (file.union_id, file.municipality_id) == (town.union.id, town.municipality.id)


def test_a_number_of_another_open_file_is_taken(session: Session, town: files.Town) -> None:
    one, first = files.begun(session, town)
    other, second = files.begun(session, town)
    answers = files.answers(town)
    assert filing.fill(session, first, one.id, answers) == {}
    faults = filing.fill(session, second, other.id, answers)
    assert {field: fault.code for field, fault in faults.items()} == {"tax_code": "number_taken", "licence_number": "number_taken"}
    deciding.withdraw(session, first, one.id, one.version, str(uuid4()))
    assert filing.fill(session, second, other.id, answers) == {}


def test_papers_are_kept_outside_and_the_newest_counts(session: Session, town: files.Town, tmp_path: Path) -> None:
    file, applicant = files.begun(session, town)
    store = FolderStore(tmp_path / "papers")
    first = filing.add_paper(session, store, applicant, file.id, "licence_paper", files.PDF)
    assert filing.add_paper(session, store, applicant, file.id, "licence_paper", files.PDF) is first
    second = filing.add_paper(session, store, applicant, file.id, "licence_paper", b"\x89PNG\r\n\x1a\n1")
    assert queries.newest_papers(session, file.id) == {Piece.LICENCE_PAPER: second}
    assert store.get(first.name) == files.PDF
    stored = tmp_path / "papers" / first.name
    assert stored.stat().st_mode & 0o777 == 0o600
    assert session.scalar(select(func.count()).select_from(Paper)) == 2
    with pytest.raises(errors.PieceNotOpen):
        filing.add_paper(session, store, applicant, file.id, "sheba", files.PDF)
    for name in ("../keystore.json", "0" * 32):
        with pytest.raises(errors.PaperNotFound):
            store.get(name)


def test_a_file_is_handed_in_only_when_it_is_complete(session: Session, town: files.Town, tmp_path: Path) -> None:
    file, applicant = files.begun(session, town)
    with pytest.raises(errors.PiecesMissing) as refusal:
        deciding.hand_in(session, applicant, file.id, 1, str(uuid4()))
    assert refusal.value.facts["pieces"] == [piece.value for piece in Piece]
    file, applicant = files.complete(session, town, tmp_path)
    key = str(uuid4())
    deciding.hand_in(session, applicant, file.id, 1, key)
    deciding.hand_in(session, applicant, file.id, 1, key)
    assert (file.state, file.version) == (State.UNION_REVIEW, 2)
    with pytest.raises(errors.PieceNotOpen):
        filing.fill(session, applicant, file.id, {"address": "مشهد، خیابان دیگر، شماره ۱"})


def test_somebody_elses_file_is_not_found(session: Session, town: files.Town, tmp_path: Path) -> None:
    file, _ = files.begun(session, town)
    _, stranger = files.begun(session, town)
    for use in (
        lambda: filing.fill(session, stranger, file.id, {"address": "x"}),
        lambda: filing.add_paper(session, FolderStore(tmp_path), stranger, file.id, "licence_paper", files.PDF),
        lambda: deciding.hand_in(session, stranger, file.id, 1, str(uuid4())),
        lambda: deciding.withdraw(session, stranger, file.id, 1, str(uuid4())),
    ):
        with pytest.raises(errors.ApplicationNotFound):
            use()


def test_a_returned_file_takes_the_asked_piece_and_goes_back_to_who_asked(
    session: Session, town: files.Town, tmp_path: Path
) -> None:
    file, applicant = files.handed_in(session, town, tmp_path)
    deciding.decide(session, town.union_officer, file.id, files.wanted(file, Act.APPROVE))
    asked = files.wanted(file, Act.RETURN, "The picture cannot be read.", (Piece.LICENCE_PAPER,))
    deciding.decide(session, town.town_officer, file.id, asked)
    assert (file.state, file.asked) == (State.RETURNED, ["licence_paper"])
    before = file.address
    assert filing.fill(session, applicant, file.id, {"address": "مشهد، خیابان دیگر، شماره ۱"}) == {}
    assert file.address == before
    with pytest.raises(errors.PiecesMissing):
        deciding.hand_in(session, applicant, file.id, file.version, str(uuid4()))
    filing.add_paper(session, FolderStore(tmp_path), applicant, file.id, "licence_paper", files.PDF + b"clear")
    deciding.hand_in(session, applicant, file.id, file.version, str(uuid4()))
    assert file.state == State.MUNICIPALITY_REVIEW


def test_what_people_do_is_audited_without_their_numbers(session: Session, town: files.Town, tmp_path: Path) -> None:
    file, _ = files.handed_in(session, town, tmp_path)
    session.flush()
    entries = session.scalars(select(AuditEntry).where(AuditEntry.subject == "application")).all()
    assert [entry.act for entry in entries] == ["begin", "fill", "add_paper", "add_paper", "hand_in"]
    text = " ".join(str((entry.before, entry.after, entry.why)) for entry in session.scalars(select(AuditEntry)))
    for secret in (file.sheba, file.tax_code, file.licence_number):
        assert secret not in text
    assert session.get_one(Application, file.id).search_text.startswith("زعفران نمونه")
