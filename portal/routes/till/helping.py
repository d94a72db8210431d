"""Somebody is lost: the web till shows what the holder of the tapped card allowed, and whoever is to come is told where."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from cardbank.reasons import Reason
from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import DomainError
from kernel.settings import load_settings
from kernel.web.routes import route
from merchants.rules import TerminalProfile
from merchants.sales.counter import at_once, counter_office
from merchants.sales.rules import CardClaim
from merchants.sales.services import check_card
from merchants.till import queries
from merchants.till.queries import ShiftRow
from merchants.till.services.selling import profile_of
from portal import help_words, till_words, words
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import new_key
from portal.routes.stays.forms import version_key
from portal.routes.till.reader import reader_origin, tapped
from portal.routes.till.shift import shift_at_work
from reservations.bookings.rules.states import content_hash
from reservations.help.rules import HELPS_ALTHOUGH
from reservations.help.services import Asking, HelpAnswer, show_help, shown_before
from reservations.help.telling import told_by_viewer

OPERATE = Permission.MERCHANTS_TILL_OPERATE


@route(blueprint, "/till/help", permission=OPERATE)
def till_help(visit: Visit) -> ResponseReturnValue:
    shift = queries.open_shift_of(visit.session, visit.identity.person_id)
    return _page(shift) if shift else redirect(url_for("portal.till"))


@route(blueprint, "/till/help", permission=OPERATE, methods=["POST"])
def show_till_help(visit: Visit) -> ResponseReturnValue:
    """Only a card that has answered counts: whoever knows a number learns nothing."""
    shift = shift_at_work(visit)
    claim, terminal = tapped(), profile_of(visit.session, shift.code)
    if claim is None:
        return _page(shift, fault=str(words.REASONS[Reason.CHALLENGE_UNKNOWN])), 422
    try:
        answer = _ask(visit, terminal, claim)
    except DomainError as refusal:
        visit.session.rollback()
        return _page(shift, fault=words.error_sentence(refusal.code, refusal.facts)), refusal.status
    if isinstance(answer, Reason):
        return _page(shift, fault=f"{words.REASONS[answer]}. {till_words.remedy(answer)}"), 409
    if answer.outcome != "shown":
        return _page(shift, fault=str(help_words.ANSWERS[answer.outcome]))
    return _page(shift, answer=answer)


@route(blueprint, "/till/help/told/<int:alarm_id>", permission=OPERATE)
def till_help_told(visit: Visit, alarm_id: int) -> ResponseReturnValue:
    """How far those are who are called, for who asked; of whom they are called to, nothing is said here."""
    told = told_by_viewer(visit.session, visit.identity.person_id, alarm_id)
    return render_template("till/help_told.html", active="portal.till", told=told, help_words=help_words)


def _ask(visit: Visit, terminal: TerminalProfile, claim: CardClaim) -> HelpAnswer | Reason:
    """What may be shown, or why the card proves nothing. Raises OtherEntry."""
    key, said = version_key(), content_hash("help", claim.challenge_id, claim.card_answer)
    asking = Asking(key, said, terminal.terminal_id, visit.language, None, visit.identity.person_id)
    again = shown_before(visit.session, asking)
    if again is not None:
        return again
    check = at_once(check_card(counter_office(visit.session, load_settings()), terminal, claim))
    if check.card is None or not check.is_proven or check.reason not in HELPS_ALTHOUGH:
        return check.reason
    asked = Asking(key, said, terminal.terminal_id, visit.language, check.card.person_id, visit.identity.person_id)
    return show_help(visit.session, asked)


def _page(shift: ShiftRow, *, answer: HelpAnswer | None = None, fault: str = "") -> str:
    return render_template(
        "till/help.html", active="portal.till", shift=shift, key=new_key(), reader=reader_origin(), answer=answer, fault=fault,
        help_words=help_words,
    )  # fmt: skip
