"""Two doors that enrol for one terminal, or one document, at once."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count

import pytest
from sqlalchemy.orm import Session

from cardbank.cards.services import stock_card
from cardbank.ledger.types import Key, Source
from cardbank.reasons import Reason
from identity import enrolment as identity_enrolment
from identity.rules import national_id_check_digit
from kernel import clock
from kernel.db import unit_of_work
from merchants.enrolment import services
from merchants.enrolment.models import TillEnrolment
from merchants.enrolment.rules import Enrolment
from merchants.enrolment.services import begin_enrolment
from merchants.queries import terminal_profile
from merchants.rules import TerminalProfile
from tests import factories

_numbers = count(1)


@dataclass
class Tills:
    one: TerminalProfile
    other: TerminalProfile


@pytest.fixture
def tills(session: Session) -> Tills:
    made = [factories.terminal(session).code for _ in range(2)]
    session.commit()
    profiles = [terminal_profile(session, code) for code in made]
    assert profiles[0] is not None
    assert profiles[1] is not None
    return Tills(profiles[0], profiles[1])


def asked(session: Session, terminal: TerminalProfile, number: str = "") -> Enrolment:
    """With a card of its own, and a person of its own unless a document is given."""
    n = next(_numbers)
    uid = b"\x04" + os.urandom(6)
    stock_card(session, factories.keystore(), factories.ACTOR, uid)
    session.commit()
    nine = f"01{n:07d}"
    identity = {"kind": "national_id", "number": number or f"{nine}{national_id_check_digit(nine)}", "called": "Zahra"}
    now = clock.now()
    return Enrolment(Key(now.date(), Source.TERMINAL, terminal.terminal_id, f"{n:06d}"), n, terminal, uid, identity, 1, now)


def at_once(*both: Enrolment) -> list[Reason]:
    def begin(one: Enrolment) -> Reason:
        with unit_of_work() as session:
            return begin_enrolment(session, one).reason

    with ThreadPoolExecutor(2) as pool:
        return sorted(call.result() for call in [pool.submit(begin, one) for one in both])


def pending(session: Session) -> int:
    return session.query(TillEnrolment).filter_by(state="pending").count()


def meet(monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> None:
    """Each goes on from here only when the other is here, too."""
    both, real = threading.Barrier(2), getattr(module, name)

    def waiting(*facts: object) -> object:
        found = real(*facts)
        both.wait(10)
        return found

    monkeypatch.setattr(module, name, waiting)


def test_without_the_lock_a_terminal_passes_its_limit(session: Session, tills: Tills, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merchants.enrolment.rules.MOST_A_DAY", 1)
    monkeypatch.setattr(services, "lock_terminal", lambda session, terminal_id: None)
    meet(monkeypatch, services, "begun_today")
    assert at_once(*(asked(session, tills.one) for _ in range(2))) == [Reason.APPROVED] * 2
    assert pending(session) == 2


def test_with_the_lock_it_does_not(session: Session, tills: Tills, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merchants.enrolment.rules.MOST_A_DAY", 1)
    assert at_once(*(asked(session, tills.one) for _ in range(2))) == [Reason.APPROVED, Reason.FREQUENCY_LIMIT]
    assert pending(session) == 1


def test_without_the_documents_lock_two_tills_take_one_pilgrim_for_new(
    session: Session, tills: Tills, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the unique index is left to stop the second, as a malfunction."""
    nine = "013777777"
    number = f"{nine}{national_id_check_digit(nine)}"
    monkeypatch.setattr(identity_enrolment, "keep_others_away", lambda session, facts: None)
    meet(monkeypatch, services, "is_pending")
    with pytest.raises(Exception, match="uq_till_enrolment_document_digest_pending"):
        at_once(asked(session, tills.one, number), asked(session, tills.other, number))


def test_with_it_the_second_till_hears_that_the_first_is_at_work(session: Session, tills: Tills) -> None:
    nine = "013777777"
    number = f"{nine}{national_id_check_digit(nine)}"
    reasons = at_once(asked(session, tills.one, number), asked(session, tills.other, number))
    assert reasons == [Reason.APPROVED, Reason.ENROLMENT_PERSON_KNOWN]
    assert pending(session) == 1
