"""What shops owe their union: its book, what was paid there, and where settlements pay the union."""

from datetime import date
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.errors import WrongAmount
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError, NotFound
from kernel.web.routes import route
from merchants.debts.rules import ageing
from merchants.dues import queries, services
from merchants.dues.errors import WrongDue
from merchants.dues.services import Entered
from merchants.dues.telling import told_of
from merchants.onboarding.errors import WrongDay
from merchants.onboarding.rules import typed_day
from merchants.settlement.queries import accounts_of
from merchants.settlement.rules.sheba import masked
from portal import due_words, settlement_words, till_words
from portal.blueprint import blueprint
from portal.routes.onboarding import forms
from portal.routes.till.forms import amount_of

KEEP = Permission.MERCHANTS_DUE_KEEP
HERE = "portal.dues"
A_PAGE = 20


@route(blueprint, "/dues", permission=KEEP)
def dues(visit: Visit) -> ResponseReturnValue:
    return _book(visit)


@route(blueprint, "/dues", permission=KEEP, methods=["POST"])
def enter_due(visit: Visit) -> ResponseReturnValue:
    form, union_id = request.form, _union(visit)
    try:
        shop = queries.shop_named(visit.session, union_id, form.get("shop", ""))
        typed = Entered(forms.form_key(), shop, form.get("what", ""), typed_rial(), _due_day())
        made = services.enter_due(visit.session, visit.identity, union_id, typed)
    except BadInput as refusal:
        visit.session.rollback()
        return _book(visit, refusal)
    return redirect(url_for("portal.due", due_id=made.id), 303)


@route(blueprint, "/dues/<int:due_id>", permission=KEEP)
def due(visit: Visit, due_id: int) -> ResponseReturnValue:
    return _page(visit, due_id)


@route(blueprint, "/dues/<int:due_id>", permission=KEEP, methods=["POST"])
def decide_due(visit: Visit, due_id: int) -> ResponseReturnValue:
    """Note what was paid at the union, or strike the due out."""
    form, union_id = request.form, _union(visit)
    queries.due_row(visit.session, union_id, due_id)
    try:
        if form.get("act") == "strike_out":
            services.strike_out(visit.session, visit.identity, union_id, due_id, form.get("why", ""))
        else:
            paid = forms.form_key(), typed_rial(), form.get("receipt", "")
            services.note_paid(visit.session, visit.identity, union_id, due_id, *paid)
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, due_id, refusal)
    return redirect(url_for("portal.due", due_id=due_id), 303)


@route(blueprint, "/dues/account", permission=KEEP)
def due_account(visit: Visit) -> ResponseReturnValue:
    return _account_page(visit)


@route(blueprint, "/dues/account", permission=KEEP, methods=["POST"])
def ask_due_account(visit: Visit) -> ResponseReturnValue:
    form, union_id = request.form, _union(visit)
    try:
        services.ask_to_be_paid(visit.session, visit.identity, union_id, form.get("sheba", ""), form.get("holder_name", ""))
    except DomainError as refusal:
        visit.session.rollback()
        return _account_page(visit, refusal)
    return redirect(url_for("portal.due_account"), 303)


def typed_rial() -> int:
    """Raises WrongDue."""
    try:
        return amount_of("amount")
    except WrongAmount:
        raise WrongDue(field="amount", fault="amount") from None


def _due_day() -> date:
    """Raises WrongDue."""
    try:
        return typed_day(request.form.get("due_on", ""), "due_on")
    except WrongDay:
        raise WrongDue(field="due_on", fault="due_on") from None


def _union(visit: Visit) -> int:
    """The union that a person keeps the book of. Raises NotFound."""
    held = sorted(visit.identity.organisations(KEEP) or ())
    if not held:
        raise NotFound
    return held[0]


def _position() -> tuple[date, int] | None:
    """Where the page before this one ended. Raises BadInput for what no page gave out."""
    if "due" not in request.args:
        return None
    try:
        return date.fromisoformat(request.args["due"]), int(request.args["id"])
    except (ValueError, KeyError):
        raise BadInput(field="due") from None


def _book(visit: Visit, fault: DomainError | None = None) -> ResponseReturnValue:
    union_id, today, after = _union(visit), local_day(clock.now()), _position()
    is_open, search = request.args.get("closed") != "1", request.args.get("q", "").strip()[:80]
    found = queries.dues_page(visit.session, union_id, is_open=is_open, search=search, after=after, limit=A_PAGE + 1)
    asked: dict[str, Any] = {"closed": None if is_open else "1", "q": search or None}
    last = found[A_PAGE - 1].due if len(found) > A_PAGE else None
    page = render_template(
        "dues/book.html",
        active=HERE,
        told=due_words,
        buckets=till_words.BUCKETS,
        rows=found[:A_PAGE],
        sums=ageing(queries.open_sums(visit.session, union_id), today),
        is_open=is_open,
        search=search,
        today=today,
        typed=request.form,
        key=request.form.get("key") or forms.new_key(),
        faults=faults_of(fault),
        older=url_for(HERE, **asked, due=last.due_on.isoformat(), id=last.id) if last else None,
        newer=url_for(HERE, **asked) if after else None,
    )
    return page, fault.status if fault else 200


def _page(visit: Visit, due_id: int, fault: DomainError | None = None) -> ResponseReturnValue:
    row = queries.due_row(visit.session, _union(visit), due_id)
    page = render_template(
        "dues/due.html",
        active=HERE,
        told=due_words,
        row=row,
        messages=told_of(visit.session, row.due),
        payments=queries.payments_of(visit.session, [due_id])[due_id],
        by_shop=False,
        today=local_day(clock.now()),
        now=clock.now(),
        typed=request.form,
        key=request.form.get("key") or forms.new_key(),
        faults=faults_of(fault),
    )
    return page, fault.status if fault else 200


def _account_page(visit: Visit, fault: DomainError | None = None) -> ResponseReturnValue:
    collector = queries.collector_of(visit.session, _union(visit))
    page = render_template(
        "dues/account.html",
        active=HERE,
        states=settlement_words.ACCOUNT_STATES,
        masked=masked,
        rows=accounts_of(visit.session, collector.id) if collector else [],
        typed=request.form,
        faults=faults_of(fault),
    )
    return page, fault.status if fault else 200


def faults_of(fault: DomainError | None) -> dict[str, str]:
    return forms.sentences({str(fault.facts.get("field", "act")): fault}) if fault else {}
