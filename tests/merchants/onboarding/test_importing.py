import csv
from datetime import date
from io import BytesIO, StringIO

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.models import Person
from kernel import lists
from kernel.messages.queries import facts_sent_to
from kernel.text import ARABIC_DIGITS
from merchants.onboarding import errors, queries
from merchants.onboarding.models import Application
from merchants.onboarding.rules import State
from merchants.onboarding.services import importing
from merchants.onboarding.services.importing import COLUMNS, MOST_ROWS
from tests.merchants.onboarding import files


@pytest.fixture
def town(session: Session) -> files.Town:
    return files.town(session)


def member(at: files.Town) -> dict[str, str]:
    return {
        "name_fa": "سوغات نمونه", "legal_name": "علی نمونه", "national_id": files.national_id(), "mobile": files.mobile(),
        "trade": at.trade.names["fa"], "tax_code": files.ten_digits(), "licence_number": files.ten_digits(),
        "licence_expires_on": "1408/06/31", "sheba": files.sheba(), "address": "مشهد، بازار رضا، شماره ۴",
        "lat": "36.29", "lon": "59.61",
    }  # fmt: skip


def as_csv(rows: list[dict[str, str]], delimiter: str = ",") -> str:
    text = StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([COLUMNS[column][0] for column in COLUMNS])
    writer.writerows([row[column] for column in COLUMNS] for row in rows)
    return text.getvalue()


def read(content: bytes) -> list[dict[str, str]]:
    return lists.read_list(content, COLUMNS, MOST_ROWS)


def as_xlsx(rows: list[list[object]]) -> bytes:
    book, content = Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def reviewer(at: files.Town) -> queries.Reviewer:
    found = queries.reviewer_of(at.union_officer)
    assert found is not None
    return found


def begin(session: Session, at: files.Town, rows: list[dict[str, str]]) -> int:
    return importing.begin_import(session, at.union_officer, reviewer(at), as_csv(rows).encode()).id


def test_a_right_list_becomes_files(session: Session, town: files.Town) -> None:
    import_id = begin(session, town, [member(town) for _ in range(3)])
    made = importing.finish_import(session, town.union_officer, reviewer(town), import_id)
    assert len(made) == 3
    file = session.get_one(Application, made[0])
    assert (file.state, file.source, file.union_id) == (State.APPLIED, "import", town.union.id)
    assert (file.sheba_owner, file.legal_name) == ("علی نمونه", "علی نمونه")
    assert [row.application_id for row in queries.reviews_page(session, reviewer(town), state="applied")] == made
    assert importing.finish_import(session, town.union_officer, reviewer(town), import_id) == []
    code = importing.invite_applicant(session, town.union_officer, reviewer(town), made[0])
    assert len(code) == 14
    mobile = session.get_one(Person, file.person_id).mobile
    [facts] = facts_sent_to(session, str(mobile), "invitation")
    assert (facts["code"], facts["organisation"]) == (code, town.union.names["fa"])


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1256"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_the_encodings_people_have(town: files.Town, codec: str, delimiter: str) -> None:
    row = member(town) | {
        "name_fa": "كتاب علي",
        "mobile": files.mobile().translate(ARABIC_DIGITS) if codec != "cp1256" else files.mobile(),
    }
    text = as_csv([row], delimiter)
    if codec == "cp1256":
        # This code page has neither the Persian letters nor the Persian digits, which is why people write the Arabic ones.
        text = text.translate(
            str.maketrans({"ی": "ي", "ک": "ك", "ۀ": "ه"} | {digit: str(value) for value, digit in enumerate("۰۱۲۳۴۵۶۷۸۹")})
        )
    [found] = read(text.encode(codec))
    assert found["name_fa"] == "کتاب علی"
    assert found["national_id"] == row["national_id"]


