"""Permits from the side of who asks: a shop for a branch or a place of its city, an organisation for somewhere in a city."""

from datetime import date
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import DomainError, NotFound
from kernel.languages import in_language
from kernel.web.routes import route
from merchants.onboarding.errors import WrongDay
from merchants.onboarding.queries import cities_overseen
from merchants.onboarding.rules import typed_day
from merchants.permits import queries, services
from merchants.permits.errors import PermitIncomplete
from merchants.permits.queries import PermitTold
from merchants.permits.rules import Act, State, Wanted
from merchants.permits.services import Where
from portal import permit_words
from portal.blueprint import blueprint
from portal.lists import download
from portal.permit_paper import permit_paper
from portal.routes.onboarding import forms

ASK = Permission.MERCHANTS_PERMIT_ASK
HERE = "portal.own_permits"
A_PAGE = 20


@route(blueprint, "/own-permits", permission=ASK)
def own_permits(visit: Visit) -> ResponseReturnValue:
    return _list(visit)


@route(blueprint, "/own-permits", permission=ASK, methods=["POST"], takes_files=True)
def ask_permit(visit: Visit) -> ResponseReturnValue:
    """The papers are read first: a file that is none leaves no request behind."""
    try:
        made = services.ask(visit.session, visit.identity, forms.form_key(), _where(visit), _wanted())
        for content in (file.read() for file in request.files.getlist("paper")):
            if content:
                services.add_paper(visit.session, forms.paper_store(), made, content)
    except DomainError as refusal:
        visit.session.rollback()
        return _list(visit, refusal)
    return redirect(url_for("portal.own_permit", permit_id=made.id), 303)


@route(blueprint, "/own-permits/<int:permit_id>", permission=ASK)
def own_permit(visit: Visit, permit_id: int) -> ResponseReturnValue:
    return _page(visit, _asked(visit, permit_id))


@route(blueprint, "/own-permits/<int:permit_id>/giving-up", permission=ASK, methods=["POST"])
def give_permit_up(visit: Visit, permit_id: int) -> ResponseReturnValue:
    try:
        services.give_up(visit.session, visit.identity, _own(visit), permit_id)
    except DomainError as refusal:
        if refusal.status == 404:
            raise
        visit.session.rollback()
        return _page(visit, _asked(visit, permit_id), refusal)
    return redirect(url_for("portal.own_permit", permit_id=permit_id), 303)


@route(blueprint, "/own-permits/<int:permit_id>/permit.pdf", permission=ASK)
def permit_sheet(visit: Visit, permit_id: int) -> ResponseReturnValue:
    """Raises NotFound for what is not granted: nobody carries a paper of it."""
    row = _asked(visit, permit_id)
    if row.permit.state != State.GRANTED:
        raise NotFound
    link = url_for("portal.check_permit", permit_secret=row.permit.secret, _external=True)
    answer = download(permit_paper(row, visit.language, link), "application/pdf", f"permit-{row.number}.pdf")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@route(blueprint, "/own-permits/<int:permit_id>/papers/<int:permit_paper_id>", permission=ASK)
def own_permit_document(visit: Visit, permit_id: int, permit_paper_id: int) -> ResponseReturnValue:
    paper = queries.paper_of(visit.session, _asked(visit, permit_id).permit, permit_paper_id)
    return forms.stored_paper(paper.name, paper.media_type, f"permit-{permit_id}-{paper.id}")


def _own(visit: Visit) -> frozenset[int]:
    return visit.identity.organisations(ASK) or frozenset()


def _asked(visit: Visit, permit_id: int) -> PermitTold:
    return queries.permit_asked(visit.session, _own(visit), permit_id)


def _where(visit: Visit) -> Where:
    """`branch 12` or `city 3 7`, a city and for which organisation. Raises PermitIncomplete for what is not the person's."""
    chosen = request.form.get("where", "")
    known = dict(_choices(visit))
    if chosen not in known:
        raise PermitIncomplete(field="where")
    kind, *numbers = chosen.split()
    if kind == "branch":
        branch_id = int(numbers[0])
        owner = next(owner for branch, owner in queries.own_branches(visit.session, _own(visit)) if branch.id == branch_id)
        return Where(int(owner), branch_id=branch_id)
    return Where(int(numbers[1]), city_id=int(numbers[0]))


def _choices(visit: Visit) -> list[tuple[str, str]]:
    """Every branch of one's own, then every city, for the first of one's organisations."""
    own = _own(visit)
    branches = [
        (f"branch {branch.id}", in_language(branch.names, visit.language)) for branch, _ in queries.own_branches(visit.session, own)
    ]
    cities = (
        [(f"city {one.id} {min(own)}", in_language(one.names, visit.language)) for one in cities_overseen(visit.session, None)]
        if own
        else []
    )
    return branches + cities


def _wanted() -> Wanted:
    """Raises PermitIncomplete."""
    form = request.form
    words, spot = (" ".join(form.get(name, "").split()) for name in ("words", "spot"))
    return Wanted(form.get("kind", ""), words, spot, _day("starts_on"), _day("ends_on"))


def _day(field: str) -> date:
    try:
        return typed_day(request.form.get(field, ""), field)
    except WrongDay:
        raise PermitIncomplete(field=field) from None


def _list(visit: Visit, fault: DomainError | None = None) -> ResponseReturnValue:
    before = request.args.get("before", 0, type=int)
    found = queries.permits_of(visit.session, _own(visit), before=before, limit=A_PAGE + 1)
    page = render_template(
        "municipality/own_permits.html",
        active=HERE,
        rows=found[:A_PAGE],
        choices=_choices(visit),
        today=local_day(clock.now()),
        told=permit_words,
        typed=request.form,
        key=request.form.get("key") or forms.new_key(),
        faults=forms.sentences({str(fault.facts.get("field", "act")): fault}) if fault else {},
        older=url_for(HERE, before=found[A_PAGE - 1].permit.id) if len(found) > A_PAGE else None,
        newer=url_for(HERE) if before else None,
    )
    return page, fault.status if fault else 200


def _page(visit: Visit, row: PermitTold, fault: DomainError | None = None) -> ResponseReturnValue:
    faults: dict[str, Any] = forms.sentences({"act": fault}) if fault else {}
    page = render_template(
        "municipality/permit.html", active=HERE, row=row, one=row.permit, told=permit_words, is_own=True, may_decide=False,
        may_give_up=row.permit.state == State.ASKED, papers=queries.papers_of(visit.session, row.permit.id), typed={}, faults=faults, acts=Act,
    )  # fmt: skip
    return page, fault.status if fault else 200
