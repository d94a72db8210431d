"""A sale from its basket to its receipt. The card's number never stands in an address and never comes back to the page."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cardbank.cards.codes import CODE_DIGITS, read_code
from cardbank.cards.queries import card_profile
from cardbank.cards.rules import is_card_number
from cardbank.ledger.errors import OutcomeUnknown
from cardbank.ledger.types import Earn
from cardbank.reasons import Reason
from cardbank.services import new_request_key
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.errors import BadInput, DomainError
from kernel.settings import load_settings
from kernel.web.routes import route
from loyalty.rules import earn_for, explain
from merchants.debts.queries import debt_of_sale
from merchants.discounts.queries import noted_share
from merchants.instalments.queries import terms_of_merchants
from merchants.rules import TerminalProfile
from merchants.sales.counter import counter_office
from merchants.sales.rules import CardClaim, CreditMode
from merchants.till import queries
from merchants.till.errors import (
    OtherBasket,
    SaleDecided,
    SaleNotFound,
    ShiftIsClosed,
    ShiftNotFound,
    WrongCardNumber,
)
from merchants.till.queries import SaleRow, ShiftRow
from merchants.till.rules import LONGEST_TEXT, Line, SaleState, most_earned
from merchants.till.services import selling, shifts
from merchants.till.services.goods import line_of_tag, line_said, lines_named
from portal import formats, till_words, words
from portal.blueprint import blueprint
from portal.instalment_words import terms_sentences
from portal.routes.till import forms
from portal.routes.till.reader import reader_origin, tag_read, tapped
from portal.routes.till.shift import basket

OPERATE = Permission.MERCHANTS_TILL_OPERATE
NO_NEW_TRY = frozenset({Reason.DUPLICATE_WITH_OTHER_CONTENT, Reason.REVERSED_BEFORE_ARRIVAL, Reason.PAYS_IN_CASH})
CREDIT_MODES = {"none": CreditMode.NONE, "most": CreditMode.MOST, "exactly": CreditMode.EXACTLY}


@route(blueprint, "/till/sales", permission=OPERATE, methods=["POST"])
def begin_sale(visit: Visit) -> ResponseReturnValue:
    shift = queries.open_shift_of(visit.session, visit.identity.person_id)
    if shift is None:
        return redirect(url_for("portal.till"), 303)
    typed, key = forms.typed_lines(), request.form.get("key", "")
    try:
        selling.begin_sale(visit.session, visit.identity, shift.id, key, _basket(visit, shift, typed))
    except OtherBasket:
        return redirect(url_for("portal.till_sale", key=key, other=1), 303)
    except DomainError as refusal:
        visit.session.rollback()
        return basket(visit, shift, lines=typed, fault=refusal), refusal.status
    return redirect(url_for("portal.till_sale", key=key), 303)


@route(blueprint, "/till/goods", permission=OPERATE)
def till_goods(visit: Visit) -> ResponseReturnValue:
    """What a scanned code, a tag at the reader or a bare price is and costs, for the line that is being typed.

    A fault is a sentence beside it. With `name` all goods that are called so, to choose from.
    """
    code, name = request.args.get("code", ""), request.args.get("name", "").strip()[:LONGEST_TEXT]
    tag = None if code or name else tag_read()
    shift = queries.open_shift_of(visit.session, visit.identity.person_id)
    if shift is None:
        raise ShiftNotFound
    if name:
        named = lines_named(visit.session, shift.branch_id, name, visit.language)
        return {"found": [{"code": one.code, "said": _priced(one, visit.language)} for one in named]}
    try:
        if tag is None:
            line = line_said(visit.session, shift.branch_id, code, 1, visit.language)
        else:
            line = line_of_tag(visit.session, shift.branch_id, *tag, visit.language)
    except DomainError as refusal:
        return {"fault": words.error_sentence(refusal.code, refusal.facts)}, refusal.status
    return {"text": line.text, "amount": line.each_rial, "code": line.code}


@route(blueprint, "/till/sales/<uuid:key>", permission=OPERATE)
def till_sale(visit: Visit, key: UUID) -> ResponseReturnValue:
    """What stands: the form of the payment, or what came of it. A declined sale leads to the try that followed it."""
    sale, shift = visible_sale(visit, str(key))
    if sale.next_key is not None:
        return redirect(url_for("portal.till_sale", key=sale.next_key))
    return sale_page(visit, sale, shift)


@route(blueprint, "/till/sales/<uuid:key>/pay", permission=OPERATE, methods=["POST"])
def pay(visit: Visit, key: UUID) -> ResponseReturnValue:
    """Ask for the payment. Whatever was answered, the page that follows reads it from the ledger."""
    sale, shift = selling.own_sale(visit.session, visit.identity, str(key))
    office = counter_office(visit.session, load_settings())
    try:
        if sale.state is SaleState.PAID:
            return redirect(url_for("portal.till_sale", key=sale.key), 303)
        mode, credit_rial = _credit_wish()
        outcome = selling.pay(visit.session, office, sale, shift, claim_of(visit), mode=mode, credit_rial=credit_rial)
    except (BadInput, ShiftIsClosed) as refusal:
        return sale_page(visit, sale, shift, refusal), refusal.status
    except OutcomeUnknown as unknown:
        return sale_page(visit, sale, shift, unknown), unknown.status
    except SaleDecided:
        return redirect(url_for("portal.till_sale", key=sale.key), 303)
    reason = outcome.answer.reason
    if reason is Reason.LEDGER_UNAVAILABLE:
        return sale_page(visit, sale, shift, declined=reason), 503
    if not reason.is_approved and reason not in NO_NEW_TRY:
        sale = selling.try_again(visit.session, visit.identity, sale, new_request_key())
    return redirect(url_for("portal.till_sale", key=sale.key), 303)


@route(blueprint, "/till/sales/<uuid:key>/again", permission=OPERATE, methods=["POST"])
def try_again(visit: Visit, key: UUID) -> ResponseReturnValue:
    """After a decline whose answer was lost on its way: the same basket under a new key."""
    sale, _ = selling.own_sale(visit.session, visit.identity, str(key))
    if sale.state is SaleState.DECLINED:
        sale = selling.try_again(visit.session, visit.identity, sale, new_request_key())
    return redirect(url_for("portal.till_sale", key=sale.key), 303)


@route(blueprint, "/till/sales/<uuid:key>/withdraw", permission=OPERATE, methods=["POST"])
def withdraw(visit: Visit, key: UUID) -> ResponseReturnValue:
    """Take the sale back, paid or not. With `edit` its basket goes back into the form."""
    sale, shift = selling.own_sale(visit.session, visit.identity, str(key))
    was_paid = sale.state is SaleState.PAID
    if sale.state is not SaleState.WITHDRAWN:
        try:
            selling.withdraw(visit.session, visit.identity, counter_office(visit.session, load_settings()), sale, shift)
        except (ShiftIsClosed, OutcomeUnknown) as refusal:
            return sale_page(visit, sale, shift, refusal), refusal.status
    if request.form.get("edit") and not was_paid:
        return basket(visit, shift, lines=forms.typed_again(sale.lines, visit.language))
    return redirect(url_for("portal.till_sale", key=sale.key), 303)


def _basket(visit: Visit, shift: ShiftRow, typed: list[forms.TypedLine]) -> list[Line]:
    """Raises WrongLine, and what the catalogue says of a code."""
    return forms.basket_of(typed, lambda said, count: line_said(visit.session, shift.branch_id, said, count, visit.language))


def _priced(line: Line, language: str) -> str:
    return f"{line.text} · {formats.number(line.each_rial, language)} {_('Rial')}"


def visible_sale(visit: Visit, key: str) -> tuple[SaleRow, ShiftRow]:
    """Raises SaleNotFound, also for a sale of another shop or branch."""
    sale = queries.sale_row(visit.session, key)
    shift = queries.shift_row(visit.session, sale.shift_id)
    if not shifts.may_operate(visit.identity, shift.organisation_id, shift.branch_id):
        raise SaleNotFound(key=key)
    return sale, shift


def sale_page(
    visit: Visit, sale: SaleRow, shift: ShiftRow, fault: DomainError | None = None, declined: Reason | None = None
) -> str:
    terminal = selling.profile_of(visit.session, shift.code)
    before = queries.sale_row(visit.session, sale.retry_of) if sale.retry_of else None
    if declined is None and sale.state is SaleState.UNDECIDED and before and before.outcome:
        declined = before.outcome.reason
    outcome = sale.outcome
    return render_template(
        "till/sale.html",
        active="portal.till",
        sale=sale,
        shift=shift,
        terminal=terminal,
        is_own=shift.shift.person_id == visit.identity.person_id and shift.is_open,
        sentences=_sentences(terminal, visit.language),
        terms=terms_of_merchants(visit.session, [terminal.merchant_id], clock.now()).get(terminal.merchant_id),
        terms_sentences=terms_sentences,
        earned_rial=most_earned(_earns(terminal, sale), sale.at_once_rial),
        public_rial=sum(line.public_rial for line in sale.lines),
        discount_share=noted_share(visit.session, sale.ledger_key) if sale.discount_rial else 0,
        declined=outcome.reason if outcome and sale.state is SaleState.DECLINED else declined,
        card=card_profile(visit.session, outcome.card_id) if outcome and outcome.card_id else None,
        reader=reader_origin(),
        debt_id=debt_of_sale(visit.session, sale.goods_key),
        number=_wrong_number(fault),
        credit=request.form.get("credit", "none"),
        credit_amount=request.form.get("credit-amount", ""),
        fault=_sentence(fault),
        wrong=forms.place_of(fault),
    )


def _sentence(fault: DomainError | None) -> str:
    """Here the same press asks again under the same key, so nobody need look at the card's entries first."""
    if isinstance(fault, OutcomeUnknown):
        return str(till_words.NOT_SAID_YET)
    return words.error_sentence(fault.code, fault.facts) if fault else ""


