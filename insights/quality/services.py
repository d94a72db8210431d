"""Every shop is looked at anew within minutes, a slice a turn; only what changed is written."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, case, cast, delete, exists, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from identity.models import Organisation
from insights.quality.models import KeptQuality, QualityRound, QualitySum
from insights.quality.queries import faults_of_shops
from insights.quality.rules import BEST, BITS, WEIGHTS
from insights.rounds import next_slice
from merchants.models import Branch, Merchant
from places.models import Place

SHOPS_A_TURN = 5_000
KEPT = ("union_id", "city_ids", "score", "faults")


def look_at_next_shops(session: Session) -> int:
    """One turn of the round that is under way; returns how many shops were found otherwise than they are kept."""
    looked = next_slice(session, QualityRound, Merchant.id, SHOPS_A_TURN)
    if looked is None:
        return 0
    changed = _look(session, looked.now, looked.after, looked.last) if looked.count else 0
    if looked.is_last:
        _add_up(session)
    return changed


def _look(session: Session, now: datetime, after: int, last: int) -> int:
    """Look at the shops of a slice and keep what differs; shops that are not active any more are forgotten."""
    fresh = insert(KeptQuality).from_select(["merchant_id", *KEPT], _found(now, after, last))
    differs = {name: getattr(fresh.excluded, name) for name in KEPT}
    kept = fresh.on_conflict_do_update(
        index_elements=["merchant_id"], set_=differs, where=_row(KeptQuality).is_distinct_from(_row(fresh.excluded))
    )
    still = exists().where(Merchant.id == KeptQuality.merchant_id, Merchant.status == "active")
    gone = delete(KeptQuality).where(KeptQuality.merchant_id > after, KeptQuality.merchant_id <= last, ~still)
    return sum(len(session.execute(one.returning(KeptQuality.merchant_id)).all()) for one in (kept, gone))


def _add_up(session: Session) -> None:
    alike = (KeptQuality.union_id, KeptQuality.city_ids, KeptQuality.faults)
    session.execute(delete(QualitySum))
    session.execute(
        insert(QualitySum).from_select(["union_id", "city_ids", "faults", "shops"], select(*alike, func.count()).group_by(*alike))
    )


def _row(of: Any) -> ColumnElement[Any]:
    return tuple_(*(getattr(of, name) for name in KEPT))


def _found(now: datetime, after: int, last: int) -> Select[*tuple[Any, ...]]:
    """The active shops of a slice with what is wrong now."""
    nothing = cast(0, Integer)
    bits = sum((case((one, BITS[fault]), else_=0) for fault, one in faults_of_shops(now).items()), start=nothing)
    cities = select(Place.city_id).distinct().join(Branch, Branch.place_id == Place.id).where(Branch.merchant_id == Merchant.id)
    looked = (
        select(Merchant.id, Merchant.union_id, func.array(cities.order_by(Place.city_id).correlate(Merchant).scalar_subquery()).label("city_ids"), bits.label("faults"))
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .where(Merchant.id > after, Merchant.id <= last, Merchant.status == "active")
        .cte("looked")
        .prefix_with("MATERIALIZED")  # each fault is looked for once, not once for its bit and once for its weight
    )  # fmt: skip
    lost = sum((case((looked.c.faults.op("&")(bit) != 0, WEIGHTS[fault]), else_=0) for fault, bit in BITS.items()), start=nothing)
    return select(looked.c.id, looked.c.union_id, looked.c.city_ids, BEST - lost, looked.c.faults)
