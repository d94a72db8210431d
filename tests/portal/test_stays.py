"""Lodging through the pages: a pilgrim finds, keeps, pays and cancels; the desk lets in; the house asks and the union decides."""

import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cardbank.cards.queries import money_left
from identity.permissions import Identity, Role
from kernel import clock, signing
from kernel.calendar import jalali_digits
from merchants.services import open_branch
from portal import stay_words
from portal.routes.stays import forms
from reservations.bookings.models import Booking, Waiting
from reservations.bookings.rules.states import Wanted
from reservations.bookings.services.doors import live_text, pass_text
from reservations.bookings.services.holding import Ask, hold
from reservations.bookings.services.paying import pay
from reservations.lodging.models import Lodging, RateSheet, RoomCeiling
from reservations.lodging.queries import nights_of
from reservations.lodging.rules import Bar, Party
from tests import factories
from tests.factories import ACTOR
from tests.portal.conftest import statements_sent
from tests.reservations import stays

SignIn = Callable[..., tuple[FlaskClient, Identity]]


@pytest.fixture
def house(session: Session) -> tuple[stays.Stay, Any]:
    """A house of one room for two."""
    stay = stays.lodging(session)
    room = stays.rooms(session, stay)
    stays.price(session, stay, room)
    session.commit()
    return stay, room


def asked(first: int = 10) -> dict[str, Any]:
    """As a pilgrim types it: Jalali days in Persian digits, so many days from now."""
    nights = stays.nights(first)
    persian = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
    days = {"first": jalali_digits(nights.first).translate(persian), "until": jalali_digits(nights.until)}
    return days | {"men": "1", "women": "1", "children": ""}


def hidden(page: str, name: str) -> str:
    return re.findall(rf'name="{name}" value="([^"]*)"', page)[0]


def form_of(page: str, **other: str) -> dict[str, str]:
    """The first choice of a house's page."""
    return {name: hidden(page, name) for name in ("key", "choice", "first", "until", "men", "women", "children")} | other


def test_find_keep_pay_and_cancel(session: Session, sign_in: SignIn, house: Any) -> None:
    pilgrim, me = sign_in(Role.PILGRIM)
    card = factories.card(session, person_id=me.person_id, money_rial=9_000_000)
    house[0].lodging.place_id = factories.place(session, kind="lodging", lat=factories.SHRINE[1] + 0.01).id
    session.commit()
    with statements_sent() as sent:
        found = pilgrim.get("/stays", query_string=asked())
    assert len(sent) <= 6, sent
    assert "Sample lodging" in found.text
    assert "2,000,000" in found.text
    assert "about 1.4 km on foot to the shrine" in found.text
    place = re.search(r'href="(/stays/\d+\?[^"]*)"', found.text)[1].replace("&amp;", "&")
    page = pilgrim.get(place)
    where = re.search(r'href="(/places/\d+)">[^\n]*Where it is', page.text)[1]
    assert place.partition("?")[0] in pilgrim.get(where).text, "and from the map back to its rooms"
    assert "Until 72 hours before arrival" in page.text, "what cancelling costs stands there before anything is paid"
    form = form_of(page.text, act="hold")
    held = pilgrim.post(place.partition("?")[0], data=form)
    assert held.status_code == 303
    assert pilgrim.post(place.partition("?")[0], data=form).location == held.location, "a double tap is one booking"
    page = pilgrim.get(held.location)
    assert "Kept for you until" in page.text
    paid = pilgrim.post(f"{held.location}/pay", data={"key": hidden(page.text, "key"), "card": card.id})
    assert paid.status_code == 303
    page = pilgrim.get(held.location)
    booking = session.scalars(select(Booking)).one()
    assert f"{booking.code[:3]} {booking.code[3:6]} {booking.code[6:]}" in page.text
    assert "<svg" in page.text
    with statements_sent() as sent:
        assert "Booked" in pilgrim.get("/bookings").text
    assert len(sent) <= 6, sent
    assert pilgrim.post(f"{held.location}/cancel").status_code == 303
    assert "Given back to the same card" in pilgrim.get(held.location).text
    assert money_left(session, card.wallet_id) == 9_000_000
    stranger, _ = sign_in(Role.PILGRIM)
    assert stranger.get(held.location).status_code == 404


