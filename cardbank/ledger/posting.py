"""Lock, then decide, then post: the way of a transaction that also writes business rows, and of the teller's slow lane.

The steps are driven like the readings of `store`; committing is the caller's.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

from msgspec.msgpack import Decoder

from cardbank.ledger.arrays import pack
from cardbank.ledger.batch import MOST_REQUESTS, POST, Batch, Block
from cardbank.ledger.rules.decide import decide
from cardbank.ledger.rules.keys import answer_again, refuse_key
from cardbank.ledger.store import OPEN_DAYS, Ref, Steps, Views, originals, stored_requests, wallet_of
from cardbank.ledger.types import Answer, Key, PostingRequest
from cardbank.ledger.views import Decision, OriginalView, SharedView, WalletView

TELLER = 1
TRANSACTION = 2

LOCK = "SELECT ledger.lock_wallets($1::bigint[])"
TOUCH = "SELECT ledger.touch($1::bigint[])"
RESERVE_ENTRIES = "SELECT ledger.reserve_entries()"
RESERVE_ACCOUNTS = "SELECT ledger.reserve_accounts()"

answer_of = Decoder(Answer).decode


def post(
    requests: Sequence[PostingRequest], now: Callable[[], datetime], poster: int = TRANSACTION, epoch: int = 0
) -> Steps[list[Answer]]:
    """Post `requests` in order, all in the caller's transaction; an answer each. `now` (UTC) is asked under the locks.

    A request may name another one of the same call as its original. Database errors are the caller's to name.
    """
    answers: list[Answer] = []
    for group in _groups(requests):
        answers += yield from _post_group(group, now, poster, epoch)
    return answers


def _groups(requests: Sequence[PostingRequest]) -> Iterator[list[PostingRequest]]:
    """Cut before a request that repeats a key, or whose original another one of the group is or returns."""
    group: list[PostingRequest] = []
    taken: set[Key | Ref] = set()
    for request in requests:
        original = request.original
        named = (original.key, original.ref) if original else ()
        names = {request.key, *(name for name in named if name is not None)}
        if names & taken or len(group) == MOST_REQUESTS:
            yield group
            group, taken = [], set()
        group.append(request)
        taken |= names
    if group:
        yield group


def _post_group(requests: list[PostingRequest], now: Callable[[], datetime], poster: int, epoch: int) -> Steps[list[Answer]]:
    before = yield from originals(requests)
    locked = sorted({wallet_of(request, before.get(request.key)) for request in requests})
    yield LOCK, (pack("bigint", locked),)
    # Read again, now that nothing of these wallets can change any more.
    stored = yield from stored_requests(request.key for request in requests)
    found = yield from originals(requests)
    views = Views((yield OPEN_DAYS, ())[0][0])
    missing: set[int] = set()
    for request in requests:
        views.miss(missing, request, found.get(request.key))
    yield from views.read(missing)
    batch = yield from _new_batch(views.shared.business_date, now())
    answers = []
    for request in requests:
        if request.key in stored:
            answers.append(answer_again(stored[request.key], request))
            continue
        original = found.get(request.key)
        yield from views.complete(request, original)
        answers.append(answer_of(_settle(batch, views, original, request)))
    if not batch.is_empty:
        yield POST, tuple(batch.arguments(poster, epoch))
        yield TOUCH, (pack("bigint", locked),)
    return answers


def _new_batch(day: date, now: datetime) -> Steps[Batch]:
    entry_ids, account_ids = Block(), Block()
    entry_ids.start((yield RESERVE_ENTRIES, ())[0][0])
    account_ids.start((yield RESERVE_ACCOUNTS, ())[0][0])
    return Batch(day, now, entry_ids, account_ids)


def _settle(batch: Batch, views: Views, original: OriginalView | None, request: PostingRequest) -> bytes:
    strange = refuse_key(views.shared, request, batch.now)
    if strange is not None:
        return batch.turn_away(request, strange)
    wallet = views.wallets.get(wallet_of(request, original))
    decision = judge(wallet, views.shared, original, request, batch.now, batch.entry_ids.next)
    return batch.add(request, wallet, decision)


def judge(
    wallet: WalletView | None,
    shared: SharedView,
    original: OriginalView | None,
    request: PostingRequest,
    now: datetime,
    entry_id: int,
) -> Decision:
    """The door's own refusal where there is one, otherwise the rules' decision."""
    if request.refusal is None:
        return decide(wallet, shared, original, request, now, entry_id)
    return Decision(request.refusal, Answer(request.refusal, shared.business_date, entry_id, now))
