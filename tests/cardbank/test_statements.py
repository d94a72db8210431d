from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from cardbank import statements
from cardbank.cards.models import Card
from cardbank.ledger.types import AccountKind, EntryKind, Key, Source
from cardbank.reasons import Reason
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import NotFound
from merchants.models import Terminal
from tests import factories
from tests.purchases import purchase, reverse


@pytest.fixture
def till(session: Session) -> Terminal:
    """A till of a shop in a programme that gives back 5 %."""
    club = factories.programme(session)
    made = factories.terminal(session, programme_id=club.id)
    session.commit()
    return made


@pytest.fixture
def card(session: Session) -> Card:
    made = factories.card(session, money_rial=10_000_000)
    session.commit()
    return made


def today() -> date:
    return local_day(clock.now())


def everything(session: Session, card: Card, **options: object) -> statements.StatementPage:
    return statements.statement(session, card.wallet_id, today(), today(), **options)


def test_balances_follow_a_top_up_a_purchase_and_the_credit_it_earns(session: Session, till: Terminal, card: Card) -> None:
    before = statements.balances(session, card.wallet_id, clock.now())
    assert (before.money_rial, before.credit_rial, before.expires_next) == (10_000_000, 0, None)
    purchase(session, till.code, card, 2_000_000)
    after = statements.balances(session, card.wallet_id, clock.now())
    assert (after.money_rial, after.credit_rial, after.owed_rial) == (8_000_000, 100_000, 0)
    assert after.expires_next is not None
    assert after.expires_next.balance_rial == 100_000


def test_credit_counts_only_between_its_two_instants(session: Session, till: Terminal, card: Card) -> None:
    purchase(session, till.code, card, 2_000_000)
    [lot] = statements.balances(session, card.wallet_id, clock.now()).lots
    moment = timedelta(microseconds=1)
    early = statements.balances(session, card.wallet_id, lot.usable_from - moment)
    assert (early.credit_rial, early.pending_rial) == (0, 100_000)
    assert statements.balances(session, card.wallet_id, lot.usable_until - moment).credit_rial == 100_000
    assert statements.balances(session, card.wallet_id, lot.usable_until).lots == ()


def test_an_unknown_wallet_has_nothing(session: Session) -> None:
    nothing = statements.balances(session, 999_999, clock.now())
    assert (nothing.money_rial, nothing.credit_rial, nothing.gift_rial, nothing.lots) == (0, 0, 0, ())


def test_the_lines_of_a_statement_add_up_to_the_balance(session: Session, till: Terminal, card: Card) -> None:
    for amount in (1_000_000, 300_000, 70_000):
        purchase(session, till.code, card, amount, spend_credit=True)
    page = everything(session, card)
    assert [line.kind for line in page.lines] == [EntryKind.PURCHASE] * 3 + [EntryKind.TOP_UP]
    balances = statements.balances(session, card.wallet_id, clock.now())
    assert sum(line.money_rial for line in page.lines) == balances.money_rial
    earned = sum(line.credit_earned_rial for line in page.lines)
    spent = sum(line.credit_spent_rial for line in page.lines)
    assert earned - spent == balances.credit_rial
    assert spent > 0
    for line in page.lines[:3]:
        assert line.amount_rial == -line.money_rial + line.credit_spent_rial
        assert line.shop_id is not None


def test_pages_show_every_line_once_newest_first(session: Session, till: Terminal, card: Card) -> None:
    for amount in range(1_000, 8_000, 1_000):
        purchase(session, till.code, card, amount)
    seen, before = [], None
    while True:
        page = everything(session, card, before=before, most=3)
        seen += page.lines
        assert len(page.lines) <= 3
        if page.older is None:
            break
        before = page.older
    assert [line.amount_rial for line in seen] == [*range(7_000, 0, -1_000), 10_000_000]


def test_a_statement_keeps_to_its_wallet_and_its_days(session: Session, till: Terminal, card: Card) -> None:
    other = factories.card(session, money_rial=500_000)
    session.commit()
    purchase(session, till.code, other, 100_000)
    assert [line.kind for line in everything(session, card).lines] == [EntryKind.TOP_UP]
    yesterday = today() - timedelta(days=1)
    assert statements.statement(session, card.wallet_id, yesterday, yesterday).lines == ()


@pytest.mark.parametrize("before", ["x", "2026-11-22T10:00:00_1", "2026-11-22T10:00:00+00:00_x", "_5"])
def test_a_position_that_was_not_given_out_is_refused(session: Session, before: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        statements.statement(session, 1, date(2026, 11, 1), date(2026, 11, 2), before=before)


def test_a_period_of_more_than_a_year_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="at most a year"):
        statements.statement(session, 1, date(2025, 1, 1), date(2026, 11, 2))


