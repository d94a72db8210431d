"""What one member may spend of a wallet that is shared: in a day, in a Jalali month, and where.

Only wallets with such limits have a `MemberLimits`; all others never come here.
"""

from collections.abc import Iterator

from cardbank.ledger.rules.draft import DeclinedError, Draft
from cardbank.ledger.types import EntryKind, PostingRequest
from cardbank.ledger.views import COUNTED, Count, MemberLimits, OriginalView, ScopeView
from cardbank.reasons import Reason

NEVER_REFUSED = frozenset({EntryKind.ADVICE})


def check_member(draft: Draft, request: PostingRequest, limits: MemberLimits) -> None:
    """All that the draft spends counts, whatever purse pays it. What must not be refused is counted all the same.

    Raises DeclinedError: MEMBER_LIMIT, MEMBER_SHOP_KIND.
    """
    member, day = request.member_id, draft.shared.business_date
    if member is None:
        return
    draft.counts = (Count(member, day, draft.amount),)
    if request.forced or request.kind in NEVER_REFUSED:
        return
    for limit in limits.accounts.get(member, ()):
        if limit.unit != request.unit:
            continue
        if limit.scope_id is not None and not _is_within(draft.shared.scopes.get(limit.scope_id), request):
            raise DeclinedError(Reason.MEMBER_SHOP_KIND)
        if limit.floor is not None and limits.spent_by(member, limit.kind, day) + draft.amount > -limit.floor:
            raise DeclinedError(Reason.MEMBER_LIMIT)


def count_return(draft: Draft, original: OriginalView) -> None:
    """What came back counts in the period in which it was spent, and no more where a return is undone."""
    draft.counts = tuple(_given_back(draft, original))


def _given_back(draft: Draft, original: OriginalView) -> Iterator[Count]:
    own = () if draft.amend is None else (draft.amend,)
    amends = {(one.original_date, one.original_id): one for one in (*own, *draft.further_amends)}
    view: OriginalView | None = original
    while view is not None:
        amend = amends.get((view.business_date, view.entry_id))
        if amend is not None and view.member_id is not None and view.kind in COUNTED:
            yield Count(view.member_id, view.business_date, view.returned - amend.returned)
        view = view.of


def _is_within(scope: ScopeView | None, request: PostingRequest) -> bool:
    """A scope that is not loaded allows nothing."""
    if scope is None or (scope.shops is not None and request.shop_id not in scope.shops):
        return False
    categories = [line.category for line in request.lines] or [0]
    return scope.categories is None or scope.categories.issuperset(categories)
