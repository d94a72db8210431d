"""A customer's SMS is taken once and answered to the number that sent it."""

from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from kernel import clock
from kernel.messages.models import Message
from kernel.messages.ports import IncomingText
from kernel.messages.queries import facts_sent_to
from kernel.messages.services import refuses_offers
from loyalty.inbox import services
from loyalty.inbox.models import CustomerText
from loyalty.inbox.queries import texts_from, written_texts
from loyalty.inbox.rules import ANSWERS_AN_HOUR
from loyalty.inbox.services import take_text
from loyalty.inbox.tasks import forget_sender, forget_texts
from tests import factories
from tests.concurrency.test_settlement import twice
from tests.loyalty.groups.people import customer
from tests.meeting import meet

_keys = count(1)
STRANGER = "+989129999999"


def said(number: str, what: str, key: str = "") -> IncomingText:
    return IncomingText(key or f"test {next(_keys)}", number, what)


def notices(session: Session) -> list[tuple[str, str]]:
    return [(one.notice, one.language) for one in session.scalars(select(Message).order_by(Message.id))]


def test_a_balance_is_of_the_own_cards_alone_and_shows_their_ends(session: Session) -> None:
    holder, number = customer(session, language="ar")
    other, _ = customer(session)
    own = factories.card(session, person_id=holder.person_id, money_rial=1_250_000)
    session.commit()
    factories.card(session, person_id=other.person_id, money_rial=900_000)
    session.commit()
    assert take_text(session, said(number, "مانده"))
    [facts] = facts_sent_to(session, number, "balance_answer")
    end = str(own.masked[-4:]).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert facts == {"cards": f"…{end}: ۱٬۲۵۰٬۰۰۰ + ۰"}
    assert take_text(session, said(number, "???"))
    assert notices(session) == [("balance_answer", "fa"), ("not_understood_answer", "ar")]
    assert take_text(session, said(STRANGER, "balance"))
    assert notices(session)[-1] == ("no_card_answer", "en")


def test_no_more_offers_and_offers_again(session: Session) -> None:
    _, number = customer(session)
    take_text(session, said(number, "لغو۱۱"))
    assert refuses_offers(session, number)
    take_text(session, said(number, "start"))
    assert not refuses_offers(session, number)
    assert notices(session) == [("no_offers_answer", "fa"), ("offers_again_answer", "en")]


def test_who_writes_without_end_is_answered_a_few_times_and_still_obeyed(session: Session) -> None:
    _, number = customer(session)
    for _ in range(ANSWERS_AN_HOUR + 3):
        assert take_text(session, said(number, "سلام"))
    take_text(session, said(number, "لغو"))
    assert len(notices(session)) == ANSWERS_AN_HOUR
    assert refuses_offers(session, number)
    with clock.frozen(clock.now() + timedelta(hours=2)):
        take_text(session, said(number, "سلام"))
    assert len(notices(session)) == ANSWERS_AN_HOUR + 1


def test_a_text_that_comes_twice_is_answered_once_and_forgotten_in_time(session: Session) -> None:
    _, number = customer(session)
    assert take_text(session, said(number, "balance", "kavenegar 7"))
    assert not take_text(session, said(number, "balance", "kavenegar 7"))
    assert len(notices(session)) == 1
    with clock.frozen(clock.now() + timedelta(days=8)):
        forget_texts(session)
    assert session.scalar(select(func.count()).select_from(CustomerText)) == 0


@pytest.mark.parametrize(("is_locked", "answers"), [(False, 2), (True, 1)])
def test_a_text_that_comes_twice_at_once_is_answered_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, answers: int
) -> None:
    """The race first: without the constraint, and without the lock that lets texts of a number wait for each other."""
    _, number = customer(session)
    if not is_locked:
        session.execute(text("ALTER TABLE customer_text DROP CONSTRAINT uq_customer_text_key"))
    session.commit()
    monkeypatch.setattr(services, "_lock", lambda *_: None)
    meet(monkeypatch, services, "command_of")
    assert twice(lambda one: take_text(one, said(number, "balance", "kavenegar 9"))) == ["done", "done"]
    assert len(notices(session)) == answers


def test_words_for_people_stand_sealed_for_ninety_days_and_go_with_their_writer(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder, number = customer(session)
    for what in ("مانده", "کی باز می‌کنید؟"):
        take_text(session, said(number, what))
    session.flush()
    question, balance = texts_from(session, number, limit=5)
    assert (question.words, question.person_id, balance.words) == ("کی باز می‌کنید؟", holder.person_id, "")
    assert [one.words for one in written_texts(session, limit=5)] == ["کی باز می‌کنید؟"]
    kept = session.scalars(select(CustomerText.words_sealed).where(CustomerText.words_sealed.is_not(None))).one()
    assert "باز".encode() not in (kept or b"")
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=8))
    forget_texts(session)
    assert len(texts_from(session, number, limit=5)) == 1
    _, other = customer(session)
    take_text(session, said(other, "سلام"))
    forget_sender(session, holder.person_id)
    assert [one.words for one in written_texts(session, limit=5)] == ["سلام"]
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=100))
    forget_texts(session)
    assert written_texts(session, limit=5) == []
