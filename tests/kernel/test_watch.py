"""How the parts are: looked at where their users find them, kept as spans, not known where nobody looks any more."""

import socket
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel import clock, watch
from kernel.background import run_errand
from kernel.messages.models import Message
from kernel.messages.services import send
from kernel.settings import load_settings
from kernel.watch import ServiceState, faults_since, look, note_look, parts_now, take_look
from loyalty.inbox.notices import NO_CARD

ALL_WELL = dict.fromkeys(watch.PARTS, True)


def states(session: Session) -> dict[str, bool | None]:
    return {one.part: one.is_up for one in parts_now(session)}


def test_a_look_finds_who_answers_and_who_does_not(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as here, socket.create_server(("127.0.0.1", 0)) as gone:
        nobody = gone.getsockname()[1]
        gone.close()
        changes = {
            "web_bind": f"127.0.0.1:{here.getsockname()[1]}",
            "gateway_bind": f"127.0.0.1:{nobody}",
            "gateway_address": "",
            "portal_address": "",
        }
        settings = load_settings().model_copy(update=changes)
        monkeypatch.setattr(watch, "load_settings", lambda: settings)
        assert look(True) == {"portal": True, "gateway": False, "teller": False, "messages": True, "worker": True}


def test_messages_that_do_not_leave_in_time_are_a_fault(session: Session) -> None:
    assert take_look(session) == [True]
    send(session, NO_CARD, "+989151234567", "fa")
    assert take_look(session) == [True]
    session.scalars(select(Message)).one().due_at = clock.now() - timedelta(minutes=11)
    session.flush()
    assert take_look(session) == [False]


def test_spans_begin_where_something_changes(session: Session) -> None:
    assert set(states(session).values()) == {None}
    began = clock.now()
    for seconds, found in (
        (0, ALL_WELL),
        (20, ALL_WELL),
        (40, ALL_WELL | {"teller": False}),
        (60, ALL_WELL | {"teller": False}),
        (80, ALL_WELL),
    ):
        with clock.frozen(began + timedelta(seconds=seconds)):
            note_look(session, True, found)
            assert states(session) == found
    with clock.frozen(began + timedelta(seconds=80)):
        [fault] = faults_since(session, began)
    assert (fault.part, fault.since, fault.until) == ("teller", began + timedelta(seconds=40), began + timedelta(seconds=80))
    assert session.scalar(select(func.count()).select_from(ServiceState)) == len(watch.PARTS) + 2


def test_where_nobody_looks_the_worker_is_down_and_nothing_else_is_known(session: Session) -> None:
    began = clock.now()
    with clock.frozen(began):
        note_look(session, True, ALL_WELL)
    with clock.frozen(began + timedelta(minutes=5)):
        assert states(session) == dict.fromkeys(watch.PARTS, None) | {"worker": False}
        note_look(session, True, ALL_WELL)
        assert states(session) == ALL_WELL
        [fault] = faults_since(session, began)
    assert (fault.part, fault.since, fault.until) == ("worker", began, began + timedelta(minutes=5))


def test_a_turn_of_the_worker_looks_and_writes_down(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_reach", lambda *_: None)
    monkeypatch.setattr(watch, "_reach_file", lambda _: None)
    run_errand(watch.STEPS["watch_parts"][0])
    run_errand(watch.STEPS["watch_parts"][0])
    assert states(session) == ALL_WELL
    with clock.frozen(clock.now() + timedelta(days=200)):
        watch.forget_spans(session)
    assert session.scalar(select(func.count()).select_from(ServiceState)) == len(watch.PARTS)
