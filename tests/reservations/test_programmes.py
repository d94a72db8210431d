"""Seats of the shrine's programmes: for whom, all or none, and one turn for everybody."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.models import Document
from identity.permissions import Identity, Role
from identity.services import enrol_person
from kernel import clock
from kernel.calendar import local_day
from reservations.bookings.models import Booking
from reservations.bookings.queries import bookings_of, own_booking
from reservations.bookings.rules.states import Wanted
from reservations.bookings.services.cancelling import cancel
from reservations.bookings.services.doors import Entered, booking_of_pass, door_list, pass_text, reconcile
from reservations.bookings.services.staying import check_in
from reservations.errors import (
    BookingNotFound,
    FullyBooked,
    OtherBooking,
    PartyDoesNotFit,
    PassRefused,
    PersonUnknown,
    ProgrammeNotFound,
    TooEarly,
    TurnTaken,
    WrongCount,
    WrongList,
    WrongNights,
)
from reservations.lodging.rules import Party
from reservations.programmes.models import ShrineSession, Turn
from reservations.programmes.queries import next_turns, session_row, sessions_page
from reservations.programmes.rules import (
    check_seats,
    check_session,
    turn_days,
    typed_document,
    typed_documents,
)
from reservations.programmes.services.seating import SeatAsk, names_of, take_seats, who_is
from tests import factories
from tests.factories import ACTOR
from tests.portal.conftest import statements_sent
from tests.reservations import stays

PASSPORT = ("passport", "IRQ", "A1234567")


class Office:
    """The city's office with its planner and a pilgrim."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.organisation = factories.organisation(session, "city_office")
        self.clerk, _ = factories.account(session, Role.CITY_MANAGER, organisation_id=self.organisation.id)
        self.pilgrim, _ = factories.account(session)

    def date(self, **other: int) -> ShrineSession:
        return stays.planned(self.session, self.organisation.id, factories.city(self.session).id, **other)

    def ask(self, of: ShrineSession, *parties: tuple[str, Party], **other: object) -> SeatAsk:
        pools = {kind: number for number, kind, _, _ in session_row(self.session, of.id, clock.now()).pools}
        wanted = tuple(Wanted(pools[kind], party.people, party) for kind, party in parties)
        return SeatAsk(str(uuid4()), of.id, wanted, **other)  # type: ignore[arg-type]

    def take(self, who: Identity, of: ShrineSession, *parties: tuple[str, Party], **other: object) -> Booking:
        return take_seats(self.session, who, self.ask(of, *parties, **other))

    def free(self, of: ShrineSession) -> dict[str, int]:
        return {kind: free for _, kind, _, free in session_row(self.session, of.id, clock.now()).pools}


@pytest.fixture
def office(session: Session) -> Office:
    return Office(session)


def test_seats_are_booked_at_once_and_come_back_when_cancelled(session: Session, office: Office) -> None:
    of = office.date(men=2, women=3)
    asked = office.ask(of, ("men", Party(men=1)), ("women", Party(women=2)))
    booking = take_seats(session, office.pilgrim, asked)
    assert (booking.state, booking.price_rial, office.free(of)) == ("confirmed", 0, {"men": 1, "women": 1})
    assert take_seats(session, office.pilgrim, asked).id == booking.id
    with pytest.raises(OtherBooking):
        take_seats(session, office.pilgrim, SeatAsk(asked.key, of.id, asked.wanted[:1]))
    [row] = bookings_of(session, office.pilgrim.person_id, clock.now())
    assert row.names["en"] == "Sample meal"
    cancel(session, office.pilgrim, booking.id)
    assert office.free(of) == {"men": 2, "women": 3}
    with statements_sent() as sent:
        assert [one.free for one in sessions_page(session, clock.now())] == [5]
    assert len(sent) == 4


@pytest.mark.parametrize(
    ("kind", "party", "refusal"),
    [
        ("men", Party(men=1, women=1), PartyDoesNotFit), ("women", Party(men=1), PartyDoesNotFit),
        ("family", Party(men=2), PartyDoesNotFit), ("accessible", Party(men=2), FullyBooked), ("men", Party(men=4), FullyBooked),
    ],
)  # fmt: skip
def test_who_may_sit_where_all_or_none(session: Session, office: Office, kind: str, party: Party, refusal: type[Exception]) -> None:
    of = office.date()
    with pytest.raises(refusal):
        office.take(office.pilgrim, of, ("family", Party(men=1, women=1)), (kind, party)) if kind != "family" else office.take(
            office.pilgrim, of, (kind, party)
        )
    assert session.scalar(select(func.count()).select_from(Booking)) == 0


