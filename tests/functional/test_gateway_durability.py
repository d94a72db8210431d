"""On a database with fsync on: gateway and teller are killed under load, and no acknowledged purchase is lost or doubled."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.bench.cluster import durable_cluster, migrated_database
from tests.functional.bank import MONEY, Bank
from tests.functional.till import Till, wait_until

TILLS = 6
PURCHASES = 30
KILLS = 4
AMOUNT = 1_000


@pytest.fixture
def durable_bank(redis_url: str, tmp_path: Path) -> Iterator[Bank]:
    with durable_cluster() as cluster:
        bank = Bank(migrated_database(cluster, "pilgrim"), redis_url, tmp_path)
        bank.start()
        yield bank
        bank.stop()


def buy(till: Till, number: str, approved: list[str]) -> None:
    """Thirty purchases, each repeated until its answer has come."""
    for _ in range(PURCHASES):
        message = till.purchase(number, AMOUNT)
        while True:
            try:
                reply = till.ask(message)
            except OSError:
                till.close()
                message = till.again(message)
                continue
            if reply.code == "00":
                approved.append(f"{till.config['terminal']} {message.fields[11]} {reply[37]}")
                break
            assert reply.code == "91", reply.reason
            message = till.again(message)


@pytest.mark.durable
@pytest.mark.slow
def test_killed_gateways_and_tellers_lose_no_acknowledged_purchase(durable_bank: Bank) -> None:
    bank = durable_bank
    cards = [bank.card() for _ in range(TILLS)]
    tills = [bank.till() for _ in range(TILLS)]
    approved: list[str] = []
    threads = [
        threading.Thread(target=buy, args=(till, card["card_number"], approved)) for till, card in zip(tills, cards, strict=True)
    ]
    for thread in threads:
        thread.start()
    for turn in range(1, KILLS + 1):
        wait_until(lambda turn=turn: len(approved) >= turn * TILLS * PURCHASES // (KILLS + 1), 60)  # type: ignore[misc]
        if turn % 2:
            bank.gateway.kill()
            bank.start_gateway()
        else:
            bank.teller.kill()
            bank.start_teller()
    for thread in threads:
        thread.join(120)
    for till in tills:
        till.close()
    assert len(approved) == len(set(approved)) == TILLS * PURCHASES
    assert [bank.balance(card) for card in cards] == [MONEY - PURCHASES * AMOUNT] * TILLS
    [(purchases, keys)] = bank.read(
        "SELECT count(*), count(DISTINCT (key_date, source, source_key, terminal_id)) FROM ledger.entry WHERE shop_id IS NOT NULL"
    )
    assert purchases == keys == TILLS * PURCHASES
    assert bank.unbalanced() == []
