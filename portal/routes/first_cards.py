"""First cards: asked for on the own page, made ready and handed over at a desk."""

from typing import cast

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.cards.queries import cards_of_person
from cardbank.first_cards import queries, services
from cardbank.first_cards.errors import CardHeldAlready, FirstCardNotFound
from cardbank.first_cards.rules import HELD, OPEN_STATES
from cardbank.keystore.services import open_keystore
from cardbank.kinds.queries import kinds_in_force, offered_kinds
from identity.permissions import Identity, Permission
from identity.queries import names_of_people, person_cards
from identity.visits import OpenVisit, Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import DomainError, NotFound
from kernel.settings import load_settings
from kernel.web.routes import route
from places.errors import CityNotFound
from places.queries import all_cities, city_by_code
from portal import asking_words, words
from portal.blueprint import blueprint
from portal.routes.till.reader import reader_origin

HOLD, ISSUE = Permission.CARDBANK_OWN_CARD_HOLD, Permission.CARDBANK_CARD_ISSUE
OWN, HERE = "portal.my_first_card", "portal.first_cards"
A_PAGE = 50


@route(blueprint, "/me/first-card", permission=HOLD)
def my_first_card(visit: Visit) -> ResponseReturnValue:
    return _own(visit)


@route(blueprint, "/me/first-card", permission=HOLD, methods=["POST"])
def ask_first_card(visit: Visit) -> ResponseReturnValue:
    """`act` withdraw: no card is wanted any more."""
    form, holder = request.form, _person(visit)
    try:
        if form.get("act") == "withdraw":
            services.withdraw_first_card(visit.session, holder.actor, holder.person_id)
        else:
            city = city_by_code(visit.session, form.get("city", ""))
            services.ask_first_card(
                visit.session, holder.actor, holder.person_id, form.get("kind", ""), form.get("language", ""), city.id
            )
    except DomainError as refusal:
        visit.session.rollback()
        return _own(visit, refusal), refusal.status
    return redirect(url_for(OWN), 303)


@route(blueprint, "/desk/first-cards", permission=ISSUE)
def first_cards(visit: Visit) -> ResponseReturnValue:
    """What desks have to make ready or to hand over, the longest waiting first."""
    cities = {city.id: city for city in all_cities(visit.session)}
    city_id, after = request.args.get("city", type=int), request.args.get("after", 0, type=int)
    if city_id is not None and city_id not in cities:
        raise CityNotFound
    found = queries.open_wishes(visit.session, city_id=city_id, after=after, limit=A_PAGE + 1)
    return render_template(
        "first_cards/list.html",
        active=HERE,
        wishes=found[:A_PAGE],
        names=names_of_people(visit.session, {one.person_id for one in found}),
        kinds=_kind_names(visit),
        cities=cities,
        city_id=city_id,
        after=after,
        older=found[A_PAGE - 1].id if len(found) > A_PAGE else None,
        told=asking_words,
    )


@route(blueprint, "/desk/first-cards/<int:wish_id>", permission=ISSUE)
def first_card(visit: Visit, wish_id: int) -> ResponseReturnValue:
    return _one(visit, wish_id)


@route(blueprint, "/desk/first-cards/<int:wish_id>", permission=ISSUE, methods=["POST"])
def answer_first_card(visit: Visit, wish_id: int) -> ResponseReturnValue:
    """`act` ready: it waits at a desk; refuse: with a reason; hand: into the person's hand, at one press."""
    form, act = request.form, request.form.get("act", "")
    try:
        if act == "ready":
            services.make_ready(visit.session, _person(visit).actor, wish_id, form.get("desk", ""))
            return redirect(url_for("portal.first_card", wish_id=wish_id, ready=1), 303)
        if act == "refuse":
            services.refuse_first_card(visit.session, _person(visit).actor, wish_id, form.get("refusal", ""))
            return redirect(url_for(HERE), 303)
        if act != "hand":
            raise NotFound
        card = services.hand_over_first_card(
            visit.session,
            open_keystore(load_settings()),
            _person(visit),
            wish_id,
            form.get("blank", ""),
            is_document_seen=form.get("seen") == "yes",
        )
    except DomainError as refusal:
        if isinstance(refusal, FirstCardNotFound) or act not in ("ready", "refuse", "hand"):
            raise
        visit.session.rollback()
        return _one(visit, wish_id, refusal), refusal.status
    return redirect(url_for("portal.customer_card", card_id=card.id, given=1), 303)


def _own(visit: OpenVisit, fault: DomainError | None = None) -> str:
    person_id = _person(visit).person_id
    asked = queries.wishes_of(visit.session, person_id)
    is_open = bool(asked) and asked[0].wish.state in OPEN_STATES
    return render_template(
        "me/first_card.html",
        active="portal.my_card",
        asked=asked,
        is_open=is_open,
        has_card=isinstance(fault, CardHeldAlready)
        or any(card.status in HELD for card in cards_of_person(visit.session, person_id)),
        kinds=offered_kinds(visit.session, local_day(clock.now())),
        kind_names=_kind_names(visit),
        cities={city.id: city for city in all_cities(visit.session)},
        told=asking_words,
        typed=request.form,
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
    )


def _one(visit: Visit, wish_id: int, fault: DomainError | None = None) -> str:
    wish = queries.open_wish(visit.session, wish_id)
    return render_template(
        "first_cards/one.html",
        active=HERE,
        wish=wish,
        person=person_cards(visit.session, [wish.person_id])[0],
        kind=_kind_names(visit)[wish.kind],
        city=next(city for city in all_cities(visit.session) if city.id == wish.city_id),
        desk=request.form.get("desk") or wish.desk or queries.newest_desk(visit.session, wish.city_id),
        told=asking_words,
        typed=request.form,
        reader=reader_origin(),
        is_ready="ready" in request.args,
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
        fault_field=str(fault.facts.get("field", "")) if fault else "",
    )


def _kind_names(visit: OpenVisit) -> dict[str, dict[str, str]]:
    return {one.code: one.names for one in kinds_in_force(visit.session, local_day(clock.now()))}


def _person(visit: OpenVisit) -> Identity:
    return cast("Identity", visit.identity)
