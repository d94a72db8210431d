"""Giving from the card, and the page where the network registers who may be given to."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.ledger.types import Source
from cardbank.services import new_request_key, request_key
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.errors import DomainError
from kernel.languages import LANGUAGES
from kernel.web.routes import route
from merchants.giving import queries, services
from merchants.giving.rules import Cause
from portal import giving_words
from portal.blueprint import blueprint
from portal.routes.family import faults_of
from portal.routes.onboarding.forms import form_number
from portal.routes.till import forms
from portal.routes.transfer import own_purses

MOVE = Permission.CARDBANK_MONEY_MOVE
KEEP = Permission.MERCHANTS_RECEIVER_KEEP
A_PAGE = 20


@route(blueprint, "/me/give", permission=MOVE)
def my_giving(visit: Visit) -> ResponseReturnValue:
    return _give_page(visit)


@route(blueprint, "/me/give", permission=MOVE, methods=["POST"])
def give_money(visit: Visit) -> ResponseReturnValue:
    identity = visit.identity
    try:
        key = request_key(Source.API, identity.sign_in_id, request.form.get("key", ""))
        answer = services.give(
            visit.session, identity.actor, identity.person_id, form_number("card"), form_number("receiver"),
            request.form.get("cause", ""), forms.amount_of("amount"), key,
        )  # fmt: skip
    except DomainError as refusal:
        visit.session.rollback()
        return _give_page(visit, refusal), refusal.status
    return redirect(url_for("portal.my_receipt", day=answer.business_date.isoformat(), entry_id=answer.entry_id), 303)


@route(blueprint, "/receivers", permission=KEEP)
def receivers(visit: Visit) -> ResponseReturnValue:
    return _receivers_page(visit)


@route(blueprint, "/receivers", permission=KEEP, methods=["POST"])
def keep_receivers(visit: Visit) -> ResponseReturnValue:
    """`end` takes one off the list; anything else registers one, whose account a second person approves."""
    form, identity = request.form, visit.identity
    try:
        if form.get("act") == "end":
            services.end_receiver(visit.session, identity.actor, form_number("receiver"))
        else:
            names, about = _by_language("name"), _by_language("about")
            services.register_receiver(
                visit.session, identity.actor, identity.person_id, names, about, form.getlist("causes"), form.get("sheba", ""),
                form.get("holder_name", ""),
            )  # fmt: skip
    except DomainError as refusal:
        visit.session.rollback()
        return _receivers_page(visit, refusal), refusal.status
    return redirect(url_for("portal.receivers"), 303)


def _by_language(name: str) -> dict[str, str]:
    """What was typed in each language; Persian always, so that its lack is told."""
    typed = {language: " ".join(request.form.get(f"{name}_{language}", "").split()) for language in LANGUAGES}
    return {language: text for language, text in typed.items() if text or language == "fa"}


def _give_page(visit: Visit, fault: DomainError | None = None) -> str:
    return render_template(
        "me/give.html",
        active="portal.my_giving",
        purses=own_purses(visit),
        receivers=queries.receivers_open(visit.session, clock.now()),
        key=request.form.get("key") or new_request_key(),
        typed=request.form,
        faults=faults_of(fault),
        told=giving_words,
    )


def _receivers_page(visit: Visit, fault: DomainError | None = None) -> str:
    after = request.args.get("after", 0, type=int)
    found = queries.receivers_page(visit.session, clock.now(), after=after, limit=A_PAGE + 1)
    return render_template(
        "giving/receivers.html",
        active="portal.receivers",
        receivers=found[:A_PAGE],
        after=after,
        older=found[A_PAGE - 1].receiver_id if len(found) > A_PAGE else None,
        causes=tuple(Cause),
        typed=request.form,
        faults=faults_of(fault),
        told=giving_words,
    )
