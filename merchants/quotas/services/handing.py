"""What a shop takes of its share: recorded at the union's desk, confirmed by the shop or by the number of its paper."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from kernel.calendar import local_day
from merchants.quotas import queries
from merchants.quotas.errors import HandOutDecided, HandOutNotFound
from merchants.quotas.models import QuotaHandOut, QuotaRound, QuotaShare
from merchants.quotas.rules import (
    Receipt,
    Share,
    check_document,
    check_may_take,
    check_why,
    check_window,
)
from merchants.quotas.services.falling import fall_back


@dataclass(frozen=True, slots=True)
class Handed:
    """A hand-out as the desk's form has it; with the number of the shop's paper it is confirmed at once."""

    key: str
    amount: int
    document: str = ""


def hand_out(session: Session, identity: Identity, union_id: int, share_id: int, typed: Handed) -> QuotaHandOut:
    """Write down what a shop takes, a part of its share or all that is left. The same form sent again is the same hand-out.

    Raises QuotaNotFound, WindowClosed, ShopGetsNone, MoreThanShare, WrongQuota.
    """
    row = queries.share_row(session, (union_id,), share_id)
    quota = queries.lock_quota(session, union_id, row.quota.id)
    stands = session.scalar(select(QuotaHandOut).where(QuotaHandOut.key == typed.key, QuotaHandOut.share_id == share_id))
    if stands is not None:
        return stands
    fall_back(session, quota)
    share = _share(session, share_id)
    today, document = local_day(clock.now()), " ".join(typed.document.split())
    if document:
        check_document(document)
    check_window(row.round.opens_on, row.round.until, today)
    member = queries.member_of_share(session, share)
    check_may_take(member.status, member.licence_expires_on, today)
    share.handed = _stands(share).given(typed.amount).handed
    made = QuotaHandOut(
        key=typed.key, share_id=share_id, amount=typed.amount, at=clock.now(), by=identity.actor.name, state=Receipt.GIVEN.value
    )
    if document:
        _decide(made, Receipt.CONFIRMED, identity, document=document)
    session.add(made)
    session.flush()
    told = {"share": share_id, "amount": typed.amount, "document": document or None}
    audit.record(session, identity.actor, "hand out", "quota hand-out", made.id, after=told)
    return made


def confirm_by_paper(session: Session, identity: Identity, union_id: int, hand_out_id: int, document: str) -> QuotaHandOut:
    """The desk has the shop's paper. Raises HandOutNotFound, HandOutDecided, WrongQuota."""
    number = " ".join(document.split())
    made = _given(session, union_id, queries.quota_of_hand_out(session, union_id, hand_out_id), hand_out_id)
    check_document(number)
    _decide(made, Receipt.CONFIRMED, identity, document=number)
    audit.record(session, identity.actor, "confirm", "quota hand-out", made.id, after={"document": number})
    session.flush()
    return made


def confirm_receipt(session: Session, identity: Identity, hand_out_id: int) -> QuotaHandOut:
    """The shop says that it has the goods. Raises HandOutNotFound, HandOutDecided."""
    union_id, quota_id = queries.union_of_own_hand_out(session, identity, hand_out_id)
    made = _given(session, union_id, quota_id, hand_out_id)
    _decide(made, Receipt.CONFIRMED, identity)
    audit.record(session, identity.actor, "confirm", "quota hand-out", made.id)
    session.flush()
    return made


def take_back(session: Session, identity: Identity, union_id: int, hand_out_id: int, why: str) -> QuotaHandOut:
    """A hand-out that was a mistake: the amount is in the share again, or falls back where the window is over.

    Raises HandOutNotFound, HandOutDecided, WrongQuota.
    """
    words = " ".join(why.split())
    made = _given(session, union_id, queries.quota_of_hand_out(session, union_id, hand_out_id), hand_out_id)
    check_why(words)
    share = _share(session, made.share_id)
    ends = session.get_one(QuotaRound, share.round_id)
    after = _stands(share).taken_back(made.amount, is_over=ends.fallen_at is not None)
    share.handed, share.fallen = after.handed, after.fallen
    made.why = words
    _decide(made, Receipt.TAKEN_BACK, identity)
    audit.record(session, identity.actor, "take back", "quota hand-out", made.id, before={"amount": made.amount}, why=words)
    session.flush()
    return made


def _given(session: Session, union_id: int, quota_id: int, hand_out_id: int) -> QuotaHandOut:
    """A hand-out that nobody has decided on, with its quota held. Raises HandOutNotFound, HandOutDecided."""
    queries.lock_quota(session, union_id, quota_id)
    made = session.get(QuotaHandOut, hand_out_id, populate_existing=True)
    if made is None:
        raise HandOutNotFound
    if made.state != Receipt.GIVEN:
        raise HandOutDecided
    return made


def _decide(made: QuotaHandOut, state: Receipt, identity: Identity, document: str | None = None) -> None:
    made.state, made.document = state.value, document
    made.decided_at, made.decided_by = clock.now(), identity.actor.name


def _share(session: Session, share_id: int) -> QuotaShare:
    """As it stands behind the lock of its quota."""
    return session.get_one(QuotaShare, share_id, populate_existing=True)


def _stands(share: QuotaShare) -> Share:
    return Share(share.amount, share.handed, share.fallen)
