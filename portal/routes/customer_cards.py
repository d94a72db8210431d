"""One card at the desk: its life, and each step of it from here; the new cards that holders wait for."""

from collections.abc import Callable

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.cards import services
from cardbank.cards.queries import card_history, card_profile, number_without_chip
from cardbank.cards.rules import TRANSITIONS, BlockReason, CardProfile, CardStatus
from cardbank.errors import CardNotFound
from cardbank.keystore.services import open_keystore
from cardbank.kinds.queries import kind_of_card
from cardbank.pins import services as pins
from cardbank.replacing.errors import BlankNotFound
from cardbank.replacing.queries import waiting_wishes
from cardbank.replacing.rules import REPLACEABLE
from cardbank.replacing.services import replace_at_desk
from cardbank.services import new_request_key
from identity.permissions import Permission
from identity.queries import names_of_people
from identity.visits import Visit
from kernel import audit
from kernel.errors import BadInput, DomainError, NotFound
from kernel.settings import load_settings
from kernel.web.routes import route
from places.queries import all_cities
from portal import card_words, words
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import qr
from portal.routes.till.reader import reader_origin

VIEW, BLOCK, ISSUE = Permission.IDENTITY_PERSON_VIEW, Permission.CARDBANK_CARD_BLOCK, Permission.CARDBANK_CARD_ISSUE
A_PAGE = 50
LONGEST_WHY = 200
# The steps that a clerk takes by one button and a reason; a new card in an old one's place has a form of its own.
ACTS = {"unblock": CardStatus.ACTIVE, "expire": CardStatus.EXPIRED, "close": CardStatus.REFUNDED}


@route(blueprint, "/customers/cards/<int:card_id>", permission=VIEW)
def customer_card(visit: Visit, card_id: int) -> ResponseReturnValue:
    card = _known(visit, card_id)
    audit.record(visit.session, visit.identity.actor, "view", "card", card_id)
    return _page(visit, card)


@route(blueprint, "/customers/cards/<int:card_id>", permission=BLOCK, methods=["POST"])
def change_card(visit: Visit, card_id: int) -> ResponseReturnValue:
    """Block, unblock, end or close a card; what the clerk notes goes into its history."""
    card = _known(visit, card_id)
    note = " ".join(request.form.get("note", "").split())
    try:
        if not 0 < len(note) <= LONGEST_WHY:
            raise BadInput(field="note")
        _step(visit, request.form.get("act", ""))(card_id, note)
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, card, refusal), refusal.status
    return redirect(url_for("portal.customer_card", card_id=card_id, done=1), 303)


@route(blueprint, "/customers/cards/<int:card_id>/replacement", permission=ISSUE, methods=["POST"])
def replace_card(visit: Visit, card_id: int) -> ResponseReturnValue:
    """The new card is active when it is handed over; the old one is dead from then on."""
    card = _known(visit, card_id)
    has_chip, blank = request.form.get("chip") != "no", request.form.get("blank", "")
    try:
        if has_chip and not blank.strip():
            raise BlankNotFound(field="blank")
        keystore, why = open_keystore(load_settings()), request.form.get("why", "")
        new = replace_at_desk(
            visit.session, keystore, visit.identity.actor, card_id, why, blank if has_chip else "",
            paid_by=request.form.get("paid_by", ""), key=request.form.get("key", ""),
        )  # fmt: skip
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, card, refusal), refusal.status
    return redirect(url_for("portal.customer_card", card_id=new.id, new=1), 303)


@route(blueprint, "/customers/cards/<int:card_id>/number", permission=ISSUE, methods=["POST"])
def show_card_number(visit: Visit, card_id: int) -> ResponseReturnValue:
    """The number of a card that has no chip, for its holder's paper: the one thing that it is used by."""
    card = _known(visit, card_id)
    number = number_without_chip(visit.session, open_keystore(load_settings()), card_id)
    audit.record(visit.session, visit.identity.actor, "show number", "card", card_id)
    groups = [number[at : at + 4] for at in range(0, len(number), 4)]
    page = render_template("customers/number.html", active="portal.customers", card=card, groups=groups, qr=qr(number))
    return page, 200, {"Cache-Control": "no-store"}


