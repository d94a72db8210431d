"""Who works for an organisation: its members, invitations by mobile or e-mail, taking a role away."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity import memberships, rules
from identity.colleagues import colleague, work_of
from identity.errors import LastOwner
from identity.invitations import invitation_key
from identity.permissions import Identity, Permission
from identity.queries import members_page, names_of_organisations, open_invitations, organisation_kind
from identity.visits import Visit
from kernel.errors import BadInput, DomainError, NotFound
from kernel.messages.queries import states_by_key
from kernel.messages.rules import channel_of
from kernel.messages.services import is_open
from kernel.web.routes import route
from merchants.queries import branches_of_organisation
from portal import deed_words, message_words, words
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import form_number, qr

MANAGE = Permission.IDENTITY_MEMBER_MANAGE
A_PAGE = 50
FIELDS = frozenset({"branch", "called", "contact", "role"})


@route(blueprint, "/people", permission=MANAGE)
def people(visit: Visit) -> ResponseReturnValue:
    return _people(visit, _organisation(visit, request.args.get("organisation", type=int)))


@route(blueprint, "/people/invitations", permission=MANAGE, methods=["POST"])
def invite_person(visit: Visit) -> ResponseReturnValue:
    """The code is shown in the answer to this form and nowhere else."""
    organisation_id = _organisation(visit, form_number("organisation"))
    typed, branch = request.form, request.form.get("branch", "")
    try:
        code = memberships.invite_member(
            visit.session, visit.identity, organisation_id, typed.get("role", ""), name=typed.get("called", ""),
            contact=typed.get("contact", ""), branch_id=form_number("branch") if branch else None,
            branches=branches_of_organisation(visit.session, organisation_id),
        )  # fmt: skip
    except BadInput as refusal:
        return _people(visit, organisation_id, refusal)
    link, contact = f"{url_for('portal.invitation', _external=True)}#{code}", rules.contact(typed["contact"])
    return render_template(
        "people/invited.html", active="portal.people", code=code, link=link, qr=qr(link), called=typed.get("called", ""),
        contact=contact, is_sent=is_open(channel_of(contact)), back=url_for("portal.people", organisation=organisation_id),
    )  # fmt: skip


@route(blueprint, "/people/invitations/end", permission=MANAGE, methods=["POST"])
def withdraw_invitation(visit: Visit) -> ResponseReturnValue:
    organisation_id = _organisation(visit, form_number("organisation"))
    memberships.withdraw_invitation(visit.session, visit.identity, organisation_id, form_number("invitation"))
    return redirect(url_for("portal.people", organisation=organisation_id), 303)


@route(blueprint, "/people/members/end", permission=MANAGE, methods=["POST"])
def remove_member(visit: Visit) -> ResponseReturnValue:
    organisation_id = _organisation(visit, form_number("organisation"))
    try:
        memberships.remove_member(visit.session, visit.identity, organisation_id, form_number("member"))
    except LastOwner as refusal:
        return _people(visit, organisation_id, refusal)
    return redirect(url_for("portal.people", organisation=organisation_id), 303)


@route(blueprint, "/people/<int:membership_id>/work", permission=MANAGE)
def work_of_member(visit: Visit, membership_id: int) -> ResponseReturnValue:
    """What a colleague did here, so that who answers for a shop or an office can look it up."""
    organisation_id = _organisation(visit, request.args.get("organisation", type=int))
    told = colleague(visit.session, visit.identity, organisation_id, membership_id)
    before = request.args.get("before", type=int)
    found = work_of(visit.session, told, deed_words.SEEN, before=before, limit=A_PAGE + 1)
    here = url_for("portal.work_of_member", membership_id=membership_id, organisation=organisation_id)
    return render_template(
        "people/work.html", active="portal.people", told=told, rows=found[:A_PAGE], deed_words=deed_words, organisation_id=organisation_id,
        older=f"{here}&before={found[A_PAGE - 1].id}" if len(found) > A_PAGE else None, newer=here if before else None,
    )  # fmt: skip


def _organisation(visit: Visit, asked: int | None) -> int:
    """The asked organisation, else the first in which the person manages people. Raises NotFound for others."""
    identity: Identity = visit.identity
    if asked is None:
        own = (grant for grant in identity.grants if grant.allows(MANAGE, grant.organisation_id))
        asked = next(grant.organisation_id for grant in own)
    if asked is None or not identity.can(MANAGE, asked):
        raise NotFound
    return asked


def _people(visit: Visit, organisation_id: int, fault: DomainError | None = None) -> ResponseReturnValue:
    identity: Identity = visit.identity
    kind = organisation_kind(visit.session, organisation_id)
    if kind is None:
        raise NotFound
    bound = identity.branches(organisation_id, MANAGE)
    branches = branches_of_organisation(visit.session, organisation_id)
    after = request.args.get("after", 0, type=int)
    found = members_page(visit.session, organisation_id, bound, after=after, limit=A_PAGE + 1)
    organisations = {grant.organisation_id for grant in identity.grants if grant.allows(MANAGE, grant.organisation_id)}
    invitations = open_invitations(visit.session, organisation_id, bound)
    sent = states_by_key(visit.session, [invitation_key(one.id) for one in invitations])
    sentence = words.error_sentence(fault.code, fault.facts) if fault else ""
    field = str(fault.facts.get("field", "")) if fault else ""
    page = render_template(
        "people/people.html",
        active="portal.people",
        organisation_id=organisation_id,
        names=names_of_organisations(visit.session, {organisation_id, *(one for one in organisations if one is not None)}),
        members=found[:A_PAGE],
        older=found[A_PAGE - 1].membership_id if len(found) > A_PAGE else None,
        after=after,
        invitations=invitations,
        sent={one.id: sent.get(invitation_key(one.id)) for one in invitations},
        message_words=message_words,
        roles=memberships.roles_to_give(kind),
        branches=branches,
        offered={number: names for number, names in branches.items() if bound is None or number in bound},
        is_bound=bound is not None,
        typed=request.form,
        faults={field: sentence} if field in FIELDS else {},
        fault=sentence if field not in FIELDS else "",
    )
    return page, fault.status if fault else 200
