"""Whatever moves a credit line is posted here, in the transaction that writes its schedule and under the line's lock."""

from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.orm import Session

from cardbank.ledger import services as ledger
from cardbank.ledger.errors import LedgerBusy
from cardbank.ledger.types import Answer, Key, PostingRequest, Source
from cardbank.reasons import Reason
from kernel import clock
from kernel.calendar import local_day
from merchants.sales.directory import Runner

T = TypeVar("T")

TRIES = 5
# Nobody looks for what a key did while the transaction that does it is under way.
LOCK_KEY = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 17))")
OPEN_BATCH = text("SELECT 1 + coalesce(max(number), 0) FROM ledger.closed_batch WHERE terminal_id = :terminal_id")


async def at_desk(run: Runner, work: Callable[[Session], Answer]) -> Answer:
    """Run work that posts; a wallet that is busy is tried again, and LEDGER_UNAVAILABLE says that nothing was posted."""
    for _ in range(TRIES):
        try:
            return await run(lambda session: _or_nothing(session, work))
        except LedgerBusy:
            continue
    now = clock.now()
    return Answer(Reason.LEDGER_UNAVAILABLE, local_day(now), 0, now)


def _or_nothing(session: Session, work: Callable[[Session], T]) -> T:
    """What the caller wrote before stays where the work is given up."""
    with session.begin_nested():
        return work(session)


def lock_key(session: Session, key: Key) -> None:
    session.execute(LOCK_KEY, {"key": f"{key.day} {key.source} {key.source_id} {key.key}"})


def post(session: Session, request: PostingRequest, on_line: int) -> Answer:
    """Post one request that may move a line, up to `on_line` of it back. The caller holds the line. Raises LedgerBusy."""
    request = replace(request, on_line=on_line)
    if request.key.source is Source.TERMINAL and request.terminal_id is not None:
        # The teller numbers what it posts itself; a device's messages come one at a time, so none closes its batch meanwhile.
        batch = session.execute(OPEN_BATCH, {"terminal_id": request.terminal_id}).scalar_one()
        request = replace(request, terminal_batch=batch)
    [answer] = ledger.post(session, [request])
    return answer
