"""Reads of complaints: an office's list and pages, a shop's, a complainant's; and which refunds were ordered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, func, or_, select, true, tuple_, union_all
from sqlalchemy.orm import Session, aliased

from identity.models import Membership, Organisation, Person
from identity.permissions import Identity, Permission, Role
from kernel import clock
from merchants.complaints.errors import ComplaintNotFound, OrderNotFound
from merchants.complaints.models import Complaint, ComplaintNote, ComplaintPicture, RefundOrder, TradeIndex
from merchants.complaints.rules import READ_BY, Clock, GoodsLine, Party, State
from merchants.models import Branch, Merchant
from merchants.onboarding.models import Trade

NOTES_SHOWN = 200
ANSWER = Permission.MERCHANTS_COMPLAINT_ANSWER


@dataclass(frozen=True, slots=True)
class Office:
    """The side on which a person handles complaints, and for which organisation."""

    party: Party
    organisation_id: int

    @property
    def parts(self) -> tuple[ColumnElement[bool], ...]:
        """A municipality sees what no union answers for, what was not answered in time, and what a shop appealed.

        In two parts that share nothing, each with an index: together they would be looked for among all complaints of the city.
        """
        if self.party is Party.UNION:
            return (Complaint.union_id == self.organisation_id,)
        here = Complaint.municipality_id == self.organisation_id
        hers = Complaint.union_id.is_(None) | Complaint.escalated_at.is_not(None)
        appealed = select(RefundOrder.complaint_id).where(RefundOrder.appealed_at.is_not(None))
        return here & hers, here & ~hers & Complaint.id.in_(appealed)

    @property
    def complaints(self) -> type[Complaint]:
        """All that an office sees, to select from."""
        return aliased(Complaint, union_all(*(select(Complaint).where(part) for part in self.parts)).subquery())


@dataclass(frozen=True, slots=True)
class Sought:
    """What a list is narrowed to; `state` may also be `open` or `overdue`."""

    state: str = ""
    trade_id: int | None = None
    merchant_id: int | None = None
    inspector_id: int | None = None


@dataclass(frozen=True, slots=True)
class ComplaintRow:
    complaint: Complaint
    shop_names: dict[str, str]
    inspector_names: dict[str, str] | None = None

    @property
    def is_overdue(self) -> bool:
        return self.complaint.closed_at is None and clock_of(self.complaint).is_over(clock.now())


@dataclass(frozen=True, slots=True)
class Counts:
    open: int
    overdue: int
    waiting: int
    closed: int


def clock_of(complaint: Complaint) -> Clock:
    return Clock(complaint.due_at, complaint.waiting_since)


def lines_of(complaint: Complaint) -> tuple[GoodsLine, ...]:
    return msgspec.convert(complaint.lines, tuple[GoodsLine, ...])


def office_of(identity: Identity) -> Office | None:
    """For whom a person handles complaints; a union before a municipality where somebody works for both."""
    for role, party in ((Role.UNION, Party.UNION), (Role.MUNICIPALITY, Party.MUNICIPALITY)):
        held = [grant.organisation_id for grant in identity.grants if grant.role is role]
        if held and held[0] is not None:
            return Office(party, held[0])
    return None


def complaints_page(session: Session, office: Office, sought: Sought, *, after: int = 0, limit: int = 20) -> list[ComplaintRow]:
    """Complaints of an office, the newest first; `after` is the last one of the page before. One query."""
    seen = office.complaints
    page = _rows(true(), after, limit, seen)
    if sought.state:
        page = page.where(_in_state(sought.state, seen))
    for column, wanted in (
        (seen.trade_id, sought.trade_id),
        (seen.merchant_id, sought.merchant_id),
        (seen.inspector_id, sought.inspector_id),
    ):
        if wanted is not None:
            page = page.where(column == wanted)
    return _read(session, page)


def _rows(which: ColumnElement[bool], after: int, limit: int, of: type[Complaint] = Complaint) -> Select[*tuple[Any, ...]]:
    return (
        select(of, func.coalesce(Branch.names, Organisation.names).label("shop_names"), Person.names.label("inspector_names"))
        .join(Merchant, Merchant.id == of.merchant_id)
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .outerjoin(Branch, Branch.id == of.branch_id)
        .outerjoin(Person, Person.id == of.inspector_id)
        .where(which, of.id < after if after else true())
        .order_by(of.id.desc())
        .limit(limit)
    )


def _read(session: Session, page: Select[*tuple[Any, ...]]) -> list[ComplaintRow]:
    return [ComplaintRow(*row) for row in session.execute(page)]


def _in_state(state: str, of: type[Complaint]) -> ColumnElement[bool]:
    if state == "open":
        return of.closed_at.is_(None)
    if state == "overdue":
        return of.closed_at.is_(None) & of.waiting_since.is_(None) & (of.due_at < clock.now())
    return of.state == state


def counts(session: Session, office: Office) -> Counts:
    """How many are open, late, waiting for their complainants, closed. One query."""
    seen = office.complaints
    states = {
        "open": _in_state("open", seen), "overdue": _in_state("overdue", seen), "waiting": _in_state(State.WAITING, seen),
        "closed": seen.closed_at.is_not(None),
    }  # fmt: skip
    counted = [func.count().filter(which).label(name) for name, which in states.items()]
    found = session.execute(select(*counted).select_from(seen)).one()
    return Counts(**found._mapping)


def handled(session: Session, office: Office, complaint_id: int, *, lock: bool = False) -> Complaint:
    """Raises ComplaintNotFound, for another office's too."""
    return _one(session, (Complaint.id == complaint_id) & or_(*office.parts), lock=lock)


