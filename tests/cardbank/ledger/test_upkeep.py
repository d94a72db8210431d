"""Upkeep takes what it can see, stops nobody, and may run again at any time."""

import hashlib
import itertools
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from cardbank.ledger import posting, services, tasks, upkeep
from cardbank.ledger.store import run
from cardbank.ledger.types import AccountKind, Answer, PostingRequest
from cardbank.ledger.verify import verify
from cardbank.reasons import Reason
from kernel import clock
from kernel.settings import load_settings
from tests.cardbank.ledger.asked import Town


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened
        assert [check for check in verify(opened) if not check.ok] == []


@pytest.fixture
def town(connection: psycopg.Connection) -> Town:
    town = Town(connection)
    post(town, town.top_up(10_000))
    return town


def post(town: Town, *requests: PostingRequest) -> list[Answer]:
    with town.connection.transaction():
        return run(town.connection, posting.post(requests, clock.now))


def payable(town: Town) -> tuple[int, int]:
    """What is rolled up, and what the shop is owed at this moment."""
    query = "SELECT (SELECT balance FROM ledger.{} WHERE wallet_id = %s)"
    stored, now = (town.connection.execute(query.format(table), (town.shop,)).fetchone()[0] for table in ("account", "account_now"))
    return stored, now


def test_what_a_shop_is_owed_is_the_same_before_and_after_the_roll_up(town: Town, session: Session) -> None:
    post(town, town.purchase(300), town.purchase(200))
    assert payable(town) == (0, 500)
    assert upkeep.roll_up(session) == 2
    session.commit()
    assert payable(town) == (500, 500)
    assert upkeep.roll_up(session) == 0


def test_a_batch_that_took_its_ids_early_and_commits_late_is_not_skipped(town: Town, session: Session, database_url: str) -> None:
    with psycopg.connect(database_url) as desk:
        run(desk, posting.post([town.purchase(300)], clock.now))
        other = Town(town.connection)
        post(town, other.top_up(50))
        upkeep.roll_up(session)
        session.commit()
        assert payable(town) == (0, 0)
        desk.commit()
    assert upkeep.roll_up(session) == 1
    session.commit()
    assert payable(town) == (300, 300)


def test_two_roll_ups_at_once_add_each_leg_once(town: Town, session: Session) -> None:
    post(town, town.purchase(300))
    with Session(session.get_bind()) as second:
        assert (upkeep.roll_up(session), upkeep.roll_up(second)) == (2, 0)
        session.commit()
        second.commit()
    assert payable(town) == (300, 300)


def test_partitions_are_made_once_and_ahead(town: Town, session: Session) -> None:
    today = datetime.now(UTC).date()
    last = session.execute(text("SELECT max(upper) FROM ledger.partition_range WHERE parent = 'request'")).scalar_one()
    assert upkeep.make_partitions(session, last, "month") > 0
    assert upkeep.make_partitions(session, last, "month") == 0
    uppers = dict(session.execute(text("SELECT parent, max(upper) FROM ledger.partition_range GROUP BY parent")).all())
    assert min(uppers.values()) > last + upkeep.AHEAD
    assert today < last


def test_partitions_by_day_follow_partitions_by_month_without_a_gap(town: Town, session: Session) -> None:
    last = session.execute(text("SELECT max(upper) FROM ledger.partition_range WHERE parent = 'posting'")).scalar_one()
    upkeep.make_partitions(session, last, "day")
    ranges = session.execute(text("SELECT lower, upper FROM ledger.partition_range WHERE parent = 'posting' ORDER BY lower")).all()
    assert all(before.upper == after.lower for before, after in itertools.pairwise(ranges))
    assert ranges[-1].upper - ranges[-1].lower == timedelta(days=1)


