"""The shop's book of debts: who owes what since when, entering one, and taking a part of it in cash or by card."""

from datetime import date
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cardbank.cards.codes import CODE_DIGITS, read_code
from cardbank.cards.queries import card_profile, find_by_number_index
from cardbank.cards.rules import CardProfile, is_card_number
from cardbank.keystore.services import open_keystore
from cardbank.services import new_request_key
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError
from kernel.settings import load_settings
from kernel.web.routes import route
from merchants.debts import queries, services
from merchants.debts.errors import DebtNotFound, WrongDebt
from merchants.debts.queries import DebtRow
from merchants.debts.rules import ageing, bucket_of
from merchants.onboarding.rules import typed_day
from merchants.till.queries import open_shift_of
from merchants.till.services import collecting
from merchants.till.services.shifts import may_operate
from portal import formats, words
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import form_key
from portal.routes.till import forms
from portal.routes.till.shift import reach, shift_at_work

OPERATE = Permission.MERCHANTS_TILL_OPERATE
A_PAGE = 30
LONGEST_SEARCH = 80


@route(blueprint, "/till/debts", permission=OPERATE)
def till_debts(visit: Visit) -> ResponseReturnValue:
    return _book(visit)


@route(blueprint, "/till/debts", permission=OPERATE, methods=["POST"])
def enter_debt(visit: Visit) -> ResponseReturnValue:
    """Into the book of the branch in which one is at work."""
    shift = shift_at_work(visit)
    try:
        card = _card(visit)
        debt = services.enter_debt(
            visit.session, visit.identity, shift.branch_id, form_key(),
            customer=request.form.get("customer", "").strip() or (formats.card_number(card.masked, visit.language).striptags() if card else ""),
            amount_rial=forms.amount_of("amount"), due_on=_due_day(),
            note=request.form.get("note", ""), card_id=card.card_id if card else None,
        )  # fmt: skip
    except BadInput as refusal:
        visit.session.rollback()
        return _book(visit, refusal), refusal.status
    return redirect(url_for("portal.till_debt", debt_id=debt.id), 303)


@route(blueprint, "/till/debts/found", permission=OPERATE, methods=["POST"])
def find_debts(visit: Visit) -> ResponseReturnValue:
    """The customer's name is posted, so that it stands in no address."""
    return _book(visit, search=request.form.get("q", "").strip()[:LONGEST_SEARCH])


@route(blueprint, "/till/debts/<int:debt_id>", permission=OPERATE)
def till_debt(visit: Visit, debt_id: int) -> ResponseReturnValue:
    return _page(visit, visible_debt(visit, debt_id))


@route(blueprint, "/till/debts/<int:debt_id>/cash", permission=OPERATE, methods=["POST"])
def collect_cash(visit: Visit, debt_id: int) -> ResponseReturnValue:
    row, shift = visible_debt(visit, debt_id), shift_at_work(visit)
    try:
        taken, key = forms.amount_of("amount"), request.form.get("key", "")
        collecting.collect_cash(visit.session, visit.identity, shift.id, debt_id, key, taken)
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, row, refusal), refusal.status
    return redirect(url_for("portal.till_debt", debt_id=debt_id, taken=taken), 303)


@route(blueprint, "/till/debts/<int:debt_id>/card", permission=OPERATE, methods=["POST"])
def collect_by_card(visit: Visit, debt_id: int) -> ResponseReturnValue:
    """Leads to the payment of a sale. The receipt names the debt by its number: nobody but the shop reads whose it is."""
    row, shift = visible_debt(visit, debt_id), shift_at_work(visit)
    try:
        sale = collecting.collect_by_card(
            visit.session, visit.identity, shift.id, debt_id, request.form.get("key", ""), forms.amount_of("amount"),
            text=_("Debt no. %(number)s", number=formats.number(str(debt_id), visit.language)),
        )  # fmt: skip
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, row, refusal), refusal.status
    return redirect(url_for("portal.till_sale", key=sale.key), 303)


