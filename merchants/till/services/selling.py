"""Selling at a web till. A sale is written in one visit and paid in the next, so that no lost answer is paid twice."""

from datetime import timedelta

import msgspec
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cardbank.ledger.types import Key, Source
from cardbank.reasons import Reason
from identity.permissions import Identity
from kernel import audit, clock
from kernel.errors import NotFound
from merchants.debts.services import check_try_again, follow_sale
from merchants.discounts.queries import noted_share
from merchants.discounts.rules import CashDue
from merchants.discounts.services import note_cash_sale, note_discount, take_back_cash_sale
from merchants.queries import terminal_profile
from merchants.rules import TerminalProfile
from merchants.sales.counter import at_once
from merchants.sales.rules import CardClaim, CreditMode, Return, Sale, SaleOutcome
from merchants.sales.services import Office, authorise_sale, reverse_sale
from merchants.till import queries
from merchants.till.errors import OtherBasket, SaleDecided, ShiftIsClosed, TillNotWorking
from merchants.till.models import TillSale
from merchants.till.queries import SaleRow, ShiftRow, key_of
from merchants.till.rules import Line, SaleState, check_basket, content_hash, discounted, undiscounted
from merchants.till.services.goods import bring_back_goods, take_goods
from merchants.till.services.shifts import own_shift

DEADLINE = timedelta(seconds=10)


def begin_sale(
    session: Session,
    identity: Identity,
    shift_id: int,
    key: str,
    lines: list[Line],
    *,
    retry_of: str | None = None,
    is_trade: bool = True,
) -> SaleRow:
    """Write a basket down under the key its page was given. The same again gives the sale that stands.

    Its goods leave the stock with it, and each line has the discount that the contract grants today whoever pays at once; the
    try after a decline keeps what was promised, and what is no trade (a debt) has none. Raises ShiftNotFound, NotPermitted, ShiftIsClosed, EmptyBasket, WrongLine,
    BasketTooLarge, WrongRequestKey, OtherBasket, StockTooLow.
    """
    row = own_shift(session, identity, shift_id)
    total = check_basket(lines)
    key_of(row.shift.terminal_id, key)
    if queries.lock_shift(session, shift_id).closed_at is not None:
        raise ShiftIsClosed
    goods_key = queries.sale_row(session, retry_of).goods_key if retry_of else key
    promised, share = _promised(session, row, lines, retry_of) if is_trade else (lines, 0)
    facts = {
        "key": key, "shift_id": shift_id, "lines": msgspec.to_builtins(promised), "amount_rial": total,
        "goods_key": goods_key, "retry_of": retry_of, "created_at": clock.now(),
    }  # fmt: skip
    made = session.execute(insert(TillSale).values(facts).on_conflict_do_nothing().returning(TillSale.key))
    if made.one_or_none() is not None:
        if discount_rial := sum(line.off_rial for line in promised):
            ledger_key = key_of(row.shift.terminal_id, key)
            note_discount(session, ledger_key, price_rial=total, discount_rial=discount_rial, basis_points=share)
        if retry_of is None:
            take_goods(session, identity.actor, row.branch_id, goods_key, lines)
    found = queries.sale_row(session, key) if retry_of is None else queries.retry_row(session, retry_of)
    if found.shift_id != shift_id or undiscounted(found.lines) != undiscounted(lines):
        raise OtherBasket
    return found


def _promised(session: Session, row: ShiftRow, lines: list[Line], retry_of: str | None) -> tuple[list[Line], int]:
    """The lines with what is taken off each, and the share that it is: today's, or that of the try before."""
    if retry_of is not None:
        return lines, noted_share(session, key_of(row.shift.terminal_id, retry_of))
    terminal = _profile(session, row.code)
    share = terminal.cash_discount_basis_points
    return discounted(lines, share, card_prices=terminal.discounts_card_prices), share


def own_sale(session: Session, identity: Identity, key: str) -> tuple[SaleRow, ShiftRow]:
    """A sale of a shift of this person. Raises SaleNotFound, NotPermitted."""
    sale = queries.sale_row(session, key)
    return sale, own_shift(session, identity, sale.shift_id)


