"""Programmes by the API: found with what is left, their rules said before asking, taken, waited for, shown at the door."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from cardbank.cards.queries import money_left
from identity.helping import Act, allow_help, begin_help
from kernel.calendar import local_day
from reservations.bookings.services.doors import booking_of_pass
from reservations.programmes.models import ShrineSession
from tests import factories
from tests.mobile_api.conftest import Caller
from tests.portal.conftest import statements_sent
from tests.reservations import stays


@pytest.fixture
def holder(caller: Callable[..., Caller]) -> Caller:
    return caller()


def planned(session: Session, **other: int) -> ShrineSession:
    office = factories.organisation(session, "city_office")
    made = stays.planned(session, office.id, factories.city(session).id, **other)
    session.commit()
    return made


def lines_of(who: Caller, of: ShrineSession, party: str) -> list[dict[str, int]]:
    [way] = who.get(f"/programmes/{of.id}?{party}").json["ways"]
    return [{name: line[name] for name in ("pool", "quantity", "men", "women", "children")} for line in way["lines"]]


def test_a_meal_is_found_taken_once_shown_and_given_back(holder: Caller, bank_session: Session) -> None:
    of = planned(bank_session, hours=40, family=4)
    day = local_day(of.starts_at)
    with statements_sent() as sent:
        found = holder.get(f"/programmes?city=mashhad&kind=meal&day={day}")
    assert len(sent) <= 6, sent
    [told] = [one for one in found.json["programmes"] if one["session"] == of.id]
    assert (told["family"], told["men"], told["adult_rial"]) == (4, None, 0)
    assert found.headers["ETag"]
    assert of.id not in {one["session"] for one in holder.get(f"/programmes?day={day + timedelta(days=1)}").json["programmes"]}
    assert holder.get("/programmes?kind=tour").json["programmes"] == []
    lines, key = lines_of(holder, of, "men=1&women=1&children=1"), str(uuid4())
    taken, again = (holder.write("POST", f"/programmes/{of.id}/seats", {"lines": lines}, key) for _ in range(2))
    assert (taken.status_code, again.json) == (201, taken.json)
    number = taken.json["booking"]["booking"]
    assert (taken.json["booking"]["state"], taken.json["booking"]["from"]) == ("confirmed", None)
    assert booking_of_pass(bank_session, None, taken.json["pass"]["text"]).id == number
    assert [one["booking"] for one in holder.get("/bookings").json["bookings"]] == [number]
    full = holder.write("POST", f"/programmes/{of.id}/seats", {"lines": lines})
    assert (full.status_code, full.json["code"], full.json["facts"]) == (409, "fully_booked", {"free": 1, "asked": 3})
    joined = holder.write("POST", f"/programmes/{of.id}/waitings", {"lines": lines})
    assert (joined.status_code, joined.json["place"]) == (201, 1)
    assert holder.get("/waitings").json["waitings"] == [joined.json]
    assert holder.write("DELETE", f"/waitings/{joined.json['waiting']}").status_code == 204
    assert holder.write("POST", f"/bookings/{number}/cancel").json["booking"]["state"] == "cancelled"


def test_whose_turn_is_when_is_said_before_asking(holder: Caller, caller: Callable[..., Caller], bank_session: Session) -> None:
    mother = caller()
    begin_help(bank_session, holder.identity, allow_help(bank_session, mother.identity, [Act.SEE]))
    of = planned(bank_session, days_between=30, women=5)
    mine, hers = holder.get(f"/programmes/{of.id}").json["turns"]
    assert [(one["person"], one["is_me"], one["from"]) for one in (mine, hers)] == [
        (holder.identity.person_id, True, None), (mother.identity.person_id, False, None),
    ]  # fmt: skip
    address = f"/programmes/{of.id}/seats"
    lines = lines_of(holder, of, "women=2")
    nobody = holder.write("POST", address, {"lines": lines, "documents": ["1"]})
    assert (nobody.status_code, nobody.json["code"], nobody.json["facts"]) == (
        422,
        "person_unknown",
        {"field": "documents", "fault": "line", "line": 1},
    )
    stranger = caller().identity.person_id
    unknown = holder.write("POST", address, {"lines": lines, "people": [stranger]})
    assert unknown.json["facts"] == {"field": "people"}
    body = {"lines": lines, "people": [mother.identity.person_id], "documents": ["IRQ A1234567"], "i_come": False}
    assert holder.write("POST", address, body).status_code == 201
    mine, hers = holder.get(f"/programmes/{of.id}").json["turns"]
    assert (mine["from"], hers["from"]) == (None, (local_day(of.starts_at) + timedelta(days=30)).isoformat())
    refused = mother.write("POST", address, {"lines": lines_of(mother, of, "women=1")})
    assert (refused.status_code, refused.json["code"]) == (409, "turn_taken")


def test_a_tour_is_held_and_paid_by_card(holder: Caller, bank_session: Session) -> None:
    of, _ = stays.tour(bank_session, least_people=2)
    card = factories.card(bank_session, person_id=holder.identity.person_id, money_rial=9_000_000)
    bank_session.commit()
    told = holder.get(f"/programmes/{of.id}?men=1&children=1").json
    assert (told["least_people"], told["decide_hours"], told["terms"]["steps"]) == (2, 6, [{"hours": 24, "keep_basis_points": 0}])
    assert told["ways"][0]["price_rial"] == stays.RATE * 3 // 2
    held = holder.write("POST", f"/programmes/{of.id}/seats", {"lines": lines_of(holder, of, "men=1&children=1")}).json
    assert (held["booking"]["state"], held["pass"]) == ("held", None)
    paid = holder.write("POST", f"/bookings/{held['booking']['booking']}/pay", {"card": card.id}).json
    assert (paid["booking"]["state"], paid["booking"]["due_rial"], paid["code"] is not None) == ("confirmed", 0, True)
    assert money_left(bank_session, card.wallet_id) == 9_000_000 - stays.RATE * 3 // 2


def test_a_page_of_programmes_is_small_and_goes_on_where_it_ended(holder: Caller, bank_session: Session) -> None:
    made = [planned(bank_session, hours=400 + number).id for number in range(22)]
    seen, cursor, pages = [], "", 0
    while cursor is not None:
        with statements_sent() as sent:
            page = holder.get(f"/programmes?limit=20{cursor and f'&cursor={cursor}'}")
        assert (len(page.data) < 10_000, len(sent) <= 6) == (True, True), sent
        seen += [one["session"] for one in page.json["programmes"]]
        cursor, pages = page.json["next"], pages + 1
    assert pages > 1
    assert [one for one in seen if one in made] == made
    assert len(set(seen)) == len(seen)
    assert holder.get("/programmes?cursor=x").json["facts"] == {"field": "cursor"}
