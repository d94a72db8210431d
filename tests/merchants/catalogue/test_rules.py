from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from barcode import EAN8, EAN13
from hypothesis import given
from hypothesis import strategies as st

from kernel.text import ARABIC_DIGITS, PERSIAN_DIGITS
from merchants.catalogue import errors
from merchants.catalogue.rules.barcodes import CodeKind, gtin_check_digit, typed_code
from merchants.catalogue.rules.goods import loyalty_codes, read_goods, search_text, typed_attributes
from merchants.catalogue.rules.prices import check_price, steps, typed_rial
from merchants.catalogue.rules.quantities import Unit, line_rial, quantity_text, typed_quantity
from merchants.onboarding.errors import NameMissing

START = datetime(2026, 3, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "kind", "key"),
    [
        ("6291041500213", CodeKind.EAN13, "06291041500213"), ("۶۲۹۱۰۴۱۵۰۰۲۱۳", CodeKind.EAN13, "06291041500213"),
        ("9789643057657", CodeKind.EAN13, "09789643057657"), ("96385074", CodeKind.EAN8, "00000096385074"),
        ("036000291452", CodeKind.UPCA, "00036000291452"), ("0036000291452", CodeKind.EAN13, "00036000291452"),
        (" abc-12 ", CodeKind.OWN, "ABC-12"), ("۱۲۳۴۵", CodeKind.OWN, "12345"),
    ],
)  # fmt: skip
def test_a_code_is_read_as_scanners_and_people_type_it(typed: str, kind: CodeKind, key: str) -> None:
    code = typed_code(typed)
    assert (code.kind, code.key) == (kind, key)


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("6291041500214", "check_digit"), ("96385073", "check_digit"), ("036000291453", "check_digit"),
        ("00012345678905", "looks_like_barcode"), ("", "letters"), ("زعفران", "letters"), ("A" * 33, "letters"), ("-A", "letters"),
    ],
)  # fmt: skip
def test_a_wrong_code_is_refused_with_its_fault(typed: str, fault: str) -> None:
    with pytest.raises(errors.WrongBarcode) as refusal:
        typed_code(typed)
    assert refusal.value.facts["fault"] == fault


@given(st.from_regex(r"[0-9]{12}", fullmatch=True), st.from_regex(r"[0-9]{7}", fullmatch=True))
def test_the_check_digit_is_the_one_an_independent_library_computes(twelve: str, seven: str) -> None:
    assert EAN13(twelve).get_fullcode() == twelve + str(gtin_check_digit(twelve))
    assert EAN8(seven).get_fullcode() == seven + str(gtin_check_digit(seven))


