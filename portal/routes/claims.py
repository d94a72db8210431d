"""The own record: what stands there, how it is changed; and the desk that confirms what papers say."""

from typing import cast

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity import own_number, profiles
from identity.claims import queries, services
from identity.claims.errors import ClaimNotFound
from identity.claims.rules import Kind
from identity.errors import DocumentTaken, NumberCodeRefused
from identity.permissions import Identity, Permission
from identity.queries import names_of_people, person_cards
from identity.visits import OpenVisit, Visit
from kernel.errors import DomainError, NotFound
from kernel.web.limits import Limit, check_limit
from kernel.web.routes import route
from portal import asking_words, words
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import typed

OWN, ENROL = Permission.CARDBANK_BALANCE_VIEW, Permission.IDENTITY_PERSON_ENROL
HERE = "portal.claims"
A_PAGE = 50
TRIES = Limit("number", 20)


@route(blueprint, "/me/profile", permission=OWN)
def my_profile(visit: Visit) -> ResponseReturnValue:
    return _own(visit)


@route(blueprint, "/me/profile", permission=OWN, methods=["POST"])
def claim_paper(visit: Visit) -> ResponseReturnValue:
    """Numbers are posted, so that they stand in no address. `act` withdraw: take back what waits."""
    form, holder = typed(), _person(visit)
    try:
        if form.get("act") == "withdraw":
            services.withdraw_claim(visit.session, holder, _number(form.get("claim", "")))
        else:
            replaces = _number(form["replaces"]) if form.get("replaces") else None
            services.claim_paper(visit.session, holder.actor, holder.person_id, form.get("kind", ""), form, replaces)
    except DomainError as refusal:
        if refusal.status == 404:
            raise
        visit.session.rollback()
        return _own(visit, refusal), refusal.status
    return redirect(url_for("portal.my_profile", asked=1), 303)


@route(blueprint, "/me/mobile", permission=OWN, methods=["POST"])
def change_number(visit: Visit) -> ResponseReturnValue:
    """First the number, to which a code goes; then the code with it. The token stands in the page that asks for the code."""
    check_limit(TRIES, request.remote_addr or "")
    form, holder = typed(), _person(visit)
    mobile, token = form.get("mobile", ""), form.get("token", "")
    try:
        if not token:
            token = own_number.ask_number_code(visit.session, holder, mobile)
            return _own(visit, token=token), 200, {"Cache-Control": "no-store"}
        own_number.take_number(visit.session, holder, token, form.get("code", ""), mobile)
    except NumberCodeRefused as refusal:  # the failed try is counted
        return _own(visit, refusal, token=token), refusal.status, {"Cache-Control": "no-store"}
    except DomainError as refusal:
        visit.session.rollback()
        return _own(visit, refusal), refusal.status
    return redirect(url_for("portal.my_profile", number=1), 303)


@route(blueprint, "/desk/claims", permission=ENROL)
def claims(visit: Visit) -> ResponseReturnValue:
    """What waits for somebody who looks at the paper, the longest waiting first."""
    after = request.args.get("after", 0, type=int)
    found = queries.open_claims(visit.session, after=after, limit=A_PAGE + 1)
    return render_template(
        "claims/list.html",
        active=HERE,
        claims=found[:A_PAGE],
        names=names_of_people(visit.session, {one.person_id for one in found}),
        after=after,
        older=found[A_PAGE - 1].id if len(found) > A_PAGE else None,
        told=asking_words,
    )


@route(blueprint, "/desk/claims/<int:claim_id>", permission=ENROL)
def claim(visit: Visit, claim_id: int) -> ResponseReturnValue:
    return _one(visit, claim_id)


@route(blueprint, "/desk/claims/<int:claim_id>", permission=ENROL, methods=["POST"])
def answer_claim(visit: Visit, claim_id: int) -> ResponseReturnValue:
    """`act` is confirm, once the paper was seen, or refuse, with a reason."""
    form, act, clerk = request.form, request.form.get("act", ""), _person(visit)
    if act not in ("confirm", "refuse"):
        raise NotFound
    try:
        if act == "confirm":
            services.confirm_claim(visit.session, clerk, claim_id, is_paper_seen=form.get("seen") == "yes")
        else:
            services.refuse_claim(visit.session, clerk, claim_id, form.get("refusal", ""))
    except ClaimNotFound:
        raise
    except DomainError as refusal:
        visit.session.rollback()
        return _one(visit, claim_id, refusal), refusal.status
    return redirect(url_for(HERE, done=1), 303)


def _own(visit: OpenVisit, fault: DomainError | None = None, *, token: str = "") -> str:
    holder = _person(visit)
    profile = profiles.profile_of(visit.session, holder)
    if profile is None:
        raise NotFound
    return render_template(
        "me/profile.html",
        active="portal.my_profile",
        profile=profile,
        claims=queries.claims_of_person(visit.session, holder.person_id),
        kinds=Kind,
        told=asking_words,
        typed=request.form,
        token=token,
        is_asked="asked" in request.args,
        is_number_taken="number" in request.args,
        **_fault(fault),
    )


def _one(visit: Visit, claim_id: int, fault: DomainError | None = None) -> str:
    found = queries.claim_of(visit.session, claim_id)
    return render_template(
        "claims/one.html",
        active=HERE,
        claim=found,
        person=person_cards(visit.session, [found.person_id])[0],
        documents=queries.documents_of(visit.session, found.person_id),
        others=person_cards(visit.session, [int(str(fault.facts["person_id"]))]) if isinstance(fault, DocumentTaken) else [],
        told=asking_words,
        typed=request.form,
        **_fault(fault),
    )


def _fault(fault: DomainError | None) -> dict[str, str]:
    if fault is None:
        return {"fault": "", "fault_field": ""}
    field = {"passport": "number", "national_id": "number", "foreign_code": "number"}.get(
        str(fault.facts.get("field")), str(fault.facts.get("field", ""))
    )
    return {"fault": words.error_sentence(fault.code, fault.facts), "fault_field": field}


def _number(text: str) -> int:
    """Raises NotFound for what names nothing."""
    if not (text.isascii() and text.isdecimal() and len(text) < 18):
        raise NotFound
    return int(text)


def _person(visit: OpenVisit) -> Identity:
    return cast("Identity", visit.identity)
