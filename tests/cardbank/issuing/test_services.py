"""Handing cards out within limits, and beyond them by two persons."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.services import stock_card
from cardbank.issuing import services
from cardbank.issuing.errors import (
    BlankHasNoChip,
    IssuingExceptionAsked,
    IssuingExceptionNotFound,
    IssuingLimitNotFound,
    IssuingLimitReached,
    IssuingLimitTwice,
    IssuingLimitWrong,
    KindHeldAlready,
    OwnIssuingException,
)
from cardbank.issuing.models import CardIssue, IssuingException
from cardbank.kinds.rules import KindTerms, Technology
from cardbank.kinds.services import define_kind
from cardbank.replacing.errors import BlankNotFound
from identity.permissions import Identity, Role
from kernel import clock
from kernel.calendar import local_day
from tests import factories

ACTOR = factories.ACTOR


@pytest.fixture
def clerk(session: Session) -> Identity:
    return factories.account(session, Role.OPERATOR)[0]


@pytest.fixture
def person_id(session: Session) -> int:
    """Somebody, and a kind of card without a chip, two of which a person may hold."""
    names = {"fa": "نقره‌ای", "en": "Silver"}
    define_kind(session, ACTOR, "silver", KindTerms(names, local_day(clock.now()), 12, Technology.QR, most_per_person=2))
    return factories.person(session).id


def give(session: Session, clerk: Identity, person_id: int, kind: str = "silver", blank: str = "") -> Card:
    return services.hand_out_at_desk(session, factories.keystore(), clerk, person_id, "fa", kind, blank)


def test_a_card_is_active_in_the_hand_and_counted(session: Session, clerk: Identity, person_id: int) -> None:
    card = give(session, clerk, person_id)
    assert card.status == "active"
    issue = session.get_one(CardIssue, card.id)
    assert (issue.person_id, issue.account_id, issue.branch_id, issue.kind) == (person_id, clerk.sign_in_id, None, "silver")


def test_a_kind_with_a_chip_needs_a_blank_that_has_one(session: Session, clerk: Identity, person_id: int) -> None:
    with pytest.raises(BlankNotFound):
        give(session, clerk, person_id, "standard")
    plain = stock_card(session, factories.keystore(), ACTOR, None)
    number = factories.keystore().open_card_number(plain.number_sealed, plain.token)
    with pytest.raises(BlankHasNoChip):
        give(session, clerk, person_id, "standard", number)
    chip = b"\x04" + bytes(5) + b"\x07"
    stock_card(session, factories.keystore(), ACTOR, chip)
    assert give(session, clerk, person_id, "standard", chip.hex()).uid == chip


def test_a_limit_is_met_by_each_subject_and_kind_for_itself(session: Session, clerk: Identity, person_id: int) -> None:
    services.set_limit(session, ACTOR, "person", "silver", "day", 1)
    give(session, clerk, person_id)
    with pytest.raises(IssuingLimitReached) as refused:
        give(session, clerk, person_id)
    assert refused.value.facts == {"fault": "person_day", "most": 1}
    give(session, clerk, factories.person(session).id)
    services.set_limit(session, ACTOR, "operator", None, "month", 2)
    with pytest.raises(IssuingLimitReached) as refused:
        give(session, clerk, factories.person(session).id)
    assert refused.value.facts["fault"] == "operator_month"


def test_the_day_after_its_period_a_limit_counts_anew(
    session: Session, clerk: Identity, person_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.set_limit(session, ACTOR, "network", None, "day", 1)
    give(session, clerk, person_id)
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    give(session, clerk, person_id)
    services.end_limit(session, ACTOR, services.limits_in_force(session)[0].id)
    with pytest.raises(KindHeldAlready) as refused:
        give(session, clerk, person_id)
    assert refused.value.facts == {"most": 2}


def test_limits_are_set_once_and_ended_once(session: Session, clerk: Identity, person_id: int) -> None:
    limit = services.set_limit(session, ACTOR, "branch", None, "day", 5)
    with pytest.raises(IssuingLimitTwice):
        services.set_limit(session, ACTOR, "branch", None, "day", 6)
    with pytest.raises(IssuingLimitWrong):
        services.set_limit(session, ACTOR, "branch", "golden", "day", 6)
    services.end_limit(session, ACTOR, limit.id)
    with pytest.raises(IssuingLimitNotFound):
        services.end_limit(session, ACTOR, limit.id)
    services.set_limit(session, ACTOR, "branch", None, "day", 6)


def test_two_persons_let_one_card_pass_the_limits_once(session: Session, clerk: Identity, person_id: int) -> None:
    second, _ = factories.account(session, Role.OPERATOR)
    services.set_limit(session, ACTOR, "person", None, "ever", 1)
    give(session, clerk, person_id)
    asked = services.ask_exception(session, clerk, person_id, "silver", "a wedding")
    with pytest.raises(IssuingExceptionAsked):
        services.ask_exception(session, clerk, person_id, "silver", "once more")
    with pytest.raises(OwnIssuingException):
        services.answer_exception(session, clerk, asked.id, is_allowed=True)
    with pytest.raises(IssuingLimitReached):
        give(session, clerk, person_id)
    services.answer_exception(session, second, asked.id, is_allowed=True)
    with pytest.raises(IssuingExceptionNotFound):
        services.answer_exception(session, second, asked.id, is_allowed=False)
    card = give(session, clerk, person_id)
    assert session.get_one(IssuingException, asked.id).card_id == card.id
    with pytest.raises(KindHeldAlready):
        give(session, clerk, person_id)


def test_what_was_allowed_is_over_after_a_day(
    session: Session, clerk: Identity, person_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    second, _ = factories.account(session, Role.OPERATOR)
    services.set_limit(session, ACTOR, "person", None, "ever", 1)
    give(session, clerk, person_id)
    asked = services.ask_exception(session, clerk, person_id, "silver", "a wedding")
    services.answer_exception(session, second, asked.id, is_allowed=True)
    later = clock.now() + timedelta(hours=25)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(IssuingLimitReached):
        give(session, clerk, person_id)
