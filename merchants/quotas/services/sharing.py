"""Entering a quota, making it last longer, and sharing it out. Whoever shares out holds the quota, reads what is free, then writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as insert_once
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from kernel.calendar import local_day
from merchants.quotas import queries
from merchants.quotas.errors import NobodyToShareWith, QuotaNotFound
from merchants.quotas.models import Quota, QuotaRound, QuotaShare
from merchants.quotas.queries import Member
from merchants.quotas.rules import (
    LeftOut,
    Way,
    check_free,
    check_longer,
    check_quota,
    check_round,
    share_out,
)
from merchants.quotas.services.falling import fall_back


@dataclass(frozen=True, slots=True)
class Entered:
    """A quota as its form has it."""

    key: str
    names: dict[str, str]
    unit: str
    whole: int
    starts_on: date
    ends_on: date
    price_rial: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A round as its form has it: `total` is divided into multiples of `step`."""

    key: str
    total: int
    step: int
    opens_on: date
    until: date


@dataclass(frozen=True, slots=True)
class Part:
    """What a round gives to a shop, or why it gives none."""

    member: Member
    amount: int
    left_out: LeftOut | None = None


def enter_quota(session: Session, identity: Identity, union_id: int, typed: Entered) -> Quota:
    """Write down what the union received. The same form sent again is the same quota. Raises WrongQuota."""
    check_quota(typed.names, typed.unit, typed.price_rial, typed.starts_on, typed.ends_on, local_day(clock.now()))
    facts = {
        "key": typed.key, "union_id": union_id, "names": typed.names, "unit": typed.unit, "whole": typed.whole,
        "price_rial": typed.price_rial, "starts_on": typed.starts_on, "ends_on": typed.ends_on, "entered_at": clock.now(),
    }  # fmt: skip
    made = session.scalar(insert_once(Quota).values(facts).on_conflict_do_nothing(index_elements=["key"]).returning(Quota.id))
    quota = session.scalars(select(Quota).where(Quota.key == typed.key, Quota.union_id == union_id)).one_or_none()
    if quota is None:
        raise QuotaNotFound
    if made is not None:
        told = {"names": typed.names, "unit": typed.unit, "whole": typed.whole, "ends_on": typed.ends_on.isoformat()}
        audit.record(session, identity.actor, "enter", "quota", quota.id, after=told)
    return quota


def lengthen_quota(session: Session, identity: Identity, union_id: int, quota_id: int, ends_on: date) -> Quota:
    """Let a quota last longer, so that what fell back may be shared out again. Raises QuotaNotFound, WrongQuota."""
    quota = queries.lock_quota(session, union_id, quota_id)
    check_longer(quota.ends_on, ends_on, quota.starts_on)
    before, quota.ends_on = quota.ends_on, ends_on
    told = [{"ends_on": day.isoformat()} for day in (before, ends_on)]
    audit.record(session, identity.actor, "lengthen", "quota", quota.id, before=told[0], after=told[1])
    session.flush()
    return quota


def equal_parts(members: Sequence[Member], total: int, step: int, today: date) -> list[Part]:
    """What each shop would get of an equal round today: the same for all; what they cannot share so stays free."""
    able = [one for one in members if one.left_out(today) is None]
    each = total // step // len(able) * step if able else 0
    return _parts(able, [each] * len(able), [one for one in members if one.left_out(today) is not None], today)


def sized_parts(sizes: Sequence[tuple[Member, int]], total: int, step: int, today: date) -> list[Part]:
    """What each shop would get in proportion to its size."""
    able = [(member, size) for member, size in sizes if member.left_out(today) is None and size > 0]
    amounts = share_out(total, step, [size for _, size in able])
    barred = [member for member, _ in sizes if member.left_out(today) is not None]
    return _parts([member for member, _ in able], amounts, barred, today)


def _parts(able: Sequence[Member], amounts: Sequence[int], barred: Sequence[Member], today: date) -> list[Part]:
    given = [Part(one, amount, None if amount else LeftOut.TOO_SMALL) for one, amount in zip(able, amounts, strict=True)]
    return [*given, *(Part(one, 0, one.left_out(today)) for one in barred)]


def share_equally(session: Session, identity: Identity, union_id: int, quota_id: int, wanted: Wanted) -> QuotaRound:
    """Share an amount among all shops of the union that may have some. The same form sent again is the same round.

    Raises QuotaNotFound, WrongQuota, MoreThanFree, NobodyToShareWith.
    """
    quota = queries.lock_quota(session, union_id, quota_id)
    if (stands := queries.round_of_key(session, wanted.key)) is not None and stands.quota_id == quota_id:
        return stands
    fall_back(session, quota)
    check_free(wanted.total, queries.standing_of(session, quota).free, "total")
    parts = equal_parts(queries.members_of(session, union_id), wanted.total, wanted.step, local_day(clock.now()))
    return write_round(session, identity, quota, wanted, Way.EQUAL, parts)


def write_round(session: Session, identity: Identity, quota: Quota, wanted: Wanted, way: Way, parts: Sequence[Part]) -> QuotaRound:
    """Of a quota that is held and has enough free. Raises WrongQuota, NobodyToShareWith."""
    check_round(wanted.opens_on, wanted.until, wanted.step, quota.ends_on, local_day(clock.now()))
    if not any(part.amount for part in parts):
        raise NobodyToShareWith
    made = QuotaRound(
        key=wanted.key, quota_id=quota.id, way=way.value, opens_on=wanted.opens_on, until=wanted.until, made_at=clock.now()
    )
    session.add(made)
    session.flush()
    rows = [
        {
            "quota_id": quota.id, "round_id": made.id, "merchant_id": part.member.merchant_id, "amount": part.amount,
            "left_out": part.left_out.value if part.left_out else None,
        }
        for part in sorted(parts, key=lambda part: part.member.merchant_id)
    ]  # fmt: skip
    session.execute(insert(QuotaShare), rows)
    told = {
        "quota": quota.id,
        "way": way,
        "amount": sum(part.amount for part in parts),
        "shops": len(rows),
        "until": wanted.until.isoformat(),
    }
    audit.record(session, identity.actor, "share out", "quota round", made.id, after=told)
    return made
