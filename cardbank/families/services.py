"""Opening a family, bringing members in, limiting what they spend, and letting them go. Each change locks the family and is audited."""

from datetime import timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cardbank.cards.models import Card, Member
from cardbank.cards.queries import find_by_number, lock_card, money_left
from cardbank.cards.services import activate_card, close_card, close_member_card, issue_card
from cardbank.errors import CardNotFound
from cardbank.families.errors import (
    FamilyHoldsMoney,
    FamilyIsFull,
    FamilyMemberNotFound,
    HasFamily,
    OnlyTheHead,
)
from cardbank.families.models import Family, FamilyCode, FamilyMember
from cardbank.families.queries import USABLE, family_of_person, lock_family, present_member, present_members
from cardbank.families.rules import MOST_MEMBERS, Limits, check_limits
from cardbank.issuing.rules import Issuer
from cardbank.issuing.services import hand_out
from cardbank.keystore.ports import KeyStore
from cardbank.ledger import services as ledger
from cardbank.ledger.types import WalletKind
from identity.errors import CodeRefused
from identity.invitations import code_digest, new_code
from kernel import audit, clock
from kernel.audit import Actor

CODE_LIFE = timedelta(days=1)
BY_APP = Issuer()
# A card without a chip, which pays by the code on its holder's phone; a desk hands out one with a chip in its place.
PRODUCT = "standard"
PURPOSE = "family"
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('family of person ' || :person, 0))")


def open_family(
    session: Session, keystore: KeyStore, actor: Actor, person_id: int, language: str, *, issuer: Issuer = BY_APP
) -> Family:
    """A wallet to be shared; the person is its head and gets a card of it. Raises HasFamily, and what `hand_out` raises."""
    _check_has_none(session, person_id)
    wallet_id = ledger.open_wallet(session, WalletKind.FAMILY)
    head = _member(session, wallet_id, person_id)
    family = Family(wallet_id=wallet_id, head_id=head.id, opened_at=clock.now())
    session.add(family)
    session.flush()
    _join(session, head, is_child=False)
    hand_out(session, keystore, actor, issuer, person_id, language, PRODUCT, None, member_id=head.id)
    audit.record(session, actor, "open", "family", wallet_id)
    return family


def new_family_code(session: Session, actor: Actor, wallet_id: int) -> str:
    """A code with which one person joins, for a day. Raises FamilyNotFound, FamilyIsFull."""
    family = lock_family(session, wallet_id)
    _check_has_room(session, family)
    code = new_code()
    session.add(FamilyCode(code_digest=code_digest(code, PURPOSE), wallet_id=wallet_id, usable_until=clock.now() + CODE_LIFE))
    session.flush()
    audit.record(session, actor, "make code", "family", wallet_id)
    return code


def join_family(session: Session, keystore: KeyStore, actor: Actor, person_id: int, typed: str, language: str) -> FamilyMember:
    """Use a code up: the person gets a card of the family and shows the head nothing yet.

    Raises CodeRefused, HasFamily, FamilyIsFull, and what `hand_out` raises.
    """
    usable = (FamilyCode.code_digest == code_digest(typed, PURPOSE)) & FamilyCode.used_at.is_(None)
    code = session.scalar(select(FamilyCode).where(usable, FamilyCode.usable_until > clock.now()).with_for_update())
    family = session.get(Family, code.wallet_id, with_for_update=True, populate_existing=True) if code else None
    if code is None or family is None or family.closed_at is not None:
        raise CodeRefused(field="code")
    _check_has_none(session, person_id)
    _check_has_room(session, family)
    code.used_at = clock.now()
    joined = _join(session, _member(session, family.wallet_id, person_id), is_child=False)
    hand_out(session, keystore, actor, BY_APP, person_id, language, PRODUCT, None, member_id=joined.member_id)
    audit.record(session, actor, "join", "family", family.wallet_id, after={"member_id": joined.member_id})
    return joined


def add_child(session: Session, actor: Actor, wallet_id: int, person_id: int) -> FamilyMember:
    """A child has no phone to pay with: its card is handed out at a desk. Raises FamilyNotFound, FamilyIsFull, HasFamily."""
    family = lock_family(session, wallet_id)
    _check_has_none(session, person_id)
    _check_has_room(session, family)
    joined = _join(session, _member(session, wallet_id, person_id), is_child=True)
    audit.record(session, actor, "add child", "family", wallet_id, after={"member_id": joined.member_id})
    return joined


def hand_out_card(
    session: Session, keystore: KeyStore, actor: Actor, member_id: int, number: str, *, issuer: Issuer = BY_APP
) -> Card:
    """Give a member a card out of the stock, active at once; the member's earlier cards end. Limits and what was spent stay.

    The first card of a member counts like any card that goes out; one in an earlier one's place is a replacement, which does not.

    Raises FamilyMemberNotFound, FamilyNotFound, CardNotFound, CardTransitionNotAllowed, and what `hand_out` raises.
    """
    member = session.get(FamilyMember, member_id)
    if member is None:
        raise FamilyMemberNotFound(member_id=member_id)
    family = lock_family(session, member.wallet_id)
    present_member(session, family, member_id)
    stock = find_by_number(session, keystore, number)
    if stock is None:
        raise CardNotFound(field="number")
    earlier, blank = _usable_cards(session, member_id), lock_card(session, stock.card_id)
    language, person_id = _language(session, earlier), session.get_one(Member, member_id).person_id
    if earlier or person_id is None:
        card = issue_card(session, keystore, actor, person_id=None, language=language, card=blank, member_id=member_id)
        activate_card(session, actor, card.id)
    else:
        card = hand_out(session, keystore, actor, issuer, person_id, language, blank.product, blank, member_id=member_id)
    for card_id in earlier:
        close_member_card(session, actor, card_id)
    return card


