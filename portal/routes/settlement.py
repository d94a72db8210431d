"""A shop's statements and bank account; the operator's settlement runs, payout files and second pair of eyes."""

from datetime import date
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError, NotFound
from kernel.sheets import sheet_of
from kernel.web.routes import route
from merchants.leaving.queries import leavings_of_batch
from merchants.leaving.rules import PREFIX
from merchants.onboarding.rules import typed_day
from merchants.settlement import queries
from merchants.settlement.adapters.paya import PAYOUT_FILES
from merchants.settlement.adapters.sheets import statement_rows
from merchants.settlement.errors import PayerNotSet, PayoutFileForgotten, StatementNotFound, StatementTooLong
from merchants.settlement.queries import LineRow, Position, StatementRow
from merchants.settlement.rules.sheba import bank_of_sheba, masked
from merchants.settlement.services import accounts, closing, files, payouts, terms
from portal import settlement_words, words
from portal.blueprint import blueprint
from portal.lists import MEDIA_TYPES, download
from portal.own_shop import own_shop, own_shops
from portal.papers import statement_paper

A_PAGE = 20
LINES_A_PAGE = 50
MOST_ON_PAPER = 3_000  # some ninety pages, made in three seconds
DAYS_AHEAD = 90

VIEW = Permission.MERCHANTS_SETTLEMENT_VIEW
PROPOSE = Permission.MERCHANTS_ACCOUNT_PROPOSE
APPROVE = Permission.MERCHANTS_ACCOUNT_APPROVE
RUN = Permission.MERCHANTS_SETTLEMENT_RUN


@route(blueprint, "/settlement", permission=PROPOSE)
def settlement(visit: Visit) -> ResponseReturnValue:
    shop = _own_shop(visit)
    if shop is None:
        return render_template("settlement/none.html", active="portal.settlement")
    now = clock.now()
    before = request.args.get("before", type=int)
    found = queries.statements_of_merchants(visit.session, [shop.id], before=before, limit=A_PAGE + 1)
    return _page(
        "statements",
        statements=found[:A_PAGE],
        before=before,
        older=found[A_PAGE - 1].statement.id if len(found) > A_PAGE else None,
        shop=shop,
        waiting=queries.waiting_for(visit.session, shop.id),
        expected_at=queries.expected_at(visit.session, local_day(now)),
        account=queries.usable_account(visit.session, shop.id, now),
        term=queries.term_in_force(visit.session, shop.id, shop.kind, now),
    )


@route(blueprint, "/settlement/statements/<int:statement_id>", permission=VIEW)
def settlement_statement(visit: Visit, statement_id: int) -> ResponseReturnValue:
    found = _statement(visit, statement_id)
    after = position_of(request.args.get("after", ""))
    lines = list(queries.lines_of(visit.session, statement_id, after=after, limit=LINES_A_PAGE + 1))
    last = lines[LINES_A_PAGE - 1] if len(lines) > LINES_A_PAGE else None
    is_own = visit.identity.organisations(VIEW) is not None
    return _page(
        "statement",
        active="portal.settlement" if is_own else "portal.settlements",
        is_own=is_own,
        row=found,
        lines=lines[:LINES_A_PAGE],
        after=after,
        older=last and f"{last.business_date.isoformat()}_{last.entry_id}",
    )


@route(blueprint, "/settlement/statements/<int:statement_id>/sheet.<form>", permission=VIEW)
def settlement_sheet(visit: Visit, statement_id: int, form: str) -> ResponseReturnValue:
    if form not in ("csv", "xlsx", "pdf"):
        raise NotFound
    found = _statement(visit, statement_id)
    if form == "pdf":
        return _paper(visit, found)
    said = {**settlement_words.SUMS, **settlement_words.PARTS, **settlement_words.SHEET}
    labels = {name: str(text) for name, text in said.items()}
    rows = statement_rows(found, queries.lines_of(visit.session, statement_id, limit=None), labels)
    name = f"statement-{found.batch.reference}-{statement_id}.{form}"
    return download(sheet_of(form, rows, found.batch.reference, visit.language), MEDIA_TYPES[form], name)


@route(blueprint, "/settlement/account", permission=PROPOSE, methods=["GET", "POST"])
def bank_account(visit: Visit) -> ResponseReturnValue:
    shop = _own_shop(visit)
    if shop is None:
        raise NotFound
    if request.method == "GET":
        return _account_page(visit, shop)
    typed = request.form.get("sheba", ""), request.form.get("holder_name", "")
    try:
        accounts.propose_account(visit.session, visit.identity.actor, visit.identity.person_id, shop.id, *typed)
        visit.session.flush()
    except DomainError as refusal:
        visit.session.rollback()
        return _account_page(visit, shop, refusal), refusal.status
    return redirect(url_for("portal.bank_account", merchant=shop.id), 303)


