"""What the pages of goods and stock share: whose shop it is, which branch, and a page that says what is wrong."""

from typing import Any

from flask import render_template, request

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import DomainError, NotFound
from merchants.catalogue.queries import branches_of
from merchants.queries import merchants_of_organisations
from portal import words
from portal.routes.onboarding import forms


def own_shop(visit: Visit, permission: Permission) -> Any:
    """The asked shop of the person, else the first. Raises NotFound, for another's shop too."""
    shops = merchants_of_organisations(visit.session, visit.identity.organisations(permission) or ())
    asked = request.args.get("merchant", type=int)
    found = next((one for one in shops if asked in (None, one.id)), None)
    if found is None:
        raise NotFound
    return found


def shop_of(visit: Visit, permission: Permission, merchant_id: int) -> Any:
    """The shop an object belongs to, for its organisation. Raises NotFound, for another's shop too."""
    shops = merchants_of_organisations(visit.session, visit.identity.organisations(permission) or ())
    found = next((one for one in shops if one.id == merchant_id), None)
    if found is None:
        raise NotFound
    return found


def own_branches(visit: Visit, shop: Any, permission: Permission) -> list[Any]:
    """The shop's branches that the person works in."""
    return branches_of(visit.session, shop.id, visit.identity.branches(shop.organisation_id, permission))


def page(name: str, *, active: str, faults: dict[str, DomainError] | None = None, **facts: Any) -> Any:
    """A page with what is wrong beside its fields and what was typed in them; its status follows the first fault."""
    faults = faults or {}
    shown = facts.pop("typed", {})
    answer = render_template(name, active=active, faults=forms.sentences(faults), typed=(forms.typed() or shown) if faults else shown, **facts)
    return answer, next((fault.status for fault in faults.values()), 200)


def fault_by_field(refusal: DomainError) -> dict[str, DomainError]:
    """Keyed by the field it is about; `form` where it is about none. What does not exist stays an error page."""
    if refusal.status == 404:
        raise refusal
    return {str(refusal.facts.get("field", "form")): refusal}


def sentence(refusal: DomainError | None) -> str:
    return words.error_sentence(refusal.code, refusal.facts) if refusal else ""
