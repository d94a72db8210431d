"""Two who buy on one line, or pay one plan, at once: the race is shown without the line's lock, then not with it."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from cardbank.ledger.types import Answer
from kernel.db import unit_of_work
from merchants.instalments import queries
from merchants.instalments.models import CreditLine
from merchants.instalments.services import selling
from merchants.instalments.services.lines import lower_line
from merchants.instalments.services.paying import collect_due, pay_now
from tests import factories
from tests.concurrency.test_till_shifts import at_the_same_time
from tests.factories import ACTOR
from tests.meeting import meet
from tests.merchants.instalments.deal import Deal, bought, deal, faults, make_due, money, opens, quoted, sale


def unlocked(session: Session, line_id: int) -> CreditLine:
    return session.get_one(CreditLine, line_id, populate_existing=True)


def buying(session: Session, at: Deal, answers: list[Answer]) -> Callable[[Session], object]:
    asked = sale(at, quoted(session, at, 600_000))
    return lambda session: answers.append(selling.buy(session, asked, at.card, None))


@pytest.mark.parametrize("is_locked", [False, True])
def test_two_tills_do_not_both_sell_on_the_rest_of_a_lowered_line(
    session: Session, database_url: str, monkeypatch: pytest.MonkeyPatch, is_locked: bool
) -> None:
    at = deal(session, limit_rial=5_000_000)
    lower_line(session, ACTOR, at.line.id, 1_000_000, "smaller guarantee")
    session.commit()
    answers: list[Answer] = []
    works = [buying(session, at, answers) for _ in range(2)]
    if not is_locked:
        monkeypatch.setattr(queries, "lock_line", unlocked)
    meet(monkeypatch, queries, "standing")
    at_the_same_time(*works)
    assert sum(answer.reason.is_approved for answer in answers) == (1 if is_locked else 2)
    with unit_of_work() as fresh:
        [line] = queries.lines_of_wallet(fresh, at.card.wallet_id or 0, at.card.member_id)
        assert (line.open_rial <= line.limit_rial) is is_locked
    assert faults(database_url) == []


@pytest.mark.parametrize("is_locked", [False, True])
def test_the_collector_and_the_holder_do_not_both_pay_one_instalment(
    session: Session, database_url: str, monkeypatch: pytest.MonkeyPatch, is_locked: bool
) -> None:
    at = deal(session, money_rial=2_000_000)
    _, plan_id = bought(session, at, 1_000_000)
    make_due(session, plan_id)
    money(session, at.card.card_id, 1)
    if not is_locked:
        monkeypatch.setattr(queries, "lock_line", unlocked)
        monkeypatch.setattr(
            queries, "lock_due", lambda session, *_: [(unlocked(session, at.line.id), queries.instalments_of(session, plan_id)[0])]
        )
    wallet = [at.card.wallet_id or 0]
    key = factories.new_request_key()
    meet(monkeypatch, selling.queries, "instalments_of")
    at_the_same_time(collect_due, lambda session: pay_now(session, ACTOR, wallet, plan_id, 250_000, key))
    found = faults(database_url)
    assert bool(found) is not is_locked
    if is_locked:
        session.expire_all()
        assert opens(session, plan_id) in ([0, 250_000, 250_000, 250_000], [0, 0, 250_000, 250_000])
