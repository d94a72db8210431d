"""What shops took as cash for cards today, which their contracts limit.

The limit is the shop's and not a wallet's, so no account's version guards it: the teller does, as the only one who posts what
is limited, one decision after the other. A limited request never takes the slow lane.
"""

from collections.abc import Iterable
from datetime import date

from cardbank.ledger.arrays import pack
from cardbank.ledger.store import Steps
from cardbank.ledger.types import EntryKind, PostingRequest
from cardbank.ledger.views import Decision, OriginalView, SharedView

TAKEN = """
    SELECT e.shop_id, sum(e.amount - coalesce(a.returned, 0))::bigint
    FROM ledger.entry e
    LEFT JOIN ledger.entry_amend a ON a.original_date = e.business_date AND a.original_id = e.id
    WHERE e.business_date = $1::date AND e.kind = 2 AND e.shop_id IS NOT NULL AND e.shop_id = ANY($2::bigint[])
    GROUP BY e.shop_id"""


def unknown_shops(shared: SharedView, requests: Iterable[PostingRequest]) -> set[int]:
    """Shops whose figure a request needs and nobody has read yet."""
    return {
        request.shop_id
        for request in requests
        if request.cash_limit is not None and request.shop_id is not None and request.shop_id not in shared.cash_taken
    }


def read_cash(shared: SharedView, shops: Iterable[int]) -> Steps[None]:
    """What the shops took today. To be read while nothing is in the air, which would be missing from it."""
    shops = sorted(shops)
    rows = yield TAKEN, (_day(shared), pack("bigint", shops))
    shared.cash_taken |= dict.fromkeys(shops, 0) | {row[0]: row[1] for row in rows}


def count_cash(shared: SharedView, request: PostingRequest, original: OriginalView | None, decision: Decision) -> None:
    """Take a decision into account: a top-up takes room, its reversal on the same day gives it back."""
    if not decision.legs:
        return
    if request.kind is EntryKind.TOP_UP:
        _add(shared, request.shop_id, decision.answer.amount)
    elif original is not None and original.kind is EntryKind.TOP_UP and original.business_date == _day(shared):
        _add(shared, original.shop_id, -decision.answer.amount)


def _add(shared: SharedView, shop_id: int | None, amount: int) -> None:
    if shop_id in shared.cash_taken:
        shared.cash_taken[shop_id] += amount


def _day(shared: SharedView) -> date:
    return shared.business_date
