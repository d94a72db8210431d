"""A union brings its members in bulk: read the list, show what is wrong cell by cell, take repairs, and import all or nothing."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity import rules as people
from identity.invitations import invitation_link, invite
from identity.models import Document, Person
from identity.notices import INVITATION
from identity.permissions import Identity
from identity.queries import names_of_organisations
from identity.services import enrol_person
from kernel import audit, clock
from kernel.errors import DomainError
from kernel.languages import in_language
from kernel.lists import CellFault, ListHasFaults, read_list, repaired
from kernel.messages.services import send
from kernel.outbox import publish
from kernel.settings import load_settings
from kernel.text import latin_digits, search_key
from merchants.onboarding import rules
from merchants.onboarding.errors import NotYourTurn, OnRecordAlready, TwiceInList, UnknownTrade
from merchants.onboarding.events import MembersImported
from merchants.onboarding.models import Application, MemberImport, Trade
from merchants.onboarding.queries import (
    Reviewer,
    city_position,
    member_import,
    reviewed_application,
    trades_of_reviewer,
)
from merchants.onboarding.rules import Party, Piece, State
from merchants.onboarding.services.filing import begin_file, licence_day, write_pieces
from merchants.settlement.rules.sheba import sheba_of

MOST_ROWS = 500
COLUMNS = {
    "name_fa": ("نام فروشگاه", "shop name", "name_fa"),
    "legal_name": ("نام صاحب پروانه", "licence holder", "legal_name"),
    "national_id": ("کد ملی", "national id", "national_id"),
    "mobile": ("تلفن همراه", "شمارهٔ موبایل", "موبایل", "mobile"),
    "trade": ("صنف", "رسته", "trade"),
    "tax_code": ("کد رهگیری مالیاتی", "tax code", "tax_code"),
    "licence_number": ("شناسه صنفی", "guild licence id", "licence_number"),
    "licence_expires_on": ("پایان اعتبار", "licence ends", "licence_expires_on"),
    "sheba": ("شبا", "sheba", "iban"),
    "address": ("نشانی", "address", "آدرس"),
    "lat": ("عرض جغرافیایی", "latitude", "lat"),
    "lon": ("طول جغرافیایی", "longitude", "lon"),
}
_TEN_DIGITS = ("tax_code", "licence_number")


def begin_import(session: Session, identity: Identity, reviewer: Reviewer, content: bytes) -> MemberImport:
    """Keep a union's list as it was typed. Raises ListNotReadable, ListTooLong, NotYourTurn."""
    if reviewer.party is not Party.UNION:
        raise NotYourTurn
    rows = read_list(content, COLUMNS, MOST_ROWS)
    kept = MemberImport(union_id=reviewer.organisation_id, sign_in_id=identity.sign_in_id, rows=rows)
    session.add(kept)
    session.flush()
    audit.record(session, identity.actor, "begin", "member_import", kept.id, after={"rows": len(rows)})
    return kept


def repair(
    session: Session, reviewer: Reviewer, import_id: int, cells: Mapping[tuple[int, str], str], left_out: int | None = None
) -> MemberImport:
    """Write other texts into cells, and leave a row out; unknown cells stay as they are. Raises ImportNotFound."""
    kept = member_import(session, reviewer.organisation_id, import_id, lock=True)
    if kept.finished_at is None:
        kept.rows = repaired(kept.rows, cells, left_out)
        session.flush()
    return kept


def trade_names(session: Session, reviewer: Reviewer) -> list[dict[str, str]]:
    """What may stand as the trade of a row."""
    return [trade.names for trade in trades_of_reviewer(session, reviewer)]


def finish_import(session: Session, identity: Identity, reviewer: Reviewer, import_id: int) -> list[int]:
    """Make a person and a file of every row; the ids of the files. A list that is finished stays as it is.

    Raises ListHasFaults (facts `faults`), and then nothing of the list exists; ImportNotFound.
    """
    kept = member_import(session, reviewer.organisation_id, import_id, lock=True)
    if kept.finished_at is not None:
        return []
    faults = faults_of(session, reviewer, kept.rows)
    if faults:
        raise ListHasFaults(faults=len(faults))
    trades = _trades(session, reviewer)
    made = [_import_row(session, identity, kept.id, number, row, trades) for number, row in enumerate(kept.rows) if row]
    kept.finished_at = clock.now()
    audit.record(session, identity.actor, "finish", "member_import", kept.id, after={"applications": len(made)})
    publish(session, MembersImported(kept.id, tuple(made)))
    return made


def _import_row(
    session: Session, identity: Identity, import_id: int, number: int, row: Mapping[str, str], trades: dict[str, Trade]
) -> int:
    trade = trades[search_key(row["trade"])]
    person = enrol_person(
        session, identity.actor, {"fa": row["legal_name"]}, "fa", national_id=row["national_id"], mobile=row["mobile"],
        is_fictional=load_settings().is_laboratory,
    )  # fmt: skip
    key = str(uuid5(NAMESPACE_OID, f"member import {import_id} row {number}"))
    legal_name = rules.typed_name(row["legal_name"], "legal_name")
    file = begin_file(session, identity.actor, person.id, legal_name, trade.city_id, key, source="import")
    typed = {**row, "trade": str(trade.id), "sheba_owner": row["legal_name"] if row["sheba"] else ""}
    wrong = write_pieces(session, file, typed, frozenset(Piece) - {Piece.CONTRACT})
    if wrong:
        raise ListHasFaults(faults=len(wrong))
    return file.id


