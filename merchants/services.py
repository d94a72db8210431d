"""Use cases of shops, tills and contracts. Every change announces the terminals it touches."""

from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from cardbank.ledger.services import open_wallet
from cardbank.ledger.types import WalletKind
from kernel import audit, clock
from kernel.audit import Actor
from kernel.errors import BadInput
from kernel.languages import LANGUAGES
from kernel.snapshots import announce
from merchants.errors import (
    ContractBeginsTooEarly,
    MerchantNotFound,
    TerminalIsClosed,
    TerminalNotFound,
    UnknownShopKind,
)
from merchants.models import Branch, Contract, Merchant, Terminal
from merchants.queries import lock_open_branch
from merchants.rules import ShopKind, acceptor_id, initial_key_id, terminal_code

MerchantStatus: TypeAlias = Literal["active", "suspended", "closed"]


def join_merchant(session: Session, actor: Actor, organisation_id: int, kind: str, union_id: int | None = None) -> Merchant:
    """Make an organisation a merchant with a shop wallet. It cannot sell before a contract begins. Raises UnknownShopKind."""
    if kind not in set(ShopKind):
        raise UnknownShopKind(field="kind")
    merchant = Merchant(
        organisation_id=organisation_id,
        union_id=union_id,
        wallet_id=open_wallet(session, WalletKind.SHOP),
        kind=kind,
    )
    session.add(merchant)
    session.flush()
    facts = {"organisation_id": organisation_id, "union_id": union_id, "kind": kind}
    audit.record(session, actor, "join", "merchant", merchant.id, after=facts)
    return merchant


def set_merchant_status(
    session: Session,
    actor: Actor,
    merchant_id: int,
    status: MerchantStatus,
    why: str,
) -> None:
    """Stop or resume a merchant's sales, from the next tap on. Raises MerchantNotFound."""
    merchant = _lock_merchant(session, merchant_id)
    before, merchant.status = merchant.status, status
    audit.record(
        session, actor, "set_status", "merchant", merchant_id,
        before={"status": before}, after={"status": status}, why=why,
    )  # fmt: skip
    announce_merchant(session, merchant_id)


def open_branch(session: Session, actor: Actor, merchant_id: int, place_id: int, names: dict[str, str]) -> Branch:
    branch = Branch(merchant_id=merchant_id, place_id=place_id, names=names)
    session.add(branch)
    session.flush()
    audit.record(session, actor, "open", "branch", branch.id, after={"merchant_id": merchant_id, "names": names})
    return branch


def open_terminal(
    session: Session,
    actor: Actor,
    branch_id: int,
    *,
    language: str = "fa",
    kind: Literal["counter", "portable", "kiosk", "web"] = "counter",
) -> Terminal:
    """Put a new till on record, active, with a code and an initial key id that were never used. Raises BranchNotFound, BranchIsClosed."""
    if language not in LANGUAGES:
        raise BadInput(field="language")
    branch = lock_open_branch(session, branch_id)
    number = session.execute(text("SELECT nextval(pg_get_serial_sequence('terminal', 'id'))")).scalar_one()
    terminal = Terminal(
        id=number,
        code=terminal_code(number),
        acceptor_id=acceptor_id(branch.merchant_id),
        branch_id=branch_id,
        initial_key_id=initial_key_id(number),
        language=language,
        kind=kind,
        status="active",
        opened_at=clock.now(),
    )
    session.add(terminal)
    session.flush()
    audit.record(session, actor, "open", "terminal", terminal.code, after={"branch_id": branch_id, "kind": kind})
    announce(session, "terminal", terminal.code)
    return terminal


def suspend_terminal(session: Session, actor: Actor, code: str, why: str) -> None:
    """The till is refused from its next message on. Raises TerminalNotFound, TerminalIsClosed."""
    _set_terminal_status(session, actor, code, "suspended", why)


def resume_terminal(session: Session, actor: Actor, code: str, why: str) -> None:
    _set_terminal_status(session, actor, code, "active", why)


