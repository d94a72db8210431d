"""The directory of a city: what is near, searched and filtered; a page for each place; packs for phones."""

import gzip
from http import HTTPStatus
from typing import Any, Protocol

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.errors import WrongAmount
from identity.permissions import Permission
from identity.visits import OpenVisit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError
from kernel.languages import LANGUAGES, in_language
from kernel.text import latin_digits
from kernel.web.routes import route
from merchants.branches.queries import gone_from, moved_to
from merchants.branches.rules import MOVE_TOLD
from merchants.campaigns.queries import live_campaigns, running_at_place
from merchants.directory.queries import shop_terms
from merchants.fields.queries import said_at_place
from merchants.fields.rules import said
from merchants.look.queries import Look, look_of_place
from merchants.onboarding.queries import cities_overseen
from merchants.permits.queries import valid_at_place
from merchants.rules import ShopKind
from merchants.works.queries import live_works, works_near
from places.directory.errors import OutsideTheCity
from places.directory.packs import pack_of
from places.directory.queries import PlaceCard, PlaceDetail, place_detail, search
from places.directory.rules import Asked, Kind, check_in_city
from places.errors import PlaceNotFound, PositionOutOfRange
from places.history.queries import statements_of
from places.history.rules import StatementKind, YearOf
from places.hours.queries import calendar_of, coming_days
from places.hours.sentences import hours_sentence
from places.keeping import queries as keeping
from places.maps.queries import map_file
from places.queries import city_by_code, city_of_place, middle_of
from places.rules import typed_position
from portal import permit_words
from portal.blueprint import blueprint
from portal.instalment_words import terms_sentences
from portal.routes.onboarding.forms import new_key, qr, sentences
from reservations.lodging.queries import open_lodging_of_place

HERE = "portal.directory"
HOME = "mashhad"
LONGEST_AMOUNT = 15  # digits
KEEP, PUBLISH_WORKS = Permission.PLACES_PLACE_KEEP, Permission.MERCHANTS_WORKS_PUBLISH
MOST, MOST_WORKS = 24, 3
FLAGS = ("open_now", "discounts", "instalments", "earns", "spends", "women", "wheelchair", "handicraft")
FIRST_FLAGS = ("open_now", "women", "wheelchair")
MORE_FILTERS = {"category", "speaks", "most_rial", "at", *FLAGS}.difference(FIRST_FLAGS)  # behind a summary, open where one is used
# A place's parts and its shops are found in their places' pages; who asks for no kind sees what one looks for.
WHOLE = tuple(kind.value for kind in Kind if kind not in (Kind.COURTYARD, Kind.GATE, Kind.OFFICE))


class File(Protocol):
    """What is kept compressed to be fetched whole: a pack, a map."""

    version: Any
    content: Any
    made_at: Any


@route(blueprint, "/places", public=True)
def directory(visit: OpenVisit) -> ResponseReturnValue:
    """The nearest to the middle of the city, or to `at` (latitude, longitude)."""
    city = city_by_code(visit.session, request.args.get("city", HOME))
    faults: dict[str, DomainError] = {}
    lon, lat = middle_of(visit.session, city.id)
    if typed_at := request.args.get("at", "").strip():
        try:
            at = typed_position(typed_at, "at")
            check_in_city(*at, lon, lat, field="at")
            lon, lat = at
        except (PositionOutOfRange, OutsideTheCity) as refusal:
            faults["at"] = refusal
    try:
        most_rial = _most_rial()
    except WrongAmount as refusal:
        faults["most_rial"] = refusal
    found = [] if faults else search(visit.session, _asked(city.id, most_rial), request.args.get("q", ""), lon, lat, most=MOST)
    page = render_template(
        "places/directory.html", active=HERE, city=city, found=found, dots=[_dot(card, visit.language) for card in found],
        works=live_works(visit.session, city.id, clock.now(), limit=MOST_WORKS),
        campaigns=live_campaigns(visit.session, city.id, local_day(clock.now()), limit=MOST_WORKS), typed=request.args, flags=FLAGS, first_flags=FIRST_FLAGS, is_narrowed=any(request.args.get(name, "").strip() for name in MORE_FILTERS), kinds=Kind, shop_kinds=ShopKind, from_here=bool(typed_at), faults=sentences(faults),
    )  # fmt: skip
    return page, 422 if faults else 200


@route(blueprint, "/places/<int:place_id>", public=True)
def place(visit: OpenVisit, place_id: int) -> ResponseReturnValue:
    try:
        return place_page(visit, place_id)
    except PlaceNotFound:
        gone = gone_from(visit.session, place_id)
        if gone is None:
            raise
        return render_template("places/gone.html", active=HERE, gone=gone), HTTPStatus.GONE


