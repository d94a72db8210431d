"""What an applicant hears by SMS, from the decision to the number on file."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

import wsgi
from identity.models import Person
from kernel import clock
from kernel.messages.queries import facts_sent_to, messages_page
from kernel.settings import load_settings
from merchants.onboarding import handlers
from merchants.onboarding.events import ApplicationDecided
from merchants.onboarding.models import Application
from merchants.onboarding.notices import notice_of
from merchants.onboarding.rules import TRANSITIONS, Act, Piece
from merchants.onboarding.services.deciding import decide, watch_licences
from tests.merchants.onboarding import files


@pytest.fixture
def town(session: Session) -> files.Town:
    return files.town(session)


def heard(session: Session, file: Application) -> list[str]:
    """The notices sent to the applicant, oldest first."""
    wsgi.make_relay().deliver(session)
    mobile = session.get_one(Person, file.person_id).mobile
    assert mobile is not None
    return [one.notice for one in reversed(messages_page(session, to=mobile, limit=20))]


def test_every_decision_has_its_notice() -> None:
    for (_, act), (_, after) in TRANSITIONS.items():
        if act is not Act.HAND_IN:
            assert notice_of(act, after).code


def test_an_applicant_hears_each_decision_once(session: Session, town: files.Town, tmp_path: Path) -> None:
    file, _ = files.handed_in(session, town, tmp_path)
    decide(session, town.union_officer, file.id, files.wanted(file, Act.APPROVE))
    assert heard(session, file) == ["file_approved_by_union"]
    decide(session, town.town_officer, file.id, files.wanted(file, Act.RETURN, "x", (Piece.ADDRESS,)))
    assert heard(session, file) == ["file_approved_by_union", "file_returned"]
    handlers.on_application_decided(session, ApplicationDecided(file.id, Act.RETURN, file.state))
    assert heard(session, file) == ["file_approved_by_union", "file_returned"]
    mobile = session.get_one(Person, file.person_id).mobile
    assert facts_sent_to(session, str(mobile), "file_returned") == [{"link": f"{load_settings().portal}/applications/{file.id}"}]


def test_an_active_shop_hears_that_its_licence_ends(session: Session, town: files.Town, tmp_path: Path) -> None:
    file, _ = files.active(session, town, tmp_path)
    assert heard(session, file) == ["file_approved_by_union", "file_active"]
    assert file.licence_expires_on is not None
    for left in (7, -1):
        day = file.licence_expires_on - timedelta(days=left)
        with clock.frozen(clock.now().replace(year=day.year, month=day.month, day=day.day, hour=8)):
            watch_licences(session)
            heard(session, file)
    assert heard(session, file)[2:] == ["licence_ends_soon", "licence_ended"]


def test_who_gave_no_number_is_told_nothing(session: Session, town: files.Town, tmp_path: Path) -> None:
    file, _ = files.active(session, town, tmp_path)
    session.get_one(Person, file.person_id).mobile = None
    wsgi.make_relay().deliver(session)
    assert messages_page(session, limit=1) == []
