"""Programmes and tours through the pages: a shop plans one, a pilgrim keeps seats and pays, or waits; a date is called off."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.helping import allow_help, begin_help
from identity.permissions import Identity, Role
from kernel import clock
from kernel.calendar import jalali_digits, local_day
from reservations.bookings.models import Booking
from reservations.bookings.services.cancelling import cancel
from reservations.lodging.rules import Party
from reservations.programmes.models import ShrineProgramme, ShrineSession
from reservations.programmes.services.seating import take_seats
from reservations.programmes.services.waiting import join, offer_freed
from tests import factories
from tests.portal.conftest import statements_sent
from tests.reservations import stays

SignIn = Callable[..., tuple[FlaskClient, Identity]]


def form_of(page: str, **other: str) -> dict[str, str]:
    """The first choice of a date's page."""
    names = ("key", "choice", "men", "women", "children")
    return {name: re.findall(rf'name="{name}" value="([^"]*)"', page)[0] for name in names} | other


def test_a_house_plans_a_tour_prices_it_and_calls_a_date_off(session: Session, sign_in: SignIn) -> None:
    factories.city(session)
    shop = factories.merchant(session, "travel")
    owner, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    grocer, _ = sign_in(Role.MERCHANT, factories.merchant(session, "saffron").organisation_id)
    form = {"name_fa": "گردش توس", "kind": "tour", "city": "mashhad", "days_between": ""}
    assert "Tours are run by houses and travel agencies" in grocer.get("/own-programmes").text
    assert grocer.post("/own-programmes", data=form).status_code == 404
    tour = owner.post("/own-programmes", data=form).location
    assert grocer.get(tour).status_code == 404
    way = {
        "act": "way",
        "stops_fa": "آرامگاه\nبازار",
        "stops_en": "Tomb",
        "meeting_fa": "جلوی هتل",
        "least_people": "۴",
        "decide_hours": "12",
        "languages": "ar",
    }
    wrong = owner.post(tour, data=way)
    assert (wrong.status_code, "آرامگاه\nبازار" in wrong.text) == (422, True), "nothing typed is lost"
    assert owner.post(tour, data=way | {"stops_en": "Tomb\nBazaar"}).status_code == 303
    prices = {"act": "prices", "adult_rial": "۲٬۰۰۰٬۰۰۰", "child_rial": "0", "hours_1": "24", "keep_1": "10", "late": "100"}
    assert owner.post(tour, data=prices | {"late": "5"}).status_code == 422
    assert owner.post(tour, data=prices).status_code == 303
    tomorrow = jalali_digits(local_day(clock.now()) + timedelta(days=2))
    date = {"act": "date", "day": tomorrow, "starts": "8", "ends": "13:30", "seats_family": "20", "follows_moon": "1"}
    assert owner.post(tour, data=date | {"starts": "25"}).status_code == 422
    backwards = owner.post(tour, data=date | {"last": jalali_digits(local_day(clock.now()))})
    assert (backwards.status_code, "at most 60 days are planned at once" in backwards.text) == (422, True)
    assert owner.post(tour, data=date).status_code == 303
    made = session.scalars(select(ShrineProgramme)).one()
    assert (made.merchant_id, made.adult_rial, made.child_rial, made.least_people, len(made.stops)) == (shop.id, 2_000_000, 0, 4, 2)
    with statements_sent() as sent:
        page = owner.get(tour).text
    assert len(sent) <= 9, sent
    assert "Call it off" in page
    of = session.scalars(select(ShrineSession)).one()
    assert (of.moon_day is not None, "Follows the moon" in page) == (True, True)
    assert "This date follows the moon" in sign_in(Role.PILGRIM)[0].get(f"/programmes/{of.id}").text
    assert owner.post(tour, data={"act": "call_off", "session_id": of.id}).status_code == 303
    assert "Called off" in owner.get(tour).text
    week = jalali_digits(local_day(clock.now()) + timedelta(days=8))
    assert owner.post(tour, data=date | {"last": week}).status_code == 303
    planned = session.scalars(select(ShrineSession).where(ShrineSession.id > of.id).order_by(ShrineSession.starts_at)).all()
    assert [later.starts_at - of.starts_at for later in planned] == [timedelta(days=ahead) for ahead in range(7)]
    assert [(later.ends_at - later.starts_at).seconds for later in planned] == [19_800] * 7
    assert owner.post(tour, data={"act": "open"}).status_code == 303


