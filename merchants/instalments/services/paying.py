"""Paying instalments: what is due is collected from the card's money, and the holder pays more whenever she likes."""

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy.orm import Session

from cardbank.errors import PostingRefused
from cardbank.ledger import services as ledger
from cardbank.ledger.types import RIAL, AccountKind, Answer, EntryKind, Key, PostingRequest, Source, Tender
from cardbank.outcomes import outcomes
from cardbank.services import request_key
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from merchants.instalments import queries
from merchants.instalments.errors import PlanNotFound, WrongPayment
from merchants.instalments.models import CreditLine, Instalment, InstalmentPayment
from merchants.instalments.rules import paid_in_order

AT_ONCE = 200  # instalments that one turn of the collector takes
DEADLINE = timedelta(seconds=60)


def pay_now(session: Session, actor: Actor, wallet_ids: Iterable[int], plan_id: int, amount_rial: int, key: str) -> Answer:
    """Pay any amount of a plan of one of these wallets, the oldest instalment first; early or late, nothing is added.

    `key` is a UUIDv7: the same key again pays once. Last before the commit. Raises PlanNotFound, WrongPayment,
    WrongRequestKey, PostingRefused, LedgerBusy.
    """
    line = queries.lock_line_of_plan(session, plan_id)
    if line.wallet_id not in set(wallet_ids):
        raise PlanNotFound(plan_id=plan_id)
    named = request_key(Source.API, actor.account_id or 0, key)
    done = outcomes(session, [named]).get(named)
    if done is not None and done.answer is not None and done.is_approved:
        return done.answer
    parts = queries.instalments_of(session, plan_id)
    open_rial = sum(part.open_rial for part in parts)
    if not 0 < amount_rial <= open_rial:
        raise WrongPayment(field="amount_rial", open_rial=open_rial)
    audit.record(session, actor, "pay", "instalment plan", plan_id, after={"amount_rial": amount_rial, "key": key})
    [answer] = ledger.post(session, [_request(line, named, amount_rial)])
    if not answer.reason.is_approved:
        raise PostingRefused(reason=answer.reason)
    _note(session, parts, answer, is_due=False)
    return answer


def collect_due(session: Session, most: int = AT_ONCE) -> int:
    """Collect what is due, each instalment at most once a day, until it is paid; nothing is added for a day it could not be.

    A card that holds less than the whole of an instalment keeps what it has. Returns how many were paid. Raises LedgerBusy.
    """
    today = local_day(clock.now())
    due = queries.lock_due(session, today, most)
    if not due:
        return 0
    asked = [(line, part, _request(line, _key_of(part, today), part.open_rial)) for line, part in due]
    answers = ledger.post(session, [request for _, _, request in asked])
    paid = 0
    for (_, part, _), answer in zip(asked, answers, strict=True):
        part.tries, part.tried_on = part.tries + 1, today
        part.fault = None if answer.reason.is_approved else answer.reason
        if answer.reason.is_approved:
            _note(session, [part], answer, is_due=True)
            paid += 1
    return paid


def _key_of(part: Instalment, today: date) -> Key:
    """The try is in the key: a refusal stands under its own, so that the next day's try is decided anew."""
    return Key(today, Source.TASK, part.plan_id, f"instalment {part.number} try {part.tries + 1}")


def _request(line: CreditLine, key: Key, amount_rial: int) -> PostingRequest:
    now = clock.now()
    content = hashlib.sha256(f"instalment {line.id} {key.key} {amount_rial}".encode()).digest()
    return PostingRequest(
        key=key, content_hash=int.from_bytes(content[:8], signed=True), kind=EntryKind.INSTALMENT, wallet_id=line.wallet_id,
        member_id=line.member_id, card_id=line.card_id, shop_id=None, terminal_id=None, terminal_batch=None, unit=RIAL,
        amount=amount_rial, effective_at=now, deadline=now + DEADLINE,
        tender=(Tender(AccountKind.LINE, line.account_id, None, False),), on_line=0,
    )  # fmt: skip


def _note(session: Session, parts: list[Instalment], answer: Answer, *, is_due: bool) -> None:
    shares = paid_in_order([part.open_rial for part in parts], answer.amount)
    for part, share in zip(parts, shares, strict=True):
        part.paid_rial += share
        if not part.open_rial:
            part.fault = None
    session.add(
        InstalmentPayment(
            entry_date=answer.business_date, entry_id=answer.entry_id, plan_id=parts[0].plan_id, amount_rial=answer.amount,
            is_due=is_due, paid_at=answer.decided_at,
        )
    )  # fmt: skip
    session.flush()
