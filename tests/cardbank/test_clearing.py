from datetime import date

import pytest
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.orm import Session

from cardbank import clearing
from cardbank.clearing import Move, book
from cardbank.errors import PostingRefused
from cardbank.ledger import services as ledger
from cardbank.ledger.types import AccountKind, Answer, WalletKind
from cardbank.reasons import Reason
from kernel.db import engine
from tests.merchants.settlement import trade

PAYABLE, SENT, BANK, COMMISSION = (
    AccountKind.PAYABLE, AccountKind.PAYOUT_SENT, AccountKind.BANK, AccountKind.COMMISSION,
)  # fmt: skip


class Shop:
    """Only what the ledger knows of a shop."""

    def __init__(self, session: Session) -> None:
        self.wallet_id = ledger.open_wallet(session, WalletKind.SHOP)


@pytest.fixture
def shop(session: Session) -> int:
    made = Shop(session)
    trade.post(session, trade.sale(trade.holder(session), made, 10_000))
    return made.wallet_id


def moved(session: Session, *moves: Move) -> list[Answer]:
    answers = book(session, moves)
    session.commit()
    return answers


def payout(shop: int, amount: int = 9_800) -> Move:
    return Move(shop, PAYABLE, SENT, amount, 1, "payout")


def answered(shop: int, answer: Answer, target: AccountKind, step: str, amount: int = 9_800) -> Move:
    return Move(shop, SENT, target, amount, 1, step, (answer.business_date, answer.entry_id))


def test_commission_and_payout_leave_what_the_shop_is_owed(session: Session, shop: int) -> None:
    moved(session, Move(shop, PAYABLE, COMMISSION, 200, 1, "commission"), payout(shop))
    assert trade.balance(session, shop, PAYABLE) == 0
    assert trade.balance(session, shop, SENT) == 9_800
    assert trade.network(session, COMMISSION) == 200


def test_a_payout_is_the_same_before_and_after_the_roll_up(session: Session, shop: int) -> None:
    moved(session, payout(shop))
    assert trade.balance(session, shop, PAYABLE) == 200
    session.execute(text("SELECT ledger.roll_up(100)"))
    rolled = session.execute(text("SELECT balance FROM ledger.account WHERE wallet_id = :w AND kind = 20"), {"w": shop})
    assert rolled.scalar_one() == trade.balance(session, shop, PAYABLE) == 200


def test_a_roll_up_in_progress_and_a_payout_of_other_shops_do_not_wait_for_each_other(session: Session, shop: int) -> None:
    other = Shop(session)
    session.commit()
    with Session(engine()) as background:
        background.execute(text("SELECT ledger.roll_up(100)"))
        trade.post(session, trade.sale(trade.holder(session), other, 500))
        moved(session, Move(other.wallet_id, PAYABLE, SENT, 500, 2, "payout"))
        background.commit()
    assert trade.balance(session, other.wallet_id, PAYABLE) == 0


def test_a_payout_is_answered_once_and_one_way(session: Session, shop: int) -> None:
    [sent] = moved(session, payout(shop))
    moved(session, answered(shop, sent, BANK, "accepted"))
    assert trade.balance(session, shop, SENT) == 0
    with pytest.raises(PostingRefused) as refused:
        book(session, [answered(shop, sent, PAYABLE, "returned")])
    assert refused.value.facts == {"reason": Reason.ORIGINAL_AMOUNT_INCORRECT}


def test_a_returned_payout_is_owed_again_and_can_be_sent_again(session: Session, shop: int) -> None:
    [sent] = moved(session, payout(shop))
    moved(session, answered(shop, sent, PAYABLE, "returned"))
    assert trade.balance(session, shop, PAYABLE) == 10_000
    moved(session, Move(shop, PAYABLE, SENT, 10_000, 2, "payout"))
    assert trade.balance(session, shop, SENT) == 10_000


def test_the_same_step_again_moves_nothing(session: Session, shop: int) -> None:
    first, again = moved(session, payout(shop)), moved(session, payout(shop))
    assert [replace(answer, replayed=False) for answer in again] == first
    assert trade.balance(session, shop, SENT) == 9_800


@pytest.mark.parametrize(
    ("source", "target", "amount", "reason"),
    [
        (PAYABLE, BANK, 5, Reason.INVALID_TRANSACTION),
        (BANK, PAYABLE, 5, Reason.INVALID_TRANSACTION),
        (SENT, COMMISSION, 5, Reason.INVALID_TRANSACTION),
        (PAYABLE, PAYABLE, 5, Reason.INVALID_TRANSACTION),
        (SENT, BANK, 5, Reason.ORIGINAL_NOT_FOUND),
        (PAYABLE, SENT, 0, Reason.INVALID_AMOUNT),
        (PAYABLE, SENT, -5, Reason.INVALID_AMOUNT),
    ],
)
def test_other_moves_are_refused(
    session: Session, shop: int, source: AccountKind, target: AccountKind, amount: int, reason: Reason
) -> None:
    with pytest.raises(PostingRefused) as refused:
        book(session, [Move(shop, source, target, amount, 1, "x")])
    assert refused.value.facts == {"reason": reason}


def test_an_answer_must_name_the_whole_of_this_shops_payout(session: Session, shop: int) -> None:
    [sent] = moved(session, payout(shop))
    other = Shop(session)
    [sold] = trade.post(session, trade.sale(trade.holder(session), other, 9_800))
    for wrong, reason in (
        (answered(shop, sent, BANK, "a", amount=9_000), Reason.ORIGINAL_AMOUNT_INCORRECT),
        (answered(other.wallet_id, sent, BANK, "b"), Reason.ORIGINAL_NOT_FOUND),
        (answered(shop, sold, BANK, "c"), Reason.ORIGINAL_NOT_FOUND),
        (Move(shop, SENT, BANK, 9_800, 1, "d", (date(2026, 1, 1), 1)), Reason.ORIGINAL_NOT_FOUND),
    ):
        with pytest.raises(PostingRefused) as refused:
            book(session, [wrong])
        assert refused.value.facts == {"reason": reason}
        session.rollback()


def test_a_holders_wallet_cannot_be_settled(session: Session) -> None:
    with pytest.raises(PostingRefused):
        book(session, [Move(trade.holder(session), PAYABLE, SENT, 5, 1, "payout")])


def test_nothing_to_book_is_nothing(session: Session) -> None:
    assert clearing.book(session, []) == []