def test_a_pilgrim_reads_the_terms_keeps_seats_pays_and_the_next_one_waits(session: Session, sign_in: SignIn) -> None:
    of, _ = stays.tour(session, least_people=2, family=3)
    pilgrim, me = sign_in(Role.PILGRIM)
    card = factories.card(session, person_id=me.person_id, money_rial=9_000_000)
    session.commit()
    with statements_sent() as sent:
        page = pilgrim.get("/programmes").text
    assert len(sent) <= 6, sent
    assert ("Adults" in page, "1,000,000" in page) == (True, True)
    address = f"/programmes/{of.id}"
    with statements_sent() as sent:
        page = pilgrim.get(f"{address}?men=1&women=1&children=1").text
    assert len(sent) <= 8, sent
    for told in ("Until 24 hours before it begins", "at least 2 people", "2,500,000"):
        assert told in page
    form = form_of(page, act="take")
    held = pilgrim.post(address, data=form)
    assert pilgrim.post(address, data=form).location == held.location, "a double tap is one booking"
    key = re.findall(r'name="key" value="([^"]*)"', pilgrim.get(held.location).text)[0]
    assert pilgrim.post(f"{held.location}/pay", data={"key": key, "card": card.id}).status_code == 303
    session.expire_all()
    assert session.scalars(select(Booking)).one().paid_rial == 2_500_000
    other, _ = sign_in(Role.PILGRIM)
    page = other.get(f"{address}?men=1&women=1").text
    assert "Full: join the line" in page
    assert other.post(address, data=form_of(page, act="wait")).status_code == 303
    assert "Place 1 in the line" in other.get("/bookings").text
    refused = other.post(address, data=form_of(page, act="take", key=str(uuid4())))
    assert (refused.status_code, "0 left, 2 asked for" in refused.text) == (409, True)


def test_seats_of_an_offer_that_cost_nothing_are_taken_by_a_yes(session: Session, sign_in: SignIn) -> None:
    office = factories.organisation(session, "city_office")
    of = stays.planned(session, office.id, factories.city(session).id, men=1)
    first = factories.account(session)[0]
    taken = take_seats(session, first, stays.seats_of(session, of, ("men", Party(men=1))))
    pilgrim, me = sign_in(Role.PILGRIM)
    join(session, me, stays.seats_of(session, of, ("men", Party(men=1))))
    cancel(session, first, taken.id)
    assert offer_freed(session) == 1
    session.commit()
    [place] = re.findall(r'href="(/bookings/\d+)"', pilgrim.get("/bookings").text)[:1]
    page = pilgrim.get(place).text
    key = re.findall(r'name="key" value="([^"]*)"', page)[0]
    assert "Confirm" in page
    assert pilgrim.post(f"{place}/pay", data={"key": key}).status_code == 303
    assert "Booked" in pilgrim.get(place).text


def test_a_mother_who_is_helped_comes_along_without_a_document(session: Session, sign_in: SignIn) -> None:
    office = factories.organisation(session, "city_office")
    of = stays.planned(session, office.id, factories.city(session).id, days_between=30, women=4)
    (_, mother), (pilgrim, me) = sign_in(Role.PILGRIM), sign_in(Role.PILGRIM)
    begin_help(session, me, allow_help(session, mother, ["see"]))
    session.commit()
    address = f"/programmes/{of.id}"
    page = pilgrim.get(f"{address}?women=2").text
    refused = pilgrim.post(address, data=form_of(page, act="take"))
    assert (refused.status_code, "national id or passport of each guest" in refused.text) == (422, True)
    form = form_of(page, act="take", people=str(mother.person_id), holder_name="مادر")
    assert pilgrim.post(address, data=form).status_code == 303
    assert session.scalars(select(Booking)).one().holder_name == "مادر"
    assert "You had a turn" in pilgrim.get(address).text


def test_who_books_for_somebody_else_keeps_the_own_turn(session: Session, sign_in: SignIn) -> None:
    office = factories.organisation(session, "city_office")
    of = stays.planned(session, office.id, factories.city(session).id, days_between=30, men=4)
    pilgrim, _ = sign_in(Role.PILGRIM)
    session.commit()
    address = f"/programmes/{of.id}"
    form = form_of(pilgrim.get(f"{address}?men=1").text, act="take", not_me="1", documents="IRQ A1", holder_name="پدر")
    refused = pilgrim.post(address, data=form)
    assert (refused.status_code, refused.text.count("Line 1 is no national id")) == (422, 1)
    assert all(kept in refused.text for kept in ('value="پدر"', "IRQ A1</textarea>", 'name="not_me" value="1" checked'))
    assert pilgrim.post(address, data=form | {"documents": "IRQ A1234567"}).status_code == 303
    assert "You may take part on this date" in pilgrim.get(address).text


def test_the_desk_seats_who_has_no_phone(session: Session, sign_in: SignIn) -> None:
    office = factories.organisation(session, "city_office")
    of = stays.planned(session, office.id, factories.city(session).id, days_between=30, men=2)
    (clerk, _), (other, _) = sign_in(Role.CITY_MANAGER, office.id), sign_in(Role.CASHIER)
    session.commit()
    address = f"/front-desk/seats/{of.id}"
    with statements_sent() as sent:
        assert address in clerk.get("/front-desk/seats").text
    assert len(sent) <= 5, sent
    assert (other.get(address).status_code, address in other.get("/front-desk/seats").text) == (404, False)
    form = form_of(clerk.get(f"{address}?men=1").text, documents="IRQ A1234567")
    nameless = clerk.post(address, data=form)
    assert (nameless.status_code, "IRQ A1234567" in nameless.text) == (422, True), "nothing typed is lost"
    taken = clerk.post(address, data=form | {"holder_name": "پیرمرد زائر"})
    assert "پیرمرد زائر" in clerk.get(taken.location).text
    again = clerk.post(address, data=form | {"key": str(uuid4()), "holder_name": "پیرمرد زائر"})
    assert (again.status_code, "had a turn already" in again.text) == (409, True)
