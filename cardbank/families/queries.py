"""Named reads of families: who is in one, what members have spent, and whose purchases somebody sees."""

from collections.abc import Collection
from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import Row, Select, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from cardbank.cards.models import Card, Member
from cardbank.cards.rules import CardStatus
from cardbank.families.errors import FamilyMemberNotFound, FamilyNotFound
from cardbank.families.models import Family, FamilyMember
from cardbank.families.rules import Limits
from kernel.calendar import jalali_month

USABLE = (CardStatus.ISSUED, CardStatus.ACTIVE, CardStatus.BLOCKED)


class MemberRow(Struct, frozen=True):
    """`spent_day_rial` and `spent_month_rial` are what counts against the limits; `card_masked` is None without a card."""

    member_id: int
    person_id: int | None
    is_head: bool
    is_child: bool
    shows_lines: bool
    limits: Limits
    joined_at: datetime
    card_id: int | None
    card_masked: str | None
    spent_day_rial: int
    spent_month_rial: int


class FamilyOf(Struct, frozen=True):
    """A family as one of its members stands in it."""

    wallet_id: int
    head_id: int
    member_id: int

    @property
    def is_head(self) -> bool:
        return self.head_id == self.member_id


def family_of_person(session: Session, person_id: int) -> FamilyOf | None:
    """The open family that a person is in; a person is in one at most."""
    found = session.execute(_of_members(Member.person_id == person_id)).first()
    return None if found is None else FamilyOf(found.wallet_id, found.head_id, found.member_id)


def family_of_member(session: Session, member_id: int | None) -> FamilyOf | None:
    """The open family of a member; None for the one holder of a wallet."""
    found = session.execute(_of_members(FamilyMember.member_id == member_id)).first()
    return None if found is None else FamilyOf(found.wallet_id, found.head_id, found.member_id)


def children_of_head(session: Session, person_id: int) -> list[int]:
    """The persons who are children in the family that this person heads; none for who heads none."""
    family = family_of_person(session, person_id)
    if family is None or not family.is_head:
        return []
    of_family = select(Member.person_id).join(FamilyMember, FamilyMember.member_id == Member.id)
    present = (FamilyMember.wallet_id == family.wallet_id) & FamilyMember.is_child & Member.left_at.is_(None)
    return [one for one in session.scalars(of_family.where(present).order_by(Member.id)) if one is not None]


def head_of_child(session: Session, person_id: int) -> int | None:
    """The person who heads the family in which this person is a child; None for everybody else."""
    found = session.execute(_of_members((Member.person_id == person_id) & FamilyMember.is_child)).first()
    return None if found is None else session.scalar(select(Member.person_id).where(Member.id == found.head_id))


def members_of(session: Session, wallet_id: int, today: date) -> list[MemberRow]:
    """The head first, then as they joined, without who left. Two queries."""
    rows = session.execute(
        select(FamilyMember, Member.person_id, Family.head_id, Card.id.label("card_id"), Card.masked)
        .join(Member, Member.id == FamilyMember.member_id)
        .join(Family, Family.wallet_id == FamilyMember.wallet_id)
        .outerjoin(Card, (Card.member_id == Member.id) & Card.status.in_(USABLE))
        .where(FamilyMember.wallet_id == wallet_id, Member.left_at.is_(None))
        .order_by(FamilyMember.member_id, Card.id.desc())
        .ext(distinct_on(FamilyMember.member_id))
    ).all()
    spent = spent_by_members(session, wallet_id, today)
    return sorted((_row(row, spent) for row in rows), key=lambda one: (not one.is_head, one.member_id))


def lock_family(session: Session, wallet_id: int) -> Family:
    """Held against other changes of the family. Raises FamilyNotFound, also for one that is closed."""
    found = session.scalar(
        select(Family).where(Family.wallet_id == wallet_id).with_for_update().execution_options(populate_existing=True)
    )
    if found is None or found.closed_at is not None:
        raise FamilyNotFound
    return found