@route(blueprint, "/settlement/account/<int:account_id>/withdraw", permission=PROPOSE, methods=["POST"])
def withdraw_bank_account(visit: Visit, account_id: int) -> ResponseReturnValue:
    shop = _own_shop(visit)
    if shop is None or account_id not in {row.account.id for row in queries.accounts_of(visit.session, shop.id)}:
        raise NotFound
    accounts.withdraw_account(visit.session, visit.identity.actor, visit.identity.person_id, account_id)
    return redirect(url_for("portal.bank_account", merchant=shop.id), 303)


@route(blueprint, "/settlements", permission=RUN)
def settlements(visit: Visit) -> ResponseReturnValue:
    return _runs_page(visit)


@route(blueprint, "/settlements/close", permission=RUN, methods=["POST"])
def close_settlement(visit: Visit) -> ResponseReturnValue:
    try:
        batch = closing.close_now(visit.session, visit.identity.actor)
    except DomainError as refusal:
        visit.session.rollback()
        return _runs_page(visit, refusal), refusal.status
    return redirect(url_for("portal.settlement_batch", batch_id=batch.id), 303)


@route(blueprint, "/settlements/days", permission=RUN, methods=["POST"])
def set_bank_day(visit: Visit) -> ResponseReturnValue:
    """A holiday that was moved by a sighting, or a closure that was announced."""
    try:
        why = request.form.get("why", "").strip()
        day = typed_day(request.form.get("day", ""), "day")
        acts = {"open": True, "closed": False}
        if request.form.get("act") not in acts:
            raise BadInput(field="act")
        terms.set_bank_day(visit.session, visit.identity.actor, day, is_open=acts[request.form["act"]], why={visit.language: why})
    except DomainError as refusal:
        visit.session.rollback()
        return _runs_page(visit, refusal), refusal.status
    return redirect(url_for("portal.settlements"), 303)


@route(blueprint, "/settlements/<int:batch_id>", permission=RUN)
def settlement_batch(visit: Visit, batch_id: int) -> ResponseReturnValue:
    return _batch_page(visit, batch_id)


@route(blueprint, "/settlements/<int:batch_id>/payouts.<form>", permission=RUN)
def payout_file(visit: Visit, batch_id: int, form: str) -> ResponseReturnValue:
    batch = queries.batch_by_id(visit.session, batch_id)
    adapter = next((adapter for adapter in PAYOUT_FILES if adapter.form == form), None)
    if adapter is None:
        raise NotFound
    try:
        content = files.payout_file(visit.session, batch_id, form)
    except (PayerNotSet, PayoutFileForgotten) as refusal:
        return _batch_page(visit, batch_id, refusal), refusal.status
    return download(content, adapter.media_type, f"{batch.reference}.{form}")


@route(blueprint, "/settlements/<int:batch_id>/answer", permission=RUN, methods=["POST"])
def answer_payouts(visit: Visit, batch_id: int) -> ResponseReturnValue:
    """`accept`: the bank has paid all that is open; `return`: one payout, by its reference, came back."""
    batch = queries.batch_by_id(visit.session, batch_id)
    actor, act = visit.identity.actor, request.form.get("act", "")
    try:
        if act == "accept":
            payouts.accept_batch(visit.session, actor, batch.reference)
        elif act == "return":
            reference = request.form.get("reference", "").strip().upper()
            queries.check_payout_of(visit.session, batch_id, reference)
            give_back = payouts.return_leaving if reference.startswith(PREFIX) else payouts.return_payout
            give_back(visit.session, actor, reference, request.form.get("why", "").strip())
        else:
            raise BadInput(field="act")
    except DomainError as refusal:
        visit.session.rollback()
        return _batch_page(visit, batch_id, refusal), refusal.status
    return redirect(url_for("portal.settlement_batch", batch_id=batch_id), 303)


@route(blueprint, "/settlements/accounts", permission=APPROVE)
def proposed_accounts(visit: Visit) -> ResponseReturnValue:
    return _proposed_page(visit)


@route(blueprint, "/settlements/accounts/<int:account_id>", permission=APPROVE, methods=["POST"])
def decide_account(visit: Visit, account_id: int) -> ResponseReturnValue:
    who = visit.identity.actor, visit.identity.person_id
    try:
        if request.form.get("act") == "approve":
            accounts.approve_account(visit.session, *who, account_id)
        elif request.form.get("act") == "reject":
            accounts.reject_account(visit.session, *who, account_id, request.form.get("why", "").strip())
        else:
            raise BadInput(field="act")
    except DomainError as refusal:
        visit.session.rollback()
        return _proposed_page(visit, refusal), refusal.status
    return redirect(url_for("portal.proposed_accounts"), 303)


