"""A refund or a void that is undone itself: exactly what it moved goes back, as far as its sale has room for it."""

import pytest
from msgspec.structs import replace

from cardbank.ledger.types import EntryKind, Original
from cardbank.ledger.views import Amend, Case, CaseKind, OriginalView
from cardbank.reasons import Reason
from tests.cardbank.ledger.test_rules_pay import CREDIT, MONEY, NOW, moves, purse
from tests.cardbank.ledger.test_rules_returns import KEY, REF, ask, nothing, purses, sale


def undoable(refunded: int = 33, **facts: object) -> OriginalView:
    """The refund of a part of the sale as it was posted, beside nothing else that was returned."""
    decision = ask(EntryKind.REFUND, sale(), *purses(), amount=refunded)
    accounts = {leg.account_id: leg for leg in sale().legs}
    legs = tuple(replace(accounts[leg.account], amount=leg.amount, line=leg.line) for leg in decision.legs)
    of = sale(returned=refunded, returned_by_leg=decision.amend.returned_by_leg, amend_version=1)
    return sale(kind=EntryKind.REFUND, entry_id=600, amount=refunded, legs=legs, of=of, **facts)


@pytest.mark.parametrize("kind", [EntryKind.REVERSAL, EntryKind.VOID])
def test_a_refund_undone_moves_exactly_what_it_moved_and_its_sale_has_all_left_again(kind):
    refund = undoable()
    held = purse(70, MONEY, 13), purse(71, CREDIT, 20), purse(72, CREDIT, 7)
    decision = ask(kind, refund, *held, amount=33)
    assert sorted(moves(decision)) == sorted((leg.account_id, -leg.amount) for leg in refund.legs)
    assert decision.amend == Amend(NOW.date(), 600, True, 33, tuple(abs(leg.amount) for leg in refund.legs), 0)
    assert decision.further_amends == (Amend(*REF, False, 0, (0, 0, 0, 0, 0), 1),)
    assert nothing(ask(EntryKind.REVERSAL, replace(refund, reversed_by=700), *purses(), amount=33)) is Reason.ALREADY_REVERSED


def test_a_refund_is_reversed_down_to_what_stands_of_it():
    held = purse(70, MONEY, 13), purse(71, CREDIT, 20), purse(72, CREDIT, 7)
    decision = ask(EntryKind.REVERSAL, undoable(), *held, amount=33, stated=Original(KEY, None, 3))
    assert decision.answer.amount == 30
    [amend] = decision.further_amends
    assert (amend.returned, amend.returned_by_leg[2]) == (3, 3)
    assert sum(amend.returned_by_leg[:2]) == 3


def test_the_reversal_of_a_refund_that_was_spent_is_owed_but_its_void_is_declined():
    spent = purse(70, MONEY, 5), purse(71, CREDIT, 20), purse(72, CREDIT, 10)
    decision = ask(EntryKind.REVERSAL, undoable(), *spent, amount=33)
    assert (70, -5) in moves(decision)
    assert decision.answer.owed == 8
    assert nothing(ask(EntryKind.VOID, undoable(), *spent, amount=33)) is Reason.INSUFFICIENT_FUNDS
    without_credit = purse(70, MONEY, 13), purse(71, CREDIT, 0), purse(72, CREDIT, 10)
    assert nothing(ask(EntryKind.VOID, undoable(), *without_credit, amount=33)) is Reason.INSUFFICIENT_CREDIT


def test_a_void_is_no_part_of_what_can_be_reversed_in_part():
    void = undoable(100)
    stated = Original(KEY, None, 1)
    assert nothing(ask(EntryKind.REVERSAL, replace(void, kind=EntryKind.VOID), *purses(100), stated=stated)) is (
        Reason.ORIGINAL_AMOUNT_INCORRECT
    )


def test_the_void_of_a_refund_is_reversed_only_while_its_sale_has_room_for_it():
    refund = undoable()
    inverse = tuple(replace(leg, amount=-leg.amount) for leg in refund.legs)
    back = tuple(abs(leg.amount) for leg in refund.legs)

    def void_of(sold: OriginalView) -> OriginalView:
        voided = replace(refund, reversed_by=650, returned=33, returned_by_leg=back, amend_version=1, of=sold)
        return replace(refund, kind=EntryKind.VOID, entry_id=650, legs=inverse, of=voided)

    untouched = sale(returned=0, returned_by_leg=(0, 0, 0, 0, 0), amend_version=2)
    decision = ask(EntryKind.REVERSAL, void_of(untouched), *purses(), amount=33)
    assert decision.further_amends == (
        Amend(NOW.date(), 600, False, 0, (0,) * len(back), 1),
        Amend(*REF, False, 33, (20, 13, 33, 3, 3), 2),
    )
    nearly = sale(returned=80, returned_by_leg=(48, 32, 80, 8, 8), amend_version=3)
    refused = ask(EntryKind.REVERSAL, void_of(nearly), *purses(), amount=33)
    assert nothing(refused) is Reason.NOTHING_TO_REVERSE
    assert refused.exception == Case(CaseKind.REFUNDED_BEFORE_REVERSAL, 33)
