"""Goods brought back, sales cancelled and reversed: the plan shrinks, or stands again where a return is undone."""

from sqlalchemy.orm import Session

from cardbank.ledger.types import Answer, EntryKind, PostingRequest
from merchants.instalments import queries
from merchants.instalments.models import Instalment
from merchants.instalments.rules import put_back, taken_off
from merchants.instalments.services.posting import at_desk, lock_key, post
from merchants.sales.directory import Runner
from merchants.sales.services import Teller

RETURNS = frozenset({EntryKind.REVERSAL, EntryKind.REFUND, EntryKind.VOID})


class WithSchedules:
    """A door's teller: what returns a purchase in instalments is posted where its schedule is, all else by the teller."""

    def __init__(self, teller: Teller, run: Runner) -> None:
        self._teller = teller
        self._run = run

    async def post(self, request: PostingRequest) -> Answer:
        if request.kind in RETURNS and request.original is not None:
            plan_id = await self._run(lambda session: _plan_behind(session, request))
            if plan_id is not None:
                return await at_desk(self._run, lambda session: give_back(session, plan_id, request))
        return await self._teller.post(request)


def _plan_behind(session: Session, request: PostingRequest) -> int | None:
    """The plan of what is returned, be it the purchase or a return of it. Waits for an original that is under way."""
    original = request.original
    if original is None:
        return None
    if original.key is not None:
        lock_key(session, original.key)
    return queries.plan_of_original(session, original.key, original.ref)


def give_back(session: Session, plan_id: int, request: PostingRequest) -> Answer:
    """Post a return of a plan's purchase. What comes back is owed no more; what of it was paid already goes to the card.

    Last before the commit. Raises LedgerBusy.
    """
    lock_key(session, request.key)
    line = queries.lock_line_of_plan(session, plan_id)
    parts = queries.instalments_of(session, plan_id)
    answer = post(session, request, on_line=sum(part.open_rial for part in parts))
    if answer.reason.is_approved and not answer.replayed and line.account_id is not None:
        _follow(parts, queries.moved(session, line.account_id, (answer.business_date, answer.entry_id)))
    return answer


def _follow(parts: list[Instalment], moved_rial: int) -> None:
    """Write into the schedule what the ledger has moved on the line."""
    if moved_rial > 0:
        shares = taken_off([part.open_rial for part in parts], moved_rial)
    else:
        shares = [-share for share in put_back([part.returned_rial for part in parts], -moved_rial)]
    for part, share in zip(parts, shares, strict=True):
        part.returned_rial += share