def test_what_has_begun_or_is_of_another_date_is_not_booked(session: Session, office: Office) -> None:
    of, other = office.date(), office.date()
    asked = office.ask(of, ("men", Party(men=1)))
    with pytest.raises(ProgrammeNotFound):
        take_seats(session, office.pilgrim, SeatAsk(asked.key, other.id, asked.wanted))
    with pytest.raises(ProgrammeNotFound):
        take_seats(session, office.pilgrim, SeatAsk(asked.key, 10**9, asked.wanted))
    with clock.frozen(of.starts_at), pytest.raises(TooEarly):
        take_seats(session, office.pilgrim, asked)


def test_everybody_has_one_turn_in_so_many_days(session: Session, office: Office) -> None:
    of = office.date(days_between=30, men=5, women=5)
    booking = office.take(office.pilgrim, of, ("men", Party(men=1)))
    until = local_day(of.starts_at) + timedelta(days=30)
    assert next_turns(session, [who_is(office.pilgrim.person_id)], clock.now()) == {of.programme_id: until}
    with pytest.raises(TurnTaken) as refusal:
        office.take(office.pilgrim, of, ("men", Party(men=1)))
    assert refusal.value.facts["day"] == until
    cancel(session, office.pilgrim, booking.id)
    assert next_turns(session, [who_is(office.pilgrim.person_id)], clock.now()) == {}
    assert office.take(office.pilgrim, of, ("men", Party(men=1))).state == "confirmed"


def test_a_passport_counts_as_much_as_a_person_on_record(session: Session, office: Office) -> None:
    of = office.date(days_between=30, men=5, women=5)
    couple = (("men", Party(men=1)), ("women", Party(women=1)))
    with pytest.raises(PersonUnknown):
        office.take(office.pilgrim, of, *couple)
    office.take(office.pilgrim, of, *couple, documents=(PASSPORT,))
    other, _ = factories.account(session)
    with pytest.raises(TurnTaken):
        office.take(other, of, *couple, documents=(PASSPORT,))
    fingerprints = session.scalars(select(Turn.who)).all()
    assert not any("A1234567" in who for who in fingerprints), "no document stands in the list of turns"


def test_a_guest_on_record_is_known_by_any_document(session: Session, office: Office) -> None:
    """A person who books for herself, and is brought by another with her national id, has one turn."""
    guest = enrol_person(session, ACTOR, {"fa": "مهمان"}, "fa", national_id="0012345679")
    of = office.date(days_between=30, men=5)
    document = typed_document("۰۰۱۲۳۴۵۶۷۹")
    office.take(office.pilgrim, of, ("men", Party(men=2)), documents=(document,))
    assert set(next_turns(session, [who_is(guest.id)], clock.now())) == {of.programme_id}


def test_a_turn_had_with_a_passport_is_still_had_once_the_passport_is_on_record(session: Session, office: Office) -> None:
    of, later = office.date(days_between=30, men=5), office.date(days_between=30, men=5)
    later.programme_id = of.programme_id
    session.flush()
    office.take(office.pilgrim, of, ("men", Party(men=2)), documents=(PASSPORT,))
    guest, _ = factories.account(session)
    assert not set(names_of(session, [guest.person_id])[guest.person_id]) & set(session.scalars(select(Turn.who)))
    session.add(Document(person_id=guest.person_id, kind=PASSPORT[0], country=PASSPORT[1], number=PASSPORT[2]))
    session.flush()
    with pytest.raises(TurnTaken):
        office.take(guest, later, ("men", Party(men=1)))
    assert set(next_turns(session, names_of(session, [guest.person_id])[guest.person_id], clock.now())) == {of.programme_id}


def test_who_only_books_for_others_keeps_the_own_turn(session: Session, office: Office) -> None:
    of = office.date(days_between=30, men=5)
    asked = office.ask(of, ("men", Party(men=1)), documents=(PASSPORT,))
    take_seats(session, office.pilgrim, replace(asked, comes=False))
    assert next_turns(session, [who_is(office.pilgrim.person_id)], clock.now()) == {}


def test_the_desk_books_for_who_has_no_phone(session: Session, office: Office) -> None:
    of = office.date(days_between=30, men=5)
    ask = office.ask(of, ("men", Party(men=1)), documents=(PASSPORT,), holder_name="پیرمرد", at_desk=True)
    booking = take_seats(session, office.clerk, ask)
    assert (booking.maker_id, booking.holder_name, booking.is_at_desk) == (None, "پیرمرد", True)


