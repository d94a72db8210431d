import pytest

from loyalty.groups.errors import WrongGroup
from loyalty.groups.rules import Asked, asked_of, group_name, told_count

RIGHT = {"visits": "۳", "days": "90", "language": "ar", "city": "qom", "product": "standard"}


def test_a_question_is_typed_in_any_digits() -> None:
    assert asked_of(RIGHT, {"qom"}, {"standard"}) == Asked(3, 90, "ar", "qom", "standard")
    assert asked_of({"visits": "1", "days": "366"}, (), ()) == Asked(1, 366)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("visits", "0"),
        ("visits", ""),
        ("visits", "many"),
        ("days", "367"),
        ("days", "-1"),
        ("language", "de"),
        ("city", "rome"),
        ("product", "golden"),
    ],
)
def test_a_wrong_question_names_its_field(field: str, text: str) -> None:
    with pytest.raises(WrongGroup) as refused:
        asked_of(RIGHT | {field: text}, {"qom"}, {"standard"})
    assert refused.value.facts["field"] == field


@pytest.mark.parametrize("name", ["", "x", "…", "x" * 61])
def test_a_group_has_a_name(name: str) -> None:
    with pytest.raises(WrongGroup):
        group_name(name)
    assert group_name("  مشتریان   وفادار ") == "مشتریان وفادار"


def test_a_handful_is_told_to_the_operator_alone() -> None:
    assert [told_count(count, is_operator=False) for count in (0, 1, 4, 5)] == [0, None, None, 5]
    assert told_count(1, is_operator=True) == 1
