"""Credit lines: one person asks, another grants; lowering and closing need nobody else, since nothing more is lent by it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.cards.queries import card_profile
from cardbank.cards.rules import refusal_of_card
from cardbank.errors import CardNotFound, CardNotUsable
from cardbank.ledger.services import open_account, widen_line
from cardbank.ledger.types import AccountKind
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.errors import BadInput
from merchants.instalments import queries
from merchants.instalments.errors import (
    LineIsClosed,
    LineNotFound,
    LineWishDecided,
    LineWishWaiting,
    OwnLineWish,
    WrongLimit,
)
from merchants.instalments.models import CreditLine, LineWish

MOST_LIMIT_RIAL = 10_000_000_000
LONGEST_WHY = 200


def ask_line(
    session: Session, actor: Actor, person_id: int | None, card_id: int, giver_id: int, limit_rial: int, why: str
) -> LineWish:
    """Ask that a cardholder be lent up to a limit by an organisation: a new line, or more on the one she has from it.

    Raises CardNotFound, CardNotUsable, WrongLimit, LineWishWaiting, BadInput (`why`).
    """
    why = _reason(why)
    _check_limit(limit_rial)
    card = card_profile(session, card_id)
    if card is None or card.wallet_id is None:
        raise CardNotFound(card_id=card_id)
    refusal = refusal_of_card(card, local_day(clock.now()))
    if refusal is not None:
        raise CardNotUsable(reason=refusal)
    line = _lock_open(session, card.wallet_id, giver_id)
    if line is None:
        line = CreditLine(
            giver_id=giver_id, card_id=card_id, wallet_id=card.wallet_id, member_id=card.member_id, limit_rial=0,
            opened_at=clock.now(),
        )  # fmt: skip
        session.add(line)
        session.flush()
    elif limit_rial <= line.limit_rial:
        raise WrongLimit(field="limit", fault="not_higher")
    waiting = select(LineWish.id).where(LineWish.line_id == line.id, LineWish.state == "asked")
    if session.scalar(waiting) is not None:
        raise LineWishWaiting
    wish = LineWish(line_id=line.id, limit_rial=limit_rial, why=why, asked_by=person_id, asked_at=clock.now())
    session.add(wish)
    session.flush()
    facts = {"card_id": card_id, "giver_id": giver_id, "limit_rial": limit_rial}
    audit.record(session, actor, "ask", "credit line", line.id, after=facts, why=why)
    return wish


def grant_line(session: Session, actor: Actor, person_id: int | None, wish_id: int) -> CreditLine:
    """Lend what another person asked for. Raises LineNotFound, LineWishDecided, OwnLineWish."""
    line, wish = _lock_wish(session, wish_id)
    if person_id is not None and person_id == wish.asked_by:
        raise OwnLineWish
    before = {"limit_rial": line.limit_rial}
    if line.account_id is None:
        line.account_id = open_account(session, line.wallet_id, AccountKind.LINE, member_id=line.member_id, floor=-wish.limit_rial)
    else:
        widen_line(session, line.account_id, wish.limit_rial)
    line.limit_rial = wish.limit_rial
    _decide(wish, person_id, "granted")
    audit.record(session, actor, "grant", "credit line", line.id, before=before, after={"limit_rial": line.limit_rial})
    return line


def refuse_line(session: Session, actor: Actor, person_id: int | None, wish_id: int, why: str) -> CreditLine:
    """Who asked may take it back so, too. A line that never was given is closed by it. Raises LineNotFound, LineWishDecided, BadInput (`why`)."""
    why = _reason(why)
    line, wish = _lock_wish(session, wish_id)
    _decide(wish, person_id, "refused")
    if line.account_id is None:
        line.closed_at = clock.now()
    audit.record(session, actor, "refuse", "credit line", line.id, after={"limit_rial": wish.limit_rial}, why=why)
    return line


def lower_line(session: Session, actor: Actor, line_id: int, limit_rial: int, why: str) -> CreditLine:
    """Lend no more than this from now on; what is open already stays due as agreed.

    Raises LineNotFound, LineIsClosed, WrongLimit, BadInput (`why`).
    """
    why = _reason(why)
    line = queries.lock_line(session, line_id)
    if line.closed_at is not None:
        raise LineIsClosed
    if not 0 <= limit_rial < line.limit_rial:
        raise WrongLimit(field="limit", fault="not_lower")
    before, line.limit_rial = {"limit_rial": line.limit_rial}, limit_rial
    audit.record(session, actor, "lower", "credit line", line.id, before=before, after={"limit_rial": limit_rial}, why=why)
    return line


def close_line(session: Session, actor: Actor, person_id: int | None, line_id: int, why: str) -> CreditLine:
    """Lend nothing on it any more; what is open stays due as agreed. Raises LineNotFound, LineIsClosed, BadInput (`why`)."""
    why = _reason(why)
    line = queries.lock_line(session, line_id)
    if line.closed_at is not None:
        raise LineIsClosed
    waiting = session.scalar(select(LineWish).where(LineWish.line_id == line_id, LineWish.state == "asked"))
    if waiting is not None:
        _decide(waiting, person_id, "refused")
    line.closed_at = clock.now()
    audit.record(session, actor, "close", "credit line", line.id, before={"limit_rial": line.limit_rial}, why=why)
    return line


def _check_limit(limit_rial: int) -> None:
    if not 0 < limit_rial <= MOST_LIMIT_RIAL:
        raise WrongLimit(field="limit", fault="range")


def _reason(why: str) -> str:
    why = why.strip()
    if not 0 < len(why) <= LONGEST_WHY:
        raise BadInput(field="why")
    return why


def _lock_open(session: Session, wallet_id: int, giver_id: int) -> CreditLine | None:
    own = select(CreditLine).where(
        CreditLine.wallet_id == wallet_id, CreditLine.giver_id == giver_id, CreditLine.closed_at.is_(None)
    )
    return session.scalar(own.with_for_update())


def _lock_wish(session: Session, wish_id: int) -> tuple[CreditLine, LineWish]:
    line_id = session.scalar(select(LineWish.line_id).where(LineWish.id == wish_id))
    if line_id is None:
        raise LineNotFound(wish_id=wish_id)
    line = queries.lock_line(session, line_id)
    wish = session.get_one(LineWish, wish_id, populate_existing=True)
    if wish.state != "asked" or line.closed_at is not None:
        raise LineWishDecided(state=wish.state)
    return line, wish


def _decide(wish: LineWish, person_id: int | None, state: str) -> None:
    wish.state, wish.decided_by, wish.decided_at = state, person_id, clock.now()