@given(st.from_regex(r"[0-9]{12}", fullmatch=True), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(twelve: str, at: int, by: int) -> None:
    right = twelve + str(gtin_check_digit(twelve))
    wrong = right[:at] + str((int(right[at]) + by) % 10) + right[at + 1 :]
    with pytest.raises(errors.WrongBarcode):
        typed_code(wrong)


@pytest.mark.parametrize(
    ("typed", "unit", "milli"),
    [("2", Unit.PIECE, 2000), ("۲٫۵", Unit.KILOGRAM, 2500), ("2/25", Unit.METRE, 2250), ("۱٬۰۰۰", Unit.PACK, 1_000_000), ("0.001", Unit.GRAM, 1), ("0", Unit.PIECE, 0)],
)  # fmt: skip
def test_a_quantity_is_read_in_thousandths(typed: str, unit: Unit, milli: int) -> None:
    assert typed_quantity(typed, unit) == milli


@pytest.mark.parametrize(
    ("typed", "unit"),
    [("2.5", Unit.PIECE), ("-1", Unit.GRAM), ("", Unit.GRAM), ("1.2345", Unit.GRAM), ("1,00", Unit.GRAM), ("9" * 10, Unit.GRAM)],
)
def test_a_wrong_quantity_is_refused(typed: str, unit: Unit) -> None:
    with pytest.raises(errors.WrongQuantity):
        typed_quantity(typed, unit)


@given(st.integers(0, 10**12 - 1))
def test_a_quantity_reads_back_from_its_text_in_every_script(milli: int) -> None:
    for table in ({}, PERSIAN_DIGITS, ARABIC_DIGITS):
        assert typed_quantity(quantity_text(milli).translate(table), Unit.GRAM) == milli


@given(st.integers(1, 10**10), st.integers(0, 10**7))
def test_a_line_is_its_price_times_its_quantity_to_half_a_rial(rial: int, milli: int) -> None:
    assert abs(line_rial(rial, milli) * 1000 - rial * milli) <= 500


@pytest.mark.parametrize(
    ("typed", "rial"), [("۱٬۲۵۰٬۰۰۰", 1_250_000), ("١٢٥٠٠٠٠", 1_250_000), (" 1 250 000 ", 1_250_000), ("1,250,000", 1_250_000)]
)
def test_a_price_is_read_in_any_script(typed: str, rial: int) -> None:
    assert typed_rial(typed, "list_rial") == rial


@pytest.mark.parametrize("typed", ["", "0", "-5", "1.5", "abc", "9" * 15, "²"])
def test_a_wrong_price_is_refused(typed: str) -> None:
    with pytest.raises(errors.WrongPrice):
        typed_rial(typed, "list_rial")


def test_the_card_price_is_below_the_list_price_and_both_below_the_ceiling() -> None:
    check_price(100, 100, 100)
    check_price(100, 1, None)
    with pytest.raises(errors.CardPriceAboveList):
        check_price(100, 101, None)
    with pytest.raises(errors.PriceAboveCeiling) as refusal:
        check_price(101, 50, 100)
    assert refusal.value.facts == {"field": "list_rial", "ceiling_rial": 100}


@dataclass
class Held:
    starts_at: datetime
    ends_at: datetime | None


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5), st.integers(1, 9)), max_size=8), st.integers(0, 20), st.integers(1, 40)
)
def test_steps_fill_a_window_without_gaps_and_say_what_held(runs: list[tuple[int, int, int]], first: int, length: int) -> None:
    held, at = [], START
    for gap, days, amount in runs:
        begins = at + timedelta(days=gap)
        at = begins + timedelta(days=days)
        held.append((Held(begins, at), amount))
    window = START + timedelta(days=first), START + timedelta(days=first + length)
    found = steps(held, *window)
    assert (found[0].starts_at, found[-1].ends_at) == window
    assert all(one.ends_at == other.starts_at for one, other in pairwise(found))
    for one in found:
        middle = one.starts_at + (one.ends_at - one.starts_at) / 2
        said = [amount for period, amount in held if period.starts_at <= middle < period.ends_at]
        assert ([one.amount_rial] if one.amount_rial else []) == said


def test_a_form_says_all_that_is_wrong_at_once() -> None:
    goods, faults = read_goods(
        {"name_fa": "", "code": "123", "unit": "barrel", "points": "x", "attributes": "no colon", "group_id": "x"}
    )
    assert goods is None
    assert {field: type(fault) for field, fault in faults.items()} == {
        "name_fa": NameMissing, "unit": errors.UnknownUnit, "points": errors.WrongPoints, "attributes": errors.WrongAttributes,
        "group_id": errors.UnknownGroup,
    }  # fmt: skip


def test_a_form_becomes_goods() -> None:
    goods, faults = read_goods(
        {
            "name_fa": "پیراهن",
            "name_en": "Shirt",
            "code": "",
            "mark_handicraft": "1",
            "mark_iranian": "1",
            "attributes": "size: S\n\nمدل : الف",
            "is_unstocked": "1",
        }
    )
    assert faults == {}
    assert goods is not None
    assert (goods.names, goods.code, goods.marks) == ({"fa": "پیراهن", "en": "Shirt"}, None, ["iranian", "handicraft"])
    assert (goods.attributes, goods.is_stocked) == ({"size": "S", "مدل": "الف"}, False)


@pytest.mark.parametrize("typed", ["a:" + "x" * 41, "a:", ":b", "\n".join(f"{n}: x" for n in range(9))])
def test_attributes_are_few_and_short(typed: str) -> None:
    with pytest.raises(errors.WrongAttributes):
        typed_attributes(typed)


def test_a_product_is_searched_by_folded_letters_and_known_to_loyalty_by_codes() -> None:
    assert search_text({"en": "Tea", "fa": "چاي كوهي"}, "۱۲", {"size": "S"}) == "چای کوهی tea 12 size s"
    assert loyalty_codes(1, 7, [3, 4], ["iranian"]) == ("product:7", "group:3", "group:4", "mark:iranian", "shop:1")
