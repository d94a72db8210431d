"""A shop asks for a further branch: the form, and giving up."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import DomainError, NotFound
from kernel.languages import in_language
from kernel.web.routes import route
from merchants.branches.services import asking
from merchants.queries import merchants_of_organisations
from places.queries import all_cities
from portal.blueprint import blueprint
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
        _shop(visit),
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
    asking.give_up(visit.session, visit.identity, whole_shops(visit), branch_wish_id)
    return redirect(url_for(HERE), 303)


def whole_shops(visit: Visit) -> frozenset[int]:
    """The organisations of shops that the person runs as a whole: who is bound to one branch asks for no other."""
    whole, _ = visit.identity.reach(ASK)
    return whole or frozenset()


def _shop(visit: Visit) -> Any:
    """The asked shop of the person, else the first. Raises NotFound."""
    asked = request.args.get("merchant", type=int)
    found = next((one for one in merchants_of_organisations(visit.session, whole_shops(visit)) if asked in (None, one.id)), None)
    if found is None:
        raise NotFound
    return found


def _form(visit: Visit, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    return page(
        "branches/new.html", active=HERE, faults=faults, shop=_shop(visit), key=request.form.get("key") or forms.new_key(),
        cities=[(one.code, in_language(one.names, visit.language)) for one in all_cities(visit.session)],
    )  # fmt: skip
