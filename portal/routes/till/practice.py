"""Practising at the till: a basket and a card that post nothing, marked on every page, with the four steps of the lesson."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import BadInput, DomainError
from kernel.web.routes import route
from merchants.till.practice import Part, Practice, Step, given_back, held, keyed
from merchants.till.rules import Line, price_said
from portal import words
from portal.blueprint import blueprint
from portal.routes.till import forms

OPERATE = Permission.MERCHANTS_TILL_OPERATE


@route(blueprint, "/till/practice", permission=OPERATE)
def practice(visit: Visit) -> ResponseReturnValue:
    return _page(visit, Practice(Step.AMOUNT))


@route(blueprint, "/till/practice", permission=OPERATE, methods=["POST"])
def practise(visit: Visit) -> ResponseReturnValue:
    """The next step of the lesson. The basket travels in the form: nothing of it is kept anywhere."""
    typed, act = forms.typed_lines(), request.form.get("act", "")
    try:
        lines = forms.basket_of(typed, _no_catalogue)
        if act == Step.CARD:
            return _page(visit, held(lines, _part()))
        return _page(visit, given_back(lines) if act == Step.AWAY else keyed(lines))
    except DomainError as refusal:
        return _page(visit, Practice(Step.AMOUNT), typed, refusal), refusal.status


def _part() -> Part:
    """Raises BadInput."""
    try:
        return Part(request.form.get("part", ""))
    except ValueError:
        raise BadInput(field="part") from None


def _no_catalogue(code: str, count: int) -> Line:
    """A code is practised with as if it cost a round sum; a round sum is what it says."""
    price_rial = price_said(code)
    return Line("" if price_rial else code, count, price_rial or PRACTICE_PRICE_RIAL)


PRACTICE_PRICE_RIAL = 100_000


def _page(visit: Visit, made: Practice, typed: list[forms.TypedLine] | None = None, refusal: DomainError | None = None) -> str:
    return render_template(
        "till/practice.html",
        active="portal.till",
        made=made,
        steps=list(Step),
        typed=typed or forms.typed_again(made.lines, visit.language),
        fault=words.error_sentence(refusal.code, refusal.facts) if refusal else "",
    )