def test_what_is_full_is_waited_for(session: Session, sign_in: SignIn, house: Any) -> None:
    stay, _ = house
    first, _ = sign_in(Role.PILGRIM)
    place = f"/stays/{stay.lodging.id}"
    page = first.get(place, query_string=asked()).text
    for client in (first, sign_in(Role.PILGRIM)[0]):
        answer = client.post(place, data=form_of(page, key=str(uuid4()), act="hold"))
    assert answer.status_code == 409
    assert "Not enough is free any more: 0 left, 1 asked for" in answer.text
    assert "join the line" in answer.text
    assert client.post(place, data=form_of(answer.text, act="wait")).status_code == 303
    mine = client.get("/bookings").text
    assert "Place 1 in the line" in mine
    with statements_sent() as sent:
        found = first.get("/stays", query_string=asked()).text
    assert len(sent) <= 6, sent
    assert ("Full on these nights" in found, "in line now: 1" in found, "No house takes all of you" in found) == (True, True, False)
    behind = re.search(r'href="(/stays/\d+\?[^"]*)"', found)[1].replace("&amp;", "&")
    assert "in line now: 1. What becomes free" in first.get(behind).text
    without = first.get("/stays", query_string=asked() | {"only_free": "1"}).text
    assert ("in line now" in without, "take the tick away" in without) == (False, True)
    waiting = session.scalars(select(Waiting)).one()
    assert client.post(f"/waitings/{waiting.id}/leave").status_code == 303
    assert "Place 1" not in client.get("/bookings").text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"first": "1404/13/01"}, "year/month/day"),
        ({"first": "1405/12/30"}, "only 29 days"),
        ({"first": "1390/01/01"}, "The day of arrival is over"),
        ({"until": "1390/01/01"}, "The day of leaving must be after"),
        ({"men": "صد"}, "whole number up to 60"),
        ({"men": "0", "women": "0"}, "how many people come"),
    ],
)
def test_what_is_typed_wrong_is_told_beside_its_field(
    session: Session, sign_in: SignIn, house: Any, change: dict[str, str], sentence: str
) -> None:
    pilgrim, _ = sign_in(Role.PILGRIM)
    answer = pilgrim.get("/stays", query_string=asked() | change)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert answer.text.count("hint-bad") == 1, "one sentence for one fault"
    for typed in change.values():
        assert f'value="{typed}"' in answer.text, "nothing typed is lost"


def test_nights_are_typed_in_any_calendar_and_digits_and_cross_the_leap_day() -> None:
    with clock.frozen(datetime(2025, 3, 1, tzinfo=UTC)):
        told = forms.asked({"first": "۱۴۰۳/۱۲/۲۹", "until": "2025-03-22", "men": "٢"})
        assert (told.faults, told.party) == ({}, Party(men=2))
        assert [jalali_digits(night) for night in told.nights] == ["1403/12/29", "1403/12/30", "1404/01/01"]
        assert told.query["until"] == "2025-03-22", "an address is read in every language"
        lunar = forms.asked({"first": "1446/09/15"}).faults["first"]
        assert lunar.facts["fault"] == "lunar"
        assert "year of the sun" in str(stay_words.SENTENCES[f"{lunar.code}.lunar"])