def complaint_by_id(session: Session, complaint_id: int, *, lock: bool = False) -> Complaint:
    """Whoever asks has a right to it already. Raises ComplaintNotFound."""
    return _one(session, Complaint.id == complaint_id, lock=lock)


def of_shop(session: Session, identity: Identity, complaint_id: int, *, lock: bool = False) -> Complaint:
    """A complaint about a shop, or a branch of it, that a person answers for. Raises ComplaintNotFound."""
    return _one(session, (Complaint.id == complaint_id) & _about(identity), lock=lock)


def of_person(session: Session, person_id: int, complaint_id: int, *, lock: bool = False) -> Complaint:
    """Raises ComplaintNotFound."""
    return _one(session, (Complaint.id == complaint_id) & (Complaint.person_id == person_id), lock=lock)


def _one(session: Session, which: ColumnElement[bool], *, lock: bool) -> Complaint:
    found = select(Complaint).where(which).execution_options(populate_existing=True)
    complaint = session.scalar(found.with_for_update() if lock else found)
    if complaint is None:
        raise ComplaintNotFound
    return complaint


def _about(identity: Identity) -> ColumnElement[bool]:
    """Complaints are found by their shop, also those of a single branch: there is no index by branch."""
    organisations, branches = identity.reach(ANSWER)
    whole = select(Merchant.id).where(Merchant.organisation_id.in_(organisations or ()))
    if not branches:
        return Complaint.merchant_id.in_(whole)
    of_branches = select(Branch.merchant_id).where(Branch.id.in_(branches))
    theirs = Complaint.merchant_id.in_(whole) | Complaint.branch_id.in_(branches)
    return Complaint.merchant_id.in_(union_all(whole, of_branches)) & theirs


def complaints_of_shop(session: Session, identity: Identity, *, after: int = 0, limit: int = 20) -> list[ComplaintRow]:
    """What is said of the shops of a person, the newest first. One query."""
    return _read(session, _rows(_about(identity), after, limit))


def complaints_of_person(session: Session, person_id: int, *, after: int = 0, limit: int = 20) -> list[ComplaintRow]:
    """What somebody complained of signed in, the newest first. One query."""
    return _read(session, _rows(Complaint.person_id == person_id, after, limit))


def shop_names(session: Session, complaint: Complaint) -> dict[str, str]:
    """The branch's name, or the shop's."""
    [row] = _read(session, _rows(Complaint.id == complaint.id, 0, 1))
    return row.shop_names


