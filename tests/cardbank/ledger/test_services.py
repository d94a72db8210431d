"""Posting within another transaction: all or nothing with the business rows, and nothing on stale facts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cardbank.ledger import services
from cardbank.ledger.errors import LedgerBusy
from cardbank.ledger.types import AccountKind, EntryKind, Original, Terms, WalletKind
from cardbank.ledger.verify import verify
from cardbank.reasons import Reason
from tests.cardbank.ledger.asked import Town


@pytest.fixture
def town(database_url: str) -> Iterator[Town]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield Town(connection)
        assert [check for check in verify(connection) if not check.ok] == []


def test_what_is_posted_stands_when_the_transaction_commits_and_not_before(town: Town, session: Session) -> None:
    services.post(session, [town.top_up(900)])
    assert town.balance() == 0
    session.commit()
    assert town.balance() == 900


def test_what_is_rolled_back_leaves_nothing(town: Town, session: Session) -> None:
    request = town.top_up(900)
    services.post(session, [request])
    session.rollback()
    assert services.post(session, [request])[0].replayed is False


def test_the_same_key_is_answered_again_and_posted_once(town: Town, session: Session) -> None:
    request = town.top_up(900)
    first, second = services.post(session, [request, request])
    session.commit()
    third = services.post(session, [request])[0]
    assert (first.replayed, second.replayed, third.replayed) == (False, True, True)
    assert third == replace(first, replayed=True)
    assert (town.balance(), town.entries()) == (900, 1)


def test_the_same_key_with_other_content_is_refused(town: Town, session: Session) -> None:
    request = town.top_up(900)
    answers = services.post(session, [request, replace(request, amount=901, content_hash=5)])
    assert answers[1].reason is Reason.DUPLICATE_WITH_OTHER_CONTENT


def test_a_decline_is_stored_and_posts_nothing(town: Town, session: Session) -> None:
    request = town.purchase(1)
    declined = services.post(session, [request])[0]
    session.commit()
    assert declined.reason is Reason.INSUFFICIENT_FUNDS
    assert services.post(session, [request])[0] == replace(declined, replayed=True)
    assert town.entries() == 0


def test_a_refusal_of_the_door_is_stored_unless_the_key_is_known(town: Town, session: Session) -> None:
    paid, blocked = town.top_up(900), town.purchase(1, refusal=Reason.CARD_BLOCKED)
    services.post(session, [paid])
    answers = services.post(session, [replace(paid, refusal=Reason.CARD_BLOCKED), blocked, replace(blocked, refusal=None)])
    assert [answer.reason for answer in answers] == [
        Reason.APPROVED,
        Reason.CARD_BLOCKED,
        Reason.CARD_BLOCKED,
    ]


def test_a_transfer_is_two_entries_of_one_call(town: Town, session: Session) -> None:
    other = town.open(WalletKind.HOLDER)
    leaves = town.request(EntryKind.TRANSFER, 400, to_wallet_id=other)
    arrives = town.request(EntryKind.TRANSFER, 400, wallet_id=other, original=Original(leaves.key, None, None))
    answers = services.post(session, [town.top_up(900), leaves, arrives])
    session.commit()
    assert [answer.reason for answer in answers] == [Reason.APPROVED] * 3
    assert (town.balance(), town.balance(other)) == (500, 400)


def test_two_returns_of_one_purchase_in_one_call_return_it_once(town: Town, session: Session) -> None:
    bought = town.purchase(300)
    answers = services.post(session, [town.top_up(900), bought, town.reversal(bought), town.reversal(bought)])
    session.commit()
    assert [answer.reason for answer in answers[2:]] == [Reason.APPROVED, Reason.ALREADY_REVERSED]
    assert town.balance() == 900


def test_a_debt_that_had_to_be_posted_has_a_case(town: Town, session: Session) -> None:
    paid = town.top_up(900, shop_id=town.shop)
    services.post(session, [paid, town.purchase(600)])
    services.post(session, [town.reversal(paid)])
    session.commit()
    assert town.balance(kind=AccountKind.OWED) == -600
    assert session.execute(text("SELECT kind, amount FROM ledger.posting_case")).all() == [(2, 600)]


def test_a_key_that_another_transaction_is_writing_is_busy(town: Town, session: Session) -> None:
    request = town.top_up(900)
    other_wallet = replace(request, wallet_id=town.open(WalletKind.HOLDER))
    services.post(session, [request])
    with Session(session.get_bind()) as second, pytest.raises(LedgerBusy):
        services.post(second, [other_wallet])


def test_an_account_is_opened_with_the_floor_of_its_kind(town: Town, session: Session) -> None:
    opened = [
        services.open_account(session, town.holder, AccountKind.GIFT),
        services.open_account(session, town.holder, AccountKind.OWED),
        services.open_account(session, town.holder, AccountKind.LINE, floor=-5_000),
    ]
    rows = session.execute(text("SELECT floor FROM ledger.account WHERE id = ANY(:ids) ORDER BY id"), {"ids": opened})
    assert rows.scalars().all() == [0, None, -5_000]


def test_a_second_purse_of_money_in_one_unit_is_refused(town: Town, session: Session) -> None:
    with pytest.raises(IntegrityError, match="account_one_money"):
        services.open_account(session, town.holder, AccountKind.MONEY)


def test_a_lot_is_opened_with_its_terms(town: Town, session: Session) -> None:
    now = datetime.now(UTC)
    terms = Terms(AccountKind.CREDIT_LOT, town.programme, town.programme, None, now, now + timedelta(days=1))
    lot = services.open_account(session, town.holder, terms.kind, terms=terms)
    row = session.execute(text("SELECT programme_id, usable_until FROM ledger.account WHERE id = :id"), {"id": lot}).one()
    assert row == (town.programme, terms.usable_until)


def test_touch_raises_the_versions_of_the_wallet(town: Town, session: Session) -> None:
    query = text("SELECT version FROM ledger.account WHERE wallet_id = :id")
    before = session.execute(query, {"id": town.holder}).scalar_one()
    services.touch(session, town.holder)
    assert session.execute(query, {"id": town.holder}).scalar_one() == before + 1


def test_a_whole_wallet_of_each_kind_has_the_accounts_of_the_chart(town: Town, session: Session) -> None:
    query = text("SELECT kind FROM ledger.account WHERE wallet_id = :id ORDER BY kind")
    kinds = {
        kind: session.execute(query, {"id": services.open_wallet(session, kind)}).scalars().all()
        for kind in (WalletKind.HOLDER, WalletKind.FAMILY, WalletKind.SHOP, WalletKind.PROGRAMME)
    }
    assert kinds == {
        WalletKind.HOLDER: [AccountKind.MONEY],
        WalletKind.FAMILY: [AccountKind.MONEY],
        WalletKind.SHOP: [AccountKind.PAYABLE],
        WalletKind.PROGRAMME: [AccountKind.ISSUED, AccountKind.LAPSED, AccountKind.FUNDER_DUE],
    }
