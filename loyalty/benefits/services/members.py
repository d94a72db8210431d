"""Members of a sponsor: named by a document or a card, one by one or by a list that is repaired before it is taken in."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from cardbank.cards.queries import persons_of_numbers
from cardbank.cards.rules import is_card_number
from cardbank.keystore.ports import KeyStore
from identity import rules as people
from identity.enrolment import LONGEST_NAME, known_or_enrolled
from identity.permissions import Identity
from identity.queries import persons_of_documents
from kernel import audit, clock
from kernel.calendar import local_day
from kernel.errors import DomainError
from kernel.lists import CellFault, ListHasFaults, read_list, repaired
from kernel.sealing import open_sealed, seal
from kernel.text import latin_digits
from loyalty.benefits.errors import AlreadyMember, CardHasNoHolder, MemberListNotFound, WrongMember
from loyalty.benefits.models import BenefitImport, BenefitMember
from loyalty.benefits.queries import Funder, member_of, members_among, sponsor
from loyalty.benefits.rules import group_name

MOST_ROWS = 500
COLUMNS = {
    "name": ("نام و نام خانوادگی", "نام", "name"),
    "national_id": ("کد ملی", "national id", "national_id"),
    "foreign_code": ("شناسه فراگیر", "foreigner's code", "foreign_code"),
    "passport": ("شماره گذرنامه", "گذرنامه", "passport"),
    "country": ("کشور گذرنامه", "country"),
    "card": ("شماره کارت", "card number", "card"),
    "group": ("گروه", "group"),
}
NUMBERS = ("national_id", "foreign_code", "passport", "card")
SEALED_FOR = "member list"


@dataclass(frozen=True, slots=True)
class Claim:
    """How a member is named: by a document, or by the keyed index of a card number. `end` is shown, the rest never."""

    called: str
    group: str
    kind: str
    country: str
    number: str
    index: bytes
    end: str


def add_one(session: Session, identity: Identity, keystore: KeyStore, held: Funder, typed: Mapping[str, str]) -> BenefitMember:
    """Take in one member from a form with the columns of a list. Raises what `claim_of` raises, AlreadyMember, CardHasNoHolder."""
    sponsor(session, held.organisation_id, lock=True)
    claim = claim_of(keystore, {name: typed.get(name, "") for name in COLUMNS})
    known = _known(session, [claim])[0]
    if claim.kind == "card" and known is None:
        raise CardHasNoHolder(field="card")
    if known is not None and members_among(session, held.organisation_id, [known]):
        raise AlreadyMember(field=claim.kind)
    return _add(session, identity, held.organisation_id, claim, known)


def remove_one(session: Session, identity: Identity, organisation_id: int, member_id: int) -> None:
    """Give nothing more; what was given stays, what waits goes back to the budget. Raises MemberNotFound."""
    member = member_of(session, organisation_id, member_id, lock=True)
    member.removed_at = clock.now()
    facts = {"organisation_id": organisation_id, "person_id": member.person_id}
    audit.record(session, identity.actor, "remove", "benefit member", member_id, before=facts)


def begin_list(session: Session, identity: Identity, held: Funder, content: bytes) -> BenefitImport:
    """Keep a list as it was typed, sealed. Raises ListNotReadable, ListTooLong."""
    rows = read_list(content, COLUMNS, MOST_ROWS)
    kept = BenefitImport(
        organisation_id=held.organisation_id, sign_in_id=identity.sign_in_id, rows=len(rows), begun_at=clock.now(),
        rows_sealed=_sealed(held.organisation_id, rows),
    )  # fmt: skip
    session.add(kept)
    session.flush()
    audit.record(session, identity.actor, "begin", "benefit list", kept.id, after={"rows": len(rows)})
    return kept


def list_of(session: Session, organisation_id: int, list_id: int, *, lock: bool = False) -> BenefitImport:
    """Raises MemberListNotFound."""
    kept = session.get(BenefitImport, list_id, with_for_update=lock, populate_existing=lock)
    if kept is None or kept.organisation_id != organisation_id:
        raise MemberListNotFound(list_id=list_id)
    return kept


def rows_of(kept: BenefitImport) -> list[dict[str, str]]:
    """What stands in the list now; nothing once it is taken in."""
    if kept.rows_sealed is None:
        return []
    rows: list[dict[str, str]] = json.loads(open_sealed(SEALED_FOR, kept.rows_sealed, str(kept.organisation_id)))
    return rows


def repair(
    session: Session, organisation_id: int, list_id: int, cells: Mapping[tuple[int, str], str], left_out: int | None = None
) -> None:
    """Write other texts into cells, and leave a row out; unknown cells stay as they are. Raises MemberListNotFound."""
    kept = list_of(session, organisation_id, list_id, lock=True)
    if kept.finished_at is not None:
        return
    rows = repaired(rows_of(kept), cells, left_out)
    kept.rows, kept.rows_sealed = sum(bool(row) for row in rows), _sealed(organisation_id, rows)
    session.flush()


def finish_list(session: Session, identity: Identity, keystore: KeyStore, organisation_id: int, list_id: int) -> int:
    """Make a member of every row; how many. A list that is finished stays as it is.

    Raises ListHasFaults (facts `faults`), and then nothing of it is taken in; MemberListNotFound.
    """
    kept = list_of(session, organisation_id, list_id, lock=True)
    if kept.finished_at is not None:
        return 0
    sponsor(session, organisation_id, lock=True)
    rows = [row for row in rows_of(kept) if row]
    faults = faults_of(session, keystore, organisation_id, rows)
    if faults:
        raise ListHasFaults(faults=len(faults))
    claims = [claim_of(keystore, row) for row in rows]
    for claim, known in zip(claims, _known(session, claims), strict=True):
        _add(session, identity, organisation_id, claim, known)
    kept.finished_at, kept.rows_sealed = clock.now(), None
    audit.record(session, identity.actor, "finish", "benefit list", kept.id, after={"members": len(rows)})
    return len(rows)


def faults_of(session: Session, keystore: KeyStore, organisation_id: int, rows: Sequence[Mapping[str, str]]) -> list[CellFault]:
    """Every row's first wrong cell, by row; three reads however many rows there are."""
    claims: dict[int, Claim] = {}
    faults = []
    for number, row in enumerate(rows):
        if not row:
            continue
        try:
            claims[number] = claim_of(keystore, row)
        except DomainError as error:
            column = str(error.facts.get("field"))
            faults.append(CellFault(number, column, error, suggestion(column, row.get(column, ""))))
    known = dict(zip(claims, _known(session, list(claims.values())), strict=True))
    members = members_among(session, organisation_id, {person for person in known.values() if person})
    times = Counter(known[at] or (claim.kind, claim.country, claim.number) for at, claim in claims.items())
    for at, claim in claims.items():
        person = known[at]
        if claim.kind == "card" and person is None:
            faults.append(CellFault(at, "card", CardHasNoHolder(field="card")))
        elif person in members or times[person or (claim.kind, claim.country, claim.number)] > 1:
            faults.append(CellFault(at, claim.kind, AlreadyMember(field=claim.kind)))
    return sorted(faults, key=lambda fault: fault.row)


