"""An independent account of what a history must come to: plain sums per purse, nothing of the bank's rules imported.

It knows no legs, versions or views. A sale remembers what each purse paid for which line and what it earned; a return takes
fair shares of what is still there, and remembers the same of itself, so that it can be undone.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

from cardbank.ledger.types import AccountKind, EntryKind, Key, PostingRequest
from cardbank.reasons import Reason

Purse = tuple  # (owner, kind) or (owner, kind, terms)
CASH = ("network", AccountKind.CASH_TAKEN)
BANK = ("network", AccountKind.BANK)
TRANSIT = ("network", AccountKind.IN_TRANSIT)


class RefusedError(Exception):
    def __init__(self, reason: Reason) -> None:
        self.reason = reason


@dataclass
class Part:
    """What left a purse (+) or came into it (-): a payment, or one side of an earning (named by its rule)."""

    purse: Purse
    amount: int
    line: int = 0
    earning: int | None = None
    back: int = 0

    @property
    def left(self) -> int:
        return self.amount - self.back


@dataclass
class Posted:
    request: PostingRequest
    reason: Reason
    amount: int = 0
    parts: list[Part] = field(default_factory=list)
    of: "Posted | None" = None  # what a return gave back to
    returned: int = 0
    is_reversed: bool = False
    arrived: bool = False

    @property
    def paid(self) -> list[Part]:
        return self.side(None, 1)

    @property
    def earnings(self) -> list[int]:
        return list(dict.fromkeys(part.earning for part in self.parts if part.earning is not None))

    def of_refund(self, done: dict[Key, "Posted"]) -> bool:
        return done[self.request.original.key].request.kind is EntryKind.REFUND

    @property
    def is_arrival(self) -> bool:
        return self.request.kind is EntryKind.TRANSFER and self.request.original is not None

    def side(self, earning: int | None, sign: int) -> list[Part]:
        return [part for part in self.parts if part.earning == earning and part.amount * sign > 0]


def fair(amount: int, rooms: list[int]) -> list[int]:
    assert amount <= sum(rooms)
    shares = [int(Fraction(amount) * room / sum(rooms)) if room else 0 for room in rooms]
    while sum(shares) < amount:
        for n, room in enumerate(rooms):
            if sum(shares) < amount and shares[n] < room:
                shares[n] += 1
    return shares


REVERSIBLE = {
    EntryKind.PURCHASE, EntryKind.ADVICE, EntryKind.TOP_UP, EntryKind.EARN, EntryKind.REFUND, EntryKind.VOID, EntryKind.TRANSFER,
}  # fmt: skip
WHOLE_ONLY = {EntryKind.EARN, EntryKind.VOID, EntryKind.TRANSFER}


class Model:
    def __init__(self, now: datetime) -> None:
        self.now = now
        self.balances: Counter[Purse] = Counter()
        self.lots: dict[int, list[Purse]] = {}  # per wallet, in the order they were opened
        self.lot_of: dict[int, Purse] = {}  # the bank's account ids of lots, told by the driver
        self.done: dict[Key, Posted] = {}
        self.buried: dict[Key, str] = {}

    def total(self, owner: object, kind: AccountKind) -> int:
        return sum(balance for purse, balance in self.balances.items() if purse[:2] == (owner, kind))

    def post(self, request: PostingRequest) -> tuple[Reason, int]:
        """The reason and the amount that the bank must answer."""
        if request.key in self.done:
            before = self.done[request.key]
            same = before.request.content_hash == request.content_hash
            return (before.reason, before.amount) if same else (Reason.DUPLICATE_WITH_OTHER_CONTENT, 0)
        if request.key in self.buried:
            late = self.buried[request.key] == request.content_time
            return Reason.REVERSED_BEFORE_ARRIVAL if late else Reason.DUPLICATE_WITH_OTHER_CONTENT, 0
        posted = Posted(request, Reason.APPROVED)
        before = self.balances.copy()
        try:
            getattr(self, "_" + request.kind.name.lower())(posted)
        except RefusedError as refused:
            self.balances = before
            posted = Posted(request, refused.reason)
        self.done[request.key] = posted
        return posted.reason, posted.amount

    def _move(self, posted: Posted, purse: Purse, amount: int, line: int = 0, earning: int | None = None) -> None:
        self.balances[purse] -= amount
        posted.parts.append(Part(purse, amount, line, earning))

    def _purchase(self, posted: Posted) -> None:
        request = posted.request
        wallet = request.wallet_id
        due = [line.amount for line in request.lines] or [request.amount]
        money = [(wallet, AccountKind.MONEY)]
        lots = [lot for lot in self._lots(wallet) if lot[2][1] <= request.effective_at < lot[2][2]]
        if not request.tender:
            self._take(posted, money, due, sum(due))
        for tender in request.tender:
            purses = lots if tender.kind is AccountKind.CREDIT_LOT else money
            wanted = sum(due) if tender.most is None else tender.most
            if tender.exactly and wanted > sum(due):
                raise RefusedError(Reason.CREDIT_EXCEEDS_AMOUNT)
            if self._take(posted, purses, due, min(wanted, sum(due))) and tender.exactly:
                raise RefusedError(Reason.INSUFFICIENT_CREDIT)
        if request.kind is EntryKind.ADVICE:
            for line, rest in enumerate(due):
                if rest:
                    self._move(posted, (wallet, AccountKind.OWED), rest, line)
                    due[line] = 0
        if sum(due) == request.amount or (due != [0] * len(due) and not request.partial):
            raise RefusedError(Reason.INSUFFICIENT_FUNDS)
        posted.amount = request.amount - sum(due)
        posted.reason = Reason.APPROVED_PARTIALLY if sum(due) else Reason.APPROVED
        self._move(posted, (request.shop_id, AccountKind.PAYABLE), -posted.amount)
        for earn in request.earn:
            base = sum(part.amount for part in posted.paid if part.purse[1] in earn.paid_by)
            self._give(posted, earn, base * earn.basis_points // 10_000)

    _advice = _purchase

    def _lots(self, wallet: int) -> list[Purse]:
        """Soonest to expire first, then the oldest."""
        return sorted(self.lots.get(wallet, []), key=lambda lot: lot[2][2])

    def _take(self, posted: Posted, purses: list[Purse], due: list[int], most: int) -> int:
        for purse in purses:
            for line in range(len(due)):
                amount = min(due[line], most, self.balances[purse])
                if amount > 0:
                    self._move(posted, purse, amount, line)
                    due[line] -= amount
                    most -= amount
        return most

    def _give(self, posted: Posted, earn: object, amount: int) -> None:
        if not amount:
            return
        wallet, terms = posted.request.wallet_id, earn.terms
        owed = (wallet, AccountKind.CREDIT_OWED, terms.funder_id)
        settled = min(amount, max(0, -self.balances[owed]))
        lot = (
            wallet,
            AccountKind.CREDIT_LOT,
            (terms.programme_id, terms.usable_from, terms.usable_until, terms.funder_id),
        )
        if settled:
            self._move(posted, owed, -settled, 0, earn.rule_id)
        if amount > settled:
            if lot not in self.lots.setdefault(wallet, []):
                self.lots[wallet].append(lot)
            self._move(posted, lot, settled - amount, 0, earn.rule_id)
        self._move(posted, (earn.programme_id, AccountKind.ISSUED), amount, 0, earn.rule_id)

    def _earn(self, posted: Posted) -> None:
        for earn in posted.request.earn:
            self._give(posted, earn, earn.fixed)
        posted.amount = sum(part.amount for part in posted.parts if part.amount > 0)

    def _top_up(self, posted: Posted) -> None:
        self._receive(posted, posted.request.amount)
        source = CASH if posted.request.shop_id is None else (posted.request.shop_id, AccountKind.PAYABLE)
        self._move(posted, source, posted.amount)

    def _receive(self, posted: Posted, amount: int) -> None:
        wallet = posted.request.wallet_id
        settled = min(amount, max(0, -self.balances[wallet, AccountKind.OWED]))
        if settled:
            self._move(posted, (wallet, AccountKind.OWED), -settled)
        if amount > settled:
            self._move(posted, (wallet, AccountKind.MONEY), settled - amount)
        posted.amount = amount

    def _transfer(self, posted: Posted) -> None:
        request = posted.request
        if request.to_wallet_id is None:
            departure = self.done.get(request.original.key)
            if departure is None or not departure.amount:
                raise RefusedError(Reason.ORIGINAL_NOT_FOUND)
            if departure.arrived or departure.amount != request.amount:
                raise RefusedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
            departure.arrived = True
            self._receive(posted, request.amount)
            self._move(posted, TRANSIT, request.amount)
            return
        if self.balances[request.wallet_id, AccountKind.MONEY] < request.amount:
            raise RefusedError(Reason.INSUFFICIENT_FUNDS)
        self._move(posted, (request.wallet_id, AccountKind.MONEY), request.amount)
        self._move(posted, TRANSIT, -request.amount)
        posted.amount = request.amount

    def _expiry(self, posted: Posted) -> None:
        lot = self.lot_of[posted.request.tender[0].account_id]
        held = self.balances[lot]
        if lot[2][2] > self.now - timedelta(hours=72):
            raise RefusedError(Reason.INVALID_TRANSACTION)
        if not held:
            raise RefusedError(Reason.INVALID_AMOUNT)
        self._move(posted, lot, held)
        self._move(posted, (lot[2][0], AccountKind.LAPSED), -held)
        posted.amount = held

    def _reversal(self, posted: Posted) -> None:
        stated = posted.request.original
        sale = self.done.get(stated.key)
        if sale is None:
            posted.reason = Reason.ALREADY_REVERSED if stated.key in self.buried else Reason.TOMBSTONE_WRITTEN
            self.buried.setdefault(stated.key, stated.content_time)
        elif sale.is_reversed:
            posted.reason = Reason.ALREADY_REVERSED
        elif not sale.amount or sale.returned or sale.arrived:
            posted.reason = Reason.NOTHING_TO_REVERSE
        elif sale.request.kind not in REVERSIBLE or sale.is_arrival:
            raise RefusedError(Reason.FUNCTION_NOT_SUPPORTED)
        else:
            stands = stated.stands or 0
            if stands > sale.amount or (stands and sale.request.kind in WHOLE_ONLY):
                raise RefusedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
            if stands == sale.amount or not self._return(posted, sale, sale.amount - stands):
                posted.reason = Reason.NOTHING_TO_REVERSE
                return
            sale.is_reversed = True

    def _refund(self, posted: Posted) -> None:
        request = posted.request
        sale = self.done.get(request.original.key)
        if sale is None or not sale.amount:
            raise RefusedError(Reason.ORIGINAL_NOT_FOUND)
        is_void = request.kind is EntryKind.VOID
        kinds = (EntryKind.PURCHASE, EntryKind.ADVICE, *((EntryKind.REFUND,) if is_void else ()))
        if sale.request.kind not in kinds:
            raise RefusedError(Reason.FUNCTION_NOT_SUPPORTED)
        if request.shop_id != sale.request.shop_id:
            raise RefusedError(Reason.NOT_OF_THIS_SHOP)
        if sale.is_reversed:
            raise RefusedError(Reason.MORE_THAN_IS_LEFT)
        if is_void and request.amount != sale.amount:
            raise RefusedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
        if request.amount > sale.amount - sale.returned:
            raise RefusedError(Reason.MORE_THAN_IS_LEFT)
        for line, article in enumerate(request.original.lines):
            if article.amount > sum(part.left for part in sale.paid if part.line == line):
                raise RefusedError(Reason.MORE_THAN_IS_LEFT)
        self._return(posted, sale, request.amount)
        sale.is_reversed = is_void

    _void = _refund

    def _return(self, posted: Posted, sale: Posted, amount: int) -> bool:
        """False, with nothing moved, where a return cannot stand again beside what was returned since."""
        shares = self._shares(posted, sale, amount)
        beyond = self._beyond(sale, shares)
        if beyond is None:
            return False
        for part, share in shares:
            if part.amount > 0:
                self._restore(posted, sale, part, share)
        for part, share in shares:
            if part.amount < 0:
                self._take_back(posted, part, share)
        for part, back in [*shares, *beyond]:
            part.back += back
        sale.returned += amount
        posted.amount, posted.of = amount, sale
        above, sign = sale.of, -1
        while above is not None:
            above.returned += sign * amount
            above.is_reversed = False
            above, sign = above.of, -sign
        return True

    def _shares(self, posted: Posted, sale: Posted, amount: int) -> list[tuple[Part, int]]:
        """What each part of the sale gives back of `amount`: payments in full, each earning in proportion."""
        shares: list[tuple[Part, int]] = []
        left = sale.amount - sale.returned
        articles = posted.request.original.lines
        for line, article in enumerate(articles):
            shares += self._fair(posted, [part for part in sale.paid if part.line == line], article.amount)
        if not articles:
            shares += self._fair(posted, sale.paid, amount)
        shares += self._fair(posted, sale.side(None, -1), amount)
        for earning in sale.earnings:
            held = sum(part.left for part in sale.side(earning, 1))
            for sign in (1, -1):
                shares += self._fair(posted, sale.side(earning, sign), held * amount // left)
        order = [id(part) for part in sale.parts]
        return sorted(shares, key=lambda share: order.index(id(share[0])))

    @staticmethod
    def _fair(posted: Posted, parts: list[Part], amount: int) -> list[tuple[Part, int]]:
        if not amount or not parts:
            return []
        shares = fair(amount, [abs(part.amount) - part.back for part in parts])
        return [(part, share) for part, share in zip(parts, shares, strict=True) if share]

    @staticmethod
    def _beyond(sale: Posted, shares: list[tuple[Part, int]]) -> list[tuple[Part, int]] | None:
        """Of what a refund gave back to, less is returned once it is undone; where its void is undone, more again."""
        changes: list[tuple[Part, int]] = []
        above, sign = sale.of, -1
        while above is not None:
            if sign > 0 and above.is_reversed:
                return None
            room = {id(part): part.back if sign < 0 else abs(part.amount) - part.back for part in above.parts}
            due = [[part, share] for part, share in shares]
            found: Counter[int] = Counter()
            for nearness in range(3):
                for pair in due:
                    for part in above.parts:
                        mirror = pair[0]
                        near = (part.purse == mirror.purse and part.line == mirror.line, part.line == mirror.line, True)
                        if part.earning == mirror.earning and part.amount * mirror.amount < 0 and near[nearness]:
                            taken = min(pair[1], room[id(part)] - found[id(part)])
                            found[id(part)] += taken
                            pair[1] -= taken
            if any(share for _, share in due):
                return None
            shares = [(part, found[id(part)]) for part in above.parts if found[id(part)]]
            changes += [(part, sign * share) for part, share in shares]
            above, sign = above.of, -sign
        return changes

    def _restore(self, posted: Posted, sale: Posted, part: Part, share: int) -> None:
        """Back into the purse; where that was a debt which is settled by now, into the purse behind it."""
        owner, kind = part.purse[:2]
        if kind in (AccountKind.OWED, AccountKind.CREDIT_OWED):
            due = min(share, max(0, -self.balances[part.purse]))
            behind: Purse = (owner, AccountKind.MONEY)
            if kind is AccountKind.CREDIT_OWED:
                chain = [*sale.parts, *(sale.of.parts if sale.of else ())]
                same = [other.purse for other in chain if other.earning == part.earning]
                lots = [purse for purse in same if purse[1] is AccountKind.CREDIT_LOT]
                issuer = next(purse[0] for purse in same if purse[1] is AccountKind.ISSUED)
                behind = lots[0] if lots else (issuer, AccountKind.LAPSED)
            if due < share:
                self._move(posted, behind, due - share, part.line, part.earning)
            share = due
        if share:
            self._move(posted, part.purse, -share, part.line, part.earning)

    def _take_back(self, posted: Posted, part: Part, share: int) -> None:
        """Out of the purse as far as it is there, and the rest is owed."""
        owner, kind = part.purse[:2]
        taken = share
        if kind in (AccountKind.MONEY, AccountKind.CREDIT_LOT):
            taken = min(share, max(0, self.balances[part.purse]))
            if taken < share and posted.request.kind is EntryKind.VOID and posted.of_refund(self.done):
                raise RefusedError(Reason.INSUFFICIENT_FUNDS if kind is AccountKind.MONEY else Reason.INSUFFICIENT_CREDIT)
        if taken:
            self._move(posted, part.purse, taken, part.line, part.earning)
        if taken < share:
            debt = (owner, AccountKind.OWED) if kind is AccountKind.MONEY else (owner, AccountKind.CREDIT_OWED, part.purse[2][3])
            self._move(posted, debt, share - taken, part.line, part.earning)
