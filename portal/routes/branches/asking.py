"""A shop asks for a further branch: the form, and giving up."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import DomainError
from kernel.languages import in_language
from kernel.web.routes import route
from merchants.branches.services import asking
from places.queries import all_cities
from portal.blueprint import blueprint
from portal.own_shop import own_shop
from portal.routes.goods.shop import page
from portal.routes.onboarding import forms

ASK = Permission.MERCHANTS_BRANCH_ASK
HERE = "portal.branches"


@route(blueprint, "/branches/new", permission=ASK)
def new_branch(visit: Visit) -> ResponseReturnValue:
    return _form(visit)


@route(blueprint, "/branches/new", permission=ASK, methods=["POST"], takes_files=True)
def ask_branch(visit: Visit) -> ResponseReturnValue:
    made, faults = asking.ask_branch(
        visit.session,
        visit.identity,
        forms.paper_store(),
        own_shop(visit, ASK),
        forms.form_key(),
        forms.typed(),
        forms.uploaded("paper"),
    )
    if made is None:
        visit.session.rollback()
        return _form(visit, faults)
    return redirect(url_for(HERE), 303)


@route(blueprint, "/branches/wishes/<int:branch_wish_id>/giving-up", permission=ASK, methods=["POST"])
def give_branch_up(visit: Visit, branch_wish_id: int) -> ResponseReturnValue:
    asking.give_up(visit.session, visit.identity, visit.identity.organisations(ASK) or frozenset(), branch_wish_id)
    return redirect(url_for(HERE), 303)


def _form(visit: Visit, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    return page(
        "branches/new.html", active=HERE, faults=faults, shop=own_shop(visit, ASK), key=request.form.get("key") or forms.new_key(),
        cities=[(one.code, in_language(one.names, visit.language)) for one in all_cities(visit.session)],
    )  # fmt: skip
