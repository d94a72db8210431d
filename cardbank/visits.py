"""Where a wallet buys: how often, for how much and when last, shop by shop. Reads only."""

from collections.abc import Collection
from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.orm import Session


class Visits(Struct, frozen=True):
    """Purchases of one wallet at one shop (its wallet id) that were not reversed."""

    shop_id: int
    count: int
    amount_rial: int
    last_at: datetime


_VISITS = text("""
    SELECT e.shop_id, count(*) AS count, sum(e.amount)::bigint AS amount_rial, max(e.decided_at) AS last_at
    FROM ledger.entry e
    LEFT JOIN ledger.entry_amend amend ON amend.original_date = e.business_date AND amend.original_id = e.id
    WHERE e.wallet_id = :wallet_id AND e.business_date >= :since AND e.kind = 1 AND e.unit = 1 AND amend.reversed_by IS NULL
      AND (CAST(:members AS bigint[]) IS NULL OR e.member_id = ANY(CAST(:members AS bigint[])))
    GROUP BY e.shop_id ORDER BY max(e.decided_at) DESC LIMIT :most
""")


def visits(
    session: Session, wallet_id: int, since: date, *, members: Collection[int] | None = None, most: int = 10
) -> list[Visits]:
    """The shops that a wallet has bought at since a business day, by these members where they are given, the last visited first."""
    facts = {"wallet_id": wallet_id, "since": since, "most": most, "members": None if members is None else sorted(members)}
    rows = session.execute(_VISITS, facts).mappings()
    return [Visits(**row) for row in rows]
