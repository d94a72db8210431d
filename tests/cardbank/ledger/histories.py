"""Random histories of one small city: what may be asked, in which order, and how it is told to bank and model alike."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, timedelta

import msgspec
from hypothesis import strategies as st
from msgspec.structs import replace

from cardbank.ledger.types import (
    RIAL,
    AccountKind,
    Answer,
    Earn,
    EntryKind,
    Key,
    Line,
    Original,
    PostingRequest,
    Source,
    Tender,
    Terms,
)
from cardbank.reasons import Reason
from tests.cardbank.ledger.model import Model

CREDIT = AccountKind.CREDIT_LOT
EARNING_KINDS = frozenset({AccountKind.MONEY})
STARTS = (-300, -300, -300, 5)  # hours from now, by term
ENDS = (-80, -10, 10, 500)

index = st.integers(0, 30)
amounts = st.integers(1, 300)
taps = st.tuples(
    st.sampled_from(["tap", "tap", "tap", "hold"]), index, index, st.lists(st.integers(1, 90), min_size=1, max_size=3),
    st.integers(0, 4), st.integers(1, 120), st.booleans(), st.integers(0, 3), st.sampled_from([0, 1, 50, 150]),
)  # fmt: skip
steps = st.one_of(
    taps,
    taps,
    st.tuples(st.just("advice"), index, index, amounts, st.sampled_from([1, 20, 150])),
    st.tuples(st.just("top_up"), index, st.integers(1, 400), st.booleans()),
    st.tuples(st.just("earn"), index, index, amounts, st.integers(0, 3)),
    st.tuples(st.just("reverse"), index, st.sampled_from([0, 0, 0, 10, 60, 100])),
    st.tuples(st.just("refund"), index, st.integers(1, 100), st.booleans()),
    st.tuples(st.just("void"), index),
    st.tuples(st.just("send_held"), index),
    st.tuples(st.just("repeat"), index),
    st.tuples(st.just("other_content"), index),
    st.tuples(st.just("sweep"), index),
    st.tuples(st.just("transfer"), index, index, amounts),
)
histories = st.lists(steps, min_size=1, max_size=40)

# Few sales by holders who have money and credit, and returns upon returns of them: -1 is the last thing that was asked.
young = st.sampled_from([-1, -1, -1, -2, 0, 1, 2, 3])
return_steps = st.one_of(
    st.tuples(
        st.just("tap"), young, young, st.lists(st.integers(1, 90), min_size=1, max_size=2), st.sampled_from([0, 1, 3]),
        st.integers(1, 120), st.just(False), st.just(3), st.just(0),
    ),
    st.tuples(st.just("refund"), young, st.integers(1, 100), st.booleans()),
    st.tuples(st.just("void"), young),
    st.tuples(st.just("reverse"), young, st.sampled_from([0, 0, 0, 7])),
    st.tuples(st.just("spend_all"), young),
    st.tuples(st.just("earn"), young, young, amounts, st.just(3)),
)  # fmt: skip
histories_of_returns = st.lists(return_steps, min_size=8, max_size=30)


class City:
    """Turns steps into requests, posts each to the bank and to the model, and holds the answers against each other.

    `bank` has `post`, `balance(owner, kind)`, `lots(wallet)`; wallet ids of holders, shops and programmes come with it.
    """

    def __init__(
        self,
        bank: object,
        model: Model,
        holders: Sequence[int],
        shops: Sequence[int],
        programmes: Sequence[int],
        terminal: int = 1,
    ) -> None:
        self.bank, self.model = bank, model
        self.holders, self.shops, self.programmes = holders, shops, programmes
        self.now = model.now
        self.terminal = terminal
        self.stan = 0
        self.sent: list[PostingRequest] = []
        self.held: list[PostingRequest] = []
        self.answers: dict[Key, Answer] = {}

    def run(self, history: Sequence[tuple]) -> None:
        for name, *arguments in history:
            getattr(self, name)(*arguments)

    def request(self, kind: EntryKind, wallet: int, amount: int, **facts: object) -> PostingRequest:
        self.stan += 1
        key = Key(self.now.astimezone(UTC).date(), Source.TERMINAL, self.terminal, f"{self.stan:06}")
        request = PostingRequest(
            key, 0, kind, wallet, None, wallet, None, self.terminal, 1, RIAL, amount, self.now, self.now + timedelta(hours=1),
            content_time=f"{self.stan:010}",
        )  # fmt: skip
        return self.hashed(replace(request, **facts))

    def hashed(self, request: PostingRequest) -> PostingRequest:
        content = hashlib.sha256(msgspec.msgpack.encode(replace(request, content_hash=0, repeat=False))).digest()
        return replace(request, content_hash=int.from_bytes(content[:8], "big", signed=True))

    def post(self, request: PostingRequest) -> Answer:
        reason, amount = self.model.post(request)
        answer = self.bank.post(request)
        assert (answer.reason, answer.amount) == (reason, amount), request
        if request.key in self.answers and self.answers[request.key].reason == reason:
            assert replace(answer, replayed=False) == self.answers[request.key], "every answer is given again"
            assert answer.replayed or reason is Reason.REVERSED_BEFORE_ARRIVAL
        elif reason is not Reason.DUPLICATE_WITH_OTHER_CONTENT:
            self.answers[request.key] = replace(answer, replayed=False)
            self.sent.append(request)
            if answer.amount and request.wallet_id in self.holders:
                assert answer.money_balance == self.model.total(request.wallet_id, AccountKind.MONEY)
                assert answer.owed == -self.model.total(request.wallet_id, AccountKind.OWED)
                assert answer.credit_owed == -self.model.total(request.wallet_id, AccountKind.CREDIT_OWED)
        return answer

    def pick(self, among: Sequence, n: int) -> object:
        return among[n % len(among)]

    def tapped(
        self,
        wallet: int,
        shop: int,
        lines: list[int],
        mode: int,
        credit: int,
        partial: bool,
        earn: int,
        hours: int,
    ) -> PostingRequest:
        tenders = {
            0: (),
            1: (Tender(CREDIT, None, None, False), Tender(None, None, None, False)),
            2: (Tender(CREDIT, None, credit, True), Tender(AccountKind.MONEY, None, None, False)),
            3: (Tender(CREDIT, None, credit, False), Tender(AccountKind.MONEY, None, None, False)),
            4: (Tender(AccountKind.MONEY, None, credit, False), Tender(CREDIT, None, None, False)),
        }
        earns = tuple(self.earning(n, 500 + 700 * n, 0, 2 + n) for n in range(2) if earn & (1 << n))
        return self.request(
            EntryKind.PURCHASE, self.pick(self.holders, wallet), sum(lines), shop_id=self.pick(self.shops, shop),
            lines=tuple(Line(n, amount) for n, amount in enumerate(lines)) if len(lines) > 1 else (),
            tender=tenders[mode], earn=earns, partial=partial, effective_at=self.now - timedelta(hours=hours),
        )  # fmt: skip

    def earning(self, programme: int, basis_points: int, fixed: int, term: int) -> Earn:
        owner = self.programmes[programme % len(self.programmes)]
        start, end = (self.now + timedelta(hours=hours[term % 4]) for hours in (STARTS, ENDS))
        terms = Terms(CREDIT, owner, owner, None, start, end)
        return Earn(owner, 70 + programme % 2, basis_points, fixed, frozenset(), EARNING_KINDS, 10**9, terms)

    def tap(self, *arguments: object) -> None:
        self.post(self.tapped(*arguments))

    def endow(self) -> None:
        """Money and credit for everyone; what is picked by number is what comes after."""
        for n in range(len(self.holders)):
            self.top_up(n, 400, False)
            self.earn(n, 0, 60, 3)
        self.sent.clear()

    def spend_all(self, wallet: int) -> None:
        """What was given back, or is to be taken again, is not there any more."""
        owner = self.pick(self.holders, wallet)
        held = self.model.total(owner, AccountKind.MONEY)
        if held:
            self.post(self.request(EntryKind.PURCHASE, owner, held, shop_id=self.shops[0]))

    def hold(self, *arguments: object) -> None:
        self.held.append(self.tapped(*arguments))

    def send_held(self, n: int) -> None:
        if self.held:
            self.post(self.held[n % len(self.held)])

    def advice(self, wallet: int, shop: int, amount: int, hours: int) -> None:
        self.post(
            self.request(
                EntryKind.ADVICE,
                self.pick(self.holders, wallet),
                amount,
                shop_id=self.pick(self.shops, shop),
                effective_at=self.now - timedelta(hours=hours),
                earn=(self.earning(0, 900, 0, 3),),
            )
        )

    def top_up(self, wallet: int, amount: int, at_shop: bool) -> None:
        shop = self.shops[0] if at_shop else None
        self.post(self.request(EntryKind.TOP_UP, self.pick(self.holders, wallet), amount, shop_id=shop))

    def earn(self, wallet: int, programme: int, amount: int, term: int) -> None:
        earning = self.earning(programme, 0, amount, term)
        self.post(self.request(EntryKind.EARN, self.pick(self.holders, wallet), amount, earn=(earning,)))

    def reverse(self, n: int, stands: int) -> None:
        originals = [*self.sent, *self.held]
        if originals:
            original = self.pick(originals, n)
            stated = Original(original.key, None, stands or None, (), original.content_time)
            self.post(
                self.request(
                    EntryKind.REVERSAL,
                    original.wallet_id,
                    max(1, original.amount),
                    shop_id=original.shop_id,
                    original=stated,
                )
            )

    def refund(self, n: int, percent: int, by_article: bool) -> None:
        if not self.sent:
            return
        original = self.pick(self.sent, n)
        lines = original.lines or (Line(0, original.amount),)
        articles = tuple(Line(line.category, line.amount * percent // 100) for line in lines)
        amount = sum(line.amount for line in articles) if by_article else max(1, original.amount * percent // 100)
        if amount:
            stated = Original(original.key, None, None, articles if by_article else ())
            self.post(self.request(EntryKind.REFUND, original.wallet_id, amount, shop_id=original.shop_id, original=stated))

    def void(self, n: int) -> None:
        if self.sent:
            original = self.pick(self.sent, n)
            stated = Original(original.key, None, None)
            self.post(
                self.request(
                    EntryKind.VOID,
                    original.wallet_id,
                    max(1, original.amount),
                    shop_id=original.shop_id,
                    original=stated,
                )
            )

    def repeat(self, n: int) -> None:
        if self.sent:
            self.post(replace(self.pick(self.sent, n), repeat=True))

    def other_content(self, n: int) -> None:
        if self.sent:
            original = self.pick(self.sent, n)
            self.post(self.hashed(replace(original, amount=original.amount + 1, content_time="9")))

    def sweep(self, wallet: int) -> None:
        owner = self.pick(self.holders, wallet)
        for account_id, terms in sorted(self.bank.lots(owner).items()):
            self.model.lot_of[account_id] = (owner, CREDIT, terms)
            lot = (Tender(None, account_id, None, False),)
            self.post(self.request(EntryKind.EXPIRY, owner, 0, tender=lot))

    def transfer(self, source: int, target: int, amount: int) -> None:
        payer, payee = self.pick(self.holders, source), self.pick(self.holders, target)
        if payer == payee:
            return
        departure = self.request(EntryKind.TRANSFER, payer, amount, to_wallet_id=payee)
        self.post(departure)
        for _ in range(2):
            self.post(self.request(EntryKind.TRANSFER, payee, amount, original=Original(departure.key, None, None)))

    def check(self) -> None:
        """The bank and the model hold the same, purse by purse, and every answer that was given is given again."""
        for request in list(self.sent):
            self.post(replace(request, repeat=True))
        holder_kinds = (AccountKind.MONEY, CREDIT, AccountKind.OWED, AccountKind.CREDIT_OWED)
        for owners, kinds in (
            (self.holders, holder_kinds),
            (self.shops, (AccountKind.PAYABLE,)),
            (self.programmes, (AccountKind.ISSUED, AccountKind.LAPSED)),
        ):
            for owner in owners:
                for kind in kinds:
                    assert self.bank.balance(owner, kind) == self.model.total(owner, kind), (owner, kind)
        for programme in self.programmes:
            self._check_lots_add_up(programme)

    def _check_lots_add_up(self, programme: int) -> None:
        """Σ earned = spent + lapsed + left: what is issued stands in lots, lapsed, was taken back, or was paid to shops."""
        posted = self.model.done.values()
        spent = sum(
            part.left
            for sale in posted
            for part in sale.paid
            if part.purse[1] is CREDIT
            and part.purse[2][0] == programme
            and sale.request.kind in (EntryKind.PURCHASE, EntryKind.ADVICE)
        )
        left = sum(held for purse, held in self.model.balances.items() if purse[1] is CREDIT and purse[2][0] == programme)
        owed = sum(
            held for purse, held in self.model.balances.items() if purse[1] is AccountKind.CREDIT_OWED and purse[2] == programme
        )
        issued = -self.model.total(programme, AccountKind.ISSUED)
        lapsed = self.model.total(programme, AccountKind.LAPSED)
        assert issued == spent + lapsed + left + owed


Post = Callable[[PostingRequest], Answer]
