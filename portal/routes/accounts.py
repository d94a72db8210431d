"""The operator helps people back into their accounts: find a sign-in by its name, end its sessions, take its authenticator off."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity import second_step, sessions
from identity.permissions import Permission
from identity.queries import Account, account_by_name, identity_of_sign_in, notices_of, open_sessions
from identity.queries import account as account_of
from identity.visits import Visit
from kernel.errors import DomainError, NotFound
from kernel.web.routes import route
from portal import words
from portal.blueprint import blueprint

MANAGE = Permission.IDENTITY_SIGN_IN_MANAGE
ACTS = {"reset": second_step.reset_authenticator, "end": sessions.end_sessions_of}


@route(blueprint, "/accounts", permission=MANAGE)
def accounts(visit: Visit) -> ResponseReturnValue:
    return _page(visit)


@route(blueprint, "/accounts", permission=MANAGE, methods=["POST"])
def find_account(visit: Visit) -> ResponseReturnValue:
    """The name is posted, so that it stands in no address."""
    found = account_by_name(visit.session, request.form.get("name", ""))
    if found is None:
        return _page(visit, fault=words.error_sentence("sign_in_not_found", {}), status=404)
    return redirect(url_for("portal.account_of_somebody", sign_in_id=found.sign_in_id), 303)


@route(blueprint, "/accounts/<int:sign_in_id>", permission=MANAGE)
def account_of_somebody(visit: Visit, sign_in_id: int) -> ResponseReturnValue:
    return _page(visit, _known(visit, sign_in_id))


@route(blueprint, "/accounts/<int:sign_in_id>", permission=MANAGE, methods=["POST"])
def help_account(visit: Visit, sign_in_id: int) -> ResponseReturnValue:
    found = _known(visit, sign_in_id)
    act = ACTS.get(request.form.get("act", ""))
    if act is None:
        raise NotFound
    try:
        act(visit.session, visit.identity, sign_in_id, request.form.get("why", "").strip())
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, found, words.error_sentence(refusal.code, refusal.facts), refusal.status)
    return redirect(url_for("portal.account_of_somebody", sign_in_id=sign_in_id, done=1), 303)


def _known(visit: Visit, sign_in_id: int) -> Account:
    found = account_of(visit.session, sign_in_id)
    if found is None:
        raise NotFound
    return found


def _page(visit: Visit, found: Account | None = None, fault: str = "", status: int = 200) -> ResponseReturnValue:
    holder = identity_of_sign_in(visit.session, found.sign_in_id) if found else None
    page = render_template(
        "security/accounts.html",
        active="portal.accounts",
        account=found,
        holder=holder,
        sessions=open_sessions(visit.session, holder) if holder else [],
        notices=notices_of(visit.session, found.sign_in_id) if found else [],
        is_own=found is not None and found.sign_in_id == visit.identity.sign_in_id,
        is_done="done" in request.args,
        fault=fault,
    )
    return page, status