def invite_applicant(session: Session, identity: Identity, reviewer: Reviewer, application_id: int) -> str:
    """A code with which an imported member opens a sign-in to complete the file; it is sent to the mobile number of the list.

    Raises ApplicationNotFound, AlreadySignsIn.
    """
    file = reviewed_application(session, reviewer, application_id, lock=True)
    code = invite(session, identity.actor, file.person_id)
    person = session.get_one(Person, file.person_id)
    if person.mobile is not None:
        union = names_of_organisations(session, {reviewer.organisation_id})[reviewer.organisation_id]
        facts = {"organisation": in_language(union, person.language), "code": code, "link": invitation_link(code)}
        send(session, INVITATION, person.mobile, person.language, facts)
    return code


def faults_of(session: Session, reviewer: Reviewer, rows: list[dict[str, str]]) -> list[CellFault]:
    """Every cell that is wrong, by row; a few reads however many rows there are."""
    trades = _trades(session, reviewer)
    cities = {trade.city_id: city_position(session, trade.city_id) for trade in trades.values()}
    faults = [fault for number, row in enumerate(rows) if row for fault in _row_faults(number, row, trades, cities)]
    known = {(fault.row, fault.column) for fault in faults}
    faults += [fault for fault in _taken(session, rows) if (fault.row, fault.column) not in known]
    order = list(COLUMNS)
    return sorted(faults, key=lambda fault: (fault.row, order.index(fault.column)))


def _trades(session: Session, reviewer: Reviewer) -> dict[str, Trade]:
    """The union's trades by every folded name and by their code."""
    return {
        search_key(name): trade for trade in trades_of_reviewer(session, reviewer) for name in (*trade.names.values(), trade.code)
    }


def _row_faults(
    number: int, row: dict[str, str], trades: dict[str, Trade], cities: dict[int, tuple[float, float]]
) -> list[CellFault]:
    trade = trades.get(search_key(row["trade"]))

    def known_trade() -> None:
        if trade is None:
            raise UnknownTrade(field="trade")

    def position() -> None:
        if trade is not None and (row["lat"] or row["lon"]):
            rules.typed_position(row["lon"], row["lat"], cities[trade.city_id])

    checks = {
        "name_fa": lambda: rules.typed_name(row["name_fa"], "name_fa", 80),
        "legal_name": lambda: rules.typed_name(row["legal_name"], "legal_name"),
        "national_id": lambda: people.national_id(row["national_id"]),
        "mobile": lambda: people.mobile_number(row["mobile"]),
        "trade": known_trade,
        "tax_code": lambda: row["tax_code"] and people.tax_code(row["tax_code"]),
        "licence_number": lambda: people.licence_number(row["licence_number"]),
        "licence_expires_on": lambda: licence_day(row["licence_expires_on"]),
        "sheba": lambda: row["sheba"] and sheba_of(row["sheba"]),
        "address": lambda: row["address"] and rules.typed_address(row["address"]),
        "lat": position,
    }
    faults = []
    for column, check in checks.items():
        try:
            check()
        except DomainError as error:
            faults.append(CellFault(number, column, error, suggestion(column, row[column], trades)))
    return faults


def suggestion(column: str, typed: str, trades: Mapping[str, object] = {}) -> str:
    """What may be meant: a zero the spreadsheet dropped, a date without strokes or century, the nearest name of a trade."""
    digits = re.sub(r"[\s-]", "", latin_digits(typed))
    if column in _TEN_DIGITS and re.fullmatch(r"[0-9]{9}", digits):
        return "0" + digits
    if column == "licence_expires_on":
        found = re.fullmatch(r"([0-9]{4}|[0-9]{2})[/.]?(0[1-9]|1[0-2])[/.]?(0[1-9]|[12][0-9]|3[01])", digits)
        if found:
            year = found[1] if len(found[1]) == 4 else "14" + found[1]
            return f"{year}/{found[2]}/{found[3]}"
    if column == "trade":
        return next(iter(get_close_matches(search_key(typed), trades, n=1, cutoff=0.5)), "")
    return ""


def _taken(session: Session, rows: list[dict[str, str]]) -> list[CellFault]:
    """Numbers that are on record already or stand twice in the list."""
    open_files = Application.state != State.CLOSED
    national = (Document.kind == "national_id") & (Document.country == "IRN")
    looked_up = (
        ("national_id", people.national_id, select(Document.number).where(national), Document.number),
        ("mobile", people.mobile_number, select(Person.mobile), Person.mobile),
        ("tax_code", people.tax_code, select(Application.tax_code).where(open_files), Application.tax_code),
        ("licence_number", people.licence_number, select(Application.licence_number).where(open_files), Application.licence_number),
    )
    faults = []
    for column, read, recorded, field in looked_up:
        numbers = {number: value for number, row in enumerate(rows) if row and (value := _read(read, row[column]))}
        taken = set(session.scalars(recorded.where(field.in_(set(numbers.values())))))
        rows_of = defaultdict(list)
        for at, value in numbers.items():
            rows_of[value].append(at)
        for at, value in numbers.items():
            other = next((number for number in rows_of[value] if number != at), None)
            if value in taken:
                faults.append(CellFault(at, column, OnRecordAlready(field=column)))
            elif other is not None:
                faults.append(CellFault(at, column, TwiceInList(field=column, row=other + 2)))
    return faults


def _read(read: Callable[[str], str], typed: str) -> str:
    try:
        return read(typed) if typed else ""
    except DomainError:
        return ""
