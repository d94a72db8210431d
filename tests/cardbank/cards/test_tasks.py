from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from cardbank.cards import queries, services, tasks
from cardbank.cards.challenges import new_challenge_id, record_challenge
from cardbank.cards.rules import BlockReason
from cardbank.keystore.ports import KeyStore
from cardbank.keystore.software import read_key_file, write_key_file
from kernel import clock
from kernel.audit import Actor

CLERK = Actor.system("clerk")


@pytest.fixture
def keystore(tmp_path: Path) -> KeyStore:
    write_key_file(tmp_path / "keys.json")
    return read_key_file(tmp_path / "keys.json", laboratory=True)


def test_cards_end_with_the_calendar_and_only_once(session: Session, keystore: KeyStore) -> None:
    active, blocked, closed = (
        services.activate_card(session, CLERK, services.issue_card(session, keystore, CLERK, person_id=None).id) for _ in range(3)
    )
    services.block_card(session, CLERK, blocked.id, BlockReason.LOST)
    services.close_card(session, CLERK, closed.id)
    session.flush()
    tasks.expire_cards(session)
    assert (active.status, blocked.status) == ("active", "blocked")
    with clock.frozen(clock.now() + timedelta(days=6 * 366)):
        tasks.expire_cards(session)
        session.flush()
        assert (active.status, blocked.status, blocked.block_reason) == ("expired", "expired", None)
        tasks.expire_cards(session)
    session.flush()
    assert closed.status == "refunded"
    history = [event.became for event in queries.card_history(session, active.id)]
    assert history.count("expired") == 1


def test_old_challenges_go_and_young_ones_stay(session: Session, keystore: KeyStore) -> None:
    card = services.issue_card(session, keystore, CLERK, person_id=None)
    old, young = new_challenge_id(), new_challenge_id()
    record_challenge(session, old, card.id, 1)
    session.flush()
    with clock.frozen(clock.now() + timedelta(days=36)):
        record_challenge(session, young, card.id, 1)
        session.flush()
        tasks.forget_challenges(session)
        assert queries.card_of_challenge(session, old) is None
        assert queries.card_of_challenge(session, young) is not None
