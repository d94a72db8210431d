"""Sides and totals over any history; exceptions and where their money goes, for every finding and word."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardbank.ledger.types import AccountKind, EntryKind
from merchants.batches.rules import (
    BatchEntry,
    Finding,
    Side,
    Totals,
    Upload,
    Word,
    exceptions_of,
    route_of_difference,
    route_of_word,
    side_of,
    side_of_message,
    totals_of,
)

AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
K = EntryKind
MESSAGES = {
    Side.DEBIT: ("0200", "000000"),
    Side.CREDIT: ("0200", "200000"),
    Side.DEBIT_REVERSAL: ("0400", "000000"),
    Side.CREDIT_REVERSAL: ("0400", "200000"),
}
PAYABLE, SUSPENSE, WITHHELD = AccountKind.PAYABLE, AccountKind.SUSPENSE, AccountKind.WITHHELD


@pytest.mark.parametrize(
    ("kinds", "side"),
    [
        ((K.PURCHASE,), Side.DEBIT), ((K.ADVICE,), Side.DEBIT), ((K.REFUND, K.PURCHASE), Side.CREDIT), ((K.TOP_UP,), Side.CREDIT),
        ((K.REVERSAL, K.PURCHASE), Side.DEBIT_REVERSAL), ((K.VOID, K.PURCHASE), Side.DEBIT_REVERSAL),
        ((K.REVERSAL, K.REFUND, K.PURCHASE), Side.CREDIT_REVERSAL), ((K.VOID, K.REFUND, K.PURCHASE), Side.CREDIT_REVERSAL),
        ((K.REVERSAL, K.TOP_UP), Side.CREDIT_REVERSAL), ((K.REVERSAL, K.VOID, K.PURCHASE), Side.CREDIT_REVERSAL),
        ((K.REVERSAL, K.VOID, K.REFUND), Side.DEBIT_REVERSAL), ((K.TRANSFER,), None), ((K.REVERSAL, K.EARN), None), ((K.REVERSAL,), None),
    ],
)  # fmt: skip
def test_the_side_of_an_entry(kinds: tuple[EntryKind, ...], side: Side | None) -> None:
    assert side_of(kinds) is side


@pytest.mark.parametrize(
    ("mti", "code", "side"),
    [
        ("0200", "000000", Side.DEBIT), ("0201", "200000", Side.CREDIT), ("0200", "210000", Side.CREDIT), ("0200", "280060", Side.CREDIT),
        ("0200", "020000", Side.DEBIT_REVERSAL), ("0200", "220000", Side.CREDIT_REVERSAL), ("0400", "000000", Side.DEBIT_REVERSAL),
        ("0401", "210000", Side.CREDIT_REVERSAL), ("0400", "020000", Side.CREDIT_REVERSAL), ("0100", "000000", None), ("0200", "330000", None),
    ],
)  # fmt: skip
def test_the_side_of_a_message(mti: str, code: str, side: Side | None) -> None:
    assert side_of_message(mti, code) is side


def entry(number: int, side: Side, amount: int, original: int | None = None) -> BatchEntry:
    kind = {Side.DEBIT: K.PURCHASE, Side.CREDIT: K.REFUND}.get(side, K.REVERSAL)
    day = date(2026, 11, 26)
    return BatchEntry(day, number, AT, f"{number:06d}", kind, side, amount, original=(day, original) if original else None)


def upload(of: BatchEntry, amount: int | None = None) -> Upload:
    assert of.side
    mti, code = MESSAGES[of.side]
    return Upload(of.stan, mti, code, of.amount_rial if amount is None else amount, str(of.entry_id))


histories = st.lists(st.tuples(st.sampled_from(Side), st.integers(1, 10**9)), max_size=30)


@given(histories)
def test_the_net_is_what_the_entries_did_to_what_the_shop_is_owed(history: list[tuple[Side, int]]) -> None:
    entries = [entry(number, *one) for number, one in enumerate(history, 1)]
    totals = totals_of(entries)
    assert totals.net_rial == sum(one.effect_rial for one in entries)
    assert totals.entries == len(entries)
    assert totals_of([]) == Totals()


def test_top_ups_gifts_and_credit_are_counted_of_their_sides() -> None:
    day = date(2026, 11, 26)
    entries = [
        BatchEntry(day, 1, AT, "000001", K.TOP_UP, Side.CREDIT, 500, gift_rial=200),
        BatchEntry(day, 2, AT, "000002", K.PURCHASE, Side.DEBIT, 900, credit_rial=100),
        BatchEntry(day, 3, AT, "000003", K.REFUND, Side.CREDIT, 50, credit_rial=5),
    ]
    totals = totals_of(entries)
    assert (totals.top_ups_rial, totals.gifts_rial, totals.loyalty_rial) == (300, 200, 100)
    assert (totals.credits_rial, totals.net_rial) == (550, 350)


@given(histories, st.data())
def test_differences_are_what_the_two_sides_are_apart(history: list[tuple[Side, int]], data: st.DataObject) -> None:
    """Whatever is left out, invented or changed: the differences add up, and nothing that agrees is an exception."""
    entries = [entry(number, *one) for number, one in enumerate(history, 1)]
    fates = [data.draw(st.sampled_from(("same", "left out", "changed"))) for _ in entries]
    sent: list[tuple[Upload, BatchEntry | None]] = [
        (upload(one, one.amount_rial + (fate == "changed")), one)
        for one, fate in zip(entries, fates, strict=True)
        if fate != "left out"
    ]
    sent += [(upload(entry(100 + number, *one)), None) for number, one in enumerate(data.draw(histories))]
    found = exceptions_of(entries, sent)
    claimed = sum(one.effect_rial for one, _ in sent)
    assert sum(one.difference_rial for one in found) == totals_of(entries).net_rial - claimed
    assert len(found) == len(entries) - fates.count("same") + sum(one is None for _, one in sent)


def test_a_reversal_stands_for_the_sale_whose_answer_was_lost() -> None:
    sale, taken_back = entry(1, Side.DEBIT, 500), entry(2, Side.DEBIT_REVERSAL, 500, original=1)
    assert exceptions_of([sale, taken_back], [(upload(taken_back), taken_back)]) == []
    refund = entry(3, Side.CREDIT, 200, original=1)
    [lacking] = exceptions_of([sale, refund], [(upload(refund), refund)])
    assert lacking.finding is Finding.TERMINAL_LACKS, "a refund does not say that the till has the sale"


@pytest.mark.parametrize(
    ("finding", "difference", "word", "ends_in"),
    [
        (Finding.TERMINAL_LACKS, 100, Word.FOUND, PAYABLE),  # a sale that only the bank has
        (Finding.TERMINAL_LACKS, 100, Word.NOT_FOUND, SUSPENSE),
        (Finding.BANK_LACKS, -100, Word.FOUND, PAYABLE),  # a sale that only the till has
        (Finding.BANK_LACKS, -100, Word.NOT_FOUND, None),
        (Finding.TERMINAL_LACKS, -100, Word.FOUND, None),  # a refund that only the bank has
        (Finding.TERMINAL_LACKS, -100, Word.NOT_FOUND, PAYABLE),
        (Finding.BANK_LACKS, 100, Word.FOUND, SUSPENSE),  # a refund that only the till has
        (Finding.BANK_LACKS, 100, Word.NOT_FOUND, PAYABLE),
        (Finding.AMOUNT_DIFFERS, 100, Word.FOUND, SUSPENSE),
        (Finding.AMOUNT_DIFFERS, 100, Word.NOT_FOUND, PAYABLE),
        (Finding.AMOUNT_DIFFERS, -100, Word.FOUND, PAYABLE),
        (Finding.AMOUNT_DIFFERS, -100, Word.NOT_FOUND, None),
    ],
)
def test_where_a_difference_waits_and_where_it_goes(
    finding: Finding, difference: int, word: Word, ends_in: AccountKind | None
) -> None:
    """None = everything is as it was before: what was set aside for the terminal's word is undone."""
    balances = dict.fromkeys((PAYABLE, SUSPENSE, WITHHELD), 0)
    routes = [route_of_difference(difference), route_of_word(difference, finding, word)]
    for route in filter(None, routes):
        balances[route[0]] -= 100
        balances[route[1]] += 100
    assert balances[WITHHELD] == 0
    before = {PAYABLE: -100, SUSPENSE: 100} if difference > 0 else {PAYABLE: 0, SUSPENSE: 0}
    after = {
        PAYABLE: {PAYABLE: 0, SUSPENSE: 0} if difference > 0 else {PAYABLE: 100, SUSPENSE: -100},
        SUSPENSE: before,
        None: {PAYABLE: 0, SUSPENSE: 0},
    }[ends_in]
    assert {kind: balances[kind] for kind in (PAYABLE, SUSPENSE)} == after
