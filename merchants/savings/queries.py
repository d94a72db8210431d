"""Reads of what purchases saved: those of a wallet in a while, and those of some entries."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from cardbank.ledger.types import AccountKind, EntryKind, Source
from cardbank.statements import LONGEST_PERIOD
from kernel.calendar import TEHRAN
from merchants.savings.rules import Saving

Ref = tuple[date, int]

# What the goods of a sale at a web till would have cost more without the card; of the row named `sold`.
_BASKET = """
    LEFT JOIN till_sale s ON s.key = CASE WHEN sold.source = :web_till AND sold.source_key ~ :is_key THEN CAST(sold.source_key AS uuid) END
    LEFT JOIN LATERAL (
        SELECT sum(line.count * (line.list_rial - line.each_rial))::bigint AS saved
        FROM jsonb_to_recordset(s.lines) AS line (count bigint, each_rial bigint, list_rial bigint)
        WHERE line.list_rial > line.each_rial
    ) AS goods ON true
"""
# A basket may be sold in instalments after all, at its whole price; then no discount was taken off.
_OF_ENTRIES = """
    SELECT sold.business_date, sold.id AS entry_id, sold.decided_at, sold.terminal_id, sold.amount AS paid_rial, coalesce(a.returned, 0) AS returned_rial,
           coalesce(goods.saved, 0) AS price_rial, coalesce(d.discount_rial, 0) AS discount_rial, credit.spent AS credit_rial,
           credit.earned AS earned_rial, a.reversed_by IS NOT NULL AS is_reversed
    FROM ({entries}) AS sold
    LEFT JOIN ledger.entry_amend a ON a.original_date = sold.business_date AND a.original_id = sold.id
    LEFT JOIN sale_discount d ON d.key_date = sold.key_date AND d.source = sold.source AND d.source_id = sold.terminal_id
         AND d.source_key = sold.source_key AND d.price_rial - d.discount_rial = sold.amount
    {basket}
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(-p.amount - coalesce(a.returned_by_leg[p.leg], 0)) FILTER (WHERE p.amount < 0), 0)::bigint AS spent,
               coalesce(sum(p.amount - coalesce(a.returned_by_leg[p.leg], 0)) FILTER (WHERE p.amount > 0), 0)::bigint AS earned
        FROM ledger.posting p
        JOIN ledger.account lot ON lot.id = p.account_id AND lot.kind = :credit_lot AND lot.wallet_id = sold.wallet_id
        WHERE p.business_date = sold.business_date AND p.entry_id = sold.id
    ) AS credit
"""
_OF_WALLET = """
    SELECT * FROM ledger.entry
    WHERE wallet_id = :wallet_id AND business_date BETWEEN :first AND :last AND kind = :purchase AND unit = 1
      AND (CAST(:members AS bigint[]) IS NULL OR member_id IS NULL OR member_id = ANY(CAST(:members AS bigint[])))
"""
_NAMED = """
    SELECT entry.* FROM unnest(CAST(:days AS date[]), CAST(:ids AS bigint[])) AS named (day, id)
    JOIN ledger.entry ON entry.business_date = named.day AND entry.id = named.id AND entry.kind = :purchase
"""
_BY_CARD_WITHOUT_MONEY = """
    SELECT (sold.sold_at AT TIME ZONE :zone)::date, NULL, sold.sold_at, sold.terminal_id, sold.price_rial - sold.discount_rial, 0,
           coalesce(goods.saved, 0), sold.discount_rial, 0, 0, false
    FROM cash_sale sold
    {basket}
    WHERE sold.card_id = ANY(CAST(:cards AS bigint[])) AND sold.taken_back_at IS NULL
      AND (sold.sold_at AT TIME ZONE :zone)::date BETWEEN :first AND :last
"""
_ALL = """
    SELECT * FROM ({of_entries} UNION ALL {by_card_without_money}) AS saved
    WHERE NOT is_reversed AND returned_rial < paid_rial
    ORDER BY business_date DESC, decided_at DESC, entry_id DESC
"""
OF_WALLET = text(_ALL.format(
    of_entries=_OF_ENTRIES.format(entries=_OF_WALLET, basket=_BASKET), by_card_without_money=_BY_CARD_WITHOUT_MONEY.format(basket=_BASKET)
))  # fmt: skip
OF_ENTRIES = text(_OF_ENTRIES.format(entries=_NAMED, basket=_BASKET))
_FACTS: dict[str, Any] = {
    "purchase": int(EntryKind.PURCHASE), "credit_lot": int(AccountKind.CREDIT_LOT), "web_till": int(Source.WEB_TILL),
    "is_key": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
}  # fmt: skip


def savings(
    session: Session, wallet_id: int, card_ids: Collection[int], first: date, last: date, *, members: Collection[int] | None = None
) -> list[Saving]:
    """The purchases of a wallet between two days, both included, the newest first, with what each saved; of these members where they are
    given. `card_ids` are its cards that hold no money. One query.

    Raises ValueError for a period longer than a year.
    """
    if not timedelta(0) <= last - first <= LONGEST_PERIOD:
        raise ValueError("savings are told of a year at most")
    facts = _FACTS | {
        "wallet_id": wallet_id, "cards": sorted(card_ids), "first": first, "last": last,
        "members": None if members is None else sorted(members), "zone": TEHRAN.key,
    }  # fmt: skip
    return [Saving(**row) for row in session.execute(OF_WALLET, facts).mappings()]


def savings_of_entries(session: Session, refs: Collection[Ref]) -> dict[Ref, Saving]:
    """What the purchases among some entries saved. One query, none without entries."""
    if not refs:
        return {}
    days, ids = zip(*refs, strict=True)
    rows = session.execute(OF_ENTRIES, _FACTS | {"days": list(days), "ids": list(ids)}).mappings()
    return {(row["business_date"], row["entry_id"]): Saving(**row) for row in rows}
