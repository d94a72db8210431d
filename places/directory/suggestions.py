"""What people say is missing, wrong or gone, and who answers it. Every suggestion has a day on which it is answered."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock, outbox
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.text import search_key
from places.directory.errors import AlreadyAnswered, NothingSuggested, SuggestionNotFound, TooManySuggestions
from places.directory.events import SuggestionAnswered
from places.directory.models import PlaceSuggestion
from places.directory.rules import (
    WHEELCHAIR,
    check_in_city,
    language_of_name,
    typed_kind,
    typed_place_name,
)
from places.errors import PlaceNotFound, PositionOutOfRange
from places.history.rules import Statement, typed_statement
from places.history.services import write_statement
from places.hours.sentences import hours_of_line
from places.hours.services import set_hours
from places.models import City, CityOffice, Place
from places.pages.services import note_told
from places.queries import city_by_code, middle_of
from places.rules import point, typed_position
from places.services import covering_zone, register_place

DAYS_TO_ANSWER = 10
MOST_OPEN = 20
MOST_NOTE = 400
TOLD_BY_PEOPLE = "told by people of the city"
CORRECTED = "; corrected by people of the city"


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    suggestion: PlaceSuggestion
    city_code: str
    city_names: dict[str, str]
    place_names: dict[str, str] | None


def suggest(
    session: Session,
    person: Identity,
    key: str,
    city_code: str,
    typed: dict[str, str],
    *,
    place_id: int | None = None,
    is_gone: bool = False,
) -> PlaceSuggestion:
    """Take down what a person says, names in the `language` in which they say it; the same key again is the same suggestion.

    Raises CityNotFound, PlaceNotFound, NothingSuggested, TooManySuggestions and what is wrong with a field.
    """
    known = session.scalar(select(PlaceSuggestion).where(PlaceSuggestion.key == key))
    if known is not None:
        return known
    city = city_by_code(session, city_code)
    if place_id is not None and session.scalar(select(Place.id).where(Place.id == place_id, Place.city_id == city.id)) is None:
        raise PlaceNotFound
    told, note = _told(session, city, typed), typed.get("note", "").strip()[:MOST_NOTE]
    if place_id is None:
        typed_place_name(told.get("name", ""), "name")
        typed_kind(told.get("kind", ""))
        if "lon" not in told:
            raise PositionOutOfRange(field="at")
    elif not (told or note or is_gone):
        raise NothingSuggested(field="note")
    is_open = (PlaceSuggestion.sign_in_id == person.sign_in_id) & (PlaceSuggestion.state == "open")
    if (session.scalar(select(func.count()).where(is_open)) or 0) >= MOST_OPEN:
        raise TooManySuggestions(field="note", most=MOST_OPEN)
    kind = "missing" if place_id is None else "gone" if is_gone else "wrong"
    now = clock.now()
    made = insert(PlaceSuggestion).values(
        key=key, city_id=city.id, place_id=place_id, kind=kind, told=told, note=note, sign_in_id=person.sign_in_id, told_at=now,
        answer_by=local_day(now) + timedelta(days=DAYS_TO_ANSWER),
    )  # fmt: skip
    session.execute(made.on_conflict_do_nothing(index_elements=["key"]))
    suggestion = session.scalars(select(PlaceSuggestion).where(PlaceSuggestion.key == key)).one()
    audit.record(session, person.actor, "suggest", "place", place_id or "new", after={"suggestion": suggestion.id, "kind": kind})
    return suggestion


def _told(session: Session, city: City, typed: dict[str, str]) -> dict[str, Any]:
    """The fields that were filled in, each as it is stored. Raises what is wrong with one."""
    told: dict[str, Any] = {}
    if typed.get("name", "").strip():
        told["name"] = typed_place_name(typed["name"])
        told["language"] = language_of_name(told["name"], typed.get("language") or "fa")
    if typed.get("kind"):
        told["kind"] = typed_kind(typed["kind"]).value
    if typed.get("wheelchair") in WHEELCHAIR:
        told["wheelchair"] = typed["wheelchair"]
    if typed.get("hours", "").strip():
        told["hours"] = hours_of_line(typed["hours"])
    if "history_kind" in typed:
        told["history"] = msgspec.to_builtins(typed_statement(typed, local_day(clock.now())))
    if typed.get("at", "").strip():
        lon, lat = typed_position(typed["at"], "at")
        check_in_city(lon, lat, *middle_of(session, city.id), field="at")
        told |= {"lon": lon, "lat": lat}
    return told


def answer_suggestion(session: Session, actor: Actor, suggestion_id: int, *, accept: bool, answer: str) -> PlaceSuggestion:
    """Say yes, which changes the directory, or no, which needs a word of why. Raises SuggestionNotFound, AlreadyAnswered, NothingSuggested."""
    suggestion = session.get(PlaceSuggestion, suggestion_id, with_for_update=True)
    if suggestion is None:
        raise SuggestionNotFound
    if suggestion.state != "open":
        raise AlreadyAnswered
    if not accept and not answer.strip():
        raise NothingSuggested(field="answer")
    suggestion.state, suggestion.answer = "accepted" if accept else "refused", answer.strip()[:MOST_NOTE] or None
    suggestion.decided_at = clock.now()
    if accept:
        _apply(session, actor, suggestion)
    audit.record(session, actor, suggestion.state, "place suggestion", suggestion_id, after=suggestion.told, why=suggestion.answer)
    outbox.publish(session, SuggestionAnswered(suggestion_id, accept))
    return suggestion


def _apply(session: Session, actor: Actor, suggestion: PlaceSuggestion) -> None:
    told = suggestion.told
    if suggestion.place_id is None:
        place = register_place(
            session, actor, suggestion.city_id, code=f"told-{suggestion.id}", kind=told["kind"], names={told.get("language", "fa"): told["name"]}, lon=told["lon"],
            lat=told["lat"], source=TOLD_BY_PEOPLE, licence="facts", wheelchair=told.get("wheelchair"),
        )  # fmt: skip
        suggestion.place_id = place.id
    else:
        place = session.get_one(Place, suggestion.place_id, with_for_update=True)
        if suggestion.kind == "gone":
            place.closed_at = clock.now()
        else:
            _correct(session, place, told)
            note_told(session, [place.id] if told else [])
    if "history" in told:
        write_statement(session, actor, place.id, suggestion.key, msgspec.convert(told["history"], Statement), origin="told")
    if "hours" in told:
        set_hours(session, actor, place.id, told["hours"])
    place.confirmed_at = clock.now()


def _correct(session: Session, place: Place, told: dict[str, Any]) -> None:
    if "name" in told:
        place.names = place.names | {told.get("language", "fa"): told["name"]}
        place.search_text = search_key(" ".join(place.names.values()))
    place.kind = told.get("kind", place.kind)
    place.wheelchair = told.get("wheelchair", place.wheelchair)
    if "lon" in told:
        place.position = point(told["lon"], told["lat"])
        place.zone_id = covering_zone(session, place.city_id, point(told["lon"], told["lat"]))
    if set(told) - {"history"} and not place.source.endswith(CORRECTED):
        place.source = place.source[: 200 - len(CORRECTED)] + CORRECTED


def open_suggestions(
    session: Session, organisation_ids: Collection[int] | None, *, after: int = 0, limit: int = 50
) -> list[SuggestionRow]:
    """Those of the cities that these organisations look after, all if None; by id, which is by age. One query."""
    page = (
        select(PlaceSuggestion, City.code.label("city_code"), City.names.label("city_names"), Place.names.label("place_names"))
        .join(City, City.id == PlaceSuggestion.city_id)
        .join(Place, Place.id == PlaceSuggestion.place_id, isouter=True)
        .where(PlaceSuggestion.state == "open", PlaceSuggestion.id > after)
        .order_by(PlaceSuggestion.id)
        .limit(limit)
    )
    if organisation_ids is not None:
        page = page.where(
            PlaceSuggestion.city_id.in_(select(CityOffice.city_id).where(CityOffice.organisation_id.in_(organisation_ids)))
        )
    return [SuggestionRow(row.PlaceSuggestion, row.city_code, row.city_names, row.place_names) for row in session.execute(page)]


def is_in_reach(session: Session, suggestion_id: int, organisation_ids: Collection[int] | None) -> bool:
    """Whether these organisations look after the suggestion's city; None reaches all."""
    found = select(PlaceSuggestion.id).where(PlaceSuggestion.id == suggestion_id)
    if organisation_ids is not None:
        found = found.join(CityOffice, CityOffice.city_id == PlaceSuggestion.city_id).where(
            CityOffice.organisation_id.in_(organisation_ids)
        )
    return session.scalar(found) is not None


def own_suggestions(session: Session, sign_in_id: int, *, most: int = 20) -> list[PlaceSuggestion]:
    """What a person said, the newest first."""
    own = select(PlaceSuggestion).where(PlaceSuggestion.sign_in_id == sign_in_id)
    return list(session.scalars(own.order_by(PlaceSuggestion.id.desc()).limit(most)))