def test_a_spreadsheet_is_read_as_people_see_it(session: Session, town: files.Town) -> None:
    content = as_xlsx(
        [
            ["National ID", "Mobile", "Shop name", "Licence ends", "Unknown"],
            [12345679.0, 9151234567, "فروشگاه", date(2029, 9, 21), "x"],
            [None] * 5,
        ]
    )
    [row] = read(content)
    assert (row["national_id"], row["mobile"], row["name_fa"], row["licence_expires_on"]) == (
        "12345679",
        "9151234567",
        "فروشگاه",
        "2029-09-21",
    )
    assert row["sheba"] == ""


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "heading"), (b"PK\x03\x04broken", "type"), (b"\x00\x01\x02", "type"), ("یک,دو\n۱,۲".encode(), "heading"),
        ("شبا,شبا\nx,y".encode(), "heading"), ("شبا,صنف\n".encode(), "empty"), ('شبا,صنف\n"a'.encode(), "type"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused(content: bytes, fault: str) -> None:
    with pytest.raises(lists.ListNotReadable) as refusal:
        read(content)
    assert refusal.value.facts["fault"] == fault


def test_a_list_is_not_longer_than_one_import_can_be() -> None:
    with pytest.raises(lists.ListTooLong):
        read(("شبا,صنف\n" + "a,b\n" * (MOST_ROWS + 1)).encode())
    assert len(read(("شبا,صنف\n" + "a,b\n" * MOST_ROWS).encode())) == MOST_ROWS


def test_each_wrong_cell_is_named_with_a_suggestion_where_there_is_one(session: Session, town: files.Town) -> None:
    first = member(town)
    rows = [
        first,
        member(town)
        | {
            "national_id": "0012345678",
            "tax_code": "123456789",
            "licence_expires_on": "080631",
            "trade": town.trade.names["fa"] + "‌ها",
        },
        member(town) | {"mobile": first["mobile"], "lat": "1", "lon": "1"},
    ]
    faults = importing.faults_of(session, reviewer(town), rows)
    assert [(one.row, one.column, one.error.code) for one in faults] == [
        (0, "mobile", "twice_in_list"),
        (1, "national_id", "wrong_national_id"), (1, "trade", "unknown_trade"), (1, "tax_code", "wrong_tax_code"),
        (1, "licence_expires_on", "wrong_day"),
        (2, "mobile", "twice_in_list"), (2, "lat", "far_from_city"),
    ]  # fmt: skip
    assert [one.error.facts["row"] for one in faults if one.error.code == "twice_in_list"] == [4, 2]
    suggested = {one.column: one.suggestion for one in faults if one.suggestion}
    assert suggested == {"trade": town.trade.names["fa"], "tax_code": "0123456789", "licence_expires_on": "1408/06/31"}


def test_a_row_of_somebody_on_record_is_left_out_and_the_others_keep_their_numbers(session: Session, town: files.Town) -> None:
    known = member(town)
    importing.finish_import(session, town.union_officer, reviewer(town), begin(session, town, [known]))
    import_id = begin(session, town, [known | {"name_fa": "همان فروشگاه"}, member(town), member(town) | {"sheba": "IR00"}])
    kept = queries.member_import(session, town.union.id, import_id)
    codes = [(one.row, one.error.code) for one in importing.faults_of(session, reviewer(town), kept.rows)]
    assert codes == [(0, "on_record_already")] * 4 + [(2, "wrong_sheba")]
    importing.repair(session, reviewer(town), import_id, {}, 0)
    assert [one.row for one in importing.faults_of(session, reviewer(town), kept.rows)] == [2]
    importing.repair(session, reviewer(town), import_id, {(0, "sheba"): "x", (2, "sheba"): files.sheba()})
    assert len(importing.finish_import(session, town.union_officer, reviewer(town), import_id)) == 2


def test_nothing_is_imported_while_one_cell_is_wrong(session: Session, town: files.Town) -> None:
    import_id = begin(session, town, [member(town), member(town) | {"sheba": "IR00"}])
    people = session.scalar(select(func.count()).select_from(Person))
    with pytest.raises(lists.ListHasFaults):
        importing.finish_import(session, town.union_officer, reviewer(town), import_id)
    assert session.scalar(select(func.count()).select_from(Person)) == people
    assert session.scalar(select(func.count()).select_from(Application)) == 0
    importing.repair(session, reviewer(town), import_id, {(1, "sheba"): files.sheba(), (9, "sheba"): "x", (0, "nonsense"): "x"})
    assert len(importing.finish_import(session, town.union_officer, reviewer(town), import_id)) == 2


def test_people_and_numbers_on_record_are_found(session: Session, town: files.Town) -> None:
    rows = [member(town)]
    importing.finish_import(session, town.union_officer, reviewer(town), begin(session, town, rows))
    faults = importing.faults_of(session, reviewer(town), rows)
    assert [one.column for one in faults] == ["national_id", "mobile", "tax_code", "licence_number"]


def test_another_unions_list_and_trade_are_out_of_reach(session: Session, town: files.Town) -> None:
    other = files.town(session)
    import_id = begin(session, town, [member(town)])
    for use in (
        lambda: importing.repair(session, reviewer(other), import_id, {}),
        lambda: importing.finish_import(session, other.union_officer, reviewer(other), import_id),
    ):
        with pytest.raises(errors.ImportNotFound):
            use()
    municipality = queries.reviewer_of(town.town_officer)
    assert municipality is not None
    with pytest.raises(errors.NotYourTurn):
        importing.begin_import(session, town.town_officer, municipality, as_csv([member(town)]).encode())
    assert [one.column for one in importing.faults_of(session, reviewer(other), [member(town)])] == ["trade"]