def test_the_worker_makes_partitions_as_the_settings_say(town: Town, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    last = session.execute(text("SELECT max(upper) FROM ledger.partition_range WHERE parent = 'entry'")).scalar_one()
    monkeypatch.setenv("PILGRIM_LEDGER_PARTITIONS", "day")
    load_settings.cache_clear()
    monkeypatch.setattr(clock, "now", lambda: datetime.combine(last, time(12), UTC))
    tasks.make_partitions(session)
    longest = text("SELECT max(upper - lower) FROM ledger.partition_range WHERE parent = 'entry' AND lower >= :last")
    assert session.execute(longest, {"last": last}).scalar_one() == 1


def test_a_partition_is_made_while_somebody_posts(town: Town, session: Session, database_url: str) -> None:
    """ATTACH waits for nobody who only writes; CREATE … PARTITION OF would wait here until the desk commits."""
    last = session.execute(text("SELECT max(upper) FROM ledger.partition_range WHERE parent = 'posting'")).scalar_one()
    session.rollback()
    with psycopg.connect(database_url) as desk:
        run(desk, posting.post([town.purchase(300)], clock.now))
        session.execute(text("SET LOCAL lock_timeout = '2s'"))
        assert upkeep.make_partitions(session, last, "month") > 0
        session.commit()
        desk.commit()
    assert town.balance() == 9_700


def test_old_request_partitions_are_dropped_and_their_entries_stay(town: Town, database_url: str) -> None:
    query = "SELECT min(lower), max(upper) FROM ledger.partition_range WHERE parent = 'request'"
    first, _ = town.connection.execute(query).fetchone()
    dropped = upkeep.drop_old_requests(database_url, first + upkeep.REQUESTS_KEPT + timedelta(days=2))
    assert dropped == [f"request_{first + timedelta(days=n):%Y%m%d}" for n in range(2)]
    assert upkeep.drop_old_requests(database_url, first + upkeep.REQUESTS_KEPT + timedelta(days=2)) == []
    assert town.connection.execute(query).fetchone()[0] == first + timedelta(days=2)
    assert town.entries() == 1


def next_day(session: Session) -> date:
    day: date = session.execute(text("SELECT max(day) FROM ledger.business_day")).scalar_one()
    return day + timedelta(days=1)


def test_a_new_day_is_opened_once_and_never_backwards(town: Town, session: Session) -> None:
    day = next_day(session)
    assert upkeep.open_day(session, day) is True
    assert upkeep.open_day(session, day) is False
    assert upkeep.open_day(session, day - timedelta(days=3)) is False


def test_what_is_posted_after_the_new_day_is_open_is_booked_on_it(town: Town, session: Session) -> None:
    day = next_day(session)
    upkeep.open_day(session, day)
    session.commit()
    assert post(town, town.purchase(10))[0].business_date == day


def test_closing_a_day_waits_for_who_is_posting_into_it(town: Town, session: Session, database_url: str) -> None:
    with psycopg.connect(database_url) as straggler:
        answers = run(straggler, posting.post([town.purchase(300)], clock.now))
        upkeep.open_day(session, next_day(session))
        session.commit()
        session.execute(text("SET LOCAL lock_timeout = '200ms'"))
        with pytest.raises(Exception, match="lock timeout"):
            upkeep.close_days(session)
        session.rollback()
        straggler.commit()
    assert upkeep.close_days(session) == [answers[0].business_date]
    session.commit()


def closed(session: Session) -> list[int]:
    upkeep.open_day(session, next_day(session))
    session.commit()
    upkeep.close_days(session)
    session.commit()
    seals = upkeep.settle_days(session)
    session.commit()
    return seals


def test_a_closed_day_has_the_balances_of_the_accounts_it_touched(town: Town, session: Session) -> None:
    post(town, town.purchase(300))
    closed(session)
    post(town, town.purchase(200))
    closed(session)
    closed(session)
    query = text(
        """SELECT a.kind, d.balance FROM ledger.day_balance d JOIN ledger.account a ON a.id = d.account_id
           WHERE a.wallet_id IN (:holder, :shop) ORDER BY d.business_date, a.kind"""
    )
    rows = session.execute(query, {"holder": town.holder, "shop": town.shop}).all()
    money, owed = AccountKind.MONEY, AccountKind.PAYABLE
    assert rows == [(money, 9_700), (owed, 300), (money, 9_500), (owed, 500)]


def test_seals_form_a_chain_over_the_hashes_of_their_batches(town: Town, session: Session) -> None:
    post(town, town.purchase(300))
    assert closed(session) == [1]
    post(town, town.purchase(200))
    assert closed(session) == [2]
    assert closed(session) == []
    before = b""
    for number, previous, sealed in session.execute(text("SELECT no, prev_hash, hash FROM ledger.seal ORDER BY no")):
        hashes = session.execute(
            text("SELECT hash FROM ledger.post_batch WHERE seal_no = :no ORDER BY business_date, id"),
            {"no": number},
        ).scalars()
        assert previous == before
        assert sealed == hashlib.sha256(before + b"".join(hashes)).digest()
        before = sealed


def test_a_seal_in_the_middle_of_a_day_takes_what_it_sees_and_the_next_one_the_rest(town: Town, session: Session) -> None:
    post(town, town.purchase(200))
    assert upkeep.seal_open_day(session) == 1
    session.commit()
    assert payable(town) == (200, 200)
    assert upkeep.seal_open_day(session) is None
    post(town, town.purchase(300))
    assert upkeep.seal_open_day(session) == 2
    session.commit()
    post(town, town.purchase(400))
    assert closed(session) == [3]


def test_what_is_altered_on_the_open_day_after_its_seal_is_found(town: Town, session: Session) -> None:
    step, seconds = tasks.STEPS["ledger_seal_open_day"]
    step(session)
    session.commit()
    assert seconds == 3_600
    (sealed,) = town.connection.execute("SELECT hash FROM ledger.seal").fetchone()
    change = "UPDATE ledger.seal SET hash = %s"
    town.connection.execute(change, (b"other",))
    assert [check.number for check in verify(town.connection) if not check.ok] == [11]
    town.connection.execute(change, (sealed,))


def test_seals_are_exported_once_line_by_line(town: Town, session: Session, tmp_path: Path) -> None:
    closed(session)
    file = tmp_path / "seals.jsonl"
    assert upkeep.export_seals(session, file) == 1
    session.commit()
    assert upkeep.export_seals(session, file) == 0
    (line,) = file.read_text().splitlines()
    sealed = session.execute(text("SELECT hash, entries FROM ledger.seal")).one()
    assert (json.loads(line)["hash"], json.loads(line)["entries"]) == (sealed.hash.hex(), sealed.entries)


def test_an_expired_lot_lapses_after_the_offline_window_and_closes_when_no_return_can_reach_it(
    town: Town, session: Session
) -> None:
    until = datetime.now(UTC) - timedelta(days=5)
    lot = {"wallet": town.holder, "programme": town.programme, "until": until}
    post(town, town.purchase(1_000, earn=town.earn(until)))

    def through_services(request: PostingRequest) -> Answer:
        return services.post(session, [request])[0]

    assert upkeep.expired_lots(session, until + timedelta(hours=71)) == []
    assert upkeep.sweep_lots(session, datetime.now(UTC), through_services) == 1
    session.commit()
    assert upkeep.sweep_lots(session, datetime.now(UTC), through_services) == 0
    assert town.balance(town.programme, AccountKind.LAPSED) == 50
    query = text("SELECT balance, closed_at IS NULL FROM ledger.account WHERE wallet_id = :wallet AND kind = 4")
    assert session.execute(query, lot).all() == [(0, True)]
    upkeep.sweep_lots(session, until + upkeep.RETURN_WINDOW + timedelta(days=1), through_services)
    assert session.execute(query, lot).all() == [(0, False)]
    session.commit()


def test_a_lot_that_was_forgotten_for_long_is_swept_under_a_key_that_may_still_be_new(town: Town, session: Session) -> None:
    until = datetime.now(UTC) - timedelta(days=200)
    post(town, town.purchase(1_000, earn=town.earn(until)))
    (request,) = upkeep.expired_lots(session, datetime.now(UTC))
    assert services.post(session, [request])[0].reason is Reason.APPROVED
    session.commit()


@pytest.mark.parametrize("name", [name for name in tasks.STEPS if name != "ledger_drop_old_requests"])
def test_each_step_runs_on_a_quiet_ledger(town: Town, session: Session, name: str) -> None:
    step, seconds = tasks.STEPS[name]
    step(session)
    session.commit()
    assert seconds > 0


def test_the_daily_step_drops_nothing_that_is_young(town: Town, session: Session) -> None:
    def partitions() -> Any:
        return session.execute(text("SELECT count(*) FROM ledger.partition_range")).scalar_one()

    before = partitions()
    session.commit()
    tasks.drop_old_requests(session)
    assert partitions() == before
