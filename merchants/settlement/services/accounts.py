"""A shop's bank account: proposed by one person, approved by another, paid to after a cooling-off."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from identity.models import Membership, Organisation
from identity.permissions import Role
from kernel import audit, clock
from kernel.audit import Actor
from kernel.errors import BadInput
from kernel.outbox import publish
from kernel.settings import load_settings
from merchants.errors import MerchantNotFound
from merchants.models import Merchant
from merchants.settlement.errors import (
    BankAccountChangePending,
    BankAccountDecided,
    BankAccountNotFound,
    HolderIsNotTheShop,
    OwnProposal,
    SameBankAccount,
    WrongSheba,
)
from merchants.settlement.events import BankAccountProposed
from merchants.settlement.models import BankAccount, BankAccountNotice
from merchants.settlement.queries import usable_account
from merchants.settlement.rules.sheba import is_same_name, is_sample, masked, sheba_of

LONGEST_HOLDER = 70  # what a Paya order carries of a name
LONGEST_WHY = 200


def propose_account(
    session: Session,
    actor: Actor,
    person_id: int | None,
    merchant_id: int,
    sheba: str,
    holder_name: str,
    *,
    legal_name: str | None = None,
) -> BankAccount:
    """Ask that a shop be paid to another account. Its contacts are told; the account in use stays so until the cooling-off ends.

    It must be in a legal name of the shop: one of the organisation's, that of the account in use, or `legal_name`, which a
    reviewed file vouches for. The first account has nothing to cool off from. Raises MerchantNotFound, WrongSheba, HolderIsNotTheShop, SameBankAccount,
    BankAccountChangePending.
    """
    merchant = session.get(Merchant, merchant_id, with_for_update=True)
    if merchant is None:
        raise MerchantNotFound(merchant_id=merchant_id)
    owner = session.get_one(Organisation, merchant.organisation_id)
    normal = sheba_of(sheba)
    if is_sample(normal) and not owner.is_fictional:
        raise WrongSheba(field="sheba", fault="sample")
    now = clock.now()
    current = usable_account(session, merchant_id, now)
    holder = " ".join(holder_name.split())
    names = {**owner.names, "account": current.holder_name if current else "", "file": legal_name or ""}
    if len(holder) > LONGEST_HOLDER or not is_same_name(holder, names):
        raise HolderIsNotTheShop(field="holder_name")
    if current is not None and current.sheba == normal:
        raise SameBankAccount(field="sheba")
    waiting = select(BankAccount.id).filter_by(merchant_id=merchant_id, status="proposed")
    if session.scalar(waiting) is not None:
        raise BankAccountChangePending
    cooling_off = timedelta(hours=load_settings().bank_account_cooling_off_hours)
    account = BankAccount(
        merchant_id=merchant_id, sheba=normal, holder_name=holder, status="proposed", proposed_by=person_id,
        proposed_at=now, usable_from=now + cooling_off if current else now,
    )  # fmt: skip
    session.add(account)
    session.flush()
    facts = {"merchant_id": merchant_id, "sheba": masked(normal), "usable_from": account.usable_from.isoformat()}
    audit.record(session, actor, "propose", "bank account", account.id, after=facts)
    if current is not None:
        publish(
            session,
            BankAccountProposed(account.id, _contacts(session, merchant.organisation_id), account.usable_from),
        )
    return account


def approve_account(session: Session, actor: Actor, person_id: int | None, account_id: int) -> None:
    """Let a proposed account be paid to, once its cooling-off is over. Raises BankAccountNotFound, BankAccountDecided, OwnProposal."""
    account = _lock_proposed(session, account_id)
    if person_id is not None and person_id == account.proposed_by:
        raise OwnProposal
    _decide(session, actor, person_id, account, "approved")
    account.usable_from = max(account.usable_from, clock.now())


def reject_account(session: Session, actor: Actor, person_id: int | None, account_id: int, why: str) -> None:
    """Refuse a proposed account. Raises BankAccountNotFound, BankAccountDecided, BadInput (`why`)."""
    if not 0 < len(why) <= LONGEST_WHY:
        raise BadInput(field="why")
    _decide(session, actor, person_id, _lock_proposed(session, account_id), "rejected", why)


def withdraw_account(session: Session, actor: Actor, person_id: int | None, account_id: int) -> None:
    """Take a change back while no money has gone to it: proposed, or approved and still cooling off.

    Raises BankAccountNotFound, BankAccountDecided.
    """
    account = _lock(session, account_id)
    is_cooling = account.status == "approved" and account.usable_from > clock.now()
    if account.status != "proposed" and not is_cooling:
        raise BankAccountDecided(status=account.status)
    _decide(session, actor, person_id, account, "withdrawn")


def open_first_account(
    session: Session,
    actor: Actor,
    merchant_id: int,
    sheba: str,
    holder_name: str,
    *,
    proposed_by: int | None,
    approved_by: int | None,
    legal_name: str | None = None,
) -> BankAccount:
    """The account of a shop that is being let in, looked at in its file: two different persons, or the system itself.

    Raises as `propose_account` and `approve_account` do.
    """
    account = propose_account(session, actor, proposed_by, merchant_id, sheba, holder_name, legal_name=legal_name)
    approve_account(session, actor, approved_by, account.id)
    return account


def note_told(session: Session, event: BankAccountProposed) -> None:
    """Put on record that each contact was told; again changes nothing."""
    if event.person_ids:
        rows = [{"account_id": event.account_id, "person_id": person, "told_at": clock.now()} for person in event.person_ids]
        session.execute(insert(BankAccountNotice).values(rows).on_conflict_do_nothing())


def _decide(
    session: Session, actor: Actor, person_id: int | None, account: BankAccount, status: str, why: str | None = None
) -> None:
    before, account.status = account.status, status
    account.decided_by, account.decided_at, account.why = person_id, clock.now(), why
    facts = {"before": {"status": before}, "after": {"status": status}}
    audit.record(session, actor, status, "bank account", account.id, **facts, why=why)


def _lock(session: Session, account_id: int) -> BankAccount:
    account = session.get(BankAccount, account_id, with_for_update=True, populate_existing=True)
    if account is None:
        raise BankAccountNotFound(account_id=account_id)
    return account


def _lock_proposed(session: Session, account_id: int) -> BankAccount:
    account = _lock(session, account_id)
    if account.status != "proposed":
        raise BankAccountDecided(status=account.status)
    return account


def _contacts(session: Session, organisation_id: int) -> tuple[int, ...]:
    """Who speaks for the shop at this moment: the old contacts, should the change be none of theirs."""
    return tuple(
        session.scalars(
            select(Membership.person_id)
            .where(Membership.organisation_id == organisation_id, Membership.role == Role.MERCHANT)
            .distinct()
            .order_by(Membership.person_id)
        )
    )
