from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.models import Document, Person
from kernel import clock
from kernel.audit import AuditEntry
from kernel.moon import COMPUTED, Month
from places.moon.models import LunarMonth
from tests import factories
from tests.mobile_api.conftest import Caller


def test_a_profile_shows_the_ends_of_numbers_alone(caller: Callable[..., Caller], bank_session: Session) -> None:
    holder = caller()
    bank_session.get_one(Person, holder.identity.person_id).mobile = "+989151234567"
    bank_session.add(Document(person_id=holder.identity.person_id, kind="passport", country="IRQ", number="A7654321"))
    bank_session.commit()
    told = holder.get("/me")
    assert told.json["mobile_ends_with"] == "4567"
    [document] = told.json["documents"]
    assert (document["kind"], document["country"], document["ends_with"], document["expires_on"]) == (
        "passport",
        "IRQ",
        "4321",
        None,
    )
    assert "A7654321" not in told.text


def test_a_language_is_chosen_for_pages_and_messages(caller: Callable[..., Caller], bank_session: Session) -> None:
    holder = caller()
    assert holder.write("PUT", "/me/language", {"language": "ur"}).json["language"] == "ur"
    assert bank_session.get_one(Person, holder.identity.person_id, populate_existing=True).language == "ur"
    assert holder.write("PUT", "/me/language", {"language": "de"}).json["facts"] == {"field": "language"}
    entry = bank_session.scalars(select(AuditEntry).filter_by(act="choose_language", account_id=holder.identity.sign_in_id)).one()
    assert (entry.before, entry.after) == ({"language": "fa"}, {"language": "ur"})


def test_a_calendar_is_chosen_for_dates_and_left_to_the_language_again(
    caller: Callable[..., Caller], bank_session: Session
) -> None:
    holder = caller()
    assert holder.get("/me").json["calendar"] is None
    assert holder.write("PUT", "/me/calendar", {"calendar": "lunar"}).json["calendar"] == "lunar"
    assert holder.get("/me").json["calendar"] == "lunar"
    assert holder.write("PUT", "/me/calendar", {"calendar": "mayan"}).json["facts"] == {"field": "calendar"}
    assert holder.write("PUT", "/me/calendar", {"calendar": None}).json["calendar"] is None
    entries = bank_session.scalars(select(AuditEntry).filter_by(act="choose_calendar").order_by(AuditEntry.id)).all()
    assert [(one.before["calendar"], one.after["calendar"]) for one in entries] == [(None, "lunar"), ("lunar", None)]


def test_the_lunar_months_are_those_of_irans_sighting(api: Flask, bank_session: Session) -> None:
    first = COMPUTED.start(Month(1448, 6))
    bank_session.add(LunarMonth(year=1448, month=6, starts_on=first + timedelta(days=1)))
    bank_session.commit()
    with clock.frozen(datetime(2026, 11, 22, 8, tzinfo=UTC)):
        told = api.test_client().get("/api/v1/lunar-months", headers={"Accept-Language": "ar"})
    months = {(one["year"], one["month"]): (one["name"], one["first_day"]) for one in told.json["months"]}
    assert months[1448, 6] == ("جمادى الآخرة", (first + timedelta(days=1)).isoformat())
    assert (min(months), max(months)) == ((1447, 6), (1450, 6))


def test_an_app_is_answered_in_the_language_that_it_reads_just_now(caller: Callable[..., Caller]) -> None:
    holder = caller()
    english, own = holder.get("/places/0", Accept_Language="en").json["detail"], holder.get("/places/0").json["detail"]
    assert english.isascii()
    assert not own.isascii(), "the account's, where the app says none"


def test_prayer_times_are_for_everybody_and_may_be_kept(api: Flask, bank_session: Session) -> None:
    factories.city(bank_session)
    bank_session.commit()
    client = api.test_client()
    told = client.get("/api/v1/prayer-times?from=2026-11-22&days=28", headers={"Accept-Language": "en"})
    assert told.headers["Cache-Control"] == "public, max-age=3600"
    assert len(told.data) < 10_000
    first = told.json["days"][0]
    assert (first["day"], first["fajr"][:16], first["maghrib"][:16]) == ("2026-11-22", "2026-11-22T04:47", "2026-11-22T16:39")
    assert first["lunar"].endswith("1448")
    assert client.get("/api/v1/prayer-times?city=nowhere").json["code"] == "city_not_found"
    assert client.get("/api/v1/prayer-times?from=1800-01-01").json["facts"] == {"field": "from"}
    assert [one["code"] for one in client.get("/api/v1/cities").json["cities"]] == ["mashhad"]


def test_offers_are_the_rules_that_hold_now(api: Flask, bank_session: Session) -> None:
    for _ in range(3):
        factories.programme(bank_session)
    ended = factories.programme(bank_session)
    ended.status = "suspended"
    bank_session.commit()
    client = api.test_client()
    first = client.get("/api/v1/offers?limit=2&lang=en").json
    rest = client.get(f"/api/v1/offers?cursor={first['next']}&lang=en").json
    assert (len(first["offers"]), len(rest["offers"]), rest["next"]) == (2, 1, None)
    assert all("5" in one["sentence"] and one["programme"] == "Club" for one in first["offers"] + rest["offers"])
