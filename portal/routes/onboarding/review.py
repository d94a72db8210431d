"""The reviewers' pages, one for the union and the municipality alike: the queue, a file, its papers, the decision."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.queries import has_sign_in
from identity.visits import Visit
from kernel.errors import BadInput, DomainError
from kernel.text import search_key
from kernel.web.routes import route
from merchants.onboarding import queries
from merchants.onboarding.errors import NotYourTurn
from merchants.onboarding.queries import Reviewer
from merchants.onboarding.rules import Act, Party, Piece, State
from merchants.onboarding.services import deciding, importing
from portal.blueprint import blueprint
from portal.routes.onboarding import forms

REVIEW = Permission.MERCHANTS_APPLICATION_REVIEW
A_PAGE = 20
LONGEST_SEARCH = 80


@route(blueprint, "/reviews", permission=REVIEW)
def reviews(visit: Visit) -> ResponseReturnValue:
    reviewer = reviewer_of(visit)
    state, after = request.args.get("state", ""), request.args.get("after", 0, type=int)
    search, trade_id = request.args.get("q", "")[:LONGEST_SEARCH].strip(), request.args.get("trade", type=int)
    is_too_short = 0 < len(search_key(search)) < queries.LEAST_SEARCHED
    if state and state not in set(State):
        raise BadInput(field="state")
    found = queries.reviews_page(
        visit.session,
        reviewer,
        state=state,
        trade_id=trade_id,
        search="" if is_too_short else search,
        after=after,
        limit=A_PAGE + 1,
    )
    asked: dict[str, Any] = {"state": state or None, "trade": trade_id, "q": search or None}
    return render_template(
        "onboarding/reviews.html",
        active="portal.reviews",
        reviewer=reviewer,
        counts=queries.state_counts(visit.session, reviewer),
        own_state=State.UNION_REVIEW if reviewer.party is Party.UNION else State.MUNICIPALITY_REVIEW,
        trades=queries.trades_of_reviewer(visit.session, reviewer),
        files=found[:A_PAGE],
        asked=asked,
        is_too_short=is_too_short,
        most_counted=queries.MOST_COUNTED,
        after=after,
        older=url_for("portal.reviews", **asked, after=found[A_PAGE - 1].application_id) if len(found) > A_PAGE else None,
        newer=url_for("portal.reviews", **asked) if after else None,
    )


@route(blueprint, "/reviews/<int:application_id>", permission=REVIEW)
def review(visit: Visit, application_id: int) -> ResponseReturnValue:
    return _file(visit, application_id)


@route(blueprint, "/reviews/<int:application_id>/decision", permission=REVIEW, methods=["POST"])
def decide(visit: Visit, application_id: int) -> ResponseReturnValue:
    """One decision; a refusal is told on the file's page, with all that was typed."""
    act, asked = request.form.get("act", ""), request.form.getlist("asked")
    if act not in set(Act) or not set(asked) <= set(Piece):
        raise BadInput(field="act")
    why = request.form.get("why", "").strip()
    pieces = [Piece(piece) for piece in asked] if act == Act.RETURN else []
    wanted = deciding.Wanted(Act(act), forms.form_number("version"), forms.form_key(), why, pieces)
    try:
        deciding.decide(visit.session, visit.identity, application_id, wanted)
    except DomainError as refusal:
        return _refused(visit, application_id, refusal)
    return redirect(url_for("portal.review", application_id=application_id), 303)


@route(blueprint, "/reviews/<int:application_id>/licence", permission=REVIEW, methods=["POST"])
def renew_licence(visit: Visit, application_id: int) -> ResponseReturnValue:
    version, key = forms.form_number("version"), forms.form_key()
    ends = request.form.get("licence_expires_on", "")
    try:
        deciding.renew_licence(visit.session, visit.identity, application_id, ends, version, key)
    except DomainError as refusal:
        return _refused(visit, application_id, refusal)
    return redirect(url_for("portal.review", application_id=application_id), 303)


@route(blueprint, "/reviews/<int:application_id>/invitation", permission=Permission.MERCHANTS_MEMBER_IMPORT, methods=["POST"])
def invite_member(visit: Visit, application_id: int) -> ResponseReturnValue:
    """The code is shown in the answer and nowhere else."""
    try:
        code = importing.invite_applicant(visit.session, visit.identity, reviewer_of(visit), application_id)
    except DomainError as refusal:
        return _refused(visit, application_id, refusal)
    return render_template(
        "onboarding/code.html", active="portal.reviews", kind="invitation", code=code, qr=forms.qr(code),
        back=url_for("portal.review", application_id=application_id), terminal=None,
    )  # fmt: skip


@route(blueprint, "/reviews/<int:application_id>/papers/<int:paper_id>", permission=REVIEW)
def reviewed_paper(visit: Visit, application_id: int, paper_id: int) -> ResponseReturnValue:
    file = queries.reviewed_application(visit.session, reviewer_of(visit), application_id)
    return forms.paper_answer(visit, file, paper_id)


def reviewer_of(visit: Visit) -> Reviewer:
    """Raises NotYourTurn for who reviews for nobody."""
    reviewer = queries.reviewer_of(visit.identity)
    if reviewer is None:
        raise NotYourTurn
    return reviewer


def _refused(visit: Visit, application_id: int, refusal: DomainError) -> ResponseReturnValue:
    if refusal.status == 404:
        raise refusal
    visit.session.rollback()
    return _file(visit, application_id, refusal)


def _file(visit: Visit, application_id: int, fault: DomainError | None = None) -> ResponseReturnValue:
    reviewer = reviewer_of(visit)
    file = queries.reviewed_application(visit.session, reviewer, application_id)
    papers = queries.newest_papers(visit.session, file.id)
    faults = forms.sentences({str(fault.facts.get("field", "decision")): fault}) if fault else {}
    page = render_template(
        "onboarding/review.html",
        active="portal.reviews",
        file=file,
        papers=papers,
        required=queries.requirements_of(visit.session, file, papers),
        acts=queries.acts_of(file, reviewer.party),
        decisions=queries.decisions_of(visit.session, file.id),
        trades={trade.id: trade for trade in queries.trades_of_reviewer(visit.session, reviewer)},
        pieces=list(Piece),
        may_renew=reviewer.party is Party.UNION and file.state in (State.ACTIVE, State.SUSPENDED),
        may_invite=reviewer.party is Party.UNION and file.source == "import" and not has_sign_in(visit.session, file.person_id),
        on_map=[_pin(file)] if file.lon is not None else [],
        typed=request.form,
        asked=request.form.getlist("asked"),
        faults=faults,
        key=forms.new_key(),
    )
    return page, fault.status if fault else 200


def _pin(file: Any) -> dict[str, object]:
    name = next(iter((file.names or {}).values()), file.legal_name)
    return {"name": name, "latitude": file.lat, "longitude": file.lon, "open": True}
