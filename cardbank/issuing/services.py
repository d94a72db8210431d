"""Handing a card out within the limits, setting limits, and the exception that two persons make."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.services import activate_card, issue_card
from cardbank.first_cards.queries import lock_wishes, open_wish_of
from cardbank.first_cards.rules import WishState
from cardbank.issuing.errors import (
    BlankHasNoChip,
    IssuingExceptionAsked,
    IssuingLimitNotFound,
    IssuingLimitReached,
    IssuingLimitTwice,
    IssuingLimitWrong,
    KindHeldAlready,
    OwnIssuingException,
)
from cardbank.issuing.models import CardIssue, IssuingException, IssuingLimit
from cardbank.issuing.queries import (
    handed_out,
    held_of_kind,
    limits_in_force,
    lock_asked_exception,
    lock_counts,
    lock_usable_exception,
)
from cardbank.issuing.rules import (
    EXCEPTION_LIFE,
    LONGEST_WHY,
    Issuer,
    Subject,
    check_count,
    check_limit,
    counted_by,
)
from cardbank.keystore.ports import KeyStore
from cardbank.kinds.errors import CardKindClosed
from cardbank.kinds.queries import kind_in_force, lock_kind, newest_version, offered_kinds
from cardbank.kinds.rules import Technology
from cardbank.replacing.queries import lock_blank
from cardbank.replacing.rules import check_blank
from identity.permissions import Identity
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.errors import BadInput


def hand_out_at_desk(
    session: Session, keystore: KeyStore, clerk: Identity, person_id: int, language: str, kind: str, blank: str
) -> Card:
    """A card into a person's hand, active. `blank` is the number or chip of a card from the stock; empty for a kind without a chip.

    Raises BlankNotFound, BlankNotInStock, BlankOfAnotherKind, BlankHasNoChip, and what `hand_out` raises.
    """
    lock_wishes(session, person_id)
    terms = kind_in_force(session, kind, local_day(clock.now()))
    stock = lock_blank(session, keystore, blank, clock.now()) if blank.strip() or terms.technology == Technology.CHIP else None
    if stock is not None:
        check_blank(stock.status, stock.product, kind)
        if terms.technology == Technology.CHIP and stock.uid is None:
            raise BlankHasNoChip(field="blank")
    return hand_out(session, keystore, clerk.actor, Issuer(account_id=clerk.sign_in_id), person_id, language, kind, stock)


def hand_out(
    session: Session,
    keystore: KeyStore,
    actor: Actor,
    issuer: Issuer,
    person_id: int,
    language: str,
    kind: str,
    stock: Card | None,
    *,
    member_id: int | None = None,
) -> Card:
    """Issue and activate a card within every limit in force, or by an exception: on a wallet of the person's own, or as a member of
    another. It ends the person's wish for a first card.

    Raises KindHeldAlready, IssuingLimitReached, CardKindNotFound, CardKindClosed.
    """
    lock_wishes(session, person_id)
    exception = _check_limits(session, issuer, person_id, kind)
    owner = person_id if member_id is None else None
    card = issue_card(session, keystore, actor, person_id=owner, language=language, card=stock, product=kind, member_id=member_id)
    activate_card(session, actor, card.id)
    issue = CardIssue(
        card_id=card.id, kind=kind, person_id=person_id, branch_id=issuer.branch_id, account_id=issuer.account_id, at=clock.now()
    )
    session.add(issue)
    if exception is not None:
        exception.state, exception.card_id = "used", card.id
    _end_wish(session, actor, person_id, card.id)
    session.flush()
    return card


def _end_wish(session: Session, actor: Actor, person_id: int, card_id: int) -> None:
    """Whatever way the card came, nobody waits for another first one. The caller holds the lock of the person's wishes."""
    wish = open_wish_of(session, person_id)
    if wish is None:
        return
    before = {"state": wish.state}
    wish.state, wish.decided_at, wish.card_id = WishState.DONE, clock.now(), card_id
    audit.record(session, actor, "hand over", "first card", wish.id, before=before, after={"card_id": card_id})


def check_person(session: Session, person_id: int, kind: str) -> None:
    """Whether a person may ask for a card, as far as it lies with them; it is counted again, and locked, when the card goes out.

    Raises KindHeldAlready, IssuingLimitReached, CardKindNotFound, CardKindClosed.
    """
    today = local_day(clock.now())
    terms = kind_in_force(session, kind, today)
    if kind not in {one.code for one in offered_kinds(session, today)}:
        raise CardKindClosed(kind=kind)
    if terms.most_per_person is not None and held_of_kind(session, person_id, kind) >= terms.most_per_person:
        raise KindHeldAlready(most=terms.most_per_person)
    for one in counted_by(limits_in_force(session), kind, person_id, Issuer(), today):
        if one.limit.subject is Subject.PERSON:
            check_count(one.limit, handed_out(session, one))