def notes_of(session: Session, complaint_id: int, reader: Party) -> list[ComplaintNote]:
    """What a side may read of the thread, the oldest first. One query."""
    read = ComplaintNote.audience.in_(READ_BY[reader])
    said = select(ComplaintNote).where(ComplaintNote.complaint_id == complaint_id, read)
    return list(session.scalars(said.order_by(ComplaintNote.id).limit(NOTES_SHOWN)))


def note_of_key(session: Session, key: str) -> ComplaintNote | None:
    return session.scalar(select(ComplaintNote).where(ComplaintNote.key == key))


def pictures_of(session: Session, complaint_id: int) -> list[ComplaintPicture]:
    return list(
        session.scalars(select(ComplaintPicture).where(ComplaintPicture.complaint_id == complaint_id).order_by(ComplaintPicture.id))
    )


def picture_of(session: Session, complaint: Complaint, picture_id: int) -> ComplaintPicture:
    """Raises ComplaintNotFound, for another complaint's picture too."""
    found = session.get(ComplaintPicture, picture_id)
    if found is None or found.complaint_id != complaint.id:
        raise ComplaintNotFound
    return found


def inspectors_of(session: Session, union_id: int) -> list[Person]:
    """Who works for a union, by id."""
    works = select(Membership.person_id).where(Membership.organisation_id == union_id, Membership.role == Role.UNION)
    return list(session.scalars(select(Person).where(Person.id.in_(works)).order_by(Person.id)))


def trades_of_office(session: Session, office: Office) -> list[Trade]:
    """The trades that an office has complaints of."""
    seen = office.complaints.trade_id
    return list(session.scalars(select(Trade).where(Trade.id.in_(select(seen))).order_by(Trade.id)))


def order_of(session: Session, complaint_id: int) -> RefundOrder | None:
    """The newest order of a complaint, a withdrawn one too."""
    found = select(RefundOrder).where(RefundOrder.complaint_id == complaint_id)
    return session.scalar(found.order_by(RefundOrder.id.desc()).limit(1))


def ordered_refunds(session: Session, entries: Iterable[tuple[date, int]]) -> frozenset[tuple[date, int]]:
    """Which of some entries (business day, id) were refunds by order of a union. One query, none without entries."""
    asked = list(entries)
    if not asked:
        return frozenset()
    found = select(RefundOrder.paid_on, RefundOrder.paid_entry_id).where(
        RefundOrder.paid_on.is_not(None), tuple_(RefundOrder.paid_on, RefundOrder.paid_entry_id).in_(asked)
    )
    return frozenset((row.paid_on, row.paid_entry_id) for row in session.execute(found))


def phones_of_shop(session: Session, organisation_id: int) -> list[tuple[str, str]]:
    """(mobile, language) of who runs a shop."""
    runs = (Membership.organisation_id == organisation_id) & (Membership.role == Role.MERCHANT)
    rows = session.execute(
        select(Person.mobile, Person.language)
        .join(Membership, Membership.person_id == Person.id)
        .where(runs, Person.mobile.is_not(None))
        .distinct()
    )
    return [(row.mobile, row.language) for row in rows]


def late(session: Session, now: datetime, most: int) -> list[Complaint]:
    """Open complaints whose clock has run out and that the municipality does not see yet, held. One query."""
    over = (
        (Complaint.due_at < now)
        & Complaint.waiting_since.is_(None)
        & Complaint.closed_at.is_(None)
        & Complaint.escalated_at.is_(None)
    )
    found = select(Complaint).where(over).order_by(Complaint.due_at, Complaint.id).limit(most)
    return list(session.scalars(found.with_for_update(skip_locked=True)))


def complaint_of_order(session: Session, order_id: int) -> int:
    """Raises OrderNotFound."""
    found = session.scalar(select(RefundOrder.complaint_id).where(RefundOrder.id == order_id))
    if found is None:
        raise OrderNotFound
    return found


def trade_index(session: Session) -> list[tuple[Trade, TradeIndex]]:
    """Every trade with what was counted of it, by city and name. One query."""
    rows = session.execute(
        select(Trade, TradeIndex).join(TradeIndex, TradeIndex.trade_id == Trade.id).order_by(Trade.city_id, Trade.id)
    )
    return [(row.Trade, row.TradeIndex) for row in rows]
