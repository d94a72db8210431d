"""Reads of permits, and the holding of one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import Session, aliased

from identity.models import Membership, Organisation, Person
from identity.permissions import Role
from kernel.calendar import local_day
from merchants.models import SELLS, Branch, Merchant
from merchants.permits.errors import PermitNotFound
from merchants.permits.models import Permit, PermitPaper
from merchants.permits.rules import NOTICE_DAYS, Standing, State, number_of, standing
from places.models import City

ASKERS = (Role.MERCHANT, Role.SPONSOR)


@dataclass(frozen=True, slots=True)
class PermitTold:
    """A permit with the names of who asked, of the city and its municipality, and of the branch it is for."""

    permit: Permit
    asker: dict[str, str]
    city: dict[str, str]
    municipality: dict[str, str]
    branch: dict[str, str] | None
    place_id: int | None

    @property
    def number(self) -> str:
        return number_of(self.permit.id, local_day(self.permit.asked_at))

    def standing(self, today: date) -> Standing:
        return standing(State(self.permit.state), self.permit.starts_on, self.permit.ends_on, today)


def permits_page(
    session: Session, municipality_ids: Collection[int] | None, *, state: str = "", before: int = 0, limit: int = 20
) -> list[PermitTold]:
    """Of these municipalities, of all if None; the newest first. One query."""
    which = true() if municipality_ids is None else Permit.municipality_id.in_(municipality_ids)
    return _read(session, _page(which & (Permit.state == state) if state else which, before, limit))


def waiting_count(session: Session, municipality_ids: Collection[int] | None) -> int:
    which = true() if municipality_ids is None else Permit.municipality_id.in_(municipality_ids)
    return session.scalar(select(func.count()).select_from(Permit).where(which, Permit.state == State.ASKED)) or 0


def permits_of(session: Session, organisation_ids: Collection[int], *, before: int = 0, limit: int = 20) -> list[PermitTold]:
    """What these organisations asked for, the newest first. One query."""
    return _read(session, _page(Permit.organisation_id.in_(organisation_ids), before, limit))


def permit_reviewed(session: Session, municipality_ids: Collection[int] | None, permit_id: int) -> PermitTold:
    """Raises PermitNotFound, for another municipality's too."""
    return _one(
        session, (Permit.id == permit_id) & (true() if municipality_ids is None else Permit.municipality_id.in_(municipality_ids))
    )


def permit_asked(session: Session, organisation_ids: Collection[int], permit_id: int) -> PermitTold:
    """Raises PermitNotFound, for another organisation's too."""
    return _one(session, (Permit.id == permit_id) & Permit.organisation_id.in_(organisation_ids))


def permit_by_secret(session: Session, secret: str) -> PermitTold:
    """What the code on a paper names. Raises PermitNotFound."""
    return _one(session, Permit.secret == secret)


def valid_at_place(session: Session, place_id: int, today: date) -> list[PermitTold]:
    """The permits that hold today of the shop at a place. One query."""
    holds = (Permit.state == State.GRANTED) & (Permit.starts_on <= today) & (Permit.ends_on >= today)
    here = select(Branch.id).where(Branch.place_id == place_id)
    return _read(session, _page(holds & Permit.branch_id.in_(here), 0, 10))


def lock_permit(session: Session, which: ColumnElement[bool]) -> Permit:
    """Raises PermitNotFound."""
    found = session.scalar(select(Permit).where(which).with_for_update().execution_options(populate_existing=True))
    if found is None:
        raise PermitNotFound
    return found


def ending_permits(session: Session, today: date, limit: int) -> list[Permit]:
    """Those of which a reminder is due; held, where nobody else holds them."""
    first, last = max(NOTICE_DAYS), min(NOTICE_DAYS)
    is_soon = Permit.noticed_days.is_(None) | ((Permit.noticed_days > last) & (Permit.ends_on <= today + timedelta(days=last)))
    ending = select(Permit).where(
        Permit.state == State.GRANTED, Permit.ends_on.between(today, today + timedelta(days=first)), is_soon
    )
    return list(session.scalars(ending.order_by(Permit.ends_on, Permit.id).limit(limit).with_for_update(skip_locked=True)))


def askers_to_tell(session: Session, organisation_id: int) -> list[tuple[int, str, str]]:
    """(person, mobile or else e-mail, language) of who answers for an organisation. One query."""
    address = func.coalesce(Person.mobile, Person.email)
    told = select(Person.id, address, Person.language).join(Membership, Membership.person_id == Person.id).distinct()
    mine = (Membership.organisation_id == organisation_id) & Membership.role.in_(ASKERS) & Membership.branch_id.is_(None)
    return [(person_id, to, language) for person_id, to, language in session.execute(told.where(mine, address.is_not(None)))]


def papers_of(session: Session, permit_id: int) -> list[PermitPaper]:
    return list(session.scalars(select(PermitPaper).where(PermitPaper.permit_id == permit_id).order_by(PermitPaper.id)))


def paper_of(session: Session, permit: Permit, paper_id: int) -> PermitPaper:
    """Raises PermitNotFound, for another permit's paper too."""
    found = session.get(PermitPaper, paper_id)
    if found is None or found.permit_id != permit.id:
        raise PermitNotFound
    return found


def own_branches(session: Session, organisation_ids: Collection[int], *, limit: int = 100) -> list[tuple[Branch, str]]:
    """The branches of active shops of these organisations, with the organisation's id as text for forms. One query."""
    found = select(Branch, Merchant.organisation_id).join(Merchant, Merchant.id == Branch.merchant_id).where(SELLS)
    rows = session.execute(found.where(Merchant.organisation_id.in_(organisation_ids)).order_by(Branch.id).limit(limit))
    return [(branch, str(organisation_id)) for branch, organisation_id in rows]


def _page(which: ColumnElement[bool], before: int, limit: int) -> Select[*tuple[Any, ...]]:
    page = _told().where(which).order_by(Permit.id.desc()).limit(limit)
    return page.where(Permit.id < before) if before else page


def _told() -> Select[*tuple[Any, ...]]:
    asker, office = aliased(Organisation, name="asker"), aliased(Organisation, name="office")
    return (
        select(
            Permit, asker.names.label("asker"), City.names.label("city"), office.names.label("municipality"), Branch.names.label("branch"),
            Branch.place_id,
        )
        .join(asker, asker.id == Permit.organisation_id)
        .join(office, office.id == Permit.municipality_id)
        .join(City, City.id == Permit.city_id)
        .outerjoin(Branch, Branch.id == Permit.branch_id)
    )  # fmt: skip


def _one(session: Session, which: ColumnElement[bool]) -> PermitTold:
    found = _read(session, _told().where(which))
    if not found:
        raise PermitNotFound
    return found[0]


def _read(session: Session, page: Select[*tuple[Any, ...]]) -> list[PermitTold]:
    return [
        PermitTold(row.Permit, row.asker, row.city, row.municipality, row.branch, row.place_id) for row in session.execute(page)
    ]