@route(blueprint, "/customers/cards/<int:card_id>/pin", permission=ISSUE, methods=["POST"])
def set_card_pin(visit: Visit, card_id: int) -> ResponseReturnValue:
    """The holder types; `act` open lets a locked PIN be tried again."""
    card, form = _known(visit, card_id), request.form
    try:
        if form.get("act") == "open":
            pins.open_pin(visit.session, visit.identity.actor, card_id)
        else:
            pins.set_pin(visit.session, visit.identity.actor, card_id, form.get("pin", ""), form.get("again", ""))
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, card, refusal), refusal.status
    return redirect(url_for("portal.customer_card", card_id=card_id, done=1), 303)


@route(blueprint, "/replacements", permission=ISSUE)
def replacements(visit: Visit) -> ResponseReturnValue:
    """What holders asked for from the app, the longest waiting first."""
    cities = {city.id: city for city in all_cities(visit.session)}
    city_id, after = request.args.get("city", type=int), request.args.get("after", 0, type=int)
    if city_id is not None and city_id not in cities:
        raise NotFound
    found = waiting_wishes(visit.session, city_id=city_id, after=after, limit=A_PAGE + 1)
    return render_template(
        "customers/replacements.html",
        active="portal.replacements",
        wishes=found[:A_PAGE],
        names=names_of_people(visit.session, {one.person_id for one in found if one.person_id}),
        cities=cities,
        city_id=city_id,
        after=after,
        older=found[A_PAGE - 1].id if len(found) > A_PAGE else None,
        told=card_words,
    )


def _step(visit: Visit, act: str) -> Callable[[int, str], object]:
    """Raises NotFound for an act that there is not, BadInput for no reason to block."""
    session, actor = visit.session, visit.identity.actor
    if act == "block":
        kind = request.form.get("kind", "")
        if kind not in set(BlockReason):
            raise BadInput(field="kind")
        return lambda card_id, why: services.block_card(session, actor, card_id, BlockReason(kind), why)
    steps = {"unblock": services.unblock_card, "expire": services.expire_card, "close": services.close_card}
    step = steps.get(act)
    if step is None:
        raise NotFound
    return lambda card_id, why: step(session, actor, card_id, why)


def _known(visit: Visit, card_id: int) -> CardProfile:
    card = card_profile(visit.session, card_id)
    if card is None:
        raise CardNotFound(card_id=card_id)
    return card


def _page(visit: Visit, card: CardProfile, fault: DomainError | None = None) -> str:
    next_states = TRANSITIONS[card.status]
    field = str(fault.facts.get("field", "")) if fault else ""
    return render_template(
        "customers/card.html",
        active="portal.customers",
        card=card,
        names=names_of_people(visit.session, [card.person_id] if card.person_id else []),
        history=card_history(visit.session, card.card_id),
        acts=[
            act for act, state in ACTS.items() if state in next_states and (act != "unblock" or card.status is CardStatus.BLOCKED)
        ],
        may_block=CardStatus.BLOCKED in next_states,
        is_replaceable=card.status in REPLACEABLE and card.block_reason is not BlockReason.BANK,
        told=card_words,
        typed=request.form,
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
        fault_field=field if field in ("again", "blank", "note", "pin") else "",
        pin=pins.state_of_pin(visit.session, card.card_id),
        reader=reader_origin(),
        fee_rial=load_settings().card_replacement_fee_rial,
        key=request.form.get("key") or new_request_key(),
        kind=kind_of_card(visit.session, card.card_id),
        is_new="new" in request.args,
        is_given="given" in request.args,
        is_done="done" in request.args,
    )
