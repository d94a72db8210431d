"""A family's life: opened, joined, limited, left and closed; and what its members see of each other."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.cards.models import Member
from cardbank.cards.queries import card_profile, cards_of_person
from cardbank.cards.rules import CardStatus
from cardbank.cards.services import stock_card
from cardbank.errors import CardTransitionNotAllowed
from cardbank.families import services
from cardbank.families.errors import (
    FamilyHoldsMoney,
    FamilyIsFull,
    FamilyMemberNotFound,
    FamilyNotFound,
    HasFamily,
    OnlyTheHead,
    WrongLimit,
)
from cardbank.families.models import Family
from cardbank.families.queries import family_of_person, members_of, members_seen
from cardbank.families.rules import MOST_LIMIT_RIAL, MOST_MEMBERS, Limits, check_limits
from cardbank.families.verify import FAMILIES
from cardbank.issuing.errors import IssuingLimitReached
from cardbank.issuing.models import CardIssue
from cardbank.issuing.rules import Issuer
from cardbank.issuing.services import set_limit
from cardbank.services import new_request_key, top_up_at_desk
from identity.errors import CodeRefused
from identity.permissions import Role
from kernel import clock
from kernel.calendar import local_day
from tests import factories
from tests.factories import ACTOR


@pytest.fixture
def head(session: Session) -> int:
    return factories.person(session).id


@pytest.fixture
def family(session: Session, head: int) -> Family:
    return services.open_family(session, factories.keystore(), ACTOR, head, "fa")


def joined(session: Session, family: Family) -> tuple[int, int]:
    """A new person who has used a code of the family: (person, member)."""
    person = factories.person(session).id
    code = services.new_family_code(session, ACTOR, family.wallet_id)
    return person, services.join_family(session, factories.keystore(), ACTOR, person, code.lower(), "ar").member_id


def faults(session: Session) -> list[str]:
    session.commit()
    connection = session.connection().connection.driver_connection
    return list(FAMILIES[2](connection))


def test_a_head_opens_a_family_with_a_card_of_its_own_and_no_second_one(session: Session, head: int, family: Family) -> None:
    [card] = cards_of_person(session, head)
    assert (card.status, card.wallet_id, card.member_id) == (CardStatus.ACTIVE, family.wallet_id, family.head_id)
    with pytest.raises(HasFamily):
        services.open_family(session, factories.keystore(), ACTOR, head, "fa")


def test_who_brings_the_code_joins_once_with_a_card_in_the_own_language(session: Session, family: Family) -> None:
    code = services.new_family_code(session, ACTOR, family.wallet_id)
    person = factories.person(session).id
    services.join_family(session, factories.keystore(), ACTOR, person, code, "ur")
    [card] = cards_of_person(session, person)
    assert (card.wallet_id, card.language, card.status) == (family.wallet_id, "ur", CardStatus.ACTIVE)
    with pytest.raises(CodeRefused):
        services.join_family(session, factories.keystore(), ACTOR, factories.person(session).id, code, "ur")


def test_cards_of_a_family_count_and_one_in_an_earlier_ones_place_does_not(session: Session, family: Family) -> None:
    child = services.add_child(session, ACTOR, family.wallet_id, factories.person(session).id)
    keystore, clerk = factories.keystore(), factories.account(session, Role.OPERATOR)[0]
    numbers = [
        keystore.open_card_number(one.number_sealed, one.token)
        for one in (stock_card(session, keystore, ACTOR, None) for _ in range(2))
    ]
    desk = Issuer(account_id=clerk.sign_in_id)
    set_limit(session, ACTOR, "operator", None, "day", 1)
    for number in numbers:
        services.hand_out_card(session, keystore, ACTOR, child.member_id, number, issuer=desk)
    issued = [(one.person_id, one.account_id) for one in session.scalars(select(CardIssue).order_by(CardIssue.card_id))]
    assert issued == [(person_of(session, family.head_id), None), (person_of(session, child.member_id), clerk.sign_in_id)]
    with pytest.raises(IssuingLimitReached):
        services.open_family(session, keystore, ACTOR, factories.person(session).id, "fa", issuer=desk)


def person_of(session: Session, member_id: int) -> int | None:
    return session.get_one(Member, member_id).person_id


def test_who_is_in_a_family_joins_no_other(session: Session, family: Family) -> None:
    person, _member = joined(session, family)
    other = services.open_family(session, factories.keystore(), ACTOR, factories.person(session).id, "fa")
    code = services.new_family_code(session, ACTOR, other.wallet_id)
    with pytest.raises(HasFamily):
        services.join_family(session, factories.keystore(), ACTOR, person, code, "fa")


def test_a_childs_card_comes_from_the_stock_and_ends_the_one_before(session: Session, family: Family) -> None:
    keystore = factories.keystore()
    child = services.add_child(session, ACTOR, family.wallet_id, factories.person(session).id)
    stock = [stock_card(session, keystore, ACTOR, uid=bytes([4, *range(5), n])) for n in (1, 2)]
    numbers = [keystore.open_card_number(card.number_sealed, card.token) for card in stock]
    first = services.hand_out_card(session, keystore, ACTOR, child.member_id, numbers[0])
    second = services.hand_out_card(session, keystore, ACTOR, child.member_id, numbers[1])
    states = [card_profile(session, card.id) for card in (first, second)]
    assert [(one.status, one.member_id) for one in states if one] == [
        (CardStatus.REFUNDED, child.member_id), (CardStatus.ACTIVE, child.member_id),
    ]  # fmt: skip
    with pytest.raises(CardTransitionNotAllowed):
        services.hand_out_card(session, keystore, ACTOR, child.member_id, numbers[0])


def test_limits_stand_in_the_ledger_as_the_family_says_them(session: Session, family: Family) -> None:
    _person, member = joined(session, family)
    services.set_limits(session, ACTOR, family.wallet_id, member, Limits(200_000, 1_000_000), None)
    services.set_limits(session, ACTOR, family.wallet_id, member, Limits(100_000, None), None)
    row = next(one for one in members_of(session, family.wallet_id, local_day(clock.now())) if one.member_id == member)
    assert row.limits == Limits(100_000, None)
    assert faults(session) == []
    services.set_limits(session, ACTOR, family.wallet_id, member, Limits(), None)
    assert faults(session) == []


def test_a_limit_that_only_one_side_knows_is_found(session: Session, family: Family) -> None:
    _person, member = joined(session, family)
    services.set_limits(session, ACTOR, family.wallet_id, member, Limits(200_000), None).day_rial = 300_000
    assert len(faults(session)) == 1


@pytest.mark.parametrize(
    ("limits", "field"),
    [
        (Limits(0), "day_rial"),
        (Limits(None, -1), "month_rial"),
        (Limits(MOST_LIMIT_RIAL + 1), "day_rial"),
        (Limits(200, 100), "day_rial"),
    ],
)
def test_limits_that_make_no_sense_name_their_field(limits: Limits, field: str) -> None:
    with pytest.raises(WrongLimit) as caught:
        check_limits(limits)
    assert caught.value.facts["field"] == field


def test_nobody_limits_or_removes_the_head_or_another_familys_member(session: Session, family: Family) -> None:
    other = services.open_family(session, factories.keystore(), ACTOR, factories.person(session).id, "fa")
    with pytest.raises(OnlyTheHead):
        services.set_limits(session, ACTOR, family.wallet_id, family.head_id, Limits(1), None)
    with pytest.raises(OnlyTheHead):
        services.remove_member(session, ACTOR, family.wallet_id, family.head_id)
    with pytest.raises(FamilyMemberNotFound):
        services.set_limits(session, ACTOR, family.wallet_id, other.head_id, Limits(1), None)
    with pytest.raises(FamilyNotFound):
        services.remove_member(session, ACTOR, 10**9, other.head_id)


def test_who_is_removed_has_no_card_of_the_family_and_sees_nothing_of_it(session: Session, family: Family) -> None:
    person, member = joined(session, family)
    [card] = cards_of_person(session, person)
    services.set_limits(session, ACTOR, family.wallet_id, member, Limits(5), None)
    services.remove_member(session, ACTOR, family.wallet_id, member)
    assert (cards_of_person(session, person), family_of_person(session, person)) == ([], None)
    ended = card_profile(session, card.card_id)
    assert ended is not None
    assert ended.status is CardStatus.REFUNDED
    assert faults(session) == []


def test_purchases_are_seen_by_whom_they_concern(session: Session, head: int, family: Family) -> None:
    person, member = joined(session, family)
    child = services.add_child(session, ACTOR, family.wallet_id, factories.person(session).id).member_id
    wallet = family.wallet_id
    assert members_seen(session, head, wallet) == {family.head_id, child}
    assert members_seen(session, person, wallet) == {member}
    services.show_lines(session, ACTOR, wallet, member, shows=True)
    services.show_lines(session, ACTOR, wallet, child, shows=False)
    assert members_seen(session, head, wallet) == {family.head_id, member, child}
    assert members_seen(session, head, 10**9) is None


def test_a_family_is_closed_when_its_purse_is_empty(session: Session, head: int, family: Family) -> None:
    person, _member = joined(session, family)
    [card] = cards_of_person(session, head)
    session.commit()
    top_up_at_desk(session, ACTOR, card.card_id, 50_000, new_request_key())
    session.commit()
    with pytest.raises(FamilyHoldsMoney) as caught:
        services.close_family(session, ACTOR, family.wallet_id)
    assert caught.value.facts == {"amount_rial": 50_000}
    session.rollback()
    assert family_of_person(session, person) is not None


def test_an_empty_family_ends_with_all_its_cards(session: Session, head: int, family: Family) -> None:
    person, _member = joined(session, family)
    services.close_family(session, ACTOR, family.wallet_id)
    assert [cards_of_person(session, one) for one in (head, person)] == [[], []]
    services.open_family(session, factories.keystore(), ACTOR, person, "fa")


def test_a_family_has_an_end(session: Session, family: Family) -> None:
    for _ in range(MOST_MEMBERS - 1):
        services.add_child(session, ACTOR, family.wallet_id, factories.person(session).id)
    with pytest.raises(FamilyIsFull):
        services.new_family_code(session, ACTOR, family.wallet_id)
