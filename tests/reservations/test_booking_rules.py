"""Times, fair order and passes, without a database."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardbank.cards.rules import check_digit
from kernel import signing
from kernel.calendar import TEHRAN
from reservations.bookings.rules import passes
from reservations.bookings.rules.passes import Pass
from reservations.bookings.rules.states import HOLD, Wanted, has_ended, offer_until
from reservations.bookings.rules.waiting import SOON, Wish, is_behind, kept_for_others
from reservations.errors import PassRanOut, PassRefused
from reservations.lodging.rules import Nights, Party

NOON = datetime(2026, 11, 26, 12, tzinfo=TEHRAN)
FAR = NOON + timedelta(days=30)


def test_a_hold_has_ended_at_its_last_instant_swept_or_not() -> None:
    assert not has_ended(None, NOON)
    assert not has_ended(NOON, NOON - timedelta(microseconds=1))
    assert has_ended(NOON, NOON)


@pytest.mark.parametrize(
    ("hour", "minute", "ends"),
    [(12, 0, (0, 14, 0)), (21, 0, (1, 9, 0)), (23, 30, (1, 10, 0)), (3, 0, (0, 10, 0)), (7, 59, (0, 10, 0)), (20, 0, (0, 22, 0))],
)
def test_an_offer_gives_two_waking_hours(hour: int, minute: int, ends: tuple[int, int, int]) -> None:
    until = offer_until(NOON.replace(hour=hour, minute=minute), FAR)
    days, at_hour, at_minute = ends
    assert until == NOON.replace(hour=at_hour, minute=at_minute) + timedelta(days=days)


def test_an_offer_ends_before_what_is_offered_begins_and_never_at_once() -> None:
    assert offer_until(NOON, NOON + timedelta(hours=1)) == NOON + timedelta(hours=1)
    assert offer_until(NOON, NOON) == NOON + HOLD


def wish(number: int, thing: int = 1, quantity: int = 1, first: int = 10, length: int = 2) -> Wish:
    day = NOON.date() + timedelta(days=first)
    nights = Nights(day, day + timedelta(days=length))
    return Wish(number, (Wanted(thing, quantity, Party(men=quantity)),), nights, nights.arrival)


def test_nobody_is_overtaken_in_the_same_nights() -> None:
    family, other_class, other_nights, single = wish(1, quantity=5), wish(2, thing=2), wish(3, first=12), wish(4, first=11)
    assert not is_behind(other_class, [family], NOON)
    assert not is_behind(other_nights, [family], NOON)
    assert is_behind(single, [family], NOON)
    assert is_behind(single, [other_nights], NOON), "one night in common is enough"


def test_what_the_first_cannot_use_goes_on_shortly_before_it_would_stay_empty() -> None:
    family, single = wish(1, quantity=5), wish(2)
    assert not is_behind(single, [family], family.starts_at - SOON)
    assert kept_for_others(single, [family], family.starts_at - SOON - timedelta(seconds=1)) == {1: 5}
    assert kept_for_others(single, [family], family.starts_at - SOON) == {}


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(3, 8), st.integers(1, 4)), min_size=1, max_size=12))
def test_who_is_served_has_nobody_unserved_before_them_who_wants_the_same(line: list[tuple[int, int, int, int]]) -> None:
    """Whatever is free: going down the line, an offer never jumps over somebody who competes for it."""
    wishes = [wish(number, *one) for number, one in enumerate(line)]
    unserved: list[Wish] = []
    for one in wishes:
        fits = one.wanted[0].quantity <= 2
        if is_behind(one, unserved, NOON) or not fits:
            unserved.append(one)
            continue
        assert not [earlier for earlier in unserved if earlier.competes_with(one)]
    kept = kept_for_others(wish(99, first=3, length=30), unserved, NOON)
    assert kept.get(1, 0) == sum(one.wanted[0].quantity for one in unserved if one.wanted[0].thing_id == 1)


def test_a_pass_number_checks_itself_however_it_is_typed() -> None:
    code = passes.new_code()
    assert (len(code), check_digit(code[:-1])) == (9, code[-1])
    persian = code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert passes.typed_code(f" {persian[:3]} {persian[3:6]}-{persian[6:]} ") == code
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    pairs = (at for at in range(7) if code[at] != code[at + 1] and {code[at], code[at + 1]} != {"0", "9"})
    swapped = [code[:at] + code[at + 1] + code[at] + code[at + 2 :] for at in pairs]
    for bad in (wrong, *swapped, code[:-1], code + "1", "", "x" * 9, "²" * 9):
        with pytest.raises(PassRefused):
            passes.typed_code(bad)


PASS = Pass("123456782", 7, 1_800_000_000, 1_800_100_000, 3)
sign = partial(signing.sign, "booking pass")
is_signed = partial(signing.is_signed, "booking pass")


def test_a_pass_is_read_without_a_network_and_no_other_text_is() -> None:
    text = passes.pass_text(PASS, sign)
    assert len(text) < 150
    assert passes.read_pass(text, is_signed) == PASS
    public = signing.public_key("booking pass")
    assert passes.read_pass(text, partial(signing.is_signed_by, public)) == PASS
    for bad in (
        "",
        "PCB1.",
        "PCB1.%%%",
        text[:-4],
        text.removeprefix(passes.PREFIX),
        passes.pass_text(PASS, partial(signing.sign, "other")),
    ):
        with pytest.raises(PassRefused):
            passes.read_pass(bad, is_signed)


def test_a_live_pass_is_taken_for_a_minute_and_a_picture_of_it_not_later() -> None:
    live = partial(signing.is_signed, "live booking pass")
    text = passes.live_text(passes.LivePass("123456782", int(NOON.timestamp())), partial(signing.sign, "live booking pass"))
    for seconds in (-60, 0, 60):
        assert passes.read_live(text, live, NOON + timedelta(seconds=seconds)).code == "123456782"
    for seconds in (-3_600, -61, 61, 3_600):
        with pytest.raises(PassRanOut) as refused:
            passes.read_live(text, live, NOON + timedelta(seconds=seconds))
        assert refused.value.facts == {"made_at": NOON}
    for bad in (text[:-4], passes.pass_text(PASS, sign), text.replace("PCL1.", "PCB1."), "PCL1."):
        with pytest.raises(PassRefused):
            passes.read_live(bad, live, NOON)
    with pytest.raises(PassRefused):
        passes.read_pass(text.replace("PCL1.", "PCB1."), is_signed)


@given(st.integers(5, 120), st.sampled_from("ABCDEFabcdef0123456789-_"))
def test_a_pass_with_one_changed_letter_is_refused(at: int, letter: str) -> None:
    text = passes.pass_text(PASS, sign)
    at = min(at, len(text) - 2)
    changed = text[:at] + letter + text[at + 1 :]
    if changed != text:
        with pytest.raises(PassRefused):
            passes.read_pass(changed, is_signed)


def test_a_pass_opens_its_own_house_in_its_time() -> None:
    starts, ends = (datetime.fromtimestamp(at, UTC) for at in (PASS.starts_at, PASS.ends_at))
    assert passes.opens_at(PASS, 7, starts)
    assert passes.opens_at(PASS, 7, ends)
    assert not passes.opens_at(PASS, 8, starts)
    assert not passes.opens_at(PASS, 7, starts - timedelta(days=1))
    assert not passes.opens_at(PASS, 7, ends + timedelta(seconds=1))
    moved = (starts + timedelta(days=1), ends + timedelta(days=1))
    assert (passes.says_other_hour(PASS, starts), passes.says_other_hour(PASS, moved[0])) == (False, True)
    assert passes.opens_at(PASS, 7, moved[1], moved), "the list of the door knows better than an old print"
    assert not passes.opens_at(PASS, 7, starts, moved)
