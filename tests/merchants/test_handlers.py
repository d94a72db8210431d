import pytest
from sqlalchemy.orm import Session

from kernel.outbox import Relay
from loyalty.events import ProgrammeChanged
from merchants.handlers import on_programme_changed
from tests.factories import programme, terminal


def test_a_changed_programme_announces_the_terminals_of_its_shops_and_no_others(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced: list[tuple[str, object]] = []
    monkeypatch.setattr("merchants.services.announce", lambda _, topic, key: announced.append((topic, key)))
    club = programme(session)
    member, _ = terminal(session, programme_id=club.id), terminal(session)
    session.flush()
    relay = Relay()
    relay.on(ProgrammeChanged, on_programme_changed)
    announced.clear()
    assert relay.deliver(session) == 1
    assert relay.deliver(session) == 0
    assert announced == [("terminal", member.code)]
