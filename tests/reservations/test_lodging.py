"""Licences, ceilings and rate sheets in the database, and what may be found and booked under them."""

import random
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from kernel import clock
from places.directory.queries import nearest
from places.directory.rules import Asked
from reservations.errors import AboveCeiling, CodeTaken, NoAuthority, NoCeiling, ReasonNeeded, SheetIsDecided
from reservations.lodging.queries import lodgings_of, nights_of, overseen_page
from reservations.lodging.rules import Bar, ClassFacts, Dated, LicenceFacts, Nights, bar_of_night
from reservations.lodging.services.licensing import grant_licence, revoke_licence
from reservations.lodging.services.pricing import decide_sheet, hand_in_sheet, set_ceiling
from reservations.lodging.services.registering import add_unit, open_lodging, register_lodging
from reservations.lodging.services.telling import publish_nights
from tests import factories
from tests.factories import ACTOR
from tests.reservations import stays

DAYS = 400


def bars(session: Session, class_id: int, nights: Nights) -> set[Bar | None]:
    return {night.bar for night in nights_of(session, [class_id], nights)[class_id]}


def test_a_lodging_is_bookable_step_by_step(session: Session) -> None:
    stay = stays.lodging(session, is_licensed=False)
    kind = stays.rooms(session, stay)
    asked = stays.nights()
    assert bars(session, kind.id, asked) == {Bar.NO_LICENCE}
    licence = grant_licence(session, ACTOR, stay.lodging, "12", stays.today(), asked.first)
    assert bars(session, kind.id, asked) == {Bar.NO_RATE, Bar.NO_LICENCE}, "the licence ends with the first night"
    grant_licence(session, ACTOR, stay.lodging, "13", asked.first, asked.until)
    with pytest.raises(NoCeiling):
        hand_in_sheet(session, ACTOR, stay.lodging, asked, {kind.id: 5})
    stays.price(session, stay, kind)
    assert bars(session, kind.id, asked) == {None}
    close = {"kind": "guesthouse", "grade": 2, "lets": "room", "people": 2, "amount_rial": stays.RATE - 1}
    set_ceiling(session, ACTOR, stay.union.id, nights=Nights(asked.first, asked.first + timedelta(days=1)), **close)
    assert [night.bar for night in nights_of(session, [kind.id], asked)[kind.id]] == [Bar.ABOVE_CEILING, None]
    open_lodging(session, ACTOR, stay.lodging, is_open=False)
    assert bars(session, kind.id, asked) == {Bar.CLOSED}
    open_lodging(session, ACTOR, stay.lodging, is_open=True)
    revoke_licence(session, ACTOR, stay.lodging, licence.id, "نظافت")
    assert bars(session, kind.id, stays.nights(0, 1)) == {Bar.NO_LICENCE}


def test_a_sheet_above_the_ceiling_is_refused_at_both_desks(session: Session) -> None:
    stay = stays.lodging(session)
    kind = stays.rooms(session, stay)
    stays.price(session, stay, kind)
    with pytest.raises(AboveCeiling) as refusal:
        hand_in_sheet(session, ACTOR, stay.lodging, stays.nights(), {kind.id: stays.CEILING + 1})
    assert refusal.value.facts["field"] == f"rate_{kind.id}"
    sheet = hand_in_sheet(session, ACTOR, stay.lodging, stays.nights(), {kind.id: stays.CEILING})
    assert bars(session, kind.id, stays.nights()) == {None}
    set_ceiling(
        session, ACTOR, stay.union.id, kind="guesthouse", grade=2, lets="room", people=2, nights=stays.nights(),
        amount_rial=stays.CEILING - 1,
    )  # fmt: skip
    with pytest.raises(AboveCeiling):
        decide_sheet(session, ACTOR, stay.lodging, sheet.id, is_approved=True)
    with pytest.raises(ReasonNeeded):
        decide_sheet(session, ACTOR, stay.lodging, sheet.id, is_approved=False)
    decide_sheet(session, ACTOR, stay.lodging, sheet.id, is_approved=False, why="گران")
    assert decide_sheet(session, ACTOR, stay.lodging, sheet.id, is_approved=False, why="گران").state == "refused"
    with pytest.raises(SheetIsDecided):
        decide_sheet(session, ACTOR, stay.lodging, sheet.id, is_approved=True)


