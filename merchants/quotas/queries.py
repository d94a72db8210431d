"""Reads of quotas, of who has which share, and of what was handed out."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import Session

from identity.models import Organisation
from identity.permissions import Identity, Permission
from merchants.models import Merchant
from merchants.onboarding.models import Application, Overseer, Trade
from merchants.quotas.errors import HandOutNotFound, QuotaNotFound
from merchants.quotas.models import Quota, QuotaHandOut, QuotaList, QuotaRound, QuotaShare
from merchants.quotas.rules import LeftOut, Receipt, Standing, left_out

MOST_MEMBERS = 5_000  # of a union that one round is for
SHOWN = ("left", "unconfirmed", "none")
_SUMS = [func.coalesce(func.sum(one), 0).label(one.key) for one in (QuotaShare.amount, QuotaShare.handed, QuotaShare.fallen)]


@dataclass(frozen=True, slots=True)
class QuotaRow:
    quota: Quota
    union_names: dict[str, str]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Member:
    """A shop of the union, as a round looks at it."""

    merchant_id: int
    names: dict[str, str]
    status: str
    licence_number: str | None
    licence_expires_on: date | None

    def left_out(self, today: date) -> LeftOut | None:
        return left_out(self.status, self.licence_expires_on, today)


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A share with its quota, its round and its shop; `unconfirmed` of what was handed out waits for the shop's word."""

    share: QuotaShare
    quota: Quota
    round: QuotaRound
    shop_names: dict[str, str]
    unconfirmed: int

    @property
    def left(self) -> int:
        return self.share.amount - self.share.handed - self.share.fallen


def unions_seen(session: Session, identity: Identity) -> frozenset[int]:
    """The unions whose quotas a person may read: the own, and those of the cities that the own municipality oversees."""
    own = identity.organisations(Permission.MERCHANTS_QUOTA_VIEW) or frozenset()
    overseen = select(Trade.union_id).join(Overseer, Overseer.city_id == Trade.city_id).where(Overseer.organisation_id.in_(own))
    return own | frozenset(session.scalars(overseen.distinct()))


def quotas_page(session: Session, union_ids: Collection[int], *, before: int = 0, limit: int = 20) -> list[QuotaRow]:
    """The newest first. One query."""
    which = Quota.union_id.in_(union_ids) & ((Quota.id < before) if before else true())
    return _read(session, which, limit)


def quota_row(session: Session, union_ids: Collection[int], quota_id: int) -> QuotaRow:
    """Raises QuotaNotFound, for another union's too. One query."""
    found = _read(session, (Quota.id == quota_id) & Quota.union_id.in_(union_ids), 1)
    if not found:
        raise QuotaNotFound
    return found[0]


def _read(session: Session, which: ColumnElement[bool], limit: int) -> list[QuotaRow]:
    sums = select(*_SUMS).where(QuotaShare.quota_id == Quota.id).correlate(Quota).lateral()
    page = (
        select(Quota, Organisation.names, *sums.c)
        .join(Organisation, Organisation.id == Quota.union_id)
        .join(sums, true())
        .where(which)
        .order_by(Quota.id.desc())
        .limit(limit)
    )
    return [
        QuotaRow(row.Quota, row.names, Standing(row.Quota.whole, int(row.amount), int(row.handed), int(row.fallen)))
        for row in session.execute(page)
    ]


def lock_quota(session: Session, union_id: int, quota_id: int) -> Quota:
    """The quota, held against every other round and hand-out of it. Raises QuotaNotFound."""
    wanted = select(Quota).where(Quota.id == quota_id, Quota.union_id == union_id).with_for_update(key_share=True)
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise QuotaNotFound
    return found


def standing_of(session: Session, quota: Quota) -> Standing:
    summed = select(*_SUMS).where(QuotaShare.quota_id == quota.id)
    row = session.execute(summed).one()
    return Standing(quota.whole, int(row.amount), int(row.handed), int(row.fallen))


def members_of(session: Session, union_id: int, *, with_closed: bool = False) -> list[Member]:
    """The shops of a union by id. One query."""
    which = (Merchant.union_id == union_id) & (true() if with_closed else Merchant.status != "closed")
    return _members(session, which)


def member_of_share(session: Session, share: QuotaShare) -> Member:
    [member] = _members(session, Merchant.id == share.merchant_id)
    return member


def _members(session: Session, which: ColumnElement[bool]) -> list[Member]:
    found = (
        select(Merchant.id, Organisation.names, Merchant.status, Application.licence_number, Application.licence_expires_on)
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .outerjoin(Application, Application.merchant_id == Merchant.id)
        .where(which)
        .order_by(Merchant.id)
        .limit(MOST_MEMBERS)
    )
    return [Member(*row) for row in session.execute(found)]


def round_of_key(session: Session, key: str) -> QuotaRound | None:
    return session.scalar(select(QuotaRound).where(QuotaRound.key == key))


def rounds_of(session: Session, quota_id: int) -> list[QuotaRound]:
    """The newest first; a quota has few."""
    made = select(QuotaRound).where(QuotaRound.quota_id == quota_id)
    return list(session.scalars(made.order_by(QuotaRound.id.desc()).limit(20)))


def list_of(session: Session, union_id: int, list_id: int, *, lock: bool = False) -> tuple[QuotaList, Quota]:
    """Raises QuotaNotFound, for another union's too."""
    found = (
        select(QuotaList, Quota)
        .join(Quota, Quota.id == QuotaList.quota_id)
        .where(QuotaList.id == list_id, Quota.union_id == union_id)
    )
    found = found.execution_options(populate_existing=True)
    row = session.execute(found.with_for_update(of=QuotaList) if lock else found).one_or_none()
    if row is None:
        raise QuotaNotFound
    return row.QuotaList, row.Quota