def test_a_receipt_states_paid_earned_spent_balance_and_what_expires_next(session: Session, till: Terminal, card: Card) -> None:
    purchase(session, till.code, card, 2_000_000)
    _, answer = purchase(session, till.code, card, 1_000_000, spend_credit=True)
    receipt = statements.receipt(session, answer.business_date, answer.entry_id)
    assert receipt.wallet_id == card.wallet_id
    assert (receipt.line.amount_rial, receipt.paid_money_rial) == (1_000_000, 900_000)
    assert (receipt.line.credit_spent_rial, receipt.line.credit_earned_rial) == (100_000, 45_000)
    by_kind = {(leg.kind, leg.amount_rial < 0): leg.amount_rial for leg in receipt.legs}
    assert by_kind == {
        (AccountKind.MONEY, True): -900_000,
        (AccountKind.CREDIT_LOT, True): -100_000,
        (AccountKind.CREDIT_LOT, False): 45_000,
    }
    assert len(receipt.rule_ids) == 1
    assert receipt.answer is not None
    assert (receipt.answer.money_balance, receipt.answer.credit_balance) == (7_100_000, 45_000)
    assert receipt.answer.expires_next == 45_000


def test_an_entry_that_is_none_has_no_receipt(session: Session) -> None:
    with pytest.raises(NotFound):
        statements.receipt(session, today(), 123)


def test_a_reversed_purchase_says_so_and_the_reversal_is_a_line_of_its_own(session: Session, till: Terminal, card: Card) -> None:
    key, answer = purchase(session, till.code, card, 2_000_000)
    reverse(session, till.code, card, key, 2_000_000)
    reversal, original, _ = everything(session, card).lines
    assert (reversal.kind, reversal.money_rial, reversal.is_reversed) == (EntryKind.REVERSAL, 2_000_000, False)
    assert (original.entry_id, original.is_reversed) == (answer.entry_id, True)


def test_the_feed_shows_declines_too_newest_first(session: Session, till: Terminal, card: Card) -> None:
    start = clock.now()
    purchase(session, till.code, card, 150_000)
    purchase(session, till.code, card, 99_000, refusal=Reason.CARD_LOST)
    purchase(session, till.code, card, 999_000_000)
    declined, refused, accepted, top_up = statements.feed(session, start)
    assert [tap.reason for tap in (declined, refused, accepted)] == [Reason.INSUFFICIENT_FUNDS, Reason.CARD_LOST, Reason.APPROVED]
    assert (accepted.amount_rial, accepted.earned_rial, accepted.terminal_id) == (150_000, 7_500, till.id)
    assert (top_up.kind, top_up.terminal_id) == (EntryKind.TOP_UP, None)
    assert len({tap.id for tap in (declined, refused, accepted, top_up)}) == 4


def test_what_was_given_up_before_it_arrived_is_no_tap(session: Session, till: Terminal, card: Card) -> None:
    """Neither its tombstone, which has no answer to show, nor the reversal that left it."""
    never_arrived = Key(clock.now().date(), Source.TERMINAL, till.id, "999999")
    answer = reverse(session, till.code, card, never_arrived, 150_000)
    assert answer.reason is Reason.TOMBSTONE_WRITTEN
    assert [tap.kind for tap in statements.feed(session, clock.now())] == [EntryKind.TOP_UP]
    assert statements.day_totals(session, today()).declined == 0


def test_the_feed_reads_a_little_back_and_no_further(session: Session, till: Terminal, card: Card) -> None:
    purchase(session, till.code, card, 150_000)
    now = clock.now()
    assert len(statements.feed(session, now)) == 2
    assert statements.feed(session, now + timedelta(minutes=1)) == []
    assert len(statements.feed(session, now, most=1)) == 1


def test_the_feed_of_one_terminal_leaves_out_the_others(session: Session, till: Terminal, card: Card) -> None:
    other = factories.terminal(session)
    session.commit()
    purchase(session, till.code, card, 150_000)
    purchase(session, other.code, card, 70_000)
    [tap] = statements.feed(session, clock.now(), terminal_id=other.id)
    assert tap.amount_rial == 70_000


def test_the_totals_of_a_day_count_what_was_answered(session: Session, till: Terminal, card: Card) -> None:
    key, _ = purchase(session, till.code, card, 150_000)
    purchase(session, till.code, card, 50_000)
    purchase(session, till.code, card, 99_000, refusal=Reason.CARD_LOST)
    reverse(session, till.code, card, key, 150_000)
    totals = statements.day_totals(session, today())
    assert (totals.purchases, totals.purchased_rial, totals.reversals) == (2, 200_000, 1)
    assert (totals.top_ups, totals.topped_up_rial) == (1, 10_000_000)
    assert (totals.declines, totals.declined) == ({Reason.CARD_LOST: 1}, 1)
    nothing = statements.day_totals(session, today() - timedelta(days=1))
    assert (nothing.purchases, nothing.declined) == (0, 0)


def test_positions_are_instants_with_a_zone() -> None:
    assert statements._position("2026-11-22T10:00:00+00:00_77") == (datetime(2026, 11, 22, 10, tzinfo=UTC), 77)
