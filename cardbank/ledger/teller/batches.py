"""Which batch of each terminal is open. The teller says it, since only the teller knows what is decided before what.

An entry that a terminal asked for carries the number of the batch that was open when it was decided, and a close is
decided and committed behind it: whoever sees a close sees every entry of the batch that it closed.
"""

from collections.abc import Iterable

from msgspec.structs import force_setattr

from cardbank.ledger.arrays import pack
from cardbank.ledger.batch import Batch
from cardbank.ledger.store import Steps
from cardbank.ledger.types import Answer, EntryKind, PostingRequest, Source
from cardbank.ledger.views import Decision
from cardbank.reasons import Reason

FIRST = 1
LAST_CLOSED = """
    SELECT terminal_id, max(number) FROM ledger.closed_batch
    WHERE terminal_id = ANY($1::bigint[]) GROUP BY terminal_id"""


class OpenBatches:
    """Open batch by terminal, read when a terminal is first met."""

    def __init__(self) -> None:
        self._open: dict[int, int] = {}

    def missing(self, requests: Iterable[PostingRequest]) -> set[int]:
        known = self._open
        return {request.terminal_id for request in requests if request.terminal_id is not None and request.terminal_id not in known}

    def read(self, terminals: set[int]) -> Steps[None]:
        rows = yield LAST_CLOSED, (pack("bigint", sorted(terminals)),)
        closed: dict[int, int] = dict(map(tuple, rows))
        for terminal_id in terminals:
            self._open[terminal_id] = closed.get(terminal_id, FIRST - 1) + 1

    def stamp(self, requests: Iterable[PostingRequest]) -> None:
        """Write into each request which batch it falls in; only what a device of its own counts falls in one."""
        for request in requests:
            terminal_id = request.terminal_id
            if terminal_id is not None and request.kind is not EntryKind.BATCH_CLOSE:
                is_of_device = request.key.source == Source.TERMINAL
                force_setattr(request, "terminal_batch", self._open[terminal_id] if is_of_device else None)

    def close(self, request: PostingRequest, batch: Batch) -> Decision:
        """Close the batch that the request names, or say which one was closed last."""
        terminal_id = request.terminal_id or 0
        number = self._open[terminal_id]
        reason = Reason.BATCH_NUMBER_INVALID
        if request.terminal_batch == number:
            reason = Reason.TERMINAL_BATCH_CLOSED
            self._open[terminal_id] = number + 1
            batch.closes.append((terminal_id, number))
        last = self._open[terminal_id] - 1
        return Decision(reason, Answer(reason, batch.day, 0, batch.now, terminal_batch=last))

    def forget(self, *failed: Batch | None) -> None:
        """What these batches closed may not stand: read again."""
        for batch in filter(None, failed):
            for terminal_id, _ in batch.closes:
                self._open.pop(terminal_id, None)
