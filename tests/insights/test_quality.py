"""Each fault is found where it is, weighs what it weighs, and is gone when it is mended."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from identity.models import Person
from identity.permissions import Identity, Role
from insights.quality import services
from insights.quality.models import KeptQuality, QualityRound
from insights.quality.queries import overview, own_shops, queue_of_shops
from insights.quality.rules import BEST, BITS, WEIGHTS, Fault, faults_in, score_of
from kernel import clock
from kernel.calendar import local_day
from kernel.db import unit_of_work
from merchants.models import Branch, Merchant
from merchants.onboarding.models import Application
from merchants.settlement.rules.sheba import make_sheba
from merchants.settlement.services.accounts import open_first_account
from places.hours.services import set_hours
from places.models import Place
from places.services import open_city_office
from tests import factories
from tests.factories import ACTOR
from tests.loyalty.groups.people import mobile
from tests.merchants.catalogue import goods


def shop(session: Session, *, lon: float = 59.7) -> tuple[Merchant, Place]:
    """A shop with a branch of its own position and nothing else."""
    made = factories.merchant(session)
    place = factories.place(session, lon=lon)
    session.add(Branch(merchant_id=made.id, place_id=place.id, names={"fa": "شعبه"}))
    session.flush()
    return made, place


def faults(session: Session, merchant: Merchant) -> set[Fault]:
    session.flush()
    [row] = own_shops(session, [merchant.organisation_id], clock.now())
    services.look_at_next_shops(session)
    kept = session.get_one(KeptQuality, merchant.id, populate_existing=True)
    assert (kept.score, faults_in(kept.faults)) == (row.score, row.faults)
    return set(row.faults)


def owner(session: Session, merchant: Merchant, number: str | None = None) -> Identity:
    identity, _ = factories.account(session, Role.MERCHANT, organisation_id=merchant.organisation_id)
    session.get_one(Person, identity.person_id).mobile = number
    return identity


def test_the_weights_take_a_whole_score() -> None:
    assert sum(WEIGHTS.values()) == BEST
    assert score_of(Fault) == 0
    assert score_of([]) == BEST


def test_every_fault_has_a_bit_of_its_own() -> None:
    assert all(faults_in(bit) == (fault,) for fault, bit in BITS.items())
    assert faults_in(sum(BITS.values())) == tuple(Fault)


def test_faults_go_as_they_are_mended(session: Session) -> None:
    merchant, place = shop(session)
    bare = {Fault.NO_HOURS, Fault.NO_ACCOUNT, Fault.NO_OWNER, Fault.UNCONFIRMED}
    assert faults(session, merchant) == bare
    set_hours(session, ACTOR, place.id, "09:00-21:00")
    assert faults(session, merchant) == bare - {Fault.NO_HOURS, Fault.UNCONFIRMED}
    place.confirmed_at = clock.now() - timedelta(days=400)
    name = session.get_one(factories.Organisation, merchant.organisation_id).names["fa"]
    open_first_account(
        session, ACTOR, merchant.id, make_sheba("017", f"{merchant.id:018d}"), name, proposed_by=None, approved_by=None
    )
    assert faults(session, merchant) == {Fault.NO_OWNER, Fault.UNCONFIRMED}
    place.confirmed_at = clock.now()
    holder = owner(session, merchant)
    assert faults(session, merchant) == {Fault.NO_PHONE}
    number = session.get_one(Person, holder.person_id).mobile = mobile()
    assert faults(session, merchant) == set()
    neighbour, _ = shop(session)
    owner(session, neighbour, number)
    assert faults(session, merchant) == {Fault.SHARED_PHONE}
    assert Fault.SHARED_PHONE in faults(session, neighbour)


def test_position_price_language_and_licence(session: Session) -> None:
    merchant, _ = shop(session, lon=factories.SHRINE[0])
    assert Fault.NO_POSITION in faults(session, merchant)
    goods.product(session, goods.Shop(merchant, (), owner(session, merchant, mobile())))
    assert Fault.NO_PRICE in faults(session, merchant)
    organisation = session.get_one(factories.Organisation, merchant.organisation_id)
    organisation.names = {"fa": "فقط فارسی"}
    assert Fault.ONE_LANGUAGE in faults(session, merchant)
    city, person = factories.city(session), factories.person(session)
    file = Application(
        key="7f6a3c52-61f6-4a55-9d7c-1c4f5be0a001", organisation_id=organisation.id, person_id=person.id, city_id=city.id, source="import",
        state="active", begun_on=local_day(clock.now()), changed_at=clock.now(), legal_name="x", merchant_id=merchant.id, licence_expires_on=local_day(clock.now()) - timedelta(days=1),
    )  # fmt: skip
    session.add(file)
    assert Fault.LICENCE_OVER in faults(session, merchant)
    file.licence_expires_on = local_day(clock.now()) + timedelta(days=20)
    assert Fault.LICENCE_SOON in faults(session, merchant)
    assert Fault.LICENCE_OVER not in faults(session, merchant)


def look(session: Session) -> None:
    """A whole round."""
    services.look_at_next_shops(session)
    while session.get_one(QualityRound, 1).after:
        services.look_at_next_shops(session)


def ids(session: Session, reach: list[int] | None, **asked: Any) -> list[int]:
    return [row.merchant_id for row in queue_of_shops(session, reach, clock.now(), **asked).shops]


def test_the_worst_come_first_and_a_union_sees_its_own(session: Session) -> None:
    union = factories.organisation(session, "union")
    made = [factories.merchant(session, union_id=union.id) for _ in range(3)]
    stranger = factories.merchant(session)
    owner(session, made[1], mobile())
    look(session)
    assert ids(session, [union.id]) == [made[0].id, made[2].id, made[1].id]
    first = queue_of_shops(session, [union.id], clock.now(), limit=1)
    assert first.following == (first.shops[0].score, made[0].id)
    assert ids(session, [union.id], after=first.following) == [made[2].id, made[1].id]
    assert ids(session, [union.id], fault=Fault.NO_OWNER) == [made[0].id, made[2].id]
    seen = overview(session, [union.id])
    assert (seen.shops, seen.by_fault[Fault.NO_OWNER], seen.by_fault[Fault.NO_ACCOUNT]) == (3, 2, 3)
    assert seen.score == round(sum(row.score for row in queue_of_shops(session, [union.id], clock.now()).shops) / 3)
    assert overview(session, None).shops == 4
    assert stranger.id in ids(session, None)


def test_a_city_finds_the_shops_with_a_branch_there(session: Session) -> None:
    here, _ = shop(session)
    factories.merchant(session)
    office = factories.organisation(session, "city_office")
    open_city_office(session, ACTOR, office.id, factories.city(session).id)
    look(session)
    assert ids(session, [office.id]) == [here.id]
    assert overview(session, [office.id]).shops == 1


def test_what_is_shown_is_of_now_though_the_round_is_not(session: Session) -> None:
    union = factories.organisation(session, "union")
    mended, moved, stopped = (factories.merchant(session, union_id=union.id) for _ in range(3))
    look(session)
    owner(session, mended, mobile())
    moved.union_id = factories.organisation(session, "union").id
    stopped.status = "suspended"
    session.flush()
    assert ids(session, [union.id]) == [mended.id]
    page = queue_of_shops(session, [union.id], clock.now(), fault=Fault.NO_OWNER, limit=2)
    assert (page.shops, page.following) == ([], (BEST - WEIGHTS[Fault.NO_OWNER] - WEIGHTS[Fault.NO_ACCOUNT], moved.id))
    assert overview(session, [union.id]).shops == 3
    look(session)
    assert overview(session, [union.id]).shops == 1
    assert overview(session, [union.id]).by_fault[Fault.NO_OWNER] == 0


def test_a_round_goes_on_where_it_was_and_writes_only_what_changed(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "SHOPS_A_TURN", 2)
    made = [factories.merchant(session) for _ in range(3)]
    morning = clock.now()
    with clock.frozen(morning):
        assert services.look_at_next_shops(session) == 2
    assert overview(session, None).at is None
    with clock.frozen(morning + timedelta(minutes=1)):
        assert services.look_at_next_shops(session) == 1
    assert overview(session, None).at == morning
    assert [services.look_at_next_shops(session) for _ in range(2)] == [0, 0]
    owner(session, made[2])
    made[0].status = "closed"
    session.flush()
    assert [services.look_at_next_shops(session) for _ in range(2)] == [1, 1]
    assert overview(session, None).shops == 2


def test_two_turns_at_once_are_one(database_url: str) -> None:
    """An older look must not be written over a newer one."""
    with unit_of_work() as session:
        factories.merchant(session)
    with unit_of_work() as first, unit_of_work() as second:
        assert services.look_at_next_shops(first) == 1
        assert services.look_at_next_shops(second) == 0
        assert overview(second, None).at is None
