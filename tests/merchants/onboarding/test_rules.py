from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.calendar import jalali_digits
from kernel.text import ARABIC_DIGITS, PERSIAN_DIGITS
from merchants.onboarding import errors, rules
from merchants.onboarding.rules import Act, Due, FileFacts, Party, Piece, State

TODAY = date(2026, 11, 22)
SHRINE = (59.6157, 36.288)
EVERYTHING = frozenset(Piece)


def facts(state: State = State.APPLIED, given: frozenset[Piece] = frozenset(), **more: object) -> FileFacts:
    return FileFacts(state=state, begun_on=TODAY, given=given, asked=frozenset(), **more)  # type: ignore[arg-type]


def test_a_new_file_owes_every_piece_now_and_until_a_day() -> None:
    required = rules.requirements(facts(), TODAY)
    assert [one.piece for one in required] == list(Piece)
    assert {one.due for one in required} == {Due.NOW}
    assert {one.until for one in required} == {TODAY + timedelta(days=30)}
    assert all(one.sentence["fa"] and one.sentence["en"] for one in required)


def test_a_piece_is_past_due_on_the_day_after_its_last_day() -> None:
    last = TODAY + rules.FILE_OPEN
    assert rules.requirements(facts(), last)[0].due is Due.NOW
    assert rules.requirements(facts(), last + timedelta(days=1))[0].due is Due.PAST


def test_a_returned_file_owes_exactly_what_was_asked() -> None:
    asked = frozenset({Piece.LICENCE_PAPER})
    returned = FileFacts(State.RETURNED, TODAY, EVERYTHING, asked, returned_on=TODAY)
    owed = [one for one in rules.requirements(returned, TODAY) if one.due is not Due.MET]
    assert [(one.piece, one.due, one.until) for one in owed] == [(Piece.LICENCE_PAPER, Due.NOW, TODAY + timedelta(days=14))]
    assert rules.missing(returned) == (Piece.LICENCE_PAPER,)


def test_what_is_open_follows_the_state() -> None:
    assert rules.open_pieces(State.APPLIED, []) == EVERYTHING
    assert rules.open_pieces(State.RETURNED, ["sheba"]) == {Piece.SHEBA}
    for state in set(State) - {State.APPLIED, State.RETURNED}:
        assert rules.open_pieces(state, ["sheba"]) == frozenset()


@pytest.mark.parametrize(("left", "due"), [(31, None), (30, Due.LATER), (0, Due.LATER), (-1, Due.PAST)])
def test_a_licence_that_ends_becomes_a_requirement(left: int, due: Due | None) -> None:
    ends = TODAY + timedelta(days=left)
    working = facts(State.ACTIVE, EVERYTHING, licence_expires_on=ends, has_terminal=True)
    found = [one for one in rules.requirements(working, TODAY) if one.piece == "licence_ends"]
    assert [one.due for one in found] == ([due] if due else [])


def test_a_shop_without_a_terminal_is_told_so() -> None:
    working = facts(State.ACTIVE, EVERYTHING, active_on=TODAY)
    assert rules.requirements(working, TODAY)[-1].piece == "terminal"
    assert rules.requirements(working, TODAY)[-1].due is Due.LATER
    assert rules.requirements(working, TODAY + timedelta(days=31))[-1].due is Due.PAST


@pytest.mark.parametrize(
    ("left", "noticed", "due"),
    [
        (31, None, None),
        (30, None, 30),
        (29, 30, None),
        (8, 30, None),
        (7, 30, 7),
        (5, 7, None),
        (1, 7, 1),
        (0, 1, None),
        (-1, None, None),
        (3, None, 7),
    ],
)
def test_each_notice_is_due_once(left: int, noticed: int | None, due: int | None) -> None:
    assert rules.notice_due(TODAY + timedelta(days=left), noticed, TODAY) == due


