"""A wish for a first card, from asking to the card in the hand."""

import pytest
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.rules import CardStatus
from cardbank.first_cards import services
from cardbank.first_cards.errors import CardHeldAlready, DocumentNotSeen, FirstCardIsReady, FirstCardNotFound
from cardbank.first_cards.queries import newest_desk, open_wishes, wishes_of
from cardbank.first_cards.rules import check_has_none, typed_desk, typed_why
from cardbank.issuing.errors import IssuingLimitReached
from cardbank.issuing.models import CardIssue
from cardbank.issuing.services import hand_out_at_desk, set_limit
from cardbank.kinds.errors import CardKindClosed, CardKindNotFound
from cardbank.kinds.rules import KindTerms, Technology
from cardbank.kinds.services import define_kind
from identity.models import Person
from identity.permissions import Identity, Role
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput
from kernel.messages.queries import facts_sent_to
from tests import factories

ACTOR = factories.ACTOR
MOBILE = "+989151234567"


@pytest.fixture
def clerk(session: Session) -> Identity:
    return factories.account(session, Role.OPERATOR)[0]


@pytest.fixture
def holder(session: Session) -> Identity:
    """A pilgrim without a card, a kind without a chip, and a city."""
    factories.city(session)
    define_kind(session, ACTOR, "silver", KindTerms({"fa": "نقره‌ای", "en": "Silver"}, local_day(clock.now()), 12, Technology.QR))
    made = factories.account(session)[0]
    session.get_one(Person, made.person_id).mobile = MOBILE
    return made


def ask(session: Session, holder: Identity, kind: str = "silver") -> int:
    return services.ask_first_card(session, holder.actor, holder.person_id, kind, "ar", factories.city(session).id).id


def hand_over(session: Session, clerk: Identity, wish_id: int, *, seen: bool = True) -> Card:
    return services.hand_over_first_card(session, factories.keystore(), clerk, wish_id, "", is_document_seen=seen)


def test_a_wish_becomes_a_card_in_the_hand(session: Session, holder: Identity, clerk: Identity) -> None:
    wish_id = ask(session, holder)
    assert ask(session, holder) == wish_id, "asked again, it is the same wish"
    services.make_ready(session, ACTOR, wish_id, "  desk 3 ")
    services.make_ready(session, ACTOR, wish_id, "desk 3")
    assert [one["desk"] for one in facts_sent_to(session, MOBILE, "first_card_ready")] == ["desk 3"], "told once a desk"
    assert newest_desk(session, factories.city(session).id) == "desk 3"
    with pytest.raises(FirstCardIsReady) as ready:
        ask(session, holder)
    assert ready.value.facts == {"desk": "desk 3"}
    with pytest.raises(DocumentNotSeen):
        hand_over(session, clerk, wish_id, seen=False)
    card = hand_over(session, clerk, wish_id)
    [told] = wishes_of(session, holder.person_id)
    assert (card.status, told.wish.state, told.wish.card_id, told.masked) == ("active", "done", card.id, card.masked)
    assert open_wishes(session) == []
    with pytest.raises(CardHeldAlready):
        ask(session, holder)
    for late in (
        lambda: hand_over(session, clerk, wish_id),
        lambda: services.withdraw_first_card(session, holder.actor, holder.person_id),
    ):
        with pytest.raises(FirstCardNotFound):
            late()


def test_a_card_that_comes_by_another_way_ends_the_wish(session: Session, holder: Identity, clerk: Identity) -> None:
    ask(session, holder)
    card = hand_out_at_desk(session, factories.keystore(), clerk, holder.person_id, "fa", "silver", "")
    assert wishes_of(session, holder.person_id)[0].wish.card_id == card.id


def test_a_wish_is_refused_with_a_reason_or_called_off(session: Session, holder: Identity) -> None:
    services.refuse_first_card(session, ACTOR, ask(session, holder), "The name is not readable")
    services.make_ready(session, ACTOR, ask(session, holder), "desk 1")
    services.withdraw_if_asked(session, holder.actor, holder.person_id)
    services.withdraw_if_asked(session, holder.actor, holder.person_id)
    told = [(one.wish.state, one.wish.why) for one in wishes_of(session, holder.person_id)]
    assert told == [("withdrawn", None), ("refused", "The name is not readable")]


def test_limits_of_a_person_hold_when_a_card_is_asked_for(session: Session, holder: Identity, clerk: Identity) -> None:
    set_limit(session, ACTOR, "network", None, "day", 1)
    set_limit(session, ACTOR, "person", None, "month", 1)
    hand_out_at_desk(session, factories.keystore(), clerk, factories.person(session).id, "fa", "silver", "")
    ask(session, holder)  # the network's day is over, and the card may go out tomorrow
    services.withdraw_first_card(session, holder.actor, holder.person_id)
    card = factories.card(session, person_id=holder.person_id)
    card.status = "refunded"
    session.add(CardIssue(card_id=card.id, kind="silver", person_id=holder.person_id, at=clock.now()))
    session.flush()
    with pytest.raises(IssuingLimitReached) as reached:
        ask(session, holder)
    assert reached.value.facts == {"fault": "person_month", "most": 1}
    for kind, refusal in (("gift", CardKindClosed), ("none", CardKindNotFound)):
        with pytest.raises(refusal):
            ask(session, holder, kind)


def test_texts_and_cards_that_fit_no_wish_are_refused() -> None:
    for typed in ("", "  ", "x" * 201):
        for read in (typed_desk, typed_why):
            with pytest.raises(BadInput):
                read(typed)
    check_has_none([CardStatus.REPLACED, CardStatus.REFUNDED])
    for status in (CardStatus.ACTIVE, CardStatus.BLOCKED, CardStatus.EXPIRED):
        with pytest.raises(CardHeldAlready):
            check_has_none([status])