@route(blueprint, "/till/debts/<int:debt_id>/strike-out", permission=OPERATE, methods=["POST"])
def strike_out_debt(visit: Visit, debt_id: int) -> ResponseReturnValue:
    row = visible_debt(visit, debt_id)
    try:
        services.strike_out(visit.session, visit.identity, debt_id, request.form.get("why", ""))
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, row, refusal), refusal.status
    return redirect(url_for("portal.till_debt", debt_id=debt_id), 303)


def visible_debt(visit: Visit, debt_id: int) -> DebtRow:
    """Raises DebtNotFound, also for one of another shop or branch."""
    row = queries.debt_row(visit.session, debt_id)
    if not may_operate(visit.identity, row.organisation_id, row.debt.branch_id):
        raise DebtNotFound(debt=debt_id)
    return row


def open_book(visit: Visit) -> list[DebtRow]:
    """Every open debt that one may see."""
    return queries.debts_page(visit.session, *reach(visit), limit=None)


def _due_day() -> date:
    """Raises WrongDebt for what is no day."""
    try:
        return typed_day(request.form.get("due_on", ""), "due_on")
    except BadInput:
        raise WrongDebt(field="due_on", fault="day") from None


def _card(visit: Visit) -> CardProfile | None:
    """The customer's card, where its number or its holder's code was given. Raises WrongDebt, and what a code may be."""
    number = forms.digits(request.form.get("number", "")).replace("-", "")
    if not number:
        return None
    keystore = open_keystore(load_settings())
    if len(number) == CODE_DIGITS:
        found = card_profile(visit.session, read_code(keystore, number, clock.now()).card_id)
    else:
        index = keystore.card_number_index(number)
        found = find_by_number_index(visit.session, index) if is_card_number(number) else None
    if found is None:
        raise WrongDebt(field="number", fault="card")
    return found


def _book(visit: Visit, fault: DomainError | None = None, search: str = "") -> str:
    shift, is_open = open_shift_of(visit.session, visit.identity.person_id), request.values.get("closed") != "1"
    after, today = _position(), local_day(clock.now())
    found = queries.debts_page(visit.session, *reach(visit), is_open=is_open, search=search, after=after, limit=A_PAGE + 1)
    book = open_book(visit)
    closed, is_cut = None if is_open else "1", len(found) > A_PAGE
    last = found[A_PAGE - 1].debt if is_cut and not search else None
    return render_template(
        "till/debts.html",
        active="portal.till",
        shift=shift,
        rows=found[:A_PAGE],
        ages={row.debt.id: bucket_of(row.debt.due_on, today) for row in found},
        sums=ageing(((row.debt.due_on, row.left_rial) for row in book), today),
        is_open=is_open,
        search=search,
        is_cut=is_cut,
        key=request.form.get("key") or new_request_key(),
        typed=request.form,
        wrong=str(fault.facts.get("field")) if fault else "",
        older=url_for("portal.till_debts", closed=closed, due=last.due_on.isoformat(), id=last.id) if last else None,
        newer=url_for("portal.till_debts", closed=closed) if after else None,
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
    )


def _page(visit: Visit, row: DebtRow, fault: DomainError | None = None) -> str:
    fresh = queries.debt_row(visit.session, row.debt.id)
    typed: dict[str, Any] = {name: request.form.get(name, "") for name in ("amount", "why")}
    return render_template(
        "till/debt.html",
        active="portal.till",
        row=fresh,
        age=bucket_of(fresh.debt.due_on, local_day(clock.now())),
        shift=open_shift_of(visit.session, visit.identity.person_id),
        key=(request.form.get("key") if fault else None) or new_request_key(),
        typed=typed,
        taken_rial=request.args.get("taken", 0, type=int),
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
        wrong=forms.place_of(fault),
    )


def _position() -> tuple[date, int] | None:
    """Where the page before this one ended. Raises BadInput for what no page gave out."""
    if "due" not in request.args:
        return None
    try:
        return date.fromisoformat(request.args["due"]), int(request.args["id"])
    except (ValueError, KeyError):
        raise BadInput(field="due") from None
