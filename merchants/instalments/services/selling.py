"""At the till: a schedule is quoted to one card, and sold on once. A refusal is an outcome, as in every sale."""

import secrets
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import delete
from sqlalchemy.orm import Session

from cardbank.cards.rules import CardProfile, refusal_of_card
from cardbank.ledger.types import RIAL, AccountKind, Answer, EntryKind, Key, PostingRequest, Tender
from cardbank.reasons import Reason
from kernel import clock
from kernel.calendar import local_day
from merchants.instalments import queries
from merchants.instalments.models import CreditLine, Instalment, Plan, Quote
from merchants.instalments.rules import (
    QUOTE_LIVES,
    Part,
    QuoteFacts,
    line_for,
    refusal_of_line,
    refusal_of_quote,
    refusal_of_terms,
    schedule,
)
from merchants.instalments.services.posting import at_desk, lock_key, post
from merchants.rules import TerminalProfile
from merchants.sales.rules import UNKNOWN_CARD, CardClaim, SaleOutcome, purchase_limit
from merchants.sales.services import Office, claimed_card, identify

TOKEN_BYTES = 16
QUOTES_ARE_KEPT = timedelta(days=2)


class QuoteAsked(Struct, frozen=True):
    """What a till would sell in `count` instalments. `every_days` and `first_due`
    (YYYYMMDD) are what it supposes, if it says so: no other schedule than the contract's is quoted."""

    terminal: TerminalProfile
    card: CardClaim
    price_rial: int
    count: int
    every_days: int | None = None
    first_due: str | None = None


class Quoted(Struct, frozen=True):
    """The schedule and the token to sell on it; without a token `reason` says why not. `total_rial` holds the fee."""

    reason: Reason
    card: CardProfile | None = None
    token: bytes = b""
    total_rial: int = 0
    fee_rial: int = 0
    parts: tuple[Part, ...] = ()


class InstalmentSale(Struct, frozen=True):
    """A purchase on a quote, for all that it comes to."""

    key: Key
    content_hash: int
    content_time: str
    terminal: TerminalProfile
    card: CardClaim
    token: bytes
    total_rial: int
    received_at: datetime
    deadline: datetime
    is_repeat: bool = False


async def quote_instalments(office: Office, asked: QuoteAsked) -> Quoted:
    """What the card would pay when, by the shop's contract and the holder's line. Moves nothing and reserves nothing."""
    card, refusal = await identify(office, asked.card, asked.terminal)
    if card is None or refusal is not None:
        return Quoted(refusal or Reason.NO_SUCH_CARD)
    refusal = _refusal_here(asked.terminal, card)
    if refusal is not None:
        return Quoted(refusal, card)
    return await office.run(lambda session: quote(session, asked, card))


def _refusal_here(terminal: TerminalProfile, card: CardProfile) -> Reason | None:
    if not terminal.shop_is_open:
        return Reason.INVALID_SHOP
    return refusal_of_card(card, local_day(clock.now()))


def quote(session: Session, asked: QuoteAsked, card: CardProfile) -> Quoted:
    """Quote to a card that has been identified."""
    now = clock.now()
    today = local_day(now)
    terms = queries.terms_in_force(session, asked.terminal.merchant_id, now)
    refusal = refusal_of_terms(terms, asked.price_rial, asked.count, today)
    if terms is None or refusal is not None:
        return Quoted(refusal or Reason.INSTALMENTS_NOT_OFFERED, card)
    if asked.every_days not in (None, terms.every_days):
        return Quoted(Reason.INSTALMENTS_NOT_OFFERED, card)
    total_rial = asked.price_rial + terms.fee_rial
    limit = purchase_limit(asked.terminal, card)
    if limit is not None and total_rial > limit:
        return Quoted(Reason.AMOUNT_LIMIT, card)
    line = line_for(terms, queries.lines_of_wallet(session, card.wallet_id or 0, card.member_id))
    refusal = refusal_of_line(line, total_rial)
    if line is None or refusal is not None:
        return Quoted(refusal or Reason.NO_CREDIT_LINE, card)
    parts = schedule(asked.price_rial, asked.count, terms, today, queries.closed_days(session))
    if asked.first_due not in (None, f"{parts[0].due_on:%Y%m%d}"):
        return Quoted(Reason.INSTALMENTS_NOT_OFFERED, card)
    row = Quote(
        token=secrets.token_bytes(TOKEN_BYTES), terminal_id=asked.terminal.terminal_id, card_id=card.card_id,
        line_id=line.line_id, terms_id=terms.terms_id, price_rial=asked.price_rial, fee_rial=terms.fee_rial,
        due_on=[part.due_on for part in parts], parts_rial=[part.amount_rial for part in parts],
        expires_at=now + QUOTE_LIVES,
    )  # fmt: skip
    session.add(row)
    return Quoted(Reason.APPROVED, card, row.token, total_rial, terms.fee_rial, parts)


