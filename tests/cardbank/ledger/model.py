"""An independent account of what a history must come to: plain sums per purse, nothing of the bank's rules imported.

It knows no legs, versions or views. A sale remembers what each purse paid for which line and what it earned; a return takes
fair shares of what is still there.
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
    purse: Purse
    amount: int
    line: int = 0
    back: int = 0

    @property
    def left(self) -> int:
        return self.amount - self.back


@dataclass
class Posted:
    request: PostingRequest
    reason: Reason
    amount: int = 0
    paid: list[Part] = field(default_factory=list)  # what left purses; goes back to them
    got: list[Part] = field(default_factory=list)  # what the other side got for it
    gifts: list[tuple[list[Part], Part]] = field(
        default_factory=list
    )  # per earning: where it went, whence it came
    returned: int = 0
    is_reversed: bool = False
    arrived: bool = False


def fair(amount: int, rooms: list[int]) -> list[int]:
    assert amount <= sum(rooms)
    shares = [int(Fraction(amount) * room / sum(rooms)) if room else 0 for room in rooms]
    while sum(shares) < amount:
        for n, room in enumerate(rooms):
            if sum(shares) < amount and shares[n] < room:
                shares[n] += 1
    return shares


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

    def _move(self, parts: list[Part], purse: Purse, amount: int, line: int = 0) -> None:
        self.balances[purse] -= amount
        parts.append(Part(purse, amount, line))

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
                    self._move(posted.paid, (wallet, AccountKind.OWED), rest, line)
                    due[line] = 0
        if sum(due) == request.amount or (due != [0] * len(due) and not request.partial):
            raise RefusedError(Reason.INSUFFICIENT_FUNDS)
        posted.amount = request.amount - sum(due)
        posted.reason = Reason.APPROVED_PARTIALLY if sum(due) else Reason.APPROVED
        self._move(posted.got, (request.shop_id, AccountKind.PAYABLE), -posted.amount)
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
                    self._move(posted.paid, purse, amount, line)
                    due[line] -= amount
                    most -= amount
        return most

    def _give(self, posted: Posted, earn: object, amount: int) -> None:
        if not amount:
            return
        wallet, terms = posted.request.wallet_id, earn.terms
        where: list[Part] = []
        owed = (wallet, AccountKind.CREDIT_OWED, terms.funder_id)
        settled = min(amount, max(0, -self.balances[owed]))
        lot = (
            wallet,
            AccountKind.CREDIT_LOT,
            (terms.programme_id, terms.usable_from, terms.usable_until, terms.funder_id),
        )
        if settled:
            self._move(where, owed, -settled)
        if amount > settled:
            if lot not in self.lots.setdefault(wallet, []):
                self.lots[wallet].append(lot)
            self._move(where, lot, settled - amount)
        source: list[Part] = []
        self._move(source, (earn.programme_id, AccountKind.ISSUED), amount)
        posted.gifts.append((where, source[0]))

    def _earn(self, posted: Posted) -> None:
        for earn in posted.request.earn:
            self._give(posted, earn, earn.fixed)
        posted.amount = sum(source.amount for _, source in posted.gifts)

    def _top_up(self, posted: Posted) -> None:
        self._receive(posted, posted.request.amount)
        source = CASH if posted.request.shop_id is None else (posted.request.shop_id, AccountKind.PAYABLE)
        self._move(posted.paid, source, posted.amount)

    def _receive(self, posted: Posted, amount: int) -> None:
        wallet = posted.request.wallet_id
        settled = min(amount, max(0, -self.balances[wallet, AccountKind.OWED]))
        if settled:
            self._move(posted.got, (wallet, AccountKind.OWED), -settled)
        if amount > settled:
            self._move(posted.got, (wallet, AccountKind.MONEY), settled - amount)
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
            self._move(posted.paid, TRANSIT, request.amount)
            return
        if self.balances[request.wallet_id, AccountKind.MONEY] < request.amount:
            raise RefusedError(Reason.INSUFFICIENT_FUNDS)
        self._move(posted.paid, (request.wallet_id, AccountKind.MONEY), request.amount)
        self._move(posted.got, TRANSIT, -request.amount)
        posted.amount = request.amount

    def _expiry(self, posted: Posted) -> None:
        lot = self.lot_of[posted.request.tender[0].account_id]
        held = self.balances[lot]
        if lot[2][2] > self.now - timedelta(hours=72):
            raise RefusedError(Reason.INVALID_TRANSACTION)
        if not held:
            raise RefusedError(Reason.INVALID_AMOUNT)
        self._move(posted.paid, lot, held)
        self._move(posted.got, (lot[2][0], AccountKind.LAPSED), -held)
        posted.amount = held

    def _reversal(self, posted: Posted) -> None:
        stated = posted.request.original
        sale = self.done.get(stated.key)
        if sale is None:
            posted.reason = Reason.ALREADY_REVERSED if stated.key in self.buried else Reason.TOMBSTONE_WRITTEN
            self.buried.setdefault(stated.key, stated.content_time)
        elif sale.is_reversed:
            posted.reason = Reason.ALREADY_REVERSED
        elif not sale.amount or sale.returned:
            posted.reason = Reason.NOTHING_TO_REVERSE
        elif sale.request.kind not in (
            EntryKind.PURCHASE,
            EntryKind.ADVICE,
            EntryKind.TOP_UP,
            EntryKind.EARN,
        ):
            raise RefusedError(Reason.FUNCTION_NOT_SUPPORTED)
        else:
            stands = stated.stands or 0
            if stands > sale.amount or (stands and sale.request.kind is EntryKind.EARN):
                raise RefusedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
            if stands == sale.amount:
                posted.reason = Reason.NOTHING_TO_REVERSE
                return
            self._return(posted, sale, sale.amount - stands)
            sale.is_reversed = True

    def _refund(self, posted: Posted) -> None:
        request = posted.request
        sale = self.done.get(request.original.key)
        if sale is None or not sale.amount:
            raise RefusedError(Reason.ORIGINAL_NOT_FOUND)
        if sale.request.kind not in (EntryKind.PURCHASE, EntryKind.ADVICE):
            raise RefusedError(Reason.FUNCTION_NOT_SUPPORTED)
        if request.shop_id != sale.request.shop_id:
            raise RefusedError(Reason.NOT_PERMITTED_TO_TERMINAL)
        if sale.is_reversed or request.amount > sale.amount - sale.returned:
            raise RefusedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
        for line, article in enumerate(request.original.lines):
            if article.amount > sum(part.left for part in sale.paid if part.line == line):
                raise RefusedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
        if request.kind is EntryKind.VOID:
            if sale.returned or request.amount != sale.amount:
                raise RefusedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
            sale.is_reversed = True
        self._return(posted, sale, request.amount)

    _void = _refund

    def _return(self, posted: Posted, sale: Posted, amount: int) -> None:
        gives = [(source.left, where, source) for where, source in sale.gifts]
        left = sale.amount - sale.returned
        articles = posted.request.original.lines
        if articles:
            for line, article in enumerate(articles):
                self._put_back([part for part in sale.paid if part.line == line], article.amount)
        else:
            self._put_back(sale.paid, amount)
        for held, _, source in gives:
            self._put_back([source], held * amount // left)
        self._put_back(sale.got, amount)
        for held, where, _ in gives:
            self._put_back(where, held * amount // left)
        sale.returned += amount
        posted.amount = amount

    def _put_back(self, parts: list[Part], amount: int) -> None:
        if not amount or not parts:
            return
        for part, share in zip(parts, fair(amount, [abs(part.left) for part in parts]), strict=True):
            self._undo(part, share if part.amount > 0 else -share)

    def _undo(self, part: Part, share: int) -> None:
        """Give a positive share back to the purse; take a negative one, as far as it is there, and let the rest be owed."""
        part.back += share
        owner, kind = part.purse[:2]
        if share < 0 and kind in (AccountKind.MONEY, AccountKind.CREDIT_LOT):
            taken = min(-share, max(0, self.balances[part.purse]))
            self.balances[part.purse] -= taken
            debt = (
                (owner, AccountKind.OWED)
                if kind is AccountKind.MONEY
                else (owner, AccountKind.CREDIT_OWED, part.purse[2][3])
            )
            self.balances[debt] -= -share - taken
        else:
            self.balances[part.purse] += share
