"""Nights, prices, parties and terms, without a database."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.calendar import TEHRAN
from reservations.errors import PartyDoesNotFit, WrongCount, WrongNights
from reservations.lodging.rules import (
    Bar,
    ClassFacts,
    Dated,
    ForWhom,
    Lets,
    LicenceFacts,
    Nights,
    Offer,
    Party,
    Step,
    Terms,
    bar_of_night,
    check_nights,
    check_party,
    check_terms,
    choices,
    deposit_rial,
    fewest,
    fits,
    freed_rial,
    is_free,
    kept_rial,
    misfit,
    refund_rial,
    terms_kept,
    terms_of,
)

DAY = date(2026, 11, 26)
YEAR = Nights(DAY, DAY + timedelta(days=365))
LICENCE = LicenceFacts(DAY, DAY + timedelta(days=100))


def facts(**other: object) -> ClassFacts:
    told = {"is_open": True, "licences": (LICENCE,), "rates": (Dated(YEAR, 900),), "ceilings": (Dated(YEAR, 1_000),)}
    return ClassFacts(**(told | other))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (facts(), None),
        (facts(is_open=False), Bar.CLOSED),
        (facts(licences=()), Bar.NO_LICENCE),
        (facts(licences=(LicenceFacts(DAY, DAY + timedelta(days=100), revoked_on=DAY),)), Bar.NO_LICENCE),
        (facts(licences=(LicenceFacts(DAY, DAY + timedelta(days=100), revoked_on=DAY), LICENCE)), None),
        (facts(rates=()), Bar.NO_RATE),
        (facts(ceilings=()), Bar.NO_CEILING),
        (facts(rates=(Dated(YEAR, 1_001),)), Bar.ABOVE_CEILING),
        (facts(rates=(Dated(YEAR, 1_000),)), None),
        (facts(rates=(Dated(YEAR, 900), Dated(YEAR, 1_001))), Bar.ABOVE_CEILING),
        (facts(rates=(Dated(YEAR, 1_001), Dated(YEAR, 900))), None),
        (facts(ceilings=(Dated(YEAR, 1_000), Dated(YEAR, 899))), Bar.ABOVE_CEILING),
    ],
)
def test_a_night_is_sold_with_a_licence_and_under_the_newest_ceiling_only(of: ClassFacts, expected: Bar | None) -> None:
    assert bar_of_night(of, DAY) == expected


def test_a_licence_that_ends_at_midnight_sells_its_last_night_and_not_the_next() -> None:
    assert bar_of_night(facts(), LICENCE.ends_on) is None
    assert bar_of_night(facts(), LICENCE.ends_on + timedelta(days=1)) is Bar.NO_LICENCE


@pytest.mark.parametrize(
    ("first", "length", "is_desk", "fault"),
    [
        (0, 1, False, None), (0, 0, False, "order"), (3, -1, False, "order"), (-1, 2, False, "past"), (-1, 2, True, None),
        (-2, 3, True, "past"), (1, 31, False, "many"), (1, 30, False, None), (390, 20, False, "far"),
    ],
)  # fmt: skip
def test_nights_that_can_be_asked_for(first: int, length: int, is_desk: bool, fault: str | None) -> None:
    asked = Nights(DAY + timedelta(days=first), DAY + timedelta(days=first + length))
    if fault is None:
        check_nights(asked, DAY, is_desk=is_desk)
    else:
        with pytest.raises(WrongNights) as refusal:
            check_nights(asked, DAY, is_desk=is_desk)
        assert refusal.value.facts["fault"] == fault


def test_the_thirtieth_of_esfand_is_a_night_like_any_other() -> None:
    leap_day = date(2025, 3, 20)  # 30 Esfand 1403
    assert list(Nights(leap_day, leap_day + timedelta(days=2))) == [leap_day, leap_day + timedelta(days=1)]


@pytest.mark.parametrize(
    ("for_whom", "lets", "people", "quantity", "party", "fault"),
    [
        ("anyone", "room", 2, 1, Party(men=1, women=1), None),
        ("anyone", "room", 2, 1, Party(men=2, children=1), "room"),
        ("anyone", "room", 2, 2, Party(men=2, children=1), None),
        ("men", "bed", 1, 2, Party(men=2), None),
        ("men", "bed", 1, 2, Party(men=1, women=1), "men"),
        ("women", "bed", 1, 2, Party(men=1, women=1), "women"),
        ("women", "bed", 1, 2, Party(women=1, children=1), None),
        ("family", "room", 4, 1, Party(men=2), "family"),
        ("family", "room", 4, 1, Party(men=1, women=1), None),
        ("family", "room", 4, 1, Party(women=1, children=2), None),
        ("anyone", "bed", 1, 3, Party(men=2), "beds"),
    ],
)  # fmt: skip
def test_who_may_sleep_where(for_whom: str, lets: str, people: int, quantity: int, party: Party, fault: str | None) -> None:
    assert misfit(ForWhom(for_whom), Lets(lets), people, quantity, party) == fault


def offer(
    number: int,
    *,
    lets: str = "bed",
    for_whom: str = "anyone",
    people: int = 1,
    free: int = 9,
    stay: int = 100,
    bar: Bar | None = None,
) -> Offer:
    return Offer(number, {}, Lets(lets), ForWhom(for_whom), people, False, 9, free, stay, bar)


def ways(offers: list[Offer], party: Party) -> list[list[tuple[int, int]]]:
    return [[(one.class_id, quantity) for one, quantity, _ in way] for way in choices(offers, party)]


def test_the_ways_in_which_a_party_may_sleep_in_one_house() -> None:
    men, women, room = offer(1, for_whom="men"), offer(2, for_whom="women", stay=90), offer(3, lets="room", people=3, stay=400)
    barred = offer(4, bar=Bar.NO_RATE)
    assert ways([men, women, room, barred], Party(men=1, women=2)) == [[(1, 1), (2, 2)], [(3, 1)]]
    assert ways([men, women, room], Party(men=2, women=2)) == [[(1, 2), (2, 2)], [(3, 2)]]
    assert ways([men, women, room], Party(men=1, women=1, children=1)) == [[(3, 1)]], "a child stays with its people"
    assert ways([men, women], Party(men=2)) == [[(1, 2)]]
    full = offer(5, free=1, stay=10)
    assert ways([full, men], Party(men=2)) == [[(5, 2)], [(1, 2)]], "what is full can be waited for"
    assert [is_free(way) for way in choices([full, men], Party(men=2))] == [False, True]
    assert ways([men], Party(men=10)) == [], "nine beds are never ten"


def test_a_class_fits_a_party_or_one_part_of_it_as_the_ways_say() -> None:
    for party in (Party(men=2), Party(men=1, women=2), Party(men=1, women=1, children=1), Party(women=3)):
        whole = {(one.lets, one.for_whom, one.people): one.quantity for one in fits(party) if one.part == 0}
        for of in (
            offer(1, for_whom=whom, lets=lets, people=people) for whom in ForWhom for lets, people in (("bed", 1), ("room", 3))
        ):
            assert [quantity for ((_, quantity, _),) in choices([of], party)] == [
                whole[key] for key in [(of.lets, of.for_whom, of.people)] if key in whole
            ]
    parts = [(one.part, one.for_whom, one.quantity) for one in fits(Party(men=1, women=2)) if one.part and one.lets is Lets.BED]
    assert parts == [(1, ForWhom.MEN, 1), (2, ForWhom.WOMEN, 2)]
    assert {one.part for one in fits(Party(men=1, women=2, children=1))} == {0}


def test_a_party_is_somebody_and_not_a_crowd() -> None:
    with pytest.raises(PartyDoesNotFit):
        check_party(Party())
    with pytest.raises(WrongCount):
        check_party(Party(men=61))
    with pytest.raises(WrongCount):
        check_party(Party(men=-1, women=2))
    assert (fewest(Lets.ROOM, 3, Party(men=4)), fewest(Lets.BED, 1, Party(men=4))) == (2, 4)


ARRIVAL = datetime(2026, 12, 10, 14, tzinfo=TEHRAN)


@pytest.mark.parametrize(
    ("hours", "kept"), [(100, 0), (72, 0), (71.9, 3_000), (24, 3_000), (23.9, 10_000), (0, 10_000), (-5, 10_000)]
)
def test_later_cancelling_costs_more(hours: float, kept: int) -> None:
    assert kept_rial(Terms(), 10_000, ARRIVAL, ARRIVAL - timedelta(hours=hours)) == kept


terms = st.builds(
    lambda hours, keeps, freed: Terms(
        tuple(Step(hour, keep) for hour, keep in zip(sorted(hours, reverse=True), sorted(keeps)[:-1], strict=True)), max(keeps), freed
    ),
    st.sets(st.integers(1, 500), min_size=3, max_size=3), st.lists(st.integers(0, 10_000), min_size=4, max_size=4),
    st.integers(0, 10_000),
)  # fmt: skip


@given(terms, st.integers(0, 10**12), st.integers(0, 10_000), st.integers(-100, 600), st.integers(0, 100))
def test_nobody_pays_more_than_the_price_nor_gets_back_more_than_was_paid(
    agreed: Terms, price: int, deposit: int, hours: int, later: int
) -> None:
    check_terms(agreed)
    assert terms_of(terms_kept(agreed)) == agreed
    paid = deposit_rial(price, deposit)
    at = ARRIVAL - timedelta(hours=hours)
    kept = kept_rial(agreed, price, ARRIVAL, at)
    assert 0 <= kept <= price
    assert kept <= kept_rial(agreed, price, ARRIVAL, at + timedelta(hours=later))
    assert 0 <= refund_rial(kept, paid) <= paid <= price


@given(terms, st.lists(st.integers(1, 10**9), min_size=1, max_size=30), st.integers(0, 30))
def test_an_early_leave_gives_back_no_more_than_the_nights_not_slept(agreed: Terms, prices: list[int], stayed: int) -> None:
    freed = freed_rial(agreed, prices, stayed)
    assert 0 <= freed <= sum(prices[stayed:])
    assert stayed < len(prices) or freed == 0


def test_terms_that_cost_less_the_later_are_refused() -> None:
    for wrong in (Terms((Step(24, 0), Step(72, 0))), Terms((Step(72, 5_000), Step(24, 0))), Terms((), 10_001), Terms((), 0, -1)):
        with pytest.raises(WrongCount):
            check_terms(wrong)
