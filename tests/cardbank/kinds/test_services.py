from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from cardbank.cards.services import issue_card
from cardbank.kinds.errors import CardKindClosed, CardKindNeedsHolder, CardKindNotFound, CardKindTaken
from cardbank.kinds.queries import kind_in_force, kind_of_card, kinds_in_force
from cardbank.kinds.rules import KindTerms, Technology, last_day_of
from cardbank.kinds.services import define_kind, renew_kind
from cardbank.replacing.services import replace_at_desk
from kernel import clock
from kernel.calendar import local_day
from tests import factories

NAMES = {"fa": "نقره‌ای", "en": "Silver"}


def terms(**said: object) -> KindTerms:
    usual = {"names": NAMES, "starts_on": local_day(clock.now()), "valid_months": 12, "technology": Technology.QR}
    return KindTerms(**(usual | said))  # type: ignore[arg-type]


def test_a_card_has_the_validity_and_the_limit_of_its_kind_as_it_was_issued_under(session: Session) -> None:
    today = local_day(clock.now())
    define_kind(session, factories.ACTOR, "silver", terms(purchase_limit_rial=7_000_000))
    holder = factories.person(session)
    first = issue_card(session, factories.keystore(), factories.ACTOR, person_id=holder.id, product="silver")
    assert (first.expires_on, first.purchase_limit_rial) == (last_day_of(today, 12), 7_000_000)
    renew_kind(session, factories.ACTOR, "silver", terms(valid_months=24))
    second = issue_card(session, factories.keystore(), factories.ACTOR, person_id=holder.id, product="silver")
    assert (second.expires_on, second.purchase_limit_rial) == (last_day_of(today, 24), None)
    assert (first.expires_on, first.purchase_limit_rial) == (last_day_of(today, 12), 7_000_000)
    versions = [kind_of_card(session, card.id) for card in (first, second)]
    assert [one.version for one in versions if one] == [1, 2]


def test_a_version_waits_for_its_day(session: Session) -> None:
    today = local_day(clock.now())
    define_kind(session, factories.ACTOR, "silver", terms(starts_on=today + timedelta(days=3)))
    with pytest.raises(CardKindNotFound):
        kind_in_force(session, "silver", today)
    assert kind_in_force(session, "silver", today + timedelta(days=3)).version == 1
    assert [one.code for one in kinds_in_force(session, today)] == ["gift", "standard"]
    with pytest.raises(CardKindTaken):
        define_kind(session, factories.ACTOR, "silver", terms())
    with pytest.raises(CardKindNotFound):
        renew_kind(session, factories.ACTOR, "golden", terms())


def test_a_closed_kind_is_given_to_nobody_new_and_replaced_all_the_same(session: Session) -> None:
    define_kind(session, factories.ACTOR, "silver", terms())
    with pytest.raises(CardKindNeedsHolder):
        issue_card(session, factories.keystore(), factories.ACTOR, person_id=None, product="silver")
    session.rollback()
    define_kind(session, factories.ACTOR, "silver", terms(allows_anonymous=True))
    card = issue_card(session, factories.keystore(), factories.ACTOR, person_id=None, product="silver")
    card.status = "active"
    renew_kind(session, factories.ACTOR, "silver", terms(is_open=False))
    with pytest.raises(CardKindClosed):
        issue_card(session, factories.keystore(), factories.ACTOR, person_id=None, product="silver")
    session.expunge_all()
    assert replace_at_desk(session, factories.keystore(), factories.ACTOR, card.id, "damaged", "").product == "silver"
