"""An organisation's members: one by one, or a list that is repaired and then taken in whole."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.keystore.services import open_keystore
from identity.visits import Visit
from kernel.errors import BadInput, DomainError
from kernel.settings import load_settings
from kernel.web.routes import route
from loyalty.benefits import queries
from loyalty.benefits.queries import Funder
from loyalty.benefits.services import members as services
from portal.blueprint import blueprint
from portal.lists import cells_to_correct, headings, row_left_out, typed_cells
from portal.routes.benefits import sponsor
from portal.routes.benefits.sponsor import MANAGE
from portal.routes.onboarding import forms

A_PAGE = 50
FIELDS = ("name", "national_id", "foreign_code", "passport", "country", "card", "group", "list")


@route(blueprint, "/benefits/members", permission=MANAGE)
def benefit_members(visit: Visit) -> ResponseReturnValue:
    return _page(visit)


@route(blueprint, "/benefits/members", permission=MANAGE, methods=["POST"])
def add_benefit_member(visit: Visit) -> ResponseReturnValue:
    held = sponsor.sponsor_of(visit)
    keystore = open_keystore(load_settings())
    try:
        services.add_one(visit.session, visit.identity, keystore, held, forms.typed())
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, refusal)
    return redirect(url_for("portal.benefit_members", organisation=held.organisation_id), 303)


@route(blueprint, "/benefits/members/<int:member_id>/remove", permission=MANAGE, methods=["POST"])
def remove_benefit_member(visit: Visit, member_id: int) -> ResponseReturnValue:
    held = sponsor.sponsor_of(visit)
    services.remove_one(visit.session, visit.identity, held.organisation_id, member_id)
    return redirect(url_for("portal.benefit_members", organisation=held.organisation_id), 303)


@route(blueprint, "/benefits/members/sample.csv", permission=MANAGE)
def benefit_list_sample(visit: Visit) -> ResponseReturnValue:
    return headings(services.COLUMNS, "members")


@route(blueprint, "/benefits/lists", permission=MANAGE, methods=["POST"], takes_files=True)
def upload_benefit_list(visit: Visit) -> ResponseReturnValue:
    held = sponsor.sponsor_of(visit)
    try:
        kept = services.begin_list(visit.session, visit.identity, held, forms.uploaded("list"))
    except BadInput as refusal:
        return _page(visit, refusal)
    return redirect(url_for("portal.benefit_list", member_list_id=kept.id, organisation=held.organisation_id), 303)


@route(blueprint, "/benefits/lists/<int:member_list_id>", permission=MANAGE)
def benefit_list(visit: Visit, member_list_id: int) -> ResponseReturnValue:
    return _list(visit, sponsor.sponsor_of(visit), member_list_id)


@route(blueprint, "/benefits/lists/<int:member_list_id>", permission=MANAGE, methods=["POST"])
def repair_benefit_list(visit: Visit, member_list_id: int) -> ResponseReturnValue:
    """Take the repairs of the shown cells, then take the list in if that is asked for and nothing is wrong any more."""
    held = sponsor.sponsor_of(visit)
    services.repair(visit.session, held.organisation_id, member_list_id, typed_cells(), row_left_out())
    if request.form.get("act") == "finish":
        keystore = open_keystore(load_settings())
        try:
            services.finish_list(visit.session, visit.identity, keystore, held.organisation_id, member_list_id)
        except DomainError as refusal:
            return _list(visit, held, member_list_id, refusal)
    return redirect(url_for("portal.benefit_list", member_list_id=member_list_id, organisation=held.organisation_id), 303)


def _list(visit: Visit, held: Funder, list_id: int, refusal: DomainError | None = None) -> ResponseReturnValue:
    kept = services.list_of(visit.session, held.organisation_id, list_id)
    rows = services.rows_of(kept)
    faults = services.faults_of(visit.session, open_keystore(load_settings()), held.organisation_id, rows)
    return sponsor.page(
        visit, "list", held, refusal, active="portal.benefit_members", kept=kept, rows=rows,
        **cells_to_correct(faults),
    )  # fmt: skip


def _page(visit: Visit, refusal: DomainError | None = None) -> ResponseReturnValue:
    held = sponsor.sponsor_of(visit)
    group, before = request.args.get("group", ""), request.args.get("before", type=int)
    rows = queries.members_page(visit.session, held.organisation_id, group=group, before=before, limit=A_PAGE + 1)
    return sponsor.page(
        visit, "members", held, refusal, FIELDS, active="portal.benefit_members", rows=rows[:A_PAGE], group=group,
        groups=queries.groups_of(visit.session, held.organisation_id), before=before, most=services.MOST_ROWS,
        older=rows[A_PAGE - 1].id if len(rows) > A_PAGE else None,
    )  # fmt: skip
