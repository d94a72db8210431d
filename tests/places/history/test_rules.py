"""What may be said of a place's past, and what a file's tags say."""

from datetime import date

import pytest

from places.history.errors import WrongStatement
from places.history.rules import StatementKind, YearOf, gregorian, statements_of_tags, typed_statement

TODAY = date(2026, 11, 26)
FORM = {
    "history_kind": "founded", "history_text_fa": "ساخته  شد", "history_text_en": " ", "history_year": "۸۲۱", "history_calendar": "lunar",
    "history_source": "کتیبه", "history_licence": "facts", "history_about": "1",
}  # fmt: skip


@pytest.mark.parametrize(
    ("year", "calendar", "ce"), [(821, "lunar", 1418), (1394, "solar", 2015), (1418, "gregorian", 1418), (1448, "lunar", 2026)]
)
def test_years_of_three_calendars_stand_in_one_order(year: int, calendar: str, ce: int) -> None:
    assert gregorian(year, YearOf(calendar)) == ce


def test_a_statement_is_read_with_its_year_and_source() -> None:
    said = typed_statement(FORM, TODAY)
    assert (said.kind, said.texts, said.year, said.calendar, said.year_ce, said.is_about) == (
        StatementKind.FOUNDED,
        {"fa": "ساخته شد"},
        821,
        YearOf.LUNAR,
        1418,
        True,
    )
    undated = typed_statement(FORM | {"history_year": ""}, TODAY)
    assert (undated.year, undated.calendar, undated.year_ce) == (None, None, None)


@pytest.mark.parametrize(
    ("wrong", "at"),
    [({"history_kind": "rumour"}, "history_kind"), ({"history_text_fa": ""}, "history_text_fa"), ({"history_text_en": "x" * 401}, "history_text_en"),
     ({"history_year": "long ago"}, "history_year"), ({"history_year": "0"}, "history_year"), ({"history_year": "1500", "history_calendar": "solar"}, "history_year"),
     ({"history_calendar": "mayan"}, "history_calendar"), ({"history_source": " "}, "history_source"), ({"history_licence": "x" * 41}, "history_licence")],
)  # fmt: skip
def test_a_statement_that_is_wrong_says_where(wrong: dict[str, str], at: str) -> None:
    with pytest.raises(WrongStatement) as refused:
        typed_statement(FORM | wrong, TODAY)
    assert refused.value.facts["field"] == at


def test_tags_tell_of_founding_and_former_names() -> None:
    founded, named = statements_of_tags(
        {"start_date": "~1418", "old_name": "مسجد جامع", "old_name:en": "Great Mosque"}, "file", "ODbL-1.0"
    )
    assert (founded.year, founded.is_about, founded.source, founded.licence) == (1418, True, "file", "ODbL-1.0")
    assert (named.kind, named.texts) == (StatementKind.FORMER_NAME, {"fa": "مسجد جامع", "en": "Great Mosque"})
    assert statements_of_tags({"start_date": "C15", "name": "x"}, "file", "ODbL-1.0") == []
