from datetime import date

import pytest
from sqlalchemy.orm import Session

from identity.enrolment import check_pilgrim, enrol_pilgrim
from identity.errors import DocumentTaken, PersonKnown, WrongPassportCountry, WrongPassportNumber
from identity.models import Document, Person
from identity.queries import duplicates_of, person_cards
from identity.rules import mrz_check_digit, travel_document
from tests.factories import ACTOR

TODAY = date(2026, 11, 26)
# ICAO Doc 9303 part 4, appendix B, of Utopia: it expired in 2012, so that tests move its last day.
FIRST = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
SPECIMEN = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"


def valid(birth: str = "740812", expires: str = "300415") -> str:
    head = f"L898902C36UTO{birth}{mrz_check_digit(birth)}F{expires}{mrz_check_digit(expires)}ZE184226B<<<<<1"
    return head + str(mrz_check_digit(head[0:10] + head[13:20] + head[21:43]))


def form(**given: str) -> dict[str, str]:
    return {"called": "Ali Rezaei", "kind": "national_id", "number": "0013542419", "mobile": ""} | given


@pytest.mark.parametrize("typed", [valid(), f"{FIRST}{valid()}", f"{FIRST}\n{valid()}", valid().lower()])
def test_the_printed_lines_give_number_country_and_birth(typed: str) -> None:
    read = travel_document(typed, "", TODAY)
    assert (read.number, read.country, read.birth_date) == ("L898902C3", "UTO", date(1974, 8, 12))


def test_a_year_of_two_digits_is_the_latest_past_one_and_an_unknown_day_stays_unknown() -> None:
    assert travel_document(valid("261127"), "", TODAY).birth_date == date(1926, 11, 27)
    assert travel_document(valid("261126"), "", TODAY).birth_date == date(2026, 11, 26)
    assert travel_document(valid("74<<<<"), "", TODAY).birth_date is None


def test_the_state_that_issued_it_counts_not_the_nationality_and_germany_prints_one_letter() -> None:
    assert travel_document(FIRST.replace("UTO", "D<<", 1) + valid(), "", TODAY).country == "DEU"
    assert travel_document(valid(), "irq", TODAY).country == "IRQ"


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        (SPECIMEN, "expired"), (valid()[:9] + "7" + valid()[10:], "number"), (valid()[:-1] + "x", "composite"), (valid()[:-1], "length"),
        (valid("741312"), "date"),
    ],
)  # fmt: skip
def test_bad_lines_name_the_part_that_is_wrong(typed: str, fault: str) -> None:
    with pytest.raises(WrongPassportNumber) as refusal:
        travel_document(typed, "", TODAY)
    assert refusal.value.facts["fault"] == fault


@pytest.mark.parametrize("place", range(44))
def test_every_altered_character_of_the_second_line_that_is_checked_is_noticed(place: int) -> None:
    if 10 <= place < 13 or place == 20:
        return  # nationality and sex stand under no check digit
    line = valid()
    value = 0 if line[place] == "<" else int(line[place], 36)  # a letter and a digit that are equal modulo 10 look alike
    altered = line[:place] + str((value + 1) % 10) + line[place + 1 :]
    with pytest.raises(WrongPassportNumber):
        travel_document(altered, "", TODAY)


def test_a_passport_typed_by_hand_needs_its_country() -> None:
    assert travel_document("a 123-456", "IRQ", TODAY).number == "A123456"
    with pytest.raises(WrongPassportCountry):
        travel_document("A123456", "Iraq", TODAY)


def test_faults_stand_at_their_fields() -> None:
    faults, _ = check_pilgrim(form(called="1", number="1111111111", mobile="0915"))
    assert {name: fault.code for name, fault in faults.items()} == {
        "called": "bad_input", "number": "wrong_national_id", "mobile": "wrong_mobile_number",
    }  # fmt: skip
    faults, _ = check_pilgrim(form(kind="passport", number="A123456", country="7"))
    assert list(faults) == ["country"]
    faults, _ = check_pilgrim(form(kind="library card"))
    assert faults["number"].code == "unknown_document_kind"


def test_a_pilgrim_is_enrolled_with_what_the_passport_says(session: Session) -> None:
    person = enrol_pilgrim(session, ACTOR, form(kind="passport", number=valid()), "en", is_another=False)
    assert (person.names, person.birth_date) == ({"en": "Ali Rezaei"}, date(1974, 8, 12))
    document = session.query(Document).filter_by(person_id=person.id).one()
    assert (document.country, document.number) == ("UTO", "L898902C3")


def test_who_is_known_is_shown_and_never_merged(session: Session) -> None:
    first = enrol_pilgrim(session, ACTOR, form(mobile="09151234567"), "fa", is_another=False)
    with pytest.raises(DocumentTaken) as taken:
        enrol_pilgrim(session, ACTOR, form(called="Somebody Else", number="۱۳۵۴۲۴۱۹"), "fa", is_another=True)
    assert taken.value.facts["person_id"] == first.id
    family = form(kind="foreign_code", number="12345678901", mobile="+98 915 123 4567")
    with pytest.raises(PersonKnown) as known:
        enrol_pilgrim(session, ACTOR, family, "fa", is_another=False)
    assert known.value.facts["people"] == (first.id,)
    second = enrol_pilgrim(session, ACTOR, family, "fa", is_another=True)
    assert duplicates_of(session, second.id) == [first.id]
    [shown] = person_cards(session, [first.id])
    assert (shown.mobile_end, shown.documents) == ("4567", (("national_id", "IRN", "2419"),))
    assert session.get_one(Person, first.id).names == {"fa": "Ali Rezaei"}
