"""Benefits in the ledger: paid for by a funder's budget, spent where they are meant for, and back to the budget when left."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from msgspec.structs import replace
from sqlalchemy.orm import Session

from cardbank.ledger import services, upkeep
from cardbank.ledger.rules.decide import decide
from cardbank.ledger.types import (
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
    WalletKind,
)
from cardbank.ledger.verify import verify
from cardbank.ledger.views import AccountView, OriginalLeg, OriginalView, ScopeView, SharedView, wallet_view
from cardbank.reasons import Reason
from tests.cardbank.ledger.asked import Town

BENEFIT, MONEY, BUDGET, ISSUED, LAPSED, BANK = (
    AccountKind.BENEFIT, AccountKind.MONEY, AccountKind.BUDGET, AccountKind.ISSUED, AccountKind.LAPSED, AccountKind.BANK,
)  # fmt: skip
FOOD, BOOKS = 106, 101
MEMBER = 4


class Benefits(Town):
    """A town with a funder that has a budget, and a holder with a purse for food."""

    def __init__(self, connection: psycopg.Connection, session: Session) -> None:
        super().__init__(connection)
        self.session = session
        self.funder = self.open(WalletKind.ORGANISATION)
        services.open_account(session, self.funder, BUDGET)
        self.scope = services.open_scope(session, shops=None, categories=[FOOD])
        session.commit()

    def post(self, *requests: PostingRequest) -> list[Reason]:
        answers = self.answers(*requests)
        return [answer.reason for answer in answers]

    def answers(self, *requests: PostingRequest) -> list[Answer]:
        answers = services.post(self.session, requests)
        self.session.commit()
        return answers

    def move(self, source: AccountKind, target: AccountKind, amount: int) -> PostingRequest:
        tender = (Tender(source, None, None, True), Tender(target, None, None, True))
        return self.request(EntryKind.SETTLEMENT, amount, wallet_id=self.funder, terminal_id=None, tender=tender)

    def purse(self, days: int = 30, since: int = 1) -> int:
        now = datetime.now(UTC)
        terms = Terms(BENEFIT, self.funder, self.funder, self.scope, now - timedelta(days=since), now + timedelta(days=days))
        opened = services.open_account(self.session, self.holder, BENEFIT, member_id=MEMBER, terms=terms)
        self.session.commit()
        return opened

    def fill(self, purse: int, amount: int) -> PostingRequest:
        now = datetime.now(UTC)
        terms = Terms(BENEFIT, self.funder, self.funder, self.scope, now, now)
        earn = Earn(self.funder, 0, 0, amount, frozenset(), frozenset(), amount, terms)
        tender = (Tender(None, purse, None, False),)
        return self.request(EntryKind.EARN, 0, member_id=MEMBER, terminal_id=None, earn=(earn,), tender=tender)

    def buy(self, amount: int, category: int = FOOD, member: int | None = MEMBER) -> PostingRequest:
        return self.purchase(amount, lines=(Line(category, amount),), member_id=member)

    def figures(self) -> dict[str, int]:
        return {
            "budget": self.balance(self.funder, BUDGET),
            "waiting": self.balance(self.funder, ISSUED),
            "lapsed": self.balance(self.funder, LAPSED),
            "benefit": self.balance(kind=BENEFIT),
            "money": self.balance(),
        }


@pytest.fixture
def town(database_url: str, session: Session) -> Iterator[Benefits]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        town = Benefits(connection, session)
        assert town.post(town.move(BANK, BUDGET, 1_000), town.move(BUDGET, ISSUED, 600), town.top_up(500)) == [Reason.APPROVED] * 3
        yield town
        assert [check for check in verify(connection) if not check.ok] == []


def test_a_benefit_pays_first_where_it_is_meant_for_and_comes_back_into_its_purse(town: Benefits) -> None:
    purse = town.purse()
    assert town.post(town.fill(purse, 600)) == [Reason.APPROVED]
    assert town.figures() == {"budget": 400, "waiting": 0, "lapsed": 0, "benefit": 600, "money": 500}
    bought = town.buy(700)
    books = town.buy(100, BOOKS)
    answer, other = town.answers(bought, books)
    assert (answer.paid, answer.benefit_balance, answer.money_balance) == ({BENEFIT: 600, MONEY: 100}, 0, 400)
    assert other.paid == {MONEY: 100}
    back = town.answers(town.refund(bought, 350))[0]
    assert back.paid == {BENEFIT: 300, MONEY: 50}
    assert town.answers(town.reversal(books))[0].paid == {MONEY: 100}
    assert town.figures() == {"budget": 400, "waiting": 0, "lapsed": 0, "benefit": 300, "money": 450}


def test_another_member_another_time_and_another_trade_find_no_benefit(town: Benefits) -> None:
    later = town.purse(since=-1)
    assert town.post(town.fill(later, 300)) == [Reason.APPROVED]
    assert [answer.paid for answer in town.answers(town.buy(10))] == [{MONEY: 10}]
    now = town.purse()
    assert town.post(town.fill(now, 300)) == [Reason.APPROVED]
    paid = [answer.paid for answer in town.answers(town.buy(10, member=None), town.buy(10, BOOKS), town.buy(10))]
    assert paid == [{MONEY: 10}, {MONEY: 10}, {BENEFIT: 10}]


def test_what_is_left_of_a_benefit_goes_back_to_the_budget(town: Benefits) -> None:
    purse = town.purse(days=-5, since=14)
    then = datetime.now(UTC) - timedelta(days=6)
    bought = replace(town.buy(100), effective_at=then)
    assert town.post(replace(town.fill(purse, 600), effective_at=then), bought) == [Reason.APPROVED] * 2

    def sweep() -> int:
        return upkeep.sweep_lots(town.session, datetime.now(UTC), lambda request: town.answers(request)[0])

    assert town.post(town.fill(purse, 1)) == [Reason.INVALID_TRANSACTION], "its time is over"
    assert (sweep(), sweep()) == (1, 0)
    assert town.post(town.reversal(bought)) == [Reason.APPROVED]
    assert sweep() == 1, "what a return brought back lapses again"
    assert town.figures()["lapsed"] == 600
    assert town.post(town.move(LAPSED, BUDGET, 600)) == [Reason.APPROVED]
    assert town.figures() == {"budget": 1_000, "waiting": 0, "lapsed": 0, "benefit": 0, "money": 500}


def test_a_budget_gives_no_more_than_it_has_and_only_a_funder_has_one(town: Benefits) -> None:
    assert town.post(town.move(BUDGET, ISSUED, 401), town.move(BUDGET, ISSUED, 400)) == [Reason.INSUFFICIENT_FUNDS, Reason.APPROVED]
    of_shop = town.request(
        EntryKind.SETTLEMENT, 5, wallet_id=town.shop, tender=(Tender(BANK, None, None, True), Tender(BUDGET, None, None, True))
    )
    assert town.post(of_shop) == [Reason.INVALID_TRANSACTION]
    assert town.post(town.move(ISSUED, BUDGET, 1_000)) == [Reason.APPROVED]


def test_verify_sees_a_benefit_that_was_spent_in_another_shop(town: Benefits) -> None:
    purse = town.purse()
    town.post(town.fill(purse, 600), town.buy(100))
    town.connection.execute("UPDATE ledger.scope SET shops = ARRAY[%s]::bigint[] WHERE id = %s", (town.shop + 1, town.scope))
    faults = [check for check in verify(town.connection) if not check.ok]
    assert [(fault.number, "outside its scope" in fault.detail) for fault in faults] == [(8, True)]
    town.connection.execute("UPDATE ledger.scope SET shops = NULL WHERE id = %s", (town.scope,))


NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def test_a_closed_purse_gives_what_comes_back_to_its_funder() -> None:
    """By the rule alone: a purse closes half a year after its end."""
    purse = AccountView(70, BENEFIT, 1, 0, 0, 5, MEMBER, 9, 9, 3, NOW - timedelta(days=400), NOW - timedelta(days=300), closed=True)
    shared = SharedView(NOW.date(), {(9, LAPSED, 1): 92, (8, AccountKind.PAYABLE, 1): 80}, {3: ScopeView(None, frozenset({FOOD}))})
    legs = (OriginalLeg(70, 7, BENEFIT, 1, -50, 0, None), OriginalLeg(80, 8, AccountKind.PAYABLE, 1, 50, 0, None))
    original = OriginalView(
        Reason.APPROVED, False, "", EntryKind.PURCHASE, 7, 3, NOW.date(), 5, 8, 1, 1, 1, 50, legs,
    )  # fmt: skip
    key = Key(NOW.date(), Source.TERMINAL, 1, "000002")
    asked = PostingRequest(
        key, 1, EntryKind.REFUND, 7, MEMBER, 3, 8, 1, 1, 1, 50, NOW, NOW + timedelta(seconds=15),
        original=Original(None, (NOW.date(), 5), None),
    )  # fmt: skip
    decision = decide(wallet_view(7, [AccountView(71, MONEY, 1, 0, 0, 1), purse]), shared, original, asked, NOW, 77)
    assert {(leg.account, leg.amount) for leg in decision.legs} == {(92, 50), (80, -50)}