def set_limits(
    session: Session, actor: Actor, wallet_id: int, member_id: int, limits: Limits, scope_id: int | None
) -> FamilyMember:
    """From the next tap on. `scope_id` is what the ledger knows `limits.kinds` by.

    Raises FamilyNotFound, FamilyMemberNotFound, WrongLimit, OnlyTheHead (who sets limits has none).
    """
    family = lock_family(session, wallet_id)
    member = present_member(session, family, member_id)
    check_limits(limits)
    if member_id == family.head_id:
        raise OnlyTheHead
    before = {"day_rial": member.day_rial, "month_rial": member.month_rial, "kinds": member.kinds}
    member.day_rial, member.month_rial, member.kinds = limits.day_rial, limits.month_rial, list(limits.kinds)
    ledger.limit_member(session, wallet_id, member_id, day=limits.day_rial, month=limits.month_rial, scope_id=scope_id)
    after = {"day_rial": limits.day_rial, "month_rial": limits.month_rial, "kinds": list(limits.kinds)}
    audit.record(session, actor, "set limits", "family member", member_id, before=before, after=after)
    return member


def show_lines(session: Session, actor: Actor, wallet_id: int, member_id: int, *, shows: bool) -> FamilyMember:
    """A member says whether the head sees single purchases; a child's are seen. Raises FamilyNotFound, FamilyMemberNotFound."""
    family = lock_family(session, wallet_id)
    member = present_member(session, family, member_id)
    before, member.shows_lines = member.shows_lines, shows or member.is_child
    after = {"shows_lines": member.shows_lines}
    audit.record(session, actor, "show lines", "family member", member_id, before={"shows_lines": before}, after=after)
    return member


def remove_member(session: Session, actor: Actor, wallet_id: int, member_id: int) -> None:
    """A member goes, by the head's word or the own: the cards end, the money stays with the family.

    Raises FamilyNotFound, FamilyMemberNotFound, OnlyTheHead (the head closes the family instead).
    """
    family = lock_family(session, wallet_id)
    present_member(session, family, member_id)
    if member_id == family.head_id:
        raise OnlyTheHead
    ledger.limit_member(session, wallet_id, member_id, day=None, month=None, scope_id=None)
    _let_go(session, actor, member_id)
    audit.record(session, actor, "remove", "family member", member_id)


def close_family(session: Session, actor: Actor, wallet_id: int) -> None:
    """End the family and all its cards once its wallet is empty. Raises FamilyNotFound, FamilyHoldsMoney."""
    family = lock_family(session, wallet_id)
    members = present_members(session, wallet_id)
    for member_id in members:
        if member_id != family.head_id:
            _let_go(session, actor, member_id)
    ledger.touch(session, wallet_id)  # holds the wallet still while it is read
    if left := money_left(session, wallet_id):
        raise FamilyHoldsMoney(amount_rial=left)
    for card_id in _usable_cards(session, family.head_id):
        close_card(session, actor, card_id, "the family was closed")
    session.get_one(Member, family.head_id).left_at = family.closed_at = clock.now()
    audit.record(session, actor, "close", "family", wallet_id)


def _let_go(session: Session, actor: Actor, member_id: int) -> None:
    for card_id in _usable_cards(session, member_id):
        close_member_card(session, actor, card_id)
    session.get_one(Member, member_id).left_at = clock.now()
    session.flush()


def _join(session: Session, member: Member, *, is_child: bool) -> FamilyMember:
    joined = FamilyMember(
        member_id=member.id, wallet_id=member.wallet_id, is_child=is_child, shows_lines=is_child, kinds=[], joined_at=clock.now()
    )
    session.add(joined)
    session.flush()
    return joined


def _member(session: Session, wallet_id: int, person_id: int) -> Member:
    member = Member(wallet_id=wallet_id, person_id=person_id)
    session.add(member)
    session.flush()
    return member


def _usable_cards(session: Session, member_id: int) -> list[int]:
    return list(session.scalars(select(Card.id).where(Card.member_id == member_id, Card.status.in_(USABLE)).order_by(Card.id)))


def _language(session: Session, card_ids: list[int]) -> str:
    return session.get_one(Card, card_ids[-1]).language if card_ids else "fa"


def _check_has_none(session: Session, person_id: int) -> None:
    """Two codes used at once by one person come one after the other."""
    session.execute(_ONE_AT_A_TIME, {"person": person_id})
    if family_of_person(session, person_id) is not None:
        raise HasFamily


def _check_has_room(session: Session, family: Family) -> None:
    if len(present_members(session, family.wallet_id)) >= MOST_MEMBERS:
        raise FamilyIsFull(most=MOST_MEMBERS)
