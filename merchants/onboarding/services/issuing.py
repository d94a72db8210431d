"""Tills: a merchant or the operator opens one and gets a one-time code for it; the till's set-up uses the code up."""

from datetime import timedelta
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from identity.errors import CodeRefused
from identity.invitations import code_digest, new_code
from identity.permissions import Identity, Permission
from kernel import audit, clock
from kernel.audit import Actor
from kernel.errors import NotPermitted
from merchants.errors import BranchNotFound, TerminalIsClosed
from merchants.models import Branch, Merchant, Terminal
from merchants.onboarding.models import TerminalIssue
from merchants.services import open_terminal

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
    kind: Literal["counter", "portable", "kiosk"] = "counter",
) -> tuple[Terminal, str]:
    """Open a till in a branch and give it a code: (the till, the code, which is shown once and not kept).

    The same `key` again opens no second till but gives it a new code. Raises BranchNotFound, for others' branches too.
    """
    organisation_id = session.scalar(
        select(Merchant.organisation_id)
        .join(Branch, Branch.merchant_id == Merchant.id)
        .where(Branch.id == branch_id)
        .with_for_update(of=Merchant)
    )
    if organisation_id is None or not identity.can(Permission.MERCHANTS_TERMINAL_OPEN, organisation_id):
        raise BranchNotFound(branch_id=branch_id)
    bound = identity.branches(organisation_id, Permission.MERCHANTS_TERMINAL_OPEN)
    if bound is not None and branch_id not in bound:
        raise BranchNotFound(branch_id=branch_id)
    issue = session.scalar(select(TerminalIssue).where(TerminalIssue.key == key))
    if issue is not None:
        terminal = session.get_one(Terminal, issue.terminal_id)
        if terminal.branch_id != branch_id:
            raise NotPermitted
    else:
        terminal = open_terminal(session, identity.actor, branch_id, language=language, kind=kind)
    return terminal, _give_code(session, identity.actor, terminal, issue, key)


def reissue_code(session: Session, actor: Actor, terminal: Terminal, key: str) -> str:
    """A new code for a till that was opened before; the older code ends. Raises TerminalIsClosed."""
    issue = session.scalar(select(TerminalIssue).where(TerminalIssue.terminal_id == terminal.id).with_for_update())
    return _give_code(session, actor, terminal, issue, key)


def _give_code(session: Session, actor: Actor, terminal: Terminal, issue: TerminalIssue | None, key: str) -> str:
    if terminal.status == "closed":
        raise TerminalIsClosed(terminal=terminal.code)
    code = new_code()
    if issue is None:
        issue = TerminalIssue(key=key, terminal_id=terminal.id)
        session.add(issue)
    issue.code_digest, issue.redeemed_at = code_digest(code, PURPOSE), None
    issue.usable_until = clock.now() + CODE_LIFE
    session.flush()
    audit.record(session, actor, "issue_code", "terminal", terminal.code)
    return code


def redeem_code(session: Session, code: str) -> Terminal:
    """Use a code up: the till it is for. Of two at the same time one gets it. Raises CodeRefused."""
    now = clock.now()
    usable = (
        (TerminalIssue.code_digest == code_digest(code, PURPOSE))
        & TerminalIssue.redeemed_at.is_(None)
        & (TerminalIssue.usable_until > now)
    )
    used = update(TerminalIssue).where(usable).values(redeemed_at=now).returning(TerminalIssue.terminal_id)
    terminal_id = session.scalar(used)
    if terminal_id is None:
        raise CodeRefused(field="code")
    terminal = session.get_one(Terminal, terminal_id)
    if terminal.status == "closed":
        raise CodeRefused(field="code")
    audit.record(session, SET_UP, "redeem_code", "terminal", terminal.code)
    return terminal
