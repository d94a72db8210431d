"""A union brings its members: upload a list, repair it cell by cell, import all of it or nothing."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import BadInput, DomainError
from kernel.languages import in_language
from kernel.web.routes import route
from merchants.onboarding import queries
from merchants.onboarding.services import importing
from merchants.onboarding.services.importing import COLUMNS, MOST_ROWS
from portal import words
from portal.blueprint import blueprint
from portal.lists import cells_to_correct, headings, row_left_out, typed_cells
from portal.routes.onboarding import forms
from portal.routes.onboarding.review import reviewer_of

IMPORT = Permission.MERCHANTS_MEMBER_IMPORT


@route(blueprint, "/members", permission=IMPORT)
def members(visit: Visit) -> ResponseReturnValue:
    return _upload_form()


@route(blueprint, "/members", permission=IMPORT, methods=["POST"], takes_files=True)
def upload_members(visit: Visit) -> ResponseReturnValue:
    try:
        kept = importing.begin_import(visit.session, visit.identity, reviewer_of(visit), forms.uploaded("list"))
    except BadInput as refusal:
        return _upload_form(refusal)
    return redirect(url_for("portal.member_list", import_id=kept.id), 303)


@route(blueprint, "/members/sample.csv", permission=IMPORT)
def sample_list(visit: Visit) -> ResponseReturnValue:
    return headings(COLUMNS, "members")


@route(blueprint, "/members/<int:import_id>", permission=IMPORT)
def member_list(visit: Visit, import_id: int) -> ResponseReturnValue:
    return _list(visit, import_id)


@route(blueprint, "/members/<int:import_id>", permission=IMPORT, methods=["POST"])
def repair_members(visit: Visit, import_id: int) -> ResponseReturnValue:
    """Take the repairs of the shown cells, then import if that is asked for and nothing is wrong any more."""
    reviewer = reviewer_of(visit)
    importing.repair(visit.session, reviewer, import_id, typed_cells(), row_left_out())
    if request.form.get("act") == "finish":
        try:
            importing.finish_import(visit.session, visit.identity, reviewer, import_id)
        except DomainError as refusal:
            return _list(visit, import_id, refusal)
    return redirect(url_for("portal.member_list", import_id=import_id), 303)


def _list(visit: Visit, import_id: int, fault: DomainError | None = None) -> ResponseReturnValue:
    reviewer = reviewer_of(visit)
    kept = queries.member_import(visit.session, reviewer.organisation_id, import_id)
    faults = [] if kept.finished_at else importing.faults_of(visit.session, reviewer, kept.rows)
    page = render_template(
        "onboarding/repair.html",
        active="portal.members",
        kept=kept,
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
        trades=[in_language(names, visit.language) for names in importing.trade_names(visit.session, reviewer)],
        **cells_to_correct(faults),
    )
    return page, fault.status if fault else 200


def _upload_form(fault: DomainError | None = None) -> ResponseReturnValue:
    page = render_template(
        "onboarding/members.html",
        active="portal.members",
        most=MOST_ROWS,
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
    )
    return page, fault.status if fault else 200
