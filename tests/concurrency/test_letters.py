"""Two sends of one form: two letters without the constraint that makes it one, then one. Two workers at once: nobody is written to twice."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from kernel import clock
from kernel.messages.models import Message
from loyalty.letters import services
from loyalty.letters.models import Letter
from tests.concurrency.test_settlement import twice
from tests.loyalty.letters.test_services import TEXTS, crowd, write
from tests.meeting import meet


@pytest.mark.parametrize(("is_locked", "letters"), [(False, 2), (True, 1)])
def test_a_form_that_is_sent_twice_at_once_is_one_letter(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, letters: int
) -> None:
    owner, shop, group, _ = crowd(session, 1)
    if not is_locked:
        session.execute(text("ALTER TABLE letter DROP CONSTRAINT uq_letter_key"))
    session.commit()
    meet(monkeypatch, services.rules, "check_send_at")
    key, draft = str(uuid4()), services.Draft("offer", TEXTS, clock.now())
    outcomes = twice(lambda one: services.write_letter(one, owner, (shop, False), key, draft, group))
    assert outcomes == ["done", "done"]
    assert session.scalar(select(func.count()).select_from(Letter)) == letters


class Unlocked:
    """A read that is asked for a lock and takes none."""

    def __init__(self, read: object) -> None:
        self.read = read

    def with_for_update(self, **_: object) -> object:
        return self.read


@pytest.mark.parametrize("is_locked", [False, True])
def test_two_workers_at_once_write_to_nobody_twice(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool) -> None:
    """Without the messages' keys both write to everybody; with the letter's lock the second finds nothing to do."""
    owner, shop, group, _ = crowd(session, 2)
    write(session, owner, shop, group).state = "sending"
    if not is_locked:
        monkeypatch.setattr(services, "message_key", lambda *_: str(uuid4()))
        due = services._next_due
        monkeypatch.setattr(services, "_next_due", lambda: Unlocked(due()))
    session.commit()
    meet(monkeypatch, services, "in_language")
    twice(services.send_next)
    assert session.scalar(select(func.count()).select_from(Message)) == (2 if is_locked else 4)
