"""What is typed becomes a rule, and a rule becomes a sentence."""

import pytest

from places.hours.errors import UnreadableHours
from places.hours.rules import checked_hours
from places.hours.sentences import hours_of_line, hours_of_rows, hours_sentence, rows_of_hours

WEEK = {"week": "8-13, 16:30-21", "thursday": "۸ تا ۱۳ و ۱۷ تا ۲۲", "friday": ""}


def test_a_typed_week_becomes_a_rule_and_comes_back() -> None:
    rule = hours_of_rows(WEEK)
    assert rule == "Sa-We 8:00-13:00,16:30-21:00; Th 8:00-13:00,17:00-22:00; Fr off"
    assert rows_of_hours(rule) == {
        "week": "8:00-13:00,16:30-21:00",
        "thursday": "8:00-13:00,17:00-22:00",
        "friday": "off",
        "holiday": "",
        "ramadan": "",
    }
    assert hours_of_rows(rows_of_hours(rule) or {}) == rule


@pytest.mark.parametrize(
    ("typed", "times"),
    [
        ("طلوع تا ۳۰ دقیقه پیش از اذان ظهر", "sunrise-(noon-00:30)"),
        ("sunrise to 30 minutes before noon", "sunrise-(noon-00:30)"),
        ("از اذان صبح تا اذان ظهر و از ۱۵ دقیقه بعد از مغرب تا ۲۳", "fajr-noon,(maghrib+00:15)-23:00"),
        ("from 90 minutes after sunrise to sunset", "(sunrise+01:30)-sunset"),
        ("۸:۳۰ تا ۱۲:۳۰، ۱۶ تا ۲۰", "8:30-12:30,16:00-20:00"),
        ("sunrise-(noon-00:30)", "sunrise-(noon-00:30)"),
        ("بسته", "off"), ("Closed", "off"), ("شبانه‌روزی", "00:00-24:00"), ("24/7", "00:00-24:00"),
    ],
)  # fmt: skip
def test_times_are_taken_as_shopkeepers_say_them(typed: str, times: str) -> None:
    assert hours_of_rows({"week": typed}).split("; ")[0] == f"Sa-We {times}"


def test_holidays_and_ramadan_may_be_as_other_days_or_not() -> None:
    rule = hours_of_rows(WEEK | {"holiday": "بسته", "ramadan": "10 تا 16"})
    assert rule.endswith("; Fr off; PH off; Ramadan 10:00-16:00")
    assert rows_of_hours(rule)["ramadan"] == "10:00-16:00"


@pytest.mark.parametrize("wrong", ["morning", "8 to", "25:00-26:00x", "8-12 16-20", "08:75-12:00"])
def test_a_row_that_cannot_be_read_is_named(wrong: str) -> None:
    with pytest.raises(UnreadableHours) as refused:
        hours_of_rows(WEEK | {"thursday": wrong})
    assert refused.value.facts["field"] == "thursday"
    assert refused.value.facts["part"]


@pytest.mark.parametrize(
    "rule", ["24/7", "Mo-Su 08:00-20:00", "Sa-We 08:00-12:00; Th off", "Sa-We off; Th off; Fr off; Nov 08:00-12:00"]
)
def test_a_rule_that_the_rows_cannot_say_stays_a_rule(rule: str) -> None:
    assert rows_of_hours(rule) is None


@pytest.mark.parametrize(
    ("rule", "english", "persian"),
    [
        ("24/7", "day and night", "شبانه‌روزی"),
        ("Sa-We 08:00-13:00,16:00-21:00; Th 08:00-13:00; Fr off",
         "Saturday to Wednesday from 08:00 to 13:00 and from 16:00 to 21:00; Thursday from 08:00 to 13:00; Friday closed",
         "شنبه تا چهارشنبه از 08:00 تا 13:00 و از 16:00 تا 21:00؛ پنج‌شنبه از 08:00 تا 13:00؛ جمعه بسته"),
        ("sunrise-(noon-00:30); PH off", "every day from sunrise to 30 minutes before the noon adhan; public holidays closed",
         "هر روز از طلوع آفتاب تا 30 دقیقه پیش از اذان ظهر؛ تعطیلات رسمی بسته"),
        ("08:00-20:00; Ramadan 21 off", "every day from 08:00 to 20:00; 21 Ramadan closed", "هر روز از 08:00 تا 20:00؛ 21 رمضان بسته"),
        ("Fr,PH 10:00+", "Friday and public holidays from 10:00 on", "جمعه و تعطیلات رسمی از 10:00 به بعد"),
    ],
)  # fmt: skip
def test_a_rule_is_said_in_one_sentence(rule: str, english: str, persian: str) -> None:
    told = hours_sentence(checked_hours(rule))
    assert told is not None
    assert (told["fa"], told["en"]) == (persian, english)


def test_a_rule_is_said_in_arabic_and_urdu_too() -> None:
    told = hours_sentence(checked_hours("Sa-Th sunrise-(noon-00:30); Fr off; Ramadan 20:00-24:00"))
    assert told is not None
    assert told["ar"] == "السبت إلى الخميس من شروق الشمس إلى قبل أذان الظهر بمقدار 30 دقيقة؛ الجمعة مغلق؛ رمضان من 20:00 إلى 24:00"
    assert told["ur"] == "ہفتہ تا جمعرات از طلوعِ آفتاب تا اذانِ ظہر سے 30 منٹ پہلے؛ جمعہ بند؛ رمضان از 20:00 تا 24:00"


@pytest.mark.parametrize("rule", ["Nov-Mar 10:00-16:00", "week 48 10:00-12:00", "Mo-Fr 08:00-12:00 || 14:00-16:00"])
def test_a_rule_without_plain_words_has_no_sentence(rule: str) -> None:
    assert hours_sentence(rule) is None


@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        ("۸ تا ۲۰", "8:00-20:00"),
        ("شنبه تا پنج‌شنبه ۸ تا ۲۰، جمعه بسته", "Sa-Th 8:00-20:00; Fr off"),
        ("شنبه تا پنجشنبه ۸ تا ۱۳ و ۱۶ تا ۲۱:۳۰؛ جمعه طلوع تا اذان ظهر", "Sa-Th 8:00-13:00,16:00-21:30; Fr sunrise-noon"),
        ("یکشنبه و سه شنبه ۹-۱۲", "Su,Tu 9:00-12:00"),
        ("هر روز از ۸ تا ۲۲", "8:00-22:00"),
        ("Saturday to Wednesday 8-20; Friday closed", "Sa-We 8:00-20:00; Fr off"),
        ("الجمعة مغلق", "Fr off"),
        ("Sa-Th 08:00-20:00; Fr off", "Sa-Th 08:00-20:00; Fr off"),
    ],
)
def test_hours_are_typed_on_one_line_as_people_say_them(typed: str, rule: str) -> None:
    assert hours_of_line(typed) == rule


@pytest.mark.parametrize("typed", ["جمعه", "گاهی", "شنبه تا ۸", "8"])
def test_a_line_without_hours_is_told_how_one_looks(typed: str) -> None:
    with pytest.raises(UnreadableHours) as refusal:
        hours_of_line(typed)
    assert refusal.value.facts["fault"] == "line"
