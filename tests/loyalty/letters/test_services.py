"""A letter is settled when it is written, leaves once, waits for a second person where it is long, and can be stopped."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from identity.consents import end_agreement
from identity.permissions import Identity
from kernel import clock
from kernel.messages.models import Message
from kernel.messages.services import refuse_offers
from kernel.settings import load_settings
from loyalty.groups import services as groups
from loyalty.groups.models import CustomerGroup
from loyalty.letters import queries, rules, services
from loyalty.letters.errors import LetterIsOver, LetterNotFound, NobodyToWriteTo, OwnLetter, WrongLetter
from loyalty.letters.models import Letter
from tests import factories
from tests.factories import ACTOR
from tests.loyalty.groups.people import customer, shop_owner

TEXTS = {"fa": "زعفران تازه رسید", "en": "Fresh saffron"}


def crowd(session: Session, people: int) -> tuple[Identity, int, CustomerGroup, list[Identity]]:
    """A shop with a group of customers who let it write."""
    owner, shop = shop_owner(session)
    group = groups.found_group(session, owner, shop, "مشتریان")
    made = [customer(session, shop, language=("fa", "en")[number % 2]) for number in range(people)]
    for _, number in made:
        groups.add_one(session, owner, shop, group.id, number, "")
    return owner, shop, group, [one for one, _ in made]


def write(session: Session, owner: Identity, shop: int, group: CustomerGroup, key: str = "", **changes: object) -> Letter:
    draft = replace(rules.Draft("offer", TEXTS, clock.now()), **changes)
    return services.write_letter(session, owner, (shop, False), key or str(uuid4()), draft, group)


def test_a_letter_reaches_each_once_in_their_language(session: Session) -> None:
    owner, shop, group, people = crowd(session, 3)
    key = str(uuid4())
    letter = write(session, owner, shop, group, key)
    assert write(session, owner, shop, group, key).id == letter.id, "a form that was sent twice"
    assert (letter.people, letter.parts, letter.state) == (3, 3, "scheduled")
    assert services.send_next(session)
    assert (letter.state, services.send_next(session)) == ("done", False)
    sent = session.execute(select(Message.language, Message.purpose, Message.key).order_by(Message.id)).all()
    assert [(one.language, one.purpose) for one in sent] == [("fa", "offer"), ("en", "offer"), ("fa", "offer")]
    assert [one.key for one in sent] == [queries.message_key(letter.id, one.person_id) for one in people]
    assert queries.fates_of(session, letter.id) == {"waiting": 3}


def test_a_turn_that_dies_is_written_again_and_nobody_twice(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "A_TURN", 2)
    owner, shop, group, _ = crowd(session, 3)
    letter = write(session, owner, shop, group)
    session.commit()
    services.send_next(session)
    session.rollback()  # as a killed worker leaves it
    while services.send_next(session):
        session.commit()
    assert session.scalar(select(func.count()).select_from(Message)) == 3
    assert session.get_one(Letter, letter.id, populate_existing=True).state == "done"


def test_who_ended_it_in_between_is_left_out_and_who_wants_no_offers_refused_by_the_queue(session: Session) -> None:
    owner, shop, group, people = crowd(session, 2)
    letter = write(session, owner, shop, group, send_at=clock.now() + timedelta(hours=1))
    assert not services.send_next(session), "not before its time"
    end_agreement(session, people[0], shop)
    session.execute(update(Letter).values(send_at=clock.now()))
    services.send_next(session)
    assert queries.fates_of(session, letter.id) == {"left_out": 1, "waiting": 1}


def test_a_stopped_letter_leaves_no_more(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "A_TURN", 2)
    owner, shop, group, _ = crowd(session, 4)
    letter = write(session, owner, shop, group)
    services.send_next(session)
    in_hands = session.scalars(select(Message).order_by(Message.id)).first()
    assert in_hands is not None
    in_hands.due_at = clock.now() + timedelta(minutes=4)  # a worker carries it just now
    session.execute(update(Message).where(Message.id != in_hands.id).values(due_at=clock.now()))
    services.stop_letter(session, owner, shop, letter.id)
    assert not services.send_next(session)
    assert queries.fates_of(session, letter.id) == {"stopped": 2, "expired": 1, "waiting": 1}
    with pytest.raises(LetterIsOver):
        services.stop_letter(session, owner, shop, letter.id)


def test_a_long_letter_waits_for_a_second_person(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    few = load_settings().model_copy(update={"letter_people_alone": 1})
    monkeypatch.setattr(services, "load_settings", lambda: few)
    owner, shop, group, _ = crowd(session, 2)
    second, _ = factories.account(session, factories.Role.MERCHANT, organisation_id=shop)
    letter, unwanted = write(session, owner, shop, group), write(session, owner, shop, group)
    assert (letter.state, services.send_next(session)) == ("proposed", False)
    with pytest.raises(OwnLetter):
        services.decide(session, owner, shop, letter.id, may_leave=True)
    with pytest.raises(LetterNotFound):
        services.decide(session, second, shop + 1_000, letter.id, may_leave=True)
    assert len(queries.proposed_letters(session, shop)) == 2
    services.decide(session, second, shop, letter.id, may_leave=True)
    services.decide(session, second, shop, unwanted.id, may_leave=False)
    with pytest.raises(LetterIsOver):
        services.decide(session, second, shop, letter.id, may_leave=False)
    assert services.send_next(session)
    assert queries.fates_of(session, unwanted.id) == {"stopped": 2}


def test_only_the_operator_writes_to_who_has_not_agreed_and_says_what_kind_it_is(session: Session) -> None:
    operator, _ = factories.account(session, factories.Role.OPERATOR)
    own = operator.grants[0].organisation_id
    assert own is not None
    pilgrim, number = customer(session)
    draft = rules.Draft("service", TEXTS, clock.now())
    letter = services.write_letter(session, operator, (own, True), str(uuid4()), draft, pilgrim.person_id)
    refuse_offers(session, ACTOR, number)
    services.send_next(session)
    assert session.scalar(select(Message.purpose)) == "service"
    assert letter.group_id is None
    owner, shop, group, people = crowd(session, 1)
    with pytest.raises(WrongLetter):
        write(session, owner, shop, group, purpose="service")
    end_agreement(session, people[0], shop)
    with pytest.raises(NobodyToWriteTo):
        write(session, owner, shop, group)


def test_what_a_letter_may_say_and_when() -> None:
    assert rules.texts_of({"text_fa": " سلام \n\n جهان ", "text_en": " "}) == {"fa": "سلام\n\nجهان"}
    for typed, fault in (({"text_en": "x"}, "none"), ({"text_fa": "x" * 336}, "long")):
        with pytest.raises(WrongLetter) as refused:
            rules.texts_of(typed)
        assert refused.value.facts["fault"] == fault
    now = clock.now()
    assert rules.check_send_at(now - timedelta(days=1), now) == now
    with pytest.raises(WrongLetter):
        rules.check_send_at(now + timedelta(days=91), now)


def test_parts_are_counted_with_what_stands_around_the_text() -> None:
    texts = {"fa": "س" * 60, "en": "x" * 150}
    assert rules.parts_in_all(texts, {"fa": 2, "en": 3, "ur": 1}, {}) == 6
    assert rules.parts_in_all(texts, {"fa": 2, "en": 3, "ur": 1}, {"fa": "س" * 11, "en": "x" * 11, "ur": "س" * 11}) == 12