_UNCONFIRMED = (
    select(func.coalesce(func.sum(QuotaHandOut.amount), 0))
    .where(QuotaHandOut.share_id == QuotaShare.id, QuotaHandOut.state == Receipt.GIVEN)
    .correlate(QuotaShare)
    .scalar_subquery()
)


def _shares() -> Select[*tuple[Any, ...]]:
    return (
        select(QuotaShare, Quota, QuotaRound, Organisation.names, _UNCONFIRMED.label("unconfirmed"))
        .join(Quota, Quota.id == QuotaShare.quota_id)
        .join(QuotaRound, QuotaRound.id == QuotaShare.round_id)
        .join(Merchant, Merchant.id == QuotaShare.merchant_id)
        .join(Organisation, Organisation.id == Merchant.organisation_id)
    )


def _share_rows(session: Session, page: Select[*tuple[Any, ...]]) -> list[ShareRow]:
    return [ShareRow(row.QuotaShare, row.Quota, row.QuotaRound, row.names, int(row.unconfirmed)) for row in session.execute(page)]


def shares_page(
    session: Session, quota_id: int, *, show: str = "", search: str = "", after: int = 0, limit: int | None = 20
) -> list[ShareRow]:
    """Shares of a quota by id, those of the first round first; `show` narrows to one of SHOWN. One query."""
    page = _shares().where(QuotaShare.quota_id == quota_id, QuotaShare.id > after).order_by(QuotaShare.id).limit(limit)
    if show == "left":
        page = page.where(QuotaShare.amount > QuotaShare.handed + QuotaShare.fallen)
    elif show == "unconfirmed":
        page = page.where(_UNCONFIRMED > 0)
    elif show == "none":
        page = page.where(QuotaShare.left_out.is_not(None))
    if search:
        page = page.where(Organisation.names["fa"].astext.icontains(search, autoescape=True))
    return _share_rows(session, page)


def share_row(session: Session, union_ids: Collection[int], share_id: int) -> ShareRow:
    """Raises QuotaNotFound, for another union's too. One query."""
    found = _share_rows(session, _shares().where(QuotaShare.id == share_id, Quota.union_id.in_(union_ids)))
    if not found:
        raise QuotaNotFound
    return found[0]


def own_shares(session: Session, identity: Identity, *, before: int = 0, limit: int = 20) -> list[ShareRow]:
    """What a person's shops were given and were not, the newest first. One query."""
    page = _shares().where(_own(identity), (QuotaShare.id < before) if before else true())
    return _share_rows(session, page.order_by(QuotaShare.id.desc()).limit(limit))


def unconfirmed_of(session: Session, share_ids: Collection[int]) -> dict[int, list[QuotaHandOut]]:
    """Hand-outs that wait for the shop's word, by share. One query."""
    waiting = select(QuotaHandOut).where(QuotaHandOut.share_id.in_(share_ids), QuotaHandOut.state == Receipt.GIVEN)
    found: dict[int, list[QuotaHandOut]] = {}
    for one in session.scalars(waiting.order_by(QuotaHandOut.id)):
        found.setdefault(one.share_id, []).append(one)
    return found


def hand_outs_of(session: Session, share_id: int) -> list[QuotaHandOut]:
    """The newest first."""
    made = select(QuotaHandOut).where(QuotaHandOut.share_id == share_id)
    return list(session.scalars(made.order_by(QuotaHandOut.id.desc()).limit(50)))


def quota_of_hand_out(session: Session, union_id: int, hand_out_id: int) -> int:
    """Raises HandOutNotFound, for another union's too."""
    found = session.scalar(
        select(Quota.id)
        .join(QuotaShare, QuotaShare.quota_id == Quota.id)
        .join(QuotaHandOut, QuotaHandOut.share_id == QuotaShare.id)
        .where(QuotaHandOut.id == hand_out_id, Quota.union_id == union_id)
    )
    if found is None:
        raise HandOutNotFound
    return found


def share_of_hand_out(session: Session, hand_out_id: int) -> int:
    return session.execute(select(QuotaHandOut.share_id).where(QuotaHandOut.id == hand_out_id)).scalar_one()


def union_of_own_hand_out(session: Session, identity: Identity, hand_out_id: int) -> tuple[int, int]:
    """(union, quota) of goods that a person's shop took. Raises HandOutNotFound, for another shop's too."""
    found = session.execute(
        select(Quota.union_id, Quota.id)
        .join(QuotaShare, QuotaShare.quota_id == Quota.id)
        .join(QuotaHandOut, QuotaHandOut.share_id == QuotaShare.id)
        .where(QuotaHandOut.id == hand_out_id, _own(identity))
    ).one_or_none()
    if found is None:
        raise HandOutNotFound
    return found.union_id, found.id


def _own(identity: Identity) -> ColumnElement[bool]:
    organisations = identity.organisations(Permission.MERCHANTS_QUOTA_TAKE)
    return QuotaShare.merchant_id.in_(select(Merchant.id).where(Merchant.organisation_id.in_(organisations or ())))


def shops_given(one: QuotaRound) -> ColumnElement[bool]:
    """The shops that got a share in a round."""
    return Merchant.id.in_(select(QuotaShare.merchant_id).where(QuotaShare.round_id == one.id, QuotaShare.amount > 0))
