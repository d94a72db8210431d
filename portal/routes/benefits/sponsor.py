"""What the pages of a sponsor share: for which organisation, its budget, typed figures, refusals beside their fields."""

from typing import Any, NoReturn

from flask import render_template, request
from flask.typing import ResponseReturnValue

from identity.permissions import Identity, Permission
from identity.queries import names_of_organisations
from identity.visits import Visit
from kernel.errors import DomainError, NotFound
from loyalty.benefits import queries
from loyalty.benefits.errors import WrongPlan
from merchants.catalogue.errors import WrongPrice
from merchants.catalogue.rules.prices import typed_rial
from portal import benefit_words, words

MANAGE = Permission.LOYALTY_BENEFIT_MANAGE


class NoBudgetYet(DomainError):
    """The organisation has no budget: its first page offers to open one."""

    code = "no_budget_yet"


def organisation_of(visit: Visit) -> int:
    """The asked organisation, else the first for which the person manages benefits. Raises NotFound for others."""
    identity: Identity = visit.identity
    own = sorted(identity.organisations(MANAGE) or ())
    asked = request.values.get("organisation", own[0] if own else None, type=int)
    if asked is None or not identity.can(MANAGE, asked):
        raise NotFound
    return asked


def sponsor_of(visit: Visit) -> queries.Funder:
    """Raises NoBudgetYet, NotFound."""
    held = queries.funder(visit.session, organisation_of(visit))
    if held is None:
        raise NoBudgetYet
    return held


def typed_amount(name: str, refusal: type[DomainError] = WrongPlan) -> int:
    try:
        return typed_rial(request.form.get(name, ""), name)
    except WrongPrice:
        _refuse(refusal, name)


def _refuse(refusal: type[DomainError], name: str) -> NoReturn:
    raise refusal(field=name) from None


def page(
    visit: Visit,
    template: str,
    held: queries.Funder,
    refusal: DomainError | None = None,
    fields: tuple[str, ...] = (),
    **facts: Any,
) -> ResponseReturnValue:
    """A page of the organisation; what was refused stands beside its field where `fields` names it, else on top."""
    sentence = words.error_sentence(refusal.code, refusal.facts) if refusal else ""
    field = str(refusal.facts.get("field", "")) if refusal else ""
    own = visit.identity.organisations(MANAGE) or frozenset()
    shown = render_template(
        f"benefits/{template}.html",
        sponsor=held,
        organisation=held.organisation_id,
        names=names_of_organisations(visit.session, {*own, held.organisation_id}),
        told=benefit_words,
        typed=request.form,
        faults={field: sentence} if field in fields else {},
        fault=sentence if field not in fields else "",
        **facts,
    )
    return shown, refusal.status if refusal else 200
