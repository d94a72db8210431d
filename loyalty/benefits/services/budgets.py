"""A sponsor's budget: opened by the platform, filled by deposits that one person states and another has seen in the bank."""

import re
from datetime import date, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cardbank import budgets
from cardbank.budgets import BANK, BUDGET, BudgetMove
from identity.models import Organisation
from identity.permissions import Identity
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.errors import BadInput, NotFound
from kernel.text import latin_digits
from loyalty.benefits.errors import DepositDecided, DepositStatedBefore, OwnDeposit, WrongDeposit
from loyalty.benefits.models import Deposit, Sponsor
from loyalty.benefits.queries import Funder, deposit_of, sponsor

MOST_DEPOSIT_RIAL = 10**13
OLDEST_DEPOSIT = timedelta(days=90)
LONGEST_WHY = 200


def open_sponsor(session: Session, actor: Actor, organisation_id: int) -> Sponsor:
    """Give an organisation a budget; again gives the one it has. Raises NotFound."""
    if session.scalar(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update()) is None:
        raise NotFound(organisation_id=organisation_id)
    known = sponsor(session, organisation_id)
    if known is not None:
        return known
    opened = Sponsor(organisation_id=organisation_id, wallet_id=budgets.open_funder(session), opened_at=clock.now())
    session.add(opened)
    session.flush()
    audit.record(session, actor, "open", "sponsor", organisation_id, after={"wallet_id": opened.wallet_id})
    return opened


def state_deposit(session: Session, identity: Identity, held: Funder, amount_rial: int, reference: str, paid_on: date) -> Deposit:
    """Say that money was paid into the bank account; it counts once it is confirmed. Raises WrongDeposit, DepositStatedBefore."""
    today = local_day(clock.now())
    number = re.sub(r"[\s-]", "", latin_digits(reference)).upper()
    if not 0 < amount_rial <= MOST_DEPOSIT_RIAL:
        raise WrongDeposit(field="amount")
    if not re.fullmatch(r"[0-9A-Z/]{4,40}", number):
        raise WrongDeposit(field="reference")
    if not today - OLDEST_DEPOSIT <= paid_on <= today:
        raise WrongDeposit(field="paid_on")
    _keep_others_away(session, number)
    counts = Deposit.status.in_(("proposed", "confirmed"))
    if session.scalar(select(Deposit.id).where(Deposit.reference == number, counts)):
        raise DepositStatedBefore(field="reference")
    deposit = Deposit(
        organisation_id=held.organisation_id, amount_rial=amount_rial, reference=number, paid_on=paid_on,
        proposed_by=identity.person_id, proposed_at=clock.now(),
    )  # fmt: skip
    session.add(deposit)
    session.flush()
    facts = {"organisation_id": held.organisation_id, "amount_rial": amount_rial, "reference": number}
    audit.record(session, identity.actor, "state", "deposit", deposit.id, after=facts)
    return deposit


def _keep_others_away(session: Session, number: str) -> None:
    """The money of one receipt is stated once, whoever states it: another organisation too waits here."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"deposit {number}"})


def confirm_deposit(session: Session, identity: Identity, deposit_id: int) -> Deposit:
    """Add a deposit that another person has stated to the budget. Last before the commit of its unit of work.

    Raises DepositNotFound, DepositDecided, OwnDeposit, LedgerBusy.
    """
    deposit = _lock_stated(session, deposit_id)
    if deposit.proposed_by == identity.person_id:
        raise OwnDeposit
    held = session.get_one(Sponsor, deposit.organisation_id)
    after = {"status": "confirmed", "amount_rial": deposit.amount_rial}
    audit.record(session, identity.actor, "confirm", "deposit", deposit_id, before={"status": "proposed"}, after=after)
    [answer] = budgets.move(session, [BudgetMove(held.wallet_id, BANK, BUDGET, deposit.amount_rial, deposit.id, "deposit")])
    _decide(deposit, identity, "confirmed")
    deposit.business_date, deposit.entry_id = answer.business_date, answer.entry_id
    return deposit


def refuse_deposit(session: Session, identity: Identity, deposit_id: int, why: str) -> None:
    """The bank does not know it. Raises DepositNotFound, DepositDecided, BadInput (`why`)."""
    if not 0 < len(why) <= LONGEST_WHY:
        raise BadInput(field="why")
    deposit = _lock_stated(session, deposit_id)
    _decide(deposit, identity, "refused")
    deposit.why = why
    audit.record(session, identity.actor, "refuse", "deposit", deposit_id, after={"status": "refused"}, why=why)


def withdraw_deposit(session: Session, identity: Identity, organisation_id: int, deposit_id: int) -> None:
    """Take back what was stated by mistake. Raises DepositNotFound, DepositDecided."""
    deposit = _lock_stated(session, deposit_id, organisation_id)
    _decide(deposit, identity, "withdrawn")
    audit.record(session, identity.actor, "withdraw", "deposit", deposit_id, after={"status": "withdrawn"})


def _lock_stated(session: Session, deposit_id: int, organisation_id: int | None = None) -> Deposit:
    deposit = deposit_of(session, deposit_id, organisation_id, lock=True)
    if deposit.status != "proposed":
        raise DepositDecided(status=deposit.status)
    return deposit


def _decide(deposit: Deposit, identity: Identity, status: str) -> None:
    deposit.status, deposit.decided_by, deposit.decided_at = status, identity.person_id, clock.now()
