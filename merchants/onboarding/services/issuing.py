"""Tills: a merchant or the operator opens one and gets a one-time code for it; the till's set-up uses the code up."""

from datetime import timedelta
from typing import Literal, TypeAlias

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from identity.errors import CodeRefused
from identity.invitations import code_digest, new_code
from identity.permissions import Identity, Permission
from kernel import audit, clock
from kernel.audit import Actor
from kernel.errors import NotPermitted
from merchants.errors import BranchNotFound, TerminalIsClosed, TerminalNotFound
from merchants.models import Branch, Merchant, Terminal
from merchants.onboarding.models import TerminalIssue
from merchants.services import open_terminal

DeviceKind: TypeAlias = Literal["counter", "portable", "kiosk"]
CODE_LIFE = timedelta(minutes=15)
PURPOSE = "terminal"
SET_UP = Actor.system("terminal set-up")


def issue_terminal(
    session: Session,
    identity: Identity,
    branch_id: int,
    key: str,
    *,
    language: str = "fa",
    kind: DeviceKind = "counter",
) -> tuple[Terminal, str]:
    """Open a till in a branch and give it a code: (the till, the code, which is shown once and not kept).

    The same `key` again opens no second till but gives it a new code. Raises BranchNotFound, for others' branches too.
    """
    if not may_open(session, identity, branch_id):
        raise BranchNotFound(branch_id=branch_id)
    issue = session.scalar(select(TerminalIssue).where(TerminalIssue.key == key))
    if issue is not None:
        terminal = session.get_one(Terminal, issue.terminal_id)
        if terminal.branch_id != branch_id:
            raise NotPermitted
    else:
        terminal = open_terminal(session, identity.actor, branch_id, language=language, kind=kind)
    return terminal, _give_code(session, identity.actor, terminal, issue, key)


def reissue_code(session: Session, identity: Identity, code: str, key: str) -> tuple[Terminal, str]:
    """A new code for a till that was opened before; the older code ends. Raises TerminalNotFound, for others' tills too; TerminalIsClosed."""
    terminal = session.scalar(select(Terminal).where(Terminal.code == code))
    if terminal is None or terminal.kind == "web" or not may_open(session, identity, terminal.branch_id):
        raise TerminalNotFound(terminal=code)
    issue = session.scalar(select(TerminalIssue).where(TerminalIssue.terminal_id == terminal.id).with_for_update())
    return terminal, _give_code(session, identity.actor, terminal, issue, key)


def may_open(session: Session, identity: Identity, branch_id: int) -> bool:
    """Whether the person opens tills in this branch. Locks its merchant, so that of two openings one comes first."""
    organisation_id = session.scalar(
        select(Merchant.organisation_id)
        .join(Branch, Branch.merchant_id == Merchant.id)
        .where(Branch.id == branch_id)
        .with_for_update(of=Merchant)
    )
    if organisation_id is None or not identity.can(Permission.MERCHANTS_TERMINAL_OPEN, organisation_id):
        return False
    bound = identity.branches(organisation_id, Permission.MERCHANTS_TERMINAL_OPEN)
    return bound is None or branch_id in bound


def _give_code(session: Session, actor: Actor, terminal: Terminal, issue: TerminalIssue | None, key: str) -> str:
    if terminal.status == "closed":
        raise TerminalIsClosed(terminal=terminal.code)
    code = new_code()
    if issue is None:
        issue = TerminalIssue(key=key, terminal_id=terminal.id)
        session.add(issue)
    issue.code_digest, issue.redeemed_at = code_digest(code, PURPOSE), None
    issue.usable_until, issue.issued_by = clock.now() + CODE_LIFE, actor.account_id
    session.flush()
    audit.record(session, actor, "issue_code", "terminal", terminal.code)
    return code


def redeem_code(session: Session, code: str) -> tuple[Terminal, int | None]:
    """Use a code up: the till it is for, and the sign-in that issued it. Of two at the same time one gets it. Raises CodeRefused."""
    now = clock.now()
    usable = (
        (TerminalIssue.code_digest == code_digest(code, PURPOSE))
        & TerminalIssue.redeemed_at.is_(None)
        & (TerminalIssue.usable_until > now)
    )
    used = update(TerminalIssue).where(usable).values(redeemed_at=now)
    found = session.execute(used.returning(TerminalIssue.terminal_id, TerminalIssue.issued_by)).one_or_none()
    if found is None:
        raise CodeRefused(field="code")
    terminal = session.get_one(Terminal, found.terminal_id)
    if terminal.status == "closed":
        raise CodeRefused(field="code")
    audit.record(session, SET_UP, "redeem_code", "terminal", terminal.code)
    return terminal, found.issued_by