def close_terminal(session: Session, actor: Actor, code: str, why: str) -> None:
    """The till is gone for good."""
    _set_terminal_status(session, actor, code, "closed", why)


def _set_terminal_status(session: Session, actor: Actor, code: str, status: str, why: str) -> None:
    terminal = session.scalar(select(Terminal).where(Terminal.code == code).with_for_update())
    if terminal is None:
        raise TerminalNotFound(terminal=code)
    if terminal.status == "closed":
        raise TerminalIsClosed(terminal=code)
    before, terminal.status = terminal.status, status
    facts = {"before": {"status": before}, "after": {"status": status}}
    audit.record(session, actor, "set_status", "terminal", code, **facts, why=why)
    announce(session, "terminal", code)


def sign_contract(
    session: Session,
    actor: Actor,
    merchant_id: int,
    *,
    starts_at: datetime,
    programme_id: int | None = None,
    earns: bool = False,
    spends: bool = False,
    purchase_limit_rial: int | None = None,
    cash_limit_rial: int | None = None,
) -> Contract:
    """Begin a version of the merchant's contract; the one in force ends where it begins.

    Raises MerchantNotFound; ContractBeginsTooEarly where a version already begins then or later.
    """
    _lock_merchant(session, merchant_id)
    if programme_id is None and (earns or spends):
        raise BadInput(field="programme_id")
    if purchase_limit_rial is not None and purchase_limit_rial <= 0:
        raise BadInput(field="purchase_limit_rial")
    if cash_limit_rial is not None and cash_limit_rial <= 0:
        raise BadInput(field="cash_limit_rial")
    latest = session.scalar(
        select(Contract).where(Contract.merchant_id == merchant_id).order_by(Contract.starts_at.desc()).limit(1)
    )
    if latest is not None:
        if latest.starts_at >= starts_at:
            raise ContractBeginsTooEarly(field="starts_at")
        if latest.ends_at is None or latest.ends_at > starts_at:
            latest.ends_at = starts_at
            session.flush()
    contract = Contract(
        merchant_id=merchant_id,
        programme_id=programme_id,
        starts_at=starts_at,
        earns=earns,
        spends=spends,
        purchase_limit_rial=purchase_limit_rial,
        cash_limit_rial=cash_limit_rial,
    )
    session.add(contract)
    session.flush()
    facts = {
        "merchant_id": merchant_id, "programme_id": programme_id, "earns": earns, "spends": spends,
        "purchase_limit_rial": purchase_limit_rial, "cash_limit_rial": cash_limit_rial, "starts_at": starts_at.isoformat(),
    }  # fmt: skip
    audit.record(session, actor, "sign", "contract", contract.id, after=facts)
    announce_merchant(session, merchant_id)
    return contract


def announce_merchant(session: Session, merchant_id: int) -> None:
    """Every process drops what it keeps of this merchant's terminals when the transaction commits."""
    codes = select(Terminal.code).join(Branch, Branch.id == Terminal.branch_id).where(Branch.merchant_id == merchant_id)
    for code in session.scalars(codes):
        announce(session, "terminal", code)


def announce_branch(session: Session, branch_id: int) -> None:
    """The same for the terminals of one branch."""
    for code in session.scalars(select(Terminal.code).where(Terminal.branch_id == branch_id)):
        announce(session, "terminal", code)


def announce_programme(session: Session, programme_id: int) -> None:
    """The same for the terminals of every merchant whose contract names the programme."""
    touched = select(func.distinct(Contract.merchant_id)).where(Contract.programme_id == programme_id)
    for merchant_id in session.scalars(touched):
        announce_merchant(session, merchant_id)


def _lock_merchant(session: Session, merchant_id: int) -> Merchant:
    merchant = session.scalar(select(Merchant).where(Merchant.id == merchant_id).with_for_update())
    if merchant is None:
        raise MerchantNotFound(merchant_id=merchant_id)
    return merchant
