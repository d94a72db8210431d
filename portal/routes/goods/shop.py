"""What the pages of goods and stock share: which branch, and a page that says what is wrong."""

from typing import Any

from flask import render_template

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import DomainError
from merchants.catalogue.queries import branches_of
from portal import words
from portal.routes.onboarding import forms


def own_branches(visit: Visit, shop: Any, permission: Permission) -> list[Any]:
    """The shop's branches that the person works in."""
    return branches_of(visit.session, shop.id, visit.identity.branches(shop.organisation_id, permission))


def page(name: str, *, active: str, faults: dict[str, DomainError] | None = None, **facts: Any) -> Any:
    """A page with what is wrong beside its fields and what was typed in them; its status follows the first fault."""
    faults = faults or {}
    shown = facts.pop("typed", {})
    answer = render_template(
        name, active=active, faults=forms.sentences(faults), typed=(forms.typed() or shown) if faults else shown, **facts
    )
    return answer, next((fault.status for fault in faults.values()), 200)


def fault_by_field(refusal: DomainError) -> dict[str, DomainError]:
    """Keyed by the field it is about; `form` where it is about none. What does not exist stays an error page."""
    if refusal.status == 404:
        raise refusal
    return {str(refusal.facts.get("field", "form")): refusal}


def sentence(refusal: DomainError | None) -> str:
    return words.error_sentence(refusal.code, refusal.facts) if refusal else ""
