"""Letting in at the door of a house or a programme: by the card at the reader beside the computer, by a pass, or by its number."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from cardbank.errors import CardNotUsable
from cardbank.reasons import Reason
from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import BadInput, DomainError
from kernel.settings import load_settings
from kernel.text import latin_digits
from kernel.web.routes import route
from merchants.rules import TerminalProfile
from merchants.sales.counter import at_once, counter_office
from merchants.sales.rules import CardClaim
from merchants.sales.services import check_card
from merchants.till.services.selling import profile_of
from portal import till_words, words
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import new_key
from portal.routes.stays.forms import version_key
from portal.routes.till.reader import begin_card, reader_origin, tapped
from reservations.bookings.queries import till_of_desk
from reservations.bookings.rules.states import content_hash
from reservations.bookings.services.admitting import (
    Admission,
    Door,
    Knock,
    admit_holder,
    admit_pass,
    admitted_before,
)
from reservations.bookings.services.doors import is_for_later, is_old_print
from reservations.bookings.services.naming import give_up_door, name_door, named_doors
from reservations.errors import NoDoor, WrongCount

OPERATE = Permission.RESERVATIONS_DESK_OPERATE
PLAN = Permission.RESERVATIONS_PROGRAMME_MANAGE
HERE = "portal.front_desk"
DESK = "desk"
MOST_PEOPLE = 60


@route(blueprint, "/front-desk/door/challenge", permission=OPERATE, methods=["POST"])
def door_challenge(visit: Visit) -> ResponseReturnValue:
    """The bank's part for a card at the reader. Raises NoDoor where no terminal stands for the house."""
    terminal = _terminal(visit)
    if terminal is None:
        raise NoDoor
    return begin_card(visit, terminal)


@route(blueprint, "/front-desk/door/guests", permission=OPERATE, methods=["POST"])
def let_in(visit: Visit) -> ResponseReturnValue:
    try:
        admission = _let_in(visit)
    except DomainError as refusal:
        visit.session.rollback()
        return door_page(visit, fault=_sentence(refusal)), refusal.status
    shown = request.form.get("code", "").strip()[:400]
    return door_page(
        visit, admission=admission, is_for_later=is_for_later(shown), is_old_print=is_old_print(admission.starts_at, shown)
    )


def _sentence(refusal: DomainError) -> str:
    reason = refusal.facts.get("reason")
    if isinstance(reason, Reason):
        return f"{words.REASONS[reason]}. {till_words.remedy(reason)}"
    return words.error_sentence(refusal.code, refusal.facts)


def _let_in(visit: Visit) -> Admission:
    text, claim = request.form.get("code", "").strip()[:400], tapped()
    facts = (text, claim.challenge_id if claim else None, request.form.get("people"))
    house = Door(DESK, visit.identity.organisations(OPERATE) or frozenset())
    knock = Knock(version_key(), content_hash("let in", *facts), house, _people())
    if claim is None:
        return admit_pass(visit.session, visit.identity.actor, knock, text)
    again = admitted_before(visit.session, knock)  # the proof is used up by then
    return again or admit_holder(visit.session, visit.identity.actor, knock, _holder(visit, claim))


def _holder(visit: Visit, claim: CardClaim) -> int:
    """Whose card answered the bank. Raises NoDoor, CardNotUsable."""
    terminal = _terminal(visit)
    if terminal is None:
        raise NoDoor
    check = at_once(check_card(counter_office(visit.session, load_settings()), terminal, claim))
    if check.card is None or check.reason is not Reason.APPROVED:
        raise CardNotUsable(reason=check.reason)
    return check.card.person_id or 0


def _people() -> int | None:
    """How many come in; nothing typed is everybody. Raises WrongCount."""
    typed = latin_digits(request.form.get("people", "")).strip()
    if not typed:
        return None
    if not (typed.isdecimal() and 0 < int(typed[:4]) <= MOST_PEOPLE):
        raise WrongCount(field="people", most=MOST_PEOPLE)
    return int(typed)


@route(blueprint, "/front-desk/door/terminals", permission=PLAN, methods=["POST"])
def own_doors(visit: Visit) -> ResponseReturnValue:
    """Name a terminal that stands at the organisation's door, or give one up."""
    organisations = sorted(visit.identity.organisations(PLAN) or ())
    try:
        if request.form.get("act") == "give_up":
            give_up_door(visit.session, visit.identity, organisations, request.form.get("terminal", 0, type=int))
        elif organisations:
            name_door(visit.session, visit.identity, organisations[0], request.form.get("code", ""))
    except BadInput as refusal:
        visit.session.rollback()
        return door_page(visit, door_fault=words.error_sentence(refusal.code, refusal.facts)), refusal.status
    return door_page(visit)


def door_page(visit: Visit, **told: Any) -> str:
    """What came of letting in (`admission`, `fault`), of the notes (`found`, `notes_fault`), of naming a terminal (`door_fault`)."""
    terminal, planned = _terminal(visit), visit.identity.organisations(PLAN)
    return render_template(
        "stays/door.html", active=HERE, key=new_key(), reader=reader_origin() if terminal else None,
        may_name=bool(planned), doors=named_doors(visit.session, planned) if planned else [], typed=request.form, **told,
    )  # fmt: skip


def _terminal(visit: Visit) -> TerminalProfile | None:
    code = till_of_desk(visit.session, visit.identity.organisations(OPERATE) or ())
    return None if code is None else profile_of(visit.session, code)