def test_a_pass_by_number_and_by_code_in_its_own_house(session: Session, office: Office) -> None:
    booking = office.take(office.pilgrim, office.date(), ("men", Party(men=2)))
    text = pass_text(session, booking)
    for shown in (text, booking.code, f"{booking.code[:3]} {booking.code[3:6]} {booking.code[6:]}"):
        assert booking_of_pass(session, [office.organisation.id], shown).id == booking.id
    with pytest.raises(PassRefused):
        booking_of_pass(session, [office.organisation.id], text[:-1])
    with pytest.raises(BookingNotFound):
        booking_of_pass(session, [10**9], text)
    assert office.pilgrim.name not in text


def test_a_door_without_a_network_is_reconciled(session: Session, office: Office) -> None:
    """A list of yesterday, a double entry, a cancelled booking, somebody too early, and the same file twice."""
    soon, later = office.date(hours=2), office.date(hours=72)
    good, cancelled = (office.take(office.pilgrim, soon, ("men", Party(men=1))) for _ in range(2))
    early = office.take(office.pilgrim, later, ("women", Party(women=1)))
    made, signature = door_list(session, office.organisation.id)
    assert (len(made.bookings), len(signature)) == (2, 64)
    cancel(session, office.pilgrim, cancelled.id)
    at = soon.starts_at + timedelta(minutes=5)
    entries = [
        Entered(1, good.code, at), Entered(2, good.code, at + timedelta(minutes=9)), Entered(3, cancelled.code, at),
        Entered(4, early.code, at), Entered(5, "123456782", at),
    ]  # fmt: skip
    for _ in range(2):
        found = reconcile(session, office.clerk, office.organisation.id, "باب‌الجواد", made.made_at, entries)
        assert {one.number: one.word for one in found} == {1: "fine", 2: "double", 3: "cancelled", 4: "early", 5: "unknown"}
    assert (good.state, good.arrived_at) == ("arrived", at)
    fresh = office.take(office.pilgrim, later, ("men", Party(men=1)))
    old = Entered(6, fresh.code, later.starts_at)
    [finding] = reconcile(session, office.clerk, office.organisation.id, "باب‌الجواد", made.made_at, [old])
    assert (finding.word, fresh.state) == ("old", "arrived")
    with pytest.raises(WrongList):
        reconcile(session, office.clerk, office.organisation.id, "باب‌الجواد", made.made_at, [Entered(7, "12", at)])


def test_the_desk_of_the_office_lets_in(session: Session, office: Office) -> None:
    of = office.date(hours=1)
    booking = office.take(office.pilgrim, of, ("men", Party(men=1)))
    with clock.frozen(of.starts_at):
        assert check_in(session, office.clerk, booking.id).state == "arrived"
    assert own_booking(session, office.pilgrim, booking.id).state == "arrived"


def test_documents_as_people_type_them() -> None:
    assert typed_document(" irq  a-1234567 ") == PASSPORT
    assert typed_document("۱۲۳۴۵۶۷۹") == ("national_id", "IRN", "0012345679")
    assert typed_documents("IRQ A1234567\n\n0012345679\n") == (PASSPORT, ("national_id", "IRN", "0012345679"))
    for wrong in ("", "1111111111", "IRQ", "A1234567", "IRQ A1234567\nirq a1234567"):
        with pytest.raises(PersonUnknown):
            typed_documents(wrong) if wrong else typed_document(wrong)
    for text, fault, line in (
        ("IRQ A1234567\n\nIRQ", "line", 3),
        ("0012345679\nIRQ A1\n12345679", "line", 2),
        ("12345679\n0012345679", "twice", 2),
    ):
        with pytest.raises(PersonUnknown) as refusal:
            typed_documents(text)
        assert (refusal.value.facts["fault"], refusal.value.facts["line"]) == (fault, line)


def test_dates_and_seats_that_cannot_be() -> None:
    now = clock.now()
    hour = timedelta(hours=1)
    check_session(now + hour, now + 2 * hour, now)
    for starts, ends in ((now, now + hour), (now + hour, now + hour), (now + hour, now + 50 * hour)):
        with pytest.raises(WrongNights):
            check_session(starts, ends, now)
    for seats in ({}, {"men": 0}, {"men": -1, "women": 1}, {"children": 1}, {"men": 100_001}):
        with pytest.raises(WrongCount):
            check_seats(seats)
    assert turn_days(date(2026, 1, 1), 30) == (date(2026, 1, 1), date(2026, 1, 31))
