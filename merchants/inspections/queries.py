"""Reads of inspections, and of all that a union looks after in a shop."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import Session

from identity.models import Organisation, Person
from identity.permissions import Identity, Permission
from merchants.complaints.models import Complaint
from merchants.inspections.errors import InspectionNotFound
from merchants.inspections.models import Inspection, InspectionPicture
from merchants.inspections.rules import State
from merchants.models import Merchant
from merchants.onboarding.models import Application

SOON_DAYS = 30
FAR = date(9999, 1, 1)


@dataclass(frozen=True, slots=True)
class InspectionRow:
    inspection: Inspection
    shop_names: dict[str, str]
    inspector_names: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A shop of the union: its licence, its open complaints, the next visit and what the last one came to."""

    merchant_id: int
    names: dict[str, str]
    status: str
    application_id: int | None
    licence_expires_on: date | None
    open_complaints: int
    next_on: date | None
    last_outcome: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    members: int
    licences: int
    complaints: int
    visits: int


def inspections_page(
    session: Session, union_id: int, *, state: str = "", merchant_id: int | None = None, after: int = 0, limit: int = 20
) -> list[InspectionRow]:
    """Visits of a union, by id, the newest first. One query."""
    which = Inspection.union_id == union_id
    if state:
        which &= Inspection.state == state
    if merchant_id is not None:
        which &= Inspection.merchant_id == merchant_id
    return _read(session, _rows(which, after, limit))


def inspections_of_shop(session: Session, identity: Identity, *, after: int = 0, limit: int = 20) -> list[InspectionRow]:
    """The visits to a person's shops that are over, the newest first: when one is coming the shop does not learn. One query."""
    return _read(session, _rows(_own(identity), after, limit))


def inspection_of(session: Session, union_id: int, inspection_id: int, *, lock: bool = False) -> Inspection:
    """Raises InspectionNotFound, for another union's too."""
    return _one(session, (Inspection.id == inspection_id) & (Inspection.union_id == union_id), lock=lock)


def inspection_of_shop(session: Session, identity: Identity, inspection_id: int) -> Inspection:
    """Raises InspectionNotFound, for one that is still to come too."""
    return _one(session, (Inspection.id == inspection_id) & _own(identity), lock=False)


def inspection_of_key(session: Session, key: str) -> Inspection | None:
    return session.scalar(select(Inspection).where(Inspection.key == key))


def row_of(session: Session, inspection: Inspection) -> InspectionRow:
    [row] = _read(session, _rows(Inspection.id == inspection.id, 0, 1))
    return row


def _one(session: Session, which: ColumnElement[bool], *, lock: bool) -> Inspection:
    found = select(Inspection).where(which).execution_options(populate_existing=True)
    inspection = session.scalar(found.with_for_update() if lock else found)
    if inspection is None:
        raise InspectionNotFound
    return inspection


def _own(identity: Identity) -> ColumnElement[bool]:
    organisations = identity.organisations(Permission.MERCHANTS_INSPECTION_VIEW)
    own = select(Merchant.id).where(Merchant.organisation_id.in_(organisations or ()))
    return Inspection.merchant_id.in_(own) & (Inspection.state == State.DONE)


def _rows(which: ColumnElement[bool], after: int, limit: int) -> Select[*tuple[Any, ...]]:
    return (
        select(Inspection, Organisation.names.label("shop_names"), Person.names.label("inspector_names"))
        .join(Merchant, Merchant.id == Inspection.merchant_id)
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .outerjoin(Person, Person.id == Inspection.inspector_id)
        .where(which, Inspection.id < after if after else true())
        .order_by(Inspection.id.desc())
        .limit(limit)
    )


def _read(session: Session, page: Select[*tuple[Any, ...]]) -> list[InspectionRow]:
    return [InspectionRow(row.Inspection, row.shop_names, row.inspector_names) for row in session.execute(page)]


def pictures_of(session: Session, inspection_id: int) -> list[InspectionPicture]:
    taken = select(InspectionPicture).where(InspectionPicture.inspection_id == inspection_id)
    return list(session.scalars(taken.order_by(InspectionPicture.id)))


def picture_of(session: Session, inspection: Inspection, picture_id: int) -> InspectionPicture:
    """Raises InspectionNotFound, for another visit's picture too."""
    found = session.get(InspectionPicture, picture_id)
    if found is None or found.inspection_id != inspection.id:
        raise InspectionNotFound
    return found


def complaints_since(session: Session, merchant_id: int, since: datetime) -> int:
    counted = select(func.count()).select_from(Complaint).where(Complaint.merchant_id == merchant_id, Complaint.opened_at >= since)
    return session.scalar(counted) or 0


def union_of_shop(session: Session, merchant_id: int) -> int | None:
    return session.scalar(select(Merchant.union_id).where(Merchant.id == merchant_id))


_OPEN = (
    select(func.count())
    .where(Complaint.merchant_id == Merchant.id, Complaint.closed_at.is_(None))
    .correlate(Merchant)
    .scalar_subquery()
)
_NEXT = (
    select(func.min(Inspection.planned_on))
    .where(Inspection.merchant_id == Merchant.id, Inspection.state == State.PLANNED)
    .correlate(Merchant)
    .scalar_subquery()
)
_LAST = (
    select(Inspection.outcome)
    .where(Inspection.merchant_id == Merchant.id, Inspection.state == State.DONE)
    .order_by(Inspection.over_at.desc())
    .limit(1)
    .correlate(Merchant)
    .scalar_subquery()
)


def members_page(
    session: Session, union_id: int, ends_by: date, *, show: str = "", after: int = 0, limit: int = 20
) -> list[MemberRow]:
    """Shops of a union by id; `show` narrows to `licence` (ends by that day), `complaints` or `visits`. One query."""
    page = (
        select(
            Merchant.id, Organisation.names, Merchant.status, Application.id.label("application_id"), Application.licence_expires_on,
            _OPEN.label("open_complaints"), _NEXT.label("next_on"), _LAST.label("last_outcome"),
        )
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .outerjoin(Application, Application.merchant_id == Merchant.id)
        .where(Merchant.union_id == union_id, Merchant.status != "closed", Merchant.id > after)
        .order_by(Merchant.id)
        .limit(limit)
    )  # fmt: skip
    if show:
        page = page.where(_narrowed(show, ends_by))
    return [
        MemberRow(
            row.id,
            row.names,
            row.status,
            row.application_id,
            row.licence_expires_on,
            row.open_complaints,
            row.next_on,
            row.last_outcome,
        )
        for row in session.execute(page)
    ]


def _narrowed(show: str, ends_by: date) -> ColumnElement[bool]:
    if show == "licence":
        return Application.licence_expires_on <= ends_by
    if show == "complaints":
        return _OPEN > 0
    return _NEXT.is_not(None)


def counts(session: Session, union_id: int, ends_by: date) -> Counts:
    """Members, licences that end by a day, open complaints, planned visits. One query."""
    own = (Merchant.union_id == union_id) & (Merchant.status != "closed")
    ending = Application.licence_expires_on <= ends_by
    count = select(func.count())
    asked = {
        "members": count.select_from(Merchant).where(own),
        "licences": count.select_from(Application).join(Merchant, Merchant.id == Application.merchant_id).where(own, ending),
        "complaints": count.select_from(Complaint).where(Complaint.union_id == union_id, Complaint.closed_at.is_(None)),
        "visits": count.select_from(Inspection).where(Inspection.union_id == union_id, Inspection.state == State.PLANNED),
    }
    found = session.execute(select(*(one.scalar_subquery().label(name) for name, one in asked.items()))).one()
    return Counts(**found._mapping)
