"""How a return is divided over the legs of its original, and what undoing a return changes of what it had given back to."""

from collections.abc import Callable, Sequence

from cardbank.ledger.rules.draft import DeclinedError
from cardbank.ledger.types import Line
from cardbank.ledger.views import Amend, OriginalLeg, OriginalView
from cardbank.reasons import Reason


def split(amount: int, rooms: Sequence[int]) -> list[int]:
    """Divide `amount` in proportion to `rooms`: each share rounded down, then single units in order where there is room.

    0 ≤ amount ≤ sum(rooms); no share exceeds its room, and the shares add up to the amount.
    """
    total = sum(rooms)
    if not amount:
        return [0] * len(rooms)
    shares = [amount * room // total for room in rooms]
    short = amount - sum(shares)
    for position, room in enumerate(rooms):
        if short and shares[position] < room:
            shares[position] += 1
            short -= 1
    return shares


def shares_of(original: OriginalView, amount: int, articles: Sequence[Line] = ()) -> list[int]:
    """How much of each leg of the original goes back when `amount` of it is returned; units, never negative.

    Payments go back in full, each earning in proportion (rounded down; the last return takes all that is left). Raises
    DeclinedError (MORE_THAN_IS_LEFT) when an article has less left than is returned of it.
    """
    legs = original.legs
    rooms = _rooms(original)
    left = original.amount - original.returned
    shares = [0] * len(legs)
    for rule_id in dict.fromkeys(leg.rule_id for leg in legs):
        takers = [n for n, leg in enumerate(legs) if leg.rule_id == rule_id and leg.amount < 0]
        givers = [n for n, leg in enumerate(legs) if leg.rule_id == rule_id and leg.amount > 0]
        due = amount if rule_id is None else sum(rooms[n] for n in takers) * amount // left
        _share(shares, rooms, givers, due)
        if articles and rule_id is None:
            for line, article in enumerate(articles):
                _share(shares, rooms, [n for n in takers if legs[n].line == line], article.amount)
        else:
            _share(shares, rooms, takers, due)
    return shares


def _rooms(original: OriginalView) -> list[int]:
    """What is left of each leg."""
    returned = original.returned_by_leg or (0,) * len(original.legs)
    return [abs(leg.amount) - back for leg, back in zip(original.legs, returned, strict=True)]


def _share(shares: list[int], rooms: Sequence[int], positions: Sequence[int], amount: int) -> None:
    part = [rooms[n] for n in positions]
    if amount > sum(part):
        raise DeclinedError(Reason.MORE_THAN_IS_LEFT)
    for n, share in zip(positions, split(amount, part), strict=True):
        shares[n] = share


def further_amends(original: OriginalView, shares: Sequence[int]) -> tuple[Amend, ...] | None:
    """The amend rows beyond the original's own when `shares` of its legs go back: none where it returned nothing itself.

    Of what a refund had returned, that much less is returned now; where the refund was voided and the void is undone, that
    much more again. None = what was returned meanwhile leaves no room for it.
    """
    amends: list[Amend] = []
    undone, is_returned_again = original, False
    while (of := undone.of) is not None:
        rooms = _rooms(of) if is_returned_again else list(of.returned_by_leg)
        found = _counterparts(of.legs, rooms, undone.legs, shares)
        if found is None or (is_returned_again and of.reversed_by is not None):
            return None
        sign = 1 if is_returned_again else -1
        amount = sum(share for leg, share in zip(of.legs, found, strict=True) if leg.rule_id is None and leg.amount < 0)
        returned = of.returned_by_leg or (0,) * len(found)
        by_leg = tuple(before + sign * share for before, share in zip(returned, found, strict=True))
        amends.append(Amend(of.business_date, of.entry_id, False, of.returned + sign * amount, by_leg, of.amend_version))
        undone, shares, is_returned_again = of, found, not is_returned_again
    return tuple(amends)


def _counterparts(
    legs: Sequence[OriginalLeg], rooms: list[int], undone: Sequence[OriginalLeg], shares: Sequence[int]
) -> list[int] | None:
    """What `shares` of a return's legs come to on the legs that it had returned.

    A leg answers one of the same account and line. What a return had to take from elsewhere (a debt for credit that was spent,
    lapsed credit for an expired lot) answers any leg of the same earning or payment that has room.
    """
    found = [0] * len(legs)
    waiting = list(shares)
    closeness: tuple[Callable[[OriginalLeg, OriginalLeg], bool], ...] = (
        lambda leg, mirror: leg.account_id == mirror.account_id and leg.line == mirror.line,
        lambda leg, mirror: leg.line == mirror.line,
        lambda leg, mirror: True,
    )
    for is_close in closeness:
        for n, mirror in enumerate(undone):
            for place, leg in enumerate(legs):
                is_answer = leg.rule_id == mirror.rule_id and (leg.amount < 0) != (mirror.amount < 0)
                if waiting[n] and is_answer and is_close(leg, mirror):
                    part = min(waiting[n], rooms[place] - found[place])
                    found[place] += part
                    waiting[n] -= part
    return None if any(waiting) else found
