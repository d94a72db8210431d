"""Where rows stand: what one batch learns must not mislead the next."""

from datetime import date

from cardbank.ledger.arrays import pack
from cardbank.ledger.batch import Batch, Block
from cardbank.ledger.types import AccountKind
from cardbank.ledger.views import AccountView
from kernel import clock

HERE, THERE, ELSEWHERE = b"here..", b"there.", b"else.."


def account(number: int, place: bytes | None) -> AccountView:
    return AccountView(number, AccountKind.MONEY, 1, 0, 0, 1, place=place)


def moving(*accounts: AccountView) -> Batch:
    batch = Batch(date(2026, 11, 26), clock.now(), Block(), Block())
    batch.moved = {one.id: one for one in accounts}
    batch.arguments(1, 1)
    return batch


def test_places_come_back_first_for_those_that_had_one() -> None:
    first, second, third = account(1, None), account(2, HERE), account(3, THERE)
    batch = moving(third, first, second)
    assert (first.place, second.place, third.place) == (None, None, None), "a row under way stands nowhere"
    batch.take_places(bytes(pack("tid", [HERE, THERE, ELSEWHERE])), [])
    assert (second.place, third.place, first.place) == (HERE, THERE, ELSEWHERE)


def test_a_row_that_a_later_batch_moves_again_stands_nowhere_until_that_has_landed() -> None:
    moved_twice, moved_once = account(1, HERE), account(2, THERE)
    batch, later = moving(moved_twice, moved_once), moving(moved_twice)
    batch.take_places(bytes(pack("tid", [THERE, HERE])), [later])
    assert (moved_twice.place, moved_once.place) == (None, HERE)
    later.take_places(bytes(pack("tid", [ELSEWHERE])), [])
    assert moved_twice.place == ELSEWHERE
