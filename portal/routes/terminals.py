"""Terminals: their state, their shop, their last messages; the operator may stop one and let it work again."""

from datetime import timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank import statements
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.errors import BadInput, NotFound, NotPermitted
from kernel.web.routes import route
from merchants.batches.queries import batches_of_terminal, open_entries
from merchants.batches.rules import totals_of
from merchants.onboarding.queries import devices_of
from merchants.onboarding.services.setting_up import WAITS
from merchants.queries import TerminalRow, terminal_by_code, terminals_page
from merchants.services import resume_terminal, suspend_terminal
from portal import batch_words
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import new_key

A_PAGE = 20
MESSAGES_SHOWN = 20
BATCHES_SHOWN = 5
MESSAGES_SINCE = timedelta(days=2)
LONGEST_WHY = 200


@route(blueprint, "/terminals", permission=Permission.MERCHANTS_TERMINAL_VIEW)
def terminals(visit: Visit) -> ResponseReturnValue:
    organisations, branches = visit.identity.reach(Permission.MERCHANTS_TERMINAL_VIEW)
    after = request.args.get("after", "")
    found = terminals_page(visit.session, organisations, branch_ids=branches, after=after, limit=A_PAGE + 1)
    return render_template(
        "terminals.html",
        active="portal.terminals",
        terminals=found[:A_PAGE],
        after=after,
        older=found[A_PAGE - 1].code if len(found) > A_PAGE else None,
    )


@route(blueprint, "/terminals/<code>", permission=Permission.MERCHANTS_TERMINAL_VIEW)
def terminal(visit: Visit, code: str) -> ResponseReturnValue:
    found = terminal_of(visit, code)
    since = clock.now() - MESSAGES_SINCE
    number, opened_at, entries = open_entries(visit.session, found.terminal_id)
    before = request.args.get("before", type=int)
    waiting, device = devices_of(visit.session, found.terminal_id, clock.now() - WAITS)
    batches = batches_of_terminal(visit.session, found.terminal_id, before=before, limit=BATCHES_SHOWN + 1)
    return render_template(
        "terminal.html",
        active="portal.terminals",
        terminal=found,
        taps=statements.feed(visit.session, since, most=MESSAGES_SHOWN, terminal_id=found.terminal_id),
        told=batch_words,
        open_number=number,
        opened_at=opened_at,
        open_totals=totals_of(entries),
        batches=batches[:BATCHES_SHOWN],
        older=batches[BATCHES_SHOWN - 1].number if len(batches) > BATCHES_SHOWN else None,
        before=before,
        waiting=waiting,
        device=device,
        may_open=found.kind != "web" and visit.identity.can(Permission.MERCHANTS_TERMINAL_OPEN, found.organisation_id),
        is_issuer=waiting is not None and waiting.issued_by == visit.identity.sign_in_id,
        code_key=new_key(),
        may_suspend=visit.identity.can(Permission.MERCHANTS_TERMINAL_SUSPEND, found.organisation_id),
    )


@route(blueprint, "/terminals/<code>/state", permission=Permission.MERCHANTS_TERMINAL_SUSPEND, methods=["POST"])
def set_terminal_state(visit: Visit, code: str) -> ResponseReturnValue:
    found = terminal_of(visit, code)
    if not visit.identity.can(Permission.MERCHANTS_TERMINAL_SUSPEND, found.organisation_id):
        raise NotPermitted(permission=Permission.MERCHANTS_TERMINAL_SUSPEND)
    why = request.form.get("why", "").strip()
    act = {"suspend": suspend_terminal, "resume": resume_terminal}.get(request.form.get("act", ""))
    if act is None or not why or len(why) > LONGEST_WHY:
        raise BadInput(field="why" if act else "act")
    act(visit.session, visit.identity.actor, code, why)
    return redirect(url_for("portal.terminal", code=code), 303)


def terminal_of(visit: Visit, code: str) -> TerminalRow:
    """Raises NotFound, also for a terminal of somebody else's shop or of a branch that the person is not bound to."""
    found = terminal_by_code(visit.session, code)
    if found is None or not visit.identity.can(Permission.MERCHANTS_TERMINAL_VIEW, found.organisation_id):
        raise NotFound
    branches = visit.identity.branches(found.organisation_id, Permission.MERCHANTS_TERMINAL_VIEW)
    if branches is not None and found.branch_id not in branches:
        raise NotFound
    return found