def place_page(visit: OpenVisit, place_id: int, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    """A place with its parts, its hours, where it is known from, and what may be said of it."""
    detail = place_detail(visit.session, place_id)
    card = detail.card
    calendar = calendar_of(visit.session, card.city_id)
    days = coming_days(card.hours, calendar, local_day(clock.now(), calendar.zone)) if card.hours else []
    link = url_for("portal.place", place_id=place_id, _external=True)
    works, may_publish = works_near(visit.session, card.city_id, place_id, clock.now()), _may_publish(visit, card)
    page = render_template(
        "places/place.html", active=HERE, detail=detail, card=card, days=days, link=link, qr=qr(link), key=new_key(),
        permits=valid_at_place(visit.session, place_id, local_day(clock.now())) if card.kind == "shop" else [],
        campaigns=running_at_place(visit.session, place_id, local_day(clock.now())) if card.kind == "shop" else [],
        works=works, may_publish=may_publish, city=city_of_place(visit.session, place_id) if works or may_publish else None,
        moved=moved_to(visit.session, place_id, clock.now() - MOVE_TOLD) if card.kind == "shop" else None,
        look=look_of_place(visit.session, place_id) if card.kind == "shop" else Look(),
        shop=shop_terms(visit.session, place_id, clock.now()) if card.kind == "shop" else None, terms_sentences=terms_sentences, permit_words=permit_words,
        own=said_at_place(visit.session, place_id) if card.kind == "shop" else [], said=said, history=statements_of(visit.session, [place_id])[place_id],
        statement_kinds=StatementKind, calendars=YearOf, may_tell_history=_may_tell_history(visit, card),
        lodging_id=open_lodging_of_place(visit.session, place_id) if "lodging" in (card.kind, card.category) else None,
        photos=keeping.photos_of(visit.session, place_id), may_keep=_may_keep(visit, card), **_on_foot(visit, detail),
        sentence=hours_sentence(card.hours) if card.hours else None, dots=[_dot(card, visit.language)], typed=request.form,
        told=request.args.get("told", ""), faults=sentences(faults or {}),
    )  # fmt: skip
    return page, 422 if faults else 200


def _may_keep(visit: OpenVisit, card: PlaceCard) -> bool:
    person = visit.identity
    return person is not None and person.can(KEEP) and keeping.is_kept_by(visit.session, card.place_id, person.organisations(KEEP))


def _may_tell_history(visit: OpenVisit, card: PlaceCard) -> bool:
    person = visit.identity
    return (
        person is not None and person.can(KEEP) and keeping.is_in_city_of(visit.session, card.place_id, person.organisations(KEEP))
    )


def _may_publish(visit: OpenVisit, card: PlaceCard) -> bool:
    person = visit.identity
    if person is None or not person.can(PUBLISH_WORKS):
        return False
    return card.city_id in {one.id for one in cities_overseen(visit.session, person.organisations(PUBLISH_WORKS))}


def _on_foot(visit: OpenVisit, detail: PlaceDetail) -> dict[str, Any]:
    """How crowded the place and its parts are, and the walk from one to another, for a place that has or is a part."""
    whole = place_detail(visit.session, detail.parent.place_id) if detail.parent else detail
    family = [whole.card, *whole.parts]
    family_by_id = {one.place_id: one for one in family}
    crowd = keeping.crowd_of(visit.session, list(family_by_id))
    if len(family) == 1:
        return {"crowd": crowd, "has_ways": False}
    start, goal = (request.args.get(name, 0, type=int) for name in ("from", "to"))
    asked = start in family_by_id and goal in family_by_id
    walk = keeping.walk_between(
        visit.session, list(family_by_id), start, goal, avoids_steps=request.args.get("no_steps") == "1",
        is_woman=request.args.get("man") != "1",
    ) if asked else None  # fmt: skip
    has_ways = asked or bool(keeping.ways_of(visit.session, list(family_by_id)))
    return {"crowd": crowd, "has_ways": has_ways, "family": family, "family_by_id": family_by_id, "walk": walk, "asked_walk": asked}


@route(blueprint, "/places/packs/<city>.json", public=True)
def city_pack(visit: OpenVisit, city: str) -> ResponseReturnValue:
    return _file(pack_of(visit.session, city, None))


@route(blueprint, "/places/packs/<city>/<zone>.json", public=True)
def zone_pack(visit: OpenVisit, city: str, zone: str) -> ResponseReturnValue:
    return _file(pack_of(visit.session, city, zone))


@route(blueprint, "/places/maps/<city>.json", public=True)
def city_map(visit: OpenVisit, city: str) -> ResponseReturnValue:
    return _file(map_file(visit.session, city))


def _file(pack: File | None) -> ResponseReturnValue:
    if pack is None:
        abort(404)
    packed = request.accept_encodings["gzip"] > 0
    answer = Response(pack.content if packed else gzip.decompress(pack.content), mimetype="application/json")
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Cache-Control"] = "public, max-age=3600"
    answer.set_etag(f"{pack.version}-{int(pack.made_at.timestamp())}-{'z' if packed else 'p'}")
    return answer.make_conditional(request)


def _most_rial() -> int | None:
    """In any digits, with or without separators. Raises WrongAmount."""
    typed = latin_digits(request.args.get("most_rial", "")).translate(dict.fromkeys(map(ord, ",٬، "))).strip()
    if typed and not (typed.isascii() and typed.isdigit() and len(typed) <= LONGEST_AMOUNT):
        raise WrongAmount(field="most_rial")
    return int(typed) if typed else None


def _asked(city_id: int, most_rial: int | None) -> Asked:
    kind, category, language = (request.args.get(name, "") for name in ("kind", "category", "speaks"))
    if (kind and kind not in set(Kind)) or (language and language not in LANGUAGES):
        raise BadInput(field="kind" if kind else "speaks")
    wanted: dict[str, Any] = {flag: request.args.get(flag) == "1" for flag in FLAGS}
    kinds = (kind,) if kind else () if request.args.get("q", "").strip() else WHOLE
    return Asked(city_id=city_id, kinds=kinds, category=category or None, language=language or None, most_rial=most_rial, **wanted)


def _dot(card: PlaceCard, language: str) -> dict[str, Any]:
    is_open = card.state is None or card.state.is_open
    return {"longitude": card.lon, "latitude": card.lat, "name": in_language(card.names, language), "open": is_open}