def _page(name: str, *, active: str = "portal.settlement", refusal: DomainError | None = None, **facts: Any) -> str:
    """A page of this file with its words; what was typed and what is wrong with it stand in the form again."""
    return render_template(
        f"settlement/{name}.html",
        active=active,
        told=settlement_words,
        masked=masked,
        bank_of=bank_of_sheba,
        typed=request.form if refusal else {},
        fault=words.error_sentence(refusal.code, refusal.facts) if refusal else "",
        fault_field=refusal.facts.get("field", "") if refusal else "",
        **facts,
    )


def _account_page(visit: Visit, shop: Any, refusal: DomainError | None = None) -> str:
    now = clock.now()
    return _page(
        "account",
        refusal=refusal,
        shop=shop,
        rows=queries.accounts_of(visit.session, shop.id),
        current=queries.usable_account(visit.session, shop.id, now),
    )


def _runs_page(visit: Visit, refusal: DomainError | None = None) -> str:
    before = request.args.get("before", type=int)
    found = queries.batches_page(visit.session, before=before, limit=A_PAGE + 1)
    batches = found[:A_PAGE]
    today = local_day(clock.now())
    return _page(
        "runs",
        active="portal.settlements",
        refusal=refusal,
        batches=batches,
        before=before,
        older=batches[-1].id if len(found) > A_PAGE else None,
        proposed=len(queries.proposed_accounts(visit.session, limit=A_PAGE + 1)),
        closed_days=queries.closed_days(visit.session, today, DAYS_AHEAD),
    )


def _batch_page(visit: Visit, batch_id: int, refusal: DomainError | None = None) -> str:
    after = request.args.get("after", 0, type=int)
    found = queries.statements_of_batch(visit.session, batch_id, after=after, limit=A_PAGE + 1)
    return _page(
        "batch",
        active="portal.settlements",
        refusal=refusal,
        batch=queries.batch_by_id(visit.session, batch_id),
        statements=found[:A_PAGE],
        after=after,
        older=found[A_PAGE - 1].statement.id if len(found) > A_PAGE else None,
        forms=[adapter.form for adapter in PAYOUT_FILES],
        hashes=queries.payout_file_hashes(visit.session, batch_id),
        leavings=leavings_of_batch(visit.session, batch_id),
    )


def _proposed_page(visit: Visit, refusal: DomainError | None = None) -> str:
    after = request.args.get("after", 0, type=int)
    found = queries.proposed_accounts(visit.session, after=after, limit=A_PAGE + 1)
    return _page(
        "proposed",
        active="portal.settlements",
        refusal=refusal,
        rows=found[:A_PAGE],
        after=after,
        older=found[A_PAGE - 1].account.id if len(found) > A_PAGE else None,
    )


def _own_shop(visit: Visit) -> Any:
    """The asked shop of the person, else the first; None for who has none. Raises NotFound for another's shop."""
    return own_shop(visit, PROPOSE) if "merchant" in request.args else next(iter(own_shops(visit, PROPOSE)), None)


def _statement(visit: Visit, statement_id: int) -> StatementRow:
    """Raises StatementNotFound, also for another shop's statement and to who manages one branch: it is the whole shop's."""
    found = queries.statement_by_id(visit.session, statement_id)
    is_bound = visit.identity.branches(found.organisation_id, VIEW) is not None
    if is_bound or not visit.identity.can(VIEW, found.organisation_id):
        raise StatementNotFound(statement_id=statement_id)
    return found


def _paper(visit: Visit, found: StatementRow) -> Response:
    """Raises StatementTooLong. Who may not open a receipt gets no link to it."""
    told, is_own = found.statement, visit.identity.organisations(VIEW) is not None
    if told.lines > MOST_ON_PAPER:
        raise StatementTooLong(lines=told.lines)

    def link(line: LineRow) -> str:
        day = line.business_date.isoformat()
        return url_for("portal.sale_receipt", day=day, entry_id=line.entry_id, _external=True) if is_own else ""

    lines = queries.lines_of(visit.session, told.id, limit=None)
    content = statement_paper(found, lines, visit.language, link)
    return download(content, "application/pdf", f"statement-{found.batch.reference}-{told.id}.pdf")


def position_of(after: str) -> Position | None:
    if not after:
        return None
    day, _, entry_id = after.partition("_")
    try:
        return date.fromisoformat(day), int(entry_id)
    except ValueError:
        raise BadInput(field="after") from None
