"""Each fault is found where it is, weighs what it weighs, and is gone when it is mended."""

from datetime import timedelta

from sqlalchemy.orm import Session

from identity.models import Person
from identity.permissions import Identity, Role
from insights.quality.queries import overview, shops_by_quality
from insights.quality.rules import BEST, WEIGHTS, Fault, score_of
from kernel import clock
from kernel.calendar import local_day
from merchants.models import Branch, Merchant
from merchants.onboarding.models import Application
from merchants.settlement.rules.sheba import make_sheba
from merchants.settlement.services.accounts import open_first_account
from places.hours.services import set_hours
from places.models import Place
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
    [row] = shops_by_quality(session, [merchant.organisation_id], clock.now())
    assert row.score == score_of(row.faults)
    return set(row.faults)


def owner(session: Session, merchant: Merchant, number: str | None = None) -> Identity:
    identity, _ = factories.account(session, Role.MERCHANT, organisation_id=merchant.organisation_id)
    session.get_one(Person, identity.person_id).mobile = number
    return identity


def test_the_weights_take_a_whole_score() -> None:
    assert sum(WEIGHTS.values()) == BEST
    assert score_of(Fault) == 0
    assert score_of([]) == BEST


def test_faults_go_as_they_are_mended(session: Session) -> None:
    merchant, place = shop(session)
    bare = {Fault.NO_HOURS, Fault.NO_ACCOUNT, Fault.NO_OWNER, Fault.UNCONFIRMED}
    assert faults(session, merchant) == bare
    set_hours(session, ACTOR, place.id, "09:00-21:00")
    assert faults(session, merchant) == bare - {Fault.NO_HOURS, Fault.UNCONFIRMED}
    place.confirmed_at = clock.now() - timedelta(days=400)
    name = session.get_one(factories.Organisation, merchant.organisation_id).names["fa"]
    open_first_account(session, ACTOR, merchant.id, make_sheba("017", f"{merchant.id:018d}"), name, proposed_by=None, approved_by=None)
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


def test_the_worst_come_first_and_a_union_sees_its_own(session: Session) -> None:
    union = factories.organisation(session, "union")
    made = [factories.merchant(session, union_id=union.id) for _ in range(3)]
    factories.merchant(session)
    owner(session, made[1], mobile())
    session.flush()
    rows = shops_by_quality(session, [union.id], clock.now())
    assert [row.merchant_id for row in rows] == [made[0].id, made[2].id, made[1].id]
    first, *_ = rows
    rest = shops_by_quality(session, [union.id], clock.now(), after=(first.score, first.merchant_id))
    assert [row.merchant_id for row in rest] == [made[2].id, made[1].id]
    assert [row.merchant_id for row in shops_by_quality(session, [union.id], clock.now(), fault=Fault.NO_OWNER)] == [made[0].id, made[2].id]
    seen = overview(session, [union.id], clock.now())
    assert (seen.shops, seen.by_fault[Fault.NO_OWNER], seen.by_fault[Fault.NO_ACCOUNT]) == (3, 2, 3)
    assert overview(session, None, clock.now()).shops == 4
