from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.outbox import MAXIMUM_TRIES, OutboxEvent, Relay, publish


@dataclass(frozen=True)
class CandleLit:
    place: str


def relay_into(seen: list[str]) -> Relay:
    relay = Relay()
    relay.on(CandleLit, lambda session, event: seen.append(event.place))
    return relay


def test_an_event_reaches_its_handler_once(session: Session) -> None:
    seen: list[str] = []
    relay = relay_into(seen)
    publish(session, CandleLit("courtyard"))
    session.commit()
    relay.deliver(session)
    session.commit()
    relay.deliver(session)
    assert seen == ["courtyard"]


def test_an_event_of_a_rolled_back_transaction_never_leaves(session: Session) -> None:
    seen: list[str] = []
    publish(session, CandleLit("courtyard"))
    session.rollback()
    assert relay_into(seen).deliver(session) == 0
    assert seen == []


def test_a_failing_handler_stops_no_other_event_and_is_parked_in_the_end(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []
    relay = Relay()

    def light(_: Session, event: CandleLit) -> None:
        if event.place == "wind":
            raise OSError("blown out")
        seen.append(event.place)

    relay.on(CandleLit, light)
    publish(session, CandleLit("wind"))
    publish(session, CandleLit("courtyard"))
    for _ in range(MAXIMUM_TRIES + 1):
        relay.deliver(session)
    failed = session.scalars(select(OutboxEvent).where(OutboxEvent.parked_at.is_not(None))).one()
    assert (seen, failed.tries) == (["courtyard"], MAXIMUM_TRIES)


def test_two_relays_share_the_queue_without_delivering_twice(session: Session, database_url: str) -> None:
    from kernel.db import engine

    seen: list[str] = []
    relay = relay_into(seen)
    for number in range(4):
        publish(session, CandleLit(str(number)))
    session.commit()
    with Session(engine()) as other:
        assert relay.deliver(session, most=2) == 2
        assert relay.deliver(other, most=10) == 2
        session.commit()
        other.commit()
    assert sorted(seen) == ["0", "1", "2", "3"]
