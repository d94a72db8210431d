"""Two desks and one pilgrim who comes, two uses of one desk's code, and many tries of one PIN at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.services import stock_card
from cardbank.pins import services as pins
from cardbank.pins.errors import CardSignInRefused
from identity import coming, desk_codes, enrolment
from identity.coming import announce
from identity.errors import DocumentSignInRefused
from identity.permissions import Identity, Role
from kernel.db import unit_of_work
from kernel.errors import DomainError
from merchants.enrolment import handing
from tests import factories
from tests.concurrency.test_identity import together, unlocked
from tests.identity.test_coming import form
from tests.meeting import meet_before

CHIPS = [bytes.fromhex(f"04a1b2c3d4e5{last}") for last in ("f6", "f7")]


@pytest.fixture
def desks(session: Session) -> list[Identity]:
    for chip in CHIPS:
        stock_card(session, factories.keystore(), factories.ACTOR, chip)
    made = [factories.account(session, Role.OPERATOR)[0] for _ in CHIPS]
    session.commit()
    return made


def at_both(desks: list[Identity], comings: list[int]) -> list[str]:
    def receive(desk: Identity, coming_id: int, chip: bytes) -> str:
        try:
            with unit_of_work() as visit:
                return handing.receive_with_card(visit, factories.keystore(), desk, coming_id, chip.hex()).status
        except DomainError as refusal:
            return refusal.code

    with ThreadPoolExecutor(2) as pool:
        return sorted(call.result() for call in [pool.submit(receive, *one) for one in zip(desks, comings, CHIPS, strict=True)])


def on_record(session: Session) -> list[int]:
    """A pilgrim who is known and has no card, and has said twice to come."""
    known = enrolment.enrol_pilgrim(session, factories.ACTOR, form(kind="passport", country="IRQ"), "fa", is_another=False)
    known.birth_date = date(1968, 4, 2)
    made = [announce(session, form(), "ar").id for _ in range(2)]
    session.commit()
    return made


@pytest.mark.parametrize(("is_locked", "outcomes"), [(False, ["active", "active"]), (True, ["active", "pilgrim_has_card"])])
def test_a_pilgrim_who_said_so_twice_gets_one_card_of_two_desks(
    session: Session, desks: list[Identity], monkeypatch: pytest.MonkeyPatch, is_locked: bool, outcomes: list[str]
) -> None:
    comings = on_record(session)
    if not is_locked:
        monkeypatch.setattr(enrolment, "keep_others_away", lambda *_: None)
        meet_before(monkeypatch, handing, "hand_out_at_desk")
    assert at_both(desks, comings) == outcomes
    assert session.scalar(select(func.count()).select_from(Card).where(Card.status == "active")) == outcomes.count("active")


@pytest.mark.parametrize(("is_locked", "outcomes"), [(False, ["received", "received"]), (True, ["coming_not_found", "received"])])
def test_one_form_is_received_by_one_desk(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, outcomes: list[str]
) -> None:
    one = on_record(session)[0]
    if not is_locked:
        monkeypatch.setattr(enrolment, "keep_others_away", lambda *_: None)
        unlocked(monkeypatch)
        meet_before(monkeypatch, coming, "known_or_enrolled")

    def receive() -> str:
        try:
            with unit_of_work() as visit:
                coming.receive(visit, factories.ACTOR, one)
        except DomainError as refusal:
            return refusal.code
        return "received"

    assert together(receive, 2) == outcomes


@pytest.mark.parametrize(("is_locked", "outcomes"), [(False, ["signed in", "signed in"]), (True, ["refused", "signed in"])])
def test_a_desks_code_used_twice_at_once_signs_in_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, outcomes: list[str]
) -> None:
    holder = enrolment.enrol_pilgrim(session, factories.ACTOR, form(kind="passport", country="IRQ"), "fa", is_another=False)
    code = desk_codes.give_code(session, factories.ACTOR, holder.id, date(1968, 4, 2))
    desk_codes.open_own_sign_in(session, holder.id)
    session.commit()
    if not is_locked:
        monkeypatch.setattr(desk_codes, "text", lambda _: select(func.now()).where(False))
        unlocked(monkeypatch)
        meet_before(monkeypatch, desk_codes, "prove_second_step")

    def use() -> str:
        with unit_of_work() as visit:
            try:
                desk_codes.prove_by_document(visit, "A1234567", "IRQ", date(1968, 4, 2), code)
            except DocumentSignInRefused:
                return "refused"
        return "signed in"

    assert together(use, 2) == outcomes


@pytest.fixture
def strangers() -> Iterator[str]:
    return (f"198.51.100.{at}" for at in range(8))


@pytest.mark.parametrize(("is_locked", "looked_at"), [(False, 8), (True, 5)])
def test_strangers_who_try_one_pin_at_once_wait_as_if_one_after_the_other(
    session: Session, monkeypatch: pytest.MonkeyPatch, strangers: Iterator[str], is_locked: bool, looked_at: int
) -> None:
    card = factories.card(session, person_id=factories.person(session).id)
    pins.set_pin(session, factories.ACTOR, card.id, "7294", "7294")
    number = factories.keystore().open_card_number(card.number_sealed, card.token)
    session.commit()
    hashed: list[bool] = []
    real: Callable[[str | None, str], bool] = pins.secret_fits
    monkeypatch.setattr(pins, "secret_fits", lambda kept, typed: hashed.append(kept is not None) or real(kept, typed))
    if not is_locked:
        monkeypatch.setattr(pins, "lock_number", lambda *_: None)
        unlocked(monkeypatch)
        monkeypatch.setattr(Session, "get", unlocked_get(Session.get))
        meet_before(monkeypatch, pins, "secret_fits", 8)

    def attempt() -> str:
        address = next(strangers)
        with unit_of_work() as visit:
            try:
                pins.prove_by_pin(visit, factories.keystore(), number, "9051", address=address)
            except CardSignInRefused:
                return "refused"
        return "signed in"

    assert together(attempt, 8) == ["refused"] * 8
    assert hashed.count(True) == looked_at


def unlocked_get(real: Callable[..., object]) -> Callable[..., object]:
    def get(*facts: object, with_for_update: object = None, **options: object) -> object:
        return real(*facts, **options)

    return get
