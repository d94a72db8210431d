"""Requests for tests of the store and the teller, and the wallets that they move."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from cardbank.ledger.types import (
    RIAL,
    AccountKind,
    Earn,
    EntryKind,
    Key,
    Original,
    PostingRequest,
    Source,
    Terms,
    WalletKind,
)

numbers = itertools.count(1)


class Town:
    """A holder, a shop and a programme whose credit is a twentieth of what money pays."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.holder, self.shop, self.programme = (
            self.open(kind) for kind in (WalletKind.HOLDER, WalletKind.SHOP, WalletKind.PROGRAMME)
        )
        self.terminal = next(numbers)

    def open(self, kind: WalletKind) -> int:
        return self.connection.execute("SELECT ledger.open_wallet(%s::smallint, 1)", (int(kind),)).fetchone()[0]

    def request(self, kind: EntryKind, amount: int, seconds: float = 15, **changes: Any) -> PostingRequest:
        now = datetime.now(UTC)
        number = next(numbers)
        facts: dict[str, Any] = {
            "key": Key(now.date(), Source.TERMINAL, self.terminal, f"{number:06d}"),
            "content_hash": hash((number, amount)),
            "kind": kind,
            "wallet_id": self.holder,
            "member_id": None,
            "card_id": None,
            "shop_id": None,
            "terminal_id": self.terminal,
            "terminal_batch": 1,
            "unit": RIAL,
            "amount": amount,
            "effective_at": now,
            "deadline": now + timedelta(seconds=seconds),
        }
        return PostingRequest(**(facts | changes))

    def top_up(self, amount: int, **changes: Any) -> PostingRequest:
        return self.request(EntryKind.TOP_UP, amount, **changes)

    def purchase(self, amount: int, **changes: Any) -> PostingRequest:
        return self.request(EntryKind.PURCHASE, amount, **({"shop_id": self.shop} | changes))

    def reversal(self, original: PostingRequest, **changes: Any) -> PostingRequest:
        named = Original(original.key, None, None)
        return self.request(EntryKind.REVERSAL, original.amount, **({"shop_id": self.shop, "original": named} | changes))

    def refund(self, original: PostingRequest, amount: int) -> PostingRequest:
        named = Original(original.key, None, None)
        return self.request(EntryKind.REFUND, amount, shop_id=self.shop, original=named)

    def earn(self, until: datetime | None = None) -> tuple[Earn, ...]:
        now = datetime.now(UTC)
        until = until or datetime(2100, 1, 1, tzinfo=UTC)
        terms = Terms(AccountKind.CREDIT_LOT, self.programme, self.programme, None, now - timedelta(days=400), until)
        return (Earn(self.programme, 7, 500, 0, frozenset(), frozenset({AccountKind.MONEY}), 10**12, terms),)

    def balance(self, wallet: int | None = None, kind: AccountKind = AccountKind.MONEY) -> int:
        query = "SELECT coalesce(sum(balance), 0)::bigint FROM ledger.account_now WHERE wallet_id = %s AND kind = %s"
        return self.connection.execute(query, (wallet or self.holder, int(kind))).fetchone()[0]

    def entries(self) -> int:
        return self.connection.execute("SELECT count(*) FROM ledger.entry WHERE wallet_id = %s", (self.holder,)).fetchone()[0]