def _wrong_number(fault: DomainError | None) -> str:
    """What was typed is given back only where it is no card number, so that it can be put right."""
    return request.form.get("number", "")[:40] if fault is not None and fault.code == "wrong_card_number" else ""


def _sentences(terminal: TerminalProfile, language: str) -> list[str]:
    """What the contract lets a purchase earn now, in plain words."""
    rules = terminal.programme.rules if terminal.programme else ()
    return [explain(rule, language) for rule in rules if rule.is_in_force(clock.now())]


def _earns(terminal: TerminalProfile, sale: SaleRow) -> tuple[Earn, ...]:
    return earn_for(terminal.programme, clock.now(), sale.at_once_rial) if terminal.programme else ()


def _credit_wish() -> tuple[CreditMode, int]:
    """Raises WrongAmount."""
    mode = CREDIT_MODES.get(request.form.get("credit", "none"), CreditMode.NONE)
    return mode, forms.amount_of("credit-amount") if mode is CreditMode.EXACTLY else 0


def claim_of(visit: Visit) -> CardClaim:
    """The card that was tapped, else the one whose number, or whose holder's code, was typed or scanned.

    Raises BadInput, WrongCardNumber, CardCodeUnknown, CardCodeExpired.
    """
    tap = tapped()
    if tap is not None:
        return tap
    number = forms.digits(request.form.get("number", "")).replace("-", "")
    keystore = counter_office(visit.session, load_settings()).keystore
    if len(number) == CODE_DIGITS:
        return CardClaim(code=read_code(keystore, number, clock.now()).digits)
    if not is_card_number(number):
        raise WrongCardNumber(field="number")
    return CardClaim(number_index=keystore.card_number_index(number))