def test_the_desk_books_takes_the_card_lets_in_and_lets_out_early(session: Session, sign_in: SignIn, house: Any) -> None:
    stay, _ = house
    clerk, _ = sign_in(Role.CASHIER, stay.merchant.organisation_id)
    other, _ = sign_in(Role.CASHIER)
    place = f"/front-desk/book/{stay.lodging.id}"
    assert other.get(place).status_code == 404
    page = clerk.get(place, query_string=asked(0)).text
    assert clerk.post(place, data=form_of(page, act="hold")).status_code == 422, "a name is needed"
    held = clerk.post(place, data=form_of(page, act="hold", holder_name="پیرمرد زائر"))
    booking = session.scalars(select(Booking)).one()
    number = factories.keystore().open_card_number(*card_of(session))
    page = clerk.get(held.location).text
    assert "9364" not in page
    wrong = clerk.post(f"{held.location}/pay", data={"key": hidden(page, "key"), "number": "1"})
    assert (wrong.status_code, "read the digits again" in wrong.text) == (404, True)
    assert clerk.post(f"{held.location}/pay", data={"key": hidden(page, "key"), "number": number}).status_code == 303
    session.expire_all()
    found = clerk.post("/front-desk", data={"code": f"{booking.code[:4]} {booking.code[4:]}"})
    assert found.location == held.location
    live = live_text(booking)
    assert clerk.post("/front-desk", data={"code": live}).location == held.location
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        picture = clerk.post("/front-desk", data={"code": live})
    assert (picture.status_code, "a picture opens no door" in picture.text) == (409, True)
    later = clerk.post("/front-desk", data={"code": pass_text(session, booking)})
    assert "compare the name with a document" in clerk.get(later.location).text
    assert other.post("/front-desk", data={"code": booking.code}).status_code == 404
    assert clerk.post("/front-desk", data={"code": "123"}).status_code == 422
    with statements_sent() as sent:
        assert "پیرمرد زائر" in clerk.get("/front-desk").text
    assert len(sent) <= 7, sent
    assert clerk.post(held.location, data={"act": "no_show"}).status_code == 409
    assert clerk.post(held.location, data={"act": "check_in"}).status_code == 303
    assert "Early: " in clerk.get(held.location).text
    assert clerk.post(held.location, data={"act": "check_out"}).status_code == 303
    assert "Given back to the same card" in clerk.get(held.location).text


def card_of(session: Session) -> tuple[bytes, bytes]:
    card = factories.card(session, money_rial=9_000_000)
    session.commit()
    return card.number_sealed, card.token


def test_a_house_stands_where_a_branch_of_its_shop_is(session: Session, sign_in: SignIn) -> None:
    union = factories.organisation(session, "union")
    shop = factories.merchant(session, "lodging", union.id)
    owner, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    branch = open_branch(session, ACTOR, shop.id, factories.place(session).id, {"fa": "شعبهٔ حرم"})
    elsewhere = open_branch(session, ACTOR, factories.merchant(session).id, factories.place(session).id, {"fa": "دیگری"})
    session.commit()
    form = {"name_fa": "هتل نو", "kind": "hotel", "grade": "۳", "branch_id": str(branch.id)}
    stolen = owner.post("/houses", data=form | {"branch_id": str(elsewhere.id)})
    assert (stolen.status_code, "choose from the list" in stolen.text) == (422, True)
    made = owner.post("/houses", data=form)
    assert made.status_code == 303
    house = made.location
    assert session.scalars(select(Lodging.place_id)).one() == branch.place_id
    session.execute(update(Lodging).values(place_id=None))
    session.commit()
    assert "no place on the map yet" in owner.get(house).text
    assert owner.post(house, data={"act": "place", "branch_id": str(branch.id)}).status_code == 303
    assert session.scalars(select(Lodging.place_id)).one() == branch.place_id


