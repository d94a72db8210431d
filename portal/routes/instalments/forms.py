"""What the forms of instalments share: numbers as they are typed, and a page with its refusal."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import render_template, request

from kernel.errors import DomainError
from kernel.text import latin_digits, typed_number
from merchants.instalments.errors import WrongTerms
from merchants.instalments.services.terms import Offer
from merchants.onboarding.errors import WrongDay
from merchants.onboarding.rules import typed_day
from portal import instalment_words, words

MOST_COUNTS = 12


def typed_offer(today: date) -> Offer:
    """Raises WrongTerms for the first field that cannot be read."""
    every = _whole("every", "every")
    unit = request.form.get("unit", "months")
    giver = request.form.get("giver", "")
    counts = _counts()
    return Offer(
        counts=counts,
        least_rial=_whole("least", "least"),
        most_rial=_whole("most", "most"),
        every_months=every if unit == "months" else None,
        every_days=every if unit == "days" else None,
        fee_rial=_whole("fee", "fee", empty=0),
        giver_id=_giver(giver),
        shop_basis_points=typed_share("commission", empty=None if counts else 0),
        cash_discount_basis_points=typed_share("cash_discount", empty=0),
        discounts_card_prices=request.form.get("card_prices") == "1",
        starts_on=typed_date("starts_on") or today,
        ends_on=typed_date("ends_on"),
    )


def _counts() -> tuple[int, ...]:
    typed = [part for part in re.split(r"[^0-9]+", latin_digits(request.form.get("counts", ""))) if part]
    if len(typed) > MOST_COUNTS or any(len(part) > 2 for part in typed):
        raise WrongTerms(field="counts", fault="counts")
    return tuple(int(part) for part in typed)


def _whole(name: str, field: str, *, empty: int | None = None) -> int:
    said = request.form.get(name, "")
    if not said.strip() and empty is not None:
        return empty
    typed = typed_number(said)
    if typed is None:
        raise WrongTerms(field=field, fault=field)
    return typed


def typed_share(name: str, *, empty: int | None = None) -> int:
    """A percentage with at most two decimals, in basis points. Raises WrongTerms, for an empty field too unless it means something."""
    typed = latin_digits(request.form.get(name, "")).replace("٫", ".").replace("/", ".").strip(" %٪\u200c")
    if not typed and empty is not None:
        return empty
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", typed):
        raise WrongTerms(field=name, fault=name)
    try:
        return int(Decimal(typed) * 100)
    except InvalidOperation:
        raise WrongTerms(field=name, fault=name) from None


def typed_date(name: str) -> date | None:
    """A day in the reader's way of writing; None for an empty field. Raises WrongTerms."""
    typed = request.form.get(name, "").strip()
    if not typed:
        return None
    try:
        return typed_day(typed, name)
    except WrongDay:
        raise WrongTerms(field=name, fault=name) from None


def _giver(typed: str) -> int | None:
    if not typed:
        return None
    number = typed_number(typed)
    if number is None:
        raise WrongTerms(field="giver", fault="giver")
    return number


def page(name: str, active: str, refusal: DomainError | None = None, **facts: Any) -> str:
    """A page of this folder with its words; what was typed and what is wrong with it stand in the form again."""
    return render_template(
        f"instalments/{name}.html",
        active=active,
        told=instalment_words,
        typed=request.form if refusal else {},
        fault=words.error_sentence(refusal.code, refusal.facts) if refusal else "",
        fault_field=str(refusal.facts.get("field", "")) if refusal else "",
        **facts,
    )