async def buy_in_instalments(office: Office, sale: InstalmentSale) -> SaleOutcome:
    """Post a purchase and its schedule, or give again the answer that its key has.

    The quote was given to a card that had proven itself, so the card need only be named; a new proof counts like any other.
    """
    card, refusal = await _buyer(office, sale)
    answer = await at_desk(office.run, lambda session: buy(session, sale, card, refusal))
    return SaleOutcome(answer, card)


async def _buyer(office: Office, sale: InstalmentSale) -> tuple[CardProfile | None, Reason | None]:
    claim = sale.card
    if claim.card_id is not None or (claim.challenge_id is not None and claim.card_answer is None):
        card = await claimed_card(office, claim)
        refusal = Reason.CHALLENGE_UNKNOWN if card is None else None
    else:
        card, refusal = await identify(office, claim, sale.terminal)
    if card is not None and refusal is None:
        refusal = _refusal_here(sale.terminal, card)
    return card, refusal


def buy(session: Session, sale: InstalmentSale, card: CardProfile | None, refusal: Reason | None) -> Answer:
    """Decide and post one purchase on a quote; last before the commit. Raises LedgerBusy."""
    lock_key(session, sale.key)
    quote = queries.lock_quote(session, sale.token)
    line = queries.lock_line(session, quote.line_id) if quote is not None else None
    card_id = card.card_id if card else None
    if refusal is None:
        refusal = refusal_of_quote(_facts(quote), sale.terminal.terminal_id, card_id, sale.total_rial, sale.received_at)
    if refusal is None and line is not None:
        refusal = refusal_of_line(queries.standing(session, line), sale.total_rial)
    answer = post(session, _request(sale, card, line, refusal), on_line=0)
    if answer.reason is Reason.APPROVED and not answer.replayed and quote is not None:
        quote.is_used = True
        _write_plan(session, sale, quote, answer)
    return answer


def _facts(quote: Quote | None) -> QuoteFacts | None:
    if quote is None:
        return None
    total_rial = quote.price_rial + quote.fee_rial
    return QuoteFacts(quote.terminal_id, quote.card_id, total_rial, quote.expires_at, quote.is_used)


def _request(sale: InstalmentSale, card: CardProfile | None, line: CreditLine | None, refusal: Reason | None) -> PostingRequest:
    """One posting request, paid by the line alone. Without a known card it can only be refused, under the shop's wallet."""
    wallet_id = card.wallet_id if card else None
    account_id = line.account_id if line is not None else None
    return PostingRequest(
        key=sale.key, content_hash=sale.content_hash, kind=EntryKind.PURCHASE,
        wallet_id=sale.terminal.shop_wallet_id if wallet_id is None else wallet_id,
        member_id=card.member_id if card else None, card_id=card.card_id if card else UNKNOWN_CARD,
        shop_id=sale.terminal.shop_wallet_id, terminal_id=sale.terminal.terminal_id, terminal_batch=None, unit=RIAL,
        amount=sale.total_rial, effective_at=sale.received_at, deadline=sale.deadline,
        tender=(Tender(AccountKind.LINE, account_id, sale.total_rial, True),), repeat=sale.is_repeat,
        content_time=sale.content_time, limit_amount=purchase_limit(sale.terminal, card) if card else None, refusal=refusal,
    )  # fmt: skip


def _write_plan(session: Session, sale: InstalmentSale, quote: Quote, answer: Answer) -> None:
    plan = Plan(
        line_id=quote.line_id, terms_id=quote.terms_id, merchant_id=sale.terminal.merchant_id,
        terminal_id=sale.terminal.terminal_id, entry_date=answer.business_date, entry_id=answer.entry_id,
        amount_rial=answer.amount, fee_rial=quote.fee_rial, bought_at=answer.decided_at,
    )  # fmt: skip
    session.add(plan)
    session.flush()
    session.add_all(
        Instalment(plan_id=plan.id, number=number, due_on=due_on, amount_rial=amount_rial)
        for number, (due_on, amount_rial) in enumerate(zip(quote.due_on, quote.parts_rial, strict=True), start=1)
    )
    session.flush()


def schedule_of(session: Session, answer: Answer) -> tuple[Part, ...]:
    """What a purchase in instalments is to be paid by, as its receipt lists it; empty for any other entry."""
    return queries.parts_of_entry(session, (answer.business_date, answer.entry_id))


def drop_old_quotes(session: Session) -> None:
    """A quote that nobody can use any more tells nothing either: its plan holds what was sold."""
    session.execute(delete(Quote).where(Quote.expires_at < clock.now() - QUOTES_ARE_KEPT))