def suggestion(column: str, typed: str) -> str:
    """What may be meant: the zeros that a spreadsheet dropped of a national id are read anyway, spaces of a passport are not."""
    meant = re.sub(r"[\s-]", "", latin_digits(typed)).upper() if column == "passport" else ""
    return meant if meant != typed else ""


def claim_of(keystore: KeyStore, row: Mapping[str, str]) -> Claim:
    """A row as it names its member. Raises WrongMember, what the numbers' own rules raise, WrongPlan (`group`)."""
    called = " ".join(row["name"].split())
    if not (2 <= len(called) <= LONGEST_NAME and any(letter.isalpha() for letter in called)):
        raise WrongMember(field="name", fault="name")
    given = [column for column in NUMBERS if row[column].strip()]
    if len(given) != 1:
        raise WrongMember(field=given[-1] if given else "national_id", fault="several" if given else "none")
    kind, typed = given[0], row[given[0]]
    country, number, index = "IRN", "", b""
    if kind == "national_id":
        number = people.national_id(typed)
    elif kind == "foreign_code":
        number = people.foreign_code(typed)
    elif kind == "passport":
        read = people.travel_document(typed, row["country"], local_day(clock.now()))
        country, number = read.country, read.number
    else:
        number = re.sub(r"[\s-]", "", latin_digits(typed))
        if not is_card_number(number):
            raise WrongMember(field="card", fault="card")
        index = keystore.card_number_index(number)
    return Claim(called, group_name(row["group"]), kind, country, "" if index else number, index, number[-4:])


def _known(session: Session, claims: Sequence[Claim]) -> list[int | None]:
    """Who is meant, of each claim, where somebody is on record. Two queries."""
    documents = persons_of_documents(session, [(one.kind, one.country, one.number) for one in claims if not one.index])
    cards = persons_of_numbers(session, [one.index for one in claims if one.index])
    return [cards.get(one.index) if one.index else documents.get((one.kind, one.country, one.number)) for one in claims]


def _add(session: Session, identity: Identity, organisation_id: int, claim: Claim, known: int | None) -> BenefitMember:
    person_id = known or known_or_enrolled(session, identity.actor, claim.called, "fa", claim.kind, claim.country, claim.number)
    member = BenefitMember(
        organisation_id=organisation_id, person_id=person_id, called=claim.called, document_end=claim.end,
        group_name=claim.group, added_at=clock.now(),
    )  # fmt: skip
    session.add(member)
    session.flush()
    facts = {"organisation_id": organisation_id, "person_id": person_id, "group": claim.group}
    audit.record(session, identity.actor, "add", "benefit member", member.id, after=facts)
    return member


def _sealed(organisation_id: int, rows: Sequence[Mapping[str, str]]) -> bytes:
    return seal(SEALED_FOR, json.dumps(rows, ensure_ascii=False), str(organisation_id))
