"""The till's first page, opening a till and a shift, and the cash-up."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.services import new_request_key
from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import DomainError
from kernel.languages import LANGUAGES
from kernel.web.routes import route
from merchants.till import queries
from merchants.till.errors import ShiftIsClosed, ShiftNotFound
from merchants.till.queries import SaleRow, ShiftRow
from merchants.till.rules import expected_cash
from merchants.till.services import shifts
from portal import words
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import form_number
from portal.routes.till import forms
from portal.routes.till.reader import reader_origin

OPERATE = Permission.MERCHANTS_TILL_OPERATE
OPEN = Permission.MERCHANTS_TERMINAL_OPEN
A_PAGE = 20
LAST_SALES = 8


@route(blueprint, "/till", permission=OPERATE)
def till(visit: Visit) -> ResponseReturnValue:
    """The basket where a shift is open, else the tills to open one at."""
    shift = queries.open_shift_of(visit.session, visit.identity.person_id)
    return choice(visit) if shift is None else basket(visit, shift)


@route(blueprint, "/till/shifts", permission=OPERATE)
def till_shifts(visit: Visit) -> ResponseReturnValue:
    organisations, branches = reach(visit)
    before = request.args.get("before", type=int)
    found = queries.shifts_page(visit.session, organisations, branches, before=before, limit=A_PAGE + 1)
    return render_template(
        "till/shifts.html",
        active="portal.till",
        shifts=found[:A_PAGE],
        before=before,
        older=found[A_PAGE - 1].id if len(found) > A_PAGE else None,
    )


@route(blueprint, "/till/shifts", permission=OPERATE, methods=["POST"])
def open_shift(visit: Visit) -> ResponseReturnValue:
    try:
        opening_rial = forms.amount_of("opening") if request.form.get("opening", "").strip() else 0
        shifts.open_shift(visit.session, visit.identity, request.form.get("till", ""), opening_rial)
    except DomainError as refusal:
        visit.session.rollback()
        return choice(visit, refusal), refusal.status
    return redirect(url_for("portal.till"), 303)


@route(blueprint, "/till/new", permission=OPEN, methods=["POST"])
def open_web_till(visit: Visit) -> ResponseReturnValue:
    language = request.form.get("language", "")
    shifts.open_web_till(
        visit.session, visit.identity, form_number("branch"), language=language if language in LANGUAGES else visit.language
    )
    return redirect(url_for("portal.till"), 303)


@route(blueprint, "/till/shifts/<int:shift_id>", permission=OPERATE)
def till_shift(visit: Visit, shift_id: int) -> ResponseReturnValue:
    """The sheet of a shift: its sales and totals, and the form of the cash-up while it is open."""
    return sheet(visit, visible_shift(visit, shift_id))


@route(blueprint, "/till/shifts/<int:shift_id>", permission=OPERATE, methods=["POST"])
def cash_up(visit: Visit, shift_id: int) -> ResponseReturnValue:
    shift = visible_shift(visit, shift_id)
    try:
        counted = forms.amount_of("counted")
        shifts.cash_up(visit.session, visit.identity, shift_id, counted, request.form.get("why", ""))
    except DomainError as refusal:
        visit.session.rollback()
        return sheet(visit, shift, refusal), refusal.status
    return redirect(url_for("portal.till_shift", shift_id=shift_id), 303)


def choice(visit: Visit, fault: DomainError | None = None) -> str:
    """The tills one may work at. Who may open terminals is offered a new web till too."""
    organisations, branches = reach(visit)
    owned = visit.identity.organisations(OPEN)
    return render_template(
        "till/choice.html",
        active="portal.till",
        tills=queries.tills_page(visit.session, organisations, branches),
        branches=queries.branches_of(visit.session, owned) if owned else [],
        opening=request.form.get("opening", ""),
        chosen=request.form.get("till", ""),
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
        wrong=forms.place_of(fault),
    )


def basket(visit: Visit, shift: ShiftRow, *, lines: list[forms.TypedLine] | None = None, fault: DomainError | None = None) -> str:
    """The basket's form. A page that is sent again keeps its key, a new one gets its own."""
    return render_template(
        "till/basket.html",
        active="portal.till",
        shift=shift,
        sales=queries.sales_of_shift(visit.session, shift.id, limit=LAST_SALES),
        lines=[line for line in lines or () if not line.is_blank],
        key=request.form.get("key") or new_request_key(),
        reader=reader_origin(),
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
        wrong=forms.place_of(fault),
    )


def sheet(visit: Visit, shift: ShiftRow, fault: DomainError | None = None) -> str:
    sales: list[SaleRow] = queries.sales_of_shift(visit.session, shift.id)
    taken = queries.takings(visit.session, shift, sales)
    return render_template(
        "till/shift.html",
        active="portal.till",
        shift=shift,
        sales=sales,
        taken=taken,
        expected_rial=expected_cash(shift.shift.opening_rial, taken),
        is_own=shift.shift.person_id == visit.identity.person_id,
        counted=request.form.get("counted", ""),
        why=request.form.get("why", ""),
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
        wrong=forms.place_of(fault),
    )


def shift_at_work(visit: Visit) -> ShiftRow:
    """Raises ShiftIsClosed where one is not at work."""
    shift = queries.open_shift_of(visit.session, visit.identity.person_id)
    if shift is None:
        raise ShiftIsClosed
    return shift


def reach(visit: Visit) -> tuple[frozenset[int], frozenset[int] | None]:
    """The shops one works in, and the branches where one is bound to some of them."""
    organisations = visit.identity.organisations(OPERATE) or frozenset()
    bound = [visit.identity.branches(one, OPERATE) for one in organisations]
    if None in bound:
        return organisations, None
    return organisations, frozenset().union(*(branches for branches in bound if branches is not None))


def visible_shift(visit: Visit, shift_id: int) -> ShiftRow:
    """Raises ShiftNotFound, also for one of another shop or branch."""
    shift = queries.shift_row(visit.session, shift_id)
    if not shifts.may_operate(visit.identity, shift.organisation_id, shift.branch_id):
        raise ShiftNotFound(shift=shift_id)
    return shift
