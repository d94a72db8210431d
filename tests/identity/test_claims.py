"""What people say that their papers say, until a desk has seen the paper."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.claims.errors import (
    ClaimNotFound,
    ClaimOnRecord,
    PaperNotSeen,
    UnknownClaimKind,
    WrongLastDay,
    WrongName,
)
from identity.claims.models import Claim
from identity.claims.queries import claims_of_person, documents_of, open_claims
from identity.claims.rules import Kind, Said, said, typed_why
from identity.claims.services import claim_paper, confirm_claim, refuse_claim, withdraw_claim
from identity.erasure import erase_person, own_data
from identity.errors import (
    DocumentTaken,
    WrongDayOfBirth,
    WrongForeignCode,
    WrongNationalId,
    WrongPassportNumber,
)
from identity.models import Document, Person
from identity.permissions import Identity, Role
from identity.services import enrol_person
from kernel import clock
from kernel.audit import AuditEntry
from kernel.calendar import local_day
from kernel.errors import BadInput, NotFound
from tests.factories import ACTOR, account
from tests.identity.test_enrolment import valid

TODAY = date(2026, 11, 22)
PASSPORT = {"number": "a 7654321", "country": "irq", "expires_on": "2031-05-01"}


@pytest.fixture
def holder(session: Session) -> Identity:
    return account(session)[0]


@pytest.fixture
def clerk(session: Session) -> Identity:
    return account(session, Role.OPERATOR)[0]


def ask(session: Session, holder: Identity, kind: str, typed: dict[str, str], replaces: int | None = None) -> int:
    return claim_paper(session, holder.actor, holder.person_id, kind, typed, replaces).id


@pytest.mark.parametrize(
    ("kind", "typed", "refusal", "field"),
    [
        ("visa", {}, UnknownClaimKind, "kind"), ("passport", PASSPORT | {"number": "A1"}, WrongPassportNumber, "passport"),
        ("passport", PASSPORT | {"expires_on": ""}, WrongLastDay, "expires_on"), ("passport", PASSPORT | {"expires_on": "2026-11-21"}, WrongLastDay, "expires_on"),
        ("passport", PASSPORT | {"expires_on": "2090-01-01"}, WrongLastDay, "expires_on"), ("passport", {"number": valid().replace("7408", "7409")}, WrongPassportNumber, "passport"),
        ("national_id", {"number": "1234567890"}, WrongNationalId, "national_id"), ("foreign_code", {"number": "12"}, WrongForeignCode, "foreign_code"),
        ("names", {}, WrongName, "name_fa"), ("names", {"name_ar": "1"}, WrongName, "name_ar"), ("names", {"name_ur": "x" * 81}, WrongName, "name_ur"),
        ("birth_date", {"born": "2026-11-22"}, WrongDayOfBirth, "born"), ("birth_date", {"born": "soon"}, WrongDayOfBirth, "born"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_its_field(kind: str, typed: dict[str, str], refusal: type[BadInput], field: str) -> None:
    with pytest.raises(refusal) as wrong:
        said(kind, typed, TODAY)
    assert wrong.value.facts["field"] == field


def test_claims_are_read_in_one_form() -> None:
    assert said("passport", PASSPORT, TODAY, 3) == Said("A7654321", "IRQ", date(2031, 5, 1), 3)
    printed = said("passport", {"number": valid()}, TODAY)
    assert (printed.country, printed.born, printed.expires_on is not None) == ("UTO", date(1974, 8, 12), True)
    assert said("names", {"name_en": " Zahra  Ahmadi ", "name_ar": ""}, TODAY) == Said(names={"en": "Zahra Ahmadi"})
    assert said("birth_date", {"born": "۱۹۶۸/۰۴/۰۲"}, TODAY).born == date(1968, 4, 2)
    for typed in ("", "x" * 201):
        with pytest.raises(BadInput):
            typed_why(typed)


def test_a_paper_is_on_record_once_a_desk_has_seen_it_and_its_words_are_forgotten(
    session: Session, holder: Identity, clerk: Identity
) -> None:
    claim_id = ask(session, holder, "passport", PASSPORT)
    assert ask(session, holder, "passport", PASSPORT | {"country": "LBN"}) == claim_id, "said again, the newest is right"
    assert b"7654321" not in (session.get_one(Claim, claim_id).sealed or b"")
    assert (documents_of(session, holder.person_id), [one.id for one in open_claims(session)]) == ([], [claim_id])
    with pytest.raises(PaperNotSeen):
        confirm_claim(session, clerk, claim_id, is_paper_seen=False)
    confirm_claim(session, clerk, claim_id, is_paper_seen=True)
    [document] = documents_of(session, holder.person_id)
    assert (document.country, document.ends_with, document.expires_on) == ("LBN", "4321", date(2031, 5, 1))
    assert session.get_one(Claim, claim_id).sealed is None
    with pytest.raises(ClaimNotFound):
        confirm_claim(session, clerk, claim_id, is_paper_seen=True)
    with pytest.raises(ClaimOnRecord):
        ask(session, holder, "passport", PASSPORT | {"country": "LBN"})
    told = session.scalars(select(AuditEntry).where(AuditEntry.subject == "claim")).all()
    assert not any("7654321" in str((one.before, one.after)) for one in told)


def test_a_new_passport_takes_the_place_of_the_own_one_that_is_named(session: Session, holder: Identity, clerk: Identity) -> None:
    confirm_claim(session, clerk, ask(session, holder, "passport", PASSPORT), is_paper_seen=True)
    confirm_claim(
        session, clerk, ask(session, holder, "passport", PASSPORT | {"number": "B1111111", "country": "LBN"}), is_paper_seen=True
    )
    old, other = documents_of(session, holder.person_id)
    confirm_claim(session, clerk, ask(session, holder, "passport", PASSPORT | {"number": "A9999999"}, old.id), is_paper_seen=True)
    assert [(one.id, one.ends_with) for one in documents_of(session, holder.person_id)] == [(old.id, "9999"), (other.id, "1111")]
    stranger = account(session)[0]
    with pytest.raises(NotFound):
        ask(session, stranger, "passport", PASSPORT | {"number": "C5555555"}, old.id)
    for number in ("1234567891", "0076229645"):  # an id is one: the second takes the place of the first
        confirm_claim(session, clerk, ask(session, holder, "national_id", {"number": number}), is_paper_seen=True)
    assert [one.ends_with for one in documents_of(session, holder.person_id) if one.kind == "national_id"] == ["9645"]


def test_somebody_elses_document_waits_like_any_other_and_is_refused_at_the_desk(
    session: Session, holder: Identity, clerk: Identity
) -> None:
    other = enrol_person(session, ACTOR, {"fa": "دیگری"}, "fa", passport=("IRQ", "A7654321"))
    claim_id = ask(session, holder, "passport", PASSPORT)
    with pytest.raises(DocumentTaken) as taken:
        confirm_claim(session, clerk, claim_id, is_paper_seen=True)
    assert taken.value.facts["person_id"] == other.id
    refuse_claim(session, clerk, claim_id, "The number is not that of your passport")
    [told] = claims_of_person(session, holder.person_id)
    assert (told.state, told.why, told.said) == ("refused", "The number is not that of your passport", None)


def test_names_and_the_day_of_birth_are_claimed_too(session: Session, holder: Identity, clerk: Identity) -> None:
    person = session.get_one(Person, holder.person_id)
    before = dict(person.names)
    names = ask(session, holder, "names", {"name_ar": "زهراء أحمدي"})
    born = ask(session, holder, "birth_date", {"born": "1968-04-02"})
    assert {one.kind for one in open_claims(session)} == {Kind.NAMES, Kind.BIRTH_DATE}
    for claim_id in (names, born):
        confirm_claim(session, clerk, claim_id, is_paper_seen=True)
    assert (person.names, person.birth_date) == (before | {"ar": "زهراء أحمدي"}, date(1968, 4, 2))
    for kind, typed in (("names", {"name_ar": "زهراء أحمدي"}), ("birth_date", {"born": "1968-04-02"})):
        with pytest.raises(ClaimOnRecord):
            ask(session, holder, kind, typed)


def test_a_claim_is_taken_back_by_its_person_and_goes_with_them(session: Session, holder: Identity) -> None:
    claim_id = ask(session, holder, "passport", PASSPORT)
    assert own_data(session, holder).claims[0].said == Said("A7654321", "IRQ", date(2031, 5, 1))
    with pytest.raises(ClaimNotFound):
        withdraw_claim(session, account(session)[0], claim_id)
    withdraw_claim(session, holder, claim_id)
    with pytest.raises(ClaimNotFound):
        withdraw_claim(session, holder, claim_id)
    ask(session, holder, "passport", PASSPORT)
    erase_person(session, holder.actor, holder.person_id)
    assert session.scalars(select(Claim)).all() == []
    assert session.scalars(select(Document).where(Document.person_id == holder.person_id)).all() == []


def test_the_last_day_is_that_of_tehran(session: Session, holder: Identity) -> None:
    today = local_day(clock.now())
    assert ask(session, holder, "passport", PASSPORT | {"expires_on": today.isoformat()})
    with pytest.raises(WrongLastDay):
        ask(session, holder, "passport", PASSPORT | {"expires_on": (today - timedelta(days=1)).isoformat()})
