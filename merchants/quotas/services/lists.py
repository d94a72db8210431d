"""A round by a list of sizes or amounts: read it, show what is wrong cell by cell, take repairs, and share out all of it or nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from kernel.calendar import local_day
from kernel.errors import DomainError
from kernel.lists import CellFault, ListHasFaults, read_list, repaired
from kernel.text import latin_digits
from merchants.catalogue.rules.quantities import quantity_text
from merchants.quotas import queries
from merchants.quotas.errors import MoreThanFree, ShopGetsNone, WrongQuota
from merchants.quotas.models import Quota, QuotaList, QuotaRound
from merchants.quotas.queries import Member
from merchants.quotas.rules import Way, check_free, check_round, typed_amount
from merchants.quotas.services.falling import fall_back
from merchants.quotas.services.sharing import Part, Wanted, sized_parts, write_round

MOST_ROWS = queries.MOST_MEMBERS
COLUMNS = {
    "shop": ("شماره فروشگاه", "shop number", "shop"),
    "licence_number": ("شناسه صنفی", "guild licence id", "licence_number"),
    "name": ("نام فروشگاه", "shop name", "name"),
    "size": ("اندازه", "size", "رتبه"),
    "amount": ("مقدار", "amount"),
}


def begin_list(
    session: Session, identity: Identity, union_id: int, quota_id: int, way: Way, wanted: Wanted, content: bytes
) -> QuotaList:
    """Keep a list as it was typed. By sizes, `wanted.total` is what they divide.

    Raises QuotaNotFound, WrongQuota, MoreThanFree, ListNotReadable, ListTooLong.
    """
    quota = queries.lock_quota(session, union_id, quota_id)
    fall_back(session, quota)
    check_round(wanted.opens_on, wanted.until, wanted.step, quota.ends_on, local_day(clock.now()))
    if way is Way.SIZE:
        check_free(wanted.total, queries.standing_of(session, quota).free, "total")
    rows = read_list(content, COLUMNS, MOST_ROWS)
    kept = QuotaList(
        quota_id=quota_id, way=way.value, total=wanted.total if way is Way.SIZE else None, step=wanted.step,
        opens_on=wanted.opens_on, until=wanted.until, rows=rows, begun_at=clock.now(),
    )  # fmt: skip
    session.add(kept)
    session.flush()
    audit.record(session, identity.actor, "begin", "quota list", kept.id, after={"quota": quota_id, "rows": len(rows)})
    return kept


def repair_list(session: Session, union_id: int, list_id: int, cells: Mapping[tuple[int, str], str]) -> None:
    """Write other texts into cells; unknown cells are left out. Raises QuotaNotFound."""
    kept, _ = queries.list_of(session, union_id, list_id, lock=True)
    if kept.round_id is None:
        kept.rows = repaired(kept.rows, cells)
        session.flush()


def finish_list(session: Session, identity: Identity, union_id: int, list_id: int) -> QuotaRound | None:
    """Make a round of the list; None where it was made before.

    Raises QuotaNotFound, ListHasFaults (facts `faults`), WrongQuota, MoreThanFree, NobodyToShareWith: then nothing of it is shared out.
    """
    _, quota = queries.list_of(session, union_id, list_id)
    quota = queries.lock_quota(session, union_id, quota.id)
    kept, _ = queries.list_of(session, union_id, list_id, lock=True)
    if kept.round_id is not None:
        return None
    fall_back(session, quota)
    members = queries.members_of(session, union_id, with_closed=True)
    faults = faults_of(kept, quota, members)
    if faults:
        raise ListHasFaults(faults=len(faults))
    parts = parts_of(kept, quota, members)
    check_free(sum(part.amount for part in parts), queries.standing_of(session, quota).free, "list")
    key = str(uuid5(NAMESPACE_OID, f"quota list {kept.id}"))
    wanted = Wanted(key, kept.total or 0, kept.step, kept.opens_on, kept.until)
    made = write_round(session, identity, quota, wanted, Way(kept.way), parts)
    kept.round_id = made.id
    session.flush()
    return made


def parts_of(kept: QuotaList, quota: Quota, members: Sequence[Member]) -> list[Part]:
    """What a list without faults gives to each of its shops; a shop without a number in it gets none and is not named."""
    known, today = _Known(members), local_day(clock.now())
    named = [(known.of(row), row) for row in kept.rows]
    rows = [(member, row) for member, row in named if member is not None]
    if kept.way == Way.SIZE:
        sizes = [(member, typed_amount(row["size"], "", "size")) for member, row in rows if row["size"]]
        return sized_parts(sizes, kept.total or 0, kept.step, today)
    amounts = [(member, typed_amount(row["amount"], quota.unit, "amount") if row["amount"] else 0) for member, row in rows]
    barred = [Part(member, 0, why) for member, amount in amounts if not amount and (why := member.left_out(today)) is not None]
    return [*(Part(member, amount) for member, amount in amounts if amount), *barred]


def faults_of(kept: QuotaList, quota: Quota, members: Sequence[Member]) -> list[CellFault]:
    """Every cell that is wrong, by row: an unknown shop, one that stands twice, no number, or an amount for a shop that gets none."""
    known, today = _Known(members), local_day(clock.now())
    column = "size" if kept.way == Way.SIZE else "amount"
    times = Counter(member.merchant_id for row in kept.rows if (member := known.of(row)) is not None)
    faults = []
    for number, row in enumerate(kept.rows):
        member = known.of(row)
        if member is None:
            faults.append(CellFault(number, "shop", WrongQuota(field="shop", fault="shop"), known.suggestion(row)))
        elif times[member.merchant_id] > 1:
            faults.append(CellFault(number, "shop", WrongQuota(field="shop", fault="twice")))
        try:
            given = typed_amount(row[column], quota.unit if column == "amount" else "", column) if row[column] else 0
        except WrongQuota as fault:
            faults.append(CellFault(number, column, fault))
            continue
        if column == "amount" and given and member is not None and (why := member.left_out(today)) is not None:
            faults.append(CellFault(number, column, ShopGetsNone(fault=why.value), "0"))
    return faults


def sum_fault(kept: QuotaList, quota: Quota, members: Sequence[Member], free: int) -> DomainError | None:
    """Whether a list without faults gives more than is free."""
    given = sum(part.amount for part in parts_of(kept, quota, members))
    return MoreThanFree(field="list", free=quantity_text(free)) if given > free else None


class _Known:
    """The shops of a union by number and by licence."""

    def __init__(self, members: Sequence[Member]) -> None:
        self._by_number = {str(one.merchant_id): one for one in members}
        self._by_licence = {one.licence_number: one for one in members if one.licence_number}
        self._by_name = {name: one for one in members for name in one.names.values()}

    def of(self, row: Mapping[str, str]) -> Member | None:
        """The shop by its number, else by its licence: a name is no key, as many shops may share it."""
        if row["shop"]:
            return self._by_number.get(latin_digits(row["shop"]).strip())
        return self._by_licence.get(latin_digits(row["licence_number"]).strip())

    def suggestion(self, row: Mapping[str, str]) -> str:
        """The number of the shop of that name, should the row name one."""
        found = self._by_name.get(row["name"])
        return str(found.merchant_id) if found is not None else ""
