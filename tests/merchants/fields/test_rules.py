"""What a field of a shop's own may be, and the one form in which a value is kept."""

import pytest

from merchants.fields.errors import WrongField, WrongValue
from merchants.fields.rules import (
    MOST_FIELDS,
    FieldKind,
    OwnField,
    Subject,
    check_new,
    typed_definition,
    typed_value,
    typed_values,
)

FORM = {
    "subject": "product",
    "kind": "choice",
    "name_fa": " جنس  ",
    "name_en": "Fabric",
    "choices": "پنبه\nکتان\n پنبه \n",
    "is_on_label": "1",
}


def field(kind: FieldKind, *choices: str, number: int = 7, name: str = "جنس") -> OwnField:
    return OwnField(number, Subject.PRODUCT, {"fa": name}, kind, choices)


def test_a_definition_is_read_as_it_is_meant() -> None:
    made = typed_definition(FORM)
    assert (made.names, made.choices, made.is_public, made.is_on_label) == (
        {"fa": "جنس", "en": "Fabric"},
        ("پنبه", "کتان"),
        False,
        True,
    )
    of_page = typed_definition(FORM | {"subject": "page", "kind": "text"})
    assert (of_page.choices, of_page.is_on_label) == ((), False), "a page has no labels, a text no choices"


@pytest.mark.parametrize(
    ("wrong", "at"),
    [({"subject": "person"}, "subject"), ({"kind": "photo"}, "kind"), ({"name_fa": " "}, "name_fa"), ({"name_fa": "12"}, "name_fa"),
     ({"name_en": "x" * 41}, "name_en"), ({"choices": "پنبه"}, "choices"), ({"choices": "\n".join(map(str, range(13)))}, "choices")],
)  # fmt: skip
def test_a_definition_that_is_wrong_says_where(wrong: dict[str, str], at: str) -> None:
    with pytest.raises(WrongField) as refused:
        typed_definition(FORM | wrong)
    assert refused.value.facts["field"] == at


def test_twelve_fields_of_different_names_and_no_heading_of_the_list() -> None:
    wanted, standing = typed_definition(FORM), [field(FieldKind.TEXT, number=n, name=f"نام {n}") for n in range(MOST_FIELDS - 1)]
    check_new(wanted, standing)
    for others, reserved in (
        ([*standing, field(FieldKind.TEXT, name="دیگر")], ()),
        ([field(FieldKind.TEXT)], ()),
        ([], ("FABRIC",)),
    ):
        with pytest.raises(WrongField):
            check_new(wanted, others, reserved)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [("text", "  two  words ", "two words"), ("number", "۱٬۲۰۰٫۵۰", "1200.5"), ("number", "-3", "-3"), ("number", "1000", "1000"), ("date", "1405/09/05", "2026-11-26"),
     ("choice", "كتان", "کتان"), ("yes_no", "بله", "yes"), ("yes_no", "NO", "no"), ("date", " ", "")],
)  # fmt: skip
def test_a_value_is_kept_in_one_form_that_reads_itself(kind: str, typed: str, kept: str) -> None:
    of_kind = field(FieldKind(kind), *(("پنبه", "کتان") if kind == "choice" else ()))
    assert typed_value(of_kind, typed) == kept
    assert typed_value(of_kind, kept) == kept


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("text", "x" * 201),
        ("number", "much"),
        ("number", "1.2345"),
        ("date", "tomorrow"),
        ("choice", "wool"),
        ("yes_no", "perhaps"),
    ],
)
def test_what_does_not_fit_is_refused_by_the_name_of_its_field(kind: str, typed: str) -> None:
    values, faults = typed_values([field(FieldKind(kind), *(("پنبه", "کتان") if kind == "choice" else ()))], {"own_7": typed})
    assert values == {}
    assert isinstance(faults["own_7"], WrongValue)
    assert (faults["own_7"].facts["name"], faults["own_7"].facts["fault"]) == ("جنس", kind)
