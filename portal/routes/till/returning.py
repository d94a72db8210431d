"""Returns: find the purchase by its receipt number or among the last ones, then give a part or all of it back."""

from datetime import date, datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from msgspec import Struct

from cardbank.ledger.errors import OutcomeUnknown
from cardbank.ledger.types import EntryKind, Source
from cardbank.outcomes import Purchase, purchase_of_entry
from cardbank.reasons import Reason
from cardbank.references import entry_of_reference
from cardbank.services import new_request_key
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError, NotFound
from kernel.settings import load_settings
from kernel.web.routes import route
from merchants.queries import branch_names_of_terminals
from merchants.sales.counter import counter_office
from merchants.sales.queries import shop_sales
from merchants.till import queries
from merchants.till.errors import PurchaseNotFound, ShiftIsClosed
from merchants.till.queries import SaleRow, ShiftRow
from merchants.till.rules import price_back
from merchants.till.services.returning import give_back
from portal import words
from portal.blueprint import blueprint
from portal.routes.till import forms
from portal.routes.till.shift import shift_at_work

OPERATE = Permission.MERCHANTS_TILL_OPERATE
LAST_PURCHASES = 10


class LastPurchase(Struct, frozen=True):
    """A line of the list to choose from."""

    business_date: date
    entry_id: int
    decided_at: datetime
    amount_rial: int
    terminal_id: int | None


@route(blueprint, "/till/returns", permission=OPERATE)
def till_returns(visit: Visit) -> ResponseReturnValue:
    """The search. A receipt number that is right leads to its purchase."""
    shift = _shift(visit)
    if shift is None:
        return redirect(url_for("portal.till"))
    typed = request.args.get("receipt", "").strip()
    if typed:
        found = entry_of_reference(forms.digits(typed).upper(), local_day(clock.now()))
        purchase = purchase_of_entry(visit.session, *found) if found else None
        if purchase is not None and purchase.shop_id == shift.shop_wallet_id:
            return redirect(_address(purchase))
        return _search(visit, shift, typed, PurchaseNotFound()), PurchaseNotFound.status
    return _search(visit, shift, typed)


@route(blueprint, "/till/returns/<day>/<int:entry_id>", permission=OPERATE)
def till_return(visit: Visit, day: str, entry_id: int) -> ResponseReturnValue:
    shift = _shift(visit)
    purchase = _purchase(visit, day, entry_id)
    return _page(visit, shift, purchase) if shift else redirect(url_for("portal.till"))


@route(blueprint, "/till/returns/<day>/<int:entry_id>", permission=OPERATE, methods=["POST"])
def take_return(visit: Visit, day: str, entry_id: int) -> ResponseReturnValue:
    purchase = _purchase(visit, day, entry_id)
    shift = shift_at_work(visit)
    try:
        sale = _sale(visit, purchase)
        counts = _counts(sale)
        amount_rial = _amount(sale, counts)
        outcome = give_back(
            visit.session, visit.identity, counter_office(visit.session, load_settings()), shift, request.form.get("key", ""),
            original=(purchase.business_date, purchase.entry_id), amount_rial=amount_rial, sale=sale, counts=counts,
        )  # fmt: skip
    except (BadInput, ShiftIsClosed, OutcomeUnknown) as refusal:
        visit.session.rollback()
        return _page(visit, shift, purchase, refusal), refusal.status
    reason = outcome.answer.reason
    if not reason.is_approved:
        return _page(visit, shift, purchase, declined=reason), 409
    return redirect(_address(purchase, given=outcome.answer.amount), 303)


def _search(visit: Visit, shift: ShiftRow, typed: str, fault: DomainError | None = None) -> str:
    """Purchases at terminals stand in the shop's list a moment later; those of web tills at once."""
    page = shop_sales(visit.session, shift.shop_wallet_id, local_day(clock.now()), most=LAST_PURCHASES)
    own = queries.last_paid(visit.session, shift.organisation_id, limit=LAST_PURCHASES)
    seen = {
        (line.business_date, line.entry_id): LastPurchase(
            line.business_date, line.entry_id, line.decided_at, line.amount_rial, line.terminal_id
        )
        for line in page.lines
        if line.kind is EntryKind.PURCHASE and not line.is_reversed
    } | {
        (one.outcome.business_date, one.outcome.entry_id): LastPurchase(
            one.outcome.business_date, one.outcome.entry_id, one.outcome.decided_at, one.shown_rial, one.terminal_id
        )
        for one in own
        if one.outcome is not None
    }
    lines = sorted(seen.values(), key=lambda one: one.decided_at, reverse=True)[:LAST_PURCHASES]
    terminals = {line.terminal_id for line in lines if line.terminal_id is not None}
    return render_template(
        "till/returns.html",
        active="portal.till",
        lines=lines,
        branches=branch_names_of_terminals(visit.session, terminals) if terminals else {},
        typed=typed,
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
        wrong=forms.place_of(fault),
    )


def _page(
    visit: Visit, shift: ShiftRow, purchase: Purchase, fault: DomainError | None = None, declined: Reason | None = None
) -> str:
    fresh = purchase_of_entry(visit.session, purchase.business_date, purchase.entry_id) or purchase
    return render_template(
        "till/return.html",
        active="portal.till",
        shift=shift,
        purchase=fresh,
        sale=_sale(visit, purchase),
        key=(request.form.get("key") if declined is None else None) or new_request_key(),
        amount=request.form.get("amount", ""),
        typed=request.form,
        given_rial=request.args.get("given", 0, type=int),
        declined=declined,
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
        wrong=forms.place_of(fault),
    )


def _shift(visit: Visit) -> ShiftRow | None:
    return queries.open_shift_of(visit.session, visit.identity.person_id)


def _purchase(visit: Visit, day: str, entry_id: int) -> Purchase:
    """A purchase in a shop one works for. Raises PurchaseNotFound, also for another shop's."""
    try:
        found = purchase_of_entry(visit.session, date.fromisoformat(day), entry_id)
    except ValueError:
        raise NotFound from None
    organisations = visit.identity.organisations(OPERATE) or frozenset()
    if found is None or found.shop_id not in queries.shop_wallets(visit.session, organisations):
        raise PurchaseNotFound
    return found


def _sale(visit: Visit, purchase: Purchase) -> SaleRow | None:
    """Its basket, where a web till sold it."""
    return queries.sale_of_entry(visit.session, purchase.source_key) if purchase.source is Source.WEB_TILL else None


def _counts(sale: SaleRow | None) -> dict[int, int]:
    """How many pieces of which line come back. Raises WrongAmount."""
    names = [f"back-{position}" for position in range(len(sale.lines))] if sale else []
    return {position: forms.amount_of(name) for position, name in enumerate(names) if request.form.get(name, "").strip()}


def _amount(sale: SaleRow | None, counts: dict[int, int]) -> int:
    """What was typed, or what the pieces that come back had cost. Raises WrongAmount, WrongReturn."""
    if sale is None or request.form.get("amount", "").strip() or not any(counts.values()):
        return forms.amount_of("amount")
    return price_back(sale.lines, counts, at_once=sale.is_discounted)


def _address(purchase: Purchase, **further: Any) -> str:
    return url_for("portal.till_return", day=purchase.business_date.isoformat(), entry_id=purchase.entry_id, **further)