def present_member(session: Session, family: Family, member_id: int) -> FamilyMember:
    """Raises FamilyMemberNotFound for another family's member and for who has left."""
    found = session.scalar(
        select(FamilyMember)
        .join(Member, Member.id == FamilyMember.member_id)
        .where(FamilyMember.member_id == member_id, FamilyMember.wallet_id == family.wallet_id, Member.left_at.is_(None))
    )
    if found is None:
        raise FamilyMemberNotFound(member_id=member_id)
    return found


def members_seen(session: Session, person_id: int, wallet_id: int) -> frozenset[int] | None:
    """Whose purchases of a wallet a person sees: None = all of them, which is so for a wallet that is no family's.

    The head sees the own, those of children and of who shows them; a member sees the own.
    """
    rows = session.execute(
        select(FamilyMember.member_id, FamilyMember.shows_lines, Family.head_id, Member.person_id)
        .join(Family, Family.wallet_id == FamilyMember.wallet_id)
        .join(Member, Member.id == FamilyMember.member_id)
        .where(FamilyMember.wallet_id == wallet_id)
    ).all()
    if not rows:
        return None
    own = frozenset(row.member_id for row in rows if row.person_id == person_id)
    is_head = any(row.head_id in own for row in rows)
    return own | frozenset(row.member_id for row in rows if is_head and row.shows_lines)


def sees_entry(session: Session, person_id: int, wallet_id: int, member_id: int | None) -> bool:
    """Whether a person who holds a card of the wallet may read this member's entry."""
    seen = members_seen(session, person_id, wallet_id)
    return seen is None or member_id is None or member_id in seen


# The kinds are views.COUNTED of the ledger, and what came back counts in the period in which it was spent, as it does there.
_SPENT = text("""
    SELECT e.member_id, coalesce(sum(e.amount - coalesce(a.returned, 0)) FILTER (WHERE e.business_date = :today), 0)::bigint AS day,
           sum(e.amount - coalesce(a.returned, 0))::bigint AS month
    FROM ledger.entry e
    LEFT JOIN ledger.entry_amend a ON a.original_date = e.business_date AND a.original_id = e.id
    WHERE e.wallet_id = :wallet AND e.business_date >= :first AND e.kind IN (1, 6, 15) AND e.member_id IS NOT NULL
    GROUP BY e.member_id
""")


def spent_by_members(session: Session, wallet_id: int, today: date) -> dict[int, tuple[int, int]]:
    """Member → Rial spent on this business day, and in its Jalali month."""
    facts = {"wallet": wallet_id, "today": today, "first": jalali_month(today)[0]}
    return {row.member_id: (row.day, row.month) for row in session.execute(_SPENT, facts)}


def _of_members(condition: object) -> Select[int, int, int]:
    return (
        select(Family.wallet_id, Family.head_id, FamilyMember.member_id)
        .join(FamilyMember, FamilyMember.wallet_id == Family.wallet_id)
        .join(Member, Member.id == FamilyMember.member_id)
        .where(Family.closed_at.is_(None), Member.left_at.is_(None), condition)  # type: ignore[arg-type]
    )


def _row(row: Row[FamilyMember, int | None, int, int | None, str | None], spent: dict[int, tuple[int, int]]) -> MemberRow:
    one = row.FamilyMember
    day, month = spent.get(one.member_id, (0, 0))
    return MemberRow(
        one.member_id, row.person_id, one.member_id == row.head_id, one.is_child, one.shows_lines,
        Limits(one.day_rial, one.month_rial, tuple(one.kinds)), one.joined_at, row.card_id, row.masked, day, month,
    )  # fmt: skip


def present_members(session: Session, wallet_id: int) -> Collection[int]:
    present = select(FamilyMember.member_id).join(Member, Member.id == FamilyMember.member_id)
    return list(session.scalars(present.where(FamilyMember.wallet_id == wallet_id, Member.left_at.is_(None))))
