"""Groups of customers: found one, put numbers in by hand or by list, see how many can be written to."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.cards.rules import GIFT_PRODUCT
from cardbank.kinds.queries import kinds_in_force
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError
from kernel.web.routes import route
from loyalty.groups import queries, services
from loyalty.groups.rules import asked_of
from places.queries import all_cities
from portal.blueprint import blueprint
from portal.lists import cells_to_correct, headings, typed_cells
from portal.routes.groups import shared
from portal.routes.groups.shared import Writer
from portal.routes.onboarding import forms

MANAGE = Permission.LOYALTY_GROUP_MANAGE
A_PAGE = 50


@route(blueprint, "/groups", permission=MANAGE)
def customer_groups(visit: Visit) -> ResponseReturnValue:
    return _groups(visit)


@route(blueprint, "/groups", permission=MANAGE, methods=["POST"])
def found_group(visit: Visit) -> ResponseReturnValue:
    writer, typed = shared.writer_of(visit, MANAGE), forms.typed()
    try:
        asked = (
            asked_of(typed, {one.code for one in all_cities(visit.session)}, _kinds(visit))
            if typed.get("kind") == "asked"
            else None
        )
        made = services.found_group(visit.session, visit.identity, writer.organisation_id, typed.get("name", ""), asked)
    except BadInput as refusal:
        return _groups(visit, refusal)
    return redirect(_address("portal.customer_group", writer, group_id=made.id), 303)


@route(blueprint, "/groups/<int:group_id>", permission=MANAGE)
def customer_group(visit: Visit, group_id: int) -> ResponseReturnValue:
    return _group(visit, group_id)


@route(blueprint, "/groups/<int:group_id>", permission=MANAGE, methods=["POST"])
def add_to_group(visit: Visit, group_id: int) -> ResponseReturnValue:
    writer, typed = shared.writer_of(visit, MANAGE), forms.typed()
    try:
        services.add_one(
            visit.session, visit.identity, writer.organisation_id, group_id, typed.get("mobile", ""), typed.get("called", "")
        )
    except BadInput as refusal:
        return _group(visit, group_id, refusal)
    return redirect(_address("portal.customer_group", writer, group_id=group_id), 303)


@route(blueprint, "/groups/<int:group_id>/remove", permission=MANAGE, methods=["POST"])
def remove_from_group(visit: Visit, group_id: int) -> ResponseReturnValue:
    """One number, or the whole group where none is named."""
    writer = shared.writer_of(visit, MANAGE)
    if "number" in request.form:
        services.remove_one(visit.session, visit.identity, writer.organisation_id, group_id, forms.form_number("number"))
        return redirect(_address("portal.customer_group", writer, group_id=group_id), 303)
    services.remove_group(visit.session, visit.identity, writer.organisation_id, group_id)
    return redirect(_address("portal.customer_groups", writer), 303)


@route(blueprint, "/groups/sample.csv", permission=MANAGE)
def group_list_sample(visit: Visit) -> ResponseReturnValue:
    return headings(services.COLUMNS, "group")


@route(blueprint, "/groups/<int:group_id>/lists", permission=MANAGE, methods=["POST"], takes_files=True)
def upload_group_list(visit: Visit, group_id: int) -> ResponseReturnValue:
    writer = shared.writer_of(visit, MANAGE)
    try:
        kept = services.begin_list(visit.session, visit.identity, writer.organisation_id, group_id, forms.uploaded("list"))
    except BadInput as refusal:
        return _group(visit, group_id, refusal)
    return redirect(_address("portal.group_list", writer, group_list_id=kept.id), 303)


@route(blueprint, "/groups/lists/<int:group_list_id>", permission=MANAGE)
def group_list(visit: Visit, group_list_id: int) -> ResponseReturnValue:
    return _list(visit, group_list_id)


@route(blueprint, "/groups/lists/<int:group_list_id>", permission=MANAGE, methods=["POST"])
def repair_group_list(visit: Visit, group_list_id: int) -> ResponseReturnValue:
    """Take the repairs of the shown cells, then take the list in if that is asked for and nothing is wrong any more."""
    writer = shared.writer_of(visit, MANAGE)
    services.repair(visit.session, writer.organisation_id, group_list_id, typed_cells())
    if request.form.get("act") == "finish":
        try:
            services.finish_list(visit.session, visit.identity, writer.organisation_id, group_list_id)
        except DomainError as refusal:
            return _list(visit, group_list_id, refusal)
    return redirect(_address("portal.group_list", writer, group_list_id=group_list_id), 303)


def _address(endpoint: str, writer: Writer, **named: Any) -> str:
    return url_for(endpoint, organisation=writer.organisation_id, **named)


def _groups(visit: Visit, refusal: DomainError | None = None) -> ResponseReturnValue:
    writer, before = shared.writer_of(visit, MANAGE), request.args.get("before", type=int)
    rows = queries.groups_page(visit.session, writer.organisation_id, before=before, limit=A_PAGE + 1)
    return shared.page(
        visit, "groups/groups.html", writer, refusal, ("name", "visits", "days", "language", "city", "product"), active="portal.customer_groups",
        rows=rows[:A_PAGE], before=before, older=rows[A_PAGE - 1].group.id if len(rows) > A_PAGE else None,
        questions={row.group.id: queries.question_of(row.group) for row in rows}, cities={one.code: one.names for one in all_cities(visit.session)},
        kinds=_kinds(visit),
    )  # fmt: skip


def _kinds(visit: Visit) -> dict[str, dict[str, str]]:
    """Kinds of card that people hold, by their code; a gift card is nobody's."""
    return {one.code: one.names for one in kinds_in_force(visit.session, local_day(clock.now())) if one.code != GIFT_PRODUCT}


def _group(visit: Visit, group_id: int, refusal: DomainError | None = None) -> ResponseReturnValue:
    writer, before = shared.writer_of(visit, MANAGE), request.args.get("before", type=int)
    group = queries.group_of(visit.session, writer.organisation_id, group_id)
    services.find_owners(visit.session, group)
    members = queries.members_page(visit.session, group_id, before=before, limit=A_PAGE + 1)
    reach = shared.reach_of(visit.session, writer, group)
    return shared.page(
        visit, "groups/group.html", writer, refusal, ("mobile", "called", "list"), active="portal.customer_groups", group=group,
        asked=queries.question_of(group), members=members[:A_PAGE], before=before, reached=reach.total, by_language=reach.by_language,
        older=members[A_PAGE - 1].id if len(members) > A_PAGE else None, size=queries.count_members(visit.session, group_id),
        most=services.MOST_ROWS, kinds=_kinds(visit), cities={one.code: one.names for one in all_cities(visit.session)},
    )  # fmt: skip


def _list(visit: Visit, list_id: int, refusal: DomainError | None = None) -> ResponseReturnValue:
    writer = shared.writer_of(visit, MANAGE)
    kept = queries.list_of(visit.session, writer.organisation_id, list_id)
    rows = services.rows_of(kept)
    faults = services.faults_of(visit.session, kept.group_id, rows)
    return shared.page(
        visit, "groups/list.html", writer, refusal, active="portal.customer_groups", kept=kept, rows=rows,
        **cells_to_correct(faults),
    )  # fmt: skip