def test_only_the_side_whose_turn_it_is_can_act() -> None:
    def acts(state: State, party: Party, suspended_by: Party | None = None, is_licence_valid: bool = True) -> set[Act]:
        return set(rules.acts_open(state, party, suspended_by=suspended_by, is_licence_valid=is_licence_valid))

    assert acts(State.UNION_REVIEW, Party.UNION) == {Act.APPROVE, Act.RETURN, Act.CLOSE}
    assert acts(State.UNION_REVIEW, Party.MUNICIPALITY) == set()
    assert acts(State.MUNICIPALITY_REVIEW, Party.UNION) == set()
    assert acts(State.APPLIED, Party.UNION) == acts(State.CLOSED, Party.MUNICIPALITY) == set()
    assert acts(State.ACTIVE, Party.APPLICANT) == set()
    assert acts(State.SUSPENDED, Party.UNION, Party.UNION) == {Act.RESUME}
    assert acts(State.SUSPENDED, Party.UNION, Party.MUNICIPALITY) == set()
    assert acts(State.SUSPENDED, Party.MUNICIPALITY, Party.MUNICIPALITY) == {Act.RESUME, Act.CLOSE}
    assert acts(State.SUSPENDED, Party.MUNICIPALITY, Party.SYSTEM, is_licence_valid=False) == {Act.CLOSE}


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.sampled_from([{}, PERSIAN_DIGITS, ARABIC_DIGITS]))
def test_a_day_is_read_in_either_calendar_and_any_digits(day: date, digits: dict[int, str]) -> None:
    assert rules.typed_day(jalali_digits(day).translate(digits), "day") == day
    assert rules.typed_day(day.isoformat().translate(digits), "day") == day


@pytest.mark.parametrize("typed", ["", "1406", "1406/13/01", "1404/12/30", "06/31/1406", "1406/06/31/1", "فردا", "9999/99/99"])
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(errors.WrongDay):
        rules.typed_day(typed, "day")


@pytest.mark.parametrize(
    ("typed", "last"), [("1405/12/30", 29), ("1403/12/31", 30), ("1405/07/31", 30), ("1405/06/32", 31), ("2027-02-29", 28)]
)
def test_a_day_that_its_month_has_not_is_told_by_the_last_one_it_has(typed: str, last: int) -> None:
    with pytest.raises(errors.WrongDay) as refusal:
        rules.typed_day(typed, "day")
    assert refusal.value.facts == {"field": "day", "fault": "none", "last": last}


def test_a_position_is_in_the_city() -> None:
    assert rules.typed_position("۵۹٫۶۱", "٣٦٫٢٩", SHRINE) == (59.61, 36.29)
    with pytest.raises(errors.FarFromCity):
        rules.typed_position("36.29", "59.61", SHRINE)
    for lon, lat in [("", ""), ("x", "1"), ("nan", "36"), ("inf", "36"), ("59", "91")]:
        with pytest.raises(errors.WrongPosition):
            rules.typed_position(lon, lat, SHRINE)


def test_the_distance_of_mashhad_and_qom() -> None:
    assert rules.distance_km(SHRINE, (50.8764, 34.6416)) == pytest.approx(810, abs=15)


@pytest.mark.parametrize(
    ("owner", "fits"),
    [("رضا نمونه", True), ("رضا  نمونه", True), ("رضا‌ نمونه", True), ("رضا نمونة", True), ("علي نمونه", False), ("", False)],
)
def test_the_account_is_in_the_same_name(owner: str, fits: bool) -> None:
    if fits:
        rules.check_same_name(owner, "رضا نمونه")
    else:
        with pytest.raises(errors.ShebaInAnotherName):
            rules.check_same_name(owner, "رضا نمونه")


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(b"%PDF-1.7 x", "application/pdf"), (b"\xff\xd8\xff\xe0x", "image/jpeg"), (b"\x89PNG\r\n\x1a\nx", "image/png")],
)
def test_a_paper_is_what_its_first_bytes_say(content: bytes, media_type: str) -> None:
    assert rules.media_type_of(content) == media_type


def test_other_papers_are_refused() -> None:
    for content in (b"<html>", b"MZ", b"GIF89a", b" %PDF-1.7"):
        with pytest.raises(errors.PaperOfUnknownType):
            rules.media_type_of(content)
    with pytest.raises(errors.PaperIsEmpty):
        rules.media_type_of(b"")
    assert rules.media_type_of(b"%PDF-" + b"x" * (rules.MOST_PAPER_BYTES - 5)) == "application/pdf"
    with pytest.raises(errors.PaperTooLarge):
        rules.media_type_of(b"%PDF-" + b"x" * (rules.MOST_PAPER_BYTES - 4))


def test_names_and_addresses_have_letters() -> None:
    assert rules.typed_name("  زعفران   نمونه ", "name_fa") == "زعفران نمونه"
    for typed in ("", "x", "123", "ن" * 71):
        with pytest.raises(errors.NameMissing):
            rules.typed_name(typed, "name_fa")
    with pytest.raises(errors.AddressTooShort):
        rules.typed_address("مشهد")
