"""A shop keeps a branch: its name, a move, its end."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from identity.visits import Visit
from kernel.errors import DomainError, NotFound
from kernel.languages import in_language
from kernel.web.routes import route
from merchants.branches import queries
from merchants.branches.services import asking, keeping
from merchants.errors import BranchIsClosed
from places.directory.queries import cards_of
from portal import branch_words
from portal.blueprint import blueprint
from portal.routes.branches.asking import ASK, HERE
from portal.routes.goods.shop import fault_by_field, page, sentence
from portal.routes.onboarding import forms

BLOCKS = {"last", "shift", "count"}


@route(blueprint, "/branches/<int:branch_id>", permission=ASK)
def keep_branch(visit: Visit, branch_id: int) -> ResponseReturnValue:
    return _page(visit, branch_id)


@route(blueprint, "/branches/<int:branch_id>/name", permission=ASK, methods=["POST"])
def rename_branch(visit: Visit, branch_id: int) -> ResponseReturnValue:
    faults = keeping.rename_branch(visit.session, visit.identity, _own(visit, branch_id), forms.typed())
    if faults:
        visit.session.rollback()
        return _page(visit, branch_id, "name", faults)
    return redirect(url_for("portal.keep_branch", branch_id=branch_id, done="1"), 303)


@route(blueprint, "/branches/<int:branch_id>/move", permission=ASK, methods=["POST"], takes_files=True)
def move_branch(visit: Visit, branch_id: int) -> ResponseReturnValue:
    made, faults = asking.ask_move(
        visit.session,
        visit.identity,
        forms.paper_store(),
        _own(visit, branch_id),
        forms.form_key(),
        forms.typed(),
        forms.uploaded("paper"),
    )
    if made is None:
        visit.session.rollback()
        return _page(visit, branch_id, "move", faults)
    return redirect(url_for("portal.keep_branch", branch_id=branch_id), 303)


@route(blueprint, "/branches/<int:branch_id>/closing", permission=ASK, methods=["POST"])
def close_branch(visit: Visit, branch_id: int) -> ResponseReturnValue:
    branch = _own(visit, branch_id, is_open=False)
    try:
        keeping.close_branch(visit.session, visit.identity, branch, request.form.get("heir", type=int))
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, branch_id, "close", fault_by_field(refusal))
    return redirect(url_for(HERE), 303)


def _own(visit: Visit, branch_id: int, *, is_open: bool = True) -> Any:
    """Raises NotFound for others' branches, BranchIsClosed."""
    found = next(
        (
            one
            for one in queries.branches_of(visit.session, visit.identity.organisations(ASK) or frozenset())
            if one.id == branch_id
        ),
        None,
    )
    if found is None:
        raise NotFound
    if is_open and found.status == "closed":
        raise BranchIsClosed
    return found


def _page(visit: Visit, branch_id: int, act: str = "", faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    branch = _own(visit, branch_id)
    others = [
        one
        for one in queries.branches_of(visit.session, visit.identity.organisations(ASK) or frozenset())
        if one.merchant_id == branch.merchant_id and one.status != "closed"
    ]
    blocked = next((fault for field, fault in (faults or {}).items() if field in BLOCKS), None)
    [at] = cards_of(visit.session, [branch.place_id])
    return page(
        "branches/keep.html", active=HERE, faults=faults, one=branch, act=act, told=branch_words, done=bool(request.args.get("done")),
        named_now={"name_fa": branch.names.get("fa", ""), "name_en": branch.names.get("en", "")}, blocked=sentence(blocked),
        heirs=[(one.id, in_language(one.names, visit.language)) for one in others if one.id != branch_id], may_close=len(others) > 1,
        left=queries.left_in(visit.session, branch_id), move=queries.asked_move(visit.session, branch_id), key=request.form.get("key") or forms.new_key(),
        on_map=[{"name": in_language(branch.names, visit.language), "latitude": at.lat, "longitude": at.lon, "open": True}],
    )  # fmt: skip
