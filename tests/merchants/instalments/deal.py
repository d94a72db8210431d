"""A shop that sells in instalments, and a cardholder with a credit line."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

import msgspec
import psycopg
from sqlalchemy.orm import Session

from cardbank.cards.queries import card_profile
from cardbank.cards.rules import CardProfile
from cardbank.ledger.types import RIAL, Answer, EntryKind, Key, Original, PostingRequest, Source
from cardbank.ledger.verify import verify
from kernel import clock
from kernel.calendar import local_day
from kernel.db import unit_of_work
from merchants.instalments import queries
from merchants.instalments.models import CreditLine
from merchants.instalments.services.lines import ask_line, grant_line
from merchants.instalments.services.returning import give_back
from merchants.instalments.services.selling import InstalmentSale, QuoteAsked, Quoted, buy, quote
from merchants.instalments.services.terms import Offer, offer_terms, sign_terms
from merchants.instalments.verify import CREDIT_LINES
from merchants.models import Merchant
from merchants.queries import terminal_profile
from merchants.rules import TerminalProfile
from merchants.sales.rules import CardClaim
from tests import factories
from tests.factories import ACTOR

_stans = count(500_001)  # beside those of tests.purchases
LIMIT = 10_000_000
SHOP_PERSON, OFFICE_PERSON, SECOND_PERSON = 1_001, 1_002, 1_003


@dataclass
class Deal:
    till: TerminalProfile
    merchant: Merchant
    card: CardProfile
    line: CreditLine | None
    giver_id: int


def offer(**changes: object) -> Offer:
    plain = Offer((2, 4), 100_000, 50_000_000, local_day(clock.now()))
    return msgspec.structs.replace(plain, **changes)


def terms(session: Session, merchant_id: int, **changes: object) -> int:
    """Terms that both sides have signed, in force since now. Returns the contract's id."""
    offered = offer_terms(session, ACTOR, OFFICE_PERSON, merchant_id, offer(**changes), by_shop=False)
    return sign_terms(session, ACTOR, SHOP_PERSON, offered.id, by_shop=True).id


def line(session: Session, card_id: int, giver_id: int, limit_rial: int = LIMIT) -> CreditLine:
    wish = ask_line(session, ACTOR, OFFICE_PERSON, card_id, giver_id, limit_rial, "contract of the pilgrims' fund")
    return grant_line(session, ACTOR, SECOND_PERSON, wish.id)


def deal(
    session: Session, *, limit_rial: int = LIMIT, money_rial: int = 0, person_id: int | None = None, **changes: object
) -> Deal:
    """Committed, so that each step after it is a transaction of its own."""
    merchant = factories.merchant(session)
    factories.contract(session, merchant.id)
    terminal = factories.terminal(session, shop=merchant)
    terms(session, merchant.id, **changes)
    giver_id = factories.organisation(session, "operator").id
    made = factories.card(session, person_id=person_id)
    given = line(session, made.id, giver_id, limit_rial)
    session.commit()
    if money_rial:
        money(session, made.id, money_rial)
    till, card = terminal_profile(session, terminal.code), card_profile(session, made.id)
    assert till is not None
    assert card is not None
    return Deal(till, merchant, card, given, giver_id)


def money(session: Session, card_id: int, amount_rial: int) -> None:
    factories.top_up_at_desk(session, ACTOR, card_id, amount_rial, factories.new_request_key())
    session.commit()


def quoted(session: Session, at: Deal, price_rial: int, number: int = 4) -> Quoted:
    told = quote(session, QuoteAsked(at.till, CardClaim(), price_rial, number), at.card)
    session.commit()
    return told


def sale(at: Deal, told: Quoted, **changes: object) -> InstalmentSale:
    now = clock.now()
    plain = InstalmentSale(
        key=stan(at), content_hash=secrets.randbits(60), content_time="", terminal=at.till, card=CardClaim(),
        token=told.token, total_rial=told.total_rial, received_at=now, deadline=now + timedelta(seconds=15),
    )  # fmt: skip
    return msgspec.structs.replace(plain, **changes)


def bought(session: Session, at: Deal, price_rial: int, number: int = 4) -> tuple[Answer, int]:
    """A purchase on a fresh quote: the answer, and the plan's id."""
    answer = buy(session, sale(at, quoted(session, at, price_rial, number)), at.card, None)
    session.commit()
    plan_id = queries.plan_of_original(session, None, (answer.business_date, answer.entry_id))
    assert plan_id is not None
    return answer, plan_id


def one_of_each(session: Session, merchant: Merchant, code: str, card_id: int) -> dict[str, int]:
    """Terms of a shop, a line of a cardholder, and what was bought on it, by the names that addresses give their ids."""
    terms(session, merchant.id)
    given = line(session, card_id, factories.organisation(session, "operator").id)
    session.commit()
    till, card = terminal_profile(session, code), card_profile(session, card_id)
    assert till is not None
    assert card is not None
    _, plan_id = bought(session, Deal(till, merchant, card, given, given.giver_id), 1_000_000)
    [signed] = queries.terms_history(session, merchant.id)
    return {"terms_id": signed.id, "line_id": given.id, "plan_id": plan_id}


def late_plan(code: str, card_id: int) -> str:
    """A purchase at a till of the demonstration, in six instalments of which the first is late; returns the plan's id."""
    with unit_of_work() as session:
        till, card = terminal_profile(session, code), card_profile(session, card_id)
        assert till is not None
        assert card is not None
        merchant = session.get_one(Merchant, till.merchant_id)
        _, plan_id = bought(session, Deal(till, merchant, card, None, 0), 12_400_000, 6)
        make_due(session, plan_id, days_ago=3)
    return str(plan_id)


def returned(session: Session, at: Deal, plan_id: int, of: Answer, amount_rial: int, kind: EntryKind = EntryKind.REFUND) -> Answer:
    """A return of an entry of a plan, as a till asks for it."""
    now = clock.now()
    request = PostingRequest(
        key=stan(at), content_hash=secrets.randbits(60), kind=kind, wallet_id=at.card.wallet_id or 0,
        member_id=at.card.member_id, card_id=at.card.card_id, shop_id=at.till.shop_wallet_id,
        terminal_id=at.till.terminal_id, terminal_batch=None, unit=RIAL, amount=amount_rial, effective_at=now,
        deadline=now + timedelta(seconds=15), original=Original(None, (of.business_date, of.entry_id), None),
    )  # fmt: skip
    answer = give_back(session, plan_id, request)
    session.commit()
    return answer


def stan(at: Deal) -> Key:
    return Key(clock.now().date(), Source.TERMINAL, at.till.terminal_id, f"{next(_stans):06d}")


def opens(session: Session, plan_id: int) -> list[int]:
    """What is open of each instalment."""
    return [part.open_rial for part in queries.instalments_of(session, plan_id)]


def make_due(session: Session, plan_id: int, *, days_ago: int = 0, numbers: tuple[int, ...] = (1,)) -> None:
    """Time passes: these instalments are due since so many days."""
    today = local_day(clock.now())
    for part in queries.instalments_of(session, plan_id):
        if part.number in numbers:
            part.due_on = today - timedelta(days=days_ago)
    session.commit()


def faults(database_url: str) -> list[str]:
    """What does not hold of ledger and schedules."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SELECT ledger.roll_up(10000)")
        return [check.detail for check in verify(connection, (CREDIT_LINES,)) if not check.ok]
