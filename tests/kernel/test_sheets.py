from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from kernel.lists import read_list, repaired
from kernel.sheets import FORMULA, csv_sheet, xlsx_sheet

COLUMNS = {"name": ("نام", "name"), "code": ("کد", "code")}
FORMULAS = ["=1+1", "+98", "-2", "@SUM(A1)"]


@given(st.text("=+-@'\"،;,زعp1", min_size=1, max_size=8))
def test_what_people_typed_comes_back_as_it_was(text: str) -> None:
    assert read_list(csv_sheet([["نام", "کد"], [text, 7]]), COLUMNS, 10) == [{"name": text, "code": "7"}]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_computed(text: str) -> None:
    line = csv_sheet([[text, -2]]).decode("utf-8-sig").strip()
    assert not line.startswith(FORMULA)
    assert line.endswith(",-2")
    cell = load_workbook(BytesIO(xlsx_sheet([[text]], "list", is_right_to_left=True))).active["A1"]
    assert (cell.data_type, cell.value) == ("s", text)
    assert read_list(xlsx_sheet([["نام", "کد"], [text, 7]], "list", is_right_to_left=True), COLUMNS, 10) == [
        {"name": text, "code": "7"}
    ]


def test_a_repair_of_a_cell_that_no_row_has_is_left_out() -> None:
    rows = [{"name": "x", "code": "1"}]
    assert repaired(rows, {(0, "code"): " 2 ", (0, "sheba"): "3", (4, "name"): "y"}) == [{"name": "x", "code": "2"}]
    assert rows == [{"name": "x", "code": "1"}]
