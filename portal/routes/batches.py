"""A terminal's batches with what they hold; what a terminal and the bank do not agree on, and what was found out about it."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import DomainError, NotFound
from kernel.text import latin_digits
from kernel.web.routes import route
from merchants.batches import queries
from merchants.batches.giving_back import decide_return, propose_return
from merchants.batches.rules import BatchEntry, totals_of
from merchants.batches.services import decide_exception
from portal import batch_words, words
from portal.blueprint import blueprint
from portal.routes.terminals import terminal_of

ENTRIES_SHOWN = 50
A_PAGE = 20

VIEW = Permission.MERCHANTS_TERMINAL_VIEW
CASES = Permission.MERCHANTS_SETTLEMENT_VIEW
DECIDE = Permission.MERCHANTS_BATCH_DECIDE


@route(blueprint, "/terminals/<code>/open-batch", permission=VIEW)
def open_batch(visit: Visit, code: str) -> ResponseReturnValue:
    found = terminal_of(visit, code)
    number, since, entries = queries.open_entries(visit.session, found.terminal_id)
    return _batch_page(visit, found, entries, number=number, totals=totals_of(entries), opened_at=since)


@route(blueprint, "/terminals/<code>/batches/<int:terminal_batch_id>", permission=VIEW)
def closed_batch(visit: Visit, code: str, terminal_batch_id: int) -> ResponseReturnValue:
    found = terminal_of(visit, code)
    batch, its_terminal = queries.batch_by_id(visit.session, terminal_batch_id)
    if its_terminal != code:
        raise NotFound
    return _batch_page(
        visit, found, queries.entries_of(visit.session, batch), number=batch.number, totals=batch.totals,
        opened_at=batch.opened_at, batch=batch, claim=batch.claim,
        exceptions=queries.exceptions_of_batch(visit.session, batch.id),
    )  # fmt: skip


def _batch_page(visit: Visit, found: Any, entries: list[BatchEntry], **facts: Any) -> str:
    start = max(0, request.args.get("after", 0, type=int))
    shown = entries[start : start + ENTRIES_SHOWN]
    return render_template(
        "batches/batch.html",
        active="portal.terminals",
        terminal=found,
        told=batch_words,
        entries=shown,
        count=len(entries),
        start=start,
        next=start + ENTRIES_SHOWN if len(entries) > start + ENTRIES_SHOWN else None,
        opens_receipts=visit.identity.organisations(VIEW) is not None,
        **facts,
    )


@route(blueprint, "/batch-cases", permission=CASES)
def batch_cases(visit: Visit) -> ResponseReturnValue:
    return _cases_page(visit)


@route(blueprint, "/batch-cases/<int:exception_id>", permission=DECIDE, methods=["POST"])
def decide_batch_exception(visit: Visit, exception_id: int) -> ResponseReturnValue:
    word, note = request.form.get("word", ""), request.form.get("note", "").strip()
    try:
        decide_exception(visit.session, visit.identity.actor, exception_id, word, note)
    except DomainError as refusal:
        visit.session.rollback()
        return _cases_page(visit, refusal, exception_id), refusal.status
    return redirect(url_for("portal.batch_cases"), 303)


def _cases_page(visit: Visit, refusal: DomainError | None = None, exception_id: int | None = None) -> str:
    is_open = request.args.get("show") != "decided"
    after = request.args.get("after", 0, type=int)
    organisations, branches = visit.identity.reach(CASES)
    found = queries.exceptions_page(
        visit.session, organisations, branch_ids=branches, is_open=is_open, after=after, limit=A_PAGE + 1
    )
    return render_template(
        "batches/cases.html",
        active="portal.batch_cases" if organisations is None else "portal.terminals",
        told=batch_words,
        rows=found[:A_PAGE],
        is_open=is_open,
        after=after,
        older=found[A_PAGE - 1].exception.id if len(found) > A_PAGE else None,
        given_back=queries.given_back(visit.session, [row.exception.id for row in found]) if not is_open else set(),
        may_decide=visit.identity.can(DECIDE),
        typed=request.form if refusal else {},
        faulty=exception_id,
        fault=_fault(refusal) if refusal else "",
        fault_field=refusal.facts.get("field", "") if refusal else "",
    )


@route(blueprint, "/holder-returns", permission=DECIDE)
def holder_returns(visit: Visit) -> ResponseReturnValue:
    return _returns_page(visit)


@route(blueprint, "/batch-cases/<int:exception_id>/return", permission=DECIDE, methods=["POST"])
def propose_holder_return(visit: Visit, exception_id: int) -> ResponseReturnValue:
    reference = latin_digits(request.form.get("reference", "")).strip().upper()
    try:
        propose_return(visit.session, visit.identity.actor, exception_id, reference, request.form.get("note", "").strip())
    except DomainError as refusal:
        visit.session.rollback()
        return _returns_page(visit, refusal, exception_id), refusal.status
    return redirect(url_for("portal.holder_returns"), 303)


@route(blueprint, "/holder-returns/<int:return_id>", permission=DECIDE, methods=["POST"])
def decide_holder_return(visit: Visit, return_id: int) -> ResponseReturnValue:
    try:
        decide_return(visit.session, visit.identity.actor, return_id, request.form.get("word", ""))
    except DomainError as refusal:
        visit.session.rollback()
        return _returns_page(visit, refusal), refusal.status
    return redirect(url_for("portal.holder_returns"), 303)


def _returns_page(visit: Visit, refusal: DomainError | None = None, exception_id: int | None = None) -> str:
    found = queries.holders_page(visit.session, after=request.args.get("after", 0, type=int), limit=A_PAGE + 1)
    return render_template(
        "batches/returns.html",
        active="portal.batch_cases",
        told=batch_words,
        rows=found[:A_PAGE],
        older=found[A_PAGE - 1][0].exception.id if len(found) > A_PAGE else None,
        own_id=visit.identity.actor.account_id,
        typed=request.form if refusal else {},
        faulty=exception_id,
        fault=_fault(refusal) if refusal else "",
        fault_field=refusal.facts.get("field", "") if refusal else "",
    )


def _fault(refusal: DomainError) -> str:
    by_field = {"note": batch_words.NOTE_NEEDED, "word": batch_words.WORD_NEEDED}
    field = str(refusal.facts.get("field", ""))
    return str(by_field.get(field) or words.error_sentence(refusal.code, refusal.facts))