def check_issuer(session: Session, issuer: Issuer, kind: str) -> None:
    """Whether a till may begin to hand out; it is counted again, and locked, when the card goes out.

    Raises IssuingLimitReached, CardKindNotFound, CardKindClosed.
    """
    today = local_day(clock.now())
    if not kind_in_force(session, kind, today).is_open:
        raise CardKindClosed(kind=kind)
    for one in counted_by(limits_in_force(session), kind, None, issuer, today):
        check_count(one.limit, handed_out(session, one))


def set_limit(session: Session, actor: Actor, subject: str, kind: str | None, period: str, most: int) -> IssuingLimit:
    """From now on. Raises IssuingLimitWrong, IssuingLimitTwice where such a limit is in force: end that one first."""
    checked = check_limit(subject, period, most)
    if kind is not None and newest_version(session, kind) is None:
        raise IssuingLimitWrong(field="kind")
    limit = IssuingLimit(subject=checked[0], kind=kind, period=checked[1], most=most, starts_at=clock.now(), set_by=actor.name)
    try:
        with session.begin_nested():
            session.add(limit)
    except IntegrityError:
        raise IssuingLimitTwice from None
    said = {"subject": subject, "kind": kind, "period": period, "most": most}
    audit.record(session, actor, "set", "issuing limit", limit.id, after=said)
    return limit


def end_limit(session: Session, actor: Actor, limit_id: int) -> None:
    """Raises IssuingLimitNotFound, also for one that has ended."""
    wanted = select(IssuingLimit).where(IssuingLimit.id == limit_id, IssuingLimit.ends_at.is_(None))
    limit = session.scalar(wanted.with_for_update())
    if limit is None:
        raise IssuingLimitNotFound(limit_id=limit_id)
    limit.ends_at = clock.now()
    session.flush()
    audit.record(session, actor, "end", "issuing limit", limit_id, before={"most": limit.most})


def ask_exception(session: Session, clerk: Identity, person_id: int, kind: str, why: str) -> IssuingException:
    """Ask a second operator to let a person have one card beyond the limits. Raises BadInput (`reason`), IssuingExceptionAsked."""
    why = " ".join(why.split())
    if not 0 < len(why) <= LONGEST_WHY:
        raise BadInput(field="reason")
    kind_in_force(session, kind, local_day(clock.now()))
    asked = IssuingException(person_id=person_id, kind=kind, why=why, state="asked", asked_by=clerk.person_id, asked_at=clock.now())
    try:
        with session.begin_nested():
            session.add(asked)
    except IntegrityError:
        raise IssuingExceptionAsked from None
    audit.record(session, clerk.actor, "ask", "issuing exception", asked.id, after={"person_id": person_id, "kind": kind}, why=why)
    return asked


def answer_exception(session: Session, second: Identity, exception_id: int, *, is_allowed: bool) -> None:
    """Raises IssuingExceptionNotFound, OwnIssuingException."""
    asked = lock_asked_exception(session, exception_id)
    if asked.asked_by == second.person_id:
        raise OwnIssuingException
    asked.state, asked.answered_by = "allowed" if is_allowed else "refused", second.person_id
    asked.usable_until = clock.now() + EXCEPTION_LIFE if is_allowed else None
    session.flush()
    audit.record(session, second.actor, asked.state, "issuing exception", asked.id, before={"state": "asked"})


def _check_limits(session: Session, issuer: Issuer, person_id: int, kind: str) -> IssuingException | None:
    """The exception that is used where a limit is reached. What else is handed out under the same limits waits for this commit."""
    lock_kind(session, f"{kind} of {person_id}")
    today = local_day(clock.now())
    most = kind_in_force(session, kind, today).most_per_person
    counted = counted_by(limits_in_force(session), kind, person_id, issuer, today)
    lock_counts(session, counted)
    try:
        if most is not None and held_of_kind(session, person_id, kind) >= most:
            raise KindHeldAlready(most=most)
        for one in counted:
            check_count(one.limit, handed_out(session, one))
    except (KindHeldAlready, IssuingLimitReached):
        exception = lock_usable_exception(session, person_id, kind, clock.now())
        if exception is None:
            raise
        return exception
    return None
