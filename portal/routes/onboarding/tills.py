"""Open a till, hand over its one-time code, let the device in that used it. The code is shown in the answer to the form and nowhere
else.
"""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import BadInput
from kernel.languages import LANGUAGES
from kernel.web.routes import route
from merchants.onboarding import queries
from merchants.onboarding.services.issuing import DeviceKind, issue_terminal, reissue_code
from merchants.onboarding.services.setting_up import decide_set_up
from portal import words
from portal.blueprint import blueprint
from portal.routes.onboarding import forms

OPEN = Permission.MERCHANTS_TERMINAL_OPEN
A_PAGE = 50


@route(blueprint, "/terminals/new", permission=OPEN)
def new_terminal(visit: Visit) -> ResponseReturnValue:
    """The branches in which this person may open one; all of them for the operator."""
    after = request.args.get("after", 0, type=int)
    organisations, branches = visit.identity.reach(OPEN)
    found = queries.branches_page(visit.session, organisations, branch_ids=branches, after=after, limit=A_PAGE + 1)
    return render_template(
        "onboarding/new_terminal.html",
        active="portal.terminals",
        branches=found[:A_PAGE],
        after=after,
        older=url_for("portal.new_terminal", after=found[A_PAGE - 1].id) if len(found) > A_PAGE else None,
        key=forms.new_key(),
    )


@route(blueprint, "/terminals/new", permission=OPEN, methods=["POST"])
def open_terminal(visit: Visit) -> ResponseReturnValue:
    branch_id, key = forms.form_number("branch"), forms.form_key()
    language, kind = request.form.get("language", "fa"), _kind(request.form.get("kind", "counter"))
    if language not in LANGUAGES or kind is None:
        raise BadInput(field="kind")
    return _show(*issue_terminal(visit.session, visit.identity, branch_id, key, language=language, kind=kind))


def _kind(said: str) -> DeviceKind | None:
    return next((kind for kind in words.DEVICE_KINDS if kind == said), None)


@route(blueprint, "/terminals/<code>/code", permission=OPEN, methods=["POST"])
def new_code(visit: Visit, code: str) -> ResponseReturnValue:
    """A new code, for a till whose code ran out or whose device is replaced."""
    return _show(*reissue_code(visit.session, visit.identity, code, forms.form_key()))


@route(blueprint, "/terminals/devices/<int:set_up_id>", permission=OPEN, methods=["POST"])
def decide_device(visit: Visit, set_up_id: int) -> ResponseReturnValue:
    terminal = decide_set_up(visit.session, visit.identity, set_up_id, request.form.get("act", ""))
    return redirect(url_for("portal.terminal", code=terminal.code), 303)


def _show(terminal: Any, code: str) -> str:
    return render_template(
        "onboarding/code.html", active="portal.terminals", kind="terminal", code=code, qr=forms.qr(code), terminal=terminal,
        back=url_for("portal.terminal", code=terminal.code),
    )  # fmt: skip