def test_a_property_answers_to_its_union_else_to_its_municipality(session: Session) -> None:
    merchant = factories.merchant(session, "lodging")
    with pytest.raises(NoAuthority):
        register_lodging(session, ACTOR, merchant, factories.city(session), {"fa": "هتل"}, kind="hotel", grade=3)
    stay = stays.lodging(session)
    assert stay.lodging.authority_id == stay.union.id
    assert [row.lodging.id for row in overseen_page(session, [stay.union.id])] == [stay.lodging.id]
    assert overseen_page(session, [merchant.organisation_id]) == []
    assert lodgings_of(session, [stay.merchant.organisation_id]) == [stay.lodging]


def test_two_rooms_have_two_numbers(session: Session) -> None:
    stay = stays.lodging(session)
    kind = stays.rooms(session, stay)
    add_unit(session, ACTOR, kind, "101")
    with pytest.raises(CodeTaken):
        add_unit(session, ACTOR, kind, " 101 ")


def test_the_directory_is_told_of_the_least_that_a_night_costs(session: Session) -> None:
    dear, cheap, closed = (stays.lodging(session, is_licensed=is_licensed) for is_licensed in (True, True, False))
    for stay, rate in ((dear, 1_100_000), (cheap, 500_000), (closed, 100_000)):
        stay.lodging.place_id = factories.place(session, kind="lodging").id
        stays.price(session, stay, stays.rooms(session, stay), rate=rate)
    assert publish_nights(session) == 2, "no night may be sold without a licence"
    assert publish_nights(session) == 0

    def found(most_rial: int) -> list[int]:
        return [one.place_id for one in nearest(session, Asked(most_rial=most_rial), *factories.SHRINE)]

    assert found(600_000) == [cheap.lodging.place_id]
    assert set(found(2_000_000)) == {cheap.lodging.place_id, dear.lodging.place_id}
    with clock.frozen(clock.now() + timedelta(days=400)):
        assert publish_nights(session) == 2
    assert found(2_000_000) == []


def test_over_400_days_no_night_is_sold_unlicensed_or_above_its_ceiling(session: Session) -> None:
    """Licences, sheets and ceilings fall at random; what the database would sell is what the rules would, night by night."""
    dice = random.Random(1405)
    start = stays.today()

    def some() -> Nights:
        first = start + timedelta(days=dice.randrange(DAYS - 20))
        return Nights(first, first + timedelta(days=dice.randrange(5, 120)))

    sold = checked = 0
    for _ in range(6):
        stay = stays.lodging(session, is_licensed=False)
        kind = stays.rooms(session, stay, people=dice.randrange(1, 5))
        licences = [(one := some()) and grant_licence(session, ACTOR, stay.lodging, "1", one.first, one.until) for _ in range(3)]
        if dice.random() < 0.5:
            licences[0].revoked_on, licences[0].why = licences[0].starts_on + timedelta(days=9), "x"
        rates, ceilings = [], [Dated(stays.year(), 2_000)]
        over = {"kind": "guesthouse", "grade": 2, "lets": "room", "people": kind.people}
        for number in range(9):
            set_ceiling(session, ACTOR, stay.union.id, nights=ceilings[-1].nights, amount_rial=ceilings[-1].amount_rial, **over)
            priced = Dated(some(), dice.randrange(500, 900))
            with clock.frozen(clock.now() + timedelta(minutes=number)):
                sheet = (
                    hand_in_sheet(session, ACTOR, stay.lodging, priced.nights, {kind.id: priced.amount_rial})
                    if number < 5
                    else None
                )
                if sheet and dice.random() < 0.7:
                    decide_sheet(session, ACTOR, stay.lodging, sheet.id, is_approved=True)
                    rates.append(priced)
            if number < 8:
                # A ceiling that falls later below a price which was approved under it.
                ceilings.append(Dated(some(), dice.randrange(900, 1_500) if number < 4 else dice.randrange(400, 800)))
        held = tuple(LicenceFacts(one.starts_on, one.ends_on, one.revoked_on) for one in licences)
        facts = ClassFacts(True, held, tuple(rates), tuple(ceilings))
        session.flush()
        for night in nights_of(session, [kind.id], Nights(start, start + timedelta(days=DAYS)))[kind.id]:
            checked += 1
            assert night.bar == bar_of_night(facts, night.day), night
            if night.bar is None:
                sold += 1
                assert is_licensed(held, night.day)
                assert night.rate_rial <= lowest_known(ceilings, night.day)
    assert checked == 6 * DAYS
    assert 100 < sold < checked, "both sides of the rule were met"


def is_licensed(held: tuple[LicenceFacts, ...], day: date) -> bool:
    return any(one.starts_on <= day <= one.ends_on and not (one.revoked_on and one.revoked_on <= day) for one in held)


def lowest_known(ceilings: list[Dated], day: date) -> int:
    return [one.amount_rial for one in ceilings if one.nights.first <= day < one.nights.until][-1]
