from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kernel import clock
from kernel.audit import AuditEntry
from kernel.outbox import OutboxEvent
from loyalty import services
from loyalty.errors import EarnRuleHasEnded, EarnRuleNotFound, ProgrammeNotFound, WrongEarnRule
from loyalty.models import EarnRule
from loyalty.queries import programme_by_code, programme_names, programme_profile, sentences_of_rules
from tests.factories import ACTOR, programme


def test_a_programme_has_its_own_wallet_and_pays_for_its_credit(session: Session) -> None:
    club = programme(session)
    kind = session.execute(text("SELECT kind FROM ledger.wallet WHERE id = :id"), {"id": club.id}).scalar_one()
    assert kind == 5
    profile = programme_profile(session, club.id)
    assert profile is not None
    assert profile.funder_id == profile.programme_id == club.id
    assert [rule.basis_points for rule in profile.rules] == [500]
    assert programme_by_code(session, club.code) is club
    assert programme_names(session, [club.id]) == {club.id: club.names}
    with pytest.raises(ProgrammeNotFound):
        programme_by_code(session, "no such club")


def test_a_rule_keeps_its_sentence_as_it_stood(session: Session) -> None:
    club = programme(session)
    rule = session.scalars(select(EarnRule)).one()
    sentences = sentences_of_rules(session, [rule.id])[rule.id]
    assert set(sentences) == {"fa", "en", "ar", "ur"}
    assert sentences["en"].startswith("You are given 5%")
    services.end_earn_rule(session, ACTOR, rule.id, "too dear")
    assert sentences_of_rules(session, [rule.id])[rule.id] == sentences
    assert club.id == rule.programme_id


def test_an_ended_rule_leaves_the_profile_and_does_not_end_twice(session: Session) -> None:
    club = programme(session)
    [rule] = session.scalars(select(EarnRule)).all()
    services.end_earn_rule(session, ACTOR, rule.id, "too dear")
    profile = programme_profile(session, club.id)
    assert profile is not None
    assert profile.rules == ()
    with pytest.raises(EarnRuleHasEnded):
        services.end_earn_rule(session, ACTOR, rule.id, "again")
    with pytest.raises(EarnRuleNotFound):
        services.end_earn_rule(session, ACTOR, rule.id + 1, "unknown")
    assert session.scalar(select(AuditEntry.why).where(AuditEntry.act == "end")) == "too dear"


@pytest.mark.parametrize(
    "change",
    ["basis_points = 9000", "valid_days = 1", "sentence = '{}'", "ends_at = now() + interval '1 day'"],
)
def test_the_database_refuses_to_edit_a_rule(session: Session, change: str) -> None:
    programme(session)
    rule = session.scalars(select(EarnRule)).one()
    services.end_earn_rule(session, ACTOR, rule.id, "ended")
    session.flush()
    with pytest.raises(DBAPIError, match="never edited"):
        session.execute(text(f"UPDATE earn_rule SET {change}"))


def test_a_rule_to_come_stands_in_the_profile_already(session: Session) -> None:
    club = programme(session, starts_at=clock.now() + timedelta(days=3))
    profile = programme_profile(session, club.id)
    assert profile is not None
    assert [rule.is_in_force(clock.now()) for rule in profile.rules] == [False]


def test_a_suspended_programme_has_no_profile_until_it_is_resumed(session: Session) -> None:
    club = programme(session)
    services.suspend_programme(session, ACTOR, club.id, "under review")
    assert programme_profile(session, club.id) is None
    services.resume_programme(session, ACTOR, club.id, "reviewed")
    assert programme_profile(session, club.id) is not None
    names = session.scalars(select(OutboxEvent.name)).all()
    assert names == ["ProgrammeChanged"] * 3
    with pytest.raises(ProgrammeNotFound):
        services.suspend_programme(session, ACTOR, 0, "unknown")


def test_a_wrong_rule_or_an_unknown_programme_writes_nothing(session: Session) -> None:
    club = programme(session)
    for arguments, refusal in (((club.id, 0), WrongEarnRule), ((0, 500), ProgrammeNotFound)):
        programme_id, basis_points = arguments
        with pytest.raises(refusal):
            services.begin_earn_rule(
                session,
                ACTOR,
                programme_id,
                starts_at=clock.now(),
                basis_points=basis_points,
                most_rial=1,
                valid_days=1,
            )
    assert len(session.scalars(select(EarnRule)).all()) == 1
    assert programme_profile(session, 0) is None
