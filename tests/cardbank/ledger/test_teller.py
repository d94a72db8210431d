"""The teller as a door sees it, over its socket, on a real database."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace

from cardbank.ledger import posting
from cardbank.ledger.client import SyncTellerClient, TellerClient
from cardbank.ledger.store import run
from cardbank.ledger.types import AccountKind, Answer, EntryKind, Original, PostingRequest, Tender, WalletKind
from cardbank.ledger.verify import verify
from cardbank.ledger.wire import MOST_BYTES, Frames, answers_of, frame
from cardbank.reasons import Reason
from kernel import clock
from tests.cardbank.ledger.asked import Town
from tests.cardbank.ledger.postgres import ROOT, TellerProcess, commits_take, waiting_for

Post = Callable[[PostingRequest], Answer]
OF_TELLER = "SELECT FROM pg_stat_activity WHERE application_name = 'teller' AND datname = current_database() AND "
COMMITTING = OF_TELLER + "wait_event = 'PgSleep'"
IN_THE_SLOW_LANE = OF_TELLER + "wait_event_type = 'Lock' AND query LIKE '%lock_wallets%'"
LOOKING_UP = OF_TELLER + "wait_event_type = 'Lock' AND query LIKE '%ledger.request%'"


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened
        assert [check for check in verify(opened) if not check.ok] == []


@pytest.fixture
def teller(connection: psycopg.Connection) -> Iterator[TellerProcess]:
    running = TellerProcess()
    yield running
    running.stop()


@pytest.fixture
def post(teller: TellerProcess) -> Iterator[Post]:
    with closing(SyncTellerClient(teller.path)) as client:
        yield client.post


@pytest.fixture
def town(connection: psycopg.Connection, post: Post) -> Town:
    town = Town(connection)
    assert post(town.top_up(10_000)).reason is Reason.APPROVED
    return town


def all_at_once(path: Path, requests: list[PostingRequest]) -> list[Answer]:
    """One frame, or two, over one connection."""

    async def ask() -> list[Answer]:
        client = TellerClient(path)
        answers = await asyncio.gather(*(client.post(request) for request in requests))
        await client.close()
        return answers

    return asyncio.run(ask())


def test_a_purchase_moves_money_and_earns_credit(town: Town, post: Post) -> None:
    answer = post(town.purchase(1_000, earn=town.earn()))
    assert (answer.reason, answer.amount, answer.earned, answer.money_balance) == (
        Reason.APPROVED,
        1_000,
        50,
        9_000,
    )
    assert (town.balance(), town.balance(kind=AccountKind.CREDIT_LOT)) == (9_000, 50)
    assert town.balance(town.shop, AccountKind.PAYABLE) == 1_000


def test_what_was_earned_by_one_tap_is_spent_by_the_next_before_the_first_is_seen_in_the_database(
    town: Town, teller: TellerProcess
) -> None:
    tender = (Tender(AccountKind.CREDIT_LOT, None, 50, True), Tender(AccountKind.MONEY, None, None, False))
    requests = [town.purchase(1_000, earn=town.earn()), town.purchase(100, tender=tender)]
    answers = all_at_once(teller.path, requests)
    assert answers[1].paid == {AccountKind.CREDIT_LOT: 50, AccountKind.MONEY: 50}


def test_many_taps_of_one_wallet_in_one_batch_chain(town: Town, teller: TellerProcess) -> None:
    answers = all_at_once(teller.path, [town.purchase(10, earn=town.earn()) for _ in range(600)])
    assert {answer.reason for answer in answers} == {Reason.APPROVED}
    assert sorted(answer.money_balance for answer in answers) == list(range(4_000, 10_000, 10))


def test_the_last_money_is_spent_once(town: Town, teller: TellerProcess) -> None:
    answers = all_at_once(teller.path, [town.purchase(6_000) for _ in range(40)])
    reasons = [answer.reason for answer in answers]
    assert (reasons.count(Reason.APPROVED), reasons.count(Reason.INSUFFICIENT_FUNDS)) == (1, 39)
    assert town.balance() == 4_000


def test_a_repeat_is_answered_again_and_posted_once(town: Town, post: Post) -> None:
    request = town.purchase(1_000)
    first, second, third = post(request), post(request), post(replace(request, repeat=True))
    assert second == third == replace(first, replayed=True)
    assert town.balance() == 9_000


def test_a_repeat_that_comes_while_the_first_is_under_way_waits_for_it(town: Town, teller: TellerProcess) -> None:
    request = town.purchase(1_000)
    answers = all_at_once(teller.path, [request] * 20)
    assert sorted(answer.replayed for answer in answers) == [False] + [True] * 19
    assert len({answer.entry_id for answer in answers}) == 1
    assert town.balance() == 9_000


def test_a_new_life_of_the_teller_knows_the_answers_of_the_old(town: Town, teller: TellerProcess, post: Post) -> None:
    request = town.purchase(1_000)
    first = post(request)
    teller.stop()
    teller.start()
    assert post(request) == replace(first, replayed=True)


def test_a_repeat_that_no_life_remembers_is_found_by_its_key(town: Town, teller: TellerProcess, post: Post) -> None:
    """The last net: the row was written by another transaction, and the door does not say that it repeats."""
    request = town.purchase(1_000)
    with town.connection.transaction():
        first = run(town.connection, posting.post([request], clock.now))[0]
    assert post(request) == replace(first, replayed=True)
    assert town.balance() == 9_000


def test_the_same_key_with_other_content_is_refused(town: Town, post: Post) -> None:
    request = town.purchase(1_000)
    post(request)
    assert post(replace(request, amount=2, content_hash=2)).reason is Reason.DUPLICATE_WITH_OTHER_CONTENT


def test_a_reversal_after_its_original_restores_everything(town: Town, post: Post) -> None:
    bought = town.purchase(1_000, earn=town.earn())
    post(bought)
    reversal = town.reversal(bought)
    assert post(reversal).reason is Reason.APPROVED
    assert post(town.reversal(bought)).reason is Reason.ALREADY_REVERSED
    assert post(reversal).replayed
    assert (town.balance(), town.balance(kind=AccountKind.CREDIT_LOT)) == (10_000, 0)


def test_a_reversal_before_its_original_leaves_a_tombstone(town: Town, post: Post) -> None:
    never = town.purchase(1_000)
    assert post(town.reversal(never)).reason is Reason.TOMBSTONE_WRITTEN
    assert post(town.reversal(never)).reason is Reason.ALREADY_REVERSED
    assert post(never).reason is Reason.REVERSED_BEFORE_ARRIVAL
    assert town.balance() == 10_000


@pytest.mark.parametrize("first", [0, 1])
def test_an_original_and_its_reversal_in_one_frame_end_at_zero(town: Town, teller: TellerProcess, first: int) -> None:
    for _ in range(10):
        bought = town.purchase(1_000, earn=town.earn())
        pair = [bought, town.reversal(bought)]
        all_at_once(teller.path, [pair[first], pair[1 - first], town.reversal(bought)])
    assert (town.balance(), town.balance(kind=AccountKind.CREDIT_LOT)) == (10_000, 0)


def test_two_refunds_at_once_never_return_more_than_was_paid(town: Town, teller: TellerProcess, post: Post) -> None:
    bought = post(town.purchase(1_000))
    named = Original(None, (bought.business_date, bought.entry_id), None)
    refunds = [town.request(EntryKind.REFUND, 300, shop_id=town.shop, original=named) for _ in range(6)]
    reasons = [answer.reason for answer in all_at_once(teller.path, refunds)]
    assert (reasons.count(Reason.APPROVED), reasons.count(Reason.MORE_THAN_IS_LEFT)) == (3, 3)
    assert town.balance() == 9_900


def test_a_tap_after_a_desk_has_changed_the_wallet_sees_the_change(town: Town, post: Post) -> None:
    post(town.purchase(1))
    with town.connection.transaction():
        run(town.connection, posting.post([town.purchase(9_000)], clock.now))
    assert post(town.purchase(1)).money_balance == 998


def test_a_decline_is_not_given_on_old_facts(town: Town, post: Post) -> None:
    post(town.purchase(9_999))
    with town.connection.transaction():
        run(town.connection, posting.post([town.top_up(5_000)], clock.now))
    assert post(town.purchase(5_000)).reason is Reason.APPROVED


def test_a_shop_that_is_opened_later_is_found(town: Town, post: Post) -> None:
    shop = town.open(WalletKind.SHOP)
    assert post(town.purchase(1, shop_id=shop + 1)).reason is Reason.INVALID_SHOP
    assert post(town.purchase(1, shop_id=shop)).reason is Reason.APPROVED
    later = town.open(WalletKind.SHOP)
    assert post(town.purchase(1, shop_id=later)).reason is Reason.APPROVED


def test_an_unknown_wallet_is_declined(town: Town, post: Post) -> None:
    assert post(town.purchase(1, wallet_id=10**12)).reason is Reason.NO_SUCH_CARD


def test_what_comes_after_its_deadline_is_not_decided(town: Town, teller: TellerProcess) -> None:
    request = town.purchase(1_000, seconds=-1)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.connect(str(teller.path))
        door.sendall(frame([(5, request)]))
        door.settimeout(5)
        (body,) = Frames().feed(door.recv(65536))
    ((number, answer),) = answers_of(body)
    assert (number, answer.reason, answer.entry_id) == (5, Reason.LEDGER_UNAVAILABLE, 0)
    assert town.balance() == 10_000


@pytest.mark.slow
def test_what_was_being_written_when_the_database_was_lost_is_looked_up_before_it_is_answered(
    town: Town, teller: TellerProcess, database_url: str
) -> None:
    """The teller gives the call up after five seconds; it commits after six, past its deadline."""
    commits_take(town.connection, seconds=6)
    with psycopg.connect(database_url) as other, ThreadPoolExecutor() as pool:
        asking = pool.submit(all_at_once, teller.path, [town.purchase(1_000, seconds=3)])
        waiting_for(town.connection, COMMITTING)
        time.sleep(0.5)
        other.execute("LOCK TABLE ONLY ledger.request IN ACCESS EXCLUSIVE MODE")
        waiting_for(town.connection, LOOKING_UP)
        time.sleep(1)
        other.rollback()
        assert asking.result()[0].reason is Reason.APPROVED
    assert town.balance() == 9_000


def test_what_a_lost_slow_session_was_writing_is_not_answered_before_it_is_looked_up(
    town: Town, teller: TellerProcess, database_url: str
) -> None:
    with psycopg.connect(database_url) as desk, psycopg.connect(database_url) as other:
        desk.execute("SELECT ledger.lock_wallets(ARRAY[%s]::bigint[])", (town.holder,))
        with ThreadPoolExecutor() as pool:
            asking = pool.submit(all_at_once, teller.path, [town.purchase(1_000, seconds=2)])
            waiting_for(town.connection, IN_THE_SLOW_LANE)
            other.execute("LOCK TABLE ONLY ledger.request IN ACCESS EXCLUSIVE MODE")
            town.connection.execute(IN_THE_SLOW_LANE.replace("SELECT", "SELECT pg_terminate_backend(pid)", 1))
            waiting_for(town.connection, LOOKING_UP)
            time.sleep(2.5)
            assert not asking.done()
            other.rollback()
            assert asking.result()[0].reason is Reason.LEDGER_UNAVAILABLE
        desk.rollback()
    assert town.balance() == 10_000


def test_a_key_outside_the_window_is_never_taken_as_new(town: Town, post: Post) -> None:
    now = datetime.now(UTC).date()
    for days, kind, reason in (
        (-11, EntryKind.PURCHASE, Reason.KEY_DATE_OUT_OF_WINDOW),
        (2, EntryKind.PURCHASE, Reason.KEY_DATE_OUT_OF_WINDOW),
        (-11, EntryKind.REVERSAL, Reason.NOTHING_TO_REVERSE),
    ):
        request = town.purchase(1) if kind is EntryKind.PURCHASE else town.reversal(town.purchase(1))
        old = replace(request, key=replace(request.key, day=now + timedelta(days=days)))
        assert post(old).reason is reason
    assert town.connection.execute("SELECT kind FROM ledger.posting_case").fetchall() == [(4,)]


def test_one_poison_request_does_not_stop_the_others(town: Town, teller: TellerProcess) -> None:
    requests = [town.purchase(10) for _ in range(300)]
    poison = {
        7: {"content_hash": 2**63},
        130: {"card_id": 2**40, "member_id": 2**63},
        299: {"content_time": "\0"},
    }
    for place, fault in poison.items():
        requests[place] = replace(requests[place], **fault)
    answers = all_at_once(teller.path, requests)
    assert {place for place, answer in enumerate(answers) if answer.reason is Reason.MALFUNCTION} == poison.keys()
    assert [answer.reason for answer in answers].count(Reason.APPROVED) == 297
    assert town.balance() == 10_000 - 2_970


def test_what_the_database_alone_refuses_is_found_and_answered(town: Town, teller: TellerProcess) -> None:
    town.connection.execute("ALTER TABLE ledger.entry ADD CONSTRAINT no_sevens CHECK (amount <> 777)")
    answers = all_at_once(teller.path, [town.purchase(777 if n == 41 else 10) for n in range(120)])
    assert [place for place, answer in enumerate(answers) if answer.reason is Reason.MALFUNCTION] == [41]
    assert town.balance() == 10_000 - 1_190


@pytest.mark.parametrize(
    "junk",
    [b"\0\0\0\4junk", (MOST_BYTES + 1).to_bytes(4, "big"), b"\0\0\0\1\x90" * 3 + b"\0\0\0\1\xc1"],
    ids=["no msgpack list", "too long", "good then bad"],
)
def test_a_door_that_sends_no_frames_is_closed_and_the_others_are_served(
    town: Town, teller: TellerProcess, post: Post, junk: bytes
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.connect(str(teller.path))
        door.sendall(junk)
        door.settimeout(5)
        assert door.recv(100) == b""
    assert post(town.purchase(1)).reason is Reason.APPROVED


def test_a_frame_may_come_in_pieces(town: Town, teller: TellerProcess) -> None:
    sent = frame([(1, town.purchase(1)), (2, town.purchase(2))])
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.connect(str(teller.path))
        for position in range(0, len(sent), 50):
            door.sendall(sent[position : position + 50])
            time.sleep(0.002)
        door.settimeout(5)
        frames, answers = Frames(), []
        while len(answers) < 2:
            for body in frames.feed(door.recv(65536)):
                answers += answers_of(body)
    assert sorted(number for number, _ in answers) == [1, 2]


def test_the_socket_is_for_its_owner_alone(teller: TellerProcess) -> None:
    assert teller.path.stat().st_mode & 0o777 == 0o600


def test_a_second_teller_waits_for_the_pen_and_leaves_the_socket_alone(town: Town, teller: TellerProcess, post: Post) -> None:
    command = [sys.executable, "-m", "cardbank.ledger.teller"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as second:
        assert "another teller holds the pen" in second.stderr.readline()
        assert post(town.purchase(1)).reason is Reason.APPROVED
        teller.kill()
        assert "the teller holds the pen" in second.stderr.readline()
        assert post(town.purchase(1)).reason is Reason.APPROVED
        second.send_signal(signal.SIGTERM)
        second.communicate()
    assert second.returncode == 0
    teller.start()


def test_the_day_turns_without_a_lost_tap(town: Town, teller: TellerProcess) -> None:
    stop = threading.Event()

    def tap() -> list[Answer]:
        answers = []
        with closing(SyncTellerClient(teller.path)) as client:
            while not stop.is_set():
                answers.append(client.post(town.purchase(1)))
        return answers

    with ThreadPoolExecutor() as pool:
        tapping = pool.submit(tap)
        (today,) = town.connection.execute("SELECT max(day) FROM ledger.business_day").fetchone()
        for days in (1, 2):
            time.sleep(0.15)
            town.connection.execute("SELECT ledger.open_day(%s)", (today + timedelta(days=days),))
            town.connection.execute("SELECT ledger.close_day(%s)", (today + timedelta(days=days - 1),))
        time.sleep(0.15)
        stop.set()
        answers = tapping.result()
    assert {answer.reason for answer in answers} == {Reason.APPROVED}
    assert {answer.business_date for answer in answers} == {today + timedelta(days=days) for days in range(3)}
    town.connection.execute("SELECT ledger.roll_up(10000)")
    town.connection.execute("SELECT ledger.seal_day(day) FROM ledger.business_day ORDER BY day")


def test_a_missing_setting_stops_the_start_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "PILGRIM_TELLER_SOCKET"}
    done = subprocess.run(
        [sys.executable, "-m", "cardbank.ledger.teller"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "PILGRIM_TELLER_SOCKET" in done.stderr
