"""Limits of issuing, the exceptions that a second operator allows, and handing a card to a person."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.issuing import services
from cardbank.issuing.errors import IssuingLimitReached, KindHeldAlready
from cardbank.issuing.queries import asked_exceptions, limits_page
from cardbank.keystore.services import open_keystore
from cardbank.kinds.queries import kinds_in_force, offered_kinds
from identity.permissions import Identity, Permission
from identity.queries import names_of_people, person_cards
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import DomainError, NotFound
from kernel.languages import LANGUAGES
from kernel.settings import load_settings
from kernel.text import latin_digits
from kernel.web.routes import route
from portal import card_words, words
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import form_number
from portal.routes.till.reader import reader_origin

SET, ISSUE = Permission.CARDBANK_LIMIT_SET, Permission.CARDBANK_CARD_ISSUE
HERE = "portal.issuing_limits"
BEYOND = (IssuingLimitReached, KindHeldAlready)


@route(blueprint, "/card-limits", permission=SET)
def issuing_limits(visit: Visit) -> ResponseReturnValue:
    return _limits(visit)


@route(blueprint, "/card-limits", permission=SET, methods=["POST"])
def set_issuing_limit(visit: Visit) -> ResponseReturnValue:
    form = request.form
    typed = latin_digits(form.get("most", "")).replace(",", "").strip()
    most = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
    try:
        services.set_limit(
            visit.session, visit.identity.actor, form.get("subject", ""), form.get("kind") or None, form.get("period", ""), most
        )
    except DomainError as refusal:
        visit.session.rollback()
        return _limits(visit, refusal), refusal.status
    return redirect(url_for(HERE), 303)


@route(blueprint, "/card-limits/end", permission=SET, methods=["POST"])
def end_issuing_limit(visit: Visit) -> ResponseReturnValue:
    services.end_limit(visit.session, visit.identity.actor, form_number("limit"))
    return redirect(url_for(HERE), 303)


@route(blueprint, "/card-limits/exceptions", permission=SET, methods=["POST"])
def answer_exception(visit: Visit) -> ResponseReturnValue:
    """`act` is allow or refuse; never by who asked."""
    act = request.form.get("act", "")
    if act not in ("allow", "refuse"):
        raise NotFound
    try:
        services.answer_exception(visit.session, _clerk(visit), form_number("exception"), is_allowed=act == "allow")
    except DomainError as refusal:
        visit.session.rollback()
        return _limits(visit, refusal), refusal.status
    return redirect(url_for(HERE), 303)


@route(blueprint, "/customers/<int:person_id>/card", permission=ISSUE)
def give_card(visit: Visit, person_id: int) -> ResponseReturnValue:
    return _giving(visit, person_id)


@route(blueprint, "/customers/<int:person_id>/card", permission=ISSUE, methods=["POST"])
def hand_out_card(visit: Visit, person_id: int) -> ResponseReturnValue:
    """The card is active when it is handed over. `act` ask: a second operator is asked where a limit is reached."""
    form = request.form
    kind, language = form.get("kind", ""), form.get("language", "")
    try:
        if form.get("act") == "ask":
            services.ask_exception(visit.session, _clerk(visit), person_id, kind, form.get("reason", ""))
            return redirect(url_for("portal.give_card", person_id=person_id, asked=1), 303)
        card = services.hand_out_at_desk(
            visit.session, open_keystore(load_settings()), _clerk(visit), person_id,
            language if language in LANGUAGES else visit.language, kind, form.get("blank", ""),
        )  # fmt: skip
    except DomainError as refusal:
        visit.session.rollback()
        return _giving(visit, person_id, refusal), refusal.status
    return redirect(url_for("portal.customer_card", card_id=card.id, given=1), 303)


def _clerk(visit: Visit) -> Identity:
    return visit.identity


def _limits(visit: Visit, fault: DomainError | None = None) -> str:
    asked = asked_exceptions(visit.session)
    names = names_of_people(visit.session, {one.person_id for one in asked} | {one.asked_by for one in asked})
    return render_template(
        "customers/limits.html",
        active=HERE,
        told=card_words,
        limits=limits_page(visit.session),
        asked=asked,
        names=names,
        kinds={one.code: one.names for one in kinds_in_force(visit.session, local_day(clock.now()))},
        is_mine={one.id for one in asked if one.asked_by == _clerk(visit).person_id},
        typed=request.form,
        **_fault(fault, ("subject", "kind", "period", "most")),
    )


def _giving(visit: Visit, person_id: int, fault: DomainError | None = None) -> str:
    shown = person_cards(visit.session, [person_id])
    if not shown:
        raise NotFound
    return render_template(
        "customers/give.html",
        active="portal.customers",
        person=shown[0],
        kinds=offered_kinds(visit.session, local_day(clock.now())),
        told=card_words,
        typed=request.form,
        reader=reader_origin(),
        waits=asked_exceptions(visit.session, person_id=person_id),
        is_asked="asked" in request.args,
        may_ask=isinstance(fault, BEYOND) or (fault is not None and fault.facts.get("field") == "reason"),
        **_fault(fault, ("blank", "kind", "reason")),
    )


def _fault(fault: DomainError | None, fields: tuple[str, ...]) -> dict[str, str]:
    """What is wrong, and the field that it stands beside."""
    if fault is None:
        return {"fault": "", "fault_field": ""}
    field = str(fault.facts.get("field", ""))
    return {"fault": words.error_sentence(fault.code, fault.facts), "fault_field": field if field in fields else ""}
