"""What is read is what stands there."""

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest

from cardbank.ledger import posting
from cardbank.ledger.batch import POST
from cardbank.ledger.store import LAZY_KINDS, Views, originals, run, stored_requests, wallets
from cardbank.ledger.types import AccountKind, EntryKind, Original
from cardbank.ledger.views import SPEND_RANK
from cardbank.reasons import Reason
from kernel import clock
from tests.cardbank.ledger.asked import Town


@pytest.fixture
def town(database_url: str) -> Iterator[Town]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield Town(connection)


def post(town: Town, *requests):
    with town.connection.transaction():
        return run(town.connection, posting.post(requests, clock.now))


def test_the_chart_in_the_database_is_the_one_in_the_code(town: Town) -> None:
    rows = town.connection.execute("SELECT id, name, is_lazy, spend_rank FROM ledger.account_kind").fetchall()
    assert {(kind, name) for kind, name, _, _ in rows} == {(int(kind), kind.name) for kind in AccountKind}
    assert {kind for kind, _, is_lazy, _ in rows if is_lazy} == LAZY_KINDS
    ranked = sorted((rank, kind) for kind, _, _, rank in rows if kind in SPEND_RANK)
    assert [kind for _, kind in ranked] == sorted(SPEND_RANK, key=SPEND_RANK.__getitem__)


def test_a_wallet_is_read_with_its_eager_accounts_and_a_shop_with_its_lazy_ones(town: Town) -> None:
    found, lazy = run(town.connection, wallets([town.holder, town.shop, 10**9]))
    assert [account.kind for account in found[town.holder].accounts] == [AccountKind.MONEY]
    assert found[town.shop].accounts == []
    assert {(owner, kind) for owner, kind, _ in lazy} == {(town.shop, AccountKind.PAYABLE)}
    assert 10**9 not in found


def test_an_original_is_found_by_its_key_and_by_its_entry(town: Town) -> None:
    bought = town.purchase(1_000, earn=town.earn(), content_time="1122093000")
    _, answer = post(town, town.top_up(5_000), bought)
    by_key = town.reversal(bought)
    by_ref = town.request(EntryKind.REFUND, 10, original=Original(None, (answer.business_date, answer.entry_id), None))
    found = run(town.connection, originals([by_key, by_ref]))
    view = found[by_key.key]
    assert (view.reason, view.amount, view.entry_id, view.content_time) == (
        Reason.APPROVED,
        1_000,
        answer.entry_id,
        "1122093000",
    )
    assert [(leg.kind, leg.amount) for leg in view.legs] == [
        (AccountKind.MONEY, -1_000), (AccountKind.PAYABLE, 1_000), (AccountKind.CREDIT_LOT, 50), (AccountKind.ISSUED, -50),
    ]  # fmt: skip
    assert found[by_ref.key].legs == view.legs


def test_a_declined_original_and_a_tombstone_have_no_legs(town: Town) -> None:
    declined, never = town.purchase(10**9), town.purchase(1)
    post(town, declined, town.reversal(never))
    asking = town.reversal(declined), town.reversal(never)
    found = run(town.connection, originals(asking))
    assert [found[one.key].is_tombstone for one in asking] == [False, True]
    assert [found[one.key].legs for one in asking] == [(), ()]


def test_a_stored_request_gives_its_answer_and_a_tombstone_none(town: Town) -> None:
    paid, never = town.top_up(70), town.purchase(1)
    (answer, _) = post(town, paid, town.reversal(never))
    stored = run(town.connection, stored_requests([paid.key, never.key, town.top_up(1).key]))
    assert stored.keys() == {paid.key, never.key}
    assert stored[paid.key].answer == answer
    assert stored[never.key].answer is None


def test_a_return_is_read_with_the_closed_account_it_touches(town: Town) -> None:
    bought = town.purchase(1_000, earn=town.earn())
    post(town, town.top_up(5_000), bought)
    town.connection.execute("UPDATE ledger.account SET closed_at = now() WHERE wallet_id = %s AND kind = 4", (town.holder,))
    returning = town.reversal(bought)
    original = run(town.connection, originals([returning]))[returning.key]
    views, missing = Views(date(2026, 1, 1)), set[int]()
    assert views.miss(missing, returning, original) == town.holder
    assert missing >= {town.holder, town.shop, town.programme}
    run(town.connection, views.read(missing))
    assert [account.closed for account in views.wallets[town.holder].accounts] == [False]
    run(town.connection, views.complete(returning, original))
    assert [account.closed for account in views.wallets[town.holder].accounts] == [False, True]


def test_the_hash_that_the_poster_makes_is_that_of_the_rows(town: Town) -> None:
    bought = town.purchase(1_000, earn=town.earn())
    post(
        town,
        town.top_up(5_000),
        bought,
        town.purchase(10**9),
        town.reversal(town.purchase(3)),
        town.purchase(7),
    )
    post(town, town.reversal(bought))
    same = town.connection.execute(
        "SELECT hash = sha256(ledger.batch_canonical(business_date, id)) FROM ledger.post_batch"
    ).fetchall()
    assert same == [(True,), (True,)]


def test_the_call_names_every_parameter_of_the_function(town: Town) -> None:
    count = town.connection.execute("SELECT pronargs FROM pg_proc WHERE proname = 'post_entries'").fetchone()[0]
    assert POST.count("$") == count
