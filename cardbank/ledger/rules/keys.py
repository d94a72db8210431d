"""What is answered without deciding anew: a key outside the window, and a key under which a row stands already."""

from datetime import UTC, date, datetime, timedelta

from msgspec.structs import replace

from cardbank.ledger.types import Answer, EntryKind, PostingRequest
from cardbank.ledger.views import Case, CaseKind, Decision, SharedView, StoredRequest
from cardbank.reasons import Reason

MAY_BE_OLDER = timedelta(days=10)
MAY_BE_NEWER = timedelta(days=1)


def is_in_window(day: date, now: datetime) -> bool:
    """Whether a request key of that day may still be new: ten days back to one day ahead of the UTC date."""
    today = now.astimezone(UTC).date()
    return today - MAY_BE_OLDER <= day <= today + MAY_BE_NEWER


def refuse_key(shared: SharedView, request: PostingRequest, now: datetime, entry_id: int = 0) -> Decision | None:
    """The answer to a request whose own key lies outside the window, which is never stored; None = the key is fine.

    A reversal is told that there is nothing to reverse, so that the terminal stops sending it, and a case is opened.
    """
    if is_in_window(request.key.day, now):
        return None
    is_reversal = request.kind is EntryKind.REVERSAL
    reason = Reason.NOTHING_TO_REVERSE if is_reversal else Reason.KEY_DATE_OUT_OF_WINDOW
    answer = Answer(reason, shared.business_date, entry_id, now)
    case = Case(CaseKind.KEY_OUT_OF_WINDOW, request.amount) if is_reversal else None
    return Decision(reason, answer, exception=case)


def answer_again(stored: StoredRequest, request: PostingRequest) -> Answer:
    """The answer to a request under whose key a row stands already; nothing is posted.

    Same content: the stored answer. A late original that was reversed before it arrived: REVERSED_BEFORE_ARRIVAL.
    Anything else: DUPLICATE_WITH_OTHER_CONTENT.
    """
    if stored.answer is not None and stored.content_hash == request.content_hash:
        return replace(stored.answer, replayed=True)
    is_late = stored.answer is None and stored.content_time in ("", request.content_time)
    reason = Reason.REVERSED_BEFORE_ARRIVAL if is_late else Reason.DUPLICATE_WITH_OTHER_CONTENT
    return Answer(reason, stored.business_date, stored.entry_id, stored.decided_at)
