"""Setting a PIN at the desk, and signing in by card number and PIN."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.cards.models import Card, Member
from cardbank.cards.queries import card_profile
from cardbank.cards.rules import BlockReason, new_card_number, refusal_of_card
from cardbank.cards.services import block_card
from cardbank.errors import CardTransitionNotAllowed
from cardbank.pins import services
from cardbank.pins.errors import CardSignInRefused, PinNotSet
from cardbank.pins.models import CardPin
from cardbank.replacing.services import replace_at_desk
from identity import services as identity
from identity.errors import TooManySignInTries
from identity.permissions import Identity, Role
from kernel import clock
from kernel.calendar import local_day
from tests import factories

ACTOR = factories.ACTOR
PIN = "7294"
HOME = "192.0.2.1"


@pytest.fixture
def card(session: Session) -> Card:
    made = factories.card(session, person_id=factories.person(session).id)
    services.set_pin(session, ACTOR, made.id, PIN, "۷۲۹۴")
    session.commit()
    return made


def number_of(card: Card) -> str:
    return factories.keystore().open_card_number(card.number_sealed, card.token)


def proved(session: Session, number: str, pin: str = PIN, *, address: str = HOME) -> Identity:
    return services.prove_by_pin(session, factories.keystore(), number, pin, address=address)


def refused(session: Session, number: str, pin: str, address: str = HOME) -> str:
    with pytest.raises((CardSignInRefused, TooManySignInTries)) as told:
        proved(session, number, pin, address=address)
    session.commit()
    return told.value.code


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the window in which tries are counted."""
    moment = clock.now() + timedelta(minutes=6)
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_number_and_pin_open_the_holders_sign_in_in_any_digits(session: Session, card: Card) -> None:
    typed = " ".join(number_of(card)[at : at + 4] for at in range(0, 19, 4))
    first = proved(session, typed, "٧٢٩٤")
    assert first.roles == {Role.PILGRIM}
    assert proved(session, number_of(card), PIN).sign_in_id == first.sign_in_id


def test_neither_pin_nor_number_stands_anywhere(session: Session, card: Card) -> None:
    held = session.get_one(CardPin, card.id)
    assert held.pin_hash.startswith("$argon2id$")
    assert not identity.secret_fits(held.pin_hash, PIN)


def test_five_wrong_tries_shut_the_pin_for_their_client_until_a_desk_opens_it(
    session: Session, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [refused(session, number_of(card), "9051") for _ in range(5)] == ["card_sign_in_refused"] * 5
    later(monkeypatch)
    assert refused(session, number_of(card), PIN) == "card_sign_in_refused"
    assert services.state_of_pin(session, card.id) == (session.get_one(CardPin, card.id).set_at, True)
    services.open_pin(session, ACTOR, card.id)
    assert services.state_of_pin(session, card.id) == (session.get_one(CardPin, card.id).set_at, False)
    assert proved(session, number_of(card))


def test_a_stranger_who_knows_the_number_shuts_strangers_out_and_never_the_holder(
    session: Session, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert proved(session, number_of(card))
    session.commit()
    for stranger in range(5):
        refused(session, number_of(card), "9051", f"198.51.100.{stranger}")
    assert refused(session, number_of(card), PIN, "203.0.113.9") == "card_sign_in_refused", "also with the right one"
    assert session.get_one(CardPin, card.id).tries == 5, "what is tried meanwhile keeps nobody out for longer"
    assert proved(session, number_of(card)), "the holder's own client is none of them"
    assert session.get_one(CardPin, card.id).tries == 5, "nor does it make room for more of theirs"
    session.commit()
    later(monkeypatch)
    assert proved(session, number_of(card), address="203.0.113.9"), "after the wait a new telephone comes in"
    assert session.get_one(CardPin, card.id).tries == 0


def test_the_holder_opens_the_own_pins_by_telephone_and_nobody_elses(session: Session, card: Card) -> None:
    other = factories.card(session, person_id=factories.person(session).id)
    services.set_pin(session, ACTOR, other.id, PIN, PIN)
    session.commit()
    for one in (card, other):
        assert [refused(session, number_of(one), "9051", f"198.51.100.{at}") for at in range(5)] == ["card_sign_in_refused"] * 5
    holder = factories.account(session)[0]
    session.get_one(Member, card.member_id).person_id = holder.person_id
    services.open_pins_of(session, holder)
    session.commit()
    assert [session.get_one(CardPin, one.id).tries for one in (card, other)] == [0, 5]
    assert proved(session, number_of(card), address="203.0.113.9").person_id == holder.person_id


def test_no_try_of_a_pin_stops_a_tap(session: Session, card: Card) -> None:
    for stranger in range(9):
        refused(session, number_of(card), "9051", f"198.51.100.{stranger}")
    profile = card_profile(session, card.id)
    assert profile is not None
    assert refusal_of_card(profile, local_day(clock.now())) is None


def test_an_unknown_number_is_answered_as_a_wrong_pin_is_after_the_same_work(
    session: Session, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = factories.card(session, person_id=factories.person(session).id)
    anonymous = factories.card(session)
    services.set_pin(session, ACTOR, anonymous.id, PIN, PIN)
    session.commit()
    hashed: list[bool] = []
    real = services.secret_fits
    monkeypatch.setattr(services, "secret_fits", lambda kept, typed: hashed.append(kept is None) or real(kept, typed))
    for number, pin in (
        (number_of(card), "9051"),
        (new_card_number(), PIN),
        (number_of(without), PIN),
        (number_of(anonymous), PIN),
        ("12", PIN),
    ):
        answers = [refused(session, number, pin) for _ in range(6)]
        assert answers == ["card_sign_in_refused"] * 5 + ["too_many_sign_in_tries"]
    assert len(hashed) == 5 * 5


def test_a_right_pin_forgets_the_wrong_ones_before(session: Session, card: Card, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        for _ in range(4):
            refused(session, number_of(card), "9051")
        assert proved(session, number_of(card), PIN)
        session.commit()
        later(monkeypatch)


def test_a_card_that_is_stopped_or_replaced_opens_nothing(session: Session, card: Card) -> None:
    new = replace_at_desk(session, factories.keystore(), ACTOR, card.id, "damaged", "")
    session.commit()
    assert refused(session, number_of(card), PIN) == "card_sign_in_refused"
    assert refused(session, number_of(new), PIN) == "card_sign_in_refused"
    with pytest.raises(PinNotSet):
        services.open_pin(session, ACTOR, new.id)
    block_card(session, ACTOR, new.id, BlockReason.LOST)
    with pytest.raises(CardTransitionNotAllowed):
        services.set_pin(session, ACTOR, new.id, PIN, PIN)


def test_who_moves_money_signs_in_by_password(session: Session) -> None:
    owner, _ = factories.account(session, Role.MERCHANT)
    card = factories.card(session, person_id=owner.person_id)
    services.set_pin(session, ACTOR, card.id, PIN, PIN)
    session.commit()
    assert refused(session, number_of(card), PIN) == "card_sign_in_refused"
    assert session.scalars(select(CardPin.tries)).all() == [0]
