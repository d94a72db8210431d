"""Find, keep, pay, show at the door, cancel and wait, by the API; what a booking promises is tests/reservations."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.queries import money_left
from kernel import clock
from reservations.bookings.rules.passes import LIVE_LIFE
from reservations.bookings.services.doors import booking_of_pass
from reservations.errors import PassRanOut
from reservations.lodging.models import LodgingClass
from tests import factories
from tests.mobile_api.conftest import Caller
from tests.portal.conftest import statements_sent
from tests.reservations import stays

MONEY = 50_000_000


@pytest.fixture
def holder(caller: Callable[..., Caller]) -> Caller:
    return caller()


@pytest.fixture
def card(bank_session: Session, holder: Caller) -> Card:
    held = factories.card(bank_session, person_id=holder.identity.person_id, money_rial=MONEY)
    bank_session.commit()
    return held


@pytest.fixture
def room(bank_session: Session, api: Flask) -> LodgingClass:
    stay = stays.lodging(bank_session)
    made = stays.rooms(bank_session, stay, 1)
    stays.price(bank_session, stay, made)
    bank_session.commit()
    return made


def asked(room: LodgingClass, **party: int) -> dict[str, object]:
    nights, lines = stays.nights(), [{"class": room.id, "quantity": 1} | (party or {"men": 1, "women": 1})]
    return {"from": nights.first.isoformat(), "until": nights.until.isoformat(), "lines": lines}


def test_a_room_is_found_kept_once_and_paid_and_its_pass_opens_the_door(
    holder: Caller, card: Card, room: LodgingClass, bank_session: Session
) -> None:
    nights = stays.nights()
    question = f"from={nights.first}&until={nights.until}&men=1&women=1"
    with statements_sent() as sent:
        found = holder.get(f"/lodgings?{question}").json["lodgings"]
    assert len(sent) <= 7
    assert (room.lodging_id, 2 * stays.RATE) in {(one["lodging"], one["least_rial"]) for one in found}
    [way] = holder.get(f"/lodgings/{room.lodging_id}?{question}").json["ways"]
    assert (way["is_free"], way["lines"][0]["class"], way["price_rial"]) == (True, room.id, 2 * stays.RATE)

    key = str(uuid4())
    kept, again = (holder.write("POST", "/bookings", asked(room), key) for _ in range(2))
    assert (kept.status_code, again.json) == (201, kept.json)
    number = kept.json["booking"]["booking"]
    assert (kept.json["booking"]["state"], kept.json["pass"], kept.json["code"]) == ("held", None, None)

    key = str(uuid4())
    paid, again = (holder.write("POST", f"/bookings/{number}/pay", {"card": card.id}, key) for _ in range(2))
    assert (paid.json["booking"]["state"], paid.json["booking"]["due_rial"], again.json) == ("confirmed", 0, paid.json)
    assert money_left(bank_session, card.wallet_id) == MONEY - 2 * stays.RATE
    shown = paid.json["pass"]
    assert (
        booking_of_pass(bank_session, None, shown["text"]).id == booking_of_pass(bank_session, None, paid.json["code"]).id == number
    )
    assert len(shown["rows"]) == len(shown["rows"][0]) > 20
    assert holder.get(f"/bookings/{number}").json == paid.json
    assert [one["booking"] for one in holder.get("/bookings").json["bookings"]] == [number]
    live = holder.get(f"/bookings/{number}/pass").json
    assert booking_of_pass(bank_session, None, live["code"]["text"]).id == number
    with clock.frozen(clock.now() + timedelta(seconds=70)), pytest.raises(PassRanOut):
        booking_of_pass(bank_session, None, live["code"]["text"])
    assert live["next_seconds"] < LIVE_LIFE.total_seconds()

    bank_session.rollback()
    cancelled = holder.write("POST", f"/bookings/{number}/cancel")
    assert (cancelled.json["booking"]["state"], cancelled.json["pass"]) == ("cancelled", None)
    assert money_left(bank_session, card.wallet_id) == MONEY
    assert holder.get(f"/bookings/{number}/pass").json["code"] == "booking_in_other_state"


def test_what_is_full_is_waited_for_and_left(holder: Caller, card: Card, room: LodgingClass, caller: Callable[..., Caller]) -> None:
    assert holder.write("POST", "/waitings", asked(room)).json["code"] == "nothing_to_wait_for"
    holder.write("POST", "/bookings", asked(room))
    other = caller()
    refused = other.write("POST", "/bookings", asked(room))
    assert (refused.status_code, refused.json["code"]) == (409, "fully_booked")
    joined = other.write("POST", "/waitings", asked(room))
    assert (joined.status_code, joined.json["state"], joined.json["place"]) == (201, "waiting", 1)
    nights = stays.nights()
    assert (joined.json["from"], joined.json["until"]) == (nights.first.isoformat(), nights.until.isoformat())
    question = f"from={nights.first}&until={nights.until}&men=1&women=1"
    listed = other.get(f"/lodgings?{question}&only_free=false")
    full = listed.json["lodgings"]
    assert len(listed.data) <= 500 * len(full), "twenty of them are a page of ten kilobytes"
    assert [(one["lodging"], one["is_free"], one["waiting"]) for one in full][-1] == (room.lodging_id, False, 1)
    assert room.lodging_id not in [one["lodging"] for one in other.get(f"/lodgings?{question}").json["lodgings"]]
    told = other.get(f"/lodgings/{room.lodging_id}?{question}").json
    assert (told["waiting"], [way["is_free"] for way in told["ways"]]) == (1, [False])
    assert other.get("/waitings").json["waitings"] == [joined.json]
    assert other.write("DELETE", f"/waitings/{joined.json['waiting']}").status_code == 204
    assert other.get("/waitings").json["waitings"] == []


def test_a_booking_is_its_peoples_own(holder: Caller, card: Card, room: LodgingClass, caller: Callable[..., Caller]) -> None:
    number = holder.write("POST", "/bookings", asked(room)).json["booking"]["booking"]
    other = caller()
    for answer in (
        other.get(f"/bookings/{number}"),
        other.write("POST", f"/bookings/{number}/pay", {"card": card.id}),
        other.write("POST", f"/bookings/{number}/cancel"),
    ):
        assert (answer.status_code, answer.json["code"]) == (404, "booking_not_found")
    stolen = other.write("POST", "/bookings", asked(room))
    assert stolen.json["code"] == "fully_booked"


def test_a_page_of_bookings_is_small_and_costs_few_reads(holder: Caller, bank_session: Session) -> None:
    stay = stays.lodging(bank_session)
    room = stays.rooms(bank_session, stay, 30)
    stays.price(bank_session, stay, room)
    bank_session.commit()
    for _ in range(22):
        made = holder.write("POST", "/bookings", asked(room))
        assert made.status_code == 201, made.text
        holder.write("POST", f"/bookings/{made.json['booking']['booking']}/cancel")
    with statements_sent() as sent:
        page = holder.get("/bookings?limit=20")
    assert (len(page.json["bookings"]), len(page.data) < 10_000) == (20, True)
    assert len(sent) <= 4
    rest = holder.get(f"/bookings?limit=20&cursor={page.json['next']}").json
    assert (len(rest["bookings"]), rest["next"]) == (2, None)
    assert holder.get("/bookings?cursor=x").json["facts"] == {"field": "cursor"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("from=2020-01-01&until=2020-01-03&men=1", "wrong_nights"),
        ("from=2030-13-01&until=2030-01-03", "bad_input"),
        ("men=1", "bad_input"),
    ],
)
def test_nights_that_cannot_be_are_refused_with_their_field(holder: Caller, query: str, code: str) -> None:
    answer = holder.get(f"/lodgings?{query}")
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert answer.json["facts"]["field"] in ("from", "first")