def try_again(session: Session, identity: Identity, declined: SaleRow, key: str) -> SaleRow:
    """The same basket under a new key, after a decline; asked twice it is one sale. Raises as `begin_sale`, and MoreThanOwed."""
    if declined.next_key is None:
        check_try_again(session, declined.goods_key, declined.amount_rial)
    return begin_sale(session, identity, declined.shift_id, key, list(declined.lines), retry_of=declined.key)


def pay(
    session: Session, office: Office, sale: SaleRow, shift: ShiftRow, claim: CardClaim, *, mode: CreditMode, credit_rial: int = 0
) -> SaleOutcome:
    """Ask the bank for the payment of a sale, or hear again what it answered. Last before the commit.

    Raises ShiftIsClosed, SaleDecided (withdrawn), TillNotWorking, OutcomeUnknown.
    """
    if not shift.is_open:
        raise ShiftIsClosed
    if sale.state is SaleState.WITHDRAWN:
        raise SaleDecided(key=sale.key)
    terminal = _profile(session, shift.code)
    if terminal.status != "active":
        raise TillNotWorking(till=shift.code)
    now = clock.now()
    facts = (sale.at_once_rial, mode, credit_rial, claim.number_index, claim.challenge_id, claim.card_answer, claim.code)
    asked = Sale(
        key=sale.ledger_key, content_hash=content_hash("sale", terminal.terminal_id, *facts), content_time="",
        terminal=terminal, card=claim, amount_rial=sale.at_once_rial, received_at=now, deadline=now + DEADLINE,
        is_repeat=True, credit_mode=mode, credit_rial=credit_rial, off_rial=sale.discount_rial,
    )  # fmt: skip
    outcome = at_once(authorise_sale(office, asked))
    follow_sale(session, sale.goods_key)
    return outcome


def withdraw(session: Session, identity: Identity, office: Office, sale: SaleRow, shift: ShiftRow) -> SaleOutcome:
    """Take a sale back: what was paid returns to the card, and what was not paid yet never will be.

    Raises ShiftIsClosed, OutcomeUnknown.
    """
    if not shift.is_open:
        raise ShiftIsClosed
    paid_by = sale.outcome.card_id if sale.outcome else None
    paid_rial = sale.outcome.amount_rial if sale.outcome else 0  # with the fee of instalments
    audit.record(session, identity.actor, "withdraw", "till sale", sale.key, after={"amount_rial": sale.amount_rial})
    now = clock.now()
    original = sale.ledger_key
    asked = Return(
        key=Key(original.day, Source.WEB_TILL, original.source_id, f"{sale.key} {'undone' if paid_by else 'given up'}"),
        content_hash=content_hash("withdraw", sale.key), content_time="", terminal=_profile(session, shift.code),
        card=CardClaim(card_id=paid_by), original=original, original_time="", amount_rial=paid_rial or sale.at_once_rial, received_at=now,
        deadline=now + DEADLINE, is_repeat=True,
    )  # fmt: skip
    outcome = at_once(reverse_sale(office, asked))
    _take_cash_back(session, sale, shift)
    if outcome.answer.reason.is_approved or outcome.answer.reason is Reason.TOMBSTONE_WRITTEN:
        bring_back_goods(session, identity.actor, shift.branch_id, sale)
    follow_sale(session, sale.goods_key)
    return outcome


def _take_cash_back(session: Session, sale: SaleRow, shift: ShiftRow) -> None:
    """A sale by a card without money is on record first, also where a crash came between the bank's answer and this."""
    if sale.outcome is None or sale.outcome.reason is not Reason.PAYS_IN_CASH or sale.outcome.card_id is None:
        return
    at, due = _profile(session, shift.code), CashDue(sale.amount_rial, sale.discount_rial)
    note_cash_sale(
        session, sale.ledger_key, due, merchant_id=at.merchant_id, terminal_id=at.terminal_id, card_id=sale.outcome.card_id
    )
    take_back_cash_sale(session, sale.ledger_key)


def profile_of(session: Session, code: str) -> TerminalProfile:
    """What holds at a till now: its contract and programme. Raises NotFound."""
    return _profile(session, code)


def _profile(session: Session, code: str) -> TerminalProfile:
    terminal = terminal_profile(session, code)
    if terminal is None:
        raise NotFound(till=code)
    return terminal