def test_a_new_house_from_its_first_room_to_the_unions_approval(session: Session, sign_in: SignIn) -> None:
    factories.city(session)
    union = factories.organisation(session, "union")
    shop = factories.merchant(session, "lodging", union.id)
    owner, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    officer, _ = sign_in(Role.UNION, union.id)
    made = owner.post("/houses", data={"name_fa": "هتل نو", "kind": "hotel", "grade": "۳", "city": "mashhad"})
    assert made.status_code == 303
    house = made.location
    wrong = owner.post(house, data={"act": "class", "name_fa": "", "lets": "room", "for_whom": "anyone", "people": "2"})
    assert wrong.status_code == 422
    rooms = {"act": "class", "name_fa": "دوتخته", "lets": "room", "for_whom": "anyone", "people": "۲"}
    assert owner.post(house, data=rooms).status_code == 303
    [class_id] = re.findall(r'name="rate_(\d+)"', owner.get(house).text)
    assert owner.post(house, data={"act": "unit", "class_id": class_id, "code": "101", "beds": "1"}).status_code == 303
    twice = owner.post(house, data={"act": "unit", "class_id": class_id, "code": "101", "beds": "1"})
    assert "Another room of the house has this number" in twice.text
    nights = stays.nights(1, 30)
    sheet = {
        "act": "sheet",
        "first": jalali_digits(nights.first),
        "until": jalali_digits(nights.until),
        f"rate_{class_id}": "۱٬۰۰۰٬۰۰۰",
    }
    assert "has set no ceiling" in owner.post(house, data=sheet).text
    ceiling = {"kind": "hotel", "grade": "3", "lets": "room", "people": "2", "first": sheet["first"], "last": sheet["until"]}
    assert officer.post("/room-ceilings", data=ceiling | {"amount_rial": "900000"}).status_code == 303
    dear = owner.post(house, data=sheet)
    assert (dear.status_code, "above the ceiling of 900,000 Rial" in dear.text) == (422, True)
    assert 'value="۱٬۰۰۰٬۰۰۰"' in dear.text, "nothing typed is lost"
    assert officer.post("/room-ceilings", data=ceiling | {"amount_rial": "1200000"}).status_code == 303
    assert owner.post(house, data=sheet).status_code == 303
    overseen = house.replace("/houses/", "/overseen-houses/")
    waiting = session.scalars(select(RateSheet)).one()
    assert officer.post(overseen, data={"act": "refuse", "sheet": waiting.id, "why": ""}).status_code == 422
    assert officer.post(overseen, data={"act": "approve", "sheet": waiting.id}).status_code == 303
    licence = {"act": "licence", "number": "12/3", "starts_on": sheet["first"], "ends_on": sheet["until"]}
    assert officer.post(overseen, data=licence).status_code == 303
    told = nights_of(session, [int(class_id)], nights)[int(class_id)]
    assert {night.bar for night in told} == {None}
    assert (
        owner.post(
            house, data={"act": "terms", "deposit": "30", "hours_1": "48", "keep_1": "10", "late": "5", "freed": "0"}
        ).status_code
        == 422
    )
    assert (
        owner.post(
            house, data={"act": "terms", "deposit": "30", "hours_1": "48", "keep_1": "10", "late": "100", "freed": "0"}
        ).status_code
        == 303
    )
    assert owner.post(house, data={"act": "open"}).status_code == 303
    assert {night.bar for night in nights_of(session, [int(class_id)], nights)[int(class_id)]} == {Bar.CLOSED}
    assert len(session.scalars(select(RoomCeiling)).all()) == 2
    for client, pages in ((owner, ("/houses", house, "/front-desk")), (officer, ("/overseen-houses", overseen, "/room-ceilings"))):
        for page in pages:
            with statements_sent() as sent:
                assert client.get(page).status_code == 200
            assert len(sent) <= 11, (page, len(sent))


def test_a_door_takes_its_list_and_brings_back_what_it_wrote(session: Session, sign_in: SignIn, house: Any) -> None:
    stay, room = house
    clerk, identity = sign_in(Role.CASHIER, stay.merchant.organisation_id)
    ask = Ask(str(uuid4()), stays.nights(0), (Wanted(room.id, 1, Party(men=1)),), holder_name="زائر", at_desk=True)
    booking = hold(session, identity, ask)
    pay(session, identity, booking.id, factories.card(session, money_rial=9_000_000).id, str(uuid4()))
    session.commit()
    told = clerk.get("/front-desk/door/list").get_json()
    signed = (base64.b64decode(told["list_key"]), told["list"].encode(), base64.b64decode(told["signature"]))
    assert signing.is_signed_by(*signed)
    assert [one["code"] for one in json.loads(told["list"])["bookings"]] == [booking.code]
    assert "زائر" not in told["list"]
    made_at = json.loads(told["list"])["made_at"]
    entries = [{"number": number, "code": booking.code, "entered_at": made_at} for number in (1, 2)]
    notes = {"door": "در شمالی", "list_made_at": made_at, "entries": entries}

    def bring(content: bytes) -> Any:
        return clerk.post("/front-desk/door", data={"notes": (BytesIO(content), "door.json")})

    answer = bring(json.dumps(notes).encode())
    assert (answer.status_code, "Let in" in answer.text, "Came in before" in answer.text) == (200, True, True)
    for wrong in (b"", b"{}", b"[1]", json.dumps(notes | {"list_made_at": "2026-01-01T00:00:00"}).encode()):
        refused = bring(wrong)
        assert (refused.status_code, "send the file as the door wrote it" in refused.text) == (422, True)
